"""The page's server in a process of its own, for tests."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


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
