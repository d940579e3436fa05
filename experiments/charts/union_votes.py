"""Yes shares by union, against one half: as forecast and as they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from experiments.charts.chart import ONE_RUN, Drawn, Options, chart, one
from experiments.charts.form import legend_above, name_rows, percent_axis
from experiments.charts.intervals import RECORD
from experiments.charts.palette import BLUE, INK, SKY
from experiments.charts.results import Results
from experiments.charts.words import count_words

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def draw_union_votes(ax: Axes, frame: pd.DataFrame) -> Axes:
    """A row a union: median, 50 % and 90 % range of the forecast, and the real share where it is known.

    ``frame`` has columns union, n, q05, q25, q50, q75, q95 (shares of yes among ballots) and perhaps real.
    """
    rows = frame.sort_values("q50").reset_index(drop=True)
    place = np.arange(len(rows))
    ax.axvline(0.5, color=INK, linewidth=0.8, linestyle=(0, (4, 2)))
    ax.hlines(place, rows["q05"], rows["q95"], color=BLUE, linewidth=0.9, label="90 % of worlds")
    ax.hlines(place, rows["q25"], rows["q75"], color=SKY, linewidth=4, label="50 % of worlds")
    ax.plot(rows["q50"], place, "o", color=BLUE, markersize=4, label="median forecast")
    if "real" in rows and rows["real"].notna().any():
        ax.plot(rows["real"], place, label="real vote", **RECORD)
    name_rows(ax, place, rows["union"])
    ax.set(xlabel=f"share of yes ({count_words(rows['n'], 'forecasts')})", xlim=(0, 1), ylim=(-0.7, len(rows) - 0.3))
    ax.grid(axis="x")
    percent_axis(ax, "x")
    legend_above(ax, columns=2, side="right")
    return ax


def union_votes_caption(frame: pd.DataFrame) -> str:
    """Caption stub with n and what the bars are."""
    known = int(frame["real"].notna().sum()) if "real" in frame else 0
    return (
        f"Share of yes by union against one half. Bars: middle 50 % and 90 % of {count_words(frame['n'])} in which the "
        "vote was held (quantiles of the forecast, not confidence intervals); diamonds: the real share, "
        f"known for {known} unions."
    )


@chart(
    shows="yes share by union against one half, forecast and real",
    provided_by=ONE_RUN,
    table="unions",
    needs=("union", "n", "q05", "q25", "q50", "q75", "q95"),
)
def union_votes(results: Results, options: Options) -> Drawn:
    rows = results.table("unions", ())
    figure = one(options, 22 + 4.3 * len(rows), lambda ax: draw_union_votes(ax, rows))
    return Drawn(figure, rows, union_votes_caption(rows))
