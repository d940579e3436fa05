"""Two ways to run the same worlds: by how much does a share or a mean differ, and is that chance?

Worlds keep their luck across parameter values, so the comparison is between pairs, and far sharper than two samples.
Test and interval are one: the interval excludes zero exactly where the test rejects, and the verdict is read from it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri, stdtr

from experiments.statistics.intervals import CONFIDENCE, confidence_of, normal_quantile, t_interval

MOST_TOGETHER = 500  # comparisons whose correlations are taken into account; more are shared out evenly
DRAWS = 20_000
HAIR = 1e-9  # of a difference of shares
MATTERS = 0.01  # smallest effect of interest unless a study declares one: a point of a share, 1 % of a mean
Verdict = Literal["raises", "lowers", "no effect that matters", "unclear"]


def verdict_of(low: float, high: float, matters: float) -> Verdict:
    """What an interval of a change allows to be claimed; ``matters`` is the smallest effect of interest.

    An interval inside (-matters, matters) is one of no effect that matters, also where it excludes zero. Source:
    Lakens, Scheel & Isager (2018), Advances in Methods and Practices in Psychological Science 1(2).
    """
    if -matters < low and high < matters:
        return "no effect that matters"
    return "raises" if low > 0 else "lowers" if high < 0 else "unclear"


def is_share(values: ArrayLike) -> bool:
    """Is this a yes or no wherever it is known, so that its mean is a share?"""
    column = np.asarray(values)
    if column.dtype == np.bool_:
        return True
    return column.dtype.kind in "iuf" and bool(np.isin(column[np.isfinite(column)], (0, 1)).all())


class PairedDifference(NamedTuple):
    """What a change does to a share or a mean, in the same worlds with and without it."""

    n: int  # pairs
    gained: int  # worlds in which it rises
    lost: int  # worlds in which it falls
    before: float
    after: float
    difference: float
    low: float
    high: float
    p_value: float
    family: int = 1  # comparisons with which interval and p-value hold together

    @property
    def clear(self) -> bool:
        """Does the interval exclude zero?"""
        return self.low > 0 or self.high < 0

    def verdict(self, matters: float) -> Verdict:
        """What may be claimed; ``matters``: the smallest effect of interest."""
        return verdict_of(self.low, self.high, matters)


def paired_difference(before: ArrayLike, after: ArrayLike, confidence: float = CONFIDENCE) -> PairedDifference:
    """Difference of two shares in matched worlds, (worlds,) booleans each, in the same order.

    McNemar's test, and the score interval of Tango (1998), Statistics in Medicine 17, which inverts it and keeps a
    width where no world changes. Fagerland, Lydersen & Laake (2014), ibid. 33, recommend both.
    """
    without, with_change = (column > 0 for column in _matched(before, after))
    n = without.size
    gained, lost = int((with_change & ~without).sum()), int((without & ~with_change).sum())
    z = normal_quantile(confidence)
    low, high = (-1.0, 1.0) if n == 0 else (_tango(gained, lost, n, z), _tango(gained, lost, n, -z))
    score = abs(gained - lost) / math.sqrt(max(gained + lost, 1))
    shares = _mean(without), _mean(with_change)
    return PairedDifference(n, gained, lost, *shares, (gained - lost) / max(n, 1), low, high, 2 * float(ndtr(-score)))


def _tango(gained: int, lost: int, n: int, z: float) -> float:
    """The difference at which the score statistic is ``z``: the lower end where that is positive."""

    def excess(d: float) -> float:
        a, b, c = 2 * n, (2 * n - gained + lost) * d - gained - lost, -lost * d * (1 - d)
        only_before = (math.sqrt(max(b * b - 4 * a * c, 0.0)) - b) / (2 * a)  # its likeliest share if d were true
        return gained - lost - n * d - z * math.sqrt(max(n * (2 * only_before + d * (1 - d)), 0.0))

    edge, middle = math.copysign(1.0, -z), (gained - lost) / n
    if middle == edge:
        return edge
    # a hair inside both: where no world changes, or every one, the statistic is 0 / 0 at the estimate itself
    inner, outer = middle + HAIR * edge, edge * (1 - HAIR)
    return float(brentq(excess, *sorted((inner, outer)), xtol=1e-10))


def paired_mean_difference(before: ArrayLike, after: ArrayLike, confidence: float = CONFIDENCE) -> PairedDifference:
    """Mean difference in matched worlds, (worlds,) each: Student's paired test and its interval."""
    without, with_change = _matched(before, after)
    change = with_change - without
    n, mean = len(change), _mean(change)
    error = float(change.std(ddof=1) / math.sqrt(n)) if n > 1 else math.nan
    low, high = t_interval(mean, error, n, confidence)
    alike = float(n < 2 or mean == 0)  # where all pairs change alike; one pair, or none, tells nothing
    p_value = 2 * float(stdtr(n - 1, -abs(mean) / error)) if error > 0 else alike
    moved = int((change > 0).sum()), int((change < 0).sum())
    return PairedDifference(n, *moved, _mean(without), _mean(with_change), mean, float(low), float(high), p_value)


def compare_shares(before: ArrayLike, after: ArrayLike, family: int = 1) -> PairedDifference:
    """`paired_difference` as one of ``family`` comparisons made at once (Bonferroni)."""
    return _one_of(paired_difference(before, after, confidence_of(family)), family)


def compare_means(before: ArrayLike, after: ArrayLike, family: int = 1) -> PairedDifference:
    """`paired_mean_difference` as one of ``family`` comparisons made at once (Bonferroni)."""
    return _one_of(paired_mean_difference(before, after, confidence_of(family)), family)


def _one_of(found: PairedDifference, family: int) -> PairedDifference:
    return found._replace(p_value=min(family * found.p_value, 1.0), family=family)


def _mean(values: NDArray[Any]) -> float:
    return float(values.mean()) if len(values) else math.nan


def _matched(before: ArrayLike, after: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both as numbers, where both are known."""
    first, second = np.asarray(before, float), np.asarray(after, float)
    if first.shape != second.shape:
        raise ValueError(f"pairs must match, got {first.shape} and {second.shape} worlds")
    both = np.isfinite(first) & np.isfinite(second)
    return first[both], second[both]


class Together(NamedTuple):
    """What makes several comparisons in the same worlds hold at once."""

    confidence: float  # of each interval, so that all hold with 95 %
    adjusted: Callable[[float], float]  # a p-value of one, as one of all


def together(changes: NDArray[np.float64]) -> Together:
    """Max-t over comparisons made in the same worlds, ``changes`` (worlds, comparisons); NaN where unknown.

    Single-step, by the correlation of the changes: sharper than Bonferroni where they go together. Source: Hothorn,
    Bretz & Westfall (2008), Biometrical Journal 50(3).
    """
    count = changes.shape[1]
    if count == 1 or count > MOST_TOGETHER:
        return Together(CONFIDENCE ** (1 / count), lambda p: 1 - (1 - p) ** count)  # as if independent: Šidák
    known = np.isfinite(changes)
    filled = np.where(known, changes, 0.0)
    # an unknown change counts as the mean: that hides part of what goes together, and errs on the wide side
    centred = np.where(known, filled - filled.sum(axis=0) / np.maximum(known.sum(axis=0), 1), 0.0)
    size = np.sqrt((centred**2).sum(axis=0))
    scaled = centred / np.where(size > 0, size, 1)
    values, vectors = np.linalg.eigh(scaled.T @ scaled + np.diag((size == 0).astype(float)))
    draws = np.random.default_rng(2011).standard_normal((DRAWS, count)) * np.sqrt(np.maximum(values, 0))
    largest = np.sort(np.abs(draws @ vectors.T).max(axis=1))

    def adjusted(p: float) -> float:
        beyond = DRAWS - np.searchsorted(largest, -ndtri(p / 2), side="left")
        return min(max(float(beyond) / DRAWS, p), 1.0)

    return Together(2 * float(ndtr(np.quantile(largest, CONFIDENCE))) - 1, adjusted)
