"""The patient rule induction method: boxes of parameter space in which something happens unusually often.

Starting from all of space, the slice of a few per cent is peeled off whose loss raises the share of cases most, again
and again. One box of the sequence is chosen, limits that do not matter are dropped, and a further box is sought among
what is left. Boxes are found on one half of the runs and judged on the other.
Sources: Friedman & Fisher (1999), Statistics and Computing 9; Bryant & Lempert (2010), Technological Forecasting and
Social Change 77, for coverage, density and the test of a limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrc

PEEL = 0.05  # share of the box peeled off at a time
SMALLEST = 0.03  # share of the runs that a box must keep
SIGNIFICANT = 0.01
BOXES = 2  # sought at the most


@dataclass(frozen=True, kw_only=True)
class Box:
    """Limits on factors; each (factors,), minus and plus infinity where there is none."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def holds(self, points: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which points, (points, factors), lie inside."""
        return np.all((points >= self.low) & (points <= self.high), axis=1)

    @property
    def restricted(self) -> list[int]:
        """Factors with a limit."""
        return np.flatnonzero(np.isfinite(self.low) | np.isfinite(self.high)).tolist()

    def without(self, factor: int) -> Box:
        """The same box with this factor free."""
        low, high = self.low.copy(), self.high.copy()
        low[factor], high[factor] = -np.inf, np.inf
        return Box(low=low, high=high)


@dataclass(frozen=True, kw_only=True)
class Quality:
    """A box judged on some runs: counts, from which coverage, density and mass follow."""

    inside: int  # runs in the box
    cases_inside: int
    runs: int
    cases: int

    @property
    def coverage(self) -> float:
        """Share of all cases that lie in the box."""
        return self.cases_inside / max(self.cases, 1)

    @property
    def density(self) -> float:
        """Share of the box's runs that are cases."""
        return self.cases_inside / max(self.inside, 1)

    @property
    def mass(self) -> float:
        """Share of all runs that lie in the box."""
        return self.inside / max(self.runs, 1)

    @property
    def balance(self) -> float:
        """Harmonic mean of coverage and density: high where neither is low."""
        both = self.coverage + self.density
        return 2 * self.coverage * self.density / both if both else 0.0


def everywhere(factors: int) -> Box:
    """The box without limits."""
    return Box(low=np.full(factors, -np.inf), high=np.full(factors, np.inf))


def judged(box: Box, points: NDArray[np.float64], cases: NDArray[np.bool_], left: Any = True) -> Quality:
    """How good a box is on these runs; only those that are ``left`` count as inside."""
    inside = box.holds(points) & left
    return Quality(
        inside=int(inside.sum()), cases_inside=int((inside & cases).sum()), runs=len(cases), cases=int(cases.sum())
    )


def peel(points: NDArray[np.float64], cases: NDArray[np.bool_]) -> list[Box]:
    """The sequence of ever smaller boxes, the first without limits."""
    boxes = [everywhere(points.shape[1])]
    inside = np.arange(len(points))
    fewest = max(SMALLEST * len(points), 2)
    while True:
        best: tuple[float, Box, NDArray[np.int64]] | None = None
        for factor in range(points.shape[1]):
            column = points[inside, factor]
            for upper in (False, True):
                limit = _limit(column, upper)
                stays = column <= limit if upper else column >= limit
                if not stays.any() or stays.all() or stays.sum() < fewest:
                    continue
                # gain in density for each run given up: a whole number may have to give up more than others
                gain = cases[inside[stays]].mean() - cases[inside].mean()
                merit = gain / (1 - stays.mean())
                if gain > 0 and (best is None or merit > best[0]):
                    low, high = boxes[-1].low.copy(), boxes[-1].high.copy()
                    (high if upper else low)[factor] = limit
                    best = merit, Box(low=low, high=high), inside[stays]
        if best is None:
            return boxes
        boxes.append(best[1])
        inside = best[2]


def _limit(column: NDArray[np.float64], upper: bool) -> float:
    """Where to cut so that about `PEEL` of the values go; at least one value of the factor goes."""
    if upper:
        limit = float(np.quantile(column, 1 - PEEL, method="lower"))
        return limit if limit < column.max() else float(column[column < column.max()].max(initial=-np.inf))
    limit = float(np.quantile(column, PEEL, method="higher"))
    return limit if limit > column.min() else float(column[column > column.min()].min(initial=np.inf))


def p_of_limit(box: Box, factor: int, points: NDArray[np.float64], cases: NDArray[np.bool_]) -> float:
    """Chance of as many cases in the box if this factor's limit did nothing: one-sided binomial test."""
    wider, own = judged(box.without(factor), points, cases), judged(box, points, cases)
    return float(bdtrc(own.cases_inside - 1, own.inside, wider.density)) if own.cases_inside else 1.0


def find_boxes(points: NDArray[np.float64], cases: NDArray[np.bool_]) -> list[tuple[Box, Quality, dict[int, float]]]:
    """Boxes, each judged on runs it was not found on, with the p-value of each of its limits there.

    A further box is sought, and judged, among the runs outside the boxes before it; coverage is of all cases.
    """
    half = np.arange(len(points)) % 2 == 0
    left, found = np.ones(len(points), bool), []
    for _ in range(BOXES):
        train, test = half & left, ~half & left
        if cases[train].sum() < 10:
            break
        box = max(peel(points[train], cases[train]), key=lambda box: judged(box, points[train], cases[train]).balance)
        box = _needed(box, points[train], cases[train])
        quality = judged(box, points[~half], cases[~half], left[~half])
        if not box.restricted or quality.density <= cases[~half].mean():
            break
        found.append((box, quality, {f: p_of_limit(box, f, points[test], cases[test]) for f in box.restricted}))
        left &= ~box.holds(points)
    return found


def _needed(box: Box, points: NDArray[np.float64], cases: NDArray[np.bool_]) -> Box:
    """The box without the limits that could as well be chance, the weakest dropped first."""
    while box.restricted:
        p = {factor: p_of_limit(box, factor, points, cases) for factor in box.restricted}
        weakest = max(p, key=p.__getitem__)
        if p[weakest] <= SIGNIFICANT:
            return box
        box = box.without(weakest)
    return box
