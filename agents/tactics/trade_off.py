"""Give in on what matters less, not in all: of the packages worth the same to oneself the one most like the other's.

Source: Faratin, Sierra, Jennings (2002), Artificial Intelligence 142. Their search for similar contracts along the
iso-utility line is solved exactly here, because values are additive: nearest is least squares, each issue weighted by
what it is thought to matter to the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from agents.tactics.tactic import Moment, Tactic
from agents.tactics.time_dependent import by_the_clock
from sim.bargaining.package import TINY, Frontier
from sim.worlds.axis import Worlds

LEAST_SIMILARITY = 0.02  # weight of an issue thought not to matter to the other, against one that is all that matters


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeOff(Tactic):
    """Concedes by the clock, and at every aspiration moves along the iso-utility line to the other's last offer."""

    speed: Worlds = 1.0
    never_rises: ClassVar[bool] = True

    def aspiration(self, moment: Moment) -> NDArray[np.float64]:
        return by_the_clock(moment, self.speed)

    def offer(self, aspiration: NDArray[np.float64], moment: Moment) -> NDArray[np.float64]:
        if moment.last_offer is None:
            return moment.frontier.offer(aspiration)
        return nearest_worth(np.minimum(aspiration, 1.0), moment.last_offer, moment.frontier)


def nearest_worth(aspiration: Worlds, target: NDArray[np.float64], frontier: Frontier) -> NDArray[np.float64]:
    """The package worth ``aspiration`` to the owner that is nearest to ``target``, (issues, worlds).

    In shares kept of every issue: minimise sum of weight x (share - target)^2 on the iso-utility line. The shares are
    clip(target + price x gain / weight, 0, 1); what they add up to rises with the price, along straight lines between
    the prices at which an issue reaches a bound, so the right price is found among those and interpolated.
    """
    target = (target - frontier.yielded) / frontier.span
    gain = np.broadcast_to(frontier.gain, target.shape)
    importance = frontier.cost / np.maximum(frontier.cost.max(axis=0), TINY)
    pull = gain / np.maximum(importance, LEAST_SIMILARITY)
    wanted = aspiration * (frontier.scale.ideal - frontier.scale.worst)

    def worth(price: NDArray[np.float64]) -> NDArray[np.float64]:
        total = np.zeros(target.shape[1])
        for one_gain, one_pull, one_target in zip(gain, pull, target, strict=True):
            total = total + one_gain * np.clip(one_target + price * one_pull, 0.0, 1.0)
        return total

    matters = pull > 0
    bounds = np.concatenate([-target, 1.0 - target]) / np.maximum(np.concatenate([pull, pull]), TINY)
    bounds = np.where(np.concatenate([matters, matters]), bounds, 0.0)
    below, above = bounds.min(axis=0), bounds.max(axis=0)
    low_worth, high_worth = worth(below), worth(above)
    for price in bounds:
        here = worth(price)
        under = (here <= wanted) & (price >= below)
        below, low_worth = np.where(under, price, below), np.where(under, here, low_worth)
        over = (here >= wanted) & (price <= above)
        above, high_worth = np.where(over, price, above), np.where(over, here, high_worth)
    step = np.clip((wanted - low_worth) / np.maximum(high_worth - low_worth, TINY), 0.0, 1.0)
    price = below + step * (above - below)
    share = np.where(matters, np.clip(target + price * pull, 0.0, 1.0), target)
    return frontier.yielded + share * frontier.span
