"""The funnel: how many worlds come through which gate, growing surer as worlds come in."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.charts.palette import BLUE, FAINT, INK, OUTCOME_FILLS
from experiments.page.svg import SMALL, SOFT, TITLE, Picture, percent
from experiments.statistics.intervals import wilson_interval
from sim.outcomes import OUTCOMES, SUCCESSES

WIDTH, HEIGHT = 600.0, 330.0
NAMES = {
    "ratified_first_vote": "ratified at the first vote",
    "ratified_second_vote": "ratified at the second vote",
    "refused": "refused by the members",
    "refused_by_legislature": "refused by the legislature",
    "no_tentative_deal": "no tentative deal",
    "no_zone_of_agreement": "nothing to agree on",
}


class Tightening(NamedTuple):
    """An ensemble as far as it has come."""

    wanted: int
    outcomes: bytes  # a code a world, in the order of worlds
    history: tuple[tuple[int, int], ...]  # worlds and deals among them, whenever a block came in

    @property
    def worlds(self) -> int:
        """Worlds so far."""
        return len(self.outcomes)

    @property
    def counts(self) -> list[int]:
        """Worlds by outcome."""
        return [self.outcomes.count(code) for code in range(len(OUTCOMES))]

    @property
    def deals(self) -> int:
        """Worlds with a ratified deal so far."""
        return sum(self.outcomes.count(code) for code in SUCCESSES)

    def ends_with_a_deal(self) -> NDArray[np.bool_]:
        """By world."""
        return np.isin(np.frombuffer(self.outcomes, dtype=np.uint8), SUCCESSES)


def interval(part: int, whole: int) -> tuple[float, float]:
    """95 % Wilson interval of a share."""
    low, high = wilson_interval([part], whole)
    return float(low[0]), float(high[0])


def draw_funnel(seen: Tightening | None, *, alone: bool = True) -> str:
    """Outcomes with their intervals, and the deal rate's interval over the number of worlds.

    Beside another on the same luck (not ``alone``) the title has no interval: what counts then is the difference's.
    """
    picture = Picture(WIDTH, HEIGHT, "How the worlds of an ensemble end")
    if seen is None or not seen.worlds:
        picture.wait("The first worlds are on their way.")
        return str(picture)
    low, high = interval(seen.deals, seen.worlds)
    rate = seen.deals / seen.worlds
    title = f"A deal in {percent(rate)} of {seen.worlds:,} worlds "
    title += f"({percent(0.95, 0)} interval {percent(low)} to {percent(high)})" if alone else ""
    picture.text(4, 16, title, font_weight="600", font_size=TITLE)
    for place, (outcome, count) in enumerate(zip(OUTCOMES, seen.counts, strict=True)):
        _row(picture, outcome, count, seen.worlds, 32 + 25 * place)
    _history(picture, seen)
    return str(picture)


def _row(picture: Picture, outcome: str, count: int, worlds: int, y: float) -> None:
    left, wide, high = 222.0, 312.0, 16.0
    share, (low, most) = count / worlds, interval(count, worlds)
    look = OUTCOME_FILLS[outcome]
    tip = f"{NAMES[outcome]}: {count:,} of {worlds:,} worlds, {percent(share)} ({percent(low)} to {percent(most)})"
    picture.text(left - 8, y + 12, NAMES[outcome], anchor="end")
    picture.rect(left, y, wide, high, fill="#F6F6F6")
    picture.rect(left, y, wide * share, high, fill=picture.hatched(look.colour, look.hatch))
    picture.line(left + wide * low, y + high / 2, left + wide * most, y + high / 2, stroke=INK, stroke_width=2)
    picture.rect(left, y, wide, high, tip=tip, fill="transparent")
    picture.text(left + wide + 8, y + 13, percent(share))


def _history(picture: Picture, seen: Tightening) -> None:
    """The deal rate's interval as worlds came in."""
    left, top, wide, high = 222.0, 206.0, 312.0, 86.0
    picture.text(left - 8, top + 12, "deal rate, as", anchor="end")
    picture.text(left - 8, top + 28, "worlds come in", anchor="end")
    picture.rect(left, top, wide, high, fill="#FAFAFA", stroke=FAINT)
    most = max(seen.wanted, seen.worlds)
    bounds = [(worlds, *interval(deals, worlds)) for worlds, deals in seen.history]
    # to the nearest tenths around all that is drawn, so that one sees it grow tighter
    floor = math.floor(10 * min(lower for _, lower, _ in bounds)) / 10
    ceiling = math.ceil(10 * max(upper for _, _, upper in bounds)) / 10

    def at(worlds: int, share: float) -> tuple[float, float]:
        return left + wide * worlds / most, top + (ceiling - share) / (ceiling - floor) * high

    upper = [at(worlds, upper) for worlds, _, upper in bounds]
    lower = [at(worlds, lower) for worlds, lower, _ in bounds]
    picture.path([*upper, *reversed(lower)], closed=True, fill=BLUE, opacity=0.22)
    picture.path([at(worlds, deals / worlds) for worlds, deals in seen.history], stroke=BLUE, stroke_width=1.8)
    for share in (floor, ceiling):
        picture.text(left + wide + 8, at(0, share)[1] + 4, percent(share, 0), font_size=SMALL, fill=SOFT)
    picture.text(left, top + high + 14, "0", font_size=SMALL, fill=SOFT)
    picture.text(left + wide, top + high + 14, f"{most:,} worlds", anchor="end", font_size=SMALL, fill=SOFT)


def with_block(seen: Tightening, outcomes: bytes) -> Tightening:
    """The ensemble with one more block, a code a world."""
    grown = seen._replace(outcomes=seen.outcomes + outcomes)
    return grown._replace(history=(*seen.history, (grown.worlds, grown.deals)))
