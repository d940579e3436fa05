"""Who fills the gap: savings from the unions, revenue, and the cuts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from experiments.charts.chart import Drawn, Options, by_parameter, chart, one
from experiments.charts.form import legend_above, name_rows
from experiments.charts.funnel import outcome_names
from experiments.charts.groups import PAYERS, by_world, in_order
from experiments.charts.palette import PAYER_FILLS
from experiments.charts.results import Results
from experiments.charts.words import group_label, label_of
from sim.outcomes import OUTCOMES

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

ALL = "all worlds"
LEAST = 0.5  # M$ a year: less would not show


def mean_payments(frame: pd.DataFrame, *, by: str = "outcome") -> pd.DataFrame:
    """Mean of each payer, M$/yr, in all worlds and in each group of ``by``, with n and standard errors (se_...)."""
    import pandas as pd

    keys = outcome_names(frame[by]) if by == "outcome" else frame[by]
    ordered = [name for name in OUTCOMES if (keys == name).any()] if by == "outcome" else in_order(keys)
    groups = [(ALL, frame)] + [(value, frame[(keys == value).to_numpy()]) for value in ordered]
    rows = []
    for value, members in groups if len(ordered) > 1 else groups[1:]:
        parts = {payer: by_world(members.assign(_all=0), ["_all"], payer).iloc[0] for payer in PAYERS}
        means = {payer: part["value"] for payer, part in parts.items()}
        errors = {f"se_{payer}": part["error"] for payer, part in parts.items()}
        rows.append({by: value, "n": int(max(part["n"] for part in parts.values())), **means, **errors})
    return pd.DataFrame(rows)


def draw_who_pays(ax: Axes, frame: pd.DataFrame, *, by: str = "outcome") -> Axes:
    """Stacked mean M$ a year by payer, in all worlds and by ``by``. ``frame`` has a row a world and the `PAYERS`."""
    means = mean_payments(frame, by=by)
    place = np.arange(len(means), dtype=float)[::-1]
    if means[by].iloc[0] == ALL:
        place[0] += 0.35
    left = np.zeros(len(means))
    for payer in PAYERS:
        amount = means[payer].to_numpy(float)
        if amount.max() < LEAST:
            continue
        ax.barh(place, amount, left=left, height=0.7, label=payer, linewidth=0.3, **PAYER_FILLS[payer].patch())
        left += amount
    labels = (label_of(str(v)) if by == "outcome" or v == ALL else group_label(by, v) for v in means[by])
    name_rows(ax, place, [f"{label}\n(n = {n:,})" for label, n in zip(labels, means["n"], strict=True)])
    ax.set(xlabel="mean M$ a year", xlim=(0, None))
    legend_above(ax, columns=4, side="right", handlelength=1.4)
    return ax


def who_pays_caption(means: pd.DataFrame, *, by: str = "") -> str:
    """Caption stub with n and the precision of the means; the groups are named ``by``, or as in the first column."""
    groups = by or label_of(str(means.columns[0]))
    worst = means[[f"se_{payer}" for payer in PAYERS]].to_numpy().max()
    return (
        f"Who fills the gap, by {groups}: mean M$ a year over n worlds (n in the figure). "
        f"Means of the sample; the largest standard error of any part is {worst:.1f} M$. Parts below {LEAST} M$ "
        "everywhere are left out."
    )


@chart(shows="who fills the gap, by outcome or a varied parameter (--by)", needs=("outcome", *PAYERS))
def who_pays(results: Results, options: Options) -> Drawn:
    by = by_parameter(results, options) or "outcome"
    runs = results.runs([by, *PAYERS])
    means = mean_payments(runs, by=by)
    figure = one(options, 30 + 7 * len(means), lambda ax: draw_who_pays(ax, runs, by=by))
    return Drawn(figure, means, who_pays_caption(means))
