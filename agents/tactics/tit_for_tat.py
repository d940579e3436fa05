"""Answer concessions in kind: in proportion, in amount, or on average over a while.

Concessions are read on the side's own scale. What the other still withholds is the distance of its offer from the
side's ideal. Until there is something to answer the side takes the first steps of the linear tactic.
Source: Faratin, Sierra, Jennings (1998), Robotics and Autonomous Systems 24, after Axelrod (1984).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from agents.tactics.tactic import Moment, Tactic, within
from agents.tactics.time_dependent import Linear
from sim.worlds import Worlds

LEAST_WITHHELD = 1e-6  # keeps the ratio finite once the other has given everything


def withheld_ratio(earlier: NDArray[np.float64], later: NDArray[np.float64]) -> NDArray[np.float64]:
    """What the other withholds now over what it withheld before: below 1 after a concession, (worlds,)."""
    return np.maximum(1.0 - later, LEAST_WITHHELD) / np.maximum(1.0 - earlier, LEAST_WITHHELD)


@dataclass(frozen=True, slots=True, kw_only=True)
class RelativeTitForTat(Tactic):
    """Gives up the same percentage of its demand as the other last did."""

    def aspiration(self, moment: Moment) -> NDArray[np.float64]:
        if not moment.asked or len(moment.heard) < 2:
            return Linear().aspiration(moment)
        earlier, later = moment.heard[-2:]
        return within(moment.asked[-1] * withheld_ratio(earlier, later), moment.reservation)


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomAbsoluteTitForTat(Tactic):
    """Gives up as much as the other last did, give or take a random amount, to get out of a deadlock."""

    wobble: Worlds = 0.05  # most that chance adds or takes, on its own scale
    draws: ClassVar[bool] = True

    def aspiration(self, moment: Moment) -> NDArray[np.float64]:
        if not moment.asked or len(moment.heard) < 2:
            return Linear().aspiration(moment)
        earlier, later = moment.heard[-2:]
        chance = self.wobble * (2.0 * moment.uniform - 1.0)
        return within(moment.asked[-1] - (later - earlier) + chance, moment.reservation)


@dataclass(frozen=True, slots=True, kw_only=True)
class AveragedTitForTat(Tactic):
    """Gives up the percentage that the other gave up a round, on average over its last offers."""

    window: int = 4  # offers of the other looked back on, at least 2

    def aspiration(self, moment: Moment) -> NDArray[np.float64]:
        if not moment.asked or len(moment.heard) < 2:
            return Linear().aspiration(moment)
        seen = moment.heard[-max(2, int(self.window)) :]
        ratio = withheld_ratio(seen[0], seen[-1]) ** (1.0 / (len(seen) - 1))
        return within(moment.asked[-1] * ratio, moment.reservation)
