"""Tasks on the workers of a Dask scheduler."""

from __future__ import annotations

import pickle
import threading
import time
from concurrent.futures import Future
from functools import lru_cache
from typing import Any

import cloudpickle

from experiments.runs.engines import Engine, WorkerLost, run_apart
from experiments.runs.tasks import Part, Task, Work, run_task
from sim.errors import WrongInput

CONNECT_SECONDS = 10  # to a scheduler, and for any answer of its
POLL_SECONDS = 0.02  # between looks at what has become of tasks
IDLE_SECONDS = 30  # that a scheduler may hold tasks of ours and have none run


class Dask(Engine):
    """Workers of a running Dask scheduler (extra ``[dask]``); they need this package, not this machine's disk.

    A task that killed a Dask worker is tried again there in a worker process of ours, which says which rows it is.
    Every task carries all it needs: one that depended on another would wait for ever where the scheduler, having lost
    the worker that held the other, lets go of it. Nothing here waits without a limit, and tasks that the scheduler
    holds and nobody runs count as lost. What becomes of tasks is looked up by a thread of ours rather than told by the
    client's: Python does not end before that one has, and it may wait for a connection that is gone.
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
        self._open: dict[Any, tuple[Task, Future[Part], bool]] = {}  # by Dask's future; bool: apart?
        self._closed = False
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
        threading.Thread(target=self._watch, daemon=True).start()

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
        self._closed = True

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
        self._open[theirs] = (task, ours, apart)

    def _watch(self) -> None:
        while not self._closed:
            for theirs in [one for one in list(self._open) if one.status != "pending"]:
                task, ours, apart = self._open.pop(theirs)
                self._settle(theirs, task, ours, apart=apart)
            time.sleep(POLL_SECONDS)

    def _settle(self, theirs: Any, task: Task, ours: Future[Part], *, apart: bool) -> None:
        """Hand on what became of a task; without an answer the study would wait for ever."""
        from distributed import KilledWorker

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
