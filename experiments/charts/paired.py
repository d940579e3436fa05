"""What one change at a time does to a measure, in the same worlds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.charts.chart import SEVERAL, Drawn, Options, chart, one, x_and_by
from experiments.charts.curve import draw_curve
from experiments.charts.form import legend_above, name_rows
from experiments.charts.palette import BLUE, INK
from experiments.charts.results import Results
from experiments.charts.words import count_words, in_lines, label_of, rate_label, unit_of, value_words
from experiments.statistics.paired_tests import (
    MATTERS,
    MOST_TOGETHER,
    is_share,
    paired_difference,
    paired_mean_difference,
    together,
    verdict_of,
)
from sim.errors import WrongInput

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

SHOWN = 20
NAMED, LINE = 4, 26  # parameters that a row names, and letters of a line
LINE_MM = 2.9  # height of a line of a row's name
LOOKS: dict[str, tuple[str, str]] = {  # verdict -> marker, fill
    "raises": ("^", BLUE),
    "lowers": ("v", BLUE),
    "no effect that matters": ("D", "#BBBBBB"),
    "unclear": ("s", "white"),
}


def paired_rows(
    frame: pd.DataFrame,
    parameters: Sequence[str],
    *,
    base: int = 0,
    success: str = "deal",
    matters: float | None = None,
) -> pd.DataFrame:
    """Each point of a study against the point ``base``, world by world: point, change, the parameters, n, gained, ....

    ``frame`` has point, world, the parameters and ``success``. Only worlds that both points ran and know are compared.
    Intervals and p hold for all points at once (max-t); ``verdict`` is what they allow to be claimed.
    """
    import pandas as pd

    by_point = frame.pivot(index="world", columns="point", values=success).astype(float)
    values = frame.drop_duplicates("point").set_index("point")[list(parameters)]
    others = [point for point in by_point if point != base]
    first = by_point[base].to_numpy()
    share = is_share(frame[success])
    compare = paired_difference if share else paired_mean_difference
    family = together(by_point[others].to_numpy() - first[:, None])
    least = matters if matters is not None else MATTERS * (1.0 if share else abs(float(np.nanmean(first))))
    rows = []
    for point in others:
        found = compare(first, by_point[point].to_numpy(), family.confidence)
        told = {"point": point, "change": _change(values.loc[base], values.loc[point], point), **values.loc[point]}
        claim = {"matters": least, "verdict": verdict_of(found.low, found.high, least), "is_share": share}
        rows.append(told | found._asdict() | {"p_value": family.adjusted(found.p_value), "family": len(others)} | claim)
    return pd.DataFrame(rows)


def _change(before: pd.Series, after: pd.Series, point: int) -> str:
    """Which parameters differ from the base, and what they are now; of too many to read, which point it is."""
    moved = [name for name in before.index if after[name] != before[name]]
    if len(moved) > NAMED:
        return f"point {point}"
    return ", ".join(f"{label_of(name)} {value_words(after[name])}" for name in moved) or "as the base"


def _in_lines(change: str) -> str:
    """A long change on a line for each parameter."""
    return in_lines(change if len(change) <= LINE else change.replace(", ", ",\n"))


def draw_paired(ax: Axes, rows: pd.DataFrame, *, scale: float = 100) -> Axes:
    """Paired differences with their intervals, the largest of them; the marker says what may be claimed.

    ``rows`` have change, n, difference, low, high and verdict; see `paired_rows`. ``scale`` turns a difference
    into what the axis counts: shares into points.
    """
    largest = np.argsort(-rows["difference"].abs(), kind="stable")[:SHOWN]
    shown = rows.iloc[largest].sort_values("difference", kind="stable")
    place = np.arange(len(shown))
    ax.axvline(0, color=INK, linewidth=0.8)
    ax.hlines(place, scale * shown["low"], scale * shown["high"], color=BLUE, linewidth=1.0)
    for verdict, (marker, fill) in LOOKS.items():
        chosen = (shown["verdict"] == verdict).to_numpy()
        if chosen.any():
            at = scale * shown["difference"].to_numpy()[chosen], place[chosen]
            ax.plot(*at, marker, color=BLUE, markerfacecolor=fill, linestyle="none", label=verdict)
    name_rows(ax, place, map(_in_lines, shown["change"]))
    pairs = count_words(shown["n"], "pairs")
    ax.set(xlabel=f"change of the deal rate\n(percentage points, {pairs})", ylim=(-0.6, len(shown) - 0.4))
    ax.grid(axis="x")
    legend_above(ax, columns=2, side="right")
    return ax


def draw_paired_curve(
    ax: Axes, rows: pd.DataFrame, parameter: str, *, by: str | None = None, scale: float = 100, label: str
) -> Axes:
    """Paired differences against one parameter, a line for each value of ``by``; ``rows`` as in `draw_paired`."""
    scaled = rows.assign(**{end: scale * rows[end] for end in ("difference", "low", "high")})
    draw_curve(ax, scaled, parameter, value="difference", by=by, ylabel=label)
    ax.axhline(0, color=INK, linewidth=0.8, zorder=0)
    return ax


def paired_caption(rows: pd.DataFrame, success: str = "deal", *, base: int = 0, shown: int | None = None) -> str:
    """Caption stub with n, how many points are shown, the test, the adjustment, and what would matter."""
    pairs, share = count_words(rows["n"], "pairs of worlds"), bool(rows["is_share"].iloc[0])
    least, scale, unit = rows["matters"].iloc[0], 100 if share else 1, "points" if share else unit_of(success)
    count, many = len(rows), min(len(rows), SHOWN) if shown is None else shown
    told = f"All {count} points are shown" if many == count else f"{many} of {count} points are shown"
    told += ", those that change most" if shown is None and many < count else ""
    method = "McNemar's test, Tango's interval" if share else "Student's paired test"
    adjusted = "max-t" if count <= MOST_TOGETHER else "Šidák"
    return (
        f"Change of {_what(success, share)} in the same worlds, each point against point {base}. {told}; "
        f"{pairs} a row; 95 % intervals ({method}) that hold for all {count} at once ({adjusted}). No effect that "
        f"matters: an interval within ±{scale * least:.3g} {unit}."
    )


def _what(success: str, share: bool) -> str:
    if share:
        return f"the {rate_label(success)}"
    return f"the mean {label_of(success)}"


@chart(
    shows="change of a measure in the same worlds, point by point or along a parameter (--base, --x, --by, --measure)",
    provided_by=SEVERAL,
    needs=("point", "world"),
    measures="any",
    varied=1,
)
def paired(results: Results, options: Options) -> Drawn:
    success = paired.measure(options)
    runs = results.runs(["point", *results.parameters, success])
    points = runs["point"].unique()
    if options.base not in points:
        raise WrongInput(f"--base {options.base}: no such point in {results.folder}; points are 0 to {points.max()}")
    if len(points) < 2:
        raise WrongInput(f"chart paired: {results.folder} has one point, and a difference needs two")
    rows = paired_rows(runs, results.parameters, base=options.base, success=success, matters=results.matters(success))
    share = bool(rows["is_share"].iloc[0])
    scale, unit = (100, "points") if share else (1, unit_of(success))
    label = f"change of {_what(success, share)}\n({unit}, {count_words(rows['n'], 'pairs')})"
    if options.x:
        x, by = x_and_by(results, options)
        held = [name for name in results.parameters if name not in (x, by)]
        at_base = runs[runs["point"] == options.base].iloc[0]
        shown = rows[(rows[held] == at_base[held]).all(axis=1)]
        if shown.empty:
            raise WrongInput(f"--x {x!r}: no point differs from point {options.base} in that alone; try another --base")
        look: dict[str, Any] = {"by": by, "scale": scale, "label": label}
        figure = one(options, 62, lambda ax: draw_paired_curve(ax, shown, x, **look).set_xlabel(results.axis(x)))
        caption = paired_caption(rows, success, base=options.base, shown=len(shown))
        return Drawn(figure, shown, f"{caption} Other parameters as in point {options.base}." if held else caption)
    lines = max(_in_lines(change).count("\n") + 1 for change in rows["change"])
    row = max(4.6 if len(results.parameters) < 2 else 6.0, LINE_MM * lines)
    height = 30 + row * min(len(rows), SHOWN)
    figure = one(options, height, lambda ax: draw_paired(ax, rows, scale=scale).set_xlabel(label))
    return Drawn(figure, rows, paired_caption(rows, success, base=options.base))
