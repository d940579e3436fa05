"""Sobol indices: which parameters the variance of an outcome comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from experiments.charts.form import legend_above
from experiments.charts.groups import label_of
from experiments.charts.palette import INK, Fill

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

FIRST, TOTAL = Fill("#00507D"), Fill("#F0B45A", "\\\\\\\\")
SHOWN = 12


def draw_sobol(ax: Axes, frame: pd.DataFrame) -> Axes:
    """First-order and total index of each parameter with its interval, the largest total first.

    ``frame`` has columns parameter, S1, S1_conf, ST, ST_conf, named as SALib names them: the half widths of the
    intervals are beside the indices.
    """
    shown = frame.sort_values("ST", ascending=False, kind="stable").iloc[:SHOWN]
    place = np.arange(len(shown))[::-1]
    for index, shift, fill, name in (("ST", 0.2, TOTAL, "total"), ("S1", -0.2, FIRST, "first order")):
        value, half = shown[index].to_numpy(float), shown[f"{index}_conf"].to_numpy(float)
        ax.barh(place + shift, value, height=0.38, label=name, linewidth=0.3, **fill.patch())
        ax.hlines(place + shift, value - half, value + half, color=INK, linewidth=0.9)
    ax.axvline(0, color=INK, linewidth=0.6)
    ax.set_yticks(place, [label_of(name) for name in shown["parameter"]])
    ax.tick_params(axis="y", length=0)
    ax.set(xlabel="share of the variance", ylim=(-0.6, len(shown) - 0.4))
    ax.grid(axis="x")
    legend_above(ax, columns=2, side="right")
    return ax


def sobol_caption(frame: pd.DataFrame) -> str:
    """Caption stub with n and the interval method."""
    runs = f", n = {int(frame['n'].iloc[0]):,} runs" if "n" in frame else ""
    return (
        f"Sobol indices of {len(frame)} parameters{runs}: first order (alone) and total (with all interactions). "
        "Lines: 95 % bootstrap intervals. " + (f"The {SHOWN} largest are shown." if len(frame) > SHOWN else "")
    ).strip()
