"""Kill what runs a study at random moments, and look what is lost: ``python -m tests.chaos.kills --trials 200``.

Who is killed: the process that runs the study, a worker as it starts, a worker at its work, a Dask worker, the Dask
scheduler (every other time another one comes up at its address). Afterwards the study is resumed in peace. What must
hold: no hang, no orphan, every row there once, and the table's hash that of an undisturbed run.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
from pyarrow import parquet

from tests.chaos.studies import STUDIES, go

ROOT = Path(__file__).parents[2]
SCRIPT = str(ROOT / "tests" / "chaos" / "studies.py")
PATIENCE = 600  # seconds until a run counts as hanging; undisturbed it takes two, on a machine with time to spare
MARK = "PLANB_CHAOS"  # in the environment of everything a trial starts
LOCAL, ON_DASK = ("parent", "worker at birth", "worker at work"), ("dask worker", "dask scheduler")
WORKER = "experiments.runs.worker"
Process = subprocess.Popen[bytes]


class Cluster:
    """A Dask scheduler on loopback with two workers, each a process with a nanny."""

    def __init__(self, mark: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self._mark = mark
        self.scheduler = self.start_scheduler()
        words = [self.address, "--nthreads", "1", "--no-dashboard", "--death-timeout", "60"]
        self.nannies = [start(["-m", "distributed.cli.dask_worker", *words], mark) for _ in range(2)]
        wait_for(lambda: len(self.workers()) == 2)
        time.sleep(1.5)  # until they have said hello

    def start_scheduler(self) -> Process:
        words = ["--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard", "--no-show"]
        self.scheduler = start(["-m", "distributed.cli.dask_scheduler", *words], self._mark)
        return self.scheduler

    def workers(self) -> list[psutil.Process]:
        found = []
        for nanny in self.nannies:
            with contextlib.suppress(psutil.Error):
                below = psutil.Process(nanny.pid).children(recursive=True)
                found += [process for process in below if "resource_tracker" not in " ".join(process.cmdline())]
        return found

    def close(self) -> None:
        everybody = self.workers()
        for process in (self.scheduler, *self.nannies):
            process.kill()
            process.wait()
        for worker in everybody:
            with contextlib.suppress(psutil.Error):
                worker.kill()


@contextlib.contextmanager
def cluster_for(kind: str) -> Iterator[Cluster | None]:
    cluster = Cluster(uuid.uuid4().hex) if kind in ON_DASK else None
    try:
        yield cluster
    finally:
        if cluster is not None:
            cluster.close()


def trial(
    kind: str, study: str, undisturbed: Path, seconds: float, scratch: Path, rng: random.Random
) -> dict[str, Any]:
    """One study, which takes so many seconds, disturbed once, then finished in peace; what was lost."""
    mark, out = uuid.uuid4().hex, scratch / "out"
    with cluster_for(kind) as cluster:
        child = start([SCRIPT, study, str(out), *([cluster.address] if cluster else [])], mark)
        struck = strike(kind, child, out, seconds, cluster, rng)
        if kind == "dask scheduler" and struck and rng.random() < 0.5:
            time.sleep(1)
            assert cluster is not None
            cluster.start_scheduler()
        hung = waited_in_vain(child)
    orphans, again = left_over(mark), 0
    alone = child.returncode == 0
    while state_of(out) != "complete" and again < 3 and not hung:
        hung = waited_in_vain(start([SCRIPT, study, str(out)], mark))
        again += 1
    orphans += left_over(mark)
    facts = {"kind": kind, "study": study, "struck": struck, "hung": hung, "orphans": orphans, "went_on_alone": alone}
    return facts | {"resumed": again} | compared(out, undisturbed)


def strike(kind: str, child: Process, out: Path, seconds: float, cluster: Cluster | None, rng: random.Random) -> bool:
    """Kill somebody at a random moment; whether there still was somebody to kill."""
    mine = psutil.Process(child.pid)

    def workers() -> list[psutil.Process]:
        with contextlib.suppress(psutil.Error):
            return [process for process in mine.children() if WORKER in " ".join(process.cmdline())]
        return []

    over = lambda: child.poll() is not None  # noqa: E731
    if kind == "parent":
        wait_for(lambda: (out / "manifest.json").exists() or over())
        time.sleep(rng.uniform(0, seconds))
        return not over() and kill(mine)
    if kind == "worker at birth":
        wait_for(lambda: bool(workers()) or over())
        time.sleep(rng.uniform(0, 0.5))
    else:
        parts = rng.randint(1, 8)
        wait_for(lambda: len(list(out.glob("parts/*.parquet"))) >= parts or over())
    if over():
        return False
    if kind == "dask scheduler":
        assert cluster is not None
        return kill(psutil.Process(cluster.scheduler.pid))
    victims = cluster.workers() if cluster else workers()
    return bool(victims) and kill(rng.choice(victims))


def undisturbed_seconds(study: str, out: Path) -> float:
    """How long a study takes in peace from its manifest to its end."""
    child = start([SCRIPT, study, str(out)], uuid.uuid4().hex)
    wait_for((out / "manifest.json").exists)
    since = time.monotonic()
    child.wait(timeout=PATIENCE)
    return time.monotonic() - since


def start(words: list[str], mark: str) -> Process:
    environment = os.environ | {MARK: mark, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests" / "support")])}
    quiet = subprocess.DEVNULL
    return subprocess.Popen([sys.executable, *words], env=environment, stdin=quiet, stdout=quiet, stderr=quiet)


def kill(process: psutil.Process) -> bool:
    try:
        process.send_signal(signal.SIGKILL)
    except psutil.Error:
        return False
    return True


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.005)


def waited_in_vain(child: Process) -> bool:
    """Wait until it ends; true if that takes longer than anybody would wait."""
    try:
        child.wait(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
        return True
    return False


def left_over(mark: str) -> int:
    """Processes of a trial that are still there five seconds after it; they are ended."""
    until = time.monotonic() + 5
    while (found := marked(mark)) and time.monotonic() < until:
        time.sleep(0.1)
    for process in found:
        kill(process)
    return len(found)


def marked(mark: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def state_of(out: Path) -> str:
    path = out / "manifest.json"
    return str(json.loads(path.read_text())["state"]) if path.exists() else "none"


def compared(out: Path, undisturbed: Path) -> dict[str, Any]:
    """Rows lost and doubled against an undisturbed run, and whether the hash is the same."""
    if state_of(out) != "complete":
        return {"complete": False, "lost": -1, "doubled": -1, "same_hash": False}
    keys = [parquet.read_table(path / "runs.parquet", columns=["point", "world"]) for path in (out, undisturbed)]
    rows = [Counter(zip(*(key[name].to_pylist() for name in ("point", "world")), strict=True)) for key in keys]
    hashes = [json.loads((path / "manifest.json").read_text())["table_sha256"] for path in (out, undisturbed)]
    counts = {"lost": (rows[1] - rows[0]).total(), "doubled": (rows[0] - rows[1]).total()}
    return {"complete": True, **counts, "same_hash": hashes[0] == hashes[1]}


def kills(trials: int, *, seed: int = 2011, kinds: tuple[str, ...] = LOCAL + ON_DASK) -> Iterator[dict[str, Any]]:
    """So many trials, over every kind of victim and every study in turn."""
    rng, seconds = random.Random(seed), dict[str, float]()
    with tempfile.TemporaryDirectory(prefix="planb-chaos-") as temporary:
        base = Path(temporary)
        for number in range(trials):
            kind, study = kinds[number % len(kinds)], list(STUDIES)[number // len(kinds) % len(STUDIES)]
            if not (base / study).exists():
                go(study, base / study, workers=1)
                seconds[study] = undisturbed_seconds(study, base / f"{study}-timed")
            scratch = base / f"trial-{number}"
            scratch.mkdir()
            found = trial(kind, study, base / study, seconds[study], scratch, rng)
            shutil.rmtree(scratch)
            yield found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=200, help="kills; studies that end before theirs do not count")
    parser.add_argument("--seed", type=int, default=2011)
    parser.add_argument("--kinds", default=",".join(LOCAL + ON_DASK), help="who is killed, with commas between")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "chaos" / "kills.json")
    given = parser.parse_args()
    given.out.parent.mkdir(parents=True, exist_ok=True)
    done: list[dict[str, Any]] = []
    for found in kills(2 * given.trials, seed=given.seed, kinds=tuple(given.kinds.split(","))):
        done.append(found)  # written every time, so that what is interrupted still counts
        given.out.write_text(json.dumps(done, indent=1) + "\n")
        if sum(trial["struck"] for trial in done) == given.trials:
            break
    bad = [t for t in done if t["hung"] or t["orphans"] or t["lost"] or t["doubled"] or not t["same_hash"]]
    print(f"{len(done)} trials, {sum(t['struck'] for t in done)} struck, {len(bad)} with something lost: {given.out}")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
