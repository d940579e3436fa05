"""The deal rate, or any share of worlds, against one parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from experiments.charts.chart import Drawn, Options, chart, one, x_and_by
from experiments.charts.curve import draw_curve
from experiments.charts.form import percent_axis
from experiments.charts.groups import held_or_pooled, in_classes, rates_by
from experiments.charts.results import Results
from experiments.charts.words import Band, count_words, interval_words, label_of, rate_label, sentence

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

MOST_LINES = 6  # values of a second parameter that still make separate lines


def draw_deal_rate(
    ax: Axes,
    frame: pd.DataFrame,
    parameter: str,
    *,
    by: str | None = None,
    band: Band = "pointwise",
    success: str = "deal",
) -> Axes:
    """Share of worlds with ``success`` at each value of ``parameter``; one line for each value of ``by``.

    ``frame`` has a row a world and a boolean column "deal"; see `rates_by` for its intervals.
    """
    rates = rates_by(frame, [parameter] if by is None else [by, parameter], band=band, success=success)
    ylabel = f"{rate_label(success)} ({count_words(rates['n'], 'a point')})"
    draw_curve(ax, rates, parameter, value="rate", by=by, ylabel=ylabel).set_ylim(-0.02, 1.02)
    percent_axis(ax)
    return ax


def deal_rate_caption(rates: pd.DataFrame, parameter: str, band: Band = "pointwise", success: str = "deal") -> str:
    """Caption stub with n and the interval method."""
    what = ": share of worlds with a deal ratified at either vote" if success == "deal" else ""
    return (
        f"{sentence(rate_label(success))} against {label_of(parameter)} ({parameter}){what}. "
        f"{count_words(rates['n'])} at each of {len(rates)} points; {interval_words(band)}."
    )


@chart(
    shows="deal rate, or another share of worlds, against one varied parameter (--x, --by, --measure, --band)",
    measures="shares",
    varied=1,
)
def deal_rate(results: Results, options: Options) -> Drawn:
    x, by = x_and_by(results, options)
    success = deal_rate.measure(options)
    runs = results.runs([*results.parameters, success])
    others = [name for name in results.parameters if name != x]
    if by is None and len(others) == 1 and runs[others[0]].nunique() <= MOST_LINES:
        by = others[0]
    keys = [by, x] if by else [x]
    runs, pooled = held_or_pooled(runs, results.parameters, keys)
    runs = in_classes(runs, [x], among=results.parameters)
    rates = rates_by(runs, keys, band=options.band, success=success)
    look: dict[str, Any] = {"by": by, "band": options.band, "success": success}
    figure = one(options, 62, lambda ax: draw_deal_rate(ax, runs, x, **look).set_xlabel(results.axis(x)))
    return Drawn(figure, rates, deal_rate_caption(rates, x, options.band, success) + pooled)
