"""Who fills the gap: savings from the unions, revenue, and the cuts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from experiments.charts.form import legend_above
from experiments.charts.funnel import outcome_names
from experiments.charts.groups import group_label, in_order, label_of
from experiments.charts.palette import PAYER_FILLS
from sim.outcomes import OUTCOMES

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

PAYERS = ("savings", "revenue", "programmes", "aid", "layoffs", "taxes", "deficit")
ALL = "all worlds"


def mean_payments(frame: pd.DataFrame, *, by: str = "outcome") -> pd.DataFrame:
    """Mean of each payer, M$/yr, in all worlds and in each group of ``by``, with n and standard errors (se_...)."""
    import pandas as pd

    keys = outcome_names(frame[by]) if by == "outcome" else frame[by]
    ordered = [name for name in OUTCOMES if (keys == name).any()] if by == "outcome" else in_order(keys)
    groups = [(ALL, frame)] + [(value, frame[(keys == value).to_numpy()]) for value in ordered]
    if len(ordered) == 1:
        groups = groups[1:]
    payers = list(PAYERS)
    rows = []
    for value, members in groups:
        means, errors = members[payers].mean(), members[payers].sem().fillna(0).add_prefix("se_")
        rows.append({by: value, "n": len(members), **means, **errors})
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
        if amount.max() < 0.5:  # M$: would not show
            continue
        ax.barh(place, amount, left=left, height=0.7, label=payer, linewidth=0.3, **PAYER_FILLS[payer].patch())
        left += amount
    labels = [label_of(str(value)) if by == "outcome" else group_label(by, value) for value in means[by]]
    labels = [ALL if value == ALL else label for value, label in zip(means[by], labels, strict=True)]
    ax.set_yticks(place, [f"{label}\n(n = {n:,})" for label, n in zip(labels, means["n"], strict=True)])
    ax.tick_params(axis="y", length=0)
    ax.set(xlabel="mean M$ a year", xlim=(0, None))
    legend_above(ax, columns=4, side="right", handlelength=1.4)
    return ax


def who_pays_caption(means: pd.DataFrame, *, by: str = "outcome") -> str:
    """Caption stub with n and the precision of the means."""
    worst = means[[f"se_{payer}" for payer in PAYERS]].to_numpy().max()
    return (
        f"Who fills the gap, by {label_of(by)}: mean M$ a year over n worlds (n in the figure). Means of the sample; "
        f"the largest standard error of any part is {worst:.1f} M$. Parts below 0.5 M$ everywhere are left out."
    )
