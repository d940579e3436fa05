"""Importance sampling that adapts: draws from a prior on the unit cube, weighted, and a better proposal made of them.

Works on normal scores of the prior's uniforms, so the prior is a standard normal whatever the ranges are. After a
first round from the prior, each later round proposes from normals about the weighted draws so far, mixed with the
prior so that no weight can be much larger than the likelihood itself. All rounds count, each draw weighted as if it
came from the mixture of all rounds' proposals. Sources: Cappe, Guillin, Marin, Robert (2004), JCGS 13(4), population
Monte Carlo; Owen and Zhou (2000), JASA 95, defensive mixtures; Cornuet et al. (2012), Scand. J. Stat. 39, AMIS.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp, ndtr

DEFENSIVE = 0.2  # share of every round that comes from the prior
WIDER = 1.1  # a proposal is wider than the draws it is made of


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A normal on the scores, mixed with the standard normal prior."""

    mean: NDArray[np.float64]
    root: NDArray[np.float64]  # lower Cholesky factor of the covariance

    def draw(self, n: int, luck: np.random.Generator) -> NDArray[np.float64]:
        """Scores, (n, dimensions)."""
        scores = luck.standard_normal((n, len(self.mean)))
        from_normal = luck.random(n) >= DEFENSIVE
        moved = self.mean + scores @ self.root.T
        return np.where(from_normal[:, None], moved, scores)

    def log_density(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Without the constant that all normals of this dimension share."""
        standard = np.linalg.solve(self.root, (scores - self.mean).T)
        normal = -0.5 * (standard**2).sum(axis=0) - np.log(np.diag(self.root)).sum()
        return np.logaddexp(np.log1p(-DEFENSIVE) + normal, np.log(DEFENSIVE) + log_prior(scores))


def log_prior(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard normal, without its constant."""
    return -0.5 * (scores**2).sum(axis=1)


def uniforms_of(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Back to the unit cube, strictly inside."""
    return np.clip(ndtr(scores), 1e-9, 1 - 1e-9)


def proposal_of(scores: NDArray[np.float64], log_weight: NDArray[np.float64]) -> Proposal:
    """The normal with the weighted mean of these draws, somewhat wider, and nearer to the prior where draws are few."""
    weight = normalised(log_weight)
    effective = effective_size(log_weight)
    mean = weight @ scores
    centred = scores - mean
    covariance = (centred * weight[:, None]).T @ centred
    trust = effective / (effective + 2 * scores.shape[1])
    covariance = trust * covariance + (1 - trust) * np.eye(scores.shape[1])
    return Proposal(mean=trust * mean, root=np.linalg.cholesky(WIDER**2 * covariance))


def near_mode(log_likelihood: Callable[[NDArray[np.float64], int], NDArray[np.float64]], dimensions: int) -> Proposal:
    """The normal at the mode of a smooth posterior, with its curvature there: where to start if the prior is far off.

    Source: Laplace's approximation, by the quasi-Newton method of `scipy.optimize` with central differences.
    """
    step = 1e-4
    around = np.concatenate([np.zeros((1, dimensions)), step * np.eye(dimensions), -step * np.eye(dimensions)])

    def minus_log_posterior(score: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = score + around
        value = -(log_likelihood(uniforms_of(scores), 0) + log_prior(scores))
        return float(value[0]), (value[1 : dimensions + 1] - value[dimensions + 1 :]) / (2 * step)

    found = minimize(minus_log_posterior, np.zeros(dimensions), jac=True, method="BFGS", options={"maxiter": 200})
    return Proposal(mean=found.x, root=np.linalg.cholesky(WIDER**2 * found.hess_inv))


def sample(
    log_likelihood: Callable[[NDArray[np.float64], int], NDArray[np.float64]],
    *,
    dimensions: int,
    rounds: tuple[int, ...],
    luck: np.random.Generator,
    start: Proposal | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Scores of all rounds, (draws, dimensions), and their log weights, (draws,).

    ``log_likelihood`` takes uniforms, (draws, dimensions), and the number of the first draw. The first round is drawn
    from ``start``; from the prior unless given.
    """
    prior = Proposal(mean=np.zeros(dimensions), root=np.eye(dimensions))
    proposals: list[Proposal] = []
    drawn: list[NDArray[np.float64]] = []
    likelihoods: list[NDArray[np.float64]] = []
    for size in rounds:
        done = sum(map(len, drawn))
        so_far = _log_weights(drawn, likelihoods, proposals) if drawn else np.empty(0)
        proposals.append(proposal_of(np.concatenate(drawn), so_far) if drawn else start or prior)
        drawn.append(proposals[-1].draw(size, luck))
        likelihoods.append(log_likelihood(uniforms_of(drawn[-1]), done))
    return np.concatenate(drawn), _log_weights(drawn, likelihoods, proposals)


def _log_weights(
    drawn: list[NDArray[np.float64]], likelihoods: list[NDArray[np.float64]], proposals: list[Proposal]
) -> NDArray[np.float64]:
    """Prior x likelihood over the mixture of all proposals, by the number of draws each made."""
    scores = np.concatenate(drawn)
    shares = np.log([len(part) / len(scores) for part in drawn])
    mixture = logsumexp([s + p.log_density(scores) for s, p in zip(shares, proposals, strict=True)], axis=0)
    return np.concatenate(likelihoods) + log_prior(scores) - mixture


def normalised(log_weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights that sum to one."""
    weight = np.exp(log_weight - log_weight.max())
    return weight / weight.sum()


def effective_size(log_weight: NDArray[np.float64]) -> float:
    """How many equally weighted draws would know as much: 1 / sum of squared weights (Kish)."""
    weight = normalised(log_weight)
    return float(1 / np.sum(weight**2))


def tail_index(log_weight: NDArray[np.float64]) -> float:
    """Pareto k of the largest weights: below 0.5 they have a variance, above 0.7 they are not to be trusted.

    Source: Vehtari, Simpson, Gelman, Yao, Gabry (2024), JMLR 25(72); fit by Zhang and Stephens (2009).
    """
    weight = np.sort(normalised(log_weight))
    weight = weight[weight > 0]
    tail = int(min(0.2 * len(weight), 3 * np.sqrt(len(weight))))
    if tail < 5:
        return float("inf")
    excess = weight[-tail:] - weight[-tail - 1]
    n = len(excess)
    grid = 30 + int(np.sqrt(n))
    quartile = excess[int(n / 4 + 0.5) - 1]
    theta = 1 / excess[-1] + (1 - np.sqrt(grid / (np.arange(1, grid + 1) - 0.5))) / (3 * quartile)
    k = np.mean(np.log1p(-theta[:, None] * excess), axis=1)
    likelihood = n * (np.log(-theta / k) - k - 1)
    share = np.exp(likelihood - logsumexp(likelihood))
    best = float(share @ theta)
    shape = float(np.mean(np.log1p(-best * excess)))
    return (n * shape + 10 * 0.5) / (n + 10)  # shrunk to 0.5 as by ten more draws


def resample(log_weight: NDArray[np.float64], n: int, luck: np.random.Generator) -> NDArray[np.int64]:
    """``n`` rows in proportion to their weights, systematically: one uniform, evenly spaced; order shuffled."""
    places = (luck.random() + np.arange(n)) / n
    rows = np.searchsorted(np.cumsum(normalised(log_weight)), places).clip(max=len(log_weight) - 1)
    return luck.permutation(rows)
