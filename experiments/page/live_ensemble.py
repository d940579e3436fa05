"""An ensemble in the background: blocks of worlds come in, and the interval grows tighter on the screen."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import numpy as np
import solara

from experiments.page.setup import Setup
from experiments.page.views.funnel import Tightening, with_block
from sim.outcomes import OUTCOMES
from sim.worlds.blocks import simulate_block

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario

FIRST_BLOCK, LARGEST_BLOCK = 32, 128  # worlds; small, so that the page keeps the interpreter most of the time
PATIENCE = 0.4  # seconds before the first block: a slider on the move starts no ensembles
REDRAW = 0.25  # seconds, at least, between two pictures

sys.setswitchinterval(0.0005)  # seconds; a page that wants the interpreter waits no longer for an ensemble to yield it
one_block_at_a_time = threading.Lock()  # in the whole server, however many pages are open


def tighten(
    scenario: Scenario, seed: int, wanted: int, *, show: Callable[[Tightening], None], cancelled: threading.Event
) -> None:
    """Run worlds 0 to ``wanted`` - 1 in growing blocks until done or cancelled; ``show`` gets what has come in."""
    seen = Tightening(wanted, (0,) * len(OUTCOMES), ())
    size, shown = FIRST_BLOCK, 0.0
    while seen.worlds < wanted and not cancelled.is_set():
        ids = np.arange(seen.worlds, min(seen.worlds + size, wanted), dtype=np.int64)
        with one_block_at_a_time:
            if cancelled.is_set():  # while it waited for the others
                return
            began = time.monotonic()
            block = simulate_block(scenario, seed=seed, worlds=ids)
            # rests as long as it worked, and with it all others: half the time belongs to those who step a run
            cancelled.wait(time.monotonic() - began)
        seen = with_block(seen, np.bincount(block.columns["outcome"], minlength=len(OUTCOMES)).tolist())
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
            if not cancelled.wait(PATIENCE):
                tighten(setup.resolved(), setup.seed, wanted, show=set_seen, cancelled=cancelled)

        threading.Thread(target=work, daemon=True).start()
        return cancelled.set

    solara.use_effect(start, [played, wanted])
    return seen
