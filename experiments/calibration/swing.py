"""How far people come round between two votes, and what goes with it: a regression on pairs of votes on record.

The change of a share of yes, in logits, is a sum of terms, each with a prior that allows zero, plus what the terms do
not explain, with heavy tails (Student's t): some bodies are far off. The pairs are few and their reasons come together
(a last word is put with a text that hardly changed), so the priors are part of the answer; `Swing.rows` says how far
the pairs moved them. Votes are asked again where somebody hopes to win them: the constant is that of votes that were
asked again, not of any vote that might have been.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, gammaln, ndtri, stdtrit

from experiments.calibration.importance import effective_size, near_mode, resample, sample, tail_index, uniforms_of
from experiments.calibration.scores import (
    LEAST_SCATTER,
    LEVELS,
    Naive,
    brier,
    crps,
    holds,
    mean_with_interval,
    share_log_score,
    width,
)
from experiments.calibration.votes import Pair, logit

TAILS = 4  # degrees of freedom of what the terms do not explain
ROUNDS = (2000, 3000, 5000)
ROWS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One reason to come round: what a pair has of it, and what is believed of its weight beforehand."""

    name: str
    words: str
    of: Callable[[Pair], float]
    deviation: float  # of the prior, logits per unit
    rising: bool  # a half-normal prior from zero up; else a normal about zero

    def weight(self, uniform: NDArray[np.float64]) -> NDArray[np.float64]:
        """The prior's quantile."""
        return self.deviation * (ndtri(0.5 + 0.5 * uniform) if self.rising else ndtri(uniform))


def _coded(column: str, **worth: float) -> Callable[[Pair], float]:
    return lambda pair: worth.get(getattr(pair.second, column), 0.0)


TERMS = (
    Term(
        name="asked_again",
        words="anger spent and time gone by, whatever else changed",
        of=lambda pair: 1.0,
        deviation=1.0,
        rising=True,
    ),
    Term(
        name="clearer",
        words="the text was made clear or changed a little",
        of=_coded("change", clearer=1.0, small=1.0),
        deviation=0.5,
        rising=True,
    ),
    Term(
        name="better",
        words="the terms are better",
        of=_coded("change", better=1.0),
        deviation=1.5,
        rising=True,
    ),
    Term(
        name="last_word",
        words="a second no is known to be final; one half where that is not known",
        of=_coded("last_word", yes=1.0, unknown=0.5),
        deviation=0.5,
        rising=True,
    ),
    Term(
        name="begun",
        words="what was threatened has begun",
        of=_coded("pressure", begun=1.0),
        deviation=0.5,
        rising=True,
    ),
    Term(
        name="threatened",
        words="it is announced only: a reason to give in, and an affront",
        of=_coded("pressure", threatened=1.0),
        deviation=0.5,
        rising=False,
    ),
    Term(
        name="strike",
        words="a strike is on or due",
        of=_coded("pressure", strike=1.0),
        deviation=0.5,
        rising=True,
    ),
)
FORGOTTEN, SPREAD = "forgotten", "spread"
MOST_FORGOTTEN = 0.5  # of the first result's distance from one half; uniform from zero
SPREAD_DEVIATION = 1.0  # logits, of the half-normal prior of the spread
NAMES = (*(term.name for term in TERMS), FORGOTTEN, SPREAD)


@dataclass(frozen=True, kw_only=True)
class Swing:
    """Equally weighted rows of the posterior, and how well they stand for it."""

    parameters: NDArray[np.float64]  # (rows, NAMES)
    effective: float
    tail: float  # Pareto k

    def column(self, name: str) -> NDArray[np.float64]:
        """Logits, save for the share forgotten, (rows,)."""
        return self.parameters[:, NAMES.index(name)]

    def rows(self) -> list[dict[str, Any]]:
        """Prior and posterior quantiles of every weight."""
        grid = (np.arange(999) + 0.5) / 999
        prior = parameters_of(np.tile(grid[:, None], len(NAMES)))
        words = {term.name: term.words for term in TERMS}
        return [
            {
                "name": name,
                "words": words.get(name, ""),
                **{f"prior_q{q:02d}": float(np.quantile(prior[:, place], q / 100)) for q in (5, 50, 95)},
                **{f"q{q:02d}": float(np.quantile(self.parameters[:, place], q / 100)) for q in (5, 50, 95)},
            }
            for place, name in enumerate(NAMES)
        ]

    def forecast(self, pair: Pair) -> NDArray[np.float64]:
        """Shares of yes at the second vote, from the first result and what is known to have changed, (rows,)."""
        mean = expected(self.parameters, design([pair]), np.array([logit(pair.first.share)]))[:, 0]
        # evenly spaced quantiles of the unexplained part, in an order that has nothing to do with the rows'
        level = (np.random.default_rng(0).permutation(len(mean)) + 0.5) / len(mean)
        return expit(mean + self.column(SPREAD) * stdtrit(TAILS, level))


def design(pairs: Sequence[Pair]) -> NDArray[np.float64]:
    """What each pair has of each term, (pairs, terms)."""
    return np.array([[term.of(pair) for term in TERMS] for pair in pairs]).reshape(len(pairs), len(TERMS))


def parameters_of(uniforms: NDArray[np.float64]) -> NDArray[np.float64]:
    """Uniforms, (draws, NAMES), as values of the prior."""
    weights = [term.weight(column) for term, column in zip(TERMS, uniforms.T, strict=False)]
    spread = SPREAD_DEVIATION * ndtri(0.5 + 0.5 * uniforms[:, -1])
    return np.column_stack([*weights, MOST_FORGOTTEN * uniforms[:, -2], np.maximum(spread, 1e-3)])


def expected(
    parameters: NDArray[np.float64], terms: NDArray[np.float64], first: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Log-odds at the second vote from those at the ``first``, (pairs,): (draws, pairs)."""
    kept = 1 - parameters[:, [NAMES.index(FORGOTTEN)]]
    return kept * first + parameters[:, : len(TERMS)] @ terms.T


def fit_swing(
    terms: NDArray[np.float64],
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    *,
    rounds: tuple[int, ...] = ROUNDS,
    rows: int = ROWS,
    seed: int = 2011,
) -> Swing:
    """The posterior given log-odds of first and second votes, (pairs,), and the `design` of the pairs."""

    def log_likelihood(uniforms: NDArray[np.float64], number: int) -> NDArray[np.float64]:
        parameters = parameters_of(uniforms)
        spread = parameters[:, [-1]]
        z = (second - expected(parameters, terms, first)) / spread
        constant = gammaln((TAILS + 1) / 2) - gammaln(TAILS / 2) - 0.5 * np.log(TAILS * np.pi)
        return (constant - np.log(spread) - 0.5 * (TAILS + 1) * np.log1p(z * z / TAILS)).sum(axis=1)

    luck = np.random.default_rng([seed, 9])
    start = near_mode(log_likelihood, len(NAMES))
    scores, log_weight = sample(log_likelihood, dimensions=len(NAMES), rounds=rounds, luck=luck, start=start)
    picked = resample(log_weight, rows, luck)
    return Swing(
        parameters=parameters_of(uniforms_of(scores[picked])),
        effective=effective_size(log_weight),
        tail=tail_index(log_weight),
    )


def fit_pairs(pairs: Sequence[Pair], *, seed: int = 2011, rounds: tuple[int, ...] = ROUNDS) -> Swing:
    """The posterior given pairs on record."""
    first, second = (np.array([logit(vote.share) for vote in votes]) for votes in _votes(pairs))
    return fit_swing(design(pairs), first, second, seed=seed, rounds=rounds)


def _votes(pairs: Sequence[Pair]) -> tuple[list[Any], list[Any]]:
    return [pair.first for pair in pairs], [pair.second for pair in pairs]


def over_before(pairs: Sequence[Pair], day: datetime.date) -> list[Pair]:
    """The pairs whose second vote was over before this day."""
    return [pair for pair in pairs if pair.second.last_day < day]


# --- how good it is, each pair forecast without itself


def no_change(pair: Pair, others: Sequence[Pair]) -> NDArray[np.float64]:
    """The first result again, scattered as the others moved."""
    moved = np.array([other.swing for other in others])
    return Naive(mean=logit(pair.first.share), scatter=_scatter(np.sqrt(np.mean(moved**2)))).sample()


def mean_swing(pair: Pair, others: Sequence[Pair]) -> NDArray[np.float64]:
    """Moved as the others moved, on average and with their scatter."""
    moved = np.array([other.swing for other in others])
    scatter = moved.std(ddof=1) * np.sqrt(1 + 1 / len(moved))
    return Naive(mean=logit(pair.first.share) + float(moved.mean()), scatter=_scatter(scatter)).sample()


def mean_swing_by_kind(pair: Pair, others: Sequence[Pair]) -> NDArray[np.float64]:
    """Moved as those whose terms got better, or did not, as here; as all others where fewer than three did."""
    better = pair.second.change == "better"
    alike = [other for other in others if (other.second.change == "better") is better]
    return mean_swing(pair, alike if len(alike) >= 3 else others)


def _scatter(found: float) -> float:
    return max(float(found), LEAST_SCATTER)


FORECASTERS: dict[str, Callable[[Pair, Sequence[Pair]], NDArray[np.float64]]] = {
    "terms": lambda pair, others: fit_pairs(others).forecast(pair),
    "no_change": no_change,
    "mean_swing": mean_swing,
    "mean_swing_by_kind": mean_swing_by_kind,
}


def leave_out(pairs: Sequence[Pair], *, dated: bool = False, least: int = 5) -> list[dict[str, Any]]:
    """Every pair forecast from the others; ``dated``: from those over before its second vote, where ``least`` were."""
    rows = []
    for pair in pairs:
        others = [other for other in pairs if other is not pair]
        if dated:
            others = over_before(others, pair.second.first_day)
        if len(others) >= least:
            made = {name: forecast(pair, others) for name, forecast in FORECASTERS.items()}
            rows.append(_row(pair, made))
    return rows


def _row(pair: Pair, made: dict[str, NDArray[np.float64]]) -> dict[str, Any]:
    seen = pair.second.share
    assert seen is not None
    row: dict[str, Any] = {"id": pair.second.id, "case": pair.second.case, "first": pair.first.share, "seen": seen}
    for name, shares in made.items():
        probability = float((shares > 0.5).mean())
        row[name] = {
            "crps": crps(shares, seen),
            "log_score": share_log_score(shares, seen),
            "brier": float(brier(np.array(probability), np.array(seen > 0.5))),
            "probability": probability,
            "swing": float(np.mean(np.log(shares) - np.log1p(-shares))) - logit(pair.first.share),
            **{f"q{q:02d}": float(np.quantile(shares, q / 100)) for q in (5, 25, 50, 75, 95)},
            **{f"in_{round(100 * level)}": holds(shares, seen, level) for level in LEVELS},
            **{f"width_{round(100 * level)}": width(shares, level) for level in LEVELS},
        }
    return row


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """By forecaster: mean scores, coverage and width; the first forecaster's CRPS less each other's, by case.

    A difference below zero is in favour of the terms; its interval is a bootstrap over cases (90 %).
    """
    cases = [row["case"] for row in rows]
    found: dict[str, Any] = {"pairs": len(rows), "cases": len(set(cases))}
    for name in FORECASTERS:
        scored = [row[name] for row in rows]
        found[name] = {
            **{key: mean_with_interval(np.array([row[key] for row in scored]), cases) for key in SCORED},
            **{
                f"{kind}_{round(100 * level)}": float(np.mean([row[f"{kind}_{round(100 * level)}"] for row in scored]))
                for kind in ("in", "width")
                for level in LEVELS
            },
        }
    for name in FORECASTERS:
        if name != "terms":
            less = {key: np.array([row["terms"][key] - row[name][key] for row in rows]) for key in SCORED}
            found[f"terms_less_{name}"] = {key: mean_with_interval(values, cases) for key, values in less.items()}
    return found


SCORED = ("crps", "log_score", "brier")
