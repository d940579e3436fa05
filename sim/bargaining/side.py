"""One side of the table: what it wants, believes and has heard; and what happens in a round."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from agents.tactics import Tactic
from sim.bargaining.commitments import floor_after_demand
from sim.bargaining.estimates import Estimate
from sim.bargaining.frontier import Frontier
from sim.bargaining.package import Satiation
from sim.worlds.axis import FEW, Worlds


class PackageTest(Protocol):
    """A test that a package, (issues, worlds here), passes or not, (worlds here,)."""

    def __call__(self, package: NDArray[np.float64], here: NDArray[np.int64] | None = None, /) -> NDArray[np.bool_]:
        """``here``: the worlds that the package is about, by place; None: all."""


@dataclass(slots=True, kw_only=True)
class Side:
    """One side of the table: what it wants, what it believes, how it concedes."""

    name: str
    weights: NDArray[np.float64]  # what a unit of each issue is worth to it, (issues,) or (issues, worlds), own units
    reservation: Worlds  # what no deal is worth to it, on its own scale; above 1: nothing beats no deal
    tactic: Tactic
    believed: NDArray[np.float64] | None = None  # the other's weights as it believes; None: it knows them
    learning: Worlds | None = None  # how fast the other's offers change that belief (`estimates.py`); None: not at all
    believed_reservation: Worlds | None = None  # the other's no-deal value as it believes; None: it knows it
    acceptable: PackageTest | None = None  # a further test of a package, such as the leaders' forecast of ratification
    end: Satiation | None = None  # where it has enough of what its weights add up to; known to both sides
    demand: Worlds | None = None  # what it has demanded in public, on its own scale; None: nothing
    price: Worlds = 0.0  # what taking the demand back costs it, a unit given up
    reputation: Worlds = 0.0  # what yielding a unit of its ideal costs it in the next crisis
    # what happened so far
    frontier: Frontier = field(init=False, repr=False)
    estimate: Estimate | None = field(init=False, repr=False, default=None)
    asked: list[NDArray[np.float64]] = field(init=False, repr=False, default_factory=list)  # aspirations, (worlds,)
    heard: list[NDArray[np.float64]] = field(init=False, repr=False, default_factory=list)  # offers' worth, (worlds,)
    last_offer: NDArray[np.float64] | None = field(init=False, repr=False, default=None)  # heard, (issues, worlds)
    last_text: NDArray[np.float64] | None = field(init=False, repr=False, default=None)  # its own, (issues, worlds)
    floor: NDArray[np.float64] = field(init=False, repr=False)  # the least it takes, (worlds,)

    def weigh_no_deal(self, worth: NDArray[np.float64]) -> None:
        """No deal is now worth so much to it, (worlds,); it takes no less, nor what its demand and its name forbid."""
        self.reservation = self.floor = worth
        if self.demand is not None or np.any(self.reputation):
            demand = 0.0 if self.demand is None else self.demand
            self.floor = floor_after_demand(worth, demand, self.price, self.reputation)

    def value(self, package: NDArray[np.float64]) -> NDArray[np.float64]:
        """What a package is worth to this side, (worlds,)."""
        return self.frontier.own_value(package)

    def accepts(self, package: NDArray[np.float64], where: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Of these worlds, (worlds,), those in which a package, (issues, worlds), passes its further test, if any."""
        if self.acceptable is None or not where.any():
            return where
        if where.size <= FEW or where.all():
            return where & self.acceptable(package)
        here, passes = np.flatnonzero(where), where.copy()
        passes[here] = self.acceptable(package[:, here], here)
        return passes


class RoundRecord(NamedTuple):
    """What happened in one round; arrays by world, also for the worlds in which nothing happened any more."""

    round: int
    proposer: str  # a side's name, "mediator", "both", or "either" where it differs between worlds
    package: NDArray[np.float64]  # the text on the table, (issues, worlds)
    aspirations: dict[str, NDArray[np.float64]]  # what the sides that proposed insisted on
    values: dict[str, NDArray[np.float64]]  # what the text is worth to each side
    live: NDArray[np.bool_]  # worlds in which this round was held
    accepted: NDArray[np.bool_]  # and in which it ended in agreement
