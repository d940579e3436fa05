"""The deal probability over two parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from experiments.charts.form import percent
from experiments.charts.groups import Band, count_words, in_order, interval_words, label_of, positions, rates_by
from experiments.charts.palette import INK

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def draw_deal_map(
    ax: Axes,
    frame: pd.DataFrame,
    x: str,
    y: str,
    *,
    band: Band = "pointwise",
    marked: Mapping[str, tuple[object, object]] | None = None,
    label: str = "deal rate",
) -> Axes:
    """Deal rate in each cell of a grid, its 50 % contour, and hatching where the interval of a cell covers one half.

    ``marked`` places named points on the grid, as name -> (value of x, value of y): the rule of June, say.
    """
    rates = rates_by(frame, [x, y], band=band)
    columns, rows = (in_order(rates[name]) for name in (x, y))
    column, row = (rates[name].map({v: i for i, v in enumerate(values)}) for name, values in ((x, columns), (y, rows)))
    shape = (len(rows), len(columns))
    rate, uncertain = np.full(shape, np.nan), np.zeros(shape, bool)
    rate[row, column] = rates["rate"]
    uncertain[row, column] = (rates["low"] < 0.5) & (rates["high"] > 0.5)

    # cells of equal size, so that an uneven grid stays readable
    image = ax.pcolormesh(
        np.arange(shape[1] + 1) - 0.5, np.arange(shape[0] + 1) - 0.5, rate, cmap="cividis", vmin=0, vmax=1
    )
    image.set_rasterized(rate.size > 2500)
    _hatch(ax, uncertain)
    if min(shape) > 1 and np.nanmin(rate) < 0.5 < np.nanmax(rate):
        ax.contour(rate, levels=[0.5], colors="white", linewidths=2.2)
        ax.contour(rate, levels=[0.5], colors=INK, linewidths=1.0)
    for index, (name, (at_x, at_y)) in enumerate((marked or {}).items()):
        _mark(
            ax,
            name,
            _place(at_x, columns),
            _place(at_y, rows),
            marker="*sDP"[index % 4],
            on_left=_place(at_x, columns) > shape[1] / 2,
        )
    _ticks(ax, columns, rows)
    ax.set(xlabel=label_of(x), ylabel=label_of(y))
    bar = ax.figure.colorbar(image, ax=ax, label=label, fraction=0.06, pad=0.02)
    bar.ax.axhline(0.5, color=INK, linewidth=1.0)
    bar.outline.set_linewidth(0.4)
    percent(bar.ax)
    return ax


def _hatch(ax: Axes, cells: np.ndarray) -> None:
    from matplotlib.patches import Rectangle

    for row, column in zip(*np.nonzero(cells), strict=True):
        ax.add_patch(
            Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, hatch="//////", edgecolor="white", linewidth=0)
        )


def _mark(ax: Axes, name: str, x: float, y: float, *, marker: str, on_left: bool) -> None:
    ax.plot(
        x,
        y,
        marker=marker,
        color="white",
        markeredgecolor=INK,
        markersize=9 if marker == "*" else 6,
        linestyle="none",
        zorder=5,
    )
    ax.annotate(
        name,
        (x, y),
        xytext=(-6 if on_left else 6, 5),
        textcoords="offset points",
        ha="right" if on_left else "left",
        size="small",
        zorder=6,
        bbox={"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.85},
    )


def _place(value: object, values: list[object]) -> float:
    """Position of a value on an axis of equal cells, between cells where it is not a value of the grid."""
    if value in values:
        return float(values.index(value))
    places, words = positions(values)
    target = positions([value])[0][0]
    if words is not None or not places.min() <= target <= places.max():
        raise ValueError(f"{value!r} lies outside the map, which runs from {values[0]!r} to {values[-1]!r}")
    return float(np.interp(target, places, np.arange(len(values))))


def _ticks(ax: Axes, columns: list[object], rows: list[object]) -> None:
    """At most nine labels an axis, always at cells."""
    for values, set_ticks in ((columns, ax.set_xticks), (rows, ax.set_yticks)):
        step = -(-len(values) // 9)
        chosen = range(0, len(values), step)
        set_ticks(
            list(chosen), [f"{values[i]:.3g}" if isinstance(values[i], float) else str(values[i]) for i in chosen]
        )
    for spine in ax.spines.values():
        spine.set_visible(False)


def deal_map_caption(rates: pd.DataFrame, x: str, y: str, band: Band = "pointwise") -> str:
    """Caption stub with n and the interval method."""
    return (
        f"Deal rate over {label_of(x)} ({x}) and {label_of(y)} ({y}), {count_words(rates['n'])} a cell. Line: 50 %. "
        f"Hatched: cells whose interval covers one half ({interval_words(band)})."
    )
