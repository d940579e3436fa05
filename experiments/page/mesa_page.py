"""Mesa's own page (`SolaraViz`) with our views as its components: play, step, reset and sliders as Mesa's users know.

The model is a real one that is stepped live. Mesa 3.3 keeps every model that ever had agents, so what a reset leaves
behind is released by hand.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import solara

from experiments.page import fields
from experiments.page.moments import CaseSeen, Snapshot
from experiments.page.run import snapshot_of
from experiments.page.setup import Setup, from_query, published, served
from experiments.page.views import VIEWS
from experiments.page.views.calendar import draw_calendar
from experiments.page.views.stage import draw_stage
from experiments.page.views.story import tell
from experiments.page.widgets import Named, Picture
from experiments.page.widgets import Story as Told
from sim.errors import WrongInput
from sim.mesa_model import BudgetCrisis

CSS = Path(__file__).with_name("page.css")
MOST_SLIDERS = 12
COLLECTED = {  # reporters of the model's `DataCollector`, and what they are called
    "belief": "Members' belief in the list, by step",
    "reservation_savings": "The governor's floor, M$ a year, by step",
}


@solara.component
def MesaPage() -> None:
    """A model of its own for every visitor, of the run that the address names; not where visitors only watch."""
    router = solara.use_router()
    if published():
        solara.Error("This page is published: its run is on the front page.")
        return
    usual, allowed = served()
    try:
        setup = from_query(router.search, usual=usual, allowed=allowed)
        setup.resolved()
    except WrongInput as error:
        solara.Error(f"This address cannot be shown: {error}")
        return
    OwnModel(setup)


@solara.component
def OwnModel(setup: Setup) -> None:
    """Mesa's page around one model."""
    from mesa.visualization import SolaraViz

    model = solara.use_memo(
        lambda: BudgetCrisis(scenario=setup.resolved(), seed=setup.seed, world=setup.world), [setup]
    )
    params = solara.use_memo(lambda: parameters(setup), [setup])
    seen = snapshot_of(model).case
    solara.Style(CSS)
    with solara.AppBar(), solara.Link(f"/?{setup.query()}"):
        solara.Button("Back to the bargain", text=True)
    heading = {"id": "planb-player", "tabindex": "-1"}
    solara.HTML(tag="h1", unsafe_innerHTML=escape(seen.title), classes=["planb-mesa"], attributes=heading)
    Named()
    SolaraViz(model, components=components(seen), model_params=params, name="planb", play_interval=200)


def parameters(setup: Setup) -> dict[str, Any]:
    """Seed, world and the scenario's levers, as Mesa's page wants them; the whole list is on the other page."""
    from mesa.visualization import Slider

    shown: dict[str, Any] = {
        "scenario": setup.resolved(),
        "seed": Slider("seed", setup.seed, 0, max(9999, setup.seed), 1, dtype=int),
        "world": Slider("world", setup.world, 0, max(999, setup.world), 1, dtype=int),
    }
    levers = [row for row in setup.resolved().parameters() if row["role"] == "lever"]
    for row in sorted(levers, key=lambda row: fields.importance(row["name"].split(".")[0])):
        name, value, low, high = row["name"], row["value"], row["low"], row["high"]
        label = fields.label(row)
        if len(shown) > MOST_SLIDERS:
            break
        if row["choices"]:
            shown[name] = {"type": "Select", "value": value, "values": list(row["choices"]), "label": label}
        elif isinstance(value, bool):
            shown[name] = {"type": "Checkbox", "value": value, "label": label}
        elif low is not None and high is not None and (step := _step(low, high, value, whole=row["whole"])):
            shown[name] = Slider(label, value, low, high, step, dtype=int if row["whole"] else float)
    return shown


def _step(low: float, high: float, value: float, *, whole: bool) -> float | None:
    """A step of a slider that leaves the value where it is: sliders snap to theirs. None where no decimal does."""
    if whole:
        return 1
    for digits in range(7):
        step = 10.0**-digits
        if step <= (high - low) / 50 and all(math.isclose(round(x, digits), x) for x in (low, high, value)):
            return step
    return None


def components(case: CaseSeen) -> list[Callable[[BudgetCrisis], Any]]:
    """Our views as Mesa's page takes them, functions of a model: those that the case has; the stage is the first."""
    views = [of_view(view.title, view.draw) for view in VIEWS if view.needs(case)]
    return [of_view("The stage", draw_stage, wide=True), Story, *views, *map(of_collector, COLLECTED)]


def of_collector(measure: str) -> Callable[[BudgetCrisis], Any]:
    """One of the model's own reporters, step by step, as Mesa draws it."""
    from mesa.visualization import make_plot_component

    plot, _ = make_plot_component(measure)

    def component(model: BudgetCrisis) -> Any:
        with solara.Card(COLLECTED[measure]):
            plot(model)

    return component


def of_view(title: str, draw: Callable[[Snapshot], str], *, wide: bool = False) -> Callable[[BudgetCrisis], Any]:
    """A view as a component of Mesa's page."""

    def component(model: BudgetCrisis) -> Any:
        with solara.Card(title), solara.Div(classes=["planb-wide"] if wide else []):
            Picture(svg=draw(snapshot_of(model)), title=title)

    return component


def Story(model: BudgetCrisis) -> Any:
    """Calendar and story, and the end of a model that is no longer shown."""
    solara.use_effect(lambda: model.release, [id(model)])
    with solara.Card("The story so far"):
        with solara.Div(classes=["planb-single", "planb-wide"]):
            Picture(svg=draw_calendar(snapshot_of(model)), title="Calendar")
        with solara.Div(classes=["planb-short"]):
            Told(html=tell(snapshot_of(model)))
