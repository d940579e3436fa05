"""What is bargained over: issues, packages of them, and the frontier of the best packages there are.

A package is a number for every issue, shape (issues, worlds). What a side gets from it adds up over the issues: its
weights times the package. The package that gives one side exactly what it aspires to and is best for the other is a
fractional knapsack, solved in closed form: the side keeps first what costs the other least per unit of its own gain.
Source: Dantzig (1957), Operations Research 5(2); in talks: Raiffa (1982), The Art and Science of Negotiation.
"""

from __future__ import annotations

from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from sim.scenario.parameters import Number, Section, number
from sim.worlds.axis import Worlds, total

TINY = 1e-12  # keeps a division by an issue or a scale without extent finite
TOLERANCE = 1e-9  # on a scale from 0 to 1; what rounding may do to a value


class Issue(Section):
    """One thing that is bargained over, and what a unit of it is worth to the state and to a member."""

    name: str = Field(min_length=1)
    unit: str = Field(description="What it is counted in")
    range: tuple[float, float] = Field(description="Least and most that is on the table")
    ballot: Literal["benefits", "wages"] = Field(description="The members' ballot on which it is decided")
    saves: Number = number("M$/yr per unit", "What a unit saves the state, average of the two budget years")
    structural: Number = number("share", "Part of the saving that lasts", at_least=0, at_most=1)
    burden: Number = number("share of a year's pay per unit", "What a unit costs a member each year")
    protects: Number = number("share per unit", "Part of a layoff's loss that a unit takes away", at_least=0)
    last_offer: Number | None = number(
        "units of the issue", "What is put to the vote of it where nobody bargains: a last offer", default=None
    )

    @field_validator("range")
    @classmethod
    def _low_to_high(cls, limits: tuple[float, float]) -> tuple[float, float]:
        low, high = limits
        if not -np.inf < low < high < np.inf:
            raise ValueError(f"a range is [low, high] with low < high, got [{low:g}, {high:g}]")
        return limits


def value_of(package: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """What a package is worth to the side with these weights, in the units of the weights, shape (worlds,).

    Added up issue by issue: a block of worlds then gives bit for bit what the same worlds give one by one.
    """
    total = weights[0] * package[0]
    term = np.empty_like(total)
    for weight, amount in zip(weights[1:], package[1:], strict=True):
        np.multiply(weight, amount, out=term)
        total += term
    return total


class Scale(NamedTuple):
    """A side's own ruler for packages: 0 is its worst within the bounds, 1 its ideal; each shape (worlds,)."""

    worst: NDArray[np.float64]  # in the units of the side's weights
    ideal: NDArray[np.float64]

    def of(self, value: Worlds) -> NDArray[np.float64]:
        """From the units of the weights to the ruler. A value above the ideal comes out above 1."""
        return (value - self.worst) / np.maximum(self.ideal - self.worst, TINY)

    def back(self, utility: Worlds) -> NDArray[np.float64]:
        """From the ruler to the units of the weights."""
        return self.worst + utility * (self.ideal - self.worst)


def scale(weights: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]) -> Scale:
    """The ruler of the side with these weights, (issues,) or (issues, worlds); bounds (issues,)."""
    weights, low, high = columns(weights), columns(low), columns(high)
    up = weights > 0
    return Scale(worst=value_of(np.where(up, low, high), weights), ideal=value_of(np.where(up, high, low), weights))


class Frontier:
    """The packages that give one side, the owner, what it aspires to and are best for the other side.

    ``own`` and ``other`` say what a unit of each issue is worth to either, shape (issues,) or (issues, worlds), each
    in its own units; ``low`` and ``high`` are the bounds, (issues,). Aspirations are on the owner's `Scale`. What both
    want at the same end sits there whatever the aspiration. All order is worked out here, once; an offer is then a
    handful of array operations.
    """

    def __init__(
        self,
        own: NDArray[np.float64],
        other: NDArray[np.float64],
        low: NDArray[np.float64],
        high: NDArray[np.float64],
    ) -> None:
        self.own, self.other = columns(own), columns(other)
        self.low, self.high = columns(low), columns(high)
        # which end of an issue the owner wants; where it does not care, the end the other wants
        up = (self.own > 0) | ((self.own == 0) & (self.other > 0))
        self.yielded = np.where(up, self.low, self.high)  # an issue given up wholly, (issues, worlds)
        # from there to the end the owner wants, signed
        self.span = np.where(up, self.high - self.low, self.low - self.high)
        self.gain = self.own * self.span  # the owner's gain from keeping an issue wholly, >= 0
        self.cost = self.other * self.span  # what that takes from the other, 0 where both want it
        np.maximum(np.negative(self.cost, out=self.cost), 0.0, out=self.cost)
        worst = value_of(self.yielded, self.own)
        extent = total(self.gain)
        self.scale = Scale(worst=worst, ideal=worst + extent)
        with np.errstate(divide="ignore", invalid="ignore"):
            self._rank = self.gain / self.cost  # higher is kept first; without limit where it takes nothing
        gain_before = self._before(self.gain)
        # an issue is kept from _start on the owner's scale, by _slope a unit of it, as far as the bounds allow
        self._slope = np.maximum(self.gain, TINY)
        np.divide(self.span, self._slope, out=self._slope)
        gain_before *= self._slope
        self._start = np.subtract(self.yielded, gain_before, out=gain_before)
        self._slope *= extent
        kept_always = self.cost <= 0
        if kept_always.any():
            self._start = np.where(kept_always, self.yielded + self.span, self._start)
            self._slope = np.where(kept_always, 0.0, self._slope)
        extent = np.maximum(extent, TINY)
        self._unit_weights, self._unit_worst = self.own / extent, worst / extent

    def _before(self, amount: NDArray[np.float64]) -> NDArray[np.float64]:
        """How much of something adds up before it is an issue's turn to be kept, (issues, worlds).

        Issues are compared pair by pair, which is cheaper than sorting six rows; ties go to the issue listed first.
        """
        before = np.zeros(self._rank.shape)
        for i in range(len(before)):
            for j in range(i + 1, len(before)):
                i_first = self._rank[i] >= self._rank[j]
                before[j] += amount[i] * i_first
                before[i] += amount[j] * ~i_first
        return before

    @cached_property
    def others_scale(self) -> Scale:
        """The other's ruler, as far as the owner knows the other's weights."""
        return scale(self.other, self.low, self.high)

    @cached_property
    def _cost_before(self) -> NDArray[np.float64]:
        """What the other has lost before it is an issue's turn to be kept; few uses need it."""
        return self._before(self.cost)

    @cached_property
    def _shared(self) -> NDArray[np.float64]:
        """The other's ideal package: only what both want at the owner's end sits there, (issues, worlds)."""
        return self.yielded + np.where(self.cost > 0, 0.0, self.span)

    def offer(self, aspiration: Worlds) -> NDArray[np.float64]:
        """The package worth exactly ``aspiration`` to the owner that is best for the other, (issues, worlds).

        Below what the common interests give the owner anyway it is the other's ideal, above 1 the owner's.
        """
        package = np.empty(np.broadcast_shapes(self._slope.shape, np.shape(aspiration)))
        # issue by issue: an amount on its way then stays in the nearest cache
        rows = zip(package, self._slope, self._start, self.low[:, 0].tolist(), self.high[:, 0].tolist(), strict=True)
        for amount, slope, start, low, high in rows:
            np.multiply(slope, aspiration, out=amount)
            amount += start
            np.maximum(amount, low, out=amount)
            np.minimum(amount, high, out=amount)
        return package

    def own_value(self, package: NDArray[np.float64]) -> NDArray[np.float64]:
        """A package on the owner's scale, (worlds,)."""
        return value_of(package, self._unit_weights) - self._unit_worst

    def others_value(self, package: NDArray[np.float64]) -> NDArray[np.float64]:
        """A package on the other's scale, as far as the owner knows the other's weights, (worlds,)."""
        return self.others_scale.of(value_of(package, self.other))

    def own_when_other_gets(self, utility: Worlds) -> NDArray[np.float64]:
        """The most the owner can have when the other must get at least this on the other's scale, (worlds,).

        Minus infinity where no package gives the other so much.
        """
        at_others_ideal = self.others_value(self._shared)
        lost = (at_others_ideal - utility) * (self.others_scale.ideal - self.others_scale.worst)
        costly = self.cost > 0
        kept = np.where(costly, np.clip((lost - self._cost_before) / np.maximum(self.cost, TINY), 0.0, 1.0), 1.0)
        mine = self.own_value(self.yielded + kept * self.span)
        return np.where(lost < -TOLERANCE, -np.inf, mine)

    def corners(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Where the frontier bends: the two sides' values, each in the units of its weights, (issues + 1, worlds).

        From the other's ideal to the owner's, so the owner's values rise and the other's fall.
        """
        costly = self.cost > 0
        gain = np.where(costly, self.gain, 0.0)
        order = np.argsort(np.where(costly, -self._rank, np.inf), axis=0, kind="stable")
        start_own, start_other = value_of(self._shared, self.own), value_of(self._shared, self.other)
        gains = np.cumsum(np.take_along_axis(gain, order, axis=0), axis=0)
        losses = np.cumsum(np.take_along_axis(self.cost, order, axis=0), axis=0)
        own = np.concatenate([start_own[None], start_own + gains])
        other = np.concatenate([start_other[None], start_other - losses])
        return own, other


def columns(amounts: NDArray[np.float64]) -> NDArray[np.float64]:
    """(issues,) as (issues, 1), so that it meets (issues, worlds)."""
    amounts = np.asarray(amounts, dtype=np.float64)
    return amounts[:, None] if amounts.ndim == 1 else amounts
