"""Where tasks run: in this process, in several processes of this machine, or on a Dask scheduler.

An engine is anything with `slots`, `submit` (a task in, a `concurrent.futures.Future` of a `Part` out) and `close`.
None of them changes a row: a task's result depends on the study and on the task alone.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Protocol

from experiments.runs.memory import keep_freed_memory
from experiments.runs.tasks import Part, Task, Work, run_task
from sim.errors import WrongInput

CONNECT_SECONDS = 10  # to a Dask scheduler
TASKS_A_WORKER = 200  # before it is replaced, so that nothing a library leaks can add up


class WorkerLost(Exception):
    """The process that ran a task died; the task may be submitted again."""


class Engine(Protocol):
    """Runs tasks of one study."""

    slots: int  # tasks it can run at once

    def submit(self, task: Task) -> Future[Part]: ...

    def close(self, *, now: bool = False) -> None:
        """Let go of workers; with ``now`` without waiting for what they run."""


class InProcess:
    """One task after the other, here."""

    slots = 1

    def __init__(self, work: Work) -> None:
        self._work = work

    def submit(self, task: Task) -> Future[Part]:
        future: Future[Part] = Future()
        future.set_result(run_task(self._work, task))
        return future

    def close(self, *, now: bool = False) -> None:
        pass


class Processes:
    """Several processes, started afresh (spawn) so that threads and locks of this one do not leak into them.

    The pool is replaced after some tasks a worker. `ProcessPoolExecutor` has `max_tasks_per_child` for that, but it
    deadlocks in the Python versions we support (python/cpython issue 115634), so we change whole pools.
    """

    def __init__(self, work: Work, workers: int, *, tasks_a_worker: int = TASKS_A_WORKER) -> None:
        self.slots = workers
        self._work = work
        self._tasks_a_pool = workers * tasks_a_worker
        self._submitted = 0
        self._pool = self._start()
        self._old: list[ProcessPoolExecutor] = []

    def submit(self, task: Task) -> Future[Part]:
        if self._submitted >= self._tasks_a_pool:
            self._replace()
        try:
            theirs = self._pool.submit(_run_here, task)
        except BrokenProcessPool:
            self._replace()
            theirs = self._pool.submit(_run_here, task)
        self._submitted += 1
        return self._translated(theirs)

    def close(self, *, now: bool = False) -> None:
        for pool in [self._pool, *self._old]:
            if now:
                for process in list((pool._processes or {}).values()):
                    process.terminate()
            pool.shutdown(wait=True, cancel_futures=True)

    def worker_ids(self) -> list[int]:
        """Process ids of the workers now alive."""
        return list(self._pool._processes or {})

    def _replace(self) -> None:
        """New workers take new tasks; the old ones end what they have."""
        self._pool.shutdown(wait=False)
        self._old = [*self._old[-1:], self._pool]
        self._pool, self._submitted = self._start(), 0

    def _start(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self.slots, mp_context=context, initializer=_prepare, initargs=(self._work,))

    @staticmethod
    def _translated(future: Future[Part]) -> Future[Part]:
        """The same future, with a dead worker reported in our words."""
        ours: Future[Part] = Future()

        def done(theirs: Future[Part]) -> None:
            error = theirs.exception() if not theirs.cancelled() else None
            if theirs.cancelled():
                ours.cancel()
            elif isinstance(error, BrokenProcessPool):
                ours.set_exception(WorkerLost("a worker process died"))
            elif error is not None:
                ours.set_exception(error)
            else:
                ours.set_result(theirs.result())

        future.add_done_callback(done)
        return ours


class Dask:
    """Workers of a running Dask scheduler (extra ``[dask]``); they need this package, not this machine's disk."""

    def __init__(self, work: Work, address: str) -> None:
        try:
            from distributed import Client
        except ImportError:
            raise WrongInput("--dask needs the extra: pip install 'planb[dask]'") from None
        try:
            self._client: Any = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise WrongInput(f"--dask {address}: no scheduler answers there ({error})") from None
        cores = self._client.ncores()
        if not cores:
            self._client.close()
            raise WrongInput(f"--dask {address}: the scheduler has no workers")
        self.slots = sum(cores.values())
        # a task of its own, not scattered data: a worker that joins later or replaces a dead one can get it again
        self._work = self._client.submit(_same, work, pure=False)
        self._open: dict[str, tuple[Any, Future[Part]]] = {}

    def submit(self, task: Task) -> Future[Part]:
        theirs = self._client.submit(run_task, self._work, task, pure=False, retries=2)
        ours: Future[Part] = Future()
        self._open[theirs.key] = theirs, ours
        theirs.add_done_callback(self._settle)
        return ours

    def close(self, *, now: bool = False) -> None:
        if now:
            self._client.cancel([theirs for theirs, _ in self._open.values()], force=True)
        self._client.close()

    def _settle(self, theirs: Any) -> None:
        from distributed import KilledWorker

        _, ours = self._open.pop(theirs.key)
        if theirs.status == "finished":
            ours.set_result(theirs.result())
        elif theirs.status == "cancelled":
            ours.set_exception(WorkerLost("the scheduler cancelled the task"))
        else:
            error = theirs.exception()
            ours.set_exception(WorkerLost(str(error)) if isinstance(error, KilledWorker) else error)


def _same(work: Work) -> Work:
    return work


_work: Work | None = None  # of this worker process


def _prepare(work: Work) -> None:
    """Set up a worker: it leaves Ctrl-C to its parent, and does not outlive it."""
    global _work
    _work = work
    keep_freed_memory()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        # without this a worker whose parent was killed would wait for work for ever
        threading.Thread(target=_end_with, args=[parent], daemon=True).start()


def _end_with(parent: Any) -> None:
    parent.join()
    os._exit(1)


def _run_here(task: Task) -> Part:
    assert _work is not None, "the worker was not prepared"
    return run_task(_work, task)
