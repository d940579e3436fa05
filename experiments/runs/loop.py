"""The loop of a study: work out a stage, hand its tasks to an engine, keep each part as it comes back.

What is finished is in the folder, and what is to do follows from it, so going on after a kill is this same loop.
"""

from __future__ import annotations

import os
import signal
import threading
import time
import traceback
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from experiments.runs.dask_engine import Dask
from experiments.runs.engines import Engine, InProcess, Processes, WorkerLost
from experiments.runs.files import SAFE, CannotGoOn
from experiments.runs.policies import Policy
from experiments.runs.progress import Reporter
from experiments.runs.sound_rows import SoundRows
from experiments.runs.stages import Stages
from experiments.runs.store import Folder
from experiments.runs.study import Prepared
from experiments.runs.tasks import MODEL, Part, Task, Work, code_sha256
from sim.errors import WrongInput
from sim.worlds.axis import BLOCK

WORTH_PROCESSES = 50_000  # rows; starting processes costs seconds, which a smaller study does not win back
LONGEST = 900.0  # seconds a block may take in a worker process; the largest cases take one
MOST_RETURNS = 10  # of one task whose engine lost it
RECONNECT_SECONDS = 60  # to a Dask scheduler that is gone, or has no workers


@dataclass(frozen=True, kw_only=True)
class Options:
    """How to run; nothing here changes a row of the table."""

    workers: int | None = None  # processes; None: one a core, or this process alone when there is little to do
    dask: str | None = None  # address of a scheduler
    shard: tuple[int, int] | None = None  # (i, n): only the i-th of n parts of the study, counted from 1
    block: int = BLOCK  # rows run at once
    seconds: float | None = None  # a block may take; LONGEST unless given, where there are processes to end
    memory: int | None = None  # bytes a process may hold
    part_rows: int | None = None  # rows a part; None: as suits the study
    model: Any = MODEL  # another model with the same interface, for tests
    load: Any = None  # another way to find a scenario by name
    agents: Any = None  # files of the user's own by role, named again to go on with a study that was run with them
    accept_changed_code: bool = False
    retry: bool = False  # run rows again that raised


class Loop:
    """Keeps an engine busy, and the folder up to date."""

    def __init__(
        self, folder: Folder, prepared: Prepared, options: Options, report: Reporter, *, apart: bool = False
    ) -> None:
        """``apart``: never run a rule in this very process."""
        study = prepared.study
        self.folder = folder
        self.points = prepared.points
        self.level = study.on_failure
        self.work = Work(prepared.scenario, study.seed, options.block, study.measures, prepared.shaping, options.model)
        self.options = options
        self.report = report
        self.engine: Engine | None = None
        self.engine_words = "none needed"
        self.ran = 0
        self.peak_bytes = 0
        self._apart = apart or bool(getattr(prepared.scenario, "plugins", None))  # what others wrote may not come back
        self._interrupted = threading.Event()
        self._sound = SoundRows(folder) if folder.manifest["state"] == "repairing" else None
        self._returned: Counter[int] = Counter()  # times a task came back undone
        self._planned = self._rows = self._failed = 0

    def run_stages(self, policy: Policy) -> str:
        """Run stage after stage; why it stopped early, or nothing if it did not."""
        stages = Stages(policy, self.points, self.folder.order, self.folder.shard)
        totals = self.folder.totals()
        self._rows, self._failed = totals.rows, totals.failed
        with self._interruptible():
            while tasks := stages.next_stage():
                self._planned = stages.rows
                stopped = self._run_tasks(deque(task for task in tasks if not self.folder.part_of(task)))
                if stopped:
                    return stopped
                stages.done(self.folder.parts[task.number] for task in tasks)
        self.folder.drop([number for number in self.folder.parts if number >= stages.number])
        return ""

    def close(self) -> None:
        if self.engine is not None:
            self.engine.close()

    def _run_tasks(self, todo: deque[Task]) -> str:
        """Run these tasks; why it stopped early, or nothing."""
        running: dict[Future[Part], Task] = {}
        try:
            while not self._interrupted.is_set():
                self._submit(todo, running)
                if not running and not todo:
                    return ""
                self._report()
                done, _ = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)
                self._check_engine(todo, running)
                for future in done & running.keys():
                    stopped = self._settle(future, running.pop(future), todo)
                    if stopped:
                        return stopped
        finally:
            self._keep_finished(running)
        return f"interrupted; go on with 'planb resume {self.folder.path}'"

    def _submit(self, todo: deque[Task], running: dict[Future[Part], Task]) -> None:
        """Fill the engine: two tasks a slot, so that a worker never waits for this process to write a part."""
        while todo and not self._interrupted.is_set():
            if len(running) >= (2 * self.engine.slots if self.engine and self.engine.slots > 1 else 1):
                return
            task = todo.popleft()
            task = replace(task, values=self.points.rows(task.points))
            rest = self._sound.rest_of(task) if self._sound else task
            if rest is None:
                self._keep(None, task)
                continue
            if self.engine is None:
                self.engine = self._make_engine()
            running[self.engine.submit(rest)] = task

    def _settle(self, future: Future[Part], task: Task, todo: deque[Task]) -> str:
        """Keep a part; why the study must stop, or nothing."""
        error = future.exception()
        if isinstance(error, WorkerLost):
            self._give_back(todo, task, error)
            return ""
        if isinstance(error, CannotGoOn):
            raise CannotGoOn(f"{error}; {SAFE.format(path=self.folder.path)}") from error
        if error is not None:
            words = traceback.format_exception_only(error)[-1].strip()
            raise CannotGoOn(f"the engine failed: {words}; {SAFE.format(path=self.folder.path)}") from error
        part = future.result()
        if part.code != code_sha256():
            raise CannotGoOn("a worker runs another version of planb than this process; install the same on both")
        self._keep(part, task)
        failure = next(iter(part.failures), None)
        if failure and self.level == "now":
            return f"point {failure.point}, world {failure.worlds[0]} raised {failure.error}"
        if failure and failure.lost and self._rows == 0 and part.rows == 0:
            return f"all of the first {task.rows:,} worlds were {failure.error}"
        return ""

    def _give_back(self, todo: deque[Task], task: Task, error: WorkerLost) -> None:
        """A task that came back undone is tried again, but not for ever."""
        self._returned[task.number] += 1
        if self._returned[task.number] > MOST_RETURNS:
            raise CannotGoOn(f"{error}, again and again; {SAFE.format(path=self.folder.path)}")
        todo.appendleft(task)

    def _keep(self, part: Part | None, task: Task) -> None:
        """Enter a part; of a task that was not run the table that is repaired has every row."""
        self.ran += part is not None
        if self._sound is not None:
            part = self._sound.joined(task, part)
        assert part is not None
        self.folder.add(part)
        self.peak_bytes = max(self.peak_bytes, part.peak_bytes)
        self._rows, self._failed = self._rows + part.rows, self._failed + task.rows - part.rows
        self._report()

    def _report(self) -> None:
        self.report.update(self._rows, self._planned, self._failed)

    def _keep_finished(self, running: dict[Future[Part], Task]) -> None:
        """Before stopping: what came back in time is not run again."""
        for future, task in running.items():
            if future.done() and not future.cancelled() and future.exception() is None:
                self._keep(future.result(), task)

    def _check_engine(self, todo: deque[Task], running: dict[Future[Part], Task]) -> None:
        """Connect again to an engine that lost what it had; give up after a while, in one line."""
        assert self.engine is not None
        try:
            self.engine.check()
            return
        except WorkerLost as lost:
            why = lost
        self._keep_finished(running)
        for task in running.values():
            if task.number not in self.folder.parts:
                self._give_back(todo, task, why)
        running.clear()
        self.close()
        until = time.monotonic() + RECONNECT_SECONDS
        while not self._interrupted.wait(1):
            try:
                self.engine = self._make_engine()
                return
            except WrongInput:
                if time.monotonic() >= until:
                    words = f"{why}, and did not come back in {RECONNECT_SECONDS:g} s"
                    raise CannotGoOn(f"{words}; {SAFE.format(path=self.folder.path)}") from None

    def _make_engine(self) -> Engine:
        seconds, memory = self.options.seconds, self.options.memory
        limited = replace(self.work, seconds=seconds, memory=memory)
        if self.options.dask:
            self.engine_words = "dask"
            return Dask(limited, self.options.dask)
        workers = self.options.workers
        if workers is None:
            workers = (os.cpu_count() or 1) if self._planned - self._rows >= WORTH_PROCESSES else 1
        if workers == 1 and not seconds and not memory and not self._apart:
            self.engine_words = "in process"
            return InProcess(self.work, self._interrupted)
        self.engine_words = f"{workers} process" + "es" * (workers > 1)
        return Processes(replace(limited, seconds=seconds or LONGEST), workers)

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
