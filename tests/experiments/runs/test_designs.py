"""Designs make the points that their names promise, and refuse what no scenario has."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest
from toy_crisis import ToyScenario

from experiments.runs.designs import (
    Grid,
    LatinHypercube,
    ListOfPoints,
    Morris,
    OneAtATime,
    Saltelli,
    Sobol,
    Table,
    check_points,
)
from experiments.runs.values import parse_value, parse_vary, steps
from sim.errors import WrongInput

TOY = ToyScenario()


def test_steps_are_exact_decimals_and_include_the_stop():
    assert steps("0.5:0.9:0.05") == [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9]
    assert steps("8:15:1") == [8, 9, 10, 11, 12, 13, 14, 15]
    assert all(isinstance(value, int) for value in steps("8:15:1"))
    assert steps("0:1:0.1")[3] == 0.3  # 3 * 0.1 is not
    assert steps("3:1:-1") == [3, 2, 1]


@pytest.mark.parametrize("text", ["0:1:0.4", "1:2:0.3", "2011-06-20:2011-06-25:2"])
def test_a_stop_that_the_steps_miss_is_not_dropped_silently(text):
    with pytest.raises(ValueError, match="miss"):
        steps(text)


@pytest.mark.parametrize("text", ["1:2:1E-999999", "1:1E999999:1", "1E-99:2:1", "0:1:1e-9"])
def test_steps_without_number_are_refused_before_they_are_counted(text):
    with pytest.raises(ValueError, match="at most"):
        steps(text)


def test_dates_step_by_days():
    week = parse_vary("calendar.first_vote=2011-06-20:2011-06-24:2")[1]
    assert week == [datetime.date(2011, 6, day) for day in (20, 22, 24)]


@pytest.mark.parametrize(
    "text, value",
    [("true", True), ("7", 7), ("0.5", 0.5), ("4/5", 0.8), ("2011-06-24", datetime.date(2011, 6, 24)), ("tft", "tft")],
)
def test_a_word_is_read_as_what_it_looks_like(text, value):
    assert parse_value(text) == value
    assert type(parse_value(text)) is type(value)


@pytest.mark.parametrize(
    "text", ["rate", "rate=", "=1", "rate=1:2", "rate=1:2:0", "rate=2:1:1", "rate=a:b:c", "rate=1,,2", "rate=0:1:1e-9"]
)
def test_a_bad_vary_is_refused_in_one_line(text):
    with pytest.raises(WrongInput) as refused:
        parse_vary(text)
    assert "\n" not in str(refused.value)


def test_a_grid_has_every_combination_the_last_parameter_fastest():
    points = Grid(vary={"rate": [0.1, 0.2], "luck": "0:2:1"}).points(TOY)
    assert points.count == 6
    assert [points.row(k) for k in (0, 1, 3)] == [
        {"rate": 0.1, "luck": 0},
        {"rate": 0.1, "luck": 1},
        {"rate": 0.2, "luck": 0},
    ]


def test_one_at_a_time_starts_from_the_base_case():
    points = OneAtATime(vary={"rate": [0.1, 0.9], "tactic": ["firm"]}).points(TOY)
    rows = [tuple(points.row(k).values()) for k in range(points.count)]
    assert rows == [(0.3, "mild"), (0.1, "mild"), (0.9, "mild"), (0.3, "firm")]


def test_a_list_and_a_data_frame_give_their_points_as_they_stand():
    frame = pd.DataFrame({"rate": [0.5, 0.25], "tactic": ["mild", "firm"]})
    listed = ListOfPoints(at=frame.to_dict("records")).points(TOY)
    tabled = Table.of(frame).points(TOY)
    for k in range(2):
        assert listed.row(k) == tabled.row(k) == frame.iloc[k].to_dict()


def test_a_csv_file_is_a_design(tmp_path):
    (tmp_path / "points.csv").write_text("rate,trap\n0.5,0\n0.25,3\n")
    points = Table(file=str(tmp_path / "points.csv")).points(TOY)
    assert points.row(1) == {"rate": 0.25, "trap": 3}


def test_a_latin_hypercube_has_one_point_in_each_slice():
    points = LatinHypercube(ranges={"rate": None, "luck": (2, 4)}, n=50).points(TOY)
    assert sorted(np.floor(points.columns["rate"] * 50)) == list(range(50))
    assert sorted(np.floor((points.columns["luck"] - 2) * 25)) == list(range(50))


def test_a_sobol_design_is_balanced_and_repeats():
    design = Sobol(ranges={"rate": None, "luck": (0, 1)}, n=64)
    first, again = design.points(TOY), design.points(TOY)
    assert np.array_equal(first.columns["rate"], again.columns["rate"])
    assert np.bincount((first.columns["rate"] * 8).astype(int)).tolist() == [8] * 8


def test_whole_parameters_stay_whole_and_take_each_value_evenly():
    points = LatinHypercube(ranges={"trap": (0, 4)}, n=500).points(TOY)
    assert points.columns["trap"].dtype == np.int64
    assert np.bincount(points.columns["trap"]).tolist() == [100] * 5


def test_saltelli_and_morris_have_the_sizes_that_salib_expects():
    two = {"rate": (0, 1), "luck": (0, 1)}
    assert Saltelli(ranges=two, n=16).points(TOY).count == 16 * (2 + 2)
    assert Saltelli(ranges=two, n=16, second_order=True).points(TOY).count == 16 * (2 * 2 + 2)
    assert Morris(ranges=two, trajectories=5).points(TOY).count == 5 * (2 + 1)


def test_all_uncertainties_of_a_scenario_can_be_named_at_once():
    assert LatinHypercube(parameters="uncertainties", n=3).points(TOY).names == ("rate", "luck", "trap", "pause")


@pytest.mark.parametrize(
    "columns, says",
    [
        ({"rte": [0.1]}, "'rate'"),
        ({"rate": [0.1, 1.2]}, "1.2"),
        ({"tactic": ["mild", "odd"]}, "'odd'"),
    ],
)
def test_a_wrong_point_is_refused_before_anything_runs(columns, says):
    with pytest.raises(WrongInput, match=says):
        check_points(Table.of(columns).points(TOY), TOY)


@pytest.mark.parametrize(
    "columns",
    [{"rate": [0.1, "a"]}, {"rate": [None]}, {"rate": []}, {"rate": [0.1], "luck": [1, 2]}],
)
def test_a_table_that_is_no_design_is_refused(columns):
    with pytest.raises(WrongInput):
        Table.of(columns).points(TOY)
