"""An ensemble in the background: blocks of worlds come in, and the interval grows tighter on the screen.

The worlds are played in one process beside the server's, so whoever steps a run does not wait for them.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache
from typing import TYPE_CHECKING, cast

import numpy as np
import solara

from experiments.page.setup import Setup
from experiments.page.views.funnel import Tightening, with_block
from sim.worlds.blocks import simulate_block

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario

FIRST_BLOCK, LARGEST_BLOCK = 64, 1024  # worlds; visitors take turns block by block
PATIENCE = 0.4  # seconds before the first block: a slider on the move starts no ensembles
REDRAW = 0.25  # seconds, at least, between two pictures


def outcomes(scenario: Scenario, seed: int, first: int, stop: int) -> bytes:
    """How each of the worlds from ``first`` to ``stop`` - 1 ends, a code a world."""
    block = simulate_block(scenario, seed=seed, worlds=np.arange(first, stop, dtype=np.int64))
    return block.columns["outcome"].astype(np.uint8).tobytes()


@lru_cache(maxsize=1)
def beside() -> ProcessPoolExecutor:
    """The process that plays the worlds, for the whole server; started when it is first needed."""
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"), initializer=_leave_with_parent)


def dismiss() -> None:
    """The server ends, and the process beside it with it, if there is one."""
    if beside.cache_info().currsize:
        beside().shutdown(wait=False, cancel_futures=True)


@lru_cache(maxsize=4096)
def asked_for(scenario: Scenario, seed: int, first: int, stop: int) -> Future[bytes]:
    """A block that is being played, or was: what two parts of a page, or two visitors, ask for is played once."""
    return beside().submit(outcomes, scenario, seed, first, stop)


def _leave_with_parent() -> None:
    """A server that was killed takes the process beside it along."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def wait() -> None:
        parent.join()
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


def tighten(
    scenario: Scenario, seed: int, wanted: int, *, show: Callable[[Tightening], None], cancelled: threading.Event
) -> None:
    """Run worlds 0 to ``wanted`` - 1 in growing blocks until done or cancelled; ``show`` gets what has come in."""
    seen = Tightening(wanted, b"", ())
    size, shown = FIRST_BLOCK, 0.0
    while seen.worlds < wanted and not cancelled.is_set():
        stop = min(seen.worlds + size, wanted)
        seen = with_block(seen, asked_for(scenario, seed, seen.worlds, stop).result())
        size = min(2 * size, LARGEST_BLOCK)
        if not cancelled.is_set() and (time.monotonic() - shown > REDRAW or seen.worlds >= wanted):
            shown = time.monotonic()
            show(seen)


def use_tightening(setup: Setup | None, wanted: int) -> Tightening | None:
    """The ensemble of these settings as far as it has come; starts anew when they change, stops with the page."""
    seen, set_seen = solara.use_state(cast(Tightening | None, None))

    played = None if setup is None else (setup.scenario, setup.settings, setup.seed)  # the world makes no difference

    def start() -> Callable[[], None] | None:
        set_seen(None)
        if setup is None:
            return None
        cancelled = threading.Event()

        def work() -> None:
            if cancelled.wait(PATIENCE):
                return
            try:
                tighten(setup.resolved(), setup.seed, wanted, show=set_seen, cancelled=cancelled)
            except BrokenProcessPool:
                logging.getLogger(__name__).exception("the process that plays ensembles ended; the next gets another")
                beside.cache_clear()
                asked_for.cache_clear()

        threading.Thread(target=work, daemon=True).start()
        return cancelled.set

    solara.use_effect(start, [played, wanted])
    return seen
