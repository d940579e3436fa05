"""``docs/reliability.md`` from what the harnesses found: ``python -m tests.chaos.report`` after them.

Where a harness was run in several goes, ``build/chaos/inputs-2.json`` and the like count as well.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from importlib import metadata
from itertools import chain
from pathlib import Path
from typing import Any

from tests.chaos.corruptions import is_bad

ROOT = Path(__file__).parents[2]
FOUND = ROOT / "build" / "chaos"
DOCUMENT = ROOT / "docs" / "reliability.md"
PACKAGES = ("planb", "numpy", "pyarrow", "distributed")
HEAD = """# Reliability

What was tried to make results wrong or lost, and what came of it. Written by `tests/chaos/`, not by hand:

```sh
python -m tests.chaos.kills --trials 200
python -m tests.chaos.corruptions --trials 1000
python -m tests.chaos.inputs --files 10000 --options 1000
python -m tests.chaos.visitors --sessions 1000 --at-once 200
python -m tests.chaos.hashes --python OTHER --python ANOTHER
python -m tests.chaos.report
```

The suite runs short forms of these; what the last asks is spread over its tests.

{when}, {machine}; {versions}.
"""
KILLS = """
## Kills

{count} studies (a fixed number of worlds, a precision rule that plans stage after stage, a case that ships) were run
with two processes or two Dask workers, and in {struck} one process was killed (SIGKILL) at a random moment; what was
not complete then was resumed in peace. A study that ended before its victim could be hit counts as tried, not as
struck.
"""
CORRUPTIONS = """
## Corruptions

{count} times a random file of a finished or a half-finished folder had a random bit flipped, was cut short at a random
place, or was deleted. `noticed`: `planb verify` says so (a finished part that is gone from an unfinished folder is a
task that has not run, so there is nothing to notice). `mended`: `planb resume` gives the undisturbed table's hash
again. `refused`: one line says what is damaged. `sealed`: `planb export` would have packed it.
"""
INPUTS = """
## Inputs

Shipped scenarios, their tables, a posterior and a study of every design were spoilt in one to three places (values,
names, cells, columns, encodings), and options of every command were given values that may be wrong. Each is put to
`planb check`; what passes is shown, played, run and explained, and one in a hundred is charted and exported. What may
not happen: a traceback, a hang (30 s of the processor), something that `check` calls right and another command fails
on, a refusal that is not one printable line, a measure that is infinite, or blank where `columns.csv` says of no case
when. What was found is mended, and the file tried again.
"""
VISITORS = """
## The page

{tried} requests and sockets with a forged Host or Origin knocked at a running server: {inside} came in. {held}
connections were held at once, of which {stood} stood, and then {sessions} sessions came in turn, each of which opened
the page, waited for all of it and left; {errors} of them met an error, and the server printed {tracebacks}
tracebacks.
"""
HASHES = """
## Hashes

The same three studies (Connecticut and Los Angeles in 2011, and a single union; 2,800 worlds) under several versions
of Python and NumPy, and in several ways. Against the first: is the table's hash the *same*, or the hash of the table
with numbers *rounded* to four digits, or at least that of the *outcomes* and all other switches?
"""
TESTS = """
## In the suite

- Every block of Python in every document is run as a file, from standard input and in a notebook kernel
  (`tests/experiments/paper/test_code_blocks.py`); scripts with a guard and without, with warnings as errors, and
  workers that are killed as they start (`tests/experiments/runs/test_workers.py`).
- Plug-ins that raise, exit, leave the process, hang, allocate, or give NaN, infinity, what is out of range, another
  type, another shape or nothing at all in half a per cent of worlds: exactly these worlds are set apart
  (`tests/experiments/runs/test_workers.py`, and for every decision of every body `tests/agents/test_bodies.py`, for
  tactics and protocols `tests/sim/worlds/test_checks.py`, for a body with a day of its own
  `tests/sim/test_plugins.py`).
"""
MEANS = """
## What is promised

- A part counts once its file is on disk under its final name, which holds the hash of its bytes. A kill loses at most
  the tasks that were running; a task that is run again replaces its own file.
- A worker that dies takes its block along, not its task: the block is cut until the world that kills stands alone. Such
  worlds are *lost*, kept apart from worlds that *raised*; the study is then `incomplete`, exits with 1, and `planb
  resume` tries them again. So are worlds whose block took longer than `--time-limit` or more than `--memory-limit`.
- A study of which nothing came through is `failed`, never complete.
- A study that stops early does not wait for what it throws away. On Dask it waits for nothing without a limit: tasks
  carry all they need, every question to the scheduler has a time limit, and tasks that nobody runs for 30 s are lost.
- The manifest holds the hash of every file and its own. Tables are checked before every read, page by page as well.
- The lock file holds no result and is not covered; neither are figures and pages drawn from a folder later.
"""


def kills_table(found: list[dict[str, Any]]) -> list[str]:
    """Kills by victim."""
    counts: dict[str, Callable[[list[dict[str, Any]]], int]] = {
        "tried": len,
        "struck": lambda trials: sum(t["struck"] for t in trials),
        "ended without help": lambda trials: sum(t["went_on_alone"] for t in trials),
        "hangs": lambda trials: sum(t["hung"] for t in trials),
        "orphans": lambda trials: sum(t["orphans"] for t in trials),
        "rows lost": lambda trials: sum(max(t["lost"], 0) for t in trials),
        "rows doubled": lambda trials: sum(max(t["doubled"], 0) for t in trials),
        "other hash or no end": lambda trials: sum(not t["same_hash"] for t in trials),
    }
    rows = [(kind, [t for t in found if t["kind"] == kind]) for kind in dict.fromkeys(t["kind"] for t in found)]
    body = [[kind, *(str(count(trials)) for count in counts.values())] for kind, trials in [*rows, ("all", found)]]
    return table(["killed", *counts], body)


def corruptions_table(found: list[dict[str, Any]]) -> list[str]:
    """Corruptions by folder, file and kind of damage."""
    keys = dict.fromkeys((t["folder"], t["file"]) for t in sorted(found, key=lambda t: (t["folder"], t["file"])))
    body = []
    for key in [*keys, ("all", "")]:
        trials = [t for t in found if key[0] == "all" or (t["folder"], t["file"]) == key]
        ends, hows = Counter(t["end"] for t in trials), Counter(t["how"] for t in trials)
        row = [*key, *(str(hows[how]) for how in ("a bit flipped", "cut short", "deleted"))]
        row += [str(sum(t["noticed"] for t in trials)), str(ends["mended"]), str(ends["refused"])]
        body.append([*row, str(sum(t["exported"] for t in trials)), str(sum(map(is_bad, trials)))])
    head = [
        "folder",
        "file",
        "flipped",
        "cut",
        "deleted",
        "noticed",
        "mended",
        "refused",
        "sealed",
        "undetected or wrong",
    ]
    return table(head, body)


def inputs_table(found: list[dict[str, Any]]) -> list[str]:
    """Spoilt files and option values, over all goes."""
    lists = ("tracebacks", "hangs", "accepted_then_failed", "untidy", "blank", "mended")
    body = []
    for what in ("files", "option values"):
        goes = [go[what] for go in found if what in go]
        kinds = sum((Counter(go["tried"]) for go in goes), Counter[str]())
        named = (
            f" ({', '.join(f'{number:,} {kind}' for kind, number in sorted(kinds.items()))})" if len(kinds) > 1 else ""
        )
        row = [
            what + named,
            f"{kinds.total():,}",
            *(f"{sum(go[name] for go in goes):,}" for name in ("refused", "ran")),
        ]
        body.append([*row, *(str(sum(len(go.get(name, ())) for go in goes)) for name in lists)])
    names = ["tracebacks", "hangs", "accepted, then failed", "not one line", "blank or infinite", "found and mended"]
    return table(["spoilt", "tried", "refused", "ran everywhere", *names], body)


def visitors_table(found: dict[str, Any]) -> list[str]:
    """Memory and threads of the server."""
    once, turn = found["at_once"], found["in_turn"]
    looks = [(f"{what} {once['tried']} connections", once[what]) for what in ("before", "during", "after")]
    looks += [(f"after {int(sessions):,} sessions", state) for sessions, state in turn["after"].items()]
    return table(
        ["", "memory, MB", "threads"], [[what, str(state["mb"]), str(state["threads"])] for what, state in looks]
    )


def hashes_table(found: list[dict[str, Any]]) -> list[str]:
    """A row for every Python and NumPy, a column a way to run."""
    short = {"same": "same", "same when rounded": "rounded", "outcomes the same": "outcomes", "other": "OTHER"}
    ways = list(dict.fromkeys(one["way"] for one in found))
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for one in found:
        rows.setdefault((one["python"], one["numpy"]), {})[one["way"]] = short[one["sameness"]]
    return table(["Python", "NumPy", *ways], [[*who, *(row.get(way, "") for way in ways)] for who, row in rows.items()])


def table(head: list[str], body: Iterable[list[str]]) -> list[str]:
    return ["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *body)]


def document(found: Mapping[str, list[Any]], when: str) -> str:
    """The whole document; ``found``: by harness, what each of its goes left."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    machine = f"{platform.system()} with {os.cpu_count()} cores, Python {platform.python_version()}"
    lines = [HEAD.format(when=when, machine=machine, versions=versions)]
    kills, corruptions, hashes = (list(chain(*found.get(name, []))) for name in ("kills", "corruptions", "hashes"))
    lines += [KILLS.format(count=len(kills), struck=sum(trial["struck"] for trial in kills)), *kills_table(kills)]
    lines += [CORRUPTIONS.format(count=len(corruptions)), *corruptions_table(corruptions)]
    lines += [INPUTS, *inputs_table(found.get("inputs", []))]
    for seen in found.get("visitors", []):
        lines += [visitors_words(seen), *visitors_table(seen)]
    lines += [HASHES, *hashes_table(hashes), TESTS + MEANS]
    return "\n".join(lines)


def visitors_words(seen: dict[str, Any]) -> str:
    once, turn = seen["at_once"], seen["in_turn"]
    return VISITORS.format(
        **seen["forged"],
        held=once["tried"],
        stood=once["ends"].get("stood", 0),
        sessions=f"{turn['sessions']:,}",
        errors=sum(turn["errors"].values()),
        tracebacks=seen["tracebacks"],
    )


def main() -> None:
    names = ("kills", "corruptions", "inputs", "visitors", "hashes")
    found = {name: [json.loads(path.read_text()) for path in sorted(FOUND.glob(f"{name}*.json"))] for name in names}
    DOCUMENT.write_text(document(found, when=f"{datetime.date.today():%d %B %Y}"), encoding="utf-8")
    print(DOCUMENT)


if __name__ == "__main__":
    main()
