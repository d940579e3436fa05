"""The unions, a row each by size: what their members voted, would vote, and why."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from experiments.charts.palette import BLUE, INK, QUIET, VERMILION
from experiments.page.moments import Leaning, Snapshot, UnionSeen
from experiments.page.svg import SOFT, Picture, day, percent
from experiments.page.views.stage.zone import (
    BODY,
    HEAD,
    LEAST_ROW,
    LETTER,
    OTHERWISE,
    PALE_NO,
    PALE_YES,
    REFUSES,
    SMALL,
    Box,
    cut,
    frame,
)

FEW = 2  # unions whose reasons are written out
SQUARE = 13.0  # of one for whose name there is no room


def draw_unions(picture: Picture, snapshot: Snapshot, box: Box) -> None:
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
    if place in snapshot.turned.unions:
        frame(picture, left, top, wide, high)
    middle = box.y + box.high / 2 + 4
    picture.text(left - 6, middle, cut(name, int((names - 6) / LETTER)), anchor="end", font_size=SMALL)
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
    if place in snapshot.turned.unions:
        frame(picture, x, y, SQUARE, SQUARE)


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
    if place in snapshot.turned.unions:
        lines.append(f"{OTHERWISE}{snapshot.turned.unions[place]}.")
    return "\n".join(lines)
