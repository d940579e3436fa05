"""Offers over the rounds of one world, as one side values them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from experiments.charts.chart import ONE_RUN, Drawn, Options, chart
from experiments.charts.form import legend_above, new_figure
from experiments.charts.palette import INK, NAMED, QUIET, series
from experiments.charts.results import Results
from experiments.charts.words import world_words

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

SIDES = ("governor", "coalition")
STAR: dict[str, Any] = {"marker": "*", "markersize": 9, "markerfacecolor": "white", "markeredgecolor": INK}


def draw_offers(ax: Axes, frame: pd.DataFrame, *, side: str = "governor", legend: bool = True) -> Axes:
    """Every offer's worth to ``side``, what that side insisted on, and what no deal was worth to it.

    ``frame`` has a row a round: round, proposer, accepted, and for the side aspiration_SIDE (missing in rounds in which
    it did not propose), value_SIDE and no_deal_SIDE, all on its own scale from 0 (its worst package) to 1 (its ideal).
    """
    value, asked, no_deal = (f"{what}_{side}" for what in ("value", "aspiration", "no_deal"))
    insisted = frame.dropna(subset=[asked])
    ax.step(
        frame["round"], frame[no_deal], where="mid", color=INK, linestyle=":", linewidth=1.0, label="worth of no deal"
    )
    ax.plot(insisted["round"], insisted[asked], color=QUIET, linestyle="-", linewidth=1.0, label="own aspiration")
    for proposer, offers in frame.groupby("proposer", sort=False):
        look = NAMED.get(str(proposer), series(2)).line() | {"linestyle": "none"}
        ax.plot(offers["round"], offers[value], label=f"{proposer}'s offers", **look)
    agreed = frame[frame["accepted"].astype(bool)]
    if len(agreed):
        ax.plot(agreed["round"], agreed[value], label="accepted", zorder=5, linestyle="none", **STAR)
    ax.set(xlabel="round", ylabel=f"worth to the {side}", ylim=(min(-0.03, frame[no_deal].min() - 0.03), 1.05))
    ax.locator_params(axis="x", integer=True)
    ax.grid(axis="y")
    if legend:
        legend_above(ax, columns=2)
    return ax


def offers_caption(frame: pd.DataFrame) -> str:
    """Caption stub; a single world has no interval."""
    ending = "ending in agreement" if frame["accepted"].any() else "without agreement"
    return (
        f"Offers over {len(frame)} rounds of {world_words(frame)}, {ending}, with each side's aspiration and "
        "the worth of no deal. Each side's own scale: 0 is its worst package, 1 its ideal one; weights as of the round."
    )


@chart(
    shows="one world's offers over the rounds, with aspirations and the worth of no deal",
    provided_by=ONE_RUN,
    table="offers",
    needs=("round", "proposer", "accepted", "value_governor", "no_deal_governor", "aspiration_governor"),
)
def offers(results: Results, options: Options) -> Drawn:
    rounds = results.table("offers", ())
    across = options.preset != "single"
    shape = {"rows": 1, "columns": 2} if across else {"rows": 2, "columns": 1, "sharex": True}
    figure, axes = new_figure(options.preset, height_mm=62 if across else 105, **shape)
    for ax, side in zip(axes, SIDES, strict=True):
        draw_offers(ax, rounds, side=side, legend=False)
    if not across:
        axes[0].set_xlabel("")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=5 if options.preset == "double" else 3)
    return Drawn(figure, rounds, offers_caption(rounds))
