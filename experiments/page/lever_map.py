"""A map of any two levers: the share of worlds that end so in each pair of values, the same worlds in every cell."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import partial
from itertools import product

import numpy as np
import solara

from experiments.explanation.flips import knobs
from experiments.page.cards import credit, head, value_in
from experiments.page.fields import importance, told
from experiments.page.live_ensemble import asked_for, outcomes, paced, use_work
from experiments.page.setup import Go, Setup, as_text
from experiments.page.views.funnel import Tightening, with_block
from experiments.page.views.lever_map import COUNTED, READABLE, Axis, Cells, LeverMap, Pins, as_table, draw_lever_map
from experiments.page.widgets import Choose, Folded, Picture
from sim.errors import WrongInput

SIDE = 6  # values over a number's range, besides those of A and B
WORLDS = (256, 1024)  # in every cell: a first look, then all


def axis_of(setup: Setup, key: str) -> Axis:
    """The values of one lever on the map: every word, or numbers over its range, those of A and B among them."""
    scenario, here = setup.resolved(), value_in(setup, key)
    knob = next(knob for knob in knobs(scenario) if knob.key == key)
    there = setup.change[1] if setup.change is not None and setup.change[0] == key else here
    if not knob.is_number:
        row = next(row for row in scenario.parameters() if row["name"] == key)
        texts = tuple(row["choices"]) or ("false", "true")
        words = tuple(text.replace("_", " ") for text in texts)
        return Axis(key, knob.name, texts, words, texts.index(here), texts.index(there))
    found = {float(Fraction(mark)): mark for mark in (there, here)}
    a, b = float(Fraction(here)), float(Fraction(there))
    for even in np.linspace(knob.low, knob.high, SIDE).tolist():
        value = round(even) if knob.whole else min(max(float(f"{even:.3g}"), knob.low), knob.high)
        if min(abs(value - a), abs(value - b)) > (knob.high - knob.low) / SIDE / 3:  # else the mark stands for it
            found[value] = as_text(value)
    places = sorted(found)
    texts, words = tuple(found[value] for value in places), tuple(told(value) for value in places)
    return Axis(key, f"{knob.name}, {knob.unit}", texts, words, places.index(a), places.index(b))


def cell(base: Setup, pins: Pins, first: int, stop: int) -> bytes:
    """How these worlds end with both levers set; in the process beside the server's. Raises `WrongInput`."""
    return outcomes(base.resolved().with_settings(dict(pins)), base.seed, first, stop)


def fill(base: Setup, x: Axis, y: Axis, *, show: Callable[[Cells], None], cancelled: threading.Event) -> None:
    """Every third value of both first, then all; few worlds first, then many. Until done or cancelled."""
    places = sorted(product(range(len(x.values)), range(len(y.values))), key=lambda place: any(at % 3 for at in place))
    cells, tell = Cells(), paced(show, cancelled)
    for worlds, (across, up) in product(WORLDS, places):
        if cancelled.is_set():
            return
        pins = x.pin(across), y.pin(up)
        before = cells.get(pins, Tightening(WORLDS[-1], b"", ()))
        if isinstance(before, Tightening):
            try:
                cells[pins] = with_block(before, asked_for(cell, base, pins, before.worlds, worlds).result())
            except WrongInput as refusal:  # values that do not go together, such as more rounds than days
                cells[pins] = str(refusal)
        tell(dict(cells), (worlds, (across, up)) == (WORLDS[-1], places[-1]))


def first_two(setup: Setup) -> tuple[str, str, str]:
    """A map to begin with: the lever that is compared, if it can be on one, and numbers that visitors change first."""
    scenario = setup.resolved()
    numbers = [knob.key for knob in knobs(scenario, ["lever"]) if knob.is_number]
    compared = [knob.key for knob in knobs(scenario) if setup.change is not None and knob.key == setup.change[0]]
    x, y, *_ = dict.fromkeys([*compared, *sorted(numbers, key=lambda key: importance(key.split(".")[0]))])
    return x, y, "deal"


def held_fixed(setup: Setup, axis: Axis) -> str:
    """What an uncertainty on an axis means: worlds of a cell share its value, else each draws its own."""
    drawn = {knob.key: knob.name for knob in knobs(setup.resolved(), ["uncertainty"])}
    if axis.key not in drawn or axis.key in dict(setup.settings):
        return ""
    return f"All worlds of a cell have its {drawn[axis.key]}; in the ensemble of A each draws its own."


@solara.component
def MapCard(setup: Setup, go: Go) -> None:
    """Which levers, and the map as far as it has come."""
    axes = solara.use_memo(lambda: [axis_of(setup, key) for key in (setup.levers or ())[:2]], [setup])
    held = solara.use_memo(lambda: [held_fixed(setup, axis) for axis in axes], [setup])
    base = replace(setup.alone, world=0)  # the same worlds in every cell, whichever is watched
    work = partial(fill, base, *axes) if axes else None
    seen = use_work(work, (base, *((axis.key, axis.values) for axis in axes)))
    beside = setup.change is not None and setup.levers is not None and setup.change[0] not in setup.levers
    about = "The share of worlds that end with a deal, or otherwise, over the values of both; the rest is as in A, and "
    about += f"the worlds are the same in every cell.{' What B changes is not on it.' if beside else ''}"
    about += "".join(f" {words}" for words in held)
    head("A map of two levers", about)
    if setup.levers is None:
        solara.Button("Draw a map", on_click=lambda: go(replace(setup, levers=first_two(setup))), outlined=True)
        return
    x, y, counted = setup.levers
    every = knobs(setup.resolved())
    levers = {role: {knob.key: knob.name for knob in every if knob.role == role} for role in ("lever", "uncertainty")}

    def show(x: str, y: str, counted: str) -> None:
        go(replace(setup, levers=(x, y, counted)))

    with solara.Div(classes=["planb-buttons"]):
        Choose(
            label="Across", value=x, groups=levers, event_choose=lambda key: show(key, x if key == y else y, counted)
        )
        Choose(label="Up", value=y, groups=levers, event_choose=lambda key: show(y if key == x else x, key, counted))
        Choose(label="Share of", value=counted, groups={"": COUNTED}, event_choose=lambda end: show(x, y, end))
        solara.Button("Close the map", on_click=lambda: go(replace(setup, levers=None)), outlined=True)
    drawn = LeverMap(*axes, seen or {}, WORLDS[-1], setup.change is not None and not beside)
    with solara.Div(classes=["planb-map"], style={"--least": f"{READABLE * drawn.width:.0f}px"}):
        svg = draw_lever_map(drawn, counted)
        Picture(svg=svg, title="A map of two levers", file="map.svg", credit=credit(setup, None))
    Folded(summary="The numbers as a table", html=as_table(drawn, counted))
