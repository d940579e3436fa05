"""The loop of a study: ask the policy for a stage, hand its tasks to an engine, keep each part as it comes back.

Everything that decides what runs is in the folder's ledger, so going on after a kill is this same loop.
"""

from __future__ import annotations

import os
import signal
import threading
import traceback
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.runs.engines import Dask, Engine, InProcess, Processes, WorkerLost
from experiments.runs.files import CannotGoOn
from experiments.runs.policies import FixedWorlds, Policy
from experiments.runs.progress import Reporter
from experiments.runs.store import Folder
from experiments.runs.study import Prepared
from experiments.runs.task_order import Order
from experiments.runs.tasks import MODEL, Failure, Part, Task, Work, code_sha256
from sim.worlds.blocks import BLOCK

TRIES = 2  # of a task that a process died with, alone, before its rows count as failed
WORTH_PROCESSES = 50_000  # rows; starting processes costs seconds, which a smaller study does not win back


@dataclass(frozen=True, kw_only=True)
class Options:
    """How to run; nothing here changes a row of the table."""

    workers: int | None = None  # processes; None: one a core, or this process alone when there is little to do
    dask: str | None = None  # address of a scheduler
    shard: tuple[int, int] | None = None  # (i, n): only the i-th of n parts of the study, counted from 1
    block: int = BLOCK  # rows run at once
    part_rows: int | None = None  # rows a part; None: as suits the study
    model: Any = MODEL  # another model with the same interface, for tests
    load: Any = None  # another way to find a scenario by name
    accept_changed_code: bool = False
    retry: bool = False  # run rows again that raised


class Loop:
    """Keeps an engine busy, and the folder up to date."""

    def __init__(self, folder: Folder, prepared: Prepared, work: Work, options: Options, report: Reporter) -> None:
        self.folder = folder
        self.points = prepared.points
        self.level = prepared.study.on_failure
        self.work = work
        self.options = options
        self.report = report
        self.engine: Engine | None = None
        self.engine_words = "none needed"
        self.ran = 0
        self.peak_bytes = 0
        self._suspects: list[Task] = []  # tasks that were running when a process died
        self._deaths: dict[int, int] = {}  # times a suspect died while it ran alone
        self._interrupted = threading.Event()

    def run_stages(self, policy: Policy) -> str:
        """Run stage after stage; why it stopped early, or nothing if it did not."""
        with self._interruptible():
            while True:
                stopped = self._run_tasks()
                if stopped or not self._plan_next(policy):
                    return stopped

    def close(self) -> None:
        if self.engine is not None:
            self.engine.close(now=self._interrupted.is_set())

    def _plan_next(self, policy: Policy) -> bool:
        """Enter the next stage's tasks in the ledger; whether there are any."""
        if isinstance(policy, FixedWorlds) and self.folder.ledger.stages:
            return False  # a single stage, of which a shard has only its part
        shard, order = self.folder.shard, self.folder.order
        so_far = self.folder.ledger.progress(order.points)
        if shard is not None and not isinstance(policy, FixedWorlds):  # a shard leaves other chunks' points alone
            theirs = ~_in_shard(order, shard)
            so_far = so_far._replace(asked=np.where(theirs, policy.most_worlds, so_far.asked))
        stages = policy.next_stages(self.points, so_far)
        if not stages:
            return False
        every = shard if isinstance(policy, FixedWorlds) else None
        self.folder.ledger.plan(order.pieces(stages), every)
        return True

    def _run_tasks(self) -> str:
        """Run what the ledger lists; why it stopped early, or nothing."""
        todo = self.folder.ledger.todo()
        self._totals = self.folder.ledger.totals()
        running: dict[Future[Part], Task] = {}
        try:
            while not self._interrupted.is_set():
                self._submit(todo, running)
                if not running:
                    return ""
                self._report()
                done, _ = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)
                for future in done:
                    stopped = self._settle(future, running.pop(future))
                    if stopped:
                        return stopped
        finally:
            self._keep_finished(running)
        return f"interrupted; go on with 'planb resume {self.folder.path}'"

    def _submit(self, todo: Iterator[Task], running: dict[Future[Part], Task]) -> None:
        """Fill the engine; or run a suspect, and nothing beside it, so that a death tells who it was."""
        if self._suspects:
            if not running:
                self._start(self._suspects[0], running)
            return
        # two tasks a slot, so that a worker never waits for this process to write a part
        while len(running) < (2 * self.engine.slots if self.engine and self.engine.slots > 1 else 1):
            task = next(todo, None)
            if task is None or self._interrupted.is_set():
                return
            self._start(replace(task, values=self.points.rows(task.points)), running)

    def _start(self, task: Task, running: dict[Future[Part], Task]) -> None:
        if self.engine is None:
            self.engine = self._make_engine()
        running[self.engine.submit(task)] = task

    def _settle(self, future: Future[Part], task: Task) -> str:
        """Keep a part; why the study must stop, or nothing."""
        error = future.exception()
        if isinstance(error, WorkerLost):
            if not self._guilty(task):
                return ""
            part = _lost(task, f"WorkerLost: the process that ran it died {TRIES} times")
        elif error is not None:
            raise CannotGoOn(f"the engine failed: {_last_line(error)}") from error
        else:
            part = future.result()
        if part.code != code_sha256():
            raise CannotGoOn("a worker runs another version of planb than this process; install the same on both")
        self._suspects = [suspect for suspect in self._suspects if suspect.number != task.number]
        self._keep(part, task)
        if part.failures and self.level == "now":
            failure = part.failures[0]
            return f"point {failure.point}, world {failure.worlds[0]} raised {failure.error}"
        return ""

    def _guilty(self, task: Task) -> bool:
        """A process died with this task: remember it as a suspect; true once it has died of it alone often enough."""
        if not any(suspect.number == task.number for suspect in self._suspects):
            self._suspects.append(task)
            return False
        self._deaths[task.number] = self._deaths.get(task.number, 0) + 1
        return self._deaths[task.number] >= TRIES

    def _keep(self, part: Part, task: Task) -> None:
        self.folder.add(part)
        self.ran += 1
        self.peak_bytes = max(self.peak_bytes, part.peak_bytes)
        rows, failed = self._totals.rows + part.rows, self._totals.failed_rows + task.rows - part.rows
        self._totals = self._totals._replace(rows=rows, failed_rows=failed)
        self._report()

    def _report(self) -> None:
        self.report.update(self._totals.rows, self._totals.planned_rows, self._totals.failed_rows)

    def _keep_finished(self, running: dict[Future[Part], Task]) -> None:
        """On the way out: what has ended by now is kept, the rest is left to be run again."""
        for future, task in running.items():
            if future.done() and not future.cancelled() and future.exception() is None:
                self._keep(future.result(), task)

    def _make_engine(self) -> Engine:
        if self.options.dask:
            self.engine_words = "dask"
            return Dask(self.work, self.options.dask)
        workers = self.options.workers
        if workers is None:
            left = self._totals.planned_rows - self._totals.rows
            workers = (os.cpu_count() or 1) if left >= WORTH_PROCESSES else 1
        if workers == 1:
            self.engine_words = "in process"
            return InProcess(self.work)
        self.engine_words = f"{workers} processes"
        return Processes(self.work, workers)

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        """Ctrl-C once: keep what is finished and stop. Twice: the usual way."""

        def stop(*_: object) -> None:
            if self._interrupted.is_set():
                raise KeyboardInterrupt
            self._interrupted.set()

        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _in_shard(order: Order, shard: tuple[int, int]) -> NDArray[np.bool_]:
    """Whether each point is in a chunk of this shard, shape (points,)."""
    chunk = np.repeat(np.arange(order.chunks), np.diff(order.bounds))
    return chunk % shard[1] == shard[0] - 1


def _lost(task: Task, error: str) -> Part:
    """The part of a task that no worker survives: all its rows count as failed."""
    none = np.zeros(len(task.points), np.int64)
    worlds = list(range(task.first_world, task.end_world))
    failures = [Failure(int(point), worlds, error, "") for point in task.points]
    return Part(task.number, b"", 0, none, none, failures, 0.0, 0, code_sha256())


def _last_line(error: BaseException) -> str:
    return traceback.format_exception_only(error)[-1].strip()
