"""A share or a mean against one parameter: points with intervals, a line for each value of another parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from experiments.charts.form import legend_above
from experiments.charts.groups import group_label, in_order, label_of, positions
from experiments.charts.palette import Series, looks_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

FEW = 12  # points up to which intervals are drawn as bars


def draw_curve(ax: Axes, rows: pd.DataFrame, parameter: str, *, value: str, by: str | None, ylabel: str) -> Axes:
    """``rows`` has the parameter, ``value``, low and high, and the column ``by``: a row a point."""
    values = in_order(rows[parameter])
    places, words = positions(values)
    spacing = float(np.min(np.diff(places))) if len(values) > 1 else 1.0
    groups: list[Any] = [None] if by is None else in_order(rows[by])
    apart = min(0.05 * spacing, 0.012 * np.ptp(places)) if len(values) <= FEW else 0.0
    for index, (group, look) in enumerate(zip(groups, looks_of(groups), strict=True)):
        line = rows if by is None else rows[rows[by] == group]
        dodge = apart * (index - (len(groups) - 1) / 2)
        at = line[parameter].map(dict(zip(values, places + dodge, strict=True))).to_numpy(float)
        label = None if by is None else group_label(by, group)
        _draw_line(ax, at, line, value, look=look, label=label, joined=words is None)
    if words is not None:
        ax.set_xticks(range(len(words)), words)
        ax.set_xlim(-0.5, len(words) - 0.5)
    ax.set(xlabel=label_of(parameter), ylabel=ylabel)
    ax.grid(axis="y")
    if by is not None:
        legend_above(ax, columns=2)
    return ax


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
