"""Intervals and sample sizes for shares: what may be said about a deal rate after n worlds."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

CONFIDENCE = 0.95


class Interval(NamedTuple):
    """Lower and upper end; arrays of one shape, or numbers."""

    low: Any
    high: Any


def normal_quantile(confidence: float) -> float:
    """Two-sided standard normal quantile: 1.96 for 0.95."""
    return float(ndtri(0.5 + confidence / 2))


def wilson_interval(successes: ArrayLike, n: ArrayLike, confidence: float = CONFIDENCE) -> Interval:
    """Wilson score interval of a share, any shape; [0, 1] where nothing was observed.

    Unlike the textbook interval it keeps a width at 0 of n and n of n, so a stopping rule cannot be fooled by a run
    of equal outcomes. Source: Wilson (1927), JASA 22(158).
    """
    yes, total = np.broadcast_arrays(np.asarray(successes, float), np.asarray(n, float))
    z = normal_quantile(confidence)
    seen = np.maximum(total, 1)
    share = yes / seen
    centre = (share + z * z / (2 * seen)) / (1 + z * z / seen)
    half_width = z / (1 + z * z / seen) * np.sqrt(share * (1 - share) / seen + z * z / (4 * seen * seen))
    # at 0 and n successes one end is exact, but rounding leaves 1e-17 there
    low = np.where((total == 0) | (yes == 0), 0.0, np.maximum(0.0, centre - half_width))
    high = np.where((total == 0) | (yes == total), 1.0, np.minimum(1.0, centre + half_width))
    return Interval(low[()], high[()])


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
