"""Offers in utility space: what every offer is worth to either side, the frontier, and both no-deal values."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from experiments.charts.palette import FAINT, GREEN, INK
from experiments.page.moments import Snapshot
from experiments.page.svg import SMALL, SOFT, Picture, day
from experiments.page.views.offers import look
from sim.wording import money

Corners = tuple[tuple[float, float], ...]  # governor's and coalition's worth
WIDTH, HEIGHT = 600.0, 300.0
LEFT, RIGHT, TOP, BOTTOM = 60.0, 40.0, 18.0, 46.0
MOST = 1.07  # what is worth more, as savings beyond the gap are by a little, is drawn here


def _why_empty(snapshot: Snapshot) -> str:
    if not snapshot.step:
        return "The talks have not begun."
    return "No offer yet." if snapshot.on_table is None else "Nobody bargains in this case."


def draw_utility(snapshot: Snapshot) -> str:
    """Right is good for the governor, up is good for the coalition."""
    picture = Picture(WIDTH, HEIGHT, "Offers by their worth to the governor and to the coalition")
    table = snapshot.table
    if table is None:
        picture.wait(_why_empty(snapshot))
        return str(picture)
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def at(governor: float, coalition: float) -> tuple[float, float]:
        return LEFT + min(max(governor, 0.0), MOST) * wide, TOP + (1 - min(max(coalition, 0.0), MOST)) * high

    picture.rect(LEFT, TOP, wide, high, fill="#FAFAFA", stroke=FAINT)
    governor_floor, coalition_floor = table.no_deal
    _zone(picture, table.frontier, at, table.no_deal)
    picture.path([at(*corner) for corner in table.frontier], stroke=INK, stroke_width=1.6)
    x, _ = at(governor_floor, 0)
    _, y = at(0, coalition_floor)
    picture.line(x, TOP, x, TOP + high, stroke=look("governor")[0], stroke_dasharray="5 4", stroke_width=1.6)
    picture.line(LEFT, y, LEFT + wide, y, stroke=look("coalition")[0], stroke_dasharray="5 4", stroke_width=1.6)
    _floor_words(picture, x, y, table.no_deal, wide, high)
    for place, (offer, (mine, theirs)) in enumerate(zip(snapshot.offers, table.offers, strict=True)):
        px, py = at(mine, theirs)
        colour, shape = look(offer.proposer)
        tip = f"round {offer.round}, {day(offer.date)}: {offer.proposer} offers {money(offer.savings)}; worth "
        tip += f"{mine:.2f} to the governor, {theirs:.2f} to the coalition"
        latest = place >= len(snapshot.offers) - 2
        if offer.accepted:
            picture.shape("star", px, py, 6, tip=tip + "; accepted", fill=GREEN, stroke=INK, stroke_width=0.9)
        else:
            picture.shape(shape, px, py, 4.4 if latest else 3.2, tip=tip, fill=colour, opacity=1 if latest else 0.55)
    picture.text(LEFT + wide / 2, HEIGHT - 8, "worth to the governor (1 = his ideal)", anchor="middle", fill=SOFT)
    picture.text(
        0,
        0,
        "worth to the coalition",
        anchor="middle",
        fill=SOFT,
        transform=f"translate(15 {TOP + high / 2}) rotate(-90)",
    )
    for share in (0.0, 0.5, 1.0):
        x, y = at(share, share)
        picture.text(x, TOP + high + 15, f"{share:g}", anchor="middle", font_size=SMALL, fill=SOFT)
        picture.text(LEFT - 6, y + 4, f"{share:g}", anchor="end", font_size=SMALL, fill=SOFT)
    return str(picture)


def _zone(
    picture: Picture, frontier: Corners, at: Callable[[float, float], tuple[float, float]], floors: tuple[float, float]
) -> None:
    """The packages that serve both: below the frontier, beyond both no-deal values."""
    inside = _clipped(frontier, *floors)
    if inside:
        governor, coalition = floors
        corners = [(governor, coalition), (governor, inside[0][1]), *inside, (inside[-1][0], coalition)]
        picture.path([at(*corner) for corner in corners], closed=True, fill=GREEN, opacity=0.16)


def _clipped(frontier: Corners, governor_floor: float, coalition_floor: float) -> list[tuple[float, float]]:
    """The part of the frontier that is worth at least so much to both; its ends are put in."""
    points: list[tuple[float, float]] = []
    for (g0, c0), (g1, c1) in pairwise(frontier):
        low, high = 0.0, 1.0
        if g1 > g0:
            low = max(low, (governor_floor - g0) / (g1 - g0))
        elif g0 < governor_floor:
            continue
        if c1 < c0:
            high = min(high, (c0 - coalition_floor) / (c0 - c1))
        elif c0 < coalition_floor:
            continue
        if low <= high:
            points += [(g0 + t * (g1 - g0), c0 + t * (c1 - c0)) for t in (low, high)]
    return points


def _floor_words(picture: Picture, x: float, y: float, no_deal: tuple[float, float], wide: float, high: float) -> None:
    """At the ends of the lines where offers seldom are: the worst corners of the plot."""
    governor = "governor: no deal" if no_deal[0] <= 1 else "governor: no deal beats all"
    anchor, shift = ("start", 5) if x < LEFT + wide - 150 else ("end", -5)
    halo = {"stroke": "#FFFFFF", "stroke_width": 3, "paint_order": "stroke", "font_size": SMALL}  # over lines and marks
    picture.text(x + shift, TOP + high - 6, governor, anchor=anchor, fill=look("governor")[0], **halo)
    coalition = "coalition: no deal" if no_deal[1] <= 1 else "coalition: nothing seems ratifiable"
    beside = y - 6 if y > TOP + 16 else TOP + 14
    picture.text(LEFT + wide - 5, beside, coalition, anchor="end", fill=look("coalition")[0], **halo)
