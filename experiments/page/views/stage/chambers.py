"""Both chambers, a mark a seat: how it leans, how it voted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from textwrap import wrap

from experiments.charts.palette import BLUE, QUIET, VERMILION
from experiments.page.moments import RollCallSeen, SeatLeaning, Snapshot
from experiments.page.svg import SOFT, Picture, day
from experiments.page.views.stage.zone import BODY, DEEP, HEAD, LETTER, OTHERWISE, PALE_NO, PALE_YES, SMALL, Box, frame

LEAN = "below, today on power to cut"  # where the last roll call was on something else


def draw_chambers(picture: Picture, snapshot: Snapshot, box: Box) -> None:
    """Every seat: solid on the day of a roll call and at the end, else pale as it leans on the governor's bill."""
    call = snapshot.roll_calls[-1] if snapshot.roll_calls else None
    voted = call is not None and (call.date == snapshot.date or snapshot.over)
    title = "Both chambers" if call is None else f"{day(call.date)}: {call.verdict}"
    picture.text(box.x + 8, box.y + 18, title, font_weight="600", font_size=HEAD)
    about = "" if call is None else call.question
    called = "" if call is None else f"{day(call.date)}, {call.question}"
    if call is not None and not voted and call.about != "authority" and snapshot.seats:
        about += f"; {LEAN}"
    for place, line in enumerate(wrap(about, int((box.wide - 16) / LETTER))):
        picture.text(box.x + 8, box.y + 33 + 14 * place, line, font_size=SMALL, fill=SOFT)
    y = box.y + min(box.high - 40, 0.3 * box.wide + 56)
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
            _seat(picture, vote, leaning, spot, _seat_tip(snapshot, row, called, call))
            if row in snapshot.turned.seats:
                frame(picture, spot[0] - 4, spot[1] - 4, 8, 8)
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


def _seat(picture: Picture, vote: str, leaning: SeatLeaning | None, spot: tuple[float, float], tip: str) -> None:
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


def _seat_tip(snapshot: Snapshot, row: int, called: str, call: RollCallSeen | None) -> str:
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
        lines.append(f"{called}: {call.votes[row]}.")
    if seat.recorded:
        lines.append(f"On the recorded roll call: {seat.recorded}.")
    if row in snapshot.turned.seats:
        lines.append(f"{OTHERWISE}{snapshot.turned.seats[row]}.")
    return "\n".join(lines)
