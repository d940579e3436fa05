"""Scenario discovery: where in parameter space a thing happens unusually often, said in sentences.

Points fill the space evenly (Latin hypercube), each lived in a world of its own, so density is a share of worlds and
no box can explain luck. The thing is the absence of a deal, or for an amount its highest tenth.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.sensitivity.factors import Factor
from experiments.sensitivity.prim import Box, Quality, find_boxes
from experiments.statistics.intervals import wilson_interval

HIGHEST = 0.9  # quantile above which an amount counts as high


def cases_of(measure: str, answer: NDArray[np.float64]) -> tuple[NDArray[np.bool_], str]:
    """Which runs are cases of what is looked for, and what that is in words."""
    if set(np.unique(answer)) <= {0.0, 1.0}:
        return answer == 0, f"no {measure.replace('_', ' ')}"
    limit = float(np.quantile(answer, HIGHEST))
    if answer.min() < limit == answer.max():  # so many share the most that nothing lies above
        return answer == limit, f"{measure.replace('_', ' ')} of {limit:,.4g}, the most there is"
    return answer > limit, f"{measure.replace('_', ' ')} above {limit:,.4g}"


def discover(
    chosen: Sequence[Factor], unit: NDArray[np.float64], measure: str, answer: NDArray[np.float64]
) -> dict[str, Any]:
    """Boxes for one measure, each with its limits, its quality on runs it was not found on, and a sentence."""
    cases, words = cases_of(measure, answer)
    values = np.stack([factor.values(column) for factor, column in zip(chosen, unit.T, strict=True)], axis=1)
    boxes = [
        _told(box, quality, p, chosen, words, float(cases.mean())) for box, quality, p in find_boxes(values, cases)
    ]
    return {
        "measure": measure,
        "cases": words,
        "share_of_runs": float(cases.mean()),
        "runs": len(cases),
        "boxes": boxes,
    }


def _told(
    box: Box, quality: Quality, p: dict[int, float], chosen: Sequence[Factor], words: str, usual: float
) -> dict[str, Any]:
    limits: list[dict[str, Any]] = []
    for index in box.restricted:
        factor, low, high = chosen[index], float(box.low[index]), float(box.high[index])
        limits.append(
            {
                "parameter": factor.name,
                "low": low if np.isfinite(low) else None,
                "high": high if np.isfinite(high) else None,
                "unit": factor.unit,
                "p": p[index],
            }
        )
    limits.sort(key=lambda limit: limit["p"])
    density = wilson_interval(quality.cases_inside, quality.inside)
    coverage = wilson_interval(quality.cases_inside, quality.cases)
    told = {
        "limits": limits,
        "coverage": quality.coverage,
        "coverage_low": float(coverage.low),
        "coverage_high": float(coverage.high),
        "density": quality.density,
        "density_low": float(density.low),
        "density_high": float(density.high),
        "mass": quality.mass,
        "judged_on": quality.runs,
    }
    return told | {"sentence": _sentence(told, words, usual)}


def _sentence(told: dict[str, Any], words: str, usual: float) -> str:
    """A box as one would say it."""
    where = " and ".join(_limit_words(limit) for limit in told["limits"])
    return (
        f"Where {where}, {told['density']:.0%} of worlds have {words} (density; 95 % interval "
        f"{told['density_low']:.0%} to {told['density_high']:.0%}), against {usual:.1%} everywhere. This is "
        f"{told['mass']:.0%} of the space and holds {told['coverage']:.0%} of all such worlds (coverage; "
        f"{told['coverage_low']:.0%} to {told['coverage_high']:.0%})."
    )


def _limit_words(limit: dict[str, Any]) -> str:
    name, low, high = limit["parameter"], limit["low"], limit["high"]
    if low is None:
        return f"{name} is at most {high:.4g}"
    if high is None:
        return f"{name} is at least {low:.4g}"
    return f"{name} is {low:.4g}" if low == high else f"{name} is between {low:.4g} and {high:.4g}"
