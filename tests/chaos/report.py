"""``docs/reliability.md`` from what the harnesses found: ``python -m tests.chaos.report`` after the two of them."""

from __future__ import annotations

import datetime
import json
import os
import platform
from collections import Counter
from collections.abc import Callable, Iterable
from importlib import metadata
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
python -m tests.chaos.report
```

The suite runs a short form of both. {when}, {machine}; {versions}.
"""
KILLS = """
## Kills

{count} studies (a fixed number of worlds, a precision rule that plans stage after stage, a case that ships) were run
with two processes or two Dask workers, and one process was killed (SIGKILL) at a random moment; what was not complete
then was resumed in peace. A study that ended before its victim could be hit counts as tried, not as struck.
"""
CORRUPTIONS = """
## Corruptions

{count} times a random file of a finished or a half-finished folder had a random bit flipped, was cut short at a random
place, or was deleted. `noticed`: `planb verify` says so (a finished part that is gone from an unfinished folder is a
task that has not run, so there is nothing to notice). `mended`: `planb resume` gives the undisturbed table's hash
again. `refused`: one line says what is damaged. `sealed`: `planb export` would have packed it.
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


def table(head: list[str], body: Iterable[list[str]]) -> list[str]:
    return ["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *body)]


def document(kills: list[dict[str, Any]], corruptions: list[dict[str, Any]], when: str) -> str:
    """The whole document."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    machine = f"{platform.system()} with {os.cpu_count()} cores, Python {platform.python_version()}"
    lines = [HEAD.format(when=when, machine=machine, versions=versions)]
    lines += [KILLS.format(count=len(kills)), *kills_table(kills)]
    lines += [CORRUPTIONS.format(count=len(corruptions)), *corruptions_table(corruptions), MEANS]
    return "\n".join(lines)


def main() -> None:
    found = [json.loads((FOUND / f"{name}.json").read_text()) for name in ("kills", "corruptions")]
    DOCUMENT.write_text(document(*found, when=f"{datetime.date.today():%d %B %Y}"), encoding="utf-8")
    print(DOCUMENT)


if __name__ == "__main__":
    main()
