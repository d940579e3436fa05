"""The factors of a sensitivity analysis: uncertainties, numeric levers, and luck.

A world is run once at each point of a design. What chance does in it (moods, ballots, misreadings) is a factor of its
own, called luck, whose value is the address of the world: so its share of the variance is measured like any other,
instead of being averaged away or left in the estimates as noise.
Source of the idea: Marrel, Iooss, Da Veiga & Ribatet (2012), Statistics and Computing 22, on stochastic models.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import WrongInput, nearest
from sim.scenario.scenario import Scenario
from sim.worlds.axis import BLOCK
from sim.worlds.blocks import simulate_block

LUCK = "luck"
LEVELS = 4  # values tried of a number of the calendar, since all worlds of a block share it
MEASURES = ("deal", "posts_lost", "aid", "agreed_day")
ROLES = ("uncertainty", "lever")


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """A parameter and the range it is varied over."""

    key: str
    name: str  # short where there is one
    role: str
    unit: str
    low: float
    high: float
    whole: bool = False
    levels: tuple[int, ...] = ()  # of a number that all worlds of a block share: the values tried

    def values(self, unit: NDArray[np.float64]) -> NDArray[np.float64]:
        """From [0, 1] to the parameter's range; whole numbers come up equally often."""
        if self.levels:
            chosen = np.minimum((unit * len(self.levels)).astype(int), len(self.levels) - 1)
            return np.asarray(self.levels, float)[chosen]
        if self.whole:
            return np.minimum(np.floor(self.low + unit * (self.high - self.low + 1)), self.high)
        return self.low + unit * (self.high - self.low)


def factors(
    scenario: Scenario,
    roles: Iterable[str] = ROLES,
    *,
    ranges: Mapping[str, tuple[float, float] | None] | None = None,
) -> list[Factor]:
    """Numbers with a range that are not pinned, of these roles; or those of ``ranges``, over these ranges if given.

    Raises: WrongInput for a key that the scenario does not have, or a number without a range.
    """
    rows = {row["name"]: row for row in scenario.parameters()}
    found: list[Factor | None] = []
    if ranges:
        for key, ends in ranges.items():
            row = rows.get(scenario.entry(key).key)
            if row is None:
                raise WrongInput(f"{scenario.name}: {key!r} is no parameter{nearest(key, rows)}")
            low, high = ends if ends is not None else (row["low"], row["high"])
            if ends is not None and not low < high:
                raise WrongInput(f"{scenario.name}: {key}: a range is LOW:HIGH with LOW < HIGH, got {low:g}:{high:g}")
            if low is None or high is None or not low < high:
                raise WrongInput(f"{scenario.name}: {key} has no range in the scenario; write {key}=LOW:HIGH")
            found.append(_factor(scenario, row, float(low), float(high)))
    else:
        wanted = set(roles)
        found = [
            _factor(scenario, row, float(row["low"]), float(row["high"]))
            for row in rows.values()
            if row["role"] in wanted and not row["pinned"] and row["low"] is not None and row["low"] < row["high"]
        ]
    return [factor for factor in found if factor is not None]


def _factor(scenario: Scenario, row: Mapping[str, Any], low: float, high: float) -> Factor | None:
    """None where only one value fits the calendar."""
    levels: tuple[int, ...] = ()
    if not scenario.entry(row["name"]).varies:
        tried = dict.fromkeys(round(value) for value in np.linspace(low, high, LEVELS))
        levels = tuple(value for value in tried if _fits(scenario, row["name"], value))
        if len(levels) < 2:
            return None
    return Factor(
        key=row["name"],
        name=row["short"] or row["name"],
        role=row["role"],
        unit=row["unit"],
        low=low,
        high=high,
        whole=row["whole"],
        levels=levels,
    )


def _fits(scenario: Scenario, key: str, value: int) -> bool:
    try:
        scenario.with_settings({key: value})
    except WrongInput:
        return False
    return True


def worlds_of(luck: NDArray[np.float64]) -> NDArray[np.int64]:
    """World addresses for the values of the luck factor: equal values share a world, different ones never do.

    Worlds are exchangeable, so the ranks of the values serve, and worlds next to each other are drawn together.
    """
    return np.unique(luck, return_inverse=True)[1].astype(np.int64)


def run_points(
    scenario: Scenario,
    chosen: Sequence[Factor],
    unit: NDArray[np.float64],
    worlds: NDArray[np.int64],
    *,
    seed: int,
    measures: Sequence[str] = MEASURES,
    tick: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, NDArray[np.float64]]:
    """Each point, a row of ``unit`` (points, factors) in [0, 1], in one world: measure -> (points,).

    Raises: WrongInput for a measure that the model does not have, or that is unknown in some worlds.
    """
    total = len(unit)
    found = {name: np.full(total, np.nan) for name in measures}
    values = {factor.key: factor.values(column) for factor, column in zip(chosen, unit.T, strict=True)}
    shared = [factor.key for factor in chosen if factor.levels]
    done = 0
    for settings, rows in _alike(values, shared, total):
        case = scenario.with_settings(settings)
        rows = rows[np.argsort(worlds[rows], kind="stable")]  # rows of one world share its luck
        for start in range(0, len(rows), BLOCK):
            some = rows[start : start + BLOCK]
            point = {key: column[some] for key, column in values.items() if key not in shared}
            columns = simulate_block(case, seed=seed, worlds=worlds[some], point=point).columns
            for name in measures:
                if name not in columns:
                    raise WrongInput(f"--measure: the model has no measure {name!r}{nearest(name, columns)}")
                found[name][some] = columns[name]
            done += len(some)
            tick(done, total)
    return {name: _known(scenario, name, column) for name, column in found.items()}


def _alike(
    values: Mapping[str, NDArray[np.float64]], shared: Sequence[str], total: int
) -> Iterable[tuple[dict[str, int], NDArray[np.int64]]]:
    """Points that agree in what all worlds of a block share, and those settings."""
    if not shared:
        return [({}, np.arange(total))]
    combinations, place = np.unique(np.stack([values[key] for key in shared], axis=1), axis=0, return_inverse=True)
    place = place.reshape(-1)
    return [
        ({key: round(float(value)) for key, value in zip(shared, row, strict=True)}, np.flatnonzero(place == index))
        for index, row in enumerate(combinations)
    ]


def _known(scenario: Scenario, name: str, column: NDArray[np.float64]) -> NDArray[np.float64]:
    """A measure without gaps: talks that come to nothing last until the deadline."""
    if name == "agreed_day":
        return np.where(np.isnan(column), float(scenario.calendar.talks.days), column)
    if np.isnan(column).any():
        gaps = np.isnan(column).mean()
        raise WrongInput(f"--measure {name}: is unknown in {gaps:.0%} of the worlds, where its phase did not happen")
    return column
