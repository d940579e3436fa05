"""How often a vote would meet any threshold, counted in bloc and per capita."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.charts.chart import Drawn, Options, chart, one
from experiments.charts.form import legend_above, percent_axis
from experiments.charts.groups import shares_by_world
from experiments.charts.palette import INK, NAMED
from experiments.charts.results import Results
from experiments.charts.words import count_words, interval_words
from sim.errors import WrongInput
from sim.ratification.conditions import Share
from sim.wording import percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

COUNTS = {"per capita": "yes_share", "bloc": "bloc_share"}


def threshold_rates(frame: pd.DataFrame, *, vote: int = 1) -> pd.DataFrame:
    """Share of votes that reach each threshold: count, threshold, n (worlds), rate, low, high (Wilson).

    ``frame`` has yes_share_VOTE (share of ballots, per capita) and bloc_share_VOTE (share of members in unions that
    said yes), missing where the vote was not held.
    """
    import pandas as pd

    thresholds = np.linspace(0, 1, 101)
    parts = []
    for count, column in COUNTS.items():
        held = frame.dropna(subset=[f"{column}_{vote}"])
        shares = held[f"{column}_{vote}"].to_numpy(float)
        reached = (shares >= threshold - 1e-12 for threshold in thresholds)
        found = shares_by_world(reached, held)
        low, high = found.wilson(len(held))
        part = {"count": count, "threshold": thresholds, "n": found.worlds, "rate": found.share}
        parts.append(part | {"low": low, "high": high})
    return pd.concat([pd.DataFrame(part) for part in parts], ignore_index=True)


def draw_vote_share(
    ax: Axes, frame: pd.DataFrame, *, vote: int = 1, thresholds: Mapping[str, float] | None = None
) -> Axes:
    """Share of votes that reach a threshold, by the threshold; lines at one half, or the ``thresholds`` by name."""
    rates = threshold_rates(frame, vote=vote)
    for count, rows in rates.groupby("count", sort=False):
        look, bloc = NAMED[str(count)], count == "bloc"
        ax.fill_between(rows["threshold"], rows["low"], rows["high"], color=look.colour, alpha=0.2, linewidth=0)
        drawn = look.line() | {"markevery": (4 * bloc, 8), "label": f"counted {'in ' if bloc else ''}{count}"}
        ax.plot(rows["threshold"], rows["rate"], **drawn)
    marks = {"one half": 0.5} if thresholds is None else thresholds
    for name, share in marks.items():
        ax.axvline(share, color=INK, linewidth=0.7, linestyle=(0, (4, 2)), zorder=0)
        at: dict[str, Any] = {"xytext": (-2, 0), "textcoords": "offset points", "ha": "right", "va": "bottom"}
        ax.annotate(name, (share, 0.02), size="small", rotation=90, **at)
    ylabel = f"votes that reach it ({count_words(rates['n'], 'votes')})"
    ax.set(xlabel="threshold (share of yes)", ylabel=ylabel, xlim=(0, 1), ylim=(-0.02, 1.02))
    ax.grid(axis="y")
    percent_axis(ax, "x")
    percent_axis(ax)
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


def _asked_for(results: Results) -> dict[str, float]:
    """The shares of yes that the case's rules ask for, by name, but for those that the study varies."""
    if results.scenario is None or any(name.startswith(("rule.", "rules.")) for name in results.parameters):
        return {}
    rules = results.scenario.rules
    leaves = [leaf for rule in (rules.ratification, rules.revised) if rule for _, leaf in rule.condition.leaves()]
    asked = [leaf.share for leaf in leaves if isinstance(leaf, Share) and leaf.of in ("members", "ballots")]
    shares = {float(share.value) for share in asked if not share.varies}
    return {percent(share): share for share in sorted(shares - {0.5})}


@chart(
    shows="how often a vote meets any threshold, counted in bloc and per capita (--vote)",
    needs=("yes_share_{vote}", "bloc_share_{vote}"),
)
def vote_share(results: Results, options: Options) -> Drawn:
    runs = results.runs([f"{name}_{options.vote}" for name in COUNTS.values()])
    rates = threshold_rates(runs, vote=options.vote)
    if not rates["n"].any():
        raise WrongInput(f"chart vote_share: no world of {results.folder} held vote {options.vote}")
    marks = {"one half": 0.5} | _asked_for(results)
    figure = one(options, 62, lambda ax: draw_vote_share(ax, runs, vote=options.vote, thresholds=marks))
    return Drawn(figure, rates, vote_share_caption(rates, vote=options.vote))
