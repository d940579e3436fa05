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
from functools import lru_cache
from pathlib import Path

import solara
from solara.server import settings as server_settings

from experiments.page import chair as chairs
from experiments.page import compare
from experiments.page.cards import TAGS, Cards, HowOften, Verdicts, credit, framed, head, tagged
from experiments.page.mesa_page import MesaPage
from experiments.page.moments import Snapshot
from experiments.page.run import Run, record
from experiments.page.settings import Settings
from experiments.page.setup import Go, Setup, from_query, published, served
from experiments.page.standalone import as_html
from experiments.page.views.calendar import draw_calendar
from experiments.page.views.stage import draw_narrow_stage, draw_stage
from experiments.page.widgets import Chair, Picture, Share, Transport
from sim.errors import WrongInput

log = logging.getLogger(__name__)
by_hand = lru_cache(maxsize=24)(chairs.play_by_hand)  # a move is tried first and shown then: one play for both
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
    """One run, or two side by side."""
    solara.Title("planb: a budget bargain")
    solara.Style(CSS)
    router = solara.use_router()
    if not published():
        with solara.AppBar(), solara.Link(f"/mesa?{router.search or ''}"):
            solara.Button("Mesa's own view", text=True, dark=True)
    usual, allowed = served()
    try:
        setup = from_query(router.search, usual=usual, allowed=allowed)
        if published() and setup != usual:
            raise WrongInput("this page is published: it shows one run, and nothing of it can be changed")
        setup.resolved()
        if setup.other is not None:
            setup.other.resolved()
    except WrongInput as error:
        Mistaken(str(error), lambda: router.push(f"{router.path}?{usual.query()}"))
        return
    Bargain(setup, allowed, lambda new: router.push(f"{router.path}?{new.query()}"))


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
    with solara.Div(classes=["planb-frame"]):
        if not published():
            with solara.Div(classes=["planb-side"]):
                Settings(setup, allowed, go)
        with solara.Column(classes=["planb"]):
            Shown(setup, shown, runs, turn, step, lambda to: set_chosen((setup, to)), go, error, set_error)


@solara.component
def Shown(
    setup: Setup,
    shown: list[Snapshot],
    runs: list[Run],
    turn: chairs.Turn | None,
    step: int,
    set_step: Callable[[int], None],
    go: Go,
    error: str,
    set_error: Callable[[str], None],
) -> None:
    """What there is to see, from top to bottom."""
    run = runs[0]
    narrow, set_narrow = solara.use_state(False)
    draw = draw_narrow_stage if narrow else draw_stage
    with solara.Column(gap="8px"):
        with solara.Div(classes=["planb-top"]):
            Verdicts(setup, shown)
            HowOften(setup)
        if setup.chair:
            YourChair(setup, turn, run, go, error, set_error)
        dates = [_day(snapshot) for snapshot in run.snapshots]
        Transport(
            step=step,
            dates=dates,
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
        Cards(shown, runs, setup)
        Sharing(setup, step, runs)


def play(setup: Setup) -> tuple[list[Run], chairs.Turn | None, str]:
    """The run and, where one is compared, the other; whose turn it is; and what went wrong, if anything did."""
    try:
        if setup.chair:
            scenario = setup.resolved()
            run, turn = by_hand(scenario, setup.seed, setup.world, chair=setup.chair, moves=setup.moves)
            return [run], turn, ""
        both = [setup] if setup.other is None else [setup, setup.other]
        return [record(each.resolved(), each.seed, each.world) for each in both], None, ""
    except WrongInput as error:
        return [], None, str(error)
    except Exception as error:  # a fault of the model's is told on the page, and the page goes on
        log.exception("a run failed: %s", setup.command())
        return [], None, f"the model failed ({type(error).__name__}: {error}); the same run: {setup.command()}"


def latest(run: Run, step: int) -> str:
    """What the last step brought, in words."""
    new = run.at(step).events[len(run.at(step - 1).events) :] if step else ()
    return " ".join(f"{event['actor']}: {event['event']}." for event in new)


def _day(snapshot: Snapshot) -> str:
    date = f"{snapshot.date.day} {snapshot.date:%B %Y}"
    return f"{date}, {snapshot.phase}" if snapshot.phase else date


@solara.component
def YourChair(
    setup: Setup,
    turn: chairs.Turn | None,
    run: Run,
    go: Go,
    error: str,
    set_error: Callable[[str], None],
) -> None:
    """Somebody plays one side by hand; every move is a new setup, so it can be taken back."""

    def move(number: int, text: str) -> None:
        if number != len(setup.moves) + 1:  # it came twice
            return
        new = replace(setup, moves=(*setup.moves, text))
        _, _, failed = play(new)
        if failed:
            set_error(failed)
        else:
            go(new)

    issues = [
        {"name": issue.name, "unit": issue.unit, "low": issue.low, "high": issue.high} for issue in run.last.case.issues
    ]
    deal = next((offer for offer in run.last.offers if offer.accepted), None)
    verdict = "The talks ended without a deal. " if deal is None else f"Agreed in round {deal.round}. "
    verdict += f"How it went on: {run.outcome.replace('_', ' ')}."
    Chair(
        chair=setup.chair,
        turn=None if turn is None else turn.as_dict(),
        issues=issues,
        moves=len(setup.moves),
        verdict=verdict,
        error=error,
        event_offer=lambda given: move(given["number"], chairs.offer_as_move(given["package"])),
        event_answer=lambda given: move(given["number"], "yes" if given["yes"] else "no"),
        event_undo=lambda *_: go(replace(setup, moves=setup.moves[:-1])),
        event_leave=lambda *_: go(replace(setup, chair="", moves=())),
    )


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
