"""``planb chart``: what is asked for is drawn, what cannot be is refused by name with what it lacks."""

from __future__ import annotations

import dataclasses
import json
import shutil

import pandas as pd
import pytest
from chart_runs import RULE, call, runs, without

from experiments.charts.kinds import CHARTS, draw_kind
from experiments.charts.results import RUNS
from experiments.runs.manifest import read_manifest, write_manifest
from sim.errors import WrongInput


@pytest.mark.parametrize("kind", CHARTS)
def test_a_folder_that_lacks_the_table_is_refused_and_told_where_it_comes_from(folder, tmp_path, kind):
    table = CHARTS[kind].table
    with pytest.raises(WrongInput, match=rf"chart {kind}: .*{table}.* is missing; it comes from .*planb "):
        draw_kind(without(folder, tmp_path, table), kind)


@pytest.mark.parametrize("kind", [kind for kind, chart in CHARTS.items() if chart.table == RUNS])
def test_runs_that_lack_a_column_are_refused_with_its_name(folder, tmp_path, kind):
    place, chart = without(folder, tmp_path, RUNS), CHARTS[kind]
    needed = [need.format(vote=1) for need in chart.needs if need not in ("point", "world")]
    needed += [] if chart.measures == "none" else [chart.usual]
    pd.read_parquet(folder / "runs.parquet").drop(columns=needed[-1]).to_parquet(place / "runs.parquet")
    with pytest.raises(WrongInput, match=f"has no (column|measure) .*{needed[-1]}"):
        draw_kind(place, kind)


def test_the_command_draws_by_name_and_by_option(folder):
    result = call(folder, "funnel", "--kind", "deal-rate", "--json")
    assert result.exit_code == 0, result.output
    assert set(json.loads(result.output)["charts"]) == {"funnel", "deal_rate"}
    assert (folder / "figures" / "deal_rate.png").is_file()


def test_without_a_kind_the_command_draws_what_it_can_and_says_what_it_cannot(folder, tmp_path):
    place = tmp_path / "few"
    place.mkdir()
    runs()[["point", "world", RULE, "outcome", "deal"]].to_parquet(place / "runs.parquet")
    result = call(place, "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.output)
    assert set(told["charts"]) == {"deal_rate", "funnel", "paired"}
    assert "agreed_day" in told["not_drawn"]["time_to_deal"] and not told["failed"]


def test_one_kind_that_fails_does_not_keep_the_others_from_being_drawn(folder, monkeypatch):
    broken = dataclasses.replace(CHARTS["funnel"], draw=lambda *_: 1 / 0)
    monkeypatch.setitem(CHARTS, "funnel", broken)
    result = call(folder, "funnel", "deal_rate")
    assert result.exit_code == 1 and "planb: chart funnel: failed: ZeroDivisionError" in result.stderr
    assert "deal_rate.png" in result.stdout


def test_a_kind_asked_for_that_cannot_be_drawn_is_named_and_the_others_are_drawn(folder, tmp_path):
    place = without(folder, tmp_path, "offers")
    result = call(place, "offers", "funnel")
    assert result.exit_code == 2 and "planb: chart offers: " in result.stderr
    assert (place / "figures" / "funnel.png").is_file()


@pytest.mark.parametrize(
    "arguments, told",
    [
        (("deal_rate", "--x", "rule.union_needed"), "did you mean 'rule.unions_needed'"),
        (("paired", "--base", "9"), "points are 0 to 3"),
        (("--measure", "postslost"), "did you mean 'posts_lost'"),
    ],
)
def test_what_is_mistyped_is_answered_with_the_nearest(folder, arguments, told):
    result = call(folder, *arguments)
    assert result.exit_code == 2 and told in result.stderr and result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments, told",
    [
        (("deal_mop",), "did you mean 'deal_map'"),
        (("funnel", "--preset", "singel"), "did you mean 'single'"),
        (("funnel", "who_pays", "--vote", "2"), "chart funnel, who_pays: has no use for --vote"),
        (("power", "--band", "simultaneous"), "chart power: has no use for --band"),
    ],
)
def test_a_word_that_is_none_is_refused_before_anything_is_drawn(folder, arguments, told):
    result = call(folder, *arguments)
    assert isinstance(result.exception, WrongInput) and told in str(result.exception)


def test_a_folder_of_an_unfinished_study_is_told_to_be_one(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "half")
    (tmp_path / "half" / "runs.parquet").unlink()
    manifest = read_manifest(tmp_path / "half")
    write_manifest(tmp_path / "half", manifest | {"state": "stopped"})
    result = call(tmp_path / "half", "funnel")
    assert result.exit_code == 2 and f"; the study is unfinished: 'planb resume {tmp_path / 'half'}'" in result.stderr


def test_no_such_folder_is_a_wrong_input(tmp_path):
    assert "no such results folder" in str(call(tmp_path / "nowhere").exception)
