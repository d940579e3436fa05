"""Issues as the rows of a package's worth: what a unit of each piece saves, costs and protects.

Worth bends where it is known to: a freeze saves again in every later year of the budget and nothing beyond it; full
protection is full; and past a point that the scenario names, an issue may save less or cost more. Along every issue
both sides' worth is concave, so the frontier stays exact (`frontier.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from sim.bargaining.package import Issue, Pieces, as_rows
from sim.worlds.axis import TINY, Array, Worlds, in_worlds, total

BUDGET_YEARS = 2  # a biennial budget; savings are averages of its years
FULL_PROTECTION = 1.0  # of a layoff's loss


class Part(NamedTuple):
    """Some of the rows, and what a unit of each means."""

    places: NDArray[np.int64]
    rates: Array

    @classmethod
    def of(cls, rates: Array, where: NDArray[np.bool_]) -> Self:
        """Of these rows the ones whose rate is not nothing."""
        places = np.flatnonzero(where & rates.any(axis=1))
        return cls(places, rates[places])

    def added_up(self, amounts: Array, here: NDArray[np.int64] | None = None) -> Array:
        """What so much of each row means, (rows, worlds here), all together, (worlds here,)."""
        return total(in_worlds(self.rates, here) * amounts.take(self.places, axis=0))


@dataclass(frozen=True)
class Rows:
    """The pieces of all issues, low end first, and what a unit of each row means; (rows, 1) or (rows, worlds)."""

    pieces: Pieces
    saves: Array  # M$/yr
    structural: Array  # part of that which lasts
    burden: Array  # share of a year's pay
    protects: Array  # share of a layoff's loss
    on_wages: NDArray[np.bool_]  # is it decided on the ballot on wages, not on benefits? (rows,)

    @property
    def wages_apart(self) -> bool:
        """Does every unit vote on wages apart? Where all of a deal is decided on one ballot, there is one vote."""
        return bool(self.on_wages.any() and not self.on_wages.all())

    @cached_property
    def costs(self) -> tuple[Part, Part]:
        """What a unit costs members of the rows that do, on the ballot on benefits and on that on wages."""
        return Part.of(self.burden, ~self.on_wages), Part.of(self.burden, self.on_wages)

    @cached_property
    def guards(self) -> Part:
        """What a unit of the rows that protect from a layoff takes away of its loss."""
        return Part.of(self.protects, np.ones(len(self.protects), bool))


def saved_in_year(year: int) -> float:
    """What giving something up in a year of the budget saves in it, against an even share of all years' savings.

    What is given up in year j is saved in j and every later year: of two years' freeze the first saves two thirds.
    """
    left = max(BUDGET_YEARS - year, 0)
    return 2.0 * left / (BUDGET_YEARS + 1)


def rows_of(issues: Mapping[str, Any], declared: Sequence[Issue]) -> Rows:
    """``issues``: their numbers by name; ``declared``: as the scenario has them, in the same order."""
    cuts = [_cuts(numbers, issue) for numbers, issue in zip(issues.values(), declared, strict=True)]
    low, high = (np.array([issue.range[end] for issue in declared], dtype=float) for end in (0, 1))
    pieces = Pieces(low, high, cuts)
    # a row's rates are those in force between its ends
    starts = [as_rows([issue.range[0], *own]) for issue, own in zip(declared, cuts, strict=True)]
    rates = [_rates(*of_issue) for of_issue in zip(issues.values(), declared, starts, strict=True)]
    counts = [len(own) for own in starts]
    saves, burden, protects, structural = (_in_rows(column, counts) for column in zip(*rates, strict=True))
    ballots = np.array([issue.ballot for issue in declared])[pieces.issue]
    return Rows(pieces, saves, structural, burden, protects, on_wages=ballots == "wages")


def _cuts(numbers: Any, issue: Issue) -> list[Worlds]:
    """Where the issue's worth bends, rising."""
    cuts: list[Worlds] = []
    if issue.accumulates:
        cuts += [float(year) for year in range(1, BUDGET_YEARS + 1)]
    if numbers.bend is not None:
        cuts.append(numbers.bend)
    if np.not_equal(numbers.protects, 0).any():
        with np.errstate(divide="ignore"):
            cuts.append(FULL_PROTECTION / np.asarray(numbers.protects, dtype=float))
    low, high = issue.range
    inside = [cut for cut in cuts if np.less(cut, high).any() and np.greater(cut, low).any()]
    if len(inside) < 2:
        return inside
    return list(np.sort(as_rows(inside), axis=0))


def _in_rows(amounts: Sequence[Worlds], counts: Sequence[int]) -> Array:
    """One above the other, each in so many rows, (rows, 1) or (rows, worlds)."""
    rows, end = np.empty((sum(counts), max(np.shape(amount)[-1] if np.ndim(amount) else 1 for amount in amounts))), 0
    for amount, count in zip(amounts, counts, strict=True):
        start, end = end, end + count
        rows[start:end] = amount
    return rows


def _rates(numbers: Any, issue: Issue, start: Array) -> tuple[Worlds, Worlds, Worlds, Worlds]:
    """What a unit saves, costs and protects just beyond ``start``, (starts, 1) or (starts, worlds), and what lasts."""
    saves, burden, protects = numbers.saves, numbers.burden, numbers.protects
    if issue.accumulates:
        year = np.floor(start)
        saves = saves * sum((year == k) * saved_in_year(k) for k in range(BUDGET_YEARS))
    if numbers.bend is not None:
        beyond = np.greater_equal(start, numbers.bend)
        saves = _beyond(saves, numbers.saves_beyond, beyond)
        burden = _beyond(burden, numbers.burden_beyond, beyond)
    if np.not_equal(protects, 0).any():
        with np.errstate(invalid="ignore"):  # a unit that protects from nothing is never enough, not even without end
            covered = start * protects >= FULL_PROTECTION - TINY
        protects = np.where(covered, 0.0, protects) if covered.any() else protects
    return saves, burden, protects, numbers.structural


def _beyond(rate: Worlds, ratio: Worlds | None, beyond: Any) -> Worlds:
    if ratio is None or not beyond.any():
        return rate
    changed = rate * ratio
    return changed if beyond.all() else np.where(beyond, changed, rate)
