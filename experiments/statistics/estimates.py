"""Shares and means over worlds with their intervals, and what a change does to them in the same worlds.

Where several comparisons are made at once (``family``), each interval is taken at confidence 1 - 0.05 / family and each
p-value multiplied by it (Bonferroni), so that all of them hold together.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experiments.statistics.intervals import CONFIDENCE, wilson_interval
from experiments.statistics.paired_tests import paired_difference

RESAMPLES = 2000
Verdict = Literal["raises", "lowers", "no effect that matters", "unclear"]


class Estimate(NamedTuple):
    """A share or a mean, its interval, and how many worlds it is from."""

    value: float
    low: float
    high: float
    n: int


class Difference(NamedTuple):
    """The same worlds before and after a change."""

    n: int  # pairs
    before: float
    after: float
    difference: float
    low: float
    high: float
    p_value: float | None  # exact McNemar test for shares; none for means, where the bootstrap interval decides
    family: int = 1  # comparisons made at once

    @property
    def clear(self) -> bool:
        """Does the interval exclude zero?"""
        return self.low > 0 or self.high < 0

    def verdict(self, matters: float) -> Verdict:
        """What may be said, from the interval alone; ``matters``: the smallest difference that matters.

        An interval inside (-matters, matters) says that there is no effect that matters, also where it excludes zero.
        """
        if -matters < self.low and self.high < matters:
            return "no effect that matters"
        if not self.clear:
            return "unclear"
        return "raises" if self.difference > 0 else "lowers"


def confidence_of(family: int) -> float:
    """Confidence of each of ``family`` intervals that hold together at 95 % (Bonferroni)."""
    return 1 - (1 - CONFIDENCE) / max(family, 1)


def share(yes: ArrayLike, family: int = 1) -> Estimate:
    """Share of worlds in which something holds, with its Wilson interval. Missing values are left out."""
    known = _known(yes)
    low, high = wilson_interval(known.sum(), len(known), confidence_of(family))
    return Estimate(_mean(known), float(low), float(high), len(known))


def mean(values: ArrayLike, family: int = 1) -> Estimate:
    """Mean over worlds with its bootstrap interval. Missing values are left out."""
    known = _known(values)
    return Estimate(_mean(known), *bootstrap_interval(known, confidence_of(family)), len(known))


def compare_shares(before: ArrayLike, after: ArrayLike, family: int = 1) -> Difference:
    """Shares of the same worlds, in the same order; worlds in which either is missing are left out."""
    first, second = _both_known(before, after)
    found = paired_difference(first > 0, second > 0, confidence_of(family))
    p_value = min(found.p_value * family, 1.0)
    return Difference(found.n, _mean(first), _mean(second), found.difference, found.low, found.high, p_value, family)


def compare_means(before: ArrayLike, after: ArrayLike, family: int = 1) -> Difference:
    """Means of the same worlds, in the same order, by a bootstrap of the pairs."""
    first, second = _both_known(before, after)
    change = second - first
    low, high = bootstrap_interval(change, confidence_of(family))
    return Difference(len(change), _mean(first), _mean(second), _mean(change), low, high, None, family)


def bootstrap_interval(values: ArrayLike, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Percentile bootstrap interval of a mean; the same numbers for the same values."""
    from scipy.stats import bootstrap

    known = np.asarray(values, float)
    if len(known) < 2 or np.ptp(known) == 0:
        return (float(known[0]), float(known[0])) if len(known) else (float("nan"), float("nan"))
    result = bootstrap(
        (known,),
        np.mean,
        confidence_level=confidence,
        n_resamples=RESAMPLES,
        method="percentile",
        batch=max(1, 2_000_000 // len(known)),
        rng=np.random.default_rng(2011),
    )
    return float(result.confidence_interval.low), float(result.confidence_interval.high)


def _mean(values: NDArray[np.float64]) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _known(values: ArrayLike) -> NDArray[np.float64]:
    column = np.asarray(values, float)
    return column[np.isfinite(column)]


def _both_known(before: ArrayLike, after: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    first, second = np.asarray(before, float), np.asarray(after, float)
    if first.shape != second.shape:
        raise ValueError(f"pairs must match, got {first.shape} and {second.shape} worlds")
    both = np.isfinite(first) & np.isfinite(second)
    return first[both], second[both]
