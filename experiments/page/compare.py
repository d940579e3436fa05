"""Two runs on the same luck: where their stories part, and what is different in the end."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping
from functools import partial
from html import escape
from typing import Any, NamedTuple

from experiments.page.moments import Snapshot, Turned
from experiments.page.run import Run
from experiments.page.svg import percent
from experiments.page.views.funnel import Tightening
from experiments.page.views.stage.towns import HEARD
from experiments.statistics.paired_tests import PairedDifference, compare_shares
from sim.wording import millions

# measure -> how it is told: words, how its number is written
TOLD: dict[str, tuple[str, Callable[[Any], str]]] = {
    "agreed_day": ("days of talks until a tentative deal", "{:,.0f}".format),
    "deal_savings": ("savings in the deal, M$ a year", millions),
    "deal_burden": ("burden on a member, share of a year's pay", percent),
    "unions_yes_1": ("unions for it, first vote", "{:.0f}".format),
    "yes_share_1": ("yes, first vote", percent),
    "unions_yes_2": ("unions for it, second vote", "{:.0f}".format),
    "yes_share_2": ("yes, second vote", percent),
    "rule_changed": ("rule changed", "{}".format),
    "authority_share": ("power to cut a line", partial(percent, digits=0)),
    "savings": ("from the unions, M$ a year", millions),
    "layoffs": ("by layoffs, M$ a year", millions),
    "programmes": ("by programmes, M$ a year", millions),
    "aid": ("by town aid, M$ a year", millions),
    "taxes": ("by taxes, M$ a year", millions),
    "deficit": ("left as a deficit, M$ a year", millions),
    "posts_lost": ("posts lost", "{:,.0f}".format),
}


class Difference(NamedTuple):
    """One measure in both runs."""

    words: str
    a: str
    b: str

    @property
    def differs(self) -> bool:
        """As told, are they different?"""
        return self.a != self.b


def differences(a: Run, b: Run) -> list[Difference]:
    """What is told of both runs at their end, the outcome first."""
    rows = [Difference("outcome", a.outcome.replace("_", " "), b.outcome.replace("_", " "))]
    for name, (words, write) in TOLD.items():
        if name in a.measures or name in b.measures:
            rows.append(Difference(words, _told(a.measures, name, write), _told(b.measures, name, write)))
    return [row for row in rows if row.a != "–" or row.b != "–"]


def _told(measures: Mapping[str, float], name: str, write: Callable[[Any], str]) -> str:
    value = measures.get(name, math.nan)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "–" if math.isnan(value) else write(value)


def parting(a: Run, b: Run) -> str:
    """When the two stories begin to differ, in words."""
    for mine, theirs in zip(a.last.events, b.last.events, strict=False):
        if mine != theirs:
            parted = datetime.date.fromisoformat(min(mine["date"], theirs["date"]))
            same = not any(row.differs for row in differences(a, b))
            return f"The two stories part on {parted.day} {parted:%B %Y}{' and come to the same end' if same else ''}."
    if len(a.last.events) != len(b.last.events):
        return "One story ends before the other."
    return "In this world the change changes nothing."


def turned(mine: Snapshot, other: Snapshot) -> Turned:
    """Who stood otherwise in the other run when it came to the same vote, or leans otherwise today, and how."""
    return Turned(_unions_turned(mine, other), _seats_turned(mine, other), _towns_turned(mine, other))


def _unions_turned(mine: Snapshot, other: Snapshot) -> dict[int, str]:
    found: dict[int, list[str]] = {}
    for here, there in zip(mine.votes, other.votes, strict=False):
        for place, (a, b) in enumerate(zip(here.unions, there.unions, strict=True)):
            if a.approves != b.approves:
                found.setdefault(place, []).append(f"{'yes' if b.approves else 'no'} at vote {there.number}")
    if not mine.votes and not other.votes:
        for place, (now, then) in enumerate(zip(mine.leanings, other.leanings, strict=False)):
            if now.would is not None and then.would is not None and (now.would > 0.5) != (then.would > 0.5):
                found[place] = [f"would say {'yes' if then.would > 0.5 else 'no'} today"]
    return {place: "; ".join(words) for place, words in found.items()}


def _seats_turned(mine: Snapshot, other: Snapshot) -> dict[int, str]:
    found: dict[int, list[str]] = {}
    asked = {call.about: call for call in mine.roll_calls}
    for there in other.roll_calls:
        here = asked.get(there.about)
        for place, (a, b) in enumerate(zip(here.votes, there.votes, strict=True) if here else ()):
            if a != b:
                found.setdefault(place, []).append(f"{b}, {there.question}")
    for place, (now, then) in enumerate(zip(mine.seats, other.seats, strict=False)):
        if not mine.over and not other.over and (now.lean >= 0) != (then.lean >= 0):
            found.setdefault(place, []).append(f"leans {'for' if then.lean >= 0 else 'against'} today")
    return {place: "; ".join(words) for place, words in found.items()}


def _towns_turned(mine: Snapshot, other: Snapshot) -> dict[int, str]:
    """A town turns where its mayor speaks up in one run only, and in the end where it loses aid in one only."""
    found: dict[int, list[str]] = {}
    for place, (now, then) in enumerate(zip(mine.efforts, other.efforts, strict=False)):
        if (now > HEARD) != (then > HEARD):
            found[place] = ["its mayor speaks up" if then > HEARD else "its mayor is silent"]
    if mine.over and other.over and mine.towns and other.towns:
        for place, (now, then) in enumerate(zip(mine.towns.loss, other.towns.loss, strict=True)):
            if (now > 0) != (then > 0):
                found.setdefault(place, []).append(f"loses {then:.2f} M$ a year" if then > 0 else "loses no aid")
    return {place: "; ".join(words) for place, words in found.items()}


def paired(a: Tightening, b: Tightening) -> PairedDifference:
    """What the change does to the deal rate in the worlds that both ensembles have played: same luck, so pairs."""
    both = min(a.worlds, b.worlds)
    return compare_shares(a.ends_with_a_deal()[:both], b.ends_with_a_deal()[:both])


def in_words(found: PairedDifference) -> str:
    """Both rates, the paired difference with its interval, and how many worlds turned."""
    change, low, high = (f"{100 * part:+.1f}".replace("-", "−") for part in (found.difference, found.low, found.high))
    clear = "" if found.clear else ", so it does not clearly move it"
    return (
        f"In the same worlds the deal rate is {percent(found.before)} in A and {percent(found.after)} in B: "
        f"{change} points (95 % interval of the paired difference {low} to {high}{clear}). "
        f"Of {found.n:,} pairs of worlds {found.gained:,} gain a deal and {found.lost:,} lose one."
    )


def on_the_same_day(run: Run, shown: Snapshot) -> Snapshot:
    """The other run's snapshot of the day that is shown; their calendars may differ in length."""
    if shown.over:
        return run.last
    past = [snapshot for snapshot in run.snapshots if snapshot.step and snapshot.date <= shown.date]
    if len(run.snapshots) > shown.step and run.at(shown.step).date == shown.date:
        return run.at(shown.step)
    return past[-1] if past and shown.step else run.at(0)


def as_table(rows: list[Difference]) -> str:
    """The differences as an HTML table, the outcome always; what is the same can be unfolded."""
    told = [row for row in rows if row.differs or row.words == "outcome"]
    same = [row for row in rows if row not in told]
    unfolded = f"<details><summary>{len(same)} measures are the same</summary>{_table(same)}</details>" if same else ""
    return _table(told) + unfolded


def _table(rows: list[Difference]) -> str:
    body = "".join(
        f"<tr><th scope='row'>{escape(row.words)}</th>"
        + "".join(f"<td{' class=differs' if row.differs else ''}>{escape(cell)}</td>" for cell in (row.a, row.b))
        + f"<td>{'differs' if row.differs else ''}</td></tr>"
        for row in rows
    )
    head = "<tr><td></td><th scope='col'>A</th><th scope='col'>B</th><td></td></tr>"
    return f'<table class="planb-table"><thead>{head}</thead><tbody>{body}</tbody></table>'
