"""Intervals in rows: a forecast beside what happened, and a prior beside its posterior."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.charts.form import legend_above, name_rows
from experiments.charts.palette import BLUE, FAINT, QUIET, SKY, VERMILION

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

RECORD: Mapping[str, Any] = {
    "marker": "D",
    "markerfacecolor": "white",
    "markeredgecolor": VERMILION,
    "mew": 1.1,
    "markersize": 4.5,
    "linestyle": "none",
    "zorder": 4,
}


def draw_intervals(ax: Axes, rows: pd.DataFrame, *, record: Any) -> None:
    """A row a body, at its ``place``: 90 and 50 % of a forecast, its median, and the record."""
    ax.hlines(rows["place"], rows["q05"], rows["q95"], color=BLUE, linewidth=0.9, label="90 %")
    ax.hlines(rows["place"], rows["q25"], rows["q75"], color=SKY, linewidth=4, label="50 %")
    ax.plot(rows["q50"], rows["place"], "o", color=BLUE, markersize=3.5, label="median")
    ax.plot(record, rows["place"], label="record", **RECORD)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x")


def draw_beside(ax: Axes, rows: pd.DataFrame) -> None:
    """A row a number by ``name``: 5 to 95 % and the median of its prior, broad and light, and of its posterior."""
    place = np.arange(len(rows))
    ax.hlines(place, rows["prior_q05"], rows["prior_q95"], color=FAINT, linewidth=6, label="prior")
    ax.plot(rows["prior_q50"], place, "|", color=QUIET, markersize=6, mew=1, label="its median")
    ax.hlines(place, rows["posterior_q05"], rows["posterior_q95"], color=BLUE, linewidth=1.4, label="posterior")
    ax.plot(rows["posterior_q50"], place, "o", color=BLUE, markersize=3.5, label="its median")
    name_rows(ax, place, rows["name"])
    ax.set_ylim(-0.7, len(rows) - 0.3)
    legend_above(ax, columns=4, side="right")
