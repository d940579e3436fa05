"""Many visitors of the page, and such as should not come in: ``python -m tests.chaos.visitors --sessions 1000``.

A server in a process of its own. Forged names and origins knock; 200 connections are held at once; then so many
sessions come in turn, each of which opens the page, waits for all of it, and leaves. What must hold: nobody gets in
under a forged name, nobody sees an error, and memory and threads after the last session are those after the hundredth.
"""

from __future__ import annotations

import argparse
import http.client
import json
import sys
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests" / "support")]

from page_server import Server, visit  # noqa: E402

MB = 2**20
LIGHT = "scenario=single-union&step=5&world={}"  # what a session looks at
EVERY = 100  # sessions between two looks at memory and threads


def place() -> str:
    """Where a browser's socket goes, for a session of its own."""
    return f"/jupyter/api/kernels/{uuid.uuid4()}/channels?session_id={uuid.uuid4()}"


def forged(server: Server) -> dict[str, int]:
    """How many knocked with a forged Host or Origin, over HTTP and as a socket, and how many came in."""
    own, upgrade = f"127.0.0.1:{server.port}", {"Connection": "Upgrade", "Upgrade": "websocket"}
    upgrade |= {"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "cGxhbmIgcGxhbmIgcGxhbg=="}
    assert answer(server, "/", {"Host": own}) == 200 and answer(server, place(), {"Host": own, **upgrade}) == 101
    hosts = ("evil.example", f"evil.example:{server.port}", "127.0.0.1.evil.example", "[::ffff:192.0.2.1]", "")
    origins = ("http://evil.example", "null", "http://127.0.0.1:9", "https://127.0.0.1.evil.example", "")
    wrong = [{"Host": host} for host in hosts] + [{"Host": own, "Origin": origin} for origin in origins]
    said = [answer(server, "/", headers) for headers in wrong]
    said += [answer(server, place(), headers | upgrade) for headers in wrong]
    return {"tried": len(said), "inside": sum(status not in (400, 403, 421) for status in said)}


def answer(server: Server, path: str, headers: dict[str, str]) -> int:
    """The status of the answer; headers as given and no others."""
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        line.putrequest("GET", path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            line.putheader(name, value)
        line.endheaders()
        return line.getresponse().status
    finally:
        line.close()


def at_once(server: Server, number: int) -> dict[str, Any]:
    """So many connections held at once: how many stood, and what is left of their threads and memory."""
    process = psutil.Process(server.process.pid)
    before = state_of(process)
    with ExitStack() as held:

        def knock(_: int) -> str:
            try:
                held.enter_context(connect(f"ws://127.0.0.1:{server.port}{place()}", open_timeout=120))
            except (WebSocketException, OSError) as error:
                return type(error).__name__
            return "stood"

        with ThreadPoolExecutor(50) as visitors:
            ends = Counter(visitors.map(knock, range(number)))
        during = state_of(process)
        server.get("readyz")  # it still answers
    rest = server.comes_to_rest()
    until = time.monotonic() + 90
    while process.num_threads() > before["threads"] + 5 and time.monotonic() < until:
        time.sleep(0.5)
    return {"tried": number, "ends": dict(ends), "came_to_rest": rest} | {
        "before": before,
        "during": during,
        "after": state_of(process),
    }


def state_of(process: psutil.Process) -> dict[str, int]:
    return {"mb": process.memory_info().rss // MB, "threads": process.num_threads()}


def in_turn(server: Server, number: int, tell: Any) -> dict[str, Any]:
    """So many sessions one after the other; memory and threads after every hundred, and what went wrong."""
    process, errors = psutil.Process(server.process.pid), Counter[str]()
    after: dict[int, dict[str, int]] = {}
    for session in range(1, number + 1):
        try:
            visit(server, LIGHT.format(session % 50))
        except Exception as error:  # whatever a visitor may meet is what is counted here
            errors[f"{type(error).__name__}: {error}"[:120]] += 1
        if session % EVERY == 0 or session == number:
            server.comes_to_rest()
            after[session] = state_of(process)
            tell({"sessions": session, "after": after, "errors": dict(errors)})
    return {"sessions": number, "after": after, "errors": dict(errors)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, default=1000)
    parser.add_argument("--at-once", type=int, default=200)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "chaos" / "visitors.json")
    given = parser.parse_args()
    given.out.parent.mkdir(parents=True, exist_ok=True)
    server = Server()
    found: dict[str, Any] = {}

    def keep(what: str, counts: Any) -> None:
        found[what] = counts
        given.out.write_text(json.dumps(found, indent=1) + "\n")

    try:
        keep("forged", forged(server))
        visit(server, LIGHT.format(0))  # what is imported once is not any visitor's
        server.comes_to_rest()
        keep("at_once", at_once(server, given.at_once))
        keep("in_turn", in_turn(server, given.sessions, lambda counts: keep("in_turn", counts)))
    finally:
        said = server.stop()
    keep("tracebacks", said.count("Traceback (most recent call last)"))
    keep("said", said[-2000:])
    print(json.dumps(found, indent=1))
    sys.exit(1 if is_bad(found) else 0)


def is_bad(found: dict[str, Any]) -> bool:
    """Somebody in who should not be, an error, or memory or threads that grow."""
    turn, once = found["in_turn"], found["at_once"]
    looks = [turn["after"][key] for key in turn["after"]]
    grows = looks[-1]["mb"] - looks[0]["mb"] > 30 or looks[-1]["threads"] - looks[0]["threads"] > 5
    stood = once["ends"].get("stood", 0) == once["tried"] and once["came_to_rest"]
    return bool(found["forged"]["inside"] or turn["errors"] or found["tracebacks"] or grows or not stood)


if __name__ == "__main__":
    main()
