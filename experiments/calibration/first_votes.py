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

from collections.abc import Container, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, gammaln, ndtri, stdtr

from experiments.calibration.scores import normal_shares, scored
from experiments.calibration.terms import Posterior, Term, design, fit, half_normal
from experiments.calibration.votes import Vote, logit

TAILS = 4  # degrees of freedom between cases


TERMS: tuple[Term[Vote], ...] = (
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


def prior(uniforms: NDArray[np.float64]) -> NDArray[np.float64]:
    """Uniforms, (draws, NAMES), as values of the prior."""
    weights = [term.weight(column) for term, column in zip(TERMS, uniforms.T, strict=False)]
    return np.column_stack([*weights, np.maximum(half_normal(uniforms[:, -2:], SPREAD_DEVIATION), 1e-2)])


def expected(parameters: NDArray[np.float64], votes: Sequence[Vote]) -> NDArray[np.float64]:
    """What votes of these kinds come to, logits, (draws, votes)."""
    return parameters[:, : len(TERMS)] @ design(TERMS, votes).T


def forecast(found: Posterior, vote: Vote, known: Sequence[Vote] = ()) -> NDArray[np.float64]:
    """Shares of yes, (rows,), where the shares of units of its case that are ``known`` are out."""
    case, unit = found.parameters[:, -2], found.parameters[:, -1]
    ahead = [other for other in known if other.share is not None]
    seen = np.array([logit(other.share) for other in ahead], float)
    off = seen - expected(found.parameters, ahead)
    drawn_to, left = _given(off, case, unit)
    scale = np.sqrt(left * (TAILS + _distance(off, case, unit)) / (TAILS + len(ahead)))
    mean = expected(found.parameters, [vote])[:, 0]
    return expit(mean + drawn_to + scale * found.unexplained(TAILS + len(ahead)))


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


def fit_first(votes: Sequence[Vote], *, seed: int = 2011) -> Posterior:
    """The posterior given first votes on record."""
    return fit(lambda parameters: log_likelihood(parameters, votes), prior, NAMES, seed=seed)


FORECASTERS = ("model", "base_rate")


# --- how good it is, each vote forecast from what was over before


def forecast_in_turn(
    votes: Sequence[Vote], *, least: int = 8, seed: int = 2011, only: Container[str] | None = None
) -> list[dict[str, Any]]:
    """Each vote, by date, from the votes over before its day, where at least this many shares were known.

    ``base_rate`` is the share of yes among votes that were not selected, over before, with one of each added; its
    shares are scattered as theirs. Votes of treaties are left out: nobody's pay is at stake. ``only``: rows of these
    votes, by their id.
    """
    own = sorted((vote for vote in votes if vote.kind != "referendum"), key=lambda vote: (vote.first_day, vote.id))
    fits: dict[int, Posterior] = {}
    rows = []
    for vote in own:
        before = [other for other in own if other.last_day < vote.first_day]
        fair = [other for other in before if not other.selected]
        known = [logit(other.share) for other in fair if other.share is not None]
        if len(known) < least or (only is not None and vote.id not in only):
            continue
        if len(before) not in fits:
            fits[len(before)] = fit_first(before, seed=seed)
        shares = forecast(fits[len(before)], vote, [other for other in before if other.case == vote.case])
        chance = (sum(other.approved for other in fair) + 1) / (len(fair) + 2)
        naive = normal_shares(float(np.mean(known)), float(np.std(known, ddof=1)))
        rows.append(
            {
                "id": vote.id,
                "case": vote.case,
                "unit": vote.unit,
                "day": str(vote.first_day),
                "selected": vote.selected,
                "seen": vote.share,
                "approved": vote.approved,
                "model": scored(shares, vote.share, vote.approved),
                "base_rate": scored(naive, vote.share, vote.approved, probability=chance),
            }
        )
    return rows


def together(votes: Sequence[Vote]) -> float:
    """Share of the variance between units that their case has, as all first votes have it; the median."""
    found = fit_first([vote for vote in votes if vote.kind != "referendum"]).parameters
    return float(np.median(found[:, -2] ** 2 / (found[:, -2] ** 2 + found[:, -1] ** 2)))


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
