"""The stage: everybody who decides, in one picture, from the first day on.

The governor and the coalition at the table, the unions by size, both chambers, the towns. What each would do today is
pale; what each has done is solid. Every shape says who it is, what it wants, what it believes and why it decided so.
The zones are functions of a snapshot and a box, so a wide screen and a narrow one differ in where the boxes are.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap
from typing import Any

from experiments.charts.palette import FAINT, INK
from experiments.page.moments import Snapshot
from experiments.page.svg import SOFT, Picture, day, percent
from experiments.page.views.stage.chambers import draw_chambers
from experiments.page.views.stage.stakes import draw_stakes
from experiments.page.views.stage.table import draw_table
from experiments.page.views.stage.towns import draw_towns
from experiments.page.views.stage.unions import draw_unions
from experiments.page.views.stage.zone import BODY, HEAD, LEAST_ROW, LETTER, Box, cut

MOST_NAMED = 12  # who stand otherwise; each says so when asked
GAP = 16.0  # between zones, where pressure is drawn
# whose day it is, by phase: the zones whose frame is drawn in ink
ACTS = {
    "talks": ("table",),
    "threat": ("stakes",),
    "campaign": ("unions",),
    "vote": ("unions",),
    "session": ("chambers",),
    "window": ("unions",),
    "settlement": ("stakes", "towns"),
}
WHO = {
    "talks": "the governor and the coalition at the table",
    "threat": "the governor, whether to act",
    "news": "nobody; news comes",
    "campaign": "the members, in meetings",
    "vote": "the members, by ballot",
    "session": "the legislature",
    "window": "the leaders, on their own rule",
    "settlement": "the governor, how to fill what is still open",
}
# whose word the day is told by, by phase; else the last that was said
DECIDES = {
    "talks": "both sides",
    "threat": "governor",
    "vote": "coalition",
    "session": "legislature",
    "settlement": "settlement",
}


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Where everything stands on one kind of screen."""

    wide: float
    high: float
    table: Box
    stakes: Box
    unions: Box
    chambers: Box
    towns: Box


def wide_layout(*, chambers: bool, towns: bool) -> Layout:
    """For a screen with room for three columns."""
    right = chambers or towns
    return Layout(
        wide=980,
        high=500,
        table=Box(2, 44, 356, 250),
        stakes=Box(2, 310, 356, 188),
        unions=Box(374, 44, 326 if right else 604, 454),
        chambers=Box(716, 44, 262, 174 if towns else 454),
        towns=Box(716, 234, 262, 264) if chambers else Box(716, 44, 262, 454),
    )


def narrow_layout(*, chambers: bool, towns: bool, unions: int) -> Layout:
    """For a phone: one zone beneath the other."""
    y, boxes = 62.0, []
    heights = (250, 188, min(90 + LEAST_ROW * unions, 420), 196 * chambers, 304 * towns)
    for high in heights:
        boxes.append(Box(2, y, 356, high))
        y += high + (GAP if high else 0)
    return Layout(wide=360, high=y, table=boxes[0], stakes=boxes[1], unions=boxes[2], chambers=boxes[3], towns=boxes[4])


def draw_stage(snapshot: Snapshot) -> str:
    """For a wide screen."""
    case = snapshot.case
    return _draw(snapshot, wide_layout(chambers=bool(case.seats), towns=bool(case.boundaries)))


def draw_narrow_stage(snapshot: Snapshot) -> str:
    """For a phone."""
    case = snapshot.case
    layout = narrow_layout(chambers=bool(case.seats), towns=bool(case.boundaries), unions=len(case.unions))
    return _draw(snapshot, layout)


def _draw(snapshot: Snapshot, layout: Layout) -> str:
    picture = Picture(layout.wide, layout.high, words(snapshot))
    _headlines(picture, snapshot, layout.wide)
    for name, box, draw in (
        ("table", layout.table, draw_table),
        ("stakes", layout.stakes, draw_stakes),
        ("unions", layout.unions, draw_unions),
        ("chambers", layout.chambers, draw_chambers),
        ("towns", layout.towns, draw_towns),
    ):
        if (name == "chambers" and not snapshot.case.seats) or (name == "towns" and not snapshot.case.boundaries):
            continue
        acts = bool(_said_today(snapshot)) and name in ACTS.get(snapshot.phase, ())
        ink, width = (INK, 2.4) if acts else (FAINT, 1.0)
        picture.rect(box.x, box.y, box.wide, box.high, fill="#FFFFFF", rx=6, stroke=ink, stroke_width=width)
        draw(picture, snapshot, box)
    _pressures(picture, snapshot, layout)
    return str(picture)


def words(snapshot: Snapshot) -> str:
    """The stage for who cannot see it."""
    said = f"The stage on {day(snapshot.date)}. {_just_happened(snapshot)} {_next(snapshot)}"
    if snapshot.leanings and snapshot.leanings[0].would is not None:
        yes = sum((leaning.would or 0) > 0.5 for leaning in snapshot.leanings)
        said += f" {yes} of {len(snapshot.leanings)} unions would say yes today."
    otherwise = turned_in_words(snapshot)
    return f"{said} Otherwise in the run compared: {otherwise}." if otherwise else said


def turned_in_words(snapshot: Snapshot, *, named: int = MOST_NAMED) -> str:
    """Who stands otherwise in the run that is compared, the first of each kind by name; nothing where nobody does."""
    case, turned = snapshot.case, snapshot.turned
    kinds = {
        "union": [case.unions[place][0] for place in turned.unions],
        "seat": [f"{case.seats[place].name} ({case.seats[place].chamber})" for place in turned.seats],
        "town": [case.towns[place].name for place in turned.towns],
    }
    return "; ".join(_named(kind, names, named) for kind, names in kinds.items() if names)


def _named(kind: str, names: list[str], most: int) -> str:
    """How many, and the first of them by name."""
    count, rest = f"{len(names)} {kind}{'s' * (len(names) > 1)}", len(names) - most
    told = ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")
    return f"{count} ({told})" if most else count


# --- who presses whom -------------------------------------------------------------------------------------------------


def _pressures(picture: Picture, snapshot: Snapshot, layout: Layout) -> None:
    """Triangles between the zones, the larger the stronger: the list on unions, unions on leaders, mayors on seats."""
    if not snapshot.step:
        return
    expecting = [leaning.expects for leaning in snapshot.leanings if leaning.expects is not None]
    if snapshot.belief > 0:
        goes = f"{percent(snapshot.belief)} of {snapshot.case.listed}"
        tip = f"The list presses on the members: they expect {goes} to go without a deal."
        _pressure(picture, layout.stakes, layout.unions, min(snapshot.belief / 0.15, 1), tip)
    if expecting and not snapshot.votes:
        share = sum(map(bool, expecting)) / len(expecting)
        tip = (
            f"The members press on their leaders: {percent(share, 0)} of these expect a yes, and sign what they expect."
        )
        _pressure(picture, layout.unions, layout.table, max(share, 0.15), tip)
    if snapshot.chorus > 0.005 and snapshot.case.seats:
        tip = f"Mayors press on the seats of their districts, at {percent(snapshot.chorus, 0)} of their full effort."
        _pressure(picture, layout.towns, layout.chambers, max(snapshot.chorus, 0.25), tip)


def _pressure(picture: Picture, source: Box, target: Box, strength: float, tip: str) -> None:
    """From one zone to its neighbour, across the gap between them."""
    wide, half = GAP - 4, 4 + 8 * strength
    beside = source.x >= target.x + target.wide or target.x >= source.x + source.wide
    if beside:
        right = source.x < target.x
        x = source.x + source.wide + 2 if right else source.x - 2
        y = max(source.y, target.y) + (min(source.high, target.high) * (0.5 if right else 0.35))
        end = x + wide if right else x - wide
        points = [(x, y - half), (end, y), (x, y + half)]
    else:
        down = source.y < target.y
        y = source.y + source.high + 2 if down else source.y - 2
        x = source.x + source.wide / 2
        end = y + wide if down else y - wide
        points = [(x - half, y), (x, end), (x + half, y)]
    picture.path(points, closed=True, tip=tip, fill=INK)


# --- what a stranger asks first ---------------------------------------------------------------------------------------


def _headlines(picture: Picture, snapshot: Snapshot, wide: float) -> None:
    """What just happened, and who decides next."""
    letters = int(wide / LETTER)
    most = int(wide / (1.2 * LETTER))  # bold
    lines = wrap(_just_happened(snapshot), most, max_lines=1 if wide > 600 else 2, placeholder=" …")
    for place, line in enumerate(lines):
        picture.text(4, 15 + 17 * place, line, font_size=HEAD if wide > 600 else BODY, font_weight="600")
    y = 34 if wide > 600 else 50
    picture.text(4, y, cut(_next(snapshot), letters), font_size=BODY, fill=SOFT)


def _just_happened(snapshot: Snapshot) -> str:
    if not snapshot.step:
        return "Nothing has happened yet: here is everybody who decides."
    new = _said_today(snapshot)
    if not new:
        return f"{day(snapshot.date)}: nobody has anything to decide in this world."
    told = next((event for event in new if event["actor"] == DECIDES.get(snapshot.phase)), new[-1])
    return f"{day(snapshot.date)}, {told['actor']}: {told['event']}"


def _said_today(snapshot: Snapshot) -> list[dict[str, Any]]:
    today = snapshot.date.isoformat(), snapshot.phase
    return [event for event in snapshot.events if (event["date"], event["phase"]) == today]


def _next(snapshot: Snapshot) -> str:
    """Whose day comes next: of a run that is known to its end one that brings something, else the agenda's."""
    if snapshot.over:
        return f"It is over: {snapshot.outcome.replace('_', ' ')}."
    place, how = snapshot.decided_next, "to decide"
    if place is None:
        place, how = snapshot.step, "on the agenda"
    date, phase = snapshot.case.agenda[place]
    return f"Next {how}, {day(date)}: {WHO.get(phase, phase)}."
