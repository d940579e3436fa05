"""The mean of any measure against one parameter, such as the savings of a deal against the rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.charts.form import legend_above
from experiments.charts.groups import count_words, group_label, in_order, label_of, positions
from experiments.charts.palette import series
from experiments.statistics.estimates import bootstrap_interval

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def means_by(frame: pd.DataFrame, measure: str, parameter: str, *, by: str | None = None) -> pd.DataFrame:
    """Mean of a measure by value of the parameters, where it is known: their columns, then n, mean, low, high."""
    import pandas as pd

    keys = [parameter] if by is None else [by, parameter]
    rows: list[dict[str, Any]] = []
    for values, group in frame.dropna(subset=[measure]).groupby(keys, sort=True, observed=True):
        known = group[measure].to_numpy(float)
        low, high = bootstrap_interval(known)
        rows.append(
            dict(zip(keys, values, strict=True)) | {"n": len(known), "mean": known.mean(), "low": low, "high": high}
        )
    return pd.DataFrame(rows, columns=[*keys, "n", "mean", "low", "high"])


def draw_measure(
    ax: Axes, means: pd.DataFrame, parameter: str, *, by: str | None = None, label: str, unit: str
) -> Axes:
    """Mean with its interval at each value of ``parameter``, a line for each value of ``by``; see `means_by`."""
    values = in_order(means[parameter])
    places, words = positions(values)
    spacing = float(np.min(np.diff(places))) if len(values) > 1 else 1.0
    groups: list[Any] = [None] if by is None else in_order(means[by])
    for index, group in enumerate(groups):
        rows = means if by is None else means[means[by] == group]
        dodge = 0.05 * spacing * (index - (len(groups) - 1) / 2)
        at = rows[parameter].map(dict(zip(values, places + dodge, strict=True))).to_numpy(float)
        look = series(index)
        ax.vlines(at, rows["low"], rows["high"], color=look.colour, linewidth=0.9)
        line = look.line() if words is None else look.line() | {"linestyle": "none"}
        ax.plot(at, rows["mean"], label=None if group is None else group_label(str(by), group), **line)
    if words is not None:
        ax.set_xticks(range(len(words)), words)
        ax.set_xlim(-0.5, len(words) - 0.5)
    ax.set(xlabel=label_of(parameter), ylabel=f"{label}\n{unit} ({count_words(means['n'], 'a point')})")
    ax.grid(axis="y")
    if by is not None:
        legend_above(ax, columns=2)
    return ax


def measure_caption(means: pd.DataFrame, parameter: str, *, label: str, unit: str) -> str:
    """Caption stub with n and the interval method."""
    key = f" (`{parameter}`)" if "." in parameter else ""
    return (
        f"Mean {label}, {unit}, against {label_of(parameter)}{key}, where it is known: "
        f"{count_words(means['n'])} at each of {len(means)} points; 95 % percentile bootstrap intervals."
    )
