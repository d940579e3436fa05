"""The talks of one world in utility space: offers, the frontier, and where theory would have them end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from experiments.charts.form import legend_above
from experiments.charts.groups import world_words
from experiments.charts.offers import LOOKS
from experiments.charts.palette import GREEN, INK, PURPLE, QUIET, series

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

POINTS: dict[str, dict[str, Any]] = {
    "no deal": {"marker": "X", "color": INK, "markersize": 5},
    "Nash": {"marker": "P", "color": GREEN, "markersize": 7, "markeredgecolor": "white"},
    "Kalai–Smorodinsky": {"marker": "d", "color": PURPLE, "markersize": 7, "markeredgecolor": INK},
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
        look = LOOKS.get(str(what).removesuffix("'s offer"), series(2)).line()
        drawn = look | {"linewidth": 0.6, "linestyle": "-", "alpha": 0.9}
        ax.plot(rows["governor"], rows["coalition"], label=f"{what}s", **drawn)
    for what, look in POINTS.items():
        _point(ax, frame, what, look, zorder=4)
    star = {"marker": "*", "markersize": 10, "markerfacecolor": "white", "markeredgecolor": INK}
    _point(ax, frame, "accepted", star, zorder=5)
    shown = frame[["governor", "coalition"]].to_numpy(float)
    floor = min(-0.03, shown[shown == shown].min() - 0.05)
    ax.set(xlabel="worth to the governor", ylabel="worth to the coalition", xlim=(floor, 1.04), ylim=(floor, 1.04))
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
