"""Two ways to run the same worlds: by how much does the deal rate differ, and is that chance?

Worlds keep their luck across parameter values, so the comparison is between pairs, and far sharper than two samples.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from experiments.statistics.intervals import CONFIDENCE, normal_quantile


class PairedDifference(NamedTuple):
    """What a change does to a share, in the same worlds with and without it."""

    n: int
    gained: int  # worlds that succeed only with the change
    lost: int  # worlds that succeed only without it
    difference: float
    low: float
    high: float
    p_value: float  # exact McNemar test of no difference


def paired_difference(before: ArrayLike, after: ArrayLike, confidence: float = CONFIDENCE) -> PairedDifference:
    """Difference of two shares in matched worlds, (worlds,) booleans each, in the same order.

    Interval: Wald with half a world added to each of the four cells, which keeps a width when no world changes (Agresti
    & Min 2005, Statistics in Medicine 24). Test: exact McNemar, a fair coin for the worlds that change.
    """
    from scipy.stats import binomtest

    without, with_change = np.asarray(before, bool), np.asarray(after, bool)
    if without.shape != with_change.shape:
        raise ValueError(f"pairs must match, got {without.shape} and {with_change.shape} worlds")
    n = without.size
    gained, lost = int((with_change & ~without).sum()), int((without & ~with_change).sum())
    centre = (gained - lost) / (n + 2)
    variance = ((gained + lost + 1) - (gained - lost) ** 2 / (n + 2)) / (n + 2) ** 2
    half = normal_quantile(confidence) * float(np.sqrt(variance))
    p_value = float(binomtest(gained, gained + lost).pvalue) if gained + lost else 1.0
    return PairedDifference(
        n, gained, lost, (gained - lost) / max(n, 1), max(centre - half, -1.0), min(centre + half, 1.0), p_value
    )
