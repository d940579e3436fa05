"""What one change at a time does to the deal rate, in the same worlds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.charts.form import legend_above
from experiments.charts.groups import count_words, label_of
from experiments.charts.palette import BLUE, INK
from experiments.statistics.paired_tests import paired_difference

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

SHOWN = 20


def paired_rows(
    frame: pd.DataFrame, parameters: Sequence[str], *, base: int = 0, success: str = "deal"
) -> pd.DataFrame:
    """Each point of a study against the point ``base``, world by world: change, n, gained, lost, difference, ....

    ``frame`` has point, world, the parameters and ``success``. Only worlds that both points ran are compared.
    """
    import pandas as pd

    by_point = {point: rows.set_index("world") for point, rows in frame.groupby("point", sort=True)}
    before = by_point.pop(base)
    rows = []
    for point, after in by_point.items():
        both = before.index.intersection(after.index)
        result = paired_difference(before.loc[both, success], after.loc[both, success])
        rows.append({"point": point, "change": _change(before, after, parameters), **result._asdict()})
    return pd.DataFrame(rows)


def _change(before: pd.DataFrame, after: pd.DataFrame, parameters: Sequence[str]) -> str:
    """Which parameters differ from the base, and what they are now."""
    moved: list[str] = []
    for name in parameters:
        now: Any = after[name].iloc[0]
        if now != before[name].iloc[0]:
            moved.append(f"{label_of(name)} {now:.3g}" if isinstance(now, float) else f"{label_of(name)} {now}")
    return ", ".join(moved) or "the same"


def _in_lines(change: str, width: int = 26) -> str:
    """A long change on a line for each parameter."""
    return change if len(change) <= width else change.replace(", ", ",\n")


def draw_paired(ax: Axes, rows: pd.DataFrame) -> Axes:
    """Paired difference of the deal rate with its interval, filled where that excludes zero; see `paired_rows`."""
    shown = rows.iloc[np.argsort(-rows["difference"].abs(), kind="stable")[:SHOWN]].sort_values(
        "difference", kind="stable"
    )
    place = np.arange(len(shown))
    clear = ((shown["low"] > 0) | (shown["high"] < 0)).to_numpy()
    ax.axvline(0, color=INK, linewidth=0.8)
    ax.hlines(place, 100 * shown["low"], 100 * shown["high"], color=BLUE, linewidth=1.0)
    for chosen, face, label in ((clear, BLUE, "interval excludes zero"), (~clear, "white", "interval includes zero")):
        if chosen.any():
            at = 100 * shown["difference"].to_numpy()[chosen], place[chosen]
            ax.plot(*at, "o" if face == BLUE else "s", color=BLUE, markerfacecolor=face, linestyle="none", label=label)
    ax.set_yticks(place, [_in_lines(change) for change in shown["change"]])
    ax.tick_params(axis="y", length=0)
    pairs = count_words(shown["n"], "pairs")
    ax.set(xlabel=f"change of the deal rate\n(percentage points, {pairs})", ylim=(-0.6, len(shown) - 0.4))
    ax.grid(axis="x")
    if clear.any() and not clear.all():
        legend_above(ax, columns=2, side="right")
    return ax


def paired_caption(rows: pd.DataFrame) -> str:
    """Caption stub with n and the interval method."""
    pairs = count_words(rows["n"], "pairs of worlds")
    return (
        f"Change of the deal rate in the same worlds, one change at a time against the base case. {pairs} a row; "
        "lines: 95 % intervals for matched pairs (Agresti–Min)."
    )
