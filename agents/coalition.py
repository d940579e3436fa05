"""The leaders at one table: what they hear of their members, and the deals they expect to carry home.

The win-set at home bounds the deal abroad (Putnam 1988): leaders sign only what they expect to be ratified under the
coalition's rule, and what they expect is what they hear, not what is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.worlds.axis import Worlds, single

if TYPE_CHECKING:
    from agents.union import Union

BISECTIONS = 10  # the reservation value is found to within a thousandth of the frontier


@dataclass(frozen=True, slots=True)
class Hearing:
    """What leaders believe of their unions, by union and world; logits, and logits per share of pay."""

    goodwill: NDArray[Any]  # trust, mood and fatigue as the leader hears them, (unions, worlds)
    gain: NDArray[Any]  # what full protection from layoffs is worth to the average member, (unions, worlds)
    cost: NDArray[Any]  # what a whole year's pay of burden would cost him; the same in all unions, (worlds,)
    wage_factor: Sequence[Worlds]  # how much each union's wages bear against the average, numbers or (worlds,)

    def of_union(self, union: int) -> Hearing:
        """What one leader hears alone; a union's place in the order."""
        row = slice(union, union + 1)
        return Hearing(self.goodwill[row], self.gain[row], self.cost, self.wage_factor[row])

    def expects_yes(self, protection: Worlds, benefits_burden: Worlds, wages_burden: Worlds) -> NDArray[np.bool_]:
        """Which unions each leader expects to say yes, (unions, worlds)."""
        protection = single(protection)
        benefits, wages = self.cost * single(benefits_burden), self.cost * single(wages_burden)
        yes = np.empty(self.goodwill.shape, bool)
        # union by union: what is worked out on the way stays in the nearest cache
        for says, goodwill, gain, factor in zip(yes, self.goodwill, self.gain, self.wage_factor, strict=True):
            np.greater(gain * protection + goodwill, factor * wages + benefits, out=says)
        return yes


def hear(unions: Sequence[Union], members: Any, leaders: Any, *, risks: NDArray[Any], pressure: Worlds) -> Hearing:
    """What the leaders make of their members now. ``risks``: share of posts that members expect to go, by union.

    ``members`` and ``leaders``: the scenario's numbers; ``pressure``: the weight of the governor's threats so far.
    """
    goodwill = single(members.trust - members.fatigue - members.reactance * pressure + leaders.optimism)
    moods = np.empty((len(unions), len(unions[0].misreading)), goodwill.dtype)
    for row, union in zip(moods, unions, strict=True):
        np.add(union.heard_mood, goodwill, out=row)
    return Hearing(
        goodwill=moods,
        gain=single(members.sensitivity * members.loss_if_laid_off) * single(risks),
        cost=single(members.sensitivity * members.loss_aversion),
        wage_factor=[union.wage_factor for union in unions],
    )


def members_weights(
    burdens: Sequence[Worlds], protects: Sequence[Worlds], *, risk: Worlds, loss: Worlds, loss_aversion: Worlds
) -> NDArray[np.float64]:
    """What one unit of each issue is worth to the average member, shares of a year's pay, (issues, worlds)."""
    at_risk = risk * loss
    worth = [at_risk * guard - loss_aversion * burden for burden, guard in zip(burdens, protects, strict=True)]
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
