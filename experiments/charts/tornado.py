"""Which parameters move the deal rate, or another measure: a tornado."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.charts.chart import SEVERAL, Drawn, Options, chart, one
from experiments.charts.form import legend_above, name_rows, percent_axis
from experiments.charts.groups import as_number, at_base, in_order, means_by, one_at_a_time_base, rates_by
from experiments.charts.palette import DARK, INK, LIGHT
from experiments.charts.results import Results
from experiments.charts.words import count_words, label_of, rate_label, sentence, unit_of, value_words
from experiments.statistics.paired_tests import is_share, paired_difference, paired_mean_difference
from sim.wording import amount, percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

ENDS = {"low": (0.2, LIGHT), "high": (-0.2, DARK)}  # place above the row, fill
TAIL = 0.2  # share of a sampled parameter's range, at either end
SHOWN = 12


def tornado_rows(frame: pd.DataFrame, parameters: Sequence[str], *, success: str = "deal") -> pd.DataFrame:
    """Deal rate, or mean of a measure, at a low and at a high value of each parameter; the widest first.

    In a one-at-a-time design these are the lowest and highest value tried, all else as in the base case, each as far
    from the base case as the worlds known in both have moved, with the interval of that change. In a sampled design
    (more values than can be listed) they are the lowest and highest fifth of the values, all else varying, with
    intervals by world. Of words, which have no order, they are the two at which the measure is least and greatest.
    """
    import pandas as pd

    known = frame.dropna(subset=[success])
    base = one_at_a_time_base(known, parameters)
    share = is_share(known[success])
    middle = known if base is None else known[at_base(known, base)]
    rows = []
    for name in parameters:
        row: dict[str, Any] = {"parameter": name}
        for end, here, value in _ends(known, name, base, success):
            n, rate, low, high = _paired(middle, here, success, share) if base else _alone(here, success, share)
            row |= {f"{end}_value": value, f"{end}_n": n, f"{end}_rate": rate}
            row |= {f"{end}_low": low, f"{end}_high": high}
        rows += [row] if len(row) > 1 else []
    all_worlds = middle["world"].nunique() if "world" in middle else len(middle)
    table = pd.DataFrame(rows).assign(base_rate=float(middle[success].mean()), base_n=all_worlds)
    table = table.assign(is_share=share, against_base=base is not None)
    width = (table["high_rate"] - table["low_rate"]).abs()
    return table.iloc[np.argsort(-width, kind="stable")].reset_index(drop=True)


def _ends(
    frame: pd.DataFrame, name: str, base: dict[str, Any] | None, success: str
) -> list[tuple[str, pd.DataFrame, Any]]:
    """The rows at the low and the high end of a parameter, as (end, rows, value); none where it does not vary."""
    values = in_order(frame[name])
    here = frame if base is None else frame[at_base(frame, base, but=[name])]
    if len(values) < 2:
        return []
    if as_number(values[0]) is None:
        means = here.groupby(name, observed=True)[success].mean()
        values.sort(key=lambda value: means.get(value, np.nan))
    if base is not None or len(values) <= 10 or as_number(values[0]) is None:
        return [(end, here[here[name] == v], v) for end, v in (("low", values[0]), ("high", values[-1]))]
    low, high = np.quantile(here[name], [TAIL, 1 - TAIL])
    return [("low", here[here[name] <= low], low), ("high", here[here[name] >= high], high)]


def _alone(here: pd.DataFrame, measure: str, share: bool) -> tuple[int, float, float, float]:
    """n, value and interval of these rows."""
    rows = here.assign(_all=0)
    table = rates_by(rows, ["_all"], success=measure) if share else means_by(rows, measure, "_all")
    found = table.iloc[0]
    return int(found["n"]), found["rate" if share else "mean"], found["low"], found["high"]


def _paired(base: pd.DataFrame, here: pd.DataFrame, measure: str, share: bool) -> tuple[int, float, float, float]:
    """Likewise: the base's level and, in the worlds known in both, the change from it, with the interval of that."""
    if "world" not in base:
        return _alone(here, measure, share)
    before, after = (rows.drop_duplicates("world").set_index("world")[measure] for rows in (base, here))
    both = before.index.intersection(after.index)
    compare = paired_difference if share else paired_mean_difference
    found = compare(before[both], after[both])
    level = float(before.mean())
    return found.n, level + found.difference, level + found.low, level + found.high


def draw_tornado(ax: Axes, rows: pd.DataFrame) -> Axes:
    """Bars from the base to the rate or mean at either end of each parameter; ``rows`` are `tornado_rows`."""
    shown = rows.iloc[:SHOWN]
    place = np.arange(len(shown))[::-1]
    base = float(rows["base_rate"].iloc[0])
    for end, (shift, fill) in ENDS.items():
        rate, at = shown[f"{end}_rate"], place + shift
        ax.barh(at, rate - base, left=base, height=0.38, label=f"{end} value", linewidth=0.3, **fill.patch())
        ax.hlines(at, shown[f"{end}_low"], shown[f"{end}_high"], color=INK, linewidth=0.8)
        for y, (_, row) in zip(at, shown.iterrows(), strict=True):
            outward = row[f"{end}_rate"] >= base
            edge, side = row[f"{end}_{'high' if outward else 'low'}"], 1 if outward else -1
            beside: dict[str, Any] = {"xytext": (3 * side, 0), "ha": "left" if outward else "right", "va": "center"}
            ax.annotate(value_words(row[f"{end}_value"]), (edge, y), textcoords="offset points", size="small", **beside)
    ax.axvline(base, color=INK, linewidth=0.8)
    name_rows(ax, place, map(label_of, shown["parameter"]))
    ax.margins(x=0.2)
    counts = count_words([*shown["low_n"], *shown["high_n"]], "a bar")
    ax.set(xlabel=f"deal rate ({counts})", ylim=(-0.6, len(shown) - 0.4))
    if rows["is_share"].iloc[0]:
        percent_axis(ax, "x")
    ax.locator_params(axis="x", nbins=6)
    legend_above(ax, columns=2, side="right")
    return ax


def tornado_caption(rows: pd.DataFrame, success: str = "deal") -> str:
    """Caption stub with n and the interval method."""
    counts = count_words([*rows["low_n"], *rows["high_n"]])
    share, paired = rows["is_share"].iloc[0], rows["against_base"].iloc[0]
    what = sentence(rate_label(success)) if share else f"Mean {label_of(success)}, {unit_of(success)},"
    base = float(rows["base_rate"].iloc[0])
    against = percent(base, 1) if share else amount(base, digits=1)
    lines = "Wilson's" if share else "Student's"
    told = (
        "bars and lines: the change from the base case in the same worlds, and its pointwise 95 % interval"
        if paired
        else f"lines: pointwise 95 % intervals, {lines}, by world"
    )
    worded = [value for end in ENDS for value in rows[f"{end}_value"] if as_number(value) is None]
    words = " Of words: those at which it is least and greatest." if worded else ""
    left_out = f" The {SHOWN} widest of {len(rows)} are shown." if len(rows) > SHOWN else ""
    return (
        f"{what} at a low and a high value of each parameter (values beside the bars), against {against} "
        f"{'in the base case' if paired else 'overall'}. {counts} a bar; {told}.{words}{left_out}"
    )


@chart(
    shows="deal rate, or another measure, at the low and the high end of each varied parameter (--measure)",
    provided_by=SEVERAL,
    measures="any",
    varied=2,
)
def tornado(results: Results, options: Options) -> Drawn:
    measure = tornado.measure(options)
    rows = tornado_rows(results.runs([*results.parameters, measure]), results.parameters, success=measure)
    counts = count_words([*rows["low_n"], *rows["high_n"]], "a bar")
    name = rate_label(measure) if rows["is_share"].iloc[0] else f"{label_of(measure)}, {unit_of(measure)}"
    height = 24 + 7 * min(len(rows), SHOWN)
    figure = one(options, height, lambda ax: draw_tornado(ax, rows).set_xlabel(f"{name} ({counts})"))
    return Drawn(figure, rows, tornado_caption(rows, measure))
