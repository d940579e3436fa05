"""Scoring forecasts of votes, and the two naive forecasts they have to beat.

* no change: the share of yes is what it was last time. For a first vote the last time is the vote of others: the
  average of the other cases.
* uniform swing: everybody moves as the others moved from a first to a second vote, on average in logits. For a first
  vote: the average of the other cases with, or without, an announced threat of layoffs.

Both are given the scatter of the cases they are made of, so that they too are probability forecasts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

FLOOR = 0.005  # no forecast is scored as surer than this
SCORES = ("brier", "log_score")
LEAST_SCATTER = 0.25  # logits; two days with nothing between them differ by this much (start of members.mood_spread)


def brier(probability: NDArray[np.float64], happened: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Squared error of each probability; 0 is best, 0.25 says nothing. Source: Brier (1950), MWR 78."""
    return (np.asarray(probability) - np.asarray(happened, float)) ** 2


def log_score(probability: NDArray[np.float64], happened: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Minus the log of the probability given to what happened; 0 is best, 0.69 says nothing."""
    given = np.clip(probability, FLOOR, 1 - FLOOR)
    return -np.log(np.where(happened, given, 1 - given))


@dataclass(frozen=True, kw_only=True)
class Naive:
    """A normal forecast of a share of yes, in logits."""

    mean: float
    scatter: float

    @property
    def probability(self) -> float:
        """That more than half say yes."""
        return float(ndtr(self.mean / self.scatter))

    def interval(self, level: float) -> tuple[float, float]:
        """Central interval of the share of yes."""
        half = float(ndtri(0.5 + level / 2)) * self.scatter
        return float(_share(self.mean - half)), float(_share(self.mean + half))


def average(shares: list[float]) -> Naive:
    """The average of some votes, in logits, with their scatter."""
    logits = _logit(np.array(shares))
    scatter = float(logits.std(ddof=1)) if len(logits) > 1 else 1.0
    return Naive(mean=float(logits.mean()), scatter=max(scatter, LEAST_SCATTER))


def no_change(share: float) -> Naive:
    """The same share again, as two days differ."""
    return Naive(mean=float(_logit(np.array(share))), scatter=LEAST_SCATTER * np.sqrt(2))


def uniform_swing(share: float, swings: list[tuple[float, float]]) -> Naive:
    """The share moved as others moved from a first vote to a second; ``swings`` are pairs of shares."""
    moved = np.array([float(_logit(np.array(second)) - _logit(np.array(first))) for first, second in swings])
    scatter = float(moved.std(ddof=1)) if len(moved) > 1 else 0.5
    return Naive(
        mean=float(_logit(np.array(share))) + (float(moved.mean()) if len(moved) else 0.0),
        scatter=max(scatter, LEAST_SCATTER * np.sqrt(2)),
    )


def mean_with_interval(
    values: NDArray[np.float64], cases: Sequence[str] | None = None, *, seed: int = 1, draws: int = 2000
) -> dict[str, float]:
    """The mean of some scores and its 90 % bootstrap interval.

    Votes of one case stand or fall together, so whole cases are drawn where ``cases`` names the case of each value;
    without it each value is a case of its own.
    """
    values = np.asarray(values, float)
    numbers = np.arange(len(values)) if cases is None else np.unique(np.asarray(cases), return_inverse=True)[1]
    sums, sizes = np.bincount(numbers, values), np.bincount(numbers)
    luck = np.random.default_rng(seed)
    drawn = luck.integers(len(sums), size=(draws, len(sums)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.quantile(means, [0.05, 0.95])
    return {"mean": float(values.mean()), "low": float(low), "high": float(high)}


def scored(probability: float, happened: bool) -> dict[str, float]:
    """Both scores of one forecast."""
    p, y = np.array(probability), np.array(happened)
    return {"probability": float(probability), "brier": float(brier(p, y)), "log_score": float(log_score(p, y))}


def summary(rows: list[dict[str, Any]], forecaster: str, against: str | None = None) -> dict[str, Any]:
    """Mean scores of one forecaster over some votes, or its score less that of another, with their intervals.

    Less is better, so a difference below zero is in favour of ``forecaster``. Both had the same votes to forecast.
    """
    cases = [row["case"] for row in rows] if "case" in rows[0] else None
    found = {}
    for name in SCORES:
        values = np.array([row[forecaster][name] - (row[against][name] if against else 0.0) for row in rows])
        found[name] = mean_with_interval(values, cases)
    return found


def _logit(share: NDArray[np.float64]) -> NDArray[np.float64]:
    share = np.clip(share, 0.01, 0.99)
    return np.log(share) - np.log1p(-share)


def _share(logit: float) -> float:
    return float(1 / (1 + np.exp(-logit)))
