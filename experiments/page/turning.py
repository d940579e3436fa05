"""Which single change turns the world that is watched: what ``planb explain`` finds, searched when it is asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial
from typing import NamedTuple, cast

import numpy as np
import solara

from experiments.explanation.flips import Flip, knobs
from experiments.explanation.one_world import flips_of, parts_of, smallest_first
from experiments.explanation.replays import Replays
from experiments.explanation.wording import flip_in_words, flips_heading, turn_nothing
from experiments.page.cards import head
from experiments.page.live_ensemble import asked_for, paced, use_work
from experiments.page.setup import Go, Setup, as_text
from experiments.page.svg import percent
from experiments.page.widgets import Turns


class Turning(NamedTuple):
    """A search as far as it has come."""

    done: int  # parts
    parts: int
    flips: tuple[Flip, ...] = ()  # the smallest first

    @property
    def over(self) -> bool:
        return self.done == self.parts


@lru_cache(maxsize=4)
def _replays(world: Setup) -> Replays:
    return Replays(scenario=world.resolved(), seed=world.seed, worlds=np.array([world.world]))


def flips_in(world: Setup, place: int) -> list[Flip]:
    """What one part of the levers and uncertainties turns; in the process beside the server's."""
    replays = _replays(world)
    return flips_of(replays, parts_of(replays.scenario)[place])


def search(world: Setup, *, show: Callable[[Turning], None], cancelled: threading.Event) -> None:
    """Every part in turn until done or cancelled; whoever asks again meets what was found before."""
    parts, found, tell = len(parts_of(world.resolved())), list[Flip](), paced(show, cancelled)
    for place in range(parts):
        if cancelled.is_set():
            return
        found += asked_for(flips_in, world, place).result()
        tell(Turning(place + 1, parts, tuple(smallest_first(found))), place + 1 == parts)


@solara.component
def TurningCard(setup: Setup, deal: bool, go: Go) -> None:
    """The list, each change a button that makes it the second run. ``deal``: does the world end with one?"""
    asked, set_asked = solara.use_state(cast(Setup | None, None))
    world = setup.alone
    wanted = asked == world
    found = cast(Turning | None, use_work(partial(search, world) if wanted else None, world if wanted else None))
    seen = found if wanted and found is not None else Turning(0, 1)
    head(
        "Which single lever turns this world?",
        "The nearest value of each that does, all luck the same. Press one to make it run B.",
    )
    said = f"Searched; {len(seen.flips)} found." if seen.over else "Searching." if wanted else ""
    solara.HTML(tag="div", classes=["planb-quiet"], unsafe_innerHTML=said, attributes={"role": "status"})
    if not seen.over:
        label = f"Stop; {percent(seen.done / seen.parts, 0)} is searched" if wanted else "Search"
        solara.Button(label, on_click=lambda: set_asked(None if wanted else world), outlined=True)
    if not wanted:
        return
    for role in ("lever", "uncertainty"):
        flips = [flip for flip in seen.flips if flip.role == role]
        if flips or seen.over:
            solara.HTML(tag="p", unsafe_innerHTML=flips_heading(role, deal=deal, some=bool(flips)))
            _Choices(setup, flips, go)
    if seen.over:
        quiet = {knob.key for knob in knobs(setup.resolved(), ["lever"])} - {flip.key for flip in seen.flips}
        solara.HTML(tag="p", unsafe_innerHTML=f"{turn_nothing(len(quiet))}.")


@solara.component
def _Choices(setup: Setup, flips: list[Flip], go: Go) -> None:
    meanings = {row["name"]: row["meaning"] for row in setup.resolved().parameters()}
    changes = [(flip.key, as_text(flip.after)) for flip in flips]
    rows = [
        {"words": flip_in_words(flip.as_dict()), "meaning": meanings[flip.key], "chosen": change == setup.change}
        for flip, change in zip(flips, changes, strict=True)
    ]
    Turns(rows=rows, event_choose=lambda place: go(replace(setup, change=changes[place])))
