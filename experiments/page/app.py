"""The page. ``planb serve`` starts it, and so does ``solara run experiments/page/app.py``, as Mesa's users do.

Everything on the screen follows from the address (`setup.Setup`) and from how far the run is shown; this file only
puts the parts together.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode

import solara
from solara.server import settings as server_settings

from experiments.page import compare
from experiments.page.cards import TAGS, Card, Cards, HowOften, StoryCard, Verdicts, credit, framed, head, tagged
from experiments.page.chair import play, refuse_unplayable
from experiments.page.lever_map import MapCard
from experiments.page.mesa_page import MesaPage
from experiments.page.moments import Snapshot
from experiments.page.room import ROOMS, Room, Seen
from experiments.page.run import Run
from experiments.page.seats import Board, Seats, YourChair, use_seen
from experiments.page.settings import Settings
from experiments.page.setup import Go, Setup, from_query, published, served
from experiments.page.standalone import as_html
from experiments.page.turning import TurningCard
from experiments.page.views import VIEWS
from experiments.page.views.calendar import draw_calendar
from experiments.page.views.stage import draw_narrow_stage, draw_stage
from experiments.page.widgets import Picture, Share, Transport
from sim.errors import WrongInput

log = logging.getLogger(__name__)
STARTED = uuid.uuid4().hex  # tells one start of the server from another
CSS = Path(__file__).with_name("page.css")

# Under ``solara run`` too, the page asks nobody outside: else Solara takes its front end from elsewhere and calls home.
server_settings.main.mode = "production"
server_settings.telemetry.mixpanel_enable = False


@solara.component
def Layout(children: list[solara.Element]) -> solara.Element:
    """A bar above; the two pages link to each other. What goes wrong is told without the code it went wrong in."""
    fault, forget = solara.use_exception()
    if fault is not None:
        log.error("the page failed", exc_info=fault)
        with solara.Column(classes=["planb"]) as told:
            solara.Style(CSS)
            solara.Error("The page failed here; the server's log says why. Other settings still work.")
            solara.Button("Try again", on_click=forget)
        return told
    return solara.AppLayout(children=children, navigation=False, color="#00507D", title="planb")


@solara.component
def Page() -> None:
    """One run, two side by side, or a room."""
    solara.Title("planb: a budget bargain")
    solara.Style(CSS)
    router = solara.use_router()
    usual, allowed = served()
    try:
        room = dict(parse_qsl(router.search or "")).get("room")
        if room is not None and not published():
            Together(ROOMS.find(room))
            return
        setup = from_query(router.search, usual=usual, allowed=allowed)
        if published() and setup != usual:
            raise WrongInput("this page is published: it shows one run, and nothing of it can be changed")
        setup.resolved()
        if setup.other is not None:
            setup.other.resolved()
    except WrongInput as error:
        Mistaken(str(error), lambda: router.push(f"{router.path}?{usual.query()}"))
        return
    if not published():
        Bar(setup, lambda query: router.push(f"{router.path}?{query}"))
    Bargain(setup, allowed, lambda new: router.push(f"{router.path}?{new.query()}"))


@solara.component
def Bar(setup: Setup, show: Callable[[str], None]) -> None:
    """What else there is: rooms in which two or more play this world, and Mesa's own view."""
    full, set_full = solara.use_state("")

    def open_room(for_all: bool) -> None:
        try:
            show(urlencode({"room": ROOMS.open(setup, for_all=for_all).name}))
        except WrongInput as error:
            set_full(str(error))

    with solara.AppBar():
        if full:
            solara.Text(full)
        if _for_two(setup):
            solara.Button("Open a room for two", on_click=lambda: open_room(False), text=True, dark=True)
            solara.Button("Open a room for all", on_click=lambda: open_room(True), text=True, dark=True)
        with solara.Link(f"/mesa?{setup.query()}"):
            solara.Button("Mesa's own view", text=True, dark=True)


def _for_two(setup: Setup) -> bool:
    """Is there a table at which two people can play?"""
    try:
        refuse_unplayable(setup.resolved())
    except WrongInput:
        return False
    return True


@solara.component
def Mistaken(why: str, start_afresh: Callable[[], None]) -> None:
    """An address that cannot be shown."""
    with solara.Column(classes=["planb"]):
        solara.Error(f"This address cannot be shown: {why}")
        solara.Button("Show the usual case", on_click=start_afresh)


@solara.component
def Bargain(setup: Setup, allowed: dict[str, str], go: Go) -> None:
    """The page for one setup; ``go`` shows another."""
    chosen, set_chosen = solara.use_state((None if setup.step is None else setup, setup.step or 0))
    error, set_error = solara.use_state("")
    runs, turn, failed = solara.use_memo(lambda: play(setup), [setup])
    furthest = len(runs[0].snapshots) - 1 if runs else 0
    solara.use_effect(lambda: set_error(""), [setup])
    if failed:
        Mistaken(failed, lambda: go(served()[0]))
        return
    # who plays by hand sees what his last move led to; else another setup is shown as far as the one before
    step = furthest if setup.chair and chosen[0] != setup else min(chosen[1], furthest)
    shown = [runs[0].at(step)]
    if len(runs) > 1:
        here, there = shown[0], compare.on_the_same_day(runs[1], shown[0])
        shown = [replace(here, turned=compare.turned(here, there)), replace(there, turned=compare.turned(there, here))]

    def show(to: int) -> None:
        set_chosen((setup, to))

    with solara.Div(classes=["planb-frame"]):
        if not published():
            with solara.Div(classes=["planb-side"]):
                Settings(setup, allowed, go)
        with solara.Column(classes=["planb"]):
            seat = partial(YourChair, setup, turn, runs[0], go, error, set_error, show) if setup.chair else None
            Shown(setup, shown, runs, step, show, seat, None if published() or setup.chair else go)


@solara.component
def Together(room: Room) -> None:
    """A room: what is said at the table while two play, and everything once it is over."""
    me = solara.get_session_id()
    seen = use_seen(room, me)
    chosen, set_chosen = solara.use_state(cast(int | None, None))
    runs, turn, failed = solara.use_memo(lambda: play(seen.setup), [seen.setup])
    with solara.Column(classes=["planb"]):
        if failed:
            solara.Error(failed)
            return
        run = runs[0]
        seat = partial(Seats, room, me, seen, turn, run, set_chosen)
        step = len(run.snapshots) - 1 if chosen is None else chosen
        if turn is None:
            Shown(seen.setup, [run.at(step)], runs, step, set_chosen, seat)
        else:
            AtTheTable(seen, run, seat)


@solara.component
def AtTheTable(seen: Seen, run: Run, seat: Callable[[], Any]) -> None:
    """What both sides know: the offers and the story. What either wants and believes, the other has to guess."""
    offers = next(view for view in VIEWS if view.name == "offers")
    public = tuple(_in_public(event) for event in run.last.events)
    with solara.Column(gap="8px"):
        with solara.Div(classes=["planb-top"]):
            Verdicts(seen.setup, [run.last])
        seat()
        with solara.Div(classes=["planb-pair"]):
            with solara.Div(classes=["planb-card"]):
                Card(offers.name, offers.title, offers.about, [offers.draw(run.last)], credit(seen.setup, run.last))
            with solara.Div(classes=["planb-card"]):
                StoryCard([replace(run.last, events=public)])
        Board(seen)


def _in_public(event: dict[str, Any]) -> dict[str, Any]:
    """The opening without its last clause: below what the governor would sooner cut is his own affair."""
    return {**event, "event": event["event"].partition("; ")[0]} if "reservation" in event else event


@solara.component
def Shown(
    setup: Setup,
    shown: list[Snapshot],
    runs: list[Run],
    step: int,
    set_step: Callable[[int], None],
    seat: Callable[[], Any] | None = None,
    go: Go | None = None,
) -> None:
    """What there is to see, from top to bottom."""
    run = runs[0]
    narrow, set_narrow = solara.use_state(False)
    draw = draw_narrow_stage if narrow else draw_stage
    with solara.Column(gap="8px"):
        with solara.Div(classes=["planb-top"]):
            Verdicts(setup, shown)
            HowOften(setup)
        if seat is not None:
            seat()
        dates = [_day(snapshot) for snapshot in run.snapshots]
        Transport(
            step=step,
            dates=dates,
            told=run.told,
            said=latest(run, step),
            server=STARTED,
            narrow=narrow,
            event_goto=set_step,
            event_narrow=set_narrow,
        )
        for tag, snapshot in zip(TAGS, shown, strict=False):
            with solara.Div(classes=["planb-single", "planb-stage-narrow" if narrow else "planb-stage"]):
                if len(shown) > 1:
                    solara.HTML(tag="div", unsafe_innerHTML=tagged(tag, shown) + framed(snapshot))
                Picture(svg=draw(snapshot), title="The stage", file="stage.svg", credit=credit(setup, snapshot))
        with solara.Div(classes=["planb-single", "planb-wide"]):
            Picture(svg=draw_calendar(shown[0]), title="Calendar", file="calendar.svg", credit=credit(setup, shown[0]))
        # keyed, so that parts stay in their place, and what is focused there, when a second run comes or goes
        Cards(shown, runs, setup).key("cards")
        if go is not None:
            with solara.Div(classes=["planb-pair", "planb-levers"]).key("levers"):
                with solara.Div(classes=["planb-card"]):
                    TurningCard(setup, run.outcome.startswith("ratified"), go)
                with solara.Div(classes=["planb-card"]):
                    MapCard(setup, go)
        Sharing(setup, step, runs).key("sharing")


def latest(run: Run, step: int) -> str:
    """What the last step brought, in words."""
    new = run.at(step).events[len(run.at(step - 1).events) :] if step else ()
    return " ".join(f"{event['actor']}: {event['event']}." for event in new)


def _day(snapshot: Snapshot) -> str:
    date = f"{snapshot.date.day} {snapshot.date:%B %Y}"
    return f"{date}, {snapshot.phase}" if snapshot.phase else date


@solara.component
def Sharing(setup: Setup, step: int, runs: list[Run]) -> None:
    """The address of this moment, the command line that tells the same, and the record."""
    lines = [{"label": "address", "text": replace(setup, step=step).query(), "query": True}]
    if not setup.chair:
        lines.append({"label": "command line", "text": setup.command(), "query": False})
    if setup.other is not None:
        lines.append({"label": "command line of B", "text": setup.other.command(), "query": False})
    with solara.Div(classes=["planb-card"]):
        head("Share", "The same luck and settings give the same run anywhere. Every figure has its own SVG button.")
        Share(lines=lines)
        solara.FileDownload(lambda: as_record(setup, runs[0]), filename="run.json", label="The record as JSON")
        solara.FileDownload(
            lambda: as_html(runs[0], setup.resolved(), setup), filename="run.html", label="This run as one file to keep"
        )


def as_record(setup: Setup, run: Run) -> bytes:
    """What ``planb play --json`` prints, and for a run by hand who played what."""
    document = {
        "scenario": setup.scenario,
        "seed": setup.seed,
        "world": setup.world,
        "settings": dict(setup.settings),
        "outcome": run.outcome,
        "events": list(run.last.events),
        "measures": {name: None if value != value else value for name, value in run.measures.items()},
    }
    if setup.chair:
        document |= {"chair": setup.chair, "moves": list(setup.moves)}
    return json.dumps(document, indent=2).encode()


routes = [
    solara.Route("/", component=Page, layout=Layout, label="The bargain"),
    solara.Route("mesa", component=MesaPage, label="Mesa's own view"),
]
