"""How often a vote reaches a threshold, counted either way."""

from __future__ import annotations

import numpy as np
import pandas as pd
from chart_runs import ran

from experiments import charts
from experiments.charts.kinds import Options, drawn_kind
from experiments.runs.designs import Grid


def test_a_threshold_reached_exactly_counts_as_reached():
    votes = pd.DataFrame({"yes_share_1": [0.5, 0.6], "bloc_share_1": [0.8, np.nan]})
    rates = charts.threshold_rates(votes).set_index(["count", "threshold"])
    assert rates.loc[("per capita", 0.5), "rate"] == 1 and rates.loc[("bloc", 0.8), "rate"] == 1
    assert rates.loc[("bloc", 0.8), "n"] == 1


def test_a_chart_of_all_points_together_says_so_and_marks_no_share_that_no_rule_asks_for(sampled, tmp_path):
    pooled = f"Pooled over {len(sampled.parameters)} other parameters"
    for kind in ("funnel", "vote_share", "who_pays"):
        assert pooled in drawn_kind(sampled, kind, Options()).caption
    assert _marked(drawn_kind(sampled, "vote_share", Options()).figure) == ["one half"]
    known = ran(tmp_path / "out", scenario="connecticut-2011", worlds=40, design=Grid(vary={"members.trust": [1.0]}))
    assert _marked(drawn_kind(known, "vote_share", Options()).figure) == ["one half", "80 %"]


def _marked(figure) -> list[str]:
    return [words.get_text() for words in figure.axes[0].texts]
