"""Time to a tentative deal: how many worlds are still without one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.charts.form import legend_above, percent
from experiments.charts.groups import as_percent, count_words, group_label, in_order, label_of
from experiments.charts.palette import INK, Series, series
from experiments.statistics.intervals import CONFIDENCE, normal_quantile

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def survival(frame: pd.DataFrame, *, deadline: float, time: str = "agreed_day", by: str | None = None) -> pd.DataFrame:
    """Kaplan-Meier estimate of the share without a deal: by, time, n, at_risk, without_deal, low, high.

    ``time`` is missing where there was no deal; such worlds are censored at the deadline, and so is a deal after it.
    Pointwise intervals on the log-minus-log scale (Kalbfleisch & Prentice 1980), which stay within [0, 1].
    """
    import pandas as pd

    groups = [(None, frame)] if by is None else [(value, frame[frame[by] == value]) for value in in_order(frame[by])]
    curves = [_curve(rows[time].to_numpy(float), deadline) for _, rows in groups]
    if by is not None:
        curves = [curve.assign(**{by: value}) for curve, (value, _) in zip(curves, groups, strict=True)]
    return pd.concat(curves, ignore_index=True)


def _curve(times: np.ndarray, deadline: float) -> pd.DataFrame:
    import pandas as pd
    from statsmodels.duration.survfunc import SurvfuncRight

    agreed = np.isfinite(times) & (times <= deadline)
    until = np.where(agreed, times, deadline)
    estimate = SurvfuncRight(until, agreed.astype(int))
    if not agreed.any():
        steps = pd.DataFrame({"time": [], "at_risk": [], "without_deal": [], "low": [], "high": []}, dtype=float)
    else:
        low, high = _log_log_interval(estimate.surv_prob, estimate.surv_prob_se)
        steps = pd.DataFrame(
            {
                "time": estimate.surv_times,
                "at_risk": estimate.n_risk,
                "without_deal": estimate.surv_prob,
                "low": low,
                "high": high,
            }
        )
    start = {"time": 0.0, "at_risk": len(times), "without_deal": 1.0, "low": 1.0, "high": 1.0}
    return pd.concat([pd.DataFrame([start]), steps], ignore_index=True).assign(n=len(times))


def _log_log_interval(share: np.ndarray, error: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the interval; [0, 1] is not claimed where nobody is left, there it is [0, 0]."""
    inside = (share > 0) & (share < 1)
    s = np.where(inside, share, 0.5)
    spread = normal_quantile(CONFIDENCE) * np.where(inside, error, 0) / (s * np.abs(np.log(s)))
    return np.where(inside, s ** np.exp(spread), share), np.where(inside, s ** np.exp(-spread), share)


def draw_time_to_deal(
    ax: Axes, frame: pd.DataFrame, *, deadline: float, time: str = "agreed_day", by: str | None = None
) -> Axes:
    """Kaplan-Meier curve with its band, and the deadline; one for each value of ``by``. See `survival`."""
    curves = survival(frame, deadline=deadline, time=time, by=by)
    groups: list[Any] = [None] if by is None else in_order(curves[by])
    for index, value in enumerate(groups):
        curve = curves if by is None else curves[curves[by] == value]
        label = None if by is None else group_label(by, value)
        _draw_curve(ax, curve, deadline, look=series(index), label=label, first_mark=index)
    ax.axvline(deadline, color=INK, linewidth=0.8, linestyle=(0, (4, 2)))
    ax.text(deadline, 1.0, "deadline ", ha="right", va="top", rotation=90)
    sizes = count_words(list(curves.groupby(by)["n"].first()) if by else [curves["n"].iloc[0]])
    ax.set(
        xlabel="days since talks began" if time == "agreed_day" else label_of(time),
        ylabel=f"share without a deal ({sizes})",
        xlim=(0, deadline * 1.02),
        ylim=(-0.02, 1.02),
    )
    ax.grid(axis="y")
    percent(ax)
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
        f"Shaded: pointwise {as_percent(CONFIDENCE)} intervals on the log-minus-log scale."
    )
