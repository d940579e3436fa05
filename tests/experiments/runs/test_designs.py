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


def test_a_comma_that_may_be_a_decimal_point_is_asked_about():
    fraction, whole = {"members.trust": False}, {"rule.unions_needed": True}
    with pytest.raises(WrongInput, match=r"write 0\.5 for one number, or '0, 5' for two"):
        parse_vary("members.trust=0,5", fraction)
    assert parse_vary("members.trust=0, 5", fraction)[1] == [0, 5]
    assert parse_vary("members.trust=0.5,1", fraction)[1] == [0.5, 1]
    assert parse_vary("members.trust=1,2,3", fraction)[1] == [1, 2, 3]
    assert parse_vary("rule.unions_needed=8,14", whole)[1] == [8, 14]


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


@pytest.mark.parametrize("data", [b"ra\xbae,trap\n0.5,0\n", b"rate\n0.5,1\n", b"\xff\xfer\x00", b""])
def test_a_file_that_is_no_table_is_refused_in_one_line(tmp_path, data):
    (tmp_path / "points.csv").write_bytes(data)
    with pytest.raises(WrongInput, match=r"^design\.file: points\.csv is not a table: .+$"):
        Table(file=str(tmp_path / "points.csv")).points(TOY)


@pytest.mark.parametrize(
    "text, told",
    [
        ("rate;trap\n0.5;0\n", "points.csv: its cells are parted by semicolons; save it with commas"),
        ("rate\ttrap\n0.5\t0\n", "points.csv: its cells are parted by tabs; save it with commas"),
        ("rate,rate\n0.5,0.6\n", "points.csv: column 'rate' appears twice"),
        ("rate,trap\n0.5,0\n0.6,\n", "points.csv: trap is blank in row 2 of the points"),
    ],
)
def test_what_a_spreadsheet_makes_of_a_table_is_refused_by_name(tmp_path, text, told):
    (tmp_path / "points.csv").write_text(text)
    with pytest.raises(WrongInput) as refused:
        Table(file=str(tmp_path / "points.csv")).points(TOY)
    assert told in str(refused.value)


def test_points_that_are_written_out_have_the_same_keys():
    with pytest.raises(WrongInput, match=r"design.at\[1\]: key 'rate' is missing here"):
        ListOfPoints(at=[{"rate": 1, "trap": 0}, {"trap": 1}]).points(TOY)
    with pytest.raises(WrongInput, match=r"design.at\[1\]: key 'raet' is not in every point; did you mean 'rate'\?"):
        ListOfPoints(at=[{"rate": 1}, {"raet": 1}]).points(TOY)


def test_words_where_numbers_belong_are_named():
    from sim import load_scenario

    with pytest.raises(WrongInput, match=r"money.gap: must be finite numbers \(M\$/yr\), got '8,5'"):
        load_scenario("single-union").check_point({"money.gap": np.array(["8,5", "9"], object)})


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


def test_crossed_designs_visit_every_point_of_one_at_every_point_of_the_other():
    sampled, grid = LatinHypercube(ranges={"rate": None}, n=4), Grid(vary={"tactic": ["mild", "firm"], "luck": [1, 2]})
    points, alone = (sampled * grid).points(TOY), sampled.points(TOY)
    assert points.count == 16 and points.names == ("rate", "tactic", "luck")
    assert points.columns["rate"].tolist() == np.repeat(alone.columns["rate"], 4).tolist()
    assert [points.row(k)["tactic"] for k in range(4)] == ["mild", "mild", "firm", "firm"]
    three = sampled * Grid(vary={"tactic": ["mild", "firm"]}) * Grid(vary={"luck": [1, 2]})
    assert [three.points(TOY).row(k) for k in range(16)] == [points.row(k) for k in range(16)]


def test_a_parameter_stands_in_one_of_the_crossed_designs():
    with pytest.raises(WrongInput, match="'rate' is varied by two"):
        (Grid(vary={"rate": [0.1]}) * LatinHypercube(ranges={"rate": None}, n=2)).points(TOY)


def test_designs_crossed_beyond_memory_are_refused():
    many = LatinHypercube(ranges={"rate": None}, n=5000)
    with pytest.raises(WrongInput, match="25,000,000 points; at most"):
        (many * LatinHypercube(ranges={"luck": None}, n=5000)).points(TOY)


@pytest.mark.parametrize("design", [LatinHypercube(ranges={"rate": None}, vary={"tactic": ["mild", "firm"]}, n=64),
                                    Sobol(ranges={"rate": None}, vary={"tactic": ["mild", "firm"]}, n=64)])  # fmt: skip
def test_words_come_up_equally_often_in_a_sample(design):
    points = design.points(TOY)
    assert sorted(points.columns["tactic"].tolist()) == ["firm"] * 32 + ["mild"] * 32
    check_points(points, TOY)


def test_a_word_or_a_switch_named_without_values_takes_all_it_may():
    from sim import load_scenario

    case = load_scenario("connecticut-2011")
    named = ["calendar.talks.opener", "calendar.talks.blackout", "members.trust"]
    points = LatinHypercube(parameters=named, n=40).points(case)
    assert set(points.columns["calendar.talks.opener"]) == {"governor", "coalition"}
    assert points.columns["calendar.talks.blackout"].tolist().count(True) == 20
    assert points.columns["members.trust"].dtype == np.float64
    check_points(points, case)


@pytest.mark.parametrize("value", [10**400, 10**19, float("inf"), 1e300])
def test_a_number_beyond_reason_is_refused_in_one_line(value):
    with pytest.raises(WrongInput, match=r"luck: must be finite and not beyond") as refused:
        Grid(vary={"luck": [value]}).points(TOY)
    assert len(str(refused.value)) < 120


@pytest.mark.parametrize("text", ["1e999", "nan", "-inf", "9" * 5000])
def test_a_value_that_is_no_finite_number_is_refused(text):
    with pytest.raises(WrongInput, match="is no finite number") as refused:
        parse_vary(f"rate=0.1,{text}")
    assert len(str(refused.value)) < 120


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
