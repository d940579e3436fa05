"""An ensemble in the background: blocks of worlds come in, and the interval grows tighter on the screen.

The worlds are played in one process beside the server's, so whoever steps a run does not wait for them.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np
import solara

from experiments.page.setup import Setup
from experiments.page.views.funnel import Tightening, with_block
from sim.worlds.blocks import simulate_block

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario

T = TypeVar("T")
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
def asked_for(work: Callable[..., T], *given: Any) -> Future[T]:
    """A block that is being played, or was: what two parts of a page, or two visitors, ask for is played once."""
    return beside().submit(work, *given)


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
    size, tell = FIRST_BLOCK, paced(show, cancelled)
    while seen.worlds < wanted and not cancelled.is_set():
        stop = min(seen.worlds + size, wanted)
        seen = with_block(seen, asked_for(outcomes, scenario, seed, seen.worlds, stop).result())
        size = min(2 * size, LARGEST_BLOCK)
        tell(seen, seen.worlds >= wanted)


def paced(show: Callable[[T], None], cancelled: threading.Event) -> Callable[[T, bool], None]:
    """``show``, no more often than the eye needs, what is final always, and nothing once cancelled."""
    shown = 0.0

    def tell(seen: T, final: bool) -> None:
        nonlocal shown
        if not cancelled.is_set() and (final or time.monotonic() - shown > REDRAW):
            shown = time.monotonic()
            show(seen)

    return tell


def use_tightening(setup: Setup | None, wanted: int) -> Tightening | None:
    """The ensemble of these settings as far as it has come; starts anew when they change, stops with the page."""
    if setup is None:
        return use_work(None, None)

    def work(show: Callable[[Tightening], None], cancelled: threading.Event) -> None:
        tighten(setup.resolved(), setup.seed, wanted, show=show, cancelled=cancelled)

    return use_work(work, (setup.scenario, setup.settings, setup.seed, wanted))  # the world makes no difference


def use_work(work: Callable[..., None] | None, key: Hashable) -> Any:
    """What ``work(show=, cancelled=)`` has shown so far, None at first; it starts anew with another ``key``.

    It runs in a thread of its own, and is cancelled with the page or by None in its place.
    """
    seen, set_seen = solara.use_state(cast(Any, None))

    def start() -> Callable[[], None] | None:
        set_seen(None)
        if work is None:
            return None
        cancelled = threading.Event()

        def run() -> None:
            if cancelled.wait(PATIENCE):
                return
            try:
                work(show=set_seen, cancelled=cancelled)
            except BrokenProcessPool:
                logging.getLogger(__name__).exception("the process that plays ensembles ended; the next gets another")
                beside.cache_clear()
                asked_for.cache_clear()

        threading.Thread(target=run, daemon=True).start()
        return cancelled.set

    solara.use_effect(start, [key])
    return seen
