"""Where tasks run: in this process, in several processes of this machine, or on Dask (`experiments.runs.dask_engine`).

An `Engine` takes tasks and gives a `concurrent.futures.Future` of a `Part` for each. None of them changes a row: a
task's result depends on the study and on the task alone.

Pools of the standard library, and loky's, share one queue among their workers: when one dies all are broken, and
nobody knows which task it was. Here each worker is a process of its own with its own two pipes, held by one thread.
So a death is known at once with the block it happened in, costs its neighbours nothing, and leaves nothing locked. A
worker runs `experiments.runs.worker` and not the user's script, so it does not matter how that was started; what is
large is handed over by file.
"""

from __future__ import annotations

import contextlib
import pickle
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from experiments.runs.files import CannotGoOn
from experiments.runs.tasks import Interrupted, Part, Rectangle, Task, Work, run_task
from experiments.runs.worker import write_start

TASKS_A_WORKER = 200  # before it is replaced, so that nothing a library leaks can add up
BIRTHS = 5  # of one thread's workers in a row that died before they were ready
START = "import signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); sys.path[:] = {path!r}; "
START += "from experiments.runs.worker import main; main({file!r})"


class WorkerLost(Exception):
    """A task came to no end through no fault of its own; it may be submitted again."""


class Died(Exception):
    """A worker process died."""

    def __init__(self, tried: list[Rectangle], cause: str, *, ready: bool) -> None:
        super().__init__(cause)
        self.tried = tried  # one after the other; it died of the last, if of any
        self.cause = cause
        self.ready = ready  # had it begun to take tasks?


class Engine:
    """Runs tasks of one study."""

    slots = 1  # tasks it can run at once

    def submit(self, task: Task) -> Future[Part]:
        raise NotImplementedError

    def check(self) -> None:
        """Raises: WorkerLost if nothing that was submitted can come back any more."""

    def close(self) -> None:
        """Let go of workers, without waiting for what they run."""


class InProcess(Engine):
    """One task after the other, here."""

    def __init__(self, work: Work, stop: threading.Event) -> None:
        self._work = work
        self._stop = stop

    def submit(self, task: Task) -> Future[Part]:
        future: Future[Part] = Future()
        try:
            future.set_result(run_task(self._work, task, self._go_on))
        except Interrupted:
            future.set_exception(WorkerLost("interrupted"))
        return future

    def _go_on(self, tried: Rectangle) -> None:
        if self._stop.is_set():
            raise Interrupted


class Worker:
    """One worker process, seen from the thread that holds it."""

    def __init__(self, start: Path, seconds: float | None) -> None:
        self.tasks = 0  # taken so far
        self._seconds = seconds
        self._ready = False
        code = START.format(path=[str(entry) for entry in sys.path], file=str(start))
        self.process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def run(self, task: Task) -> Part:
        """Raises: Died if the process does; CannotGoOn if it cannot run tasks at all."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.tasks += 1
        tried, since = list[Rectangle](), time.monotonic()
        try:
            pickle.dump(task, self.process.stdin)
            self.process.stdin.flush()
            while True:
                what, *rest = pickle.load(self.process.stdout)
                if what == "part":
                    return rest[0]
                if what == "unfit":
                    raise CannotGoOn(f"a worker process cannot run the study: {rest[0]}")
                self._ready = True
                tried, since = tried + rest, time.monotonic()
        except (EOFError, OSError, pickle.UnpicklingError):
            raise Died(tried, self._cause(time.monotonic() - since), ready=self._ready) from None

    def end(self) -> None:
        """Have it end and wait for that."""
        assert self.process.stdin is not None and self.process.stdout is not None
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def _cause(self, seconds: float) -> str:
        self.end()
        code = self.process.returncode
        if self._seconds and code == 1 and seconds >= self._seconds:
            return f"lost: it took longer than {self._seconds:g} s"
        how = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
        return f"lost: the process that ran it died ({how})"


class Processes(Engine):
    """Several worker processes, each held by a thread."""

    def __init__(self, work: Work, workers: int, *, tasks_a_worker: int = TASKS_A_WORKER) -> None:
        self.slots = workers
        self._seconds = work.seconds
        self._tasks_a_worker = tasks_a_worker
        self._scratch = Path(tempfile.mkdtemp(prefix="planb-"))
        write_start(self._scratch / "work", work)
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="planb")
        self._idle: list[Worker] = []  # list operations are atomic, so threads may share it
        self._all: list[Worker] = []
        self._closing = False

    def submit(self, task: Task) -> Future[Part]:
        return self._threads.submit(self._run, task)

    def close(self) -> None:
        self._closing = True
        for worker in list(self._all):
            worker.process.kill()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for worker in list(self._all):
            worker.end()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def worker_ids(self) -> list[int]:
        """Process ids of the workers now alive."""
        return [worker.process.pid for worker in self._all]

    def _run(self, task: Task) -> Part:
        """The task's part, from as many workers as it takes."""
        births = 0
        while not self._closing:
            worker = self._take()
            try:
                part = worker.run(task)
            except Died as death:
                self._all.remove(worker)
                births = 0 if death.ready else births + 1
                if births >= BIRTHS and not self._closing:
                    raise CannotGoOn(f"{births} worker processes died as they started; {death.cause}") from None
                if death.tried:
                    task = task.after(death.tried[-1], death.cause, lived=len(death.tried) > 1)
            else:
                self._give_back(worker)
                return part
        raise WorkerLost("interrupted")

    def _take(self) -> Worker:
        if self._idle:
            return self._idle.pop()
        worker = Worker(self._scratch / "work", self._seconds)
        self._all.append(worker)
        if self._closing:  # `close` may have looked before it was there
            worker.process.kill()
        return worker

    def _give_back(self, worker: Worker) -> None:
        if worker.tasks < self._tasks_a_worker:
            self._idle.append(worker)
        else:
            self._all.remove(worker)
            worker.end()


def run_apart(work: Work, task: Task) -> Part:
    """Run a task in a worker process, on the machine where this is called."""
    processes = Processes(work, 1)
    try:
        return processes.submit(task).result()
    finally:
        processes.close()
