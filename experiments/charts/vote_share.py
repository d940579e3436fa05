"""How often a vote would meet any threshold, counted in bloc and per capita."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from experiments.charts.form import legend_above, percent
from experiments.charts.groups import count_words, interval_words
from experiments.charts.palette import INK, Series, series
from experiments.statistics.intervals import wilson_interval

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

COUNTS = {"per capita": "yes_share", "bloc": "bloc_share"}
LOOKS: dict[str, Series] = {"per capita": series(0), "bloc": series(1)}


def threshold_rates(frame: pd.DataFrame, *, vote: int = 1, steps: int = 101) -> pd.DataFrame:
    """Share of votes that reach each threshold: count, threshold, n, rate, low, high (Wilson).

    ``frame`` has yes_share_VOTE (share of ballots, per capita) and bloc_share_VOTE (share of members in unions that
    said yes), missing where the vote was not held.
    """
    import pandas as pd

    thresholds = np.linspace(0, 1, steps)
    parts = []
    for count, column in COUNTS.items():
        shares = np.sort(frame[f"{column}_{vote}"].dropna().to_numpy(float))
        reached = len(shares) - np.searchsorted(shares, thresholds - 1e-12, side="left")
        low, high = wilson_interval(reached, len(shares))
        rate = reached / max(len(shares), 1)
        columns = {"count": count, "threshold": thresholds, "n": len(shares), "rate": rate, "low": low, "high": high}
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def draw_vote_share(
    ax: Axes, frame: pd.DataFrame, *, vote: int = 1, thresholds: Mapping[str, float] | None = None
) -> Axes:
    """Share of votes that reach a threshold, by the threshold; lines at the ``thresholds`` given by name."""
    rates = threshold_rates(frame, vote=vote)
    for count, rows in rates.groupby("count", sort=False):
        look = LOOKS[str(count)]
        ax.fill_between(rows["threshold"], rows["low"], rows["high"], color=look.colour, alpha=0.2, linewidth=0)
        ax.plot(
            rows["threshold"],
            rows["rate"],
            label=f"counted {'in ' if count == 'bloc' else ''}{count}",
            markevery=(4 if count == "bloc" else 0, 8),
            **look.line(),
        )
    marks = {"one half": 0.5, "80 %": 0.8} if thresholds is None else thresholds
    for name, share in marks.items():
        ax.axvline(share, color=INK, linewidth=0.7, linestyle=(0, (4, 2)), zorder=0)
        ax.annotate(
            name,
            (share, 0.02),
            xytext=(-2, 0),
            textcoords="offset points",
            rotation=90,
            ha="right",
            va="bottom",
            size="small",
        )
    ax.set(
        xlabel="threshold (share of yes)",
        ylabel=f"votes that reach it ({count_words(rates['n'], 'votes')})",
        xlim=(0, 1),
        ylim=(-0.02, 1.02),
    )
    ax.grid(axis="y")
    percent(ax, "x")
    percent(ax)
    legend_above(ax, columns=2)
    return ax


def vote_share_caption(rates: pd.DataFrame, *, vote: int = 1) -> str:
    """Caption stub with n and the interval method."""
    which = {1: "first", 2: "second"}[vote]
    return (
        f"Share of worlds whose {which} vote reaches a threshold, the yes counted per capita (share of ballots) or in "
        f"bloc (share of members in unions that said yes). {count_words(rates['n'])} with a {which} vote; shaded: "
        f"{interval_words()}."
    )
