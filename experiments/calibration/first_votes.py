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
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, gammaln, stdtr

from experiments.calibration.scores import normal_shares, scored
from experiments.calibration.terms import Posterior, Term, design, fit, half_normal
from experiments.calibration.votes import Vote, logit

TAILS = 4  # degrees of freedom between cases
LEAST = 8  # shares known beforehand, without which a vote is not forecast

TERMS: tuple[Term[Vote], ...] = (
    Term("any", lambda vote: 1.0, deviation=1.0),
    # members are asked to give something up
    Term("concession", lambda vote: float(vote.kind == "concession"), deviation=0.7),
    Term("leaders_for", lambda vote: float(vote.leaders == "yes"), deviation=1.0, sign=1),
    Term("leaders_against", lambda vote: float(vote.leaders == "no"), deviation=1.5, sign=-1),
    Term("layoffs", lambda vote: float(bool(vote.layoffs)), deviation=0.7),  # announced
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
    units = further_units(found, [vote], known)
    return expit(units.expected[:, 0] + np.hypot(units.case, units.unit) * found.unexplained(units.degrees))


class FurtherUnits(NamedTuple):
    """What units of one case come to, logits: multivariate t about ``expected``, their scatter in two parts."""

    expected: NDArray[np.float64]  # (rows, units)
    case: NDArray[np.float64]  # scatter that they share, (rows,)
    unit: NDArray[np.float64]  # and of each alone, (rows,)
    degrees: float


def further_units(found: Posterior, votes: Sequence[Vote], known: Sequence[Vote]) -> FurtherUnits:
    """Of units of a case of which those that are ``known`` have voted: conditioning of a multivariate t.

    Source: Ding (2016), The American Statistician 70.
    """
    case, unit = found.parameters[:, -2], found.parameters[:, -1]
    ahead = [other for other in known if other.share is not None]
    off = np.array([logit(other.share) for other in ahead], float) - expected(found.parameters, ahead)
    weight = case**2 / (unit**2 + len(ahead) * case**2)  # of what the known units are off by, in all
    degrees = TAILS + len(ahead)
    stretch = np.sqrt((TAILS + _distance(off, case, unit)) / degrees)
    centre = expected(found.parameters, votes) + (weight * off.sum(axis=1))[:, None]
    return FurtherUnits(centre, stretch * np.sqrt(weight) * unit, stretch * unit, degrees)


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


@dataclass(frozen=True, kw_only=True)
class Ahead:
    """A vote that is to be forecast, what was over before its day, and what a fit makes of that."""

    vote: Vote
    before: Sequence[Vote]
    found: Posterior

    @property
    def known(self) -> list[Vote]:
        """Units of its case that have voted."""
        return [other for other in self.before if other.case == self.vote.case]


def in_turn(votes: Sequence[Vote], *, only: Container[str] | None = None) -> list[Ahead]:
    """Each vote, by date, where at least `LEAST` shares were known before its day of votes taken as they come.

    Votes of treaties are left out: nobody's pay is at stake. ``only``: these votes, by their id.
    """
    own = sorted((vote for vote in votes if vote.kind != "referendum"), key=lambda vote: (vote.first_day, vote.id))
    fits: dict[int, Posterior] = {}
    turns = []
    for vote in own:
        before = [other for other in own if other.last_day < vote.first_day]
        known = sum(other.share is not None and not other.selected for other in before)
        if known < LEAST or (only is not None and vote.id not in only):
            continue
        if len(before) not in fits:
            fits[len(before)] = fit_first(before)
        turns.append(Ahead(vote=vote, before=before, found=fits[len(before)]))
    return turns


def forecasts(turns: Sequence[Ahead]) -> list[dict[str, Any]]:
    """What was said of each vote, and scored."""
    return [_row(turn) for turn in turns]


def base_rate(before: Sequence[Vote], seen: float | None, approved: bool) -> dict[str, float]:
    """Scores of the share of yes among these votes that were not selected, with one of each added.

    Shares are scattered as theirs, by one logit while fewer than three are known.
    """
    fair = [vote for vote in before if not vote.selected]
    known = [logit(vote.share) for vote in fair if vote.share is not None]
    chance = (sum(vote.approved for vote in fair) + 1) / (len(fair) + 2)
    scatter = float(np.std(known, ddof=1)) if len(known) > 2 else 1.0
    return scored(normal_shares(float(np.mean(known or [0.0])), scatter), seen, approved, probability=chance)


def _row(turn: Ahead) -> dict[str, Any]:
    vote = turn.vote
    return {
        "id": vote.id,
        "case": vote.case,
        "unit": vote.unit,
        "day": str(vote.first_day),
        "selected": vote.selected,
        "seen": vote.share,
        "approved": vote.approved,
        "model": scored(forecast(turn.found, vote, turn.known), vote.share, vote.approved),
        "base_rate": base_rate(turn.before, vote.share, vote.approved),
    }


def outcomes_alike(turns: Sequence[Ahead], *, draws: int = 10_000, seed: int = 1) -> NDArray[np.bool_]:
    """Outcomes drawn as the forecasts have it, (draws, turns), for the band of a reliability diagram.

    Votes forecast from one fit are right or wrong together with its row of the posterior, and units of one case with
    what their case has of its own and with how far its tails reach.
    """
    luck, outcomes = np.random.default_rng(seed), np.zeros((draws, len(turns)), bool)
    together: dict[tuple[int, str], list[int]] = {}
    for place, turn in enumerate(turns):
        together.setdefault((id(turn.found), turn.vote.case), []).append(place)
    rows_of_fit: dict[int, NDArray[np.int64]] = {}
    for (of_fit, _), places in together.items():
        first = turns[places[0]]
        if of_fit not in rows_of_fit:
            rows_of_fit[of_fit] = luck.integers(len(first.found.parameters), size=draws)
        rows = rows_of_fit[of_fit]
        units = further_units(first.found, [turns[place].vote for place in places], first.known)
        common, own = luck.standard_normal((draws, 1)), luck.standard_normal((draws, len(places)))
        off = units.case[rows, None] * common + units.unit[rows, None] * own
        tails = np.sqrt(units.degrees / luck.chisquare(units.degrees, (draws, 1)))
        outcomes[:, places] = units.expected[rows] + tails * off > 0
    return outcomes
