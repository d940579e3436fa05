"""The time to a deal, censored where there is none: Kaplan and Meier's curve."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from chart_runs import runs

from experiments import charts


def test_time_to_deal_is_kaplan_and_meiers_with_scipys_interval():
    from scipy.stats import CensoredData, ecdf

    frame, deadline = runs().query("point == 0"), 70.0
    curve = charts.survival(frame, deadline=deadline).iloc[1:]
    agreed = (frame["agreed_day"] <= deadline).to_numpy()
    times = np.where(agreed, frame["agreed_day"], deadline)
    estimate = ecdf(CensoredData.right_censored(times, ~agreed)).sf
    interval = estimate.confidence_interval(method="log-log")
    assert curve["without_deal"].to_numpy() == pytest.approx(estimate.evaluate(curve["time"]))
    assert curve["low"].to_numpy() == pytest.approx(interval.low.evaluate(curve["time"]))
    assert curve["high"].to_numpy() == pytest.approx(interval.high.evaluate(curve["time"]))


def test_no_deal_at_all_is_a_flat_curve():
    curve = charts.survival(pd.DataFrame({"agreed_day": [np.nan, np.nan]}), deadline=90)
    assert curve["without_deal"].tolist() == [1.0]
