"""What is bargained over: issues, packages of them, and what a package is worth to a side.

A package is a number for every issue, shape (issues, worlds). What a side gets from it adds up over the issues: its
weights times the package. Worth may be concave: an issue of which the first part is worth more than the last is cut
into `Pieces`, each a row of its own; and where a side has enough of the sum (`Satiation`) its worth is an increasing
function of that sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from sim.errors import WrongInput
from sim.scenario.parameters import Number, Section, number
from sim.worlds.axis import TINY, Groups, Worlds, in_worlds, total

TOLERANCE = 1e-9  # on a scale from 0 to 1; what rounding may do to a value


class Issue(Section):
    """One thing that is bargained over, and what a unit of it is worth to the employer and to a member."""

    name: str = Field(min_length=1)
    unit: str = Field(description="What it is counted in")
    range: tuple[float, float] = Field(description="Least and most that is on the table")
    ballot: Literal["benefits", "wages"] = Field(description="The members' ballot on which it is decided")
    saves: Number = number("M$/yr per unit", "What a unit saves the employer, average of the two budget years")
    structural: Number = number("share", "Part of the saving that lasts", at_least=0, at_most=1)
    burden: Number = number(
        "share of a year's pay per unit", "What a unit costs a member each year", at_least=-1, at_most=1
    )
    protects: Number = number("share per unit", "Part of a layoff's loss that a unit takes away", at_least=0, at_most=1)
    accumulates: bool = Field(
        default=False, description="Is what is given up in one year of the budget saved again in every later one?"
    )
    bend: Number | None = number("units of the issue", "Beyond which a unit saves or costs otherwise", default=None)
    saves_beyond: Number | None = number("ratio", "What a unit saves beyond the bend, against before", default=None)
    burden_beyond: Number | None = number(
        "ratio", "What a unit costs a member beyond the bend, against before", at_least=0, default=None
    )
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

    Both by issue, or both by piece: (rows, worlds) or (rows, 1).
    """
    return total(weights * package)


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


class Pieces:
    """How issues are cut so that on every piece a unit is worth the same, to either side.

    A piece is a row, the pieces of an issue follow each other from its low end up, and an issue's amount is the sum
    of its rows. ``issue`` says whose piece a row is, (pieces,); ``low`` and ``high`` what a row may hold, (pieces, 1)
    or (pieces, worlds): the first row of an issue starts at the issue's low end, later ones at 0. An issue without
    cuts is a row that is the issue itself.
    """

    def __init__(
        self, low: NDArray[np.float64], high: NDArray[np.float64], cuts: Sequence[Sequence[Worlds]] | None = None
    ) -> None:
        """``cuts``: where each issue is cut, rising, numbers or (worlds,); ``low`` and ``high``: the bounds, (issues,).

        A cut outside the bounds leaves an empty piece there.
        """
        cuts = [()] * len(low) if cuts is None else cuts
        self.straight = not any(len(of_issue) for of_issue in cuts)
        self.issue = np.repeat(np.arange(len(low)), [len(of_issue) + 1 for of_issue in cuts])
        row = np.arange(len(self.issue))
        is_first = np.append(True, self.issue[1:] != self.issue[:-1])
        self._added_up = Groups(self.issue, row, np.ones(len(row)), shape=(len(low), len(row)))
        self.first = row[is_first]  # row of each issue's first piece
        self._follows = ~is_first[1:, None]  # does a row follow another of its issue? Of all but the first
        starts, lows, highs = [], [], []
        for bottom, top, of_issue in zip(low, high, cuts, strict=True):
            ends = [np.minimum(np.maximum(cut, bottom), top) for cut in of_issue] + [top]
            begins = [bottom, *ends[:-1]]
            starts += begins
            lows += [bottom] + [0.0] * len(of_issue)
            highs += [ends[0], *(end - begin for begin, end in zip(begins[1:], ends[1:], strict=True))]
        self.start, self.low, self.high = as_rows(starts), as_rows(lows), as_rows(highs)
        # an issue's last piece has no end: what lies above its bounds is on it all the same
        self._end = as_rows([*starts[1:], np.inf])
        self._end[np.append(is_first[1:], True)] = np.inf

    def rows(self, package: NDArray[np.float64], here: NDArray[np.intp] | None = None) -> NDArray[np.float64]:
        """What of a package, (issues, worlds here), lies on each piece, (pieces, worlds here)."""
        if self.straight:
            return package
        end = in_worlds(self._end, here)
        rows = np.minimum(package.take(self.issue, axis=0), end)  # what lies below the end of each piece ...
        rows[1:] -= np.where(self._follows, rows[:-1], 0.0)  # ... less what lies on the pieces before it
        return rows

    def of_worlds(self, here: NDArray[np.intp]) -> Pieces:
        """The same in these worlds alone."""
        if self._end.shape[-1] == 1:  # the same in all
            return self
        some = copy(self)
        for name in ("start", "low", "high", "_end"):
            setattr(some, name, in_worlds(getattr(self, name), here))
        return some

    def package(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """The pieces of every issue added up, (pieces, worlds) to (issues, worlds)."""
        if self.straight:
            return rows
        return self._added_up.add_up(rows)


def as_rows(amounts: Sequence[Worlds]) -> NDArray[np.float64]:
    """Numbers and (worlds,) one above the other, (rows, 1) or (rows, worlds)."""
    rows = np.empty((len(amounts), max(getattr(amount, "size", 1) for amount in amounts)))
    for row, amount in zip(rows, amounts, strict=True):
        row[:] = amount
    return rows


class Satiation(NamedTuple):
    """Where a side has enough: beyond it more of the sum is worth little, and not asked for.

    The sum is on the side's `Scale`. Up to ``enough``, which is worth 1, worth rises with it, beyond only by ``beyond``
    for one before. An increasing function of the sum, so the frontier's packages stay. At 1 nothing bends.
    """

    enough: Worlds  # above 0
    beyond: Worlds  # in [0, 1]

    @property
    def _full(self) -> Worlds:
        return np.minimum(self.enough, 1.0)

    def of(self, added: Worlds) -> NDArray[np.float64]:
        """Worth of a sum."""
        return np.minimum(added, self.enough + self.beyond * (added - self.enough)) / self._full

    def back(self, worth: Worlds) -> NDArray[np.float64]:
        """The least sum that is worth so much."""
        full = worth * self._full
        over = np.maximum(full - self.enough, 0.0)
        if not over.any():
            return np.asarray(full)
        more = np.where(np.greater(self.beyond, 0.0), over / np.maximum(self.beyond, TINY), over)
        return np.where(over > 0, self.enough + more, full)


def package_by_hand(
    offer: Any, low: NDArray[np.float64], high: NDArray[np.float64], worlds: int
) -> NDArray[np.float64]:
    """An offer of somebody who plays by hand, (issues,) or (issues, worlds), as (issues, worlds).

    Raises `WrongInput` where an issue is missing or beyond its bounds.
    """
    package = np.asarray(offer, dtype=np.float64)
    package = package[:, None] if package.ndim == 1 else package
    if len(package) != len(low):
        raise WrongInput(f"an offer names {len(low)} issues, got {len(package)}")
    outside = (package < low[:, None] - TOLERANCE) | (package > high[:, None] + TOLERANCE) | ~np.isfinite(package)
    if outside.any():
        issue = int(np.flatnonzero(outside.any(axis=1))[0])
        raise WrongInput(
            f"issue {issue} of an offer must lie in [{low[issue]:g}, {high[issue]:g}], got {package[issue].flat[0]!r}"
        )
    return np.broadcast_to(package, (len(package), worlds))


def columns(amounts: NDArray[np.float64]) -> NDArray[np.float64]:
    """(issues,) as (issues, 1), so that it meets (issues, worlds)."""
    amounts = np.asarray(amounts, dtype=np.float64)
    return amounts[:, None] if amounts.ndim == 1 else amounts
