"""Scoring forecasts of votes: how far off, how reliable, how sharp.

A forecast of a share is a sample of shares, equally likely; a forecast of a result is a probability. Less is better in
every score here, and each is proper: nothing scores better on average than what one believes.

Sources: Gneiting & Raftery (2007), JASA 102; Dimitriadis, Gneiting & Jordan (2021), PNAS 118(8).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression
from scipy.special import expit, logsumexp, ndtri
from scipy.special import logit as log_odds
from scipy.stats import rankdata

FLOOR = 0.005  # no forecast is scored as surer than this
SCORES = ("brier", "log_score", "crps", "share_log_score")
QUANTILES = {"q05": 0.05, "q25": 0.25, "q50": 0.50, "q75": 0.75, "q95": 0.95}
NAIVE = 999  # quantiles that a naive forecast is made of
LEAST_SCATTER = 0.25  # logits; two days with nothing between them differ by this much (start of members.mood_spread)


def brier(probability: NDArray[np.float64], happened: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Squared error of each probability; 0 is best, 0.25 says nothing. Source: Brier (1950), MWR 78."""
    return (np.asarray(probability) - np.asarray(happened, float)) ** 2


def log_score(probability: NDArray[np.float64], happened: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Minus the log of the probability given to what happened; 0 is best, 0.69 says nothing."""
    given = np.clip(probability, FLOOR, 1 - FLOOR)
    return -np.log(np.where(happened, given, 1 - given))


def auc(score: NDArray[np.float64], positive: NDArray[np.bool_]) -> float:
    """Chance that a positive case scores above a negative one, ties counted half."""
    above = score[positive][:, None] - score[~positive][None, :]
    return float(np.mean((above > 0) + 0.5 * (above == 0)))


LEVELS = (0.5, 0.9)  # of central intervals


def crps(sample: NDArray[np.float64], seen: float) -> float:
    """Continuous ranked probability score of an equally weighted sample, in the unit of what is forecast.

    The mean distance of the sample from what happened, less half the mean distance within it; for a single number the
    absolute error. Source: Gneiting & Raftery (2007), eq. 21.
    """
    x = np.sort(np.asarray(sample, float))
    within = (2 * np.arange(1, len(x) + 1) - len(x) - 1) @ x / len(x) ** 2
    return float(np.abs(x - seen).mean() - within)


def share_log_score(shares: NDArray[np.float64], seen: float) -> float:
    """Minus the log of the density that the sample gives to the share seen, per logit.

    The density is that of normal kernels on log-odds, as wide as Silverman (1986) says for normal samples.
    """
    x = log_odds(np.clip(shares, FLOOR, 1 - FLOOR))
    width = max(1.06 * float(x.std()) * len(x) ** -0.2, 1e-3)
    z = (log_odds(np.clip(seen, 0.01, 0.99)) - x) / width
    return float(-logsumexp(-0.5 * z * z) + np.log(len(x) * width * np.sqrt(2 * np.pi)))


def interval(sample: NDArray[np.float64], level: float) -> tuple[float, float]:
    """The central interval that holds this share of the sample."""
    low, high = np.quantile(sample, [0.5 - level / 2, 0.5 + level / 2])
    return float(low), float(high)


def holds(sample: NDArray[np.float64], seen: float, level: float) -> bool:
    """Is what was seen in that interval?"""
    low, high = interval(sample, level)
    return low <= seen <= high


def width(sample: NDArray[np.float64], level: float) -> float:
    """How wide it is: the sharpness of the forecast."""
    low, high = interval(sample, level)
    return high - low


@dataclass(frozen=True, kw_only=True)
class Reliability:
    """How often things happened that were given a probability, and what that makes of the mean Brier score."""

    said: NDArray[np.float64]  # probabilities, ascending, (forecasts,)
    happened: NDArray[np.float64]  # how often, as near as a rising curve comes to it, (forecasts,)
    low: NDArray[np.float64]  # between which 90 % of such curves would lie wholly were the forecasts right
    high: NDArray[np.float64]
    miscalibration: float  # Brier score = miscalibration - resolution + uncertainty
    resolution: float
    uncertainty: float
    p_value: float  # chance of at least so much miscalibration were the forecasts right

    @property
    def inside(self) -> float:
        """Share of the forecasts at which the curve lies within its band."""
        return float(((self.low - 1e-9 <= self.happened) & (self.happened <= self.high + 1e-9)).mean())

    def summary(self) -> dict[str, Any]:
        """As plain numbers; the curve and its band where they change."""
        kept = np.flatnonzero(np.diff(self.said, prepend=-1.0) > 0)
        curve = {name: getattr(self, name)[kept].round(4).tolist() for name in ("said", "happened", "low", "high")}
        parts = ("miscalibration", "resolution", "uncertainty", "p_value", "inside")
        return curve | {name: float(getattr(self, name)) for name in parts}


def reliability(
    said: NDArray[np.float64],
    happened: NDArray[np.bool_],
    *,
    alike: NDArray[np.bool_] | None = None,
    draws: int = 1000,
    seed: int = 1,
) -> Reliability:
    """The reliability diagram by isotonic regression, with its band and the parts of the Brier score.

    ``alike``: outcomes drawn as the forecaster believes in them, (draws, forecasts), for votes that hang together;
    drawn one by one unless given. Source: Dimitriadis, Gneiting & Jordan (2021), PNAS 118.
    """
    order = np.argsort(said, kind="stable")
    p, y = np.asarray(said, float)[order], np.asarray(happened, float)[order]
    if alike is None:
        alike = np.random.default_rng(seed).random((draws, len(p))) < np.asarray(said)
    _, place, votes = np.unique(p, return_inverse=True, return_counts=True)  # forecasts that said the same
    curve = _rising(y, place, votes)
    would_be = np.stack([_rising(row[order], place, votes) for row in alike])
    low, high = whole_curves(would_be, 0.9)
    score, recalibrated, base = ((q - y) ** 2 for q in (p, curve, y.mean()))
    miscalibration = score.mean() - recalibrated.mean()
    by_chance = [
        np.mean((p - row[order]) ** 2 - (rising - row[order]) ** 2) for row, rising in zip(alike, would_be, strict=True)
    ]
    return Reliability(
        said=p,
        happened=curve,
        low=low,
        high=high,
        miscalibration=float(miscalibration),
        resolution=float(base.mean() - recalibrated.mean()),
        uncertainty=float(base.mean()),
        p_value=float(np.mean(by_chance >= miscalibration)),
    )


def whole_curves(curves: NDArray[np.float64], share: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The band between which at least this share of the curves, (curves, places), lie from end to end, (places,) each.

    A curve is left out for the place at which it is most extreme. A band place by place would hold far fewer of them
    wholly. Source: the extreme rank envelope of Myllymäki and others (2017), JRSS B 79.
    """
    extreme = np.minimum(*(rankdata(side * curves, method="max", axis=0) for side in (1, -1))).min(axis=1)
    kept = curves[extreme >= np.quantile(extreme, 1 - share, method="lower")]
    return kept.min(axis=0), kept.max(axis=0)


def _rising(
    happened: NDArray[np.float64] | NDArray[np.bool_], place: NDArray[np.intp], votes: NDArray[np.intp]
) -> NDArray[np.float64]:
    """The rising curve nearest to what happened, (forecasts,); those in one place, of so many votes, get the same."""
    return isotonic_regression(np.bincount(place, happened) / votes, weights=votes).x[place]


EDGES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)  # of the bins of a reliability diagram


def bins(said: NDArray[np.float64], happened: NDArray[np.bool_], alike: NDArray[np.bool_]) -> list[dict[str, float]]:
    """Forecasts by what they said: how many, what they said on average, how often it happened.

    ``low`` and ``high``: where 90 % of the outcomes drawn as the forecaster believes in them lie (see `reliability`).
    """
    place = np.clip(np.digitize(said, EDGES) - 1, 0, len(EDGES) - 2)
    found = []
    for number in np.unique(place):
        own = place == number
        low, high = np.quantile(alike[:, own].mean(axis=1), [0.05, 0.95])
        counted = {"from": EDGES[number], "to": EDGES[number + 1], "votes": int(own.sum())}
        shares = {"said": said[own].mean(), "happened": happened[own].mean(), "low": low, "high": high}
        found.append(counted | {name: float(share) for name, share in shares.items()})
    return found


def normal_shares(mean: float, scatter: float) -> NDArray[np.float64]:
    """Evenly spaced quantiles of a share that is normal in logits, (NAIVE,): a naive forecast."""
    return expit(mean + max(scatter, LEAST_SCATTER) * ndtri((np.arange(NAIVE) + 0.5) / NAIVE))


def quantiles(shares: NDArray[np.float64]) -> dict[str, float]:
    """The ends of the 50 and 90 % intervals and the median."""
    return {name: float(np.quantile(shares, level)) for name, level in QUANTILES.items()}


def scored(
    shares: NDArray[np.float64], seen: float | None, approved: bool, *, probability: float | None = None
) -> dict[str, float]:
    """All scores of one forecast; those of shares where a share is known.

    ``probability`` that more than half say yes: how much of the sample does, unless given.
    """
    chance = float((shares > 0.5).mean()) if probability is None else probability
    p, y = np.array(chance), np.array(approved)
    found = {"probability": chance, "brier": float(brier(p, y)), "log_score": float(log_score(p, y))}
    found |= {f"width_{round(100 * level)}": width(shares, level) for level in LEVELS}
    if seen is not None:
        found |= {"crps": crps(shares, seen), "share_log_score": share_log_score(shares, seen)}
        found |= {f"in_{round(100 * level)}": float(holds(shares, seen, level)) for level in LEVELS}
    return found | quantiles(shares)


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


def compared(rows: Sequence[Mapping[str, Any]], forecasters: Sequence[str]) -> dict[str, Any]:
    """Forecasters of the same votes side by side, a row a vote with its ``case`` and what each was `scored`.

    ``scores``: means by forecaster with their intervals; ``coverage``: how often the intervals of each held, and how
    wide they were; ``less``: the first forecaster's scores less each other's: below zero is in the first one's favour.
    Shares are scored over the rows where they are known.
    """
    found: dict[str, Any] = {"votes": len(rows), "cases": len({row["case"] for row in rows})}
    found |= side_by_side(rows, forecasters)
    known = [row for row in rows if "crps" in row[forecasters[0]]]
    if known:
        kinds = [f"{kind}_{round(100 * level)}" for kind in ("in", "width") for level in LEVELS]
        found["coverage"] = {"votes": len(known)} | {
            name: {kind: float(np.mean([row[name][kind] for row in known])) for kind in kinds} for name in forecasters
        }
    return found


def side_by_side(rows: Sequence[Mapping[str, Any]], forecasters: Sequence[str]) -> dict[str, Any]:
    """Mean scores, and what the first forecaster's are less than each other's."""
    first, *others = forecasters
    return {
        "scores": {name: _means(rows, name) for name in forecasters},
        "less": {name: _means(rows, first, name) for name in others},
    }


def as_said_by(rows: Sequence[Mapping[str, Any]], forecaster: str) -> list[dict[str, Any]]:
    """The votes with what one forecaster said of them and scored."""
    return [{key: x for key, x in row.items() if key == forecaster or not isinstance(x, dict)} for row in rows]


def _means(rows: Sequence[Mapping[str, Any]], name: str, less: str | None = None) -> dict[str, Any]:
    """Mean scores of one forecaster, or of what it scores less than another."""
    found = {}
    for key in SCORES:
        known = [row for row in rows if key in row[name]]
        if known:
            values = np.array([row[name][key] - (row[less][key] if less else 0.0) for row in known])
            found[key] = mean_with_interval(values, [row["case"] for row in known])
    return found
