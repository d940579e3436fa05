"""Regressions on votes on record: named terms with priors that allow zero, and the rows of their posterior."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from experiments.calibration.importance import effective_size, near_mode, resample, sample, tail_index, uniforms_of

Item = TypeVar("Item")
ROUNDS = (2000, 3000, 5000)
ROWS = 1000


@dataclass(frozen=True, slots=True)
class Term(Generic[Item]):
    """One reason: what an item has of it, and what is believed of its weight beforehand.

    The prior is normal about zero with this deviation, logits per unit; a ``sign`` keeps it to one side of zero.
    """

    name: str
    of: Callable[[Item], float]
    deviation: float
    sign: int = 0

    def weight(self, uniform: NDArray[np.float64]) -> NDArray[np.float64]:
        """The prior's quantile."""
        if self.sign:
            return self.sign * half_normal(uniform, self.deviation)
        return self.deviation * ndtri(uniform)


def half_normal(uniform: NDArray[np.float64], deviation: float) -> NDArray[np.float64]:
    """Quantile of the distance from zero of a normal."""
    return deviation * ndtri(0.5 + 0.5 * uniform)


def design(terms: Sequence[Term[Item]], items: Sequence[Item]) -> NDArray[np.float64]:
    """What each item has of each term, (items, terms)."""
    return np.array([[term.of(item) for term in terms] for item in items], float).reshape(len(items), len(terms))


@dataclass(frozen=True, kw_only=True)
class Posterior:
    """Equally weighted rows, and how well they stand for the posterior."""

    names: tuple[str, ...]
    prior: Callable[[NDArray[np.float64]], NDArray[np.float64]]  # uniforms, (draws, names), to values
    parameters: NDArray[np.float64]  # (rows, names)
    effective: float  # of the weighted draws
    tail: float  # Pareto k

    def column(self, name: str) -> NDArray[np.float64]:
        """Values of one parameter, (rows,)."""
        return self.parameters[:, self.names.index(name)]

    def summary(self) -> list[dict[str, Any]]:
        """Prior and posterior quantiles of every parameter."""
        grid = np.tile(((np.arange(999) + 0.5) / 999)[:, None], len(self.names))
        both = {"prior": self.prior(grid), "posterior": self.parameters}
        return [
            {"name": name}
            | {
                f"{kind}_q{q:02d}": float(np.quantile(values[:, place], q / 100))
                for kind, values in both.items()
                for q in (5, 50, 95)
            }
            for place, name in enumerate(self.names)
        ]

    def unexplained(self, degrees: float) -> NDArray[np.float64]:
        """Quantiles of Student's t, evenly spaced, in an order that has nothing to do with the rows', (rows,)."""
        order = np.random.default_rng(0).permutation(len(self.parameters))
        return stdtrit(degrees, (order + 0.5) / len(order))


def fit(
    log_likelihood: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    prior: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    names: tuple[str, ...],
    *,
    seed: int,
    rounds: tuple[int, ...] = ROUNDS,
    rows: int = ROWS,
) -> Posterior:
    """The posterior under a log-likelihood of values, (draws, names) to (draws,)."""

    def of_uniforms(uniforms: NDArray[np.float64], number: int) -> NDArray[np.float64]:
        return log_likelihood(prior(uniforms))

    luck = np.random.default_rng([seed, 9])
    start = near_mode(of_uniforms, len(names))
    scores, log_weight = sample(of_uniforms, dimensions=len(names), rounds=rounds, luck=luck, start=start)
    return Posterior(
        names=names,
        prior=prior,
        parameters=prior(uniforms_of(scores[resample(log_weight, rows, luck)])),
        effective=effective_size(log_weight),
        tail=tail_index(log_weight),
    )
