"""Shares and means over worlds with their intervals: Wilson's of a share, Student's of a mean."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experiments.statistics.intervals import confidence_of, t_interval, wilson_interval


class Estimate(NamedTuple):
    """A share or a mean, its interval, and how many worlds it is from."""

    value: float
    low: float
    high: float
    n: int


def share(yes: ArrayLike, family: int = 1) -> Estimate:
    """Share of worlds in which something holds; missing values are left out. ``family``: intervals made at once."""
    known = _known(yes)
    low, high = wilson_interval(known.sum(), len(known), confidence_of(family))
    return Estimate(float(known.mean()) if len(known) else math.nan, float(low), float(high), len(known))


def mean(values: ArrayLike, family: int = 1) -> Estimate:
    """Mean over worlds; likewise."""
    known = _known(values)
    n = len(known)
    value = float(known.mean()) if n else math.nan
    error = float(known.std(ddof=1) / math.sqrt(n)) if n > 1 else math.nan
    low, high = t_interval(value, error, n, confidence_of(family))
    return Estimate(value, float(low), float(high), n)


def _known(values: ArrayLike) -> NDArray[np.float64]:
    column = np.asarray(values, float)
    return column[np.isfinite(column)]
