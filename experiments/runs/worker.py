"""A worker process: reads tasks from its standard input, tries them block by block, writes parts to standard output.

It needs nothing of the script that started it but a file with what all tasks share. It ends with its input, so it
never outlives whoever started it.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
import traceback
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import cloudpickle

from experiments.runs.memory import keep_freed_memory, limit_memory
from experiments.runs.tasks import Task, Work, run_task


def write_start(path: Path, work: Work) -> None:
    """What a worker needs to begin; functions and classes of the user's script go along by value."""
    path.write_bytes(cloudpickle.dumps(work))


def main(start: str) -> None:
    """Announce ``ready``, then for every task: ``trying`` before each block, ``part`` at the end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business
    channel = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a rule prints must not land among our messages
    tasks: SimpleQueue[Task] = SimpleQueue()

    def say(*message: Any) -> None:
        pickle.dump(message, channel)
        channel.flush()

    threading.Thread(target=_listen, args=[tasks], daemon=True).start()
    try:
        work: Work = pickle.loads(Path(start).read_bytes())
        keep_freed_memory()
        limit_memory(work.memory)
    except Exception as error:
        say("unfit", traceback.format_exception_only(error)[-1].strip())
        return
    say("ready")
    while True:
        task = tasks.get()
        try:
            part = run_task(work, task, lambda tried: say("trying", tried))
        except Exception as error:
            say("unfit", traceback.format_exception_only(error)[-1].strip())
        else:
            say("part", part)


def _listen(tasks: SimpleQueue[Task]) -> None:
    try:
        while True:
            tasks.put(pickle.load(sys.stdin.buffer))
    finally:
        os._exit(0)  # the input ended: nobody waits for us any more
