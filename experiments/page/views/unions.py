"""The members' vote: a row a union, by size, as long as its share of yes; the rule beneath."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.charts.palette import BLUE, FAINT, GREEN, INK, VERMILION
from experiments.page.moments import ConditionSeen, Snapshot, UnionSeen, VoteSeen
from experiments.page.svg import SMALL, SOFT, TITLE, Picture, day, percent

WIDTH = 600.0
TOP, ROW, THIN_ROW = 32.0, 20.0, 17.0
NAMES, LETTER = 196.0, 8.1  # room for a name, and how much of it a letter takes
REFUSES = "xxxx"


def draw_unions(snapshot: Snapshot) -> str:
    """The latest vote; before it, what the leaders expect of the tentative deal."""
    if snapshot.votes:
        return _draw_vote(snapshot.votes[-1])
    if snapshot.expected:
        return _draw_expected(snapshot)
    picture = Picture(WIDTH, 200, "The members' vote")
    picture.wait("No deal to vote on." if snapshot.over else "No vote yet. The rule: " + snapshot.case.ratification)
    return str(picture)


def _heights(members: Sequence[float]) -> list[float]:
    """Pixels by union: room for its name, and more the more members it has."""
    total = sum(members) or 1.0
    return [THIN_ROW + 9 * len(members) * count / total * (ROW - THIN_ROW) / ROW for count in members]


def _axis(picture: Picture, bottom: float) -> None:
    for share in (0.0, 0.5, 1.0):
        x = NAMES + share * (WIDTH - NAMES - 80)
        look = {"stroke": INK, "stroke_dasharray": "6 4"} if share == 0.5 else {"stroke": FAINT}
        picture.line(x, TOP - 4, x, bottom, **look)
        picture.text(x, bottom + 13, percent(share, 0), anchor="middle", font_size=SMALL, fill=SOFT)


def _draw_vote(vote: VoteSeen) -> str:
    unions = sorted(vote.unions, key=lambda union: -union.members)
    heights = _heights([union.members for union in unions])
    bottom = TOP + sum(heights)
    picture = Picture(WIDTH, bottom + 24 + 28 * min(len(vote.conditions), 3), "Yes share by union, and the rule")
    yes, cast = sum(u.yes for u in unions), sum(u.cast for u in unions)
    number = "First" if vote.number == 1 else "Second"
    title = (
        f"{number} vote, {day(vote.date)}: {'ratified' if vote.carried else 'refused'}, {yes:,.0f} yes of {cast:,.0f}"
    )
    title += f" ({percent(yes / max(cast, 1))})"
    picture.text(4, 16, title, font_weight="600", font_size=TITLE, fill=GREEN if vote.carried else VERMILION)
    y = TOP
    for union, high in zip(unions, heights, strict=True):
        _bar(picture, union, y, high)
        y += high
    _axis(picture, bottom)
    for place, condition in enumerate(vote.conditions[:3]):
        _gauge(picture, condition, bottom + 24 + 28 * place)
    return str(picture)


def _bar(picture: Picture, union: UnionSeen, y: float, high: float) -> None:
    """As high as its membership asks for, as long as its share of yes; who decided alone bears a triangle."""
    share, wide = union.yes_share, WIDTH - NAMES - 80
    fill = BLUE if union.approves else picture.hatched(VERMILION, REFUSES)
    tip = f"{union.name}: {percent(share)} yes ({union.yes:,.0f} of {union.cast:,.0f} ballots, "
    tip += f"{union.members:,.0f} members), "
    tip += "approves" if union.approves else "refuses"
    tip += "; its own turning would have turned the result" if union.pivotal else ""
    picture.rect(NAMES, y + 1, wide, high - 2, fill="#F3F3F3")
    picture.rect(NAMES, y + 1, wide * share, high - 2, fill=fill)
    _name(picture, union.name, y + high / 2 + 4.5, refuses=not union.approves)
    words = percent(share) + (" ◀" if union.pivotal else "")
    picture.text(WIDTH - 74, y + high / 2 + 4.5, words, font_size=SMALL)
    picture.rect(0, y, WIDTH, high, tip=tip, fill="transparent")


def _name(picture: Picture, name: str, y: float, *, refuses: bool) -> None:
    fits = int((NAMES - 8) / LETTER)
    told = name if len(name) <= fits else name[: fits - 1] + "…"
    picture.text(NAMES - 6, y, told, anchor="end", font_size=SMALL, font_weight="700" if refuses else None)


def _gauge(picture: Picture, condition: ConditionSeen, y: float) -> None:
    """How far a condition of the rule was met: a bar, and a mark where it begins to hold."""
    left, wide, high = 352.0, 160.0, 13.0
    holds = condition.amount >= condition.quota
    words = condition.words if len(condition.words) < 50 else condition.words[:48] + "…"
    picture.text(4, y + 11, ("✓ " if holds else "✗ ") + words, fill=INK if holds else VERMILION)
    whole = max(condition.whole, condition.quota, 1)
    fill = BLUE if holds else picture.hatched(VERMILION, REFUSES)
    tip = f"{condition.words}: {condition.amount:,.0f} of {condition.whole:,.0f} {condition.unit}, "
    tip += f"{condition.quota:,.0f} needed"
    picture.rect(left, y, wide, high, fill="#F3F3F3")
    picture.rect(left, y, wide * condition.amount / whole, high, fill=fill)
    x = left + wide * condition.quota / whole
    picture.line(x, y - 4, x, y + high + 4, stroke=INK, stroke_width=2)
    picture.text(WIDTH - 6, y + 11, f"{condition.amount:,.0f}", anchor="end", font_weight="600")
    picture.rect(left, y - 4, wide, high + 8, tip=tip, fill="transparent")


def _draw_expected(snapshot: Snapshot) -> str:
    unions = sorted(snapshot.expected, key=lambda union: -union[1])
    heights = _heights([members for _, members, _ in unions])
    bottom = TOP + sum(heights)
    picture = Picture(WIDTH, bottom + 50, "What the leaders expect of their members")
    saying_yes = sum(expects for _, _, expects in unions)
    title = f"Before the vote: {saying_yes} of {len(unions)} leaders expect their members to say yes"
    picture.text(4, 16, title, font_weight="600", font_size=TITLE)
    y = TOP
    for (name, members, expects), high in zip(unions, heights, strict=True):
        tip = f"{name}, {members:,.0f} members: its leader expects a {'yes' if expects else 'no'}"
        look = {"fill": "#DCE9F2", "stroke": BLUE} if expects else {"fill": "#F9E3D6", "stroke": VERMILION}
        dashes = {} if expects else {"stroke_dasharray": "4 3"}
        picture.rect(NAMES, y + 1, 150 if expects else 60, high - 2, tip=tip, **look, **dashes)
        picture.text(NAMES + 8, y + high / 2 + 4.5, "yes?" if expects else "no?", font_size=SMALL, fill=SOFT)
        _name(picture, name, y + high / 2 + 4.5, refuses=not expects)
        y += high
    picture.text(4, bottom + 24, "The rule asks for")
    picture.text(4, bottom + 42, snapshot.case.ratification, fill=SOFT)
    return str(picture)
