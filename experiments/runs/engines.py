"""Where tasks run: in this process, in several processes of this machine, or on a Dask scheduler.

An engine is anything with `slots`, `submit` (a task in, a `concurrent.futures.Future` of a `Part` out), `check` and
`close`. None of them changes a row: a task's result depends on the study and on the task alone.

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
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import cloudpickle

from experiments.runs.files import CannotGoOn
from experiments.runs.tasks import Interrupted, Part, Rectangle, Task, Work, run_task
from experiments.runs.worker import write_start
from sim.errors import WrongInput

CONNECT_SECONDS = 10  # to a Dask scheduler, and for any answer of its
IDLE_SECONDS = 30  # that a Dask scheduler may hold tasks of ours and have none run
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


class Engine(Protocol):
    """Runs tasks of one study."""

    slots: int  # tasks it can run at once

    def submit(self, task: Task) -> Future[Part]: ...

    def check(self) -> None:
        """Raises: WorkerLost if nothing that was submitted can come back any more."""

    def close(self) -> None:
        """Let go of workers, without waiting for what they run."""


class InProcess:
    """One task after the other, here."""

    slots = 1

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

    def check(self) -> None:
        pass

    def close(self) -> None:
        pass

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


class Processes:
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

    def check(self) -> None:
        pass

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


class Dask:
    """Workers of a running Dask scheduler (extra ``[dask]``); they need this package, not this machine's disk.

    A task that killed a Dask worker is tried again there in a worker process of ours, which says which rows it is.
    Every task carries all it needs: one that depended on another would wait for ever where the scheduler, having lost
    the worker that held the other, lets go of it. Nothing here waits without a limit, and tasks that the scheduler
    holds and nobody runs count as lost.
    """

    def __init__(self, work: Work, address: str) -> None:
        try:
            from distributed import Client
        except ImportError:
            raise WrongInput("--dask needs the extra: pip install 'planb[dask]'") from None
        try:
            self._client: Any = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise WrongInput(f"--dask {address}: no scheduler answers there ({error})") from None
        self._open: set[Any] = set()
        try:
            cores = self._ask("ncores")
        except Exception as error:
            self.close()
            raise WrongInput(f"--dask {address}: the scheduler does not answer ({type(error).__name__})") from None
        if not cores:
            self.close()
            raise WrongInput(f"--dask {address}: the scheduler has no workers")
        self.slots = sum(cores.values())
        self._apart = work.seconds is not None or work.memory is not None
        self._work = cloudpickle.dumps(work)
        self._checked = self._seen_running = time.monotonic()

    def submit(self, task: Task) -> Future[Part]:
        ours: Future[Part] = Future()
        self._send(task, ours, apart=self._apart)
        return ours

    def check(self) -> None:
        if self._client.status != "running":
            raise WorkerLost("the Dask scheduler is gone")
        now = time.monotonic()
        if now - self._checked < 2:
            return
        self._checked = now
        try:
            running = self._ask("processing")
        except Exception as error:
            raise WorkerLost(f"the Dask scheduler does not answer ({type(error).__name__})") from None
        if not running:
            raise WorkerLost("the Dask scheduler has no workers left")
        if not self._open or any(running.values()):
            self._seen_running = now
        elif now - self._seen_running > IDLE_SECONDS:
            raise WorkerLost(f"the Dask scheduler has had tasks for {IDLE_SECONDS} s that nobody runs")

    def close(self) -> None:
        def close() -> None:
            if self._open and self._client.status == "running":
                self._client.cancel(list(self._open), force=True)
            self._client.close(timeout=2)

        closing = threading.Thread(target=close, daemon=True)  # a scheduler that is gone must not hold us up
        closing.start()
        closing.join(timeout=5)

    def _ask(self, what: str) -> dict[str, Any]:
        """What the scheduler says of each of its workers. Raises: whatever it may, but in time."""
        ask = getattr(self._client.scheduler, what)
        return dict(self._client.sync(ask, workers=None, callback_timeout=CONNECT_SECONDS))

    def _send(self, task: Task, ours: Future[Part], *, apart: bool) -> None:
        try:
            theirs = self._client.submit(run_there, self._work, task, apart=apart, pure=False)
        except Exception as error:  # it is about to be found gone
            ours.set_exception(WorkerLost(f"the Dask scheduler takes no task ({type(error).__name__})"))
            return
        self._open.add(theirs)
        theirs.add_done_callback(lambda done: self._settle(done, task, ours, apart=apart))

    def _settle(self, theirs: Any, task: Task, ours: Future[Part], *, apart: bool) -> None:
        """Hand on what became of a task, in Dask's own thread: without an answer the study would wait for ever."""
        from distributed import KilledWorker

        self._open.discard(theirs)
        try:
            ours.set_result(theirs.result(timeout=CONNECT_SECONDS))
        except KilledWorker:
            if apart:
                ours.set_exception(WorkerLost("workers of the scheduler died, though not of the task itself"))
            else:
                self._send(task, ours, apart=True)
        except Exception as error:
            # an error of the task's own; else its worker died before it handed the part over, or all is cancelled
            own = theirs.status == "error"
            ours.set_exception(error if own else WorkerLost(f"the scheduler let go of a task ({error or 'no reason'})"))


def run_there(work: bytes, task: Task, *, apart: bool) -> Part:
    """Run a task on a Dask worker, ``apart`` in a process of its own."""
    return (run_apart if apart else run_task)(_work_in(work), task)


@lru_cache(maxsize=2)
def _work_in(data: bytes) -> Work:
    """What the tasks of a study share, read once."""
    return pickle.loads(data)


def run_apart(work: Work, task: Task) -> Part:
    """Run a task in a worker process, on the machine where this is called."""
    processes = Processes(work, 1)
    try:
        return processes.submit(task).result()
    finally:
        processes.close()
