"""Differences between points in the same worlds."""

from __future__ import annotations

import pandas as pd
import pytest
from chart_runs import RULE, SHARE, call, runs

from experiments import charts
from experiments.charts.kinds import CHARTS, Options, drawn_kind
from experiments.runs.designs import ListOfPoints
from experiments.runs.study import Study
from sim.errors import WrongInput


def test_paired_says_how_many_points_it_shows_and_how_they_are_adjusted(folder):
    with charts.style():
        caption = CHARTS["paired"].draw(charts.Results(folder), Options()).caption
    assert "All 3 points are shown" in caption and "all 3 at once (max-t)" in caption and "±1 points" in caption
    many = charts.paired_rows(
        pd.concat([runs().query("point == 0").assign(point=k) for k in range(30)]), [RULE], base=0
    )
    assert "20 of 29 points are shown, those that change most" in charts.paired_caption(many)


def test_a_curve_of_differences_needs_points_that_differ_in_its_parameter_alone(tmp_path):
    from experiments.runs.runner import run

    corners = ListOfPoints(at=[{RULE: 8, SHARE: 0.5}, {RULE: 14, SHARE: 0.8}])
    study = Study(name="a", scenario="connecticut-2011", worlds=8, design=corners)
    run(study, tmp_path / "a", workers=1)
    with pytest.raises(
        WrongInput, match=f"--x '{RULE}': no point differs from point 0 in that alone; try another --base"
    ):
        drawn_kind(charts.Results(tmp_path / "a"), "paired", Options(x=RULE))


def test_a_folder_of_one_point_has_all_charts_but_those_of_differences(tmp_path):
    from experiments.runs.runner import run

    study = Study(name="a", scenario="connecticut-2011", worlds=8, design=ListOfPoints(at=[{RULE: 8}]))
    run(study, tmp_path / "a", workers=1)
    result = call(tmp_path / "a")
    assert result.exit_code == 0 and "failed" not in result.stderr and "paired" in result.output.splitlines()[-1]
    with pytest.raises(WrongInput, match="has one point, and a difference needs two"):
        drawn_kind(charts.Results(tmp_path / "a"), "paired", Options())


def test_rows_of_a_sample_are_named_by_their_point_since_nobody_reads_thirty_settings(sampled):
    drawn = drawn_kind(sampled, "paired", Options(base=3))
    beside = {"campaign: meetings per week 0", "campaign: meetings per week 10"}
    assert set(drawn.data["change"]) <= {f"point {k}" for k in range(60)} | beside
    assert "each point against point 3" in drawn.caption
