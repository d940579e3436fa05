"""The funnel of outcomes: through how many gates a crisis comes, and at which it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.charts.chart import Drawn, Options, chart, one
from experiments.charts.form import name_rows, percent_axis
from experiments.charts.groups import shares_by_world
from experiments.charts.palette import INK, OUTCOME_FILLS
from experiments.charts.results import Results
from experiments.charts.words import count_words, interval_words
from sim.outcomes import OUTCOMES
from sim.wording import percent

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
WAYS = (("ratified at first vote", OUTCOMES[0]), ("ratified at second vote", OUTCOMES[1]))
IN_PLAY = "#8FB8D0"
ENDED: dict[str, Any] = {"facecolor": "white", "edgecolor": "#B0B0B0", "hatch": "/////", "linewidth": 0.4}


def outcome_names(outcome: pd.Series) -> pd.Series:
    """Outcomes by name, whether they came as codes or as names."""
    return outcome.map(dict(enumerate(OUTCOMES))) if outcome.dtype.kind in "iu" else outcome.astype(str)


def funnel_stages(frame: pd.DataFrame) -> pd.DataFrame:
    """Gate by gate: rows that came through, their share with a Wilson interval, how the rest ended; n in worlds."""
    import pandas as pd

    names = outcome_names(frame["outcome"])
    left = np.ones(len(names), bool)
    table: list[dict[str, Any]] = [{"gate": "all worlds", "ended_as": "", "ended": 0, "through": len(names)}]
    through = [left]
    for gate, ended_as in GATES:
        ended = (names == ended_as).to_numpy()
        left = left & ~ended
        table.append({"gate": gate, "ended_as": ended_as, "ended": int(ended.sum()), "through": int(left.sum())})
        through.append(left)
    for gate, outcome in WAYS:
        through.append((names == outcome).to_numpy())
        table.append({"gate": gate, "ended_as": "", "ended": 0, "through": int(through[-1].sum())})
    found = shares_by_world(through, frame)
    low, high = found.wilson(len(frame))
    return pd.DataFrame(table).assign(n=found.worlds, rows=len(frame), share=found.share, low=low, high=high)


def draw_funnel(ax: Axes, frame: pd.DataFrame) -> Axes:
    """Bars of the worlds still in play after each gate; hatched, those that ended there. ``frame`` has "outcome"."""
    stages = funnel_stages(frame)
    final = len(stages) - len(WAYS)
    place = np.arange(len(stages), dtype=float)
    place[final:] += 0.5
    share, ended = stages["share"].to_numpy(), (stages["ended"] / stages["rows"]).to_numpy()
    ax.barh(place[:final], share[:final], height=0.72, color=IN_PLAY)
    for at, width, (_, outcome) in zip(place[final:], share[final:], WAYS, strict=True):
        ax.barh(at, width, height=0.72, **OUTCOME_FILLS[outcome].patch())
    hatched = ended > 0
    ax.barh(place[hatched], ended[hatched], left=share[hatched], height=0.72, **ENDED)
    ax.hlines(place[1:], stages["low"][1:], stages["high"][1:], color=INK, linewidth=1.0)
    words = [f"n = {stages['n'].iloc[0]:,}", *(percent(part) for part in share[1:])]
    # in a column: beside a hatched part they would seem to be its share
    for at, word in zip(place, words, strict=True):
        ax.text(1.03, at, word, va="center")
    name_rows(ax, place, stages["gate"])
    ax.set(ylim=(place[-1] + 0.6, -0.6), xlim=(0, 1.15), xlabel="share of worlds")
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1])
    percent_axis(ax, "x")
    return ax


def funnel_caption(stages: pd.DataFrame) -> str:
    """Caption stub with n and the interval method."""
    return (
        f"The funnel of outcomes: share of worlds still in play after each gate (hatched: those that ended there), and "
        f"the two ways to a deal. {count_words(stages['n'])}; lines: {interval_words()}."
    )


@chart(shows="how far the worlds come, and where they end", needs=("outcome",))
def funnel(results: Results, options: Options) -> Drawn:
    runs = results.runs(["outcome"])
    stages = funnel_stages(runs)
    return Drawn(one(options, 62, lambda ax: draw_funnel(ax, runs)), stages, funnel_caption(stages))
