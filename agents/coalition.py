"""The leaders at one table: what they hear of their members, and the deals they expect to carry home.

The win-set at home bounds the deal abroad (Putnam 1988): leaders sign only what they expect to be ratified under the
coalition's rule, and what they expect is what they hear, not what is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.worlds import Worlds, single

if TYPE_CHECKING:
    from agents.union import Union

BISECTIONS = 10  # the reservation value is found to within a thousandth of the frontier


@dataclass
class Hearing:
    """What leaders believe of their unions, each shape (unions, worlds); logits, and logits per share of pay."""

    goodwill: NDArray[np.float64]  # trust, mood and fatigue as the leader hears them
    gain: NDArray[np.float64]  # what full protection from layoffs is worth to the average member
    cost: NDArray[np.float64]  # what a whole year's pay of burden would cost him; the same in all unions, (worlds,)
    wage_factor: NDArray[np.float64]  # how much the union's wages bear against the average

    def of_union(self, union: int) -> Hearing:
        """What one leader hears alone; a union's place in the order."""
        row = slice(union, union + 1)
        return Hearing(self.goodwill[row], self.gain[row], self.cost, self.wage_factor[row])

    @cached_property
    def wages_cost(self) -> NDArray[np.float64]:
        """What a whole year's pay of burden on the average unit's wages would cost him, (unions, worlds)."""
        return self.cost * self.wage_factor

    def expects_yes(self, protection: Worlds, benefits_burden: Worlds, wages_burden: Worlds) -> NDArray[np.bool_]:
        """Which unions each leader expects to say yes, (unions, worlds)."""
        protection, wages_burden = single(protection), single(wages_burden)
        benefits = self.cost * single(benefits_burden)
        yes = np.empty(self.goodwill.shape, bool)
        # union by union: what is worked out on the way stays in the nearest cache
        for says, goodwill, gain, wages in zip(yes, self.goodwill, self.gain, self.wages_cost, strict=True):
            np.greater(gain * protection + goodwill, wages * wages_burden + benefits, out=says)
        return yes


def hear(
    unions: Sequence[Union], members: Any, leaders: Any, *, risks: NDArray[np.float64], pressure: Worlds
) -> Hearing:
    """What the leaders make of their members now. ``risks``: share of posts that members expect to go, by union.

    ``members`` and ``leaders``: the scenario's numbers; ``pressure``: the weight of the governor's threats so far.
    """
    goodwill = members.trust - members.fatigue - members.reactance * pressure + leaders.optimism
    return Hearing(
        goodwill=np.stack([single(union.heard_mood) for union in unions]) + single(goodwill),
        gain=single(members.sensitivity * members.loss_if_laid_off) * single(risks),
        cost=single(members.sensitivity * members.loss_aversion),
        wage_factor=np.stack([single(union.wage_factor) for union in unions]),
    )


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
    fails, step = np.zeros(worlds), 1.0  # it does not pass at the first, and does at one step above
    hopeless = ~ratifiable(offer(fails + step))
    for _ in range(BISECTIONS):
        step /= 2
        fails += step * ~ratifiable(offer(fails + step))
    return np.where(hopeless, 2.0, fails + step)
