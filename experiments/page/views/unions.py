"""The members' vote: a bar a union, as wide as its membership and as high as its share of yes; the rule beneath."""

from __future__ import annotations

from experiments.charts.palette import BLUE, FAINT, GREEN, INK, VERMILION
from experiments.page.moments import ConditionSeen, Snapshot, UnionSeen, VoteSeen
from experiments.page.svg import SMALL, SOFT, TITLE, Picture, day, percent

WIDTH, HEIGHT = 600.0, 336.0
LEFT, TOP, BARS = 54.0, 40.0, 168.0
GAP = 1.5
LETTER = 7.5  # width of a letter in a name
REFUSES = "xxxx"


def draw_unions(snapshot: Snapshot) -> str:
    """The latest vote; before it, what the leaders expect of the tentative deal."""
    picture = Picture(WIDTH, HEIGHT, "Yes share by union, and the conditions of the rule")
    if snapshot.votes:
        _draw_vote(picture, snapshot.votes[-1])
    elif snapshot.expected:
        _draw_expected(picture, snapshot)
    else:
        words = "No deal to vote on." if snapshot.over else "No vote yet. The rule: " + snapshot.case.ratification
        picture.wait(words)
    return str(picture)


def _widths(members: list[float]) -> list[float]:
    """Pixels by union; the smallest keep a sliver one can point at."""
    room = WIDTH - LEFT - 8 - GAP * len(members)
    least = 5.0
    total = sum(members)
    wide = [max(least, room * count / total) for count in members]
    surplus = sum(wide) - room
    large = [width - least for width in wide]
    return [width - surplus * spare / (sum(large) or 1) for width, spare in zip(wide, large, strict=True)]


def _axis(picture: Picture) -> None:
    for share in (0.0, 0.5, 1.0):
        y = TOP + (1 - share) * BARS
        look = {"stroke": INK, "stroke_dasharray": "6 4"} if share == 0.5 else {"stroke": FAINT}
        picture.line(LEFT - 4, y, WIDTH - 6, y, **look)
        picture.text(LEFT - 7, y + 4, percent(share, 0), anchor="end", font_size=SMALL, fill=SOFT)


def _draw_vote(picture: Picture, vote: VoteSeen) -> None:
    unions = sorted(vote.unions, key=lambda union: -union.yes_share)
    yes, cast = sum(u.yes for u in unions), sum(u.cast for u in unions)
    verdict = "ratified" if vote.carried else "refused"
    name, result = (
        "First" if vote.number == 1 else "Second",
        f"{yes:,.0f} yes of {cast:,.0f} ({percent(yes / max(cast, 1))})",
    )
    title = f"{name} vote, {day(vote.date)}: {verdict}, {result}"
    picture.text(4, 16, title, font_weight="600", font_size=TITLE, fill=GREEN if vote.carried else VERMILION)
    refusing = [union.name for union in vote.unions if not union.approves]
    x = LEFT
    for union, width in zip(unions, _widths([u.members for u in unions]), strict=True):
        _bar(picture, union, x, width)
        x += width + GAP
    _axis(picture)
    picture.text(4, TOP + BARS + 36, "Refused by: " if refusing else "All unions approve.", font_weight="600")
    if refusing:
        _listed(picture, _blockers(vote), 110, TOP + BARS + 36)
    for place, condition in enumerate(vote.conditions[:3]):
        _gauge(picture, condition, TOP + BARS + 62 + 30 * place)


def _bar(picture: Picture, union: UnionSeen, x: float, width: float) -> None:
    share = union.yes_share
    fill = BLUE if union.approves else picture.hatched(VERMILION, REFUSES)
    tip = f"{union.name}: {percent(share)} yes ({union.yes:,.0f} of {union.cast:,.0f} ballots, "
    tip += f"{union.members:,.0f} members), "
    tip += "approves" if union.approves else "refuses"
    tip += "; its own turning would have turned the result" if union.pivotal else ""
    picture.rect(x, TOP, width, BARS, fill="#F3F3F3")
    picture.rect(x, TOP + (1 - share) * BARS, width, share * BARS, fill=fill)
    if union.pivotal:
        picture.path(
            [(x + width / 2 - 4, TOP - 9), (x + width / 2 + 4, TOP - 9), (x + width / 2, TOP - 2)],
            closed=True,
            fill=INK,
        )
    picture.rect(x, TOP - 10, width, BARS + 10, tip=tip, fill="transparent")
    _name(picture, union.name, x, width)


def _name(picture: Picture, name: str, x: float, width: float) -> None:
    if width > LETTER * len(name) + 4:
        picture.text(x + width / 2, TOP + BARS + 15, name, anchor="middle", font_size=SMALL)
    elif width > 42:
        fits = int(width / LETTER) - 1
        picture.text(x + width / 2, TOP + BARS + 15, name[:fits] + "…", anchor="middle", font_size=SMALL)


def _blockers(vote: VoteSeen) -> str:
    """Who refused; a mark for those whose own turning would have turned the result."""
    names = [f"{u.name}{' ▼' if u.pivotal else ''}" for u in vote.unions if not u.approves]
    more = len(names) - 4
    return ", ".join(names[:4]) + (f" and {more} more" if more > 0 else "")


def _listed(picture: Picture, words: str, x: float, y: float) -> None:
    picture.text(x, y, words if len(words) < 64 else words[:62] + "…")


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


def _draw_expected(picture: Picture, snapshot: Snapshot) -> None:
    saying_yes = sum(expects for _, _, expects in snapshot.expected)
    picture.text(
        4,
        16,
        f"Before the vote: {saying_yes} of {len(snapshot.expected)} leaders expect their members to say yes",
        font_weight="600",
        font_size=TITLE,
    )
    x = LEFT
    for (name, members, expects), width in zip(
        snapshot.expected, _widths([m for _, m, _ in snapshot.expected]), strict=True
    ):
        tip = f"{name}, {members:,.0f} members: its leader expects a {'yes' if expects else 'no'}"
        look = (
            {"fill": "#DCE9F2", "stroke": BLUE}
            if expects
            else {"fill": "#F9E3D6", "stroke": VERMILION, "stroke_dasharray": "4 3"}
        )
        picture.rect(x, TOP, width, BARS, tip=tip, **look)
        picture.text(
            x + width / 2, TOP + BARS / 2, "yes?" if expects else "no?", anchor="middle", font_size=SMALL, fill=SOFT
        ) if width > 26 else None
        _name(picture, name, x, width)
        x += width + GAP
    picture.text(4, TOP + BARS + 40, "The rule asks for")
    picture.text(4, TOP + BARS + 58, snapshot.case.ratification, fill=SOFT)
