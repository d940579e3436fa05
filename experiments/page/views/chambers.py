"""Both chambers as half circles of seats, coloured and shaped by vote."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from experiments.charts.palette import BLUE, GREEN, INK, QUIET, VERMILION
from experiments.page.moments import RollCallSeen, SeatSeen, Snapshot
from experiments.page.svg import SOFT, TITLE, Picture, day

WIDTH, HEIGHT = 600.0, 292.0
LOOKS = {"yes": (BLUE, "circle"), "no": (VERMILION, "diamond"), "absent": (QUIET, "ring"), "": ("#C8C8C8", "circle")}
CHAMBERS = (("house", "House", 205.0, 236.0, 172.0, 70.0), ("senate", "Senate", 497.0, 236.0, 88.0, 34.0))
SPACE = 14.2  # pixels between seats


def draw_chambers(snapshot: Snapshot) -> str:
    """The latest roll call; before any, the seats as they are."""
    picture = Picture(WIDTH, HEIGHT, "Seats of both chambers by vote")
    seats = snapshot.case.seats
    call = snapshot.roll_calls[-1] if snapshot.roll_calls else None
    votes = call.votes if call else ("",) * len(seats)
    if call:
        colour = GREEN if call.carried else VERMILION
        title = f"{day(call.date)}, {call.question}: {call.verdict}"
        picture.text(4, 16, title, font_weight="600", font_size=TITLE, fill=colour)
    else:
        picture.text(4, 16, "No roll call yet in this world.", font_weight="600", font_size=TITLE, fill=SOFT)
    _earlier(picture, snapshot.roll_calls[:-1])
    for chamber, name, x, y, outer, inner in CHAMBERS:
        rows = [row for row, seat in enumerate(seats) if seat.chamber == chamber]
        if rows:
            _half_circle(picture, [(seats[row], votes[row]) for row in rows], (x, y), outer, inner)
            _count(picture, name, [votes[row] for row in rows], x, y)
    _legend(picture)
    return str(picture)


def _earlier(picture: Picture, calls: Sequence[RollCallSeen]) -> None:
    if calls:
        words = "; ".join(f"{call.question}, {call.votes.count('yes')}-{call.votes.count('no')}" for call in calls[-1:])
        picture.text(4, 34, f"before it: {words}", fill=SOFT)


def _half_circle(
    picture: Picture, seats: list[tuple[SeatSeen, str]], centre: tuple[float, float], outer: float, inner: float
) -> None:
    """Seats from left to right by party, then by vote, so that who breaks ranks stands together."""
    order = {"yes": 0, "absent": 1, "no": 2, "": 1}
    parties = {seat.party for seat, _ in seats}
    first = "D" if "D" in parties else min(parties)
    ranked = sorted(seats, key=lambda pair: (pair[0].party != first, order[pair[1]], pair[0].district))
    radius = 5.2 if len(seats) > 60 else 5.8
    for (seat, vote), (x, y) in zip(ranked, places(len(seats), centre, outer, inner), strict=True):
        colour, shape = LOOKS[vote]
        tip = f"{seat.name} ({seat.party}), {seat.chamber} district {seat.district}"
        tip += f": {vote}" if vote else ""
        tip += f"; {seat.recorded} on the recorded roll call" if seat.recorded else ""
        edge: dict[str, Any] = {"stroke": QUIET, "stroke_width": 1.5} if vote == "absent" else {}
        picture.shape(shape, x, y, radius if shape != "diamond" else radius * 0.92, tip=tip, fill=colour, **edge)


def places(seats: int, centre: tuple[float, float], outer: float, inner: float) -> list[tuple[float, float]]:
    """Where the seats of a half circle are, from left to right; rows hold as many as their length allows."""
    rows = max(1, round((outer - inner) / SPACE) + 1)
    radii = [outer - (outer - inner) * row / max(rows - 1, 1) for row in range(rows)]
    share = [seats * radius / sum(radii) for radius in radii]
    counts = [round(part) for part in share]
    counts[0] += seats - sum(counts)
    spots = []
    for radius, count in zip(radii, counts, strict=True):
        for place in range(count):
            angle = math.pi * (1 - (place + 0.5) / count)
            spots.append((angle, centre[0] + radius * math.cos(angle), centre[1] - radius * math.sin(angle)))
    return [(x, y) for _, x, y in sorted(spots, key=lambda spot: -spot[0])]


def _count(picture: Picture, name: str, votes: list[str], x: float, y: float) -> None:
    picture.text(x, y + 9, name, anchor="middle", font_weight="600")
    if any(votes):
        words = f"{votes.count('yes')} yes, {votes.count('no')} no"
        picture.text(x, y + 26, words, anchor="middle", fill=INK)


def _legend(picture: Picture) -> None:
    x = 6.0
    for vote in ("yes", "no", "absent"):
        colour, shape = LOOKS[vote]
        edge: dict[str, Any] = {"stroke": QUIET, "stroke_width": 1.5} if vote == "absent" else {}
        picture.shape(shape, x + 4, HEIGHT - 12, 5, fill=colour, **edge)
        picture.text(x + 15, HEIGHT - 8, vote)
        x += 36 + 8 * len(vote)
