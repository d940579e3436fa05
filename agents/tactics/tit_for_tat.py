"""Answer concessions in kind: in proportion, in amount, or on average over a while.

Concessions are read on the side's own scale. What the other still withholds is the distance of its offer from the
side's ideal. Until there is something to answer the side gives a first step an offer.
Source: Faratin, Sierra, Jennings (1998), Robotics and Autonomous Systems 24, after Axelrod (1984).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from agents.tactics.tactic import Moment, Tactic, within
from sim.worlds.axis import Worlds

LEAST_WITHHELD = 1e-6  # keeps the ratio finite once the other has given everything


def withheld_ratio(earlier: NDArray[np.float64], later: NDArray[np.float64]) -> NDArray[np.float64]:
    """What the other withholds now over what it withheld before: below 1 after a concession, (worlds,)."""
    return np.maximum(1.0 - later, LEAST_WITHHELD) / np.maximum(1.0 - earlier, LEAST_WITHHELD)


def opening(moment: Moment, first_step: Worlds) -> NDArray[np.float64]:
    """Its ideal first, then a step less an offer, to give the other something to answer, (worlds,)."""
    return within(1.0 - first_step * len(moment.asked), moment.reservation)


@dataclass(frozen=True, slots=True, kw_only=True)
class RelativeTitForTat(Tactic):
    """Gives up the same percentage of its demand as the other last did."""

    first_step: Worlds = 0.05  # on its own scale

    def aspiration(self, moment: Moment) -> NDArray[np.float64]:
        if not moment.asked or len(moment.heard) < 2:
            return opening(moment, self.first_step)
        earlier, later = moment.heard[-2:]
        return within(moment.asked[-1] * withheld_ratio(earlier, later), moment.reservation)


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomAbsoluteTitForTat(Tactic):
    """Gives up as much as the other last did, give or take a random amount, to get out of a deadlock."""

    first_step: Worlds = 0.05  # on its own scale
    wobble: Worlds = 0.05  # most that chance adds or takes, on its own scale
    draws: ClassVar[bool] = True

    def aspiration(self, moment: Moment) -> NDArray[np.float64]:
        if not moment.asked or len(moment.heard) < 2:
            return opening(moment, self.first_step)
        earlier, later = moment.heard[-2:]
        assert moment.uniform is not None  # tactics that draw are given luck
        chance = self.wobble * (2.0 * moment.uniform - 1.0)
        return within(moment.asked[-1] - (later - earlier) + chance, moment.reservation)


@dataclass(frozen=True, slots=True, kw_only=True)
class AveragedTitForTat(Tactic):
    """Gives up the percentage that the other gave up a round, on average over its last offers."""

    first_step: Worlds = 0.05  # on its own scale
    window: int = 4  # offers of the other looked back on, at least 2

    def aspiration(self, moment: Moment) -> NDArray[np.float64]:
        if not moment.asked or len(moment.heard) < 2:
            return opening(moment, self.first_step)
        seen = moment.heard[-max(2, int(self.window)) :]
        ratio = withheld_ratio(seen[0], seen[-1]) ** (1.0 / (len(seen) - 1))
        return within(moment.asked[-1] * ratio, moment.reservation)
