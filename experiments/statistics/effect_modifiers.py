"""On what does an effect depend? Each uncertainty of the case is tried as what would change a finding.

All points of a study meet the same worlds, so the effect of a change is known world by world, and with it the values
that the uncertainties took there. The effect in the worlds of a parameter's lowest third is set against that in its
highest third; the parameter with the clearest contrast is reported, if it is clear after Bonferroni over all tried.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.statistics.intervals import CONFIDENCE, normal_quantile

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario

FEWEST = 30  # worlds in a third, below which nothing is tried


class Moderator(NamedTuple):
    """An uncertainty on which an effect depends."""

    key: str
    low_third: float  # mean effect where the parameter is in the lowest third of its values
    high_third: float
    low: float  # interval of the contrast high - low, Bonferroni over the parameters tried
    high: float
    n: int  # worlds in the two thirds together
    tried: int

    @property
    def clear(self) -> bool:
        """Is the contrast clear after Bonferroni?"""
        return self.low > 0 or self.high < 0


def uncertain_numbers(scenario: Scenario, seed: int, worlds: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
    """What each uncertainty was in these worlds, by key, (worlds,); those that were the same everywhere left out."""
    roles = {row["name"]: row["role"] for row in scenario.parameters()}
    numbers = scenario.numbers(seed, worlds)
    return {key: column for key, column in numbers.items() if roles.get(key) == "uncertainty" and np.ptp(column) > 0}


def strongest(effect: NDArray[np.float64], numbers: Mapping[str, NDArray[np.float64]]) -> Moderator | None:
    """The parameter whose lowest and highest thirds differ most clearly in the effect, (worlds,); NaN is left out."""
    known = np.isfinite(effect)
    best: tuple[float, Moderator] | None = None
    for key, column in numbers.items():
        limits = np.quantile(column[known], (1 / 3, 2 / 3)) if known.any() else (np.nan, np.nan)
        below, above = effect[known & (column <= limits[0])], effect[known & (column >= limits[1])]
        if min(len(below), len(above)) < FEWEST:
            continue
        error = float(np.sqrt(below.var(ddof=1) / len(below) + above.var(ddof=1) / len(above)))
        least, most = float(below.mean()), float(above.mean())
        contrast, n = most - least, len(below) + len(above)
        half = normal_quantile(1 - (1 - CONFIDENCE) / len(numbers)) * error
        size = abs(contrast) / error if error > 0 else 0.0
        found = Moderator(key, least, most, contrast - half, contrast + half, n, tried=len(numbers))
        if error > 0 and (best is None or size > best[0]):
            best = (size, found)
    return None if best is None else best[1]
