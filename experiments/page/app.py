"""The page. ``planb serve`` starts it, and so does ``solara run experiments/page/app.py``, as Mesa users do.

Everything on the screen follows from the address (`setup.Setup`) and from how far the run is shown; this file only
puts the parts together.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import solara

from experiments.page import chair as chairs
from experiments.page import compare, fields
from experiments.page.mesa_page import MesaPage
from experiments.page.server import SHOWN_FIRST
from experiments.page.setup import Setup, allowed_scenarios, from_query, whole
from experiments.page.snapshots import Run, Snapshot, record
from experiments.page.tightening import use_tightening
from experiments.page.views import VIEWS
from experiments.page.views.calendar import draw_calendar
from experiments.page.views.funnel import Tightening, draw_funnel
from experiments.page.views.story import tell
from experiments.page.widgets import Chair, Controls, Picture, Share, Story, Transport
from sim.errors import WrongInput

FEW_WORLDS, MANY_WORLDS = 2_000, 20_000
CSS = Path(__file__).with_name("page.css")
TAGS = ("A", "B")

Go = Callable[[Setup], None]


@lru_cache(maxsize=1)
def usual_setup() -> tuple[Setup, dict[str, str]]:
    """What a bare address shows, and every scenario this server may show."""
    plain = Setup(scenario="connecticut-2011")
    asked = os.environ.get(SHOWN_FIRST, "")
    named = [pair.partition("=")[2] for pair in asked.split("&") if pair.startswith("scenario=")]
    allowed = allowed_scenarios(*named)
    return from_query(asked, usual=plain, allowed=allowed), allowed


@solara.component
def Layout(children: list[solara.Element]) -> solara.Element:
    """A bar above, the settings at the side; the two pages link to each other."""
    return solara.AppLayout(children=children, navigation=False, color="#00507D", title="planb")


@solara.component
def Page() -> None:
    """One run, or two side by side."""
    solara.Title("planb: a budget bargain")
    solara.Style(CSS)
    with solara.AppBar(), solara.Link("/mesa"):
        solara.Button("Mesa's own view", text=True, dark=True)
    router = solara.use_router()
    usual, allowed = usual_setup()
    try:
        setup = from_query(router.search, usual=usual, allowed=allowed)
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
    step, set_step = solara.use_state(setup.step or 0)
    error, set_error = solara.use_state("")
    runs, turn, failed = solara.use_memo(lambda: play(setup), [setup])
    furthest = len(runs[0].snapshots) - 1 if runs else 0

    def after_a_move() -> None:
        set_error("")
        if setup.chair:  # who plays by hand sees what his last move led to
            set_step(furthest)

    solara.use_effect(after_a_move, [setup])
    if failed:
        Mistaken(failed, lambda: go(usual_setup()[0]))
        return
    run, step = runs[0], min(step, furthest)
    shown = [run.at(step)] + [compare.on_the_same_day(other, run.at(step)) for other in runs[1:]]
    with solara.Sidebar():
        Settings(setup, allowed, go)
    with solara.Column(classes=["planb"]):
        Verdicts(setup, shown)
        if setup.chair:
            YourChair(setup, turn, run, go, error, set_error)
        Transport(step=step, dates=[_day(snapshot) for snapshot in run.snapshots], event_goto=set_step)
        Picture(svg=draw_calendar(shown[0]), title="Calendar", file="calendar.svg")
        Cards(shown, runs, setup)
        Sharing(setup, step, runs)


def play(setup: Setup) -> tuple[list[Run], chairs.Turn | None, str]:
    """The run and, where one is compared, the other; whose turn it is; and what went wrong, if anything did."""
    try:
        if setup.chair:
            scenario = setup.resolved()
            run, turn = chairs.play_by_hand(scenario, setup.seed, setup.world, chair=setup.chair, moves=setup.moves)
            return [run], turn, ""
        both = [setup] if setup.other is None else [setup, setup.other]
        return [record(each.resolved(), each.seed, each.world) for each in both], None, ""
    except WrongInput as error:
        return [], None, str(error)
    except Exception as error:  # a fault of the model's is told on the page, and the page goes on
        logging.getLogger(__name__).exception("a run failed: %s", setup.command())
        return [], None, f"the model failed ({type(error).__name__}: {error}); the same run: {setup.command()}"


def _day(snapshot: Snapshot) -> str:
    date = f"{snapshot.date.day} {snapshot.date:%B %Y}"
    return f"{date}, {snapshot.phase}" if snapshot.phase else date


# --- settings ---------------------------------------------------------------------------------------------------------


@solara.component
def Settings(setup: Setup, allowed: dict[str, str], go: Go) -> None:
    """The controls; what is wrong stays beside its field and changes nothing."""
    refused, set_refused = solara.use_state({})
    scenario = setup.resolved()
    drawn = solara.use_memo(lambda: numbers_drawn(setup), [setup.scenario, setup.seed, setup.world, setup.settings])

    def attempt(key: str, text: str, change: Callable[[], Setup]) -> None:
        try:
            new = change()
            new.resolved()
            if new.other is not None:
                new.other.resolved()
        except WrongInput as error:
            set_refused({**refused, key: (text, _without_place(str(error), scenario.name, key))})
            return
        set_refused({known: told for known, told in refused.items() if known != key})
        go(new)

    def pin(given: dict[str, str]) -> None:
        key, text = given["key"], given["value"]
        if key in fields.LUCK:
            attempt(key, text, lambda: _luck(setup, key, text))
        else:
            attempt(key, text, lambda: setup.pin(key, text or None))

    def contrast(key: str) -> None:
        if setup.change is not None and setup.change[0] == key:
            go(replace(setup, change=None))
            return
        rows = fields.groups(scenario, setup, drawn, allowed, {})
        row = next(row for group in rows for row in group["rows"] if row["key"] == key)
        other = fields.contrast_to(row)
        attempt(key + "@B", other, lambda: replace(setup, change=(key, other), chair="", moves=()))

    def change(given: dict[str, str]) -> None:
        key, text = given["key"], given["value"]
        attempt(key + "@B", text, lambda: replace(setup, change=(key, text)))

    Controls(
        groups=fields.groups(scenario, setup, drawn, allowed, refused),
        event_pin=pin,
        event_unpin=lambda key: attempt(key, "", lambda: setup.pin(key, None)),
        event_contrast=contrast,
        event_change=change,
    )


def _luck(setup: Setup, key: str, text: str) -> Setup:
    """Another case, seed, world or chair; another case has other settings, and other luck other moves."""
    if key == "@scenario":
        return Setup(scenario=text, seed=setup.seed, world=setup.world)
    if key == "@chair":
        return replace(setup, chair="" if text == "nobody" else text, moves=(), change=None)
    name = key.strip("@")
    return replace(setup, moves=(), **{name: whole(name, text)})


def _without_place(message: str, scenario: str, key: str) -> str:
    """The message without what the place beside the field says already."""
    for head in (f"{scenario}: ", "scenario.toml: ", f"{key}: "):
        message = message.removeprefix(head)
    return message


def numbers_drawn(setup: Setup) -> dict[str, Any]:
    """Every number as this world has it, by key: what was drawn where nothing is pinned."""
    scenario = setup.resolved()
    values = scenario.values(setup.seed, np.array([setup.world]))
    found: dict[str, Any] = {}
    for key, entry in scenario.entries.items():
        if entry.kind != "parameter":
            continue
        node: Any = values
        for part in key.split("."):
            node = node[part] if isinstance(node, dict) else getattr(node, part, None)
            if node is None:
                break
        if node is not None and not isinstance(node, (bool, str)):
            found[key] = np.asarray(node, dtype=float).reshape(-1)[0]
    return found


# --- what is shown ----------------------------------------------------------------------------------------------------


@solara.component
def Verdicts(setup: Setup, shown: list[Snapshot]) -> None:
    """The case, and how every run stands."""
    html = f"<h1>{_plain(shown[0].case.title)}</h1>"
    solara.HTML(tag="div", unsafe_innerHTML=html)
    verdicts = []
    for tag, snapshot in zip(TAGS, shown, strict=False):
        kind = "" if not snapshot.over else "deal" if snapshot.outcome.startswith("ratified") else "none"
        words = f"outcome: {snapshot.outcome.replace('_', ' ')}" if snapshot.over else "under way"
        if len(shown) > 1 and setup.change is not None:
            key, value = setup.change
            mine = value if tag == "B" else _value_in(setup, key)
            words = f"<span class='planb-tag {tag.lower()}'>{tag}</span>{_plain(key)} = {_plain(mine)}: {words}"
        verdicts.append(f"<span class='planb-verdict {kind}' data-outcome='{snapshot.outcome}'>{words}</span>")
    luck = f"<span class='planb-quiet'>world {setup.world} of seed {setup.seed}</span>"
    solara.HTML(tag="div", classes=["planb-verdicts"], unsafe_innerHTML="".join(verdicts) + luck)


def _value_in(setup: Setup, key: str) -> str:
    """What run A has for the lever that B changes."""
    pinned = setup.setting(key)
    if pinned is not None:
        return pinned
    scenario = setup.resolved()
    row = next(row for row in scenario.parameters() if row["name"] == scenario.entry(key).key)
    drawn = numbers_drawn(setup)
    return fields._text(drawn[row["name"]] if row["name"] in drawn else row["value"])


def _plain(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;")


@solara.component
def Cards(shown: list[Snapshot], runs: list[Run], setup: Setup) -> None:
    """A card a view; with two runs, both in every card."""
    many, set_many = solara.use_state(False)
    wanted = MANY_WORLDS if many else FEW_WORLDS
    mine = use_tightening(setup.resolved(), setup.seed, wanted)
    others = use_tightening(None if setup.other is None else setup.other.resolved(), setup.seed, wanted)
    stacks: tuple[list[Callable[[], Any]], ...] = ([], [])

    def place(card: Callable[[], Any]) -> None:
        """Left and right in turn, so that two stacks read from top to bottom like one."""
        stacks[sum(map(len, stacks)) % 2].append(card)

    if len(runs) > 1:
        place(lambda: DifferencesCard(runs))
    place(lambda: StoryCard(shown))
    for view in VIEWS:
        if view.needs(shown[0].case):
            place(lambda view=view: Card(view.name, view.title, view.about, [view.draw(each) for each in shown]))
    place(lambda: FunnelCard([mine, others][: len(shown)], wanted, many, set_many))
    with solara.Div(classes=["planb-views", *(["compare"] if len(shown) > 1 else [])]):
        for left, stack in enumerate(stacks):
            with solara.Div(classes=["planb-stack"]):
                for row, card in enumerate(stack):
                    # beneath one another, where there is one column, they come in the order in which they were placed
                    with solara.Div(classes=["planb-card"], style={"order": str(2 * row + left)}):
                        card()


@solara.component
def DifferencesCard(runs: list[Run]) -> None:
    """What the marked lever changes on the same luck."""
    with solara.Div(classes=["planb-single"]):
        _head("What the change changes", "The same luck in both runs; only the marked lever differs.")
        solara.HTML(tag="p", unsafe_innerHTML=compare.parting(*runs))
        solara.HTML(tag="div", unsafe_innerHTML=compare.as_table(compare.differences(*runs)))


@solara.component
def StoryCard(shown: list[Snapshot]) -> None:
    """What has happened, run by run."""
    with solara.Div(classes=["planb-single"]):
        _head("The story so far", "What the calendar brought, in the words of planb play.")
        with solara.Div(classes=["planb-pair" if len(shown) > 1 else "planb-single"]):
            for tag, snapshot in zip(TAGS, shown, strict=False):
                Story(html=_tagged(tag, shown) + tell(snapshot))


@solara.component
def Card(name: str, title: str, about: str, drawn: list[str]) -> None:
    """One view of every run."""
    with solara.Div(classes=["planb-single", f"planb-view-{name}"]):
        _head(title, about)
        with solara.Div(classes=["planb-pair" if len(drawn) > 1 else "planb-single"]):
            for tag, svg in zip(TAGS, drawn, strict=False):
                with solara.Div(classes=["planb-single"]):
                    if len(drawn) > 1:
                        solara.HTML(tag="div", unsafe_innerHTML=_tagged(tag, drawn))
                    Picture(svg=svg, title=title, file=f"{name}{'-' + tag if len(drawn) > 1 else ''}.svg")


@solara.component
def FunnelCard(ensembles: list[Tightening | None], wanted: int, many: bool, set_many: Callable[[bool], None]) -> None:
    """How many worlds end how; the same settings, other luck."""
    about = f"{wanted:,} worlds with these settings, played in the background: the one you watch is one of them."
    label = f"{FEW_WORLDS:,} worlds are enough" if many else f"Play {MANY_WORLDS:,} worlds"
    with solara.Div(classes=["planb-single"]):
        Card("funnel", "How often does a deal succeed?", about, [draw_funnel(seen) for seen in ensembles])
        solara.Button(label, on_click=lambda: set_many(not many), outlined=True)


def _head(title: str, about: str) -> None:
    solara.HTML(tag="div", unsafe_innerHTML=f"<h2>{_plain(title)}</h2><p class='planb-about'>{_plain(about)}</p>")


def _tagged(tag: str, of: list[Any]) -> str:
    return f"<span class='planb-tag {tag.lower()}'>{tag}</span>" if len(of) > 1 else ""


# --- the chair --------------------------------------------------------------------------------------------------------


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

    def move(text: str) -> None:
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
        event_offer=lambda package: move(chairs.offer_as_move(package)),
        event_answer=lambda yes: move("yes" if yes else "no"),
        event_undo=lambda *_: go(replace(setup, moves=setup.moves[:-1])),
        event_leave=lambda *_: go(replace(setup, chair="", moves=())),
    )


# --- share ------------------------------------------------------------------------------------------------------------


@solara.component
def Sharing(setup: Setup, step: int, runs: list[Run]) -> None:
    """The address of this moment, the command line that tells the same, and the record."""
    lines = [{"label": "address", "text": replace(setup, step=step).query(), "query": True}]
    if not setup.chair:
        lines.append({"label": "command line", "text": setup.command(), "query": False})
    if setup.other is not None:
        lines.append({"label": "command line of B", "text": setup.other.command(), "query": False})
    with solara.Div(classes=["planb-card"]):
        _head("Share", "The same luck and settings give the same run anywhere. Every figure has its own SVG button.")
        Share(lines=lines)
        solara.FileDownload(lambda: as_record(setup, runs[0]), filename="run.json", label="The record as JSON")


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
