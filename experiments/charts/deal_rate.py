"""The deal rate against one parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from experiments.charts.form import legend_above, percent
from experiments.charts.groups import (
    Band,
    count_words,
    group_label,
    in_order,
    interval_words,
    label_of,
    positions,
    rates_by,
)
from experiments.charts.palette import Series, series

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

FEW = 12  # points up to which intervals are drawn as bars


def draw_deal_rate(
    ax: Axes, frame: pd.DataFrame, parameter: str, *, by: str | None = None, band: Band = "pointwise"
) -> Axes:
    """Deal rate at each value of ``parameter``, with its interval; one line for each value of ``by``.

    ``frame`` has a row a world and a boolean column "deal".
    """
    keys = [parameter] if by is None else [by, parameter]
    rates = rates_by(frame, keys, band=band)
    values = in_order(rates[parameter])
    places, words = positions(values)
    spacing = float(np.min(np.diff(places))) if len(values) > 1 else 1.0
    groups = [None] if by is None else in_order(rates[by])
    apart = min(0.05 * spacing, 0.012 * np.ptp(places)) if len(values) <= FEW else 0.0
    for index, group in enumerate(groups):
        line = rates if by is None else rates[rates[by] == group]
        dodge = apart * (index - (len(groups) - 1) / 2)
        label = None if group is None else group_label(str(by), group)
        place = line[parameter].map(dict(zip(values, places + dodge, strict=True))).to_numpy(float)
        _draw_line(ax, place, line, look=series(index), label=label, joined=words is None)
    if words is not None:
        ax.set_xticks(range(len(words)), words)
        ax.set_xlim(-0.5, len(words) - 0.5)
    ax.set(xlabel=label_of(parameter), ylabel=f"deal rate ({count_words(rates['n'], 'a point')})", ylim=(-0.02, 1.02))
    ax.grid(axis="y")
    percent(ax)
    if by is not None:
        legend_above(ax, columns=2)
    return ax


def _draw_line(
    ax: Axes, place: NDArray[np.float64], rates: pd.DataFrame, *, look: Series, label: str | None, joined: bool
) -> None:
    """One line; a band when the points are dense enough to be read as a curve, bars when they are few."""
    order = np.argsort(place)
    rate, low, high = (rates[name].to_numpy()[order] for name in ("rate", "low", "high"))
    drawn = look.line() if joined else look.line() | {"linestyle": "none"}
    if joined and len(place) > FEW:
        ax.fill_between(place[order], low, high, color=look.colour, alpha=0.2, linewidth=0)
        drawn |= {"markevery": max(1, len(place) // 12)}
    else:
        ax.vlines(place[order], low, high, color=look.colour, linewidth=0.9)
    ax.plot(place[order], rate, label=label, **drawn)


def deal_rate_caption(rates: pd.DataFrame, parameter: str, band: Band = "pointwise") -> str:
    """Caption stub with n and the interval method."""
    return (
        f"Deal rate against {label_of(parameter)} ({parameter}): share of worlds with a deal ratified at either vote. "
        f"{count_words(rates['n'])} at each of {len(rates)} points; {interval_words(band)}."
    )
