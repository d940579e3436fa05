"""The stage: everybody who decides, in one picture, from the first day on.

The governor and the coalition at the table, the unions by size, both chambers, the towns. What each would do today is
pale; what each has done is solid. Every shape says who it is, what it wants, what it believes and why it decided so.
The zones are functions of a snapshot and a box, so a wide screen and a narrow one differ in where the boxes are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import NamedTuple

from experiments.charts.palette import BLUE, FAINT, GREEN, INK, PAYER_FILLS, QUIET, VERMILION
from experiments.page.moments import Leaning, RollCallSeen, SeatLeaning, SeatSeen, Snapshot, UnionSeen
from experiments.page.svg import SOFT, Picture, day, musd, percent
from experiments.page.views.money import NAMES as PAYERS
from experiments.page.views.offers import look
from experiments.page.views.town_map import SHADES, shade, town_paths

SMALL, BODY, HEAD = 12.0, 12.5, 13.5
LETTER = 6.7  # how much room a letter of `SMALL` takes, at most
DEEP = "#00507D"  # darker than vermilion in grey too
PALE_YES, PALE_NO = "#CFE2EE", "#F9E3D6"
REFUSES = "xxxx"
GAP = 16.0  # between zones, where pressure is drawn
LEAST_ROW = 19.0  # of a union with a name
FEW = 2  # unions whose reasons are written out
SQUARE = 13.0  # of one for whose name there is no room
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
    "settlement": "the governor, whom to cut",
}


class Box(NamedTuple):
    """Where a zone is."""

    x: float
    y: float
    wide: float
    high: float


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
        ("table", layout.table, _table),
        ("stakes", layout.stakes, _stakes),
        ("unions", layout.unions, _unions),
        ("chambers", layout.chambers, _chambers),
        ("towns", layout.towns, _towns),
    ):
        if (name == "chambers" and not snapshot.case.seats) or (name == "towns" and not snapshot.case.boundaries):
            continue
        acts = bool(snapshot.step) and name in ACTS.get(snapshot.phase, ())
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
    return said


# --- who presses whom -------------------------------------------------------------------------------------------------


def _pressures(picture: Picture, snapshot: Snapshot, layout: Layout) -> None:
    """Triangles between the zones, the larger the stronger: the list on unions, unions on leaders, mayors on seats."""
    if not snapshot.step:
        return
    expecting = [leaning.expects for leaning in snapshot.leanings if leaning.expects is not None]
    if snapshot.belief > 0:
        tip = f"The list presses on the members: they expect {percent(snapshot.belief)} of posts to go without a deal."
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
    picture.text(4, y, _cut(_next(snapshot), letters), font_size=BODY, fill=SOFT)


def _just_happened(snapshot: Snapshot) -> str:
    if not snapshot.step:
        return "Nothing has happened yet: here is everybody who decides."
    new = [event for event in snapshot.events if event["date"] == snapshot.date.isoformat()]
    if not new:
        return f"{day(snapshot.date)}: nobody has anything to decide in this world."
    return f"{day(snapshot.date)}: {new[-1]['actor']} {new[-1]['event']}"


def _next(snapshot: Snapshot) -> str:
    if snapshot.over:
        return f"It is over: {snapshot.outcome.replace('_', ' ')}."
    date, phase = snapshot.case.agenda[snapshot.step]
    return f"Next to decide, {day(date)}: {WHO.get(phase, phase)}."


# --- the table --------------------------------------------------------------------------------------------------------


def _table(picture: Picture, snapshot: Snapshot, box: Box) -> None:
    """Governor and coalition, their offers between them on a line of savings, and the text that is talked about."""
    low, high, y = box.x + 66, box.x + box.wide - 66, box.y + 66
    _person(picture, "governor", box.x + 32, y - 8, _governor_tip(snapshot))
    _person(picture, "coalition", box.x + box.wide - 32, y - 8, _coalition_tip(snapshot))
    picture.text(box.x + 8, box.y + 18, "Governor", font_weight="600", font_size=HEAD)
    other = "Coalition" if len(snapshot.case.unions) > 1 else snapshot.case.unions[0][0]
    picture.text(box.x + box.wide - 8, box.y + 18, other, anchor="end", font_weight="600", font_size=HEAD)
    picture.line(low, y, high, y, stroke=QUIET, stroke_width=2)
    top = max([snapshot.case.gap, *(offer.savings for offer in snapshot.offers)]) or 1.0

    def at(savings: float) -> float:
        return low + min(max(savings / top, 0.0), 1.0) * (high - low)

    picture.text(low, y + 30, "0", anchor="middle", font_size=SMALL, fill=SOFT)
    picture.text((low + high) / 2, y + 44, "savings, M$ a year", anchor="middle", font_size=SMALL, fill=SOFT)
    picture.line(at(snapshot.case.gap), y - 16, at(snapshot.case.gap), y + 16, stroke=INK, stroke_width=2)
    gap = f"gap {snapshot.case.gap:,.0f}"
    aside = at(snapshot.case.gap) > high - 24  # the figure stands there
    picture.text(
        min(at(snapshot.case.gap), high + 4), y + 30, gap, anchor="end" if aside else "middle", font_size=SMALL
    )
    if snapshot.reservation is not None and snapshot.reservation > 0:
        x = at(snapshot.reservation)
        tip = f"Below {musd(snapshot.reservation)} a year the governor would sooner cut than sign."
        picture.line(x, y - 20, x, y + 20, stroke=BLUE, stroke_width=2, stroke_dasharray="4 3")
        picture.rect(x - 6, y - 20, 12, 40, tip=tip, fill="transparent")
    for offer in snapshot.offers:
        colour, shape = look(offer.proposer)
        latest = offer is snapshot.offers[-1] or offer is snapshot.offers[-2 if len(snapshot.offers) > 1 else -1]
        tip = f"Round {offer.round}, {day(offer.date)}: {offer.proposer} names {musd(offer.savings)} a year"
        if offer.accepted:
            picture.shape("star", at(offer.savings), y, 8, tip=tip + "; accepted", fill=GREEN, stroke=INK)
        else:
            size, opacity = (7.0, 1.0) if latest else (3.0, 0.25)
            picture.shape(shape, at(offer.savings), y, size, tip=tip, fill=colour, opacity=opacity)
    _text_on_table(picture, snapshot, Box(box.x + 8, y + 52, box.wide - 16, box.high - 118))


def _text_on_table(picture: Picture, snapshot: Snapshot, box: Box) -> None:
    """The package that is talked about, every issue with its unit."""
    letters = int(box.wide / LETTER)
    if snapshot.on_table is None:
        issues = ", ".join(issue.name for issue in snapshot.case.issues)
        for place, line in enumerate(wrap(f"To be bargained over: {issues}.", letters)):
            picture.text(box.x, box.y + 14 + 17 * place, line, font_size=BODY, fill=SOFT)
        return
    deal = next((offer for offer in snapshot.offers if offer.accepted), None)
    told = deal or (snapshot.offers[-1] if snapshot.offers else None)
    title = "The employer's last offer" if told is None else f"{told.proposer} names {musd(told.savings)} a year"
    title = f"Tentative deal, {musd(deal.savings)} a year" if deal else title
    picture.text(box.x, box.y + 14, title[0].upper() + title[1:], font_weight="600", font_size=BODY)
    for place, (issue, amount) in enumerate(zip(snapshot.case.issues, snapshot.on_table, strict=True)):
        y = box.y + 32 + 16.5 * place
        if y > box.y + box.high:
            break
        words_for = f"{amount:.3g} {issue.unit}"
        if issue.unit.startswith("share of"):
            words_for = f"{percent(amount, 0)} {issue.unit.removeprefix('share ')}"
        picture.text(box.x, y, _cut(f"{issue.name}: {words_for}", letters), font_size=SMALL)


def _person(picture: Picture, side: str, x: float, y: float, tip: str) -> None:
    """A head and shoulders, told apart by what is on the chest."""
    colour, shape = look(side)
    picture.mark("path", d=f"M{x - 20} {y + 30}a20 20 0 0 1 40 0z", fill=colour)
    picture.mark("circle", cx=x, cy=y - 2, r=10, fill=colour)
    picture.shape(shape, x, y + 21, 4, fill="#FFFFFF")
    picture.rect(x - 22, y - 14, 44, 46, tip=tip, fill="transparent")


def _governor_tip(snapshot: Snapshot) -> str:
    lines = [f"The governor. Wants a gap of {musd(snapshot.case.gap)} a year filled, by savings that last."]
    if snapshot.reservation is not None:
        floor = max(snapshot.reservation, 0.0)
        lines.append(f"Believes: without a deal he would do as well as with one that saves {musd(floor)} a year.")
    mine = [offer for offer in snapshot.offers if offer.proposer == "governor"]
    if mine:
        lines.append(f"Last asked for {musd(mine[-1].savings)} a year, on {day(mine[-1].date)}.")
    if snapshot.table is not None:
        lines.append(f"No deal is worth {snapshot.table.no_deal[0]:.2f} to him, his ideal package 1.")
    return "\n".join(lines)


def _coalition_tip(snapshot: Snapshot) -> str:
    lines = ["The leaders at the table. Want what their members will ratify."]
    expecting = [leaning for leaning in snapshot.leanings if leaning.expects is not None]
    if expecting:
        yes = sum(bool(leaning.expects) for leaning in expecting)
        lines.append(f"{yes} of {len(expecting)} leaders expect their members to say yes to what is on the table.")
    mine = [offer for offer in snapshot.offers if offer.proposer not in ("governor", "both", "mediator")]
    if mine:
        lines.append(f"Last offered {musd(mine[-1].savings)} a year, on {day(mine[-1].date)}.")
    if snapshot.table is not None:
        lines.append(f"No deal is worth {snapshot.table.no_deal[1]:.2f} to them, their ideal package 1.")
    return "\n".join(lines)


# --- what is at stake -------------------------------------------------------------------------------------------------


def _stakes(picture: Picture, snapshot: Snapshot, box: Box) -> None:
    """The gap and who fills it, the threats, and what members make of them."""
    picture.text(box.x + 8, box.y + 18, "At stake", font_weight="600", font_size=HEAD)
    picture.text(box.x + box.wide - 8, box.y + 18, f"{musd(snapshot.case.gap)} a year", anchor="end", font_size=BODY)
    _gap_bar(picture, snapshot, Box(box.x + 8, box.y + 28, box.wide - 16, 26))
    y = box.y + 74
    expected = f"Without a deal members expect {percent(snapshot.belief)} of posts to go"
    picture.text(box.x + 8, y, expected if snapshot.step else "Without a deal: layoffs, cuts, less aid", font_size=BODY)
    picture.rect(box.x + 8, y + 7, box.wide - 16, 8, fill="#F0F0F0")
    picture.rect(box.x + 8, y + 7, (box.wide - 16) * min(snapshot.belief / 0.2, 1), 8, fill=VERMILION)
    picture.text(box.x + 8, y + 29, "0", font_size=SMALL, fill=SOFT)
    picture.text(box.x + box.wide - 8, y + 29, f"{percent(0.2, 0)} of posts", anchor="end", font_size=SMALL, fill=SOFT)
    for place, threat in enumerate(snapshot.threats[-4:]):
        line = f"{threat.name}, {day(threat.date)}" + (": withdrawn" if threat.withdrawn else "")
        tip = f"The governor acts: {threat.name}, on {day(threat.date)}.\nWants to be believed. "
        tip += f"The average member then gave the list a chance of {percent(threat.belief, 0)}."
        x, row = box.x + 8, y + 50 + 18 * place
        fill = "#FFFFFF" if threat.withdrawn else VERMILION
        picture.shape("square", x + 5, row - 4, 5, tip=tip, fill=fill, stroke=VERMILION)
        picture.text(x + 16, row, _cut(line, int((box.wide - 32) / LETTER)), font_size=SMALL)
    if not snapshot.threats:
        picture.text(box.x + 8, y + 52, "No threat has been made.", font_size=SMALL, fill=SOFT)


def _gap_bar(picture: Picture, snapshot: Snapshot, box: Box) -> None:
    parts = [payer for payer in snapshot.payers if payer.amount > 0.05]
    scale = box.wide / max(sum(payer.amount for payer in parts), snapshot.case.gap, 1e-9)
    x = box.x
    for payer in parts:
        tip = (
            f"{PAYERS.get(payer.name, payer.name)}: {musd(payer.amount)} a year{'' if payer.firm else ', not settled'}"
        )
        wide = payer.amount * scale
        if payer.name == "open":
            picture.rect(x, box.y, wide, box.high, tip=tip, fill="#FFFFFF", stroke=INK, stroke_dasharray="4 3")
        else:
            look_of = PAYER_FILLS.get(payer.name, PAYER_FILLS["deficit"])
            fill, opacity = picture.hatched(look_of.colour, look_of.hatch), 1 if payer.firm else 0.55
            picture.rect(x, box.y, wide, box.high, tip=tip, fill=fill, opacity=opacity, stroke="#FFFFFF")
        name = PAYERS.get(payer.name, payer.name)
        if wide > LETTER * len(name) + 6:
            halo = {"stroke": "#FFFFFF", "stroke_width": 3, "paint_order": "stroke"}
            picture.text(x + wide / 2, box.y + 17, name, anchor="middle", font_size=SMALL, **halo)
        x += wide


# --- unions -----------------------------------------------------------------------------------------------------------


def _unions(picture: Picture, snapshot: Snapshot, box: Box) -> None:
    """A row a union, by size; those for whose names there is no room are squares, and say them when asked."""
    order = sorted(range(len(snapshot.case.unions)), key=lambda place: -snapshot.case.unions[place][1])
    picture.text(box.x + 8, box.y + 18, _unions_title(snapshot), font_weight="600", font_size=HEAD)
    rule = wrap(
        f"Rule: {snapshot.rule or snapshot.case.ratification}",
        int((box.wide - 16) / LETTER),
        max_lines=3,
        placeholder=" …",
    )
    foot = box.y + box.high - 8 - 16 * (len(rule) - 1)
    for place, line in enumerate(rule):
        picture.text(box.x + 8, foot + 16 * place, line, font_size=SMALL, fill=SOFT)
    room = Box(box.x + 8, box.y + 28, box.wide - 16, foot - box.y - 62)
    named = order if LEAST_ROW * len(order) <= room.high else order[: int(room.high * 0.6 / LEAST_ROW)]
    rest = order[len(named) :]
    rows_high = room.high if not rest else room.high * 0.6
    total = sum(snapshot.case.unions[place][1] for place in named) or 1.0
    spare, y = max(rows_high - LEAST_ROW * len(named), 0.0), room.y
    spare = min(spare, 26.0 * len(named))
    for place in named:
        high = LEAST_ROW + spare * snapshot.case.unions[place][1] / total
        _union(picture, snapshot, place, Box(room.x, y, room.wide, high))
        y += high
    _axis(picture, Box(room.x, room.y, room.wide, y - room.y))
    if len(order) <= FEW:
        _spelled_out(picture, snapshot, order, Box(room.x, y + 34, room.wide, 0))
    for count, place in enumerate(rest):
        across = max(int(room.wide / (SQUARE + 2)), 1)
        x, top = room.x + (count % across) * (SQUARE + 2), y + 20 + (count // across) * (SQUARE + 2)
        _square(picture, snapshot, place, x, top)


def _spelled_out(picture: Picture, snapshot: Snapshot, order: Sequence[int], box: Box) -> None:
    """Where there are so few that there is room: what each says when it is asked."""
    letters, line = int(box.wide / LETTER), 0
    for place in order:
        for said in _union_tip(snapshot, place).split("\n"):
            for part in wrap(said, letters):
                picture.text(box.x, box.y + 17 * line, part, font_size=BODY, fill=SOFT)
                line += 1
        line += 1


def _names_wide(box: Box) -> float:
    return min(172.0, 0.54 * box.wide)


def _axis(picture: Picture, box: Box) -> None:
    left, wide = box.x + _names_wide(box), box.wide - _names_wide(box) - 54
    x = left + wide / 2
    picture.line(x, box.y - 2, x, box.y + box.high + 2, stroke=INK, stroke_dasharray="5 4")
    picture.text(x, box.y + box.high + 15, f"{percent(0.5, 0)} yes", anchor="middle", font_size=SMALL, fill=SOFT)
    picture.shape("circle", box.x + 5, box.y + box.high + 11, 3.5, fill=INK)
    picture.text(box.x + 13, box.y + box.high + 15, "leader expects a yes", font_size=SMALL, fill=SOFT)


def _union(picture: Picture, snapshot: Snapshot, place: int, box: Box) -> None:
    """Solid what its members voted, pale what they would vote today, hatched where that is a no."""
    name, _ = snapshot.case.unions[place]
    leaning, vote = _leaning(snapshot, place), _vote(snapshot, name)
    names = _names_wide(box)
    left, wide, top, high = box.x + names, box.wide - names - 54, box.y + 1.5, box.high - 3
    picture.rect(left, top, wide, high, fill="#F3F3F3")
    share = vote.yes_share if vote else None if leaning is None else leaning.would
    if vote and share is not None:
        fill = BLUE if vote.approves else picture.hatched(VERMILION, REFUSES)
        picture.rect(left, top, wide * share, high, fill=fill)
        if leaning is not None and leaning.would is not None and not snapshot.over:
            x = left + wide * leaning.would
            picture.line(x, top - 1, x, top + high + 1, stroke=INK, stroke_width=3)
    elif share is not None:
        yes = share > 0.5
        fill, edge, dashes = (PALE_YES, BLUE, None) if yes else (PALE_NO, VERMILION, "4 3")
        picture.rect(left, top, wide * share, high, fill=fill, stroke=edge, stroke_dasharray=dashes)
    middle = box.y + box.high / 2 + 4
    picture.text(left - 6, middle, _cut(name, int((names - 6) / LETTER)), anchor="end", font_size=SMALL)
    if share is not None:
        picture.text(left + wide + 5, middle, percent(share, 0), font_size=SMALL)
    if leaning is not None and leaning.expects is not None:
        shape = "circle" if leaning.expects else "ring"
        picture.shape(shape, box.x + box.wide - 4, middle - 4, 3.5, fill=INK, stroke=INK)
    picture.rect(box.x, box.y, box.wide, box.high, tip=_union_tip(snapshot, place), fill="transparent")


def _square(picture: Picture, snapshot: Snapshot, place: int, x: float, y: float) -> None:
    vote, leaning = _vote(snapshot, snapshot.case.unions[place][0]), _leaning(snapshot, place)
    fill = "#F3F3F3"
    if vote:
        fill = BLUE if vote.approves else picture.hatched(VERMILION, REFUSES)
    elif leaning is not None and leaning.would is not None:
        fill = PALE_YES if leaning.would > 0.5 else PALE_NO
    picture.rect(x, y, SQUARE, SQUARE, tip=_union_tip(snapshot, place), fill=fill, stroke=QUIET)


def _unions_title(snapshot: Snapshot) -> str:
    count = len(snapshot.case.unions)
    if snapshot.votes:
        vote = snapshot.votes[-1]
        verdict = f"{'ratified' if vote.carried else 'refused'}, {day(vote.date)}"
        approving = sum(union.approves for union in vote.unions)
        return f"Members: {verdict}; {approving} of {count} for" if count > 1 else f"Members: {verdict}"
    would = [leaning.would for leaning in snapshot.leanings if leaning.would is not None]
    if would and count > 1:
        return f"Unions: {sum(share > 0.5 for share in would)} of {count} would say yes"
    if would:
        return f"Members: {'would' if would[0] > 0.5 else 'would not'} say yes today"
    members = sum(size for _, size in snapshot.case.unions)
    return f"{count} unions, {members:,.0f} members" if count > 1 else f"{members:,.0f} members"


def _leaning(snapshot: Snapshot, place: int) -> Leaning | None:
    return snapshot.leanings[place] if snapshot.leanings else None


def _vote(snapshot: Snapshot, name: str) -> UnionSeen | None:
    votes = snapshot.votes[-1].unions if snapshot.votes else ()
    return next((union for union in votes if union.name == name), None)


def _union_tip(snapshot: Snapshot, place: int) -> str:
    """Who it is, what it wants, what it believes, and why it decides so."""
    name, members = snapshot.case.unions[place]
    lines = [f"{name}: {members:,.0f} members. They want their pay, and their posts."]
    leaning, vote = _leaning(snapshot, place), _vote(snapshot, name)
    if leaning is not None:
        lines.append(f"Believe: without a deal {percent(leaning.risk)} of their posts would go.")
    if leaning is not None and leaning.would is not None:
        lines.append(f"Today {percent(leaning.would, 0)} would say yes to what is on the table.")
        lines.append(
            f"Why, as their leader hears them, in logits: goodwill {leaning.goodwill:+.2f}, protection from layoffs "
            f"{leaning.gain or 0:+.2f}, burden {-(leaning.loss or 0):+.2f}; he expects a "
            f"{'yes' if leaning.expects else 'no'}."
        )
    if vote:
        said = f"Voted {percent(vote.yes_share)} yes, {vote.yes:,.0f} of {vote.cast:,.0f} ballots: "
        said += "approves." if vote.approves else "refuses."
        lines.append(said + (" Turning alone, it would have turned the result." if vote.pivotal else ""))
    return "\n".join(lines)


# --- chambers and towns -----------------------------------------------------------------------------------------------


def _chambers(picture: Picture, snapshot: Snapshot, box: Box) -> None:
    """Every seat: solid on the day of a roll call and at the end, else pale as it leans on the governor's bill."""
    call = snapshot.roll_calls[-1] if snapshot.roll_calls else None
    voted = call is not None and (call.date == snapshot.date or snapshot.over)
    title = "Both chambers" if call is None else f"{day(call.date)}: {call.question}"
    picture.text(box.x + 8, box.y + 18, _cut(title, int((box.wide - 12) / 7.6)), font_weight="600", font_size=HEAD)
    y = box.y + min(box.high - 40, 0.3 * box.wide + 46)
    radii = {"house": (box.x + 0.32 * box.wide, 0.29 * box.wide), "senate": (box.x + 0.81 * box.wide, 0.15 * box.wide)}
    for chamber, (x, outer) in radii.items():
        rows = [row for row, seat in enumerate(snapshot.case.seats) if seat.chamber == chamber]
        if not rows:
            continue
        ranked = sorted(
            rows, key=lambda row: (snapshot.case.seats[row].party != "D", snapshot.case.seats[row].district)
        )
        spots = places(len(rows), (x, y), outer, 0.36 * outer, space=9.0)
        for row, spot in zip(ranked, spots, strict=True):
            leaning = snapshot.seats[row] if snapshot.seats else None
            vote = call.votes[row] if voted and call is not None else ""
            _seat(picture, snapshot.case.seats[row], vote, leaning, spot, _seat_tip(snapshot, row, call))
        picture.text(x, y + 15, chamber.capitalize(), anchor="middle", font_size=BODY, font_weight="600")
        told = _count(snapshot, rows, call, voted=voted)
        picture.text(x, y + 31, told, anchor="middle", font_size=SMALL)


def places(
    seats: int, centre: tuple[float, float], outer: float, inner: float, *, space: float
) -> list[tuple[float, float]]:
    """Where the seats of a half circle are, from left to right; rows hold as many as their length allows."""
    rows = max(1, round((outer - inner) / space) + 1)
    radii = [outer - (outer - inner) * row / max(rows - 1, 1) for row in range(rows)]
    counts = [round(seats * radius / sum(radii)) for radius in radii]
    counts[0] += seats - sum(counts)
    spots = []
    for radius, count in zip(radii, counts, strict=True):
        for place in range(count):
            angle = math.pi * (1 - (place + 0.5) / count)
            spots.append((angle, centre[0] + radius * math.cos(angle), centre[1] - radius * math.sin(angle)))
    return [(x, y) for _, x, y in sorted(spots, key=lambda spot: -spot[0])]


def _count(snapshot: Snapshot, rows: Sequence[int], call: RollCallSeen | None, *, voted: bool) -> str:
    if voted and call is not None:
        votes = [call.votes[row] for row in rows]
        return f"{votes.count('yes')} yes, {votes.count('no')} no"
    if snapshot.seats:
        return f"{sum(snapshot.seats[row].lean >= 0 for row in rows)} of {len(rows)} for"
    return f"{len(rows)} seats"


def _seat(
    picture: Picture,
    seat: SeatSeen,
    vote: str,
    leaning: SeatLeaning | None,
    spot: tuple[float, float],
    tip: str,
) -> None:
    x, y = spot
    if vote:
        colour, shape = {"yes": (DEEP, "circle"), "no": (VERMILION, "diamond"), "absent": (QUIET, "ring")}[vote]
        picture.shape(shape, x, y, 3.4, tip=tip, fill=colour, stroke=QUIET if vote == "absent" else None)
    elif leaning is None:
        picture.shape("circle", x, y, 3.2, tip=tip, fill="#D5D5D5")
    elif leaning.lean >= 0:
        picture.shape("circle", x, y, 3.2, tip=tip, fill=PALE_YES, stroke=BLUE, stroke_width=0.8)
    else:
        picture.shape("diamond", x, y, 3.2, tip=tip, fill=PALE_NO, stroke=VERMILION, stroke_width=0.8)


def _seat_tip(snapshot: Snapshot, row: int, call: RollCallSeen | None) -> str:
    seat = snapshot.case.seats[row]
    lines = [f"{seat.name} ({seat.party}), {seat.chamber} district {seat.district}. Wants to stand by the party and "
             "bring the district's towns home whole."]  # fmt: skip
    if snapshot.seats:
        leaning = snapshot.seats[row]
        lines.append(
            f"Leans {'for' if leaning.lean >= 0 else 'against'} the governor's bill by {abs(leaning.lean):.1f} logits; "
            f"what its towns would lose takes {leaning.toll:.1f} of them."
        )
    if call is not None:
        lines.append(f"{day(call.date)}, {call.question}: {call.votes[row]}.")
    if seat.recorded:
        lines.append(f"On the recorded roll call: {seat.recorded}.")
    return "\n".join(lines)


def _towns(picture: Picture, snapshot: Snapshot, box: Box) -> None:
    """Darker is worse; a dot in a town is its mayor speaking up."""
    seen = snapshot.towns
    total = sum(seen.loss) if seen else 0.0
    title = f"{len(snapshot.case.towns)} towns"
    if total > 0.05 and seen:
        title = f"Towns {'lose' if seen.kind == 'cut' else 'fear for'} {musd(total)} of aid"
    elif seen:
        title = "Towns: aid is spared"
    picture.text(box.x + 8, box.y + 18, title, font_weight="600", font_size=HEAD)
    chorus = f"Mayors (dots) at {percent(snapshot.chorus, 0)} of full effort"
    picture.text(
        box.x + 8,
        box.y + 35,
        chorus if snapshot.chorus > 0.005 else "Mayors are silent",
        font_size=SMALL,
        fill=SOFT,
    )
    outlines, _ = town_paths(snapshot.case.boundaries, wide=box.wide - 16, left=box.x + 8, top=box.y + 44, least=2.0)
    spots = town_spots(outlines)
    for place, town in enumerate(snapshot.case.towns):
        loss = seen.loss[place] if seen else 0.0
        effort = snapshot.efforts[place] if snapshot.efforts else 0.0
        mills = seen.mills[place] if seen else 0.0
        tip = f"{town.name}: budget {musd(town.budget)}. Its mayor wants services kept at the tax rate already set."
        if loss > 0 and seen:
            tip += f"\n{'Loses' if seen.kind == 'cut' else 'May lose'} {loss:.2f} M$ a year of aid, "
            tip += f"{percent(loss / town.budget)} of its budget."
        if effort > 0.005:
            tip += f"\nSpeaks up at {percent(effort, 0)} of full effort: its reserves do not cover the loss."
        elif snapshot.efforts:
            tip += "\nIs silent: its reserves cover what threatens, or nothing does."
        if mills > 0.005:
            tip += f"\nTaxes rise by {mills:.2f} mills."
        fill = SHADES[shade(loss / town.budget)]
        picture.mark("path", tip=tip, d=outlines.get(town.name, ""), fill=fill, stroke="#8A8A8A", stroke_width=0.5)
        if effort > 0.005 and town.name in spots:
            x, y = spots[town.name]
            picture.mark("circle", cx=x, cy=y, r=1 + 5 * effort, fill=INK, pointer_events="none")


def town_spots(outlines: dict[str, str]) -> dict[str, tuple[float, float]]:
    """The middle of every town's outline, as drawn."""
    spots = {}
    for name, path in outlines.items():
        numbers = [float(part) for part in path.replace("M", " ").replace("L", " ").replace("Z", " ").split()]
        if numbers:
            spots[name] = (sum(numbers[::2]) / len(numbers[::2]), sum(numbers[1::2]) / len(numbers[1::2]))
    return spots


def _cut(text: str, letters: int) -> str:
    return text if len(text) <= letters else text[: max(letters - 1, 1)] + "…"
