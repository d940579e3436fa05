"""How far a sample may lie from the truth by chance: four standard errors, which a true equality keeps to but for once
in 16,000 tries. No tolerance is fitted to the seed at hand.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import binom, norm

STANDARD_ERRORS = 4
ONCE_IN = float(norm.sf(STANDARD_ERRORS))


def of_share(share: float, n: int) -> float:
    """Either way, of a share seen in ``n`` independent tries."""
    return STANDARD_ERRORS * float(np.sqrt(share * (1 - share) / n))


def of_mean(values: ArrayLike) -> float:
    """Either way, of the mean of independent values."""
    values = np.asarray(values, dtype=float)
    return STANDARD_ERRORS * float(values.std(ddof=1) / np.sqrt(len(values)))


def most(share: float, n: int) -> int:
    """The largest count in ``n`` tries of something that happens with a chance of at most ``share``."""
    return int(binom.isf(ONCE_IN, n, share))


def of_correlation(correlation: float, n: int) -> float:
    """Either way, of a correlation in a sample that large, as if normal."""
    return STANDARD_ERRORS * (1 - correlation**2) / float(np.sqrt(n))
