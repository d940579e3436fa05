"""Which parameters move the deal rate: a tornado."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.charts.form import legend_above, percent
from experiments.charts.groups import as_number, count_words, in_order, interval_words, label_of
from experiments.charts.palette import INK, Fill
from experiments.statistics.intervals import wilson_interval

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

LOW, HIGH = Fill("#F0B45A", "\\\\\\\\"), Fill("#00507D")
TAIL = 0.2  # share of a sampled parameter's range, at either end
SHOWN = 12


def tornado_rows(frame: pd.DataFrame, parameters: Sequence[str], *, success: str = "deal") -> pd.DataFrame:
    """Deal rate at a low and at a high value of each parameter, with Wilson intervals; the widest first.

    In a one-at-a-time design these are the lowest and highest value tried, all else as in the base case. In a sampled
    design (more values than can be listed) they are the lowest and highest fifth of the values, all else varying.
    """
    import pandas as pd

    base = one_at_a_time_base(frame, parameters)
    rows = []
    for name in parameters:
        values = in_order(frame[name])
        if len(values) < 2:
            continue
        row: dict[str, Any] = {"parameter": name}
        for end, chosen, value in _ends(frame, name, values, base):
            yes, n = int(chosen.sum()), len(chosen)
            low, high = wilson_interval(yes, n)
            row |= {f"{end}_value": value, f"{end}_n": n, f"{end}_rate": yes / max(n, 1)}
            row |= {f"{end}_low": float(low), f"{end}_high": float(high)}
        rows.append(row)
    everything = frame if base is None else frame[_at_base(frame, base)]
    table = pd.DataFrame(rows).assign(base_rate=everything[success].mean(), base_n=len(everything))
    width = (table["high_rate"] - table["low_rate"]).abs()
    return table.iloc[np.argsort(-width, kind="stable")].reset_index(drop=True)


def one_at_a_time_base(frame: pd.DataFrame, parameters: Sequence[str]) -> dict[str, Any] | None:
    """The base case, where every point differs from it in one parameter at most; None in any other design."""
    names = list(parameters)
    points = frame[names].drop_duplicates()
    if len(points) < 2 or len(names) < 2:
        return None
    base = {name: points[name].value_counts(sort=True).index[0] for name in names}
    moved = sum((points[name] != value).astype(int) for name, value in base.items())
    return base if (moved <= 1).all() and (moved == 0).any() else None


def _at_base(frame: pd.DataFrame, base: dict[str, Any], but: str = "") -> np.ndarray:
    return np.logical_and.reduce([frame[name] == value for name, value in base.items() if name != but])


def _ends(frame: pd.DataFrame, name: str, values: list[Any], base: dict[str, Any] | None) -> list[tuple[str, Any, Any]]:
    """The worlds at the low and the high end of a parameter, as (end, their successes, the value)."""
    here = frame if base is None else frame[_at_base(frame, base, but=name)]
    if base is not None or len(values) <= 10 or as_number(values[0]) is None:
        return [(end, here["deal"][here[name] == v], v) for end, v in (("low", values[0]), ("high", values[-1]))]
    low, high = np.quantile(here[name], [TAIL, 1 - TAIL])
    return [("low", here["deal"][here[name] <= low], low), ("high", here["deal"][here[name] >= high], high)]


def draw_tornado(ax: Axes, rows: pd.DataFrame) -> Axes:
    """Bars from the base rate to the deal rate at either end of each parameter; ``rows`` are `tornado_rows`."""
    shown = rows.iloc[:SHOWN]
    place = np.arange(len(shown))[::-1]
    base = float(rows["base_rate"].iloc[0])
    for end, shift, fill in (("low", 0.2, LOW), ("high", -0.2, HIGH)):
        rate = shown[f"{end}_rate"]
        ax.barh(place + shift, rate - base, left=base, height=0.38, label=f"{end} value", linewidth=0.3, **fill.patch())
        ax.hlines(place + shift, shown[f"{end}_low"], shown[f"{end}_high"], color=INK, linewidth=0.8)
        for y, share, value, bound in zip(
            place + shift,
            rate,
            shown[f"{end}_value"],
            zip(shown[f"{end}_low"], shown[f"{end}_high"], strict=True),
            strict=True,
        ):
            outward = share >= base
            words = f"{value:.3g}" if isinstance(value, float) else str(value)
            ax.annotate(
                words,
                (bound[1] if outward else bound[0], y),
                xytext=(3 if outward else -3, 0),
                textcoords="offset points",
                ha="left" if outward else "right",
                va="center",
                size="small",
            )
    ax.axvline(base, color=INK, linewidth=0.8)
    ax.set_yticks(place, [label_of(name) for name in shown["parameter"]])
    ax.tick_params(axis="y", length=0)
    ax.margins(x=0.2)
    ax.set(
        xlabel=f"deal rate ({count_words([*shown['low_n'], *shown['high_n']], 'a bar')})", ylim=(-0.6, len(shown) - 0.4)
    )
    percent(ax, "x")
    ax.locator_params(axis="x", nbins=6)
    legend_above(ax, columns=2, side="right")
    return ax


def tornado_caption(rows: pd.DataFrame) -> str:
    """Caption stub with n and the interval method."""
    counts = count_words([*rows["low_n"], *rows["high_n"]])
    return (
        f"Deal rate at a low and a high value of each parameter (values beside the bars), against "
        f"{rows['base_rate'].iloc[0]:.1%} overall. {counts} a bar; lines: {interval_words()}."
    )
