"""The page's server in a process of its own, for tests."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Sequence
from typing import Any


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def let_threads_end(process: Any, *, most: int, before: int) -> None:
    """Wait for threads that rest to end, within some thirty seconds; ``process`` is psutil's. Fails where more stay."""
    for _ in range(160):
        if process.num_threads() <= most:
            return
        time.sleep(0.25)
    raise AssertionError(f"{process.num_threads()} threads, {before} before anybody came")


class Server:
    """``planb serve`` in a process of its own, or what else ``start`` says to Python."""

    def __init__(
        self, *words: str, start: Sequence[str] = ("-m", "experiments", "serve"), port: int = 0, **settings: str
    ) -> None:
        self.port = port or free_port()
        command = [sys.executable, *start, *words, "--port", str(self.port)]
        quick = os.environ | {"SOLARA_KERNEL_CULL_TIMEOUT": "3s"} | settings  # visitors who vanish are forgotten soon
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=quick)
        self.url = f"http://127.0.0.1:{self.port}/"
        for _ in range(240):
            if self.process.poll() is not None:
                raise RuntimeError(self.process.stdout.read())
            try:
                self.get("readyz")
                return
            except OSError:
                time.sleep(0.25)
        raise RuntimeError("the server did not start within a minute")

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return answer.read()

    def kernels(self) -> int:
        """Sessions the server holds."""
        return json.loads(self.get("resourcez"))["kernels"]["total"]

    def comes_to_rest(self) -> bool:
        """Are all sessions gone before long?"""
        for _ in range(300):
            if self.kernels() == 0:
                return True
            time.sleep(0.25)
        return False

    def stop(self) -> str:
        self.process.terminate()
        return self.process.communicate(timeout=30)[0]


def message(kind: str, content: dict, sender: str) -> str:
    """A message of the Jupyter protocol, which the page speaks with its server."""
    header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "session": sender, "username": "", "version": "5.2"}
    header["date"] = "2011-03-02T00:00:00Z"
    told = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "buffers": []}
    return json.dumps(told | {"channel": "shell"})


def visit(server: Server, query: str) -> None:
    """Open the page at an address, wait until all of it has come, and leave as a closed tab does."""
    me, comm, kernel = str(uuid.uuid4()), uuid.uuid4().hex, uuid.uuid4()
    where = f"ws://127.0.0.1:{server.port}/jupyter/api/kernels/{kernel}/channels?session_id={me}"
    run = {"method": "run", "args": {"path": f"/?{query}"}}
    from websockets.sync.client import connect

    with connect(where, max_size=None) as line:
        line.send(message("comm_open", {"comm_id": comm, "target_name": "solara.control", "data": {}}, me))
        line.send(message("comm_msg", {"comm_id": comm, "data": run}, me))
        while True:
            answer = line.recv(timeout=30)
            if '"finished"' in (answer if isinstance(answer, str) else answer.decode(errors="replace")):
                break
    leave = f"{server.url}_solara/api/close/{kernel}?session_id={me}"
    urllib.request.urlopen(urllib.request.Request(leave, method="POST"), timeout=10).close()
