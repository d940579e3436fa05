"""Morris's elementary effects and Sobol's indices of any function on the unit cube, by SALib, with intervals.

Intervals are simultaneous: with 95 % confidence all of them hold at once (Bonferroni over the factors), so that one
in twenty factors does not look like something by chance.
Sources: Morris (1991), Technometrics 33; Campolongo, Cariboni & Saltelli (2007); Sobol' (2001); Saltelli et al. (2010),
Computer Physics Communications 181; Jansen (1999) for the total index.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.statistics.intervals import normal_quantile

Response = Callable[[NDArray[np.float64]], dict[str, NDArray[np.float64]]]  # (points, factors) -> measure: (points,)
CONFIDENCE = 0.95
RESAMPLES = 200
SOBOL = ("S1", "S1_conf", "ST", "ST_conf")
MORRIS = ("mu", "mu_star", "mu_star_conf", "sigma")
MORRIS_LEVELS = 4
MOST_SLICES = 40  # of a factor's range, for the first order from independent points


def simultaneous(factors: int) -> float:
    """The confidence of each interval so that all hold at once."""
    return 1 - (1 - CONFIDENCE) / max(factors, 1)


def sobol_indices(
    names: Sequence[str], response: Response, *, n: int, seed: int, independent: int = 0, unordered: Sequence[str] = ()
) -> dict[str, list[dict[str, Any]]]:
    """First-order and total index of each factor for each measure.

    ``n`` (factors + 2) points, n a power of two, give the totals. ``independent`` further points give the first order,
    which takes them far better than differences between a few points do; without them, and for the factors
    ``unordered``, whose neighbouring values have nothing in common, it comes from the same points as the totals.

    A row a factor: parameter, S1, S1_conf, ST, ST_conf (half widths), n (of the base sample), n_S1, n_ST (runs behind
    either index). A measure that never varies has NaN.
    """
    from SALib.analyze import sobol as analyze
    from SALib.sample import sobol as sample
    from scipy.stats import qmc

    problem = _unit_cube(names)
    answers = response(sample.sample(problem, n, calc_second_order=False, seed=seed))
    further = qmc.LatinHypercube(len(names), rng=seed).random(independent)
    further_answers = response(further) if independent else {}
    found = {}
    for measure, answer in answers.items():
        apart = bool(independent) and np.ptp(answer) > 0 and np.ptp(further_answers[measure]) > 0
        if np.ptp(answer) == 0:
            parts = {key: np.full(len(names), np.nan) for key in SOBOL}
        else:
            parts = analyze.analyze(
                problem,
                answer,
                calc_second_order=False,
                num_resamples=RESAMPLES,
                conf_level=simultaneous(len(names)),
                seed=seed,
            )
            if apart:
                ordered = np.array([name not in unordered for name in names])
                first, half_width = first_order(further, further_answers[measure], seed=seed)
                parts["S1"] = np.where(ordered, first, parts["S1"])
                parts["S1_conf"] = np.where(ordered, half_width, parts["S1_conf"])
        found[measure] = [
            row | {"n": n, "n_S1": independent if apart and name not in unordered else len(answer), "n_ST": len(answer)}
            for name, row in zip(names, _rows(names, parts, SOBOL), strict=True)
        ]
    return found


def first_order(
    points: NDArray[np.float64], answer: NDArray[np.float64], *, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """First-order indices from any independent sample, and half widths of their bootstrap intervals, (factors,).

    The share of the variance that lies between slices of the factor, less what slices of nothing would show; so it is
    centred on zero for a factor that does nothing. Source: Plischke, Borgonovo & Smith (2013), European Journal of
    Operational Research 226; the correction is Hays's omega squared.
    """
    runs, count = points.shape
    slices = int(np.clip(runs // 50, 4, MOST_SLICES))
    places = np.minimum((points * slices).astype(np.int64), slices - 1)
    weights = np.random.default_rng(seed).multinomial(runs, np.full(runs, 1 / runs), size=RESAMPLES).astype(float)
    centred = answer - answer.mean()
    index = np.empty((RESAMPLES + 1, count))
    for row, weight in enumerate([np.ones(runs), *weights]):
        mean, square = np.average(centred, weights=weight), np.average(centred**2, weights=weight)
        total = runs * (square - mean**2)
        for factor in range(count):
            size = np.bincount(places[:, factor], weight, slices)
            sums = np.bincount(places[:, factor], weight * centred, slices)
            between = np.sum(np.divide(sums**2, size, out=np.zeros(slices), where=size > 0)) - runs * mean**2
            noise = (total - between) / (runs - slices)
            index[row, factor] = (between - (slices - 1) * noise) / (total + noise)
    z = normal_quantile(simultaneous(count))
    return index[0], z * index[1:].std(axis=0, ddof=1)


def morris_effects(
    names: Sequence[str], response: Response, *, trajectories: int, seed: int
) -> dict[str, list[dict[str, Any]]]:
    """Elementary effects of each factor on each measure, in units of the measure over the factor's whole range.

    A row a factor: parameter, mu (mean effect), mu_star (mean size), mu_star_conf (half width), sigma, n.
    """
    from SALib.analyze import morris as analyze
    from SALib.sample import morris as sample

    problem = _unit_cube(names)
    points = sample.sample(problem, trajectories, num_levels=MORRIS_LEVELS, seed=seed)
    found = {}
    for measure, answer in response(points).items():
        parts = analyze.analyze(
            problem,
            points,
            answer,
            num_levels=MORRIS_LEVELS,
            num_resamples=RESAMPLES,
            conf_level=simultaneous(len(names)),
            seed=seed,
        )
        found[measure] = [row | {"n": trajectories} for row in _rows(names, parts, MORRIS)]
    return found


def _rows(names: Sequence[str], parts: Any, keys: Sequence[str]) -> list[dict[str, Any]]:
    return [{"parameter": name, **{key: float(parts[key][i]) for key in keys}} for i, name in enumerate(names)]


def _unit_cube(names: Sequence[str]) -> dict[str, Any]:
    return {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}
