"""The deal rate by a parameter: Wilson's interval, and a bootstrap's where points in the same worlds are pooled."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from chart_runs import RULE, SHARE, runs

from experiments import charts
from experiments.charts.kinds import Options, drawn_kind
from sim.errors import WrongInput


def test_deal_rates_have_the_wilson_intervals_of_two_libraries():
    from scipy.stats import binomtest
    from statsmodels.stats.proportion import proportion_confint

    rates = charts.rates_by(runs(), [RULE, SHARE])
    low, high = proportion_confint(rates["rate"] * rates["n"], rates["n"], method="wilson")
    assert rates["low"].to_numpy() == pytest.approx(low) and rates["high"].to_numpy() == pytest.approx(high)
    one = binomtest(round(rates["rate"][0] * rates["n"][0]), int(rates["n"][0])).proportion_ci(method="wilson")
    assert (rates["low"][0], rates["high"][0]) == pytest.approx((one.low, one.high))


def test_a_simultaneous_band_is_the_pointwise_one_at_a_level_shared_out():
    from statsmodels.stats.proportion import proportion_confint

    band = charts.rates_by(runs(), [RULE, SHARE], band="simultaneous")
    low, high = proportion_confint(band["rate"] * band["n"], band["n"], alpha=0.05 / len(band), method="wilson")
    assert band["low"].to_numpy() == pytest.approx(low) and band["high"].to_numpy() == pytest.approx(high)


@pytest.mark.parametrize("seed", range(3))
def test_points_that_are_pooled_have_the_interval_of_a_bootstrap_over_worlds(seed):
    """Ten points in the same 1,000 worlds: n is 1,000, and the interval 2.6 times that of 10,000 independent rows."""
    luck = np.random.default_rng(seed)
    ease, noise = luck.random(1000), luck.normal(0, 0.1, (10, 1000))
    deal = ease + noise > np.linspace(0.3, 0.6, 10)[:, None]
    frame = pd.DataFrame({"world": np.tile(np.arange(1000), 10), "deal": deal.ravel(), "days": deal.ravel() * 30.0})
    frame[RULE] = 8
    row = charts.rates_by(frame, [RULE]).iloc[0]
    by_world = deal.mean(axis=0)
    resampled = by_world[luck.integers(0, 1000, (4000, 1000))].mean(axis=1)
    low, high = np.quantile(resampled, [0.025, 0.975])
    assert row["n"] == 1000 and row["rows"] == 10_000
    assert row["high"] - row["low"] == pytest.approx(high - low, rel=0.1)
    mean = charts.means_by(frame, "days", RULE).iloc[0]
    assert mean["high"] - mean["low"] == pytest.approx(30 * (high - low), rel=0.1)
    naive = charts.rates_by(frame.drop(columns="world"), [RULE]).iloc[0]
    assert (row["high"] - row["low"]) > 2 * (naive["high"] - naive["low"])


def test_a_world_a_row_is_wilsons_and_students_interval_whether_or_not_it_has_an_address():
    frame = runs().query("point == 0")
    with_address, without = charts.rates_by(frame, [RULE]), charts.rates_by(frame.drop(columns="world"), [RULE])
    pd.testing.assert_frame_equal(with_address, without)


@pytest.mark.parametrize("kind", ["deal_rate", "measure"])
def test_lines_by_the_first_parameter_stand_over_another_and_never_over_itself(folder, kind):
    results = charts.Results(folder)
    first, other = results.parameters
    drawn = drawn_kind(results, kind, Options(by=first))
    assert list(drawn.data.columns[:2]) == [first, other] and len(drawn.data) == 4
    with pytest.raises(WrongInput, match=f"--by '{first}': is --x already"):
        drawn_kind(results, kind, Options(x=first, by=first))
