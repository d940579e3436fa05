"""What moves the deal rate or a measure most, a bar a parameter."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from chart_runs import RULE, SHARE

from experiments import charts


def test_a_tornado_of_one_at_a_time_holds_the_others_at_the_base_case():
    points = [(14, 0.8)] * 3 + [(8, 0.8), (14, 0.5)]
    rates = {(14, 0.8): 0.5, (8, 0.8): 0.9, (14, 0.5): 0.6}
    frame = pd.DataFrame(
        [{RULE: u, SHARE: s, "deal": w < 100 * rates[u, s]} for u, s in dict.fromkeys(points) for w in range(100)]
    )
    rows = charts.tornado_rows(frame, [RULE, SHARE]).set_index("parameter")
    assert rows.loc[RULE, "low_rate"] == pytest.approx(0.9) and rows.loc[RULE, "high_rate"] == pytest.approx(0.5)
    assert rows.loc[SHARE, "low_rate"] == pytest.approx(0.6) and rows["base_rate"].iloc[0] == pytest.approx(0.5)


def test_a_bar_of_a_tornado_is_the_change_in_the_worlds_that_both_points_know():
    """A laxer rule saves 50 more in every world with a deal, and brings deals that save little: the bar is 50."""
    strict = [{RULE: 14, SHARE: 0.8, "world": w, "savings": 700.0 + w % 7 if w < 60 else np.nan} for w in range(100)]
    laxer = [row | {RULE: 8, "savings": row["savings"] + 50 if row["world"] < 60 else 100.0} for row in strict]
    poor = [row | {SHARE: 0.5, "savings": row["savings"] if row["world"] % 7 else np.nan} for row in strict]
    rows = charts.tornado_rows(pd.DataFrame(strict + laxer + poor), [RULE, SHARE], success="savings")
    rows = rows.set_index("parameter")
    base = np.mean([700 + w % 7 for w in range(60)])
    assert rows["base_rate"].to_numpy() == pytest.approx(base)
    found = rows.loc[RULE]
    assert (found["low_rate"], found["low_n"]) == (pytest.approx(base + 50), 60)
    assert found["low_low"] <= found["low_rate"] <= found["low_high"] < base + 50.001
    assert rows.loc[SHARE, "low_rate"] == pytest.approx(base)  # no world's savings move


def test_a_tornado_of_words_shows_those_that_differ_most():
    rates = {"boulware": 0.5, "conceder": 0.9, "linear": 0.6, "trade_off": 0.55}
    frame = pd.DataFrame(
        [
            {"governor.tactic": tactic, SHARE: share, "world": world, "deal": world < 100 * rate}
            for tactic, rate in rates.items()
            for share in (0.5, 0.8)
            for world in range(100)
        ]
    )
    rows = charts.tornado_rows(frame, ["governor.tactic", SHARE])
    tactic = rows.set_index("parameter").loc["governor.tactic"]
    assert (tactic["low_value"], tactic["high_value"]) == ("boulware", "conceder")
    assert "Of words: those at which it is least and greatest." in charts.tornado_caption(rows)
