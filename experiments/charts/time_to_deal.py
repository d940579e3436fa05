"""Time to a tentative deal: how many worlds are still without one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from experiments.charts.chart import Drawn, Options, by_parameter, chart, one
from experiments.charts.curve import lines_of
from experiments.charts.form import legend_above, percent_axis
from experiments.charts.groups import in_order, shares_by_world
from experiments.charts.palette import INK, Series
from experiments.charts.results import Results
from experiments.charts.words import count_words
from experiments.statistics.intervals import CONFIDENCE, normal_quantile
from sim.wording import percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def survival(frame: pd.DataFrame, *, deadline: float, by: str | None = None) -> pd.DataFrame:
    """Kaplan-Meier estimate of the share without a deal: by, time, n, at_risk, without_deal, low, high.

    ``agreed_day`` is missing where there was no deal; such worlds are censored at the deadline, and so is a later deal.
    As nobody is lost before the deadline the estimate is a plain share, and Greenwood's error its binomial one; rows of
    one world are kept together (column ``world``). Pointwise intervals on the log-minus-log scale (Kalbfleisch &
    Prentice 1980), which stay within [0, 1].
    """
    import pandas as pd

    if by is None:
        return _curve(frame, deadline)
    curves = [_curve(frame[frame[by] == value], deadline).assign(**{by: value}) for value in in_order(frame[by])]
    return pd.concat(curves, ignore_index=True)


def _curve(rows: pd.DataFrame, deadline: float) -> pd.DataFrame:
    import pandas as pd

    days = rows["agreed_day"].to_numpy(float)
    until = np.where(np.isfinite(days) & (days <= deadline), days, np.inf)
    steps = np.concatenate([[0.0], np.unique(until[np.isfinite(until)])])
    left = (until > step for step in steps)
    without, error, worlds = shares_by_world(left, rows)
    at_risk = len(until) - np.searchsorted(np.sort(until), steps)
    without[0], error[0], at_risk[0] = 1.0, 0.0, len(rows)  # all start without one
    low, high = _log_log_interval(without, error)
    columns = {"time": steps, "at_risk": at_risk, "without_deal": without, "low": low, "high": high}
    return pd.DataFrame(columns).assign(n=worlds)


def _log_log_interval(share: np.ndarray, error: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the interval; [0, 1] is not claimed where nobody is left, there it is [0, 0]."""
    inside = (share > 0) & (share < 1)
    s = np.where(inside, share, 0.5)
    spread = normal_quantile(CONFIDENCE) * np.where(inside, error, 0) / (s * np.abs(np.log(s)))
    return np.where(inside, s ** np.exp(spread), share), np.where(inside, s ** np.exp(-spread), share)


def draw_time_to_deal(ax: Axes, frame: pd.DataFrame, *, deadline: float, by: str | None = None) -> Axes:
    """Kaplan-Meier curve with its band, and the deadline; one for each value of ``by``. See `survival`."""
    curves = survival(frame, deadline=deadline, by=by)
    for index, (curve, look, label) in enumerate(lines_of(curves, by)):
        _draw_curve(ax, curve, deadline, look=look, label=label, first_mark=index)
    ax.axvline(deadline, color=INK, linewidth=0.8, linestyle=(0, (4, 2)))
    ax.text(deadline, 1.0, "deadline ", ha="right", va="top", rotation=90)
    sizes = count_words(list(curves.groupby(by)["n"].first()) if by else [curves["n"].iloc[0]])
    ylabel = f"share without a deal ({sizes})"
    ax.set(xlabel="days since talks began", ylabel=ylabel, xlim=(0, deadline * 1.02), ylim=(-0.02, 1.02))
    ax.grid(axis="y")
    percent_axis(ax)
    if by is not None:
        legend_above(ax, columns=2)
    return ax


def _draw_curve(
    ax: Axes, curve: pd.DataFrame, deadline: float, *, look: Series, label: str | None, first_mark: int
) -> None:
    at = [*curve["time"], deadline]
    share, low, high = ([*curve[name], curve[name].iloc[-1]] for name in ("without_deal", "low", "high"))
    ax.fill_between(at, low, high, step="post", color=look.colour, alpha=0.2, linewidth=0)
    every = max(len(at) // 6, 1)
    ax.step(at, share, where="post", label=label, **look.line() | {"markevery": (min(first_mark, every - 1), every)})


def time_to_deal_caption(curves: pd.DataFrame, *, deadline: float) -> str:
    """Caption stub with n and the interval method."""
    return (
        f"Time to a tentative deal: Kaplan-Meier estimate of the share of worlds without one, "
        f"{count_words(curves['n'])}; worlds without a deal are censored at the deadline (day {deadline:g}). "
        f"Shaded: pointwise {percent(CONFIDENCE)} intervals on the log-minus-log scale."
    )


def _days_to_deadline(results: Results, runs: pd.DataFrame) -> float:
    """Days from the first to the last day of talks; the last deal's where that varies or is unknown."""
    if results.scenario is None or any(name.startswith("calendar.talks.") for name in results.parameters):
        latest = runs["agreed_day"].max()
        return float(latest) if math.isfinite(latest) else 1.0
    return float(results.scenario.calendar.talks.days)


@chart(shows="days to a tentative deal: Kaplan-Meier curve with the deadline (--by)", needs=("agreed_day",))
def time_to_deal(results: Results, options: Options) -> Drawn:
    by = by_parameter(results, options)
    runs = results.runs([*results.parameters, "agreed_day"])
    deadline = _days_to_deadline(results, runs)
    curves = survival(runs, deadline=deadline, by=by)
    figure = one(options, 62, lambda ax: draw_time_to_deal(ax, runs, deadline=deadline, by=by))
    return Drawn(figure, curves, time_to_deal_caption(curves, deadline=deadline))
