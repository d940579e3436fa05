"""Intervals and sample sizes for shares and means: what may be said after n worlds.

Points of a study meet the same worlds. Where several of them are pooled, the worlds are what was sampled, not the rows:
the intervals below take rows by world where a world has more than one.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri, stdtrit

CONFIDENCE = 0.95


class Interval(NamedTuple):
    """Lower and upper end; arrays of one shape, or numbers."""

    low: Any
    high: Any


def normal_quantile(confidence: float) -> float:
    """Two-sided standard normal quantile: 1.96 for 0.95."""
    return float(ndtri(0.5 + confidence / 2))


def confidence_of(family: int) -> float:
    """Confidence of each of ``family`` intervals that hold together at 95 % (Bonferroni)."""
    return 1 - (1 - CONFIDENCE) / max(family, 1)


def wilson_interval(successes: ArrayLike, n: ArrayLike, confidence: float = CONFIDENCE) -> Interval:
    """Wilson score interval of a share, any shape; [0, 1] where nothing was observed.

    Unlike the textbook interval it keeps a width at 0 of n and n of n, so a stopping rule cannot be fooled by a run
    of equal outcomes. ``n`` need not be whole. Source: Wilson (1927), JASA 22(158).
    """
    yes, total = np.broadcast_arrays(np.asarray(successes, float), np.asarray(n, float))
    z = normal_quantile(confidence)
    seen = np.where(total > 0, total, 1.0)
    share = yes / seen
    centre = (share + z * z / (2 * seen)) / (1 + z * z / seen)
    half_width = z / (1 + z * z / seen) * np.sqrt(share * (1 - share) / seen + z * z / (4 * seen * seen))
    # at 0 and n successes one end is exact, but rounding leaves 1e-17 there
    low = np.where((total == 0) | (yes == 0), 0.0, np.maximum(0.0, centre - half_width))
    high = np.where((total == 0) | (yes == total), 1.0, np.minimum(1.0, centre + half_width))
    return Interval(low[()], high[()])


def worlds_behind(rate: ArrayLike, error: ArrayLike, rows: ArrayLike, worlds: ArrayLike) -> NDArray[np.float64]:
    """Independent worlds that would know a share as well as these rows do: its effective sample size.

    ``error`` is the standard error by world. Where all rows agree it says nothing, and the worlds themselves count.
    Wilson's interval at this n: Dean & Pagano (2015), Journal of Survey Statistics and Methodology 3(4).
    """
    share, spread = np.asarray(rate, float), np.asarray(error, float)
    equal = (share * (1 - share) == 0) | (spread == 0)
    effective = np.where(equal, worlds, share * (1 - share) / np.where(equal, 1.0, spread) ** 2)
    return np.minimum(effective, rows)


def t_interval(mean: ArrayLike, error: ArrayLike, worlds: ArrayLike, confidence: float = CONFIDENCE) -> Interval:
    """Student's interval of a mean with this standard error from so many worlds; without end where there is one."""
    centre, degrees = np.asarray(mean, float), np.asarray(worlds, float) - 1
    quantile = np.where(degrees > 0, stdtrit(np.maximum(degrees, 1), 0.5 + confidence / 2), np.inf)
    with np.errstate(invalid="ignore"):
        half_width = np.where(np.asarray(error) > 0, quantile * error, np.where(degrees > 0, 0.0, np.inf))
    return Interval((centre - half_width)[()], (centre + half_width)[()])


def wilson_half_width(successes: ArrayLike, n: ArrayLike, confidence: float = CONFIDENCE) -> NDArray[np.float64]:
    """Half the length of the Wilson interval; 0.5 where nothing was observed."""
    low, high = wilson_interval(successes, n, confidence)
    return (np.asarray(high) - np.asarray(low)) / 2


def worlds_at_most(half_width: float, confidence: float = CONFIDENCE) -> int:
    """Worlds that make the Wilson half-width ``half_width`` or less whatever the share is (the worst is one half).

    At a share of one half the half-width is z / (2 sqrt(n + z^2)), solved for n.
    """
    z = normal_quantile(confidence)
    return max(1, math.ceil((z / (2 * half_width)) ** 2 - z * z))


def worlds_at_least(half_width: float, confidence: float = CONFIDENCE) -> int:
    """Worlds below which no outcome, not even n of n, brings the half-width down to ``half_width``.

    At a share of zero the interval is [0, z^2 / (n + z^2)].
    """
    z = normal_quantile(confidence)
    return max(1, math.ceil(z * z * (1 / (2 * half_width) - 1)))
