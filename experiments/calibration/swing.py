"""How far people come round between two votes, and what goes with it: a regression on pairs of votes on record.

The change of a share of yes, in logits, is a sum of terms, each with a prior that allows zero, plus what the terms do
not explain, with heavy tails (Student's t): some bodies are far off. The pairs are few and their reasons come together
(a last word is put with a text that hardly changed), so the priors are part of the answer; `Posterior.summary` has
both. Votes are asked again where somebody hopes to win them: the constant is that of votes that were asked again, not
of any vote that might have been.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Container, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, gammaln

from experiments.calibration.scores import normal_shares, scored
from experiments.calibration.terms import ROUNDS, ROWS, Posterior, Term, design, fit, half_normal
from experiments.calibration.votes import Pair, logit

TAILS = 4  # degrees of freedom of what the terms do not explain
LEAST = 5  # other pairs, without which one is not forecast


def _coded(column: str, **worth: float) -> Callable[[Pair], float]:
    return lambda pair: worth.get(getattr(pair.second, column), 0.0)


TERMS: tuple[Term[Pair], ...] = (
    # anger spent and time gone by, whatever else changed
    Term("asked_again", lambda pair: 1.0, deviation=1.0, sign=1),
    # the text was made clear or changed a little
    Term("clearer", _coded("change", clearer=1.0, small=1.0), deviation=0.5, sign=1),
    Term("better", _coded("change", better=1.0), deviation=1.5, sign=1),  # the terms are
    # a second no is known to be final; one half where that is not known
    Term("last_word", _coded("last_word", yes=1.0, unknown=0.5), deviation=0.5, sign=1),
    Term("begun", _coded("pressure", begun=1.0), deviation=0.5, sign=1),  # what was threatened has
    # it is announced only: a reason to give in, and an affront
    Term("threatened", _coded("pressure", threatened=1.0), deviation=0.5),
    Term("strike", _coded("pressure", strike=1.0), deviation=0.5, sign=1),  # is on or due
)
FORGOTTEN, SPREAD = "forgotten", "spread"
MOST_FORGOTTEN = 0.5  # of the first result's distance from one half; uniform from zero
SPREAD_DEVIATION = 1.0  # logits, of the half-normal prior of the spread
NAMES = (*(term.name for term in TERMS), FORGOTTEN, SPREAD)


def prior(uniforms: NDArray[np.float64]) -> NDArray[np.float64]:
    """Uniforms, (draws, NAMES), as values of the prior."""
    weights = [term.weight(column) for term, column in zip(TERMS, uniforms.T, strict=False)]
    spread = half_normal(uniforms[:, -1], SPREAD_DEVIATION)
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
) -> Posterior:
    """The posterior given log-odds of first and second votes, (pairs,), and the terms of the pairs, (pairs, terms)."""
    constant = gammaln((TAILS + 1) / 2) - gammaln(TAILS / 2) - 0.5 * np.log(TAILS * np.pi)

    def log_likelihood(parameters: NDArray[np.float64]) -> NDArray[np.float64]:
        spread = parameters[:, [-1]]
        z = (second - expected(parameters, terms, first)) / spread
        return (constant - np.log(spread) - 0.5 * (TAILS + 1) * np.log1p(z * z / TAILS)).sum(axis=1)

    return fit(log_likelihood, prior, NAMES, seed=seed, rounds=rounds, rows=rows)


def fit_pairs(pairs: Sequence[Pair], *, seed: int = 2011, rounds: tuple[int, ...] = ROUNDS) -> Posterior:
    """The posterior given pairs on record."""
    first = np.array([logit(pair.first.share) for pair in pairs])
    second = np.array([logit(pair.second.share) for pair in pairs])
    return fit_swing(design(TERMS, pairs), first, second, seed=seed, rounds=rounds)


def forecast(found: Posterior, pair: Pair) -> NDArray[np.float64]:
    """Shares of yes at the second vote, from the first result and what is known to have changed, (rows,)."""
    mean = expected(found.parameters, design(TERMS, [pair]), np.array([logit(pair.first.share)]))[:, 0]
    return expit(mean + found.column(SPREAD) * found.unexplained(TAILS))


def over_before(pairs: Sequence[Pair], day: datetime.date) -> list[Pair]:
    """The pairs whose second vote was over before this day."""
    return [pair for pair in pairs if pair.second.last_day < day]


# --- how good it is, each pair forecast without itself


def no_change(first: float, others: Sequence[Pair]) -> NDArray[np.float64]:
    """Shares: the first result again, scattered as the others moved."""
    moved = np.array([other.swing for other in others])
    return normal_shares(logit(first), float(np.sqrt(np.mean(moved**2))))


def mean_swing(first: float, others: Sequence[Pair]) -> NDArray[np.float64]:
    """Shares: moved as the others moved, on average and with their scatter."""
    moved = np.array([other.swing for other in others])
    scatter = moved.std(ddof=1) * np.sqrt(1 + 1 / len(moved))
    return normal_shares(logit(first) + float(moved.mean()), float(scatter))


def mean_swing_by_kind(first: float, others: Sequence[Pair], *, better: bool) -> NDArray[np.float64]:
    """Shares: moved as those whose terms got better, or did not, as here; as all others where fewer than three did."""
    alike = [other for other in others if (other.second.change == "better") is better]
    return mean_swing(first, alike if len(alike) >= 3 else others)


FORECASTERS = ("terms", "no_change", "mean_swing", "mean_swing_by_kind")


def leave_out(
    pairs: Sequence[Pair], *, dated: bool = False, only: Container[str] | None = None
) -> list[dict[str, Any]]:
    """Every pair forecast from the others; ``dated``: from those over before its second vote, where `LEAST` were.

    ``only``: rows of these second votes, by their id.
    """
    rows = []
    for pair in pairs:
        if only is not None and pair.second.id not in only:
            continue
        others = [other for other in pairs if other is not pair]
        if dated:
            others = over_before(others, pair.second.first_day)
        if len(others) >= LEAST:
            rows.append(_row(pair, others))
    return rows


def _row(pair: Pair, others: Sequence[Pair]) -> dict[str, Any]:
    first, seen = pair.first.share, pair.second.share
    assert first is not None and seen is not None
    better = pair.second.change == "better"
    made = {
        "terms": forecast(fit_pairs(others), pair),
        "no_change": no_change(first, others),
        "mean_swing": mean_swing(first, others),
        "mean_swing_by_kind": mean_swing_by_kind(first, others, better=better),
    }
    told = {"id": pair.second.id, "case": pair.second.case, "better": better, "first": first, "seen": seen}
    return told | {name: scored(shares, seen, seen > 0.5) for name, shares in made.items()}
