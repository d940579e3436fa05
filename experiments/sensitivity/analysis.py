"""A whole sensitivity analysis of a scenario: design, runs, numbers, and the folder they are kept in.

Noise: under Sobol' luck is a factor with an index of its own. Under Morris each trajectory stays in one world, so that
an elementary effect compares a world with itself. Under PRIM each point has a world of its own.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.paper.reference import numbers_sha256
from experiments.sensitivity.discovery import discover
from experiments.sensitivity.factors import LUCK, MEASURES, Factor, run_points, worlds_of
from experiments.sensitivity.indices import morris_effects, sobol_indices
from sim.errors import WrongInput
from sim.scenario.scenario import Scenario
from sim.scenario.sections import FITTED

WORLDS = {"morris": 10_000, "sobol": 75_000, "prim": 8_000}  # unless asked otherwise
NOISE = {
    "morris": "a trajectory stays in one world",
    "sobol": "luck is a factor",
    "prim": "each point has a world of its own",
}
LEAST_SOBOL = 16  # points of Sobol's base sample
FOR_TOTALS = 0.75  # share of the worlds, at most, that Sobol's total indices get; the first order gets the rest


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """What came out. ``rows`` is the table of sensitivity.csv; ``discovered`` the boxes of scenario discovery."""

    scenario: str
    numbers_sha256: str  # of the scenario, so that a kept table can tell when it is old
    method: str
    seed: int
    runs: int
    base_sample: int  # Sobol's n, Morris's trajectories, PRIM's points
    measures: tuple[str, ...]
    settings: dict[str, str]
    noise: str
    factors: tuple[Factor, ...]
    rows: list[dict[str, Any]]
    discovered: list[dict[str, Any]]

    def as_dict(self) -> dict[str, Any]:
        """What ``planb sensitivity --json`` prints."""
        told = {name: value for name, value in vars(self).items() if name not in ("factors", "rows", "discovered")}
        return told | {
            "ranges": {factor.name: list(factor.levels or (factor.low, factor.high)) for factor in self.factors},
            "indices": [{key: _known(value) for key, value in row.items()} for row in self.rows],
            "discovered": self.discovered,
        }


def analyse(
    scenario: Scenario,
    chosen: Sequence[Factor],
    *,
    method: str = "sobol",
    worlds: int | None = None,
    measures: Sequence[str] = MEASURES,
    seed: int = 2011,
    tick: Callable[[int, int], None] = lambda done, total: None,
) -> Analysis:
    """Run a method over these factors with at most ``worlds`` worlds in all.

    Raises: WrongInput where they are too few for the method, or nothing can be varied.
    """
    if not chosen:
        raise WrongInput(f"{scenario.name}: nothing to vary: no number of these roles has a range and is not pinned")
    if scenario.sections.case.uncertainties in FITTED:  # ranges are varied here, and moods with their spread
        scenario = scenario.with_settings({"case.uncertainties": "range"})
    budget = worlds or WORLDS[method]
    names = [factor.name for factor in chosen]

    def response(unit: NDArray[np.float64], worlds: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
        return run_points(scenario, chosen, unit, worlds, seed=seed, measures=measures, tick=tick)

    rows: list[dict[str, Any]] = []
    discovered: list[dict[str, Any]] = []
    if method == "sobol":
        points = len(names) + 3
        fits = _at_least(int(budget * FOR_TOTALS) // points, LEAST_SOBOL, math.ceil(points / FOR_TOTALS))
        base, runs = 2 ** (fits.bit_length() - 1), budget
        found = sobol_indices(
            [*names, LUCK],
            lambda unit: response(unit[:, :-1], worlds_of(unit[:, -1])),
            n=base,
            seed=seed,
            independent=budget - base * points,
            unordered=(LUCK,),
        )
        rows = [{"measure": measure, **_of_chance(row, part)} for measure, part in found.items() for row in part]
    elif method == "morris":
        points = len(names) + 1
        base = _at_least(budget // points, 4, points)
        runs = base * points
        found = morris_effects(
            names, lambda unit: response(unit, np.arange(len(unit)) // points), trajectories=base, seed=seed
        )
        rows = [{"measure": measure, **row} for measure, part in found.items() for row in part]
    else:
        from scipy.stats import qmc

        base = runs = _at_least(budget, 200, 1)
        unit = qmc.LatinHypercube(len(names), rng=seed).random(base)
        answers = response(unit, np.arange(base))
        discovered = [discover(chosen, unit, measure, answer) for measure, answer in answers.items()]
        rows = [
            {"measure": part["measure"], "box": number, "coverage": box["coverage"], "density": box["density"], **limit}
            for part in discovered
            for number, box in enumerate(part["boxes"], 1)
            for limit in box["limits"]
        ]
    return Analysis(
        scenario=scenario.name,
        numbers_sha256=numbers_sha256(scenario),
        method=method,
        seed=seed,
        runs=runs,
        base_sample=base,
        measures=tuple(measures),
        settings={key: str(value) for key, value in scenario.settings.items()},
        noise=NOISE[method],
        factors=tuple(chosen),
        rows=rows,
        discovered=discovered,
    )


def _known(value: Any) -> Any:
    """JSON knows no NaN."""
    return None if isinstance(value, float) and value != value else value


def _of_chance(row: dict[str, Any], rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A row with the first-order index of the measure's mean over luck: what it says of chances, not of single worlds.

    The variance of the mean is what luck has no part in, 1 less the total index of luck.
    """
    luck = next(other for other in rows if other["parameter"] == LUCK)
    left = 1 - luck["ST"]
    mean = np.nan if row["parameter"] == LUCK or not left > 0 else row["S1"] / left
    return {**row, "S1_of_mean": mean}


def _at_least(count: int, least: int, points: int) -> int:
    if count < least:
        raise WrongInput(f"--worlds: too few; this needs at least {least * points:,}")
    return count


def write(analysis: Analysis, folder: Path) -> list[Path]:
    """``sensitivity.csv``, ``sensitivity.json`` and, of Sobol's indices, a figure a measure."""
    import pandas as pd

    folder.mkdir(parents=True, exist_ok=True)
    table = pd.DataFrame(analysis.rows)
    table.to_csv(folder / "sensitivity.csv", index=False, float_format="%.6g", lineterminator="\n")
    document = json.dumps(analysis.as_dict(), indent=2, default=str)
    (folder / "sensitivity.json").write_text(document + "\n", encoding="utf-8")
    written = [folder / "sensitivity.csv", folder / "sensitivity.json"]
    if analysis.method == "sobol":
        for measure in analysis.measures:
            rows = table[table["measure"] == measure]
            if rows["S1"].notna().any():
                written += _draw(rows.drop(columns="measure"), measure, folder)
    return written


def _draw(rows: Any, measure: str, folder: Path) -> list[Path]:
    from experiments.charts.form import new_figure, save_figure, style
    from experiments.charts.sobol import SHOWN, draw_sobol, sobol_caption

    with style():
        figure, ax = new_figure(height_mm=24 + 7 * min(len(rows), SHOWN))
        draw_sobol(ax, rows)
    caption = (
        f"{sobol_caption(rows)} Measure: {measure}. Stream is all that chance does in a world; the intervals hold "
    )
    return save_figure(figure, folder, f"sobol_{measure}", data=rows, caption=caption + "for all parameters at once.")


def as_text(analysis: Analysis, most: int = 12) -> str:
    """The largest effects by measure, or the boxes in sentences."""
    lines = [
        f"{analysis.scenario}: {analysis.method}, {len(analysis.factors)} parameters, {analysis.runs:,} worlds of seed "
        f"{analysis.seed}; {analysis.noise}"
    ]
    for part in analysis.discovered:
        lines += ["", f"{part['cases']}: {part['share_of_runs']:.1%} of worlds"]
        lines += [f"  {box['sentence']}" for box in part["boxes"]] or ["  no box holds them better than chance"]
    if analysis.method == "prim":
        return "\n".join(lines)
    key, titles = ("ST", "first order          total") if analysis.method == "sobol" else ("mu_star", "mean size")
    for measure in analysis.measures:
        rows = sorted(
            (row for row in analysis.rows if row["measure"] == measure and row[key] == row[key]),
            key=lambda row: -row[key],
        )
        lines += ["", f"{measure:<40}{titles}" if rows else f"{measure}: never varies"]
        lines += [_line(row, analysis.method) for row in rows[:most]]
    lines += ["", "intervals: 95 %, all at once"]
    return "\n".join(lines)


def _line(row: dict[str, Any], method: str) -> str:
    if method == "sobol":
        first, total = f"{row['S1']:.3f} +- {row['S1_conf']:.3f}", f"{row['ST']:.3f} +- {row['ST_conf']:.3f}"
        return f"  {row['parameter']:<38}{first:<21}{total}"
    size = f"{row['mu_star']:.4g} +- {row['mu_star_conf']:.2g}"
    return f"  {row['parameter']:<38}{size:<24}mean {row['mu']:.3g}, spread {row['sigma']:.3g}"
