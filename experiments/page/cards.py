"""The cards of the page: how a run stands, its story, a card a view, and the funnel."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from typing import Any

import solara

from experiments.page import compare
from experiments.page.fields import numbers_drawn, told
from experiments.page.live_ensemble import use_tightening
from experiments.page.moments import Snapshot
from experiments.page.run import Run
from experiments.page.setup import Setup, published
from experiments.page.svg import percent
from experiments.page.views import VIEWS
from experiments.page.views.funnel import Tightening, draw_funnel, interval
from experiments.page.views.stage import turned_in_words
from experiments.page.views.story import tell
from experiments.page.widgets import Picture, Story

FEW_WORLDS, MANY_WORLDS = 2_000, 20_000
TAGS = ("A", "B")
VERSION = version("planb")  # looked up once: it is read from a file


@solara.component
def Verdicts(setup: Setup, shown: list[Snapshot]) -> None:
    """The case, and how every run stands."""
    html = f"<h1>{plain(shown[0].case.title)}</h1>"
    solara.HTML(tag="div", unsafe_innerHTML=html)
    verdicts = []
    for tag, snapshot in zip(TAGS, shown, strict=False):
        kind = "" if not snapshot.over else "deal" if snapshot.outcome.startswith("ratified") else "none"
        words = f"outcome: {snapshot.outcome.replace('_', ' ')}" if snapshot.over else "under way"
        if len(shown) > 1 and setup.change is not None:
            key, value = setup.change
            mine = value if tag == "B" else value_in(setup, key)
            words = f"{tagged(tag, shown)}{plain(_short_name(setup, key))} = {plain(mine)}: {words}"
        verdicts.append(f"<span class='planb-verdict {kind}' data-outcome='{snapshot.outcome}'>{words}</span>")
    luck = f"<span class='planb-quiet'>world {setup.world} of seed {setup.seed}</span>"
    solara.HTML(tag="div", classes=["planb-verdicts"], unsafe_innerHTML="".join(verdicts) + luck)


@solara.component
def HowOften(setup: Setup) -> None:
    """How often worlds like this one end with a deal, or what the change does to that; the funnel says more."""
    seen, compared = use_tightening(setup, FEW_WORLDS), use_tightening(setup.other, FEW_WORLDS)
    words = "How often does it end with a deal? The first worlds are on their way."
    if setup.other is not None:
        words = how_they_differ(seen, compared)
    elif seen is not None and seen.worlds:
        low, high = interval(seen.deals, seen.worlds)
        words = f"With these settings {percent(seen.deals / seen.worlds, 0)} of {seen.worlds:,} worlds end with a deal"
        words += f" ({percent(low, 0)} to {percent(high, 0)})."
    solara.HTML(tag="div", classes=["planb-often"], unsafe_innerHTML=words)


def _short_name(setup: Setup, key: str) -> str:
    """What the scenario calls a key for short."""
    names = {full: short for short, full in setup.resolved().short_names.items()}
    return names.get(key, key)


def value_in(setup: Setup, key: str) -> str:
    """What run A has for a lever, in this world."""
    pinned = setup.setting(key)
    if pinned is not None:
        return pinned
    scenario = setup.resolved()
    row = next(row for row in scenario.parameters() if row["name"] == scenario.entry(key).key)
    drawn = numbers_drawn(scenario, setup.seed, setup.world)
    return told(drawn[row["name"]] if row["name"] in drawn else row["value"])


def plain(words: str) -> str:
    """Words as HTML shows them."""
    return words.replace("&", "&amp;").replace("<", "&lt;")


@solara.component
def Cards(shown: list[Snapshot], runs: list[Run], setup: Setup) -> None:
    """A card a view; with two runs, both in every card."""
    cards: list[Callable[[], Any]] = [partial(DifferencesCard, runs, shown[0])] if len(runs) > 1 else []
    cards.append(partial(StoryCard, shown))
    for view in VIEWS:
        if view.needs(shown[0].case):
            drawn = [view.draw(snapshot) for snapshot in shown]
            cards.append(partial(Card, view.name, view.title, view.about, drawn, credit(setup, shown[0])))
    cards.append(partial(FunnelCard, setup))
    with solara.Div(classes=["planb-views", *(["compare"] if len(shown) > 1 else [])]):
        # left and right in turn; where there is one column only, the order puts them back as they are listed
        for left in (0, 1):
            with solara.Div(classes=["planb-stack"]):
                for place, card in list(enumerate(cards))[left::2]:
                    with solara.Div(classes=["planb-card"], style={"order": str(place)}):
                        card()


@solara.component
def DifferencesCard(runs: list[Run], shown: Snapshot) -> None:
    """What the marked lever changes on the same luck."""
    turned = turned_in_words(shown)
    with solara.Div(classes=["planb-single"]):
        head("What the change changes", "The same luck in both runs; only the marked lever differs.")
        solara.HTML(tag="p", unsafe_innerHTML=compare.parting(*runs))
        if turned:
            solara.HTML(tag="p", unsafe_innerHTML=plain(f"Framed in the stage, otherwise in B by this day: {turned}."))
        solara.HTML(tag="div", unsafe_innerHTML=compare.as_table(compare.differences(*runs)))


@solara.component
def StoryCard(shown: list[Snapshot]) -> None:
    """What has happened, run by run."""
    with solara.Div(classes=["planb-single"]):
        head("The story so far", "What the calendar brought, in the words of planb play.")
        with solara.Div(classes=["planb-pair" if len(shown) > 1 else "planb-single"]):
            for tag, snapshot in zip(TAGS, shown, strict=False):
                Story(html=tagged(tag, shown) + tell(snapshot))


@solara.component
def Card(name: str, title: str, about: str, drawn: list[str], signed: str) -> None:
    """One view of every run."""
    with solara.Div(classes=["planb-single", f"planb-view-{name}"]):
        head(title, about)
        with solara.Div(classes=["planb-pair" if len(drawn) > 1 else "planb-single"]):
            for tag, svg in zip(TAGS, drawn, strict=False):
                with solara.Div(classes=["planb-single"]):
                    if len(drawn) > 1:
                        solara.HTML(tag="div", unsafe_innerHTML=tagged(tag, drawn))
                    file = f"{name}{'-' + tag if len(drawn) > 1 else ''}.svg"
                    Picture(svg=svg, title=title, file=file, credit=signed)


@solara.component
def FunnelCard(setup: Setup) -> None:
    """How many worlds end how; the same settings, other luck. A card of its own, since it is redrawn by itself."""
    many, set_many = solara.use_state(False)
    wanted = MANY_WORLDS if many else FEW_WORLDS
    seen = [use_tightening(setup, wanted)]
    compared = use_tightening(setup.other, wanted)
    seen += [] if setup.other is None else [compared]
    about = f"{wanted:,} worlds with these settings, played in the background: the one you watch is one of them."
    if len(seen) > 1:
        about = how_they_differ(*seen)
    label = f"{FEW_WORLDS:,} worlds are enough" if many else f"Play {MANY_WORLDS:,} worlds"
    with solara.Div(classes=["planb-single"]):
        drawn = [draw_funnel(ensemble, alone=len(seen) == 1) for ensemble in seen]
        Card("funnel", "How often does a deal succeed?", about, drawn, credit(setup, None))
        if not published():
            solara.Button(label, on_click=lambda: set_many(not many), outlined=True)


def how_they_differ(a: Tightening | None, b: Tightening | None) -> str:
    """What a change does to the deal rate, in pairs of worlds with the same luck."""
    if a is None or b is None or not (a.worlds and b.worlds):
        return "What does the change do to the deal rate? The first pairs of worlds are on their way."
    return compare.in_words(compare.paired(a, b))


def credit(setup: Setup, snapshot: Snapshot | None) -> str:
    """The line under a saved picture: enough to draw it again."""
    luck = f"seed {setup.seed}" + (f", world {setup.world}, {snapshot.date}" if snapshot else "")
    pinned = "".join(f", {key} = {value}" for key, value in setup.settings)
    other = f"; B: {setup.change[0]} = {setup.change[1]}" if setup.change else ""
    return f"{setup.scenario}, {luck}{pinned}{other}; planb {VERSION}"


def head(title: str, about: str) -> None:
    """A card's title, and what a newcomer should know of it."""
    solara.HTML(tag="div", unsafe_innerHTML=f"<h2>{plain(title)}</h2><p class='planb-about'>{plain(about)}</p>")


def framed(snapshot: Snapshot) -> str:
    """What the frames in the stage of a compared run mean, and how many there are; the card of differences names."""
    turned = turned_in_words(snapshot, named=0)
    words = f"framed, for standing otherwise in the other run: {turned}" if turned else "nobody stands otherwise"
    return f"<span class='planb-quiet planb-turned'>{plain(words)}</span>"


def tagged(tag: str, of: list[Any]) -> str:
    """A or B, where there are two."""
    return f"<span class='planb-tag {tag.lower()}'>{tag}</span>" if len(of) > 1 else ""
