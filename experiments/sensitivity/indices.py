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

Response = Callable[[NDArray[np.float64]], dict[str, NDArray[np.float64]]]  # (points, factors) -> measure: (points,)
CONFIDENCE = 0.95
RESAMPLES = 200
MORRIS_LEVELS = 4


def simultaneous(factors: int) -> float:
    """The confidence of each interval so that all hold at once."""
    return 1 - (1 - CONFIDENCE) / max(factors, 1)


def sobol_indices(names: Sequence[str], response: Response, *, n: int, seed: int) -> dict[str, list[dict[str, Any]]]:
    """First-order and total index of each factor for each measure; ``n`` (factors + 2) points, n a power of two.

    A row a factor: parameter, S1, S1_conf, ST, ST_conf (half widths), n. A measure that never varies has NaN.
    """
    from SALib.analyze import sobol as analyze
    from SALib.sample import sobol as sample

    problem = _unit_cube(names)
    answers = response(sample.sample(problem, n, calc_second_order=False, seed=seed))
    found = {}
    for measure, answer in answers.items():
        if np.ptp(answer) == 0:
            parts = dict.fromkeys(("S1", "S1_conf", "ST", "ST_conf"), np.full(len(names), np.nan))
        else:
            parts = analyze.analyze(
                problem,
                answer,
                calc_second_order=False,
                num_resamples=RESAMPLES,
                conf_level=simultaneous(len(names)),
                seed=seed,
            )
        found[measure] = [
            {"parameter": name, **{key: float(parts[key][i]) for key in ("S1", "S1_conf", "ST", "ST_conf")}, "n": n}
            for i, name in enumerate(names)
        ]
    return found


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
        found[measure] = [
            {
                "parameter": name,
                **{key: float(parts[key][i]) for key in ("mu", "mu_star", "mu_star_conf", "sigma")},
                "n": trajectories,
            }
            for i, name in enumerate(names)
        ]
    return found


def _unit_cube(names: Sequence[str]) -> dict[str, Any]:
    return {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}
