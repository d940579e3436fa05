"""What a first vote comes to, from votes on record: a hierarchy of cases and their units.

The share of yes, in logits, is what votes of its kind come to (`TERMS`), plus what its case and then its unit have of
their own, both with heavy tails: the units of a case are multivariate t, so a case that is far off pulls little. Units
whose tallies are out tell of the units of the same case that vote later.

How votes were collected. Series (every unit that voted on one pattern) and surveys (every vote of a kind in some years)
are taken as they come. A vote that was written up for how it came out, or is known because it was asked again, is
weighed given that it came out so: it says how far a no, or a yes, lies from one half, and nothing of how often either
comes about. Source: conditioning on the selection, e.g. Little & Rubin (2019), ch. 15.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, gammaln, ndtri, stdtr, stdtrit

from experiments.calibration.importance import effective_size, near_mode, resample, sample, tail_index, uniforms_of
from experiments.calibration.scores import LEVELS, average, brier, crps, holds, log_score, share_log_score, width
from experiments.calibration.votes import Vote, logit

TAILS = 4  # degrees of freedom between cases
ROUNDS = (2000, 3000, 5000)
ROWS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """What a vote has of it, and its prior: normal about zero with this deviation, logits; ``sign`` keeps to a side."""

    name: str
    words: str
    of: Callable[[Vote], float]
    deviation: float
    sign: int = 0

    def weight(self, uniform: NDArray[np.float64]) -> NDArray[np.float64]:
        """The prior's quantile."""
        return self.deviation * (self.sign * ndtri(0.5 + 0.5 * uniform) if self.sign else ndtri(uniform))


TERMS = (
    Term(name="any", words="any vote", of=lambda vote: 1.0, deviation=1.0),
    Term(
        name="concession",
        words="members are asked to give something up",
        of=lambda vote: float(vote.kind == "concession"),
        deviation=0.7,
    ),
    Term(
        name="leaders_for",
        words="leaders recommend it",
        of=lambda vote: float(vote.leaders == "yes"),
        deviation=1.0,
        sign=1,
    ),
    Term(
        name="leaders_against",
        words="leaders advise against",
        of=lambda vote: float(vote.leaders == "no"),
        deviation=1.5,
        sign=-1,
    ),
    Term(
        name="layoffs",
        words="layoffs are announced",
        of=lambda vote: float(bool(vote.layoffs)),
        deviation=0.7,
    ),
)
NAMES = (*(term.name for term in TERMS), "case_spread", "unit_spread")
SPREAD_DEVIATION = 1.0  # logits, of the half-normal priors of both spreads


@dataclass(frozen=True, kw_only=True)
class Hierarchy:
    """Equally weighted rows of the posterior, and how well they stand for it."""

    parameters: NDArray[np.float64]  # (rows, NAMES)
    effective: float
    tail: float  # Pareto k

    def forecast(self, vote: Vote, known: Sequence[Vote] = ()) -> NDArray[np.float64]:
        """Shares of yes, (rows,), where the shares of units of its case that are ``known`` are out."""
        case, unit = self.parameters[:, -2], self.parameters[:, -1]
        mean = expected(self.parameters, [vote])[:, 0]
        ahead = [other for other in known if other.share is not None]
        seen = np.array([logit(other.share) for other in ahead]).reshape(-1)
        off = seen - expected(self.parameters, ahead)
        drawn_to, left = _given(off, case, unit)
        scale = np.sqrt(left * (TAILS + _distance(off, case, unit)) / (TAILS + len(ahead)))
        level = (np.random.default_rng(0).permutation(len(mean)) + 0.5) / len(mean)
        return expit(mean + drawn_to + scale * stdtrit(TAILS + len(ahead), level))


def expected(parameters: NDArray[np.float64], votes: Sequence[Vote]) -> NDArray[np.float64]:
    """What votes of these kinds come to, logits, (draws, votes)."""
    terms = np.array([[term.of(vote) for term in TERMS] for vote in votes]).reshape(len(votes), len(TERMS))
    return parameters[:, : len(TERMS)] @ terms.T


def parameters_of(uniforms: NDArray[np.float64]) -> NDArray[np.float64]:
    """Uniforms, (draws, NAMES), as values of the prior."""
    weights = [term.weight(column) for term, column in zip(TERMS, uniforms.T, strict=False)]
    spreads = SPREAD_DEVIATION * ndtri(0.5 + 0.5 * uniforms[:, -2:])
    return np.column_stack([*weights, np.maximum(spreads, 1e-2)])


def _given(off: NDArray, case: NDArray, unit: NDArray) -> tuple[NDArray, NDArray]:
    """What a further unit of a case is drawn to by the units that are known, and the variance left, (draws,) each."""
    known = off.shape[1]
    weight = case**2 / (unit**2 + known * case**2)
    return weight * off.sum(axis=1), unit**2 + weight * unit**2 if known else unit**2 + case**2


def _distance(off: NDArray, case: NDArray, unit: NDArray) -> NDArray:
    """Squared distance of units from what is expected, in standard deviations, (draws,)."""
    weight = case**2 / (unit**2 + off.shape[1] * case**2)
    return ((off**2).sum(axis=1) - weight * off.sum(axis=1) ** 2) / unit**2


def log_likelihood(parameters: NDArray[np.float64], votes: Sequence[Vote]) -> NDArray[np.float64]:
    """Of the known shares of these votes, (draws,): multivariate t by case, given the side where that selected one."""
    case, unit = parameters[:, -2], parameters[:, -1]
    total = np.zeros(len(parameters))
    by_case: dict[str, list[Vote]] = {}
    for vote in votes:
        if vote.share is not None:
            by_case.setdefault(vote.case, []).append(vote)
    for own in by_case.values():
        n, mean = len(own), expected(parameters, own)
        off = np.array([logit(vote.share) for vote in own]) - mean
        log_det = 2 * (n - 1) * np.log(unit) + np.log(unit**2 + n * case**2)
        constant = gammaln((TAILS + n) / 2) - gammaln(TAILS / 2) - 0.5 * n * np.log(TAILS * np.pi)
        total += constant - 0.5 * log_det - 0.5 * (TAILS + n) * np.log1p(_distance(off, case, unit) / TAILS)
        for place, vote in enumerate(own):
            if vote.selected:
                edge = mean[:, place] / np.hypot(case, unit)
                total -= np.log(np.maximum(stdtr(TAILS, edge if vote.approved else -edge), 1e-12))
    return total


def fit_first(
    votes: Sequence[Vote], *, seed: int = 2011, rounds: tuple[int, ...] = ROUNDS, rows: int = ROWS
) -> Hierarchy:
    """The posterior given first votes on record."""

    def likelihood(uniforms: NDArray[np.float64], number: int) -> NDArray[np.float64]:
        return log_likelihood(parameters_of(uniforms), votes)

    luck = np.random.default_rng([seed, 10])
    start = near_mode(likelihood, len(NAMES))
    scores, log_weight = sample(likelihood, dimensions=len(NAMES), rounds=rounds, luck=luck, start=start)
    return Hierarchy(
        parameters=parameters_of(uniforms_of(scores[resample(log_weight, rows, luck)])),
        effective=effective_size(log_weight),
        tail=tail_index(log_weight),
    )


# --- how good it is, each vote forecast from what was over before


def forecast_in_turn(votes: Sequence[Vote], *, least: int = 8, seed: int = 2011) -> list[dict[str, Any]]:
    """Each vote, by date, from the votes over before its day, where at least this many shares were known.

    ``base_rate`` is the share of yes among votes that were not selected, over before, with one of each added; its
    shares are scattered as theirs. Votes of treaties are left out: nobody's pay is at stake.
    """
    own = sorted((vote for vote in votes if vote.kind != "referendum"), key=lambda vote: (vote.first_day, vote.id))
    fits: dict[int, Hierarchy] = {}
    rows = []
    for vote in own:
        before = [other for other in own if other.last_day < vote.first_day]
        fair = [other for other in before if not other.selected]
        known = [logit(other.share) for other in fair if other.share is not None]
        if len(known) < least:
            continue
        if len(before) not in fits:
            fits[len(before)] = fit_first(before, seed=seed)
        fit = fits[len(before)]
        shares = fit.forecast(vote, [other for other in before if other.case == vote.case])
        chance = (sum(other.approved for other in fair) + 1) / (len(fair) + 2)
        naive = average(expit(np.array(known)).tolist()).sample()
        rows.append(
            {
                "id": vote.id,
                "case": vote.case,
                "day": str(vote.first_day),
                "collected": vote.collected,
                "seen": vote.share,
                "approved": vote.approved,
                "model": _scored(vote, shares, float((shares > 0.5).mean())),
                "base_rate": _scored(vote, naive, chance),
            }
        )
    return rows


def _scored(vote: Vote, shares: NDArray[np.float64], probability: float) -> dict[str, Any]:
    happened = np.array(vote.approved)
    found: dict[str, Any] = {
        "probability": probability,
        "brier": float(brier(np.array(probability), happened)),
        "log_score": float(log_score(np.array(probability), happened)),
        **{f"width_{round(100 * level)}": width(shares, level) for level in LEVELS},
    }
    if vote.share is not None:
        found |= {"crps": crps(shares, vote.share), "share_log_score": share_log_score(shares, vote.share)}
        found |= {f"in_{round(100 * level)}": holds(shares, vote.share, level) for level in LEVELS}
    return found


def outcomes_alike(
    rows: Sequence[dict[str, Any]], *, together: float, draws: int = 1000, seed: int = 1
) -> NDArray[np.bool_]:
    """Outcomes drawn as the forecasts have it, (draws, rows), for the band of a reliability diagram.

    Votes of one case on one day share what their case has of its own: ``together`` is its share of the variance.
    """
    luck = np.random.default_rng(seed)
    places = np.unique([f"{row['case']} {row['day']}" for row in rows], return_inverse=True)[1]
    case = luck.standard_normal((draws, places.max() + 1))[:, places]
    own = luck.standard_normal((draws, len(rows)))
    chance = np.array([row["model"]["probability"] for row in rows])
    return np.sqrt(together) * case + np.sqrt(1 - together) * own < ndtri(chance)
