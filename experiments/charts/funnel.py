"""The funnel of outcomes: through how many gates a crisis comes, and at which it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.charts.form import percent
from experiments.charts.groups import as_percent, interval_words
from experiments.charts.palette import INK, OUTCOME_FILLS
from experiments.statistics.intervals import wilson_interval
from sim.outcomes import OUTCOMES

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

# gate -> the outcome of those who do not come through it
GATES = (
    ("a zone of agreement", "no_zone_of_agreement"),
    ("tentative deal", "no_tentative_deal"),
    ("members vote yes", "refused"),
    ("legislature approves", "refused_by_legislature"),
)


def outcome_names(outcome: pd.Series) -> pd.Series:
    """Outcomes by name, whether they came as codes or as names."""
    if outcome.dtype.kind in "iu":
        return outcome.map(dict(enumerate(OUTCOMES)))
    return outcome.astype(str)


def funnel_stages(frame: pd.DataFrame) -> pd.DataFrame:
    """Gate by gate: worlds that came through, their share with a Wilson interval, how the rest ended."""
    import pandas as pd

    names = outcome_names(frame["outcome"])
    n = through = len(names)
    rows: list[dict[str, Any]] = [{"gate": "all worlds", "ended_as": "", "ended": 0, "through": n}]
    for gate, ended_as in GATES:
        ended = int((names == ended_as).sum())
        through -= ended
        rows.append({"gate": gate, "ended_as": ended_as, "ended": ended, "through": through})
    for gate, outcome in (("ratified at first vote", OUTCOMES[0]), ("ratified at second vote", OUTCOMES[1])):
        rows.append({"gate": gate, "ended_as": "", "ended": 0, "through": int((names == outcome).sum())})
    table = pd.DataFrame(rows)
    low, high = wilson_interval(table["through"], n)
    return table.assign(n=n, share=table["through"] / n, low=low, high=high)


def draw_funnel(ax: Axes, frame: pd.DataFrame) -> Axes:
    """Bars of the worlds still in play after each gate; hatched, those that ended there. ``frame`` has "outcome"."""
    stages = funnel_stages(frame)
    final = len(stages) - 2
    place = np.arange(len(stages), dtype=float)
    place[final:] += 0.5
    in_play, first, second = "#8FB8D0", OUTCOME_FILLS[OUTCOMES[0]], OUTCOME_FILLS[OUTCOMES[1]]
    ax.barh(place[:final], stages["share"][:final], height=0.72, color=in_play)
    ax.barh(place[final], stages["share"].iloc[final], height=0.72, **first.patch())
    ax.barh(place[final + 1], stages["share"].iloc[final + 1], height=0.72, **second.patch())
    for position, stage in zip(place[1:final], stages.iloc[1:final].itertuples(), strict=True):
        _draw_ended(ax, position, stage)
    ax.hlines(place[1:], stages["low"][1:], stages["high"][1:], color=INK, linewidth=1.0)
    for position, stage in zip(place, stages.itertuples(), strict=True):
        beyond = max(stage.high, stage.share + stage.ended / stage.n)
        ax.text(beyond + 0.015, position, as_percent(stage.share) if position else f"n = {stage.n:,}", va="center")
    ax.set_yticks(place, list(stages["gate"]))
    ax.set(ylim=(place[-1] + 0.6, -0.6), xlim=(0, 1.15), xlabel="share of worlds")
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1])
    ax.tick_params(axis="y", length=0)
    percent(ax, "x")
    return ax


def _draw_ended(ax: Axes, place: float, stage: Any) -> None:
    share = stage.ended / stage.n
    if not share:
        return
    ax.barh(
        place,
        share,
        left=stage.share,
        height=0.72,
        facecolor="white",
        edgecolor="#B0B0B0",
        hatch="/////",
        linewidth=0.4,
    )


def funnel_caption(stages: pd.DataFrame) -> str:
    """Caption stub with n and the interval method."""
    return (
        f"The funnel of outcomes: share of worlds still in play after each gate (hatched: those that ended there), and "
        f"the two ways to a deal. n = {stages['n'].iloc[0]:,} worlds; lines: {interval_words()}."
    )
