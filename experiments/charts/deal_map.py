"""The deal rate, or any share of worlds, over two parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from experiments.charts.chart import TWO_VARIED, Drawn, Options, chart, one, varied_parameter
from experiments.charts.form import percent_axis
from experiments.charts.groups import held_or_pooled, in_classes, in_order, positions, rates_by
from experiments.charts.palette import INK, SHARES
from experiments.charts.results import Results
from experiments.charts.words import Band, count_words, interval_words, label_of, rate_label, sentence, value_words
from sim.errors import WrongInput

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

CLOSEST, LETTER = 0.07, 0.024  # shares of an axis: between two labels, and for a letter of one
MARKS = "*sDP"


def draw_deal_map(
    ax: Axes,
    frame: pd.DataFrame,
    x: str,
    y: str,
    *,
    band: Band = "pointwise",
    marked: Mapping[str, tuple[object, object]] | None = None,
    label: str = "deal rate",
    success: str = "deal",
    line: bool = True,
) -> Axes:
    """Share in each cell of a grid, its 50 % contour, and hatching where the interval of a cell covers one half.

    Numbers stand at their place on the axes, cells reaching half way to the next; words stand in a row, and then there
    is no contour, nor without ``line``, as for a sample. ``marked`` places named points, as name -> (value of x, value
    of y): the rule of June, say.
    """
    from matplotlib.patches import Rectangle

    rates = rates_by(frame, [x, y], band=band, success=success)
    columns, rows = (in_order(rates[name]) for name in (x, y))
    (across, x_words), (up, y_words) = positions(columns), positions(rows)
    column, row = (rates[name].map({v: i for i, v in enumerate(values)}) for name, values in ((x, columns), (y, rows)))
    rate = np.full((len(rows), len(columns)), np.nan)
    rate[row, column] = rates["rate"]

    edges = _edges(across), _edges(up)
    image = ax.pcolormesh(*edges, rate, cmap=SHARES, vmin=0, vmax=1)
    image.set_rasterized(rate.size > 2500)
    for k in np.flatnonzero((rates["low"] < 0.5) & (rates["high"] > 0.5)):
        left, right = edges[0][column[k] : column[k] + 2]
        low, high = edges[1][row[k] : row[k] + 2]
        look: dict[str, Any] = {"fill": False, "hatch": "//////", "edgecolor": "white", "linewidth": 0}
        ax.add_patch(Rectangle((left, low), right - left, high - low, **look))
    numbers = x_words is None and y_words is None and min(rate.shape) > 1
    if line and numbers and np.nanmin(rate) < 0.5 < np.nanmax(rate):
        for colour, width in (("white", 2.2), (INK, 1.0)):
            ax.contour(across, up, rate, levels=[0.5], colors=colour, linewidths=width)
    for index, (name, (at_x, at_y)) in enumerate((marked or {}).items()):
        _mark(ax, name, _place(at_x, columns), _place(at_y, rows), marker=MARKS[index % 4], middle=np.mean(across))
    for values, places, set_ticks, letter in ((columns, across, ax.set_xticks, LETTER), (rows, up, ax.set_yticks, 0)):
        words = [value_words(value) for value in values]
        chosen = _labelled(places, max(CLOSEST, letter * max(map(len, words))) if x_words is None else CLOSEST)
        set_ticks(places[chosen], [words[i] for i in chosen])
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.set(xlabel=label_of(x), ylabel=label_of(y))
    bar = ax.figure.colorbar(image, ax=ax, label=label, fraction=0.06, pad=0.02)
    bar.ax.axhline(0.5, color=INK, linewidth=1.0)
    bar.outline.set_linewidth(0.4)
    percent_axis(bar.ax)
    return ax


def _edges(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ends of cells around these places: half way between neighbours, as far beyond the outermost."""
    if len(places) == 1:
        return np.array([places[0] - 0.5, places[0] + 0.5])
    middles = (places[1:] + places[:-1]) / 2
    return np.concatenate([[2 * places[0] - middles[0]], middles, [2 * places[-1] - middles[-1]]])


def _labelled(places: NDArray[np.float64], closest: float) -> list[int]:
    """Cells whose labels have room beside each other, ``closest`` of the axis apart."""
    chosen = [0]
    for index in range(1, len(places)):
        if places[index] - places[chosen[-1]] >= closest * np.ptp(_edges(places)):
            chosen.append(index)
    return chosen


def _mark(ax: Axes, name: str, x: float, y: float, *, marker: str, middle: float) -> None:
    size, left = 9 if marker == "*" else 6, x > middle
    ax.plot(x, y, marker=marker, color="white", markeredgecolor=INK, markersize=size, linestyle="none", zorder=5)
    box = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
    at: dict[str, Any] = {"xytext": (-6 if left else 6, 5), "ha": "right" if left else "left"}
    ax.annotate(name, (x, y), textcoords="offset points", size="small", zorder=6, bbox=box, **at)


def _place(value: object, values: list[object]) -> float:
    """Position of a value on an axis: of a word among the words, of a number where it is."""
    places, words = positions(values)
    if words is not None and value in values:
        return float(places[values.index(value)])
    place = positions([value])[0][0]
    if words is not None or not places.min() <= place <= places.max():
        raise ValueError(f"{value!r} lies outside the map, which runs from {values[0]!r} to {values[-1]!r}")
    return float(place)


def deal_map_caption(rates: pd.DataFrame, x: str, y: str, band: Band = "pointwise", success: str = "deal") -> str:
    """Caption stub with n and the interval method."""
    return (
        f"{sentence(rate_label(success))} over {label_of(x)} ({x}) and {label_of(y)} ({y}), "
        f"{count_words(rates['n'])} a cell. Line: 50 %, where it is crossed. "
        f"Hatched: cells whose interval covers one half ({interval_words(band)})."
    )


@chart(
    shows="deal rate, or another share, over two varied parameters (--x, --y, --measure, --band)",
    provided_by=TWO_VARIED,
    measures="shares",
    varied=2,
    together=True,
)
def deal_map(results: Results, options: Options) -> Drawn:
    x = varied_parameter(results, "x", options.x or results.parameters[0])
    success = deal_map.measure(options)
    rest = [name for name in results.parameters if name != x]
    y = varied_parameter(results, "y", options.y or rest[0])
    if x == y:
        raise WrongInput(f"--y {y!r}: is --x already")
    runs = results.runs([*results.parameters, success])
    runs, pooled = held_or_pooled(runs, results.parameters, [x, y])
    grid, runs = runs, in_classes(runs, [x, y], among=results.parameters, classes=12)
    rates = rates_by(runs, [x, y], band=options.band, success=success)
    label = f"{rate_label(success)} ({count_words(rates['n'], 'a cell')})"
    look: dict[str, Any] = {"band": options.band, "label": label, "success": success, "line": runs is grid}
    axes = {"xlabel": results.axis(x), "ylabel": results.axis(y)}
    figure = one(options, 68, lambda ax: draw_deal_map(ax, runs, x, y, **look).set(**axes))
    return Drawn(figure, rates, deal_map_caption(rates, x, y, options.band, success) + pooled)
