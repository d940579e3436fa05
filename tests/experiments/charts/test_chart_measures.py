"""A chart shows the measure it is asked for, or says that it cannot."""

from __future__ import annotations

import pandas as pd
import pytest
from chart_runs import RULE, SHARE

from experiments import charts
from experiments.charts.kinds import CHARTS, Options
from sim.errors import WrongInput


@pytest.mark.parametrize("kind", CHARTS)
def test_every_kind_shows_each_measure_it_is_asked_for_or_refuses_by_name(folder, kind):
    results, chart = charts.Results(folder), CHARTS[kind]
    shown, refused = [], []
    for name in results.measures if chart.measures != "own" else ["deal", "savings", "posts_lost"]:
        try:
            with charts.style():
                drawn = chart.draw(results, Options(measure=name)) if not _refusal(results, chart, name) else None
        except WrongInput as error:
            assert name in str(error)
            drawn = None
        (refused if drawn is None else shown).append(name)
        if drawn is not None and name != chart.usual:
            axes = drawn.figure.axes
            told = " ".join([drawn.caption, *(ax.get_ylabel() + ax.get_xlabel() for ax in axes)])
            assert chart.measures == "own" or name in told or name.replace("_", " ") in told, (kind, name, told)
    if chart.measures == "none":
        assert not shown
    elif chart.measures == "shares":
        assert "ratified_1" in shown and "posts_lost" in refused
    elif chart.measures == "any":
        assert {"ratified_1", "posts_lost"} <= set(shown)
    else:
        assert shown == ["deal", "savings"]


def _refusal(results, chart, name):
    why = chart.refusal(results, Options(measure=name))
    assert not why or name in why, why
    return why


def test_the_numbers_drawn_are_those_of_the_measure(folder):
    runs = pd.read_parquet(folder / "runs.parquet")
    results = charts.Results(folder)
    with charts.style():
        rates = CHARTS["deal_map"].draw(results, Options(measure="ratified_1")).data
        change = CHARTS["paired"].draw(results, Options(measure="posts_lost")).data
    assert rates["rate"].to_numpy() == pytest.approx(runs.groupby([RULE, SHARE])["ratified_1"].mean().to_numpy())
    means = runs.groupby("point")["posts_lost"].mean()
    assert change["difference"].to_numpy() == pytest.approx((means - means[0])[1:].to_numpy())
