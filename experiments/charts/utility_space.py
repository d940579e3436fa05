"""The talks of one world in utility space: offers, the frontier, and where theory would have them end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.charts.chart import ONE_RUN, Drawn, Options, chart, one
from experiments.charts.form import legend_above
from experiments.charts.offers import STAR
from experiments.charts.palette import GREEN, INK, NAMED, PURPLE, QUIET, series
from experiments.charts.results import Results
from experiments.charts.words import world_words

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

# the two solutions often fall together: the later, smaller one must leave the ring of the other in sight
POINTS: dict[str, dict[str, Any]] = {
    "no deal": {"marker": "X", "color": INK, "markersize": 5},
    "Kalai–Smorodinsky": {"marker": "D", "color": PURPLE, "markersize": 8, "markerfacecolor": "white", "mew": 1.6},
    "Nash": {"marker": "P", "color": GREEN, "markersize": 5.5, "markeredgecolor": INK, "mew": 0.5},
}


def draw_utility_space(ax: Axes, frame: pd.DataFrame) -> Axes:
    """Worth to the coalition over worth to the governor, each on its own scale from 0 (worst package) to 1 (ideal).

    ``frame`` has columns what, governor, coalition: rows "frontier" in order along it, "governor's offer",
    "coalition's offer" (or of another proposer), "accepted", "no deal", "Nash", "Kalai–Smorodinsky".
    """
    frontier = frame[frame["what"] == "frontier"]
    ax.plot(frontier["governor"], frontier["coalition"], color=QUIET, linewidth=1.2, label="frontier", zorder=1)
    _gains(ax, frame)
    for what, rows in frame[frame["what"].str.endswith("'s offer")].groupby("what", sort=False):
        look = NAMED.get(str(what).removesuffix("'s offer"), series(2)).line()
        drawn = look | {"linewidth": 0.6, "linestyle": "-", "alpha": 0.9}
        ax.plot(rows["governor"], rows["coalition"], label=f"{what}s", **drawn)
    for what, look in POINTS.items():
        _point(ax, frame, what, look, zorder=4)
    _point(ax, frame, "accepted", STAR, zorder=3)
    shown = frame[["governor", "coalition"]].to_numpy(float)
    known = shown[np.isfinite(shown)]
    ends = min(-0.03, known.min() - 0.05), max(1.04, known.max() + 0.03)  # more than enough lies beyond 1
    ax.set(xlabel="worth to the governor", ylabel="worth to the coalition", xlim=ends, ylim=ends)
    ax.set_aspect("equal", adjustable="box")
    legend_above(ax, columns=2)
    return ax


def _gains(ax: Axes, frame: pd.DataFrame) -> None:
    """Lines from the no-deal point: up and to the right of them both sides gain."""
    at = frame[frame["what"] == "no deal"]
    if len(at):
        ax.axvline(at["governor"].iloc[0], color=INK, linestyle=":", linewidth=0.7, zorder=0)
        ax.axhline(at["coalition"].iloc[0], color=INK, linestyle=":", linewidth=0.7, zorder=0)


def _point(ax: Axes, frame: pd.DataFrame, what: str, look: dict[str, Any], *, zorder: int) -> None:
    rows = frame[(frame["what"] == what) & frame["governor"].notna()]
    if len(rows):
        ax.plot(rows["governor"], rows["coalition"], linestyle="none", label=what, zorder=zorder, **look)


def utility_space_caption(frame: pd.DataFrame) -> str:
    """Caption stub; a single world has no interval."""
    offers = int(frame["what"].str.endswith("'s offer").sum())
    return (
        f"The {offers} offers of {world_words(frame)} in utility space, at the weights of the last round, "
        "with the frontier of the best packages, the worth of no deal, and the Nash and Kalai–Smorodinsky solutions."
    )


@chart(
    shows="one world's offers in utility space, with frontier, Nash and Kalai–Smorodinsky points",
    provided_by=ONE_RUN,
    table="utility_space",
    needs=("what", "governor", "coalition"),
)
def utility_space(results: Results, options: Options) -> Drawn:
    rows = results.table("utility_space", ())
    return Drawn(one(options, 95, lambda ax: draw_utility_space(ax, rows)), rows, utility_space_caption(rows))
