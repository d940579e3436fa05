"""Give in on what matters less, not in all: of the packages worth the same to oneself the one most like the other's.

Source: Faratin, Sierra, Jennings (2002), Artificial Intelligence 142. Their search for similar contracts along the
iso-utility line is solved to the last digits here, because values add up: nearest is least squares, each issue weighted
by what it is thought to matter to the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from agents.tactics.tactic import Moment, Tactic
from agents.tactics.time_dependent import by_the_clock
from sim.bargaining.frontier import Frontier
from sim.worlds.axis import TINY, Worlds

HALVINGS = 50  # of a price: to the last digits
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

    In shares of every issue's range: minimise sum of weight x (share - share of the target)^2 on the iso-utility line.
    At a price for worth each issue goes where moving on no longer pays, as far as its pieces are worth more than the
    distance from the target they add; what the package is worth rises with the price, which is found by halving.
    """
    pieces, own = frontier.pieces, frontier.own
    start, first, issue, width = pieces.start, pieces.first, pieces.issue, frontier.high - frontier.low
    cost = np.broadcast_to(frontier.cost, np.broadcast_shapes(frontier.cost.shape, (len(own), target.shape[1])))
    by_issue = pieces.package(cost)
    weight = np.maximum(by_issue / np.maximum(by_issue.max(axis=0), TINY), LEAST_SIMILARITY)
    extent = pieces.package(np.broadcast_to(width, cost.shape))
    softness = (extent * extent / weight)[issue]  # of an issue, against a price for worth

    def at(price: NDArray[np.float64]) -> NDArray[np.float64]:
        reached = target[issue] + price * own * softness
        held = np.clip(reached - start, 0.0, width)
        return start[first] + pieces.package(held)

    low, high = np.zeros(target.shape[1]), np.ones(target.shape[1])
    content = frontier.own_value(target) >= aspiration  # there the target is no help: it gives more than is asked
    for _ in range(HALVINGS):  # far enough out to hold the right price
        short = frontier.own_value(at(high)) < aspiration
        if not short.any():
            break
        high = np.where(short, 2 * high, high)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        short = frontier.own_value(at(middle)) < aspiration
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    return np.where(content, frontier.offer(aspiration), at(high))
