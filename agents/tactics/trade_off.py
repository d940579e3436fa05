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
from sim.bargaining.frontier import Frontier
from sim.worlds.axis import TINY, Worlds

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
    if frontier.pieces is not None or frontier.own_end is not None:
        return _nearest_by_halving(aspiration, target, frontier)
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


HALVINGS = 50  # of a price: to the last digits


def _nearest_by_halving(aspiration: Worlds, target: NDArray[np.float64], frontier: Frontier) -> NDArray[np.float64]:
    """The same where worth is concave: at a price for worth each issue goes where moving on no longer pays.

    Along an issue that means as far as its pieces are worth more, at the price, than the distance from the target they
    add; what the package is worth rises with the price, which is found by halving.
    """
    pieces, own = frontier.pieces, frontier.own
    start = frontier.low if pieces is None else pieces.start
    width = frontier.high - frontier.low
    first = np.arange(len(own)) if pieces is None else pieces.first
    issue = np.arange(len(own)) if pieces is None else pieces.issue
    cost = np.broadcast_to(frontier.cost, np.broadcast_shapes(frontier.cost.shape, (len(own), target.shape[1])))
    by_issue = np.add.reduceat(cost, first, axis=0)
    weight = np.maximum(by_issue / np.maximum(by_issue.max(axis=0), TINY), LEAST_SIMILARITY)
    extent = np.add.reduceat(np.broadcast_to(width, cost.shape), first, axis=0)
    softness = (extent * extent / weight)[issue]  # of an issue, against a price for worth

    def at(price: NDArray[np.float64]) -> NDArray[np.float64]:
        reached = target[issue] + price * own * softness
        held = np.clip(reached - start, 0.0, width)
        return start[first] + np.add.reduceat(held, first, axis=0)

    low, high = np.zeros(target.shape[1]), np.ones(target.shape[1])
    content = frontier.own_value(target) >= aspiration  # there the target is no help: it gives more than is asked
    for _ in range(HALVINGS):  # far enough out to hold the right price
        high = np.where(frontier.own_value(at(high)) < aspiration, 2 * high, high)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        short = frontier.own_value(at(middle)) < aspiration
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    return np.where(content, frontier.offer(aspiration), at(high))
