"""Rows of a run table put into groups by parameter: shares and means with their intervals, and the order of groups."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.charts.words import Band, pooled_words
from experiments.statistics.intervals import (
    CONFIDENCE,
    Interval,
    confidence_of,
    t_interval,
    wilson_interval,
    worlds_behind,
)

if TYPE_CHECKING:
    import pandas as pd

MOST_VALUES = 60  # of a parameter that are shown one by one
PAYERS = ("savings", "revenue", "programmes", "aid", "layoffs", "taxes", "deficit")  # who fills the gap, M$ a year


def rates_by(
    frame: pd.DataFrame, parameters: Sequence[str], *, success: str = "deal", band: Band = "pointwise"
) -> pd.DataFrame:
    """Share of rows with ``success`` by value of the parameters: their columns, then n, rows, rate, low, high.

    ``n`` counts distinct worlds. Where a world stands in several rows of a group (points pooled), the interval is
    Wilson's at the effective sample size by world. A simultaneous band holds at all k values at once: each interval is
    taken at confidence 1 - 0.05 / k (Bonferroni).
    """
    table = by_world(frame, parameters, success)
    level = confidence_of(len(table)) if band == "simultaneous" else CONFIDENCE
    independent = worlds_behind(table["value"], table["error"], table["rows"], table["n"])
    effective = np.where(table["rows"] == table["n"], table["rows"], independent)
    low, high = wilson_interval(table["value"] * effective, effective, level)
    return table.drop(columns="error").rename(columns={"value": "rate"}).assign(low=low, high=high)


def means_by(frame: pd.DataFrame, measure: str, parameter: str, *, by: str | None = None) -> pd.DataFrame:
    """Mean of a measure by value of the parameters, where it is known: their columns, then n, rows, mean, low, high.

    Student's intervals; by world, as in `rates_by`.
    """
    table = by_world(frame, [parameter] if by is None else [by, parameter], measure)
    low, high = t_interval(table["value"], table["error"], table["n"])
    return table.drop(columns="error").rename(columns={"value": "mean"}).assign(low=low, high=high)


def by_world(frame: pd.DataFrame, keys: Sequence[str], measure: str) -> pd.DataFrame:
    """By value of the keys: n (worlds), rows, value (mean over rows) and its standard error by world.

    Rows whose measure is missing are left out; a frame without a column ``world`` has a world a row. The error is that
    of a ratio of sums over worlds; source: Cochran (1977), Sampling Techniques, section 6.
    """
    known = frame.dropna(subset=[measure])
    rows = known.assign(_value=known[measure].astype(float), _world=known.get("world", np.arange(len(known))))
    grouped = rows.groupby([*keys, "_world"], sort=True, observed=True)["_value"]
    worlds = grouped.agg(total="sum", size="size").reset_index()
    sums = worlds.groupby(list(keys), sort=True, observed=True)[["total", "size"]]
    table = sums.sum().assign(n=sums.size()).reset_index()
    table["value"] = table["total"] / table["size"]
    residual = worlds["total"] - worlds["size"] * worlds.merge(table[[*keys, "value"]], on=list(keys))["value"]
    spread = (residual**2).groupby([worlds[key] for key in keys], sort=True, observed=True).sum().to_numpy()
    n = table["n"].to_numpy(float)
    table["error"] = np.sqrt(spread * n / np.maximum(n - 1, 1)) / table["size"]
    return table[[*keys, "n", "size", "value", "error"]].rename(columns={"size": "rows"})


class Shares(NamedTuple):
    """Shares of the same rows in which one thing or another holds, (shares,) each."""

    share: NDArray[np.float64]
    error: NDArray[np.float64]  # standard error by world
    worlds: int

    def wilson(self, rows: int) -> Interval:
        """Wilson's intervals; where worlds have several of these rows each, at the effective sample size by world."""
        n = self.worlds if self.worlds == rows else worlds_behind(self.share, self.error, rows, self.worlds)
        return wilson_interval(self.share * n, n)


def shares_by_world(hits: Iterable[NDArray[np.bool_]], frame: pd.DataFrame) -> Shares:
    """What share of the rows each of ``hits``, (rows,), is; a frame without a column ``world`` has a world a row."""
    _, code = np.unique(frame.get("world", np.arange(len(frame))), return_inverse=True)
    size, found = np.bincount(code), []
    for column in hits:
        share = float(np.mean(column)) if len(code) else 0.0
        spread = np.sum((np.bincount(code, column, len(size)) - size * share) ** 2)
        found.append((share, math.sqrt(spread) / max(len(code), 1)))
    share_of_each, error = np.array(found).T
    return Shares(share_of_each, error, len(size))


def in_classes(
    frame: pd.DataFrame, parameters: Sequence[str], *, among: Sequence[str] = (), classes: int = 20
) -> pd.DataFrame:
    """A sampled parameter has too many values to group by: put those with more than `MOST_VALUES` into equal classes.

    So is one with more values than classes, each of which goes with a single value of another one ``among`` all that
    vary. A value becomes the middle of its class, to four digits.
    """
    result = frame
    for name in parameters:
        values = frame[name].nunique()
        if frame[name].dtype.kind != "f" or (values <= MOST_VALUES and not _goes_along(frame, name, among, classes)):
            continue
        edges = np.linspace(frame[name].min(), frame[name].max(), classes + 1)
        place = np.clip(np.searchsorted(edges, frame[name], side="right") - 1, 0, classes - 1)
        middles = np.array([float(f"{middle:.4g}") for middle in (edges[1:] + edges[:-1]) / 2])
        result = result.assign(**{name: middles[place]})
    return result


def _goes_along(frame: pd.DataFrame, name: str, among: Sequence[str], classes: int) -> bool:
    """Does each of many values of a parameter stand beside one value of another that has as many?"""
    many = frame[name].nunique()
    others = [other for other in among if other != name and frame[other].nunique() == many]
    return many > classes and any(len(frame[[name, other]].drop_duplicates()) == many for other in others)


def held_or_pooled(runs: pd.DataFrame, parameters: Sequence[str], shown: Sequence[str]) -> tuple[pd.DataFrame, str]:
    """In a one-at-a-time design the points that hold the other parameters at the base case; else all; and the words."""
    others = [name for name in parameters if name not in shown]
    base = one_at_a_time_base(runs, parameters)
    if base is not None:
        return runs[at_base(runs, base, but=shown)], " All other parameters as in the base case."
    return runs, pooled_words(others)


def one_at_a_time_base(frame: pd.DataFrame, parameters: Sequence[str]) -> dict[str, Any] | None:
    """The base case, where every point differs from it in one parameter at most; None in any other design."""
    names = list(parameters)
    points = frame[names].drop_duplicates()
    if len(points) < 2 or len(names) < 2:
        return None
    base = {name: points[name].value_counts(sort=True).index[0] for name in names}
    moved = sum((points[name] != value).astype(int) for name, value in base.items())
    return base if (moved <= 1).all() and (moved == 0).any() else None


def at_base(frame: pd.DataFrame, base: dict[str, Any], but: Sequence[str] = ()) -> np.ndarray:
    """Rows that hold the base case in every parameter but these."""
    held = [(frame[name] == value).to_numpy() for name, value in base.items() if name not in but]
    return np.logical_and.reduce(held) if held else np.ones(len(frame), bool)


def positions(values: Sequence[Any]) -> tuple[np.ndarray, list[str] | None]:
    """Where to put parameter values on an axis: numbers (also fractions as "4/5") at their place, words in a row.

    Returns the places and, for words, their labels.
    """
    places = [as_number(value) for value in values]
    if all(place is not None for place in places):
        return np.array(places, float), None
    return np.arange(len(places), dtype=float), [str(value) for value in values]


def in_order(values: Iterable[Any]) -> list[Any]:
    """Distinct values, numbers and fractions by size ("2/3" before "3/4"), words by the alphabet."""
    distinct = list(dict.fromkeys(values))
    if all(as_number(value) is not None for value in distinct):
        return sorted(distinct, key=as_number)  # type: ignore[arg-type]
    return sorted(distinct, key=str)


def as_number(value: Any) -> float | None:
    """A number, or a fraction in words, as a float; None for other words and for switches."""
    if isinstance(value, (bool, np.bool_)):
        return None
    try:
        return float(Fraction(value) if isinstance(value, str) else value)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
