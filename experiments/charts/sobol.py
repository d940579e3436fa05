"""Sobol indices: which parameters the variance of an outcome comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from experiments.charts.chart import Drawn, Options, chart, one
from experiments.charts.form import legend_above, name_rows
from experiments.charts.palette import DARK, INK, LIGHT
from experiments.charts.results import Results
from experiments.charts.words import label_of
from sim.errors import WrongInput, nearest

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

SHOWN = 12


def draw_sobol(ax: Axes, frame: pd.DataFrame) -> Axes:
    """First-order and total index of each parameter with its interval, the largest total first.

    ``frame`` has columns parameter, S1, S1_conf, ST, ST_conf, named as SALib names them: the half widths of the
    intervals are beside the indices.
    """
    shown = frame.sort_values("ST", ascending=False, kind="stable").iloc[:SHOWN]
    place = np.arange(len(shown))[::-1]
    for index, shift, fill, name in (("ST", 0.2, LIGHT, "total"), ("S1", -0.2, DARK, "first order")):
        value, half = shown[index].to_numpy(float), shown[f"{index}_conf"].to_numpy(float)
        ax.barh(place + shift, value, height=0.38, label=name, linewidth=0.3, **fill.patch())
        ax.hlines(place + shift, value - half, value + half, color=INK, linewidth=0.9)
    ax.axvline(0, color=INK, linewidth=0.6)
    name_rows(ax, place, map(label_of, shown["parameter"]))
    ax.set(xlabel="share of the variance", ylim=(-0.6, len(shown) - 0.4))
    ax.grid(axis="x")
    legend_above(ax, columns=2, side="right")
    return ax


def sobol_caption(frame: pd.DataFrame) -> str:
    """Caption stub with the worlds behind either index and the interval method."""
    largest = f" The {SHOWN} largest are shown." if len(frame) > SHOWN else ""
    return (
        f"Sobol indices of {len(frame)} parameters: first order (alone{_worlds(frame, 'n_S1')}) and total (with all "
        f"interactions{_worlds(frame, 'n_ST')}). Lines: 95 % bootstrap intervals.{largest}"
    )


def _worlds(frame: pd.DataFrame, column: str) -> str:
    if column not in frame:
        return ""
    counts = sorted(set(frame[column].astype(int)), reverse=True)
    return f"; n = {' or '.join(f'{n:,}' for n in counts)} worlds"


@chart(
    shows="first-order and total Sobol indices with intervals (--measure)",
    provided_by="planb sensitivity SCENARIO --out {folder}, or planb run sensitivity",
    table="sensitivity",
    needs=("parameter", "S1", "S1_conf", "ST", "ST_conf"),
    measures="own",
)
def sobol(results: Results, options: Options) -> Drawn:
    rows = results.table("sensitivity", ())
    if "measure" in rows:
        measures = list(dict.fromkeys(rows["measure"]))
        chosen = options.measure or ("deal" if "deal" in measures else measures[0])
        if chosen not in measures:
            raise WrongInput(f"--measure {chosen!r}: is not in {results.folder}{nearest(chosen, measures)}")
        rows = rows[rows["measure"] == chosen].drop(columns="measure")
    elif options.measure:
        raise WrongInput(f"--measure {options.measure!r}: {results.path_of('sensitivity')} does not say whose indices")
    height = 24 + 7 * min(len(rows), SHOWN)
    return Drawn(one(options, height, lambda ax: draw_sobol(ax, rows)), rows, sobol_caption(rows))
