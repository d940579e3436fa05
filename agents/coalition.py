"""The leaders at one table: what they hear of their members, and the deals they expect to carry home.

The win-set at home bounds the deal abroad (Putnam 1988): leaders sign only what they expect to be ratified under the
coalition's rule, and what they expect is what they hear, not what is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.worlds import Worlds

BISECTIONS = 10  # the reservation value is found to within a thousandth of the frontier


@dataclass(slots=True)
class Hearing:
    """What leaders believe of their unions, each shape (unions, worlds); logits, and logits per share of pay."""

    goodwill: NDArray[np.float64]  # trust, mood and fatigue as the leader hears them
    gain: NDArray[np.float64]  # what full protection from layoffs is worth to the average member
    cost: NDArray[np.float64]  # what a whole year's pay of burden would cost him
    wage_factor: NDArray[np.float64]  # how much the union's wages bear against the average

    def of_union(self, union: int) -> Hearing:
        """What one leader hears alone; a union's place in the order."""
        row = slice(union, union + 1)
        return Hearing(self.goodwill[row], self.gain[row], self.cost[row], self.wage_factor[row])

    def expects_yes(self, protection: Worlds, benefits_burden: Worlds, wages_burden: Worlds) -> NDArray[np.bool_]:
        """Which unions each leader expects to say yes, (unions, worlds)."""
        burden = benefits_burden + self.wage_factor * wages_burden
        return self.goodwill + self.gain * protection > self.cost * burden


def members_weights(
    burdens: Sequence[Worlds], protects: Sequence[Worlds], *, risk: Worlds, loss: Worlds, loss_aversion: Worlds
) -> NDArray[np.float64]:
    """What one unit of each issue is worth to the average member, shares of a year's pay, (issues, worlds)."""
    worth = [risk * loss * guard - loss_aversion * burden for burden, guard in zip(burdens, protects, strict=True)]
    return np.stack(np.broadcast_arrays(*worth))


def reservation_value(
    offer: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    ratifiable: Callable[[NDArray[np.float64]], NDArray[np.bool_]],
    worlds: int,
) -> NDArray[np.float64]:
    """The lowest utility on the leaders' own frontier that they expect to carry home, (worlds,); above 1 where none.

    Every step along the frontier away from the leaders' ideal costs every union something, so the expected win-set
    is an interval and bisection finds its end.
    """
    worst, best = np.zeros(worlds), np.ones(worlds)
    hopeless = ~ratifiable(offer(best))
    for _ in range(BISECTIONS):
        middle = 0.5 * (worst + best)
        passes = ratifiable(offer(middle))
        best = np.where(passes, middle, best)
        worst = np.where(passes, worst, middle)
    return np.where(hopeless, 2.0, best)
