"""A share or a mean against one parameter: points with intervals, a line for each value of another parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from experiments.charts.form import legend_above
from experiments.charts.groups import in_order, positions
from experiments.charts.palette import Series, looks_of, series
from experiments.charts.words import group_label, label_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

FEW = 12  # points up to which intervals are drawn as bars


def draw_curve(ax: Axes, rows: pd.DataFrame, parameter: str, *, value: str, by: str | None, ylabel: str) -> Axes:
    """``rows`` has the parameter, ``value``, low and high, and the column ``by``: a row a point."""
    values = in_order(rows[parameter])
    places, words = positions(values)
    spacing = float(np.min(np.diff(places))) if len(values) > 1 else 1.0
    lines = lines_of(rows, by)
    apart = min(0.05 * spacing, 0.012 * np.ptp(places)) if len(values) <= FEW else 0.0
    for index, (line, look, label) in enumerate(lines):
        dodge = apart * (index - (len(lines) - 1) / 2)
        at = line[parameter].map(dict(zip(values, places + dodge, strict=True))).to_numpy(float)
        _draw_line(ax, at, line, value, look=look, label=label, joined=words is None)
    if words is not None:
        ax.set_xticks(range(len(words)), words)
        ax.set_xlim(-0.5, len(words) - 0.5)
    ax.set(xlabel=label_of(parameter), ylabel=ylabel)
    ax.grid(axis="y")
    if by is not None:
        legend_above(ax, columns=2)
    return ax


def lines_of(rows: pd.DataFrame, by: str | None) -> list[tuple[pd.DataFrame, Series, str | None]]:
    """The rows of each line, its look, and what the legend calls it; all rows and no name where ``by`` is None."""
    if by is None:
        return [(rows, series(0), None)]
    groups = in_order(rows[by])
    looks = zip(groups, looks_of(groups), strict=True)
    return [(rows[rows[by] == group], look, group_label(by, group)) for group, look in looks]


def _draw_line(
    ax: Axes,
    place: NDArray[np.float64],
    rows: pd.DataFrame,
    value: str,
    *,
    look: Series,
    label: str | None,
    joined: bool,
) -> None:
    """One line; a band when the points are dense enough to be read as a curve, bars when they are few."""
    order = np.argsort(place)
    middle, low, high = (rows[name].to_numpy()[order] for name in (value, "low", "high"))
    drawn = look.line() if joined else look.line() | {"linestyle": "none"}
    if joined and len(place) > FEW:
        ax.fill_between(place[order], low, high, color=look.colour, alpha=0.2, linewidth=0)
        drawn |= {"markevery": max(1, len(place) // 12)}
    else:
        ax.vlines(place[order], low, high, color=look.colour, linewidth=0.9)
    ax.plot(place[order], middle, label=label, **drawn)
