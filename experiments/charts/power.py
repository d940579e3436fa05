"""Voting power of the unions under two rules, or more."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from experiments.charts.chart import ONE_RUN, Drawn, Options, chart, one
from experiments.charts.form import legend_above, name_rows, percent_axis
from experiments.charts.palette import DARK, INK, LIGHT, SKY, Fill
from experiments.charts.results import Results

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

FILLS = (DARK, LIGHT, Fill(SKY, ".."), Fill("#C9C9C9"))


def draw_power(ax: Axes, frame: pd.DataFrame) -> Axes:
    """Bars of each body's power, one for each rule, and ticks at its share of members; B: can block alone.

    ``frame`` has a row a rule and body: rule, body, weight_share, banzhaf, and can_block_alone.
    """
    rules = list(dict.fromkeys(frame["rule"]))
    bodies = frame.groupby("body")["weight_share"].first().sort_values(kind="stable").index
    place = np.arange(len(bodies), dtype=float)
    height = 0.8 / len(rules)
    for number, rule in enumerate(rules):
        rows = frame[frame["rule"] == rule].set_index("body").loc[bodies]
        at = place + height * ((len(rules) - 1) / 2 - number)
        label, fill = textwrap.fill(str(rule), 44), FILLS[number % len(FILLS)]
        ax.barh(at, rows["banzhaf"], height=height * 0.92, label=label, **fill.patch())
        blocks = rows["can_block_alone"].to_numpy(bool)
        for y, power in zip(at[blocks], rows["banzhaf"][blocks], strict=True):
            ax.annotate("B", (power, y), xytext=(2, 0), textcoords="offset points", va="center", size="small")
    weights = frame.groupby("body")["weight_share"].first().loc[bodies]
    ax.vlines(weights, place - 0.45, place + 0.45, color=INK, linewidth=1.2, label="share of members")
    name_rows(ax, place, bodies)
    ax.set(xlabel="Banzhaf index", ylim=(-0.7, len(bodies) - 0.3), xlim=(0, None))
    percent_axis(ax, "x")
    legend_above(ax, columns=1, side="right")
    return ax


def power_caption(frame: pd.DataFrame) -> str:
    """Caption stub; the index is exact."""
    rules = " and under ".join(f"“{rule}”" for rule in dict.fromkeys(frame["rule"]))
    return (
        f"Banzhaf index of each of {frame['body'].nunique()} bodies under {rules}; exact (no sampling, no "
        "interval). Ticks: share of members. B: can block alone."
    )


@chart(
    shows="voting power of each union under the case's rules",
    provided_by=ONE_RUN,
    table="power",
    needs=("rule", "body", "weight_share", "banzhaf", "can_block_alone"),
)
def power(results: Results, options: Options) -> Drawn:
    rows = results.table("power", ())
    figure = one(options, 30 + 5 * rows["body"].nunique(), lambda ax: draw_power(ax, rows))
    return Drawn(figure, rows, power_caption(rows))
