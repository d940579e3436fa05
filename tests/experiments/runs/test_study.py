"""A study is the same thing in Python and in TOML, and a wrong one never starts."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from click.testing import CliRunner
from toy_crisis import ToyScenario

from experiments.runs.designs import Grid, LatinHypercube
from experiments.runs.policies import Precision
from experiments.runs.runner import run
from experiments.runs.study import Study, check_measures, load_study, study_from
from sim.errors import WrongInput

TOML = """
name = "threshold"
question = "Does a stricter rule cost deals?"
scenario = "toy"
worlds = 40
[set]
luck = 3
[design]
kind = "grid"
[design.vary]
rate = "0.1:0.3:0.1"
tactic = ["mild", "firm"]
"""


def written(tmp_path, text):
    path = tmp_path / "study.toml"
    path.write_text(text)
    return str(path)


def test_toml_and_python_say_the_same(tmp_path):
    vary = {"rate": [0.1, 0.2, 0.3], "tactic": ["mild", "firm"]}
    question = "Does a stricter rule cost deals?"
    in_python = Study(
        name="threshold", question=question, scenario="toy", worlds=40, set={"luck": 3}, design=Grid(vary=vary)
    )
    assert load_study(written(tmp_path, TOML)).document() == in_python.document()


CROSSED = """
[[design]]
kind = "latin_hypercube"
n = 3
ranges = { rate = "scenario" }
[[design]]
kind = "grid"
vary = { tactic = ["mild", "firm"] }
"""


def test_designs_are_crossed_alike_in_toml_and_python(tmp_path):
    text = TOML[: TOML.index("[design]")] + CROSSED
    read = load_study(written(tmp_path, text))
    in_python = LatinHypercube(ranges={"rate": None}, n=3) * Grid(vary={"tactic": ["mild", "firm"]})
    assert read.design == in_python
    assert study_from(json.loads(json.dumps(read.document()))).design == in_python
    assert read.prepare(lambda name: ToyScenario()).points.count == 6


@pytest.mark.parametrize(
    "wrong, says",
    [
        (('kind = "grid"', 'kind = "gird"'), "design.1.kind: unknown design 'gird'; did you mean 'grid'"),
        (("n = 3", "m = 3"), "unknown key 'design.0.m'; did you mean 'n'|valid are"),
        (('kind = "grid"', ""), "design.1: says no kind"),
        (('["mild", "firm"]', "5"), "design.1.vary.tactic: write a list"),
        (('rate = "scenario"', "rate = [0.9, 0.1]"), "design.0.ranges.rate: a range is .low, high. with low < high"),
        (('rate = "scenario"', 'tactic = ["mild", "firm"]'), "design.0.ranges.tactic: .*go under vary"),
    ],
)
def test_a_wrong_part_of_a_cross_is_named_by_its_place(tmp_path, wrong, says):
    text = TOML[: TOML.index("[design]")] + CROSSED.replace(*wrong)
    with pytest.raises(WrongInput, match=says) as refused:
        load_study(written(tmp_path, text))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("crossed", [False, True])
def test_a_table_of_points_lies_beside_the_study_file_also_as_a_factor(tmp_path, crossed):
    (tmp_path / "points.csv").write_text("rate\n0.1\n0.2\n")
    table = '[design]\nkind = "table"\nfile = "points.csv"\n'
    if crossed:
        table = (
            table.replace("[design]", "[[design]]")
            + '[[design]]\nkind = "grid"\nvary = { tactic = ["mild", "firm"] }\n'
        )
    study = load_study(written(tmp_path, TOML[: TOML.index("[design]")] + table))
    assert study.prepare(lambda name: ToyScenario()).points.count == (4 if crossed else 2)


def test_a_study_survives_its_own_document():
    study = Study(name="s", scenario="toy", precision=Precision(half_width=0.1), design=Grid(vary={"rate": [0, 1]}))
    again = study_from(json.loads(json.dumps(study.document())))
    assert again.document() == study.document()
    assert again.policy == study.policy


def test_preparing_makes_the_points_and_says_what_shapes_a_run(tmp_path):
    prepared = load_study(written(tmp_path, TOML)).prepare(lambda name: ToyScenario())
    assert prepared.points.count == 6
    assert prepared.shaping == ("tactic",)
    assert prepared.scenario.settings == {"luck": 3}


@pytest.mark.parametrize(
    "wrong, says",
    [
        (("worlds = 40", "wrlds = 40"), "unknown key 'wrlds'; did you mean 'worlds'"),
        (("worlds = 40", "worlds = 0"), "worlds: .*greater than or equal to 1, got 0"),
        (("worlds = 40", "worlds = 40\nprecision = {half_width = 0.1}"), "worlds and precision"),
        (
            ("worlds = 40", "precision = {half_widt = 0.1}"),
            "unknown key 'precision.half_widt'; did you mean 'half_width'",
        ),
        (("worlds = 40", "measures = ['savings']"), "must include 'deal'"),
        (("worlds = 40", "on_failure = 'never'"), "on_failure: must be one of keep, end, now, got 'never'"),
        (('kind = "grid"', 'kind = "gird"'), "unknown design 'gird'; did you mean 'grid'"),
        (('kind = "grid"', ""), "design: says no kind"),
        (("[design.vary]", "[design.vry]"), "design.*vary.*missing|did you mean 'vary'"),
        (('"0.1:0.3:0.1"', '"0.1:0.3"'), "START:STOP:STEP"),
        (('"0.1:0.3:0.1"', "[]"), "list of values"),
        (('kind = "grid"', "kind = 5"), "design.kind: unknown design '5'; valid are crossed, grid"),
        (('scenario = "toy"', ""), "scenario is missing"),
        (('name = "threshold"', 'name = "a/b"'), "name: .*'a/b'"),
        (("[set]", "[set"), "is not TOML"),
    ],
)
def test_a_wrong_study_is_refused_in_one_line(tmp_path, wrong, says):
    with pytest.raises(WrongInput, match=says) as refused:
        load_study(written(tmp_path, TOML.replace(*wrong)))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "wrong, says",
    [
        (("rate =", "rat ="), "'rat'; did you mean 'rate'"),
        (('"0.1:0.3:0.1"', "[0.1, 1.5]"), "rate: must lie in .*1.5"),
        (('"firm"', '"stubborn"'), "'stubborn'"),
        (("luck = 3", "luk = 3"), "'luk'; did you mean 'luck'"),
        (("luck = 3", "rate = 0.5"), "'rate' is both set and varied"),
    ],
)
def test_what_the_scenario_refuses_never_starts(tmp_path, wrong, says):
    with pytest.raises(WrongInput, match=says):
        load_study(written(tmp_path, TOML.replace(*wrong))).prepare(lambda name: ToyScenario())


@pytest.mark.parametrize(
    "line, says",
    [
        ("charts = ['deal_mop']", "charts: unknown kind 'deal_mop'; did you mean 'deal_map'"),
        ("measures = ['deal', 'postslost']", "measures: unknown measure 'postslost'; did you mean 'posts_lost'"),
        ("[matters]\nsavngs = 5.0", "matters: unknown measure 'savngs'; did you mean 'savings'"),
        ("measures = ['deal']\n[matters]\nsavings = 5.0", "matters: 'savings' is not among the measures"),
        ("[matters]\nsavings = 0.0", "matters.savings: .*greater than 0, got 0.0"),
    ],
)
def test_charts_and_measures_of_a_study_are_checked_against_what_there_is(tmp_path, line, says):
    from toy_crisis import simulate_block

    head, design = TOML.split("[set]")
    with pytest.raises(WrongInput, match=says) as refused:
        check_measures(
            load_study(written(tmp_path, head + line + "\n[set]" + design)).prepare(lambda name: ToyScenario()),
            simulate_block,
        )
    assert "\n" not in str(refused.value)


def test_the_charts_of_a_study_are_drawn_when_it_is_done(tmp_path):
    from experiments.commands.run import command

    text = """name = "small"
scenario = "connecticut-2011"
worlds = 30
charts = ["funnel", "paired", "offers"]
[matters]
deal = 0.9
[design]
kind = "grid"
vary = { "rule.unions_needed" = [8, 14] }
"""
    result = CliRunner().invoke(command, [written(tmp_path, text), "--out", str(tmp_path / "r"), "--workers", "1"])
    assert result.exit_code == 0, result.output
    assert sorted(path.stem for path in (tmp_path / "r" / "figures").glob("*.png")) == ["funnel", "paired"]
    assert "planb: chart offers: " in result.stderr and "--run POINT:WORLD" in result.stderr
    caption = (tmp_path / "r" / "figures" / "paired.txt").read_text()
    assert "within ±90 points" in caption
    drawn = pd.read_csv(tmp_path / "r" / "figures" / "paired.csv")
    assert drawn["verdict"].tolist() == ["no effect that matters"]


@pytest.mark.parametrize("made", ["counting", "study.toml", "study.py"])
def test_check_and_plan_take_what_run_takes(tmp_path, made):
    from experiments.commands.check import command as check
    from experiments.commands.plan import command as plan

    path = tmp_path / made
    if path.suffix == ".toml":
        path.write_text('name = "s"\nscenario = "single-union"\nworlds = 5\n')
    elif path.suffix == ".py":
        path.write_text("from experiments import Study\nSTUDY = Study(name='s', scenario='single-union', worlds=5)\n")
    given = str(path) if path.is_file() else made
    for command in (check, plan):
        result = CliRunner().invoke(command, [given, "--json"])
        assert result.exit_code == 0, (command.name, result.output, result.exception)


def test_resume_takes_a_study_too(tmp_path, monkeypatch):
    from experiments.commands.resume import command

    monkeypatch.chdir(tmp_path)
    written(tmp_path, 'name = "s"\nscenario = "connecticut-2011"\nworlds = 5\n')
    result = CliRunner().invoke(command, ["study.toml"])
    assert isinstance(result.exception, WrongInput) and "'planb run study.toml' begins it" in str(result.exception)
    run(load_study("study.toml"), tmp_path / "results" / "s", workers=1)
    result = CliRunner().invoke(command, ["study.toml"])
    assert result.exit_code == 0 and "complete, 5 worlds" in result.stdout


@pytest.mark.parametrize(
    "change, key",
    [
        (("seed = 5", "seed = 6"), "seed"),
        (('"2/3"', '"1/3"'), "design"),
        (('question = "a?"', 'question = "b?"'), "question"),
        (("worlds = 5", "worlds = 6"), None),  # may have been --worlds when it was begun
    ],
)
def test_a_study_that_was_changed_since_it_was_begun_is_not_resumed_by_its_name(tmp_path, monkeypatch, change, key):
    from experiments.commands.resume import command

    text = 'name = "s"\nquestion = "a?"\nscenario = "connecticut-2011"\nworlds = 5\nseed = 5\n'
    text += '[design]\nkind = "grid"\nvary = { "rule.share_needed" = ["2/3", "4/5"] }\n'
    monkeypatch.chdir(tmp_path)
    written(tmp_path, text)
    run(load_study("study.toml"), tmp_path / "results" / "s", workers=1)
    written(tmp_path, text.replace(*change))
    result = CliRunner().invoke(command, ["study.toml"])
    if key is None:
        assert result.exit_code == 0
    else:
        assert f"results/s: was begun with another {key} than study.toml says now" in str(result.exception)
    assert CliRunner().invoke(command, ["results/s"]).exit_code == 0


def test_an_unknown_study_names_the_nearest():
    with pytest.raises(WrongInput, match="no such study: 'no-such'"):
        load_study("no-such")

    with pytest.raises(WrongInput, match=r"those that ship are .*ratification_rule"):
        load_study("zzzzzzz")


@pytest.mark.parametrize(
    "wrong, told",
    [
        (lambda: Study(name="s", scenario="toy", world=5), "Study: unknown key 'world'; did you mean 'worlds'?"),
        (lambda: Study(name="s", scenario="toy", worlds="many"), "Study: worlds: must be a whole number, got 'many'"),
        (lambda: Grid(vary={"rate": 3}), "Grid: vary.rate: write a list of values or 'START:STOP:STEP', got 3"),
        (lambda: Grid(vary={}), "Grid: vary: needs 1 at least, got {}"),
        (lambda: run("study.toml", "nowhere"), "study must be a Study, which load_study reads from a file"),
        (
            lambda: run(Study(name="s", scenario="toy"), "nowhere", workers=0),
            "workers must be a whole number, at least",
        ),
    ],
)
def test_what_is_wrong_in_python_is_said_on_a_line_too(tmp_path, monkeypatch, wrong, told):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WrongInput) as refused:
        wrong()
    assert told in str(refused.value) and "\n" not in str(refused.value) and not (tmp_path / "nowhere").exists()


def test_values_of_a_grid_may_be_an_array_or_a_column():
    columns = pd.DataFrame({"rate": [0.1, 0.2]})
    for values in (columns["rate"], columns["rate"].to_numpy()):
        assert Grid(vary={"rate": values}) == Grid(vary={"rate": [0.1, 0.2]})


def test_with_rule_replaces_how_many_worlds_a_point_gets():
    study = Study(name="s", scenario="toy", worlds=10)
    assert study.with_rule(half_width=0.1).policy == Precision(half_width=0.1)
    assert study.with_rule(worlds=5).policy.most_worlds == 5
    with pytest.raises(WrongInput, match="half_width"):
        study.with_rule(half_width=0.7)


def test_a_script_may_define_the_study(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("from experiments import Study\nSTUDY = Study(name='mine', scenario='toy', worlds=3)\n")
    assert load_study(str(path)).name == "mine"
    path.write_text("x = 1\n")
    with pytest.raises(WrongInput, match="defines no STUDY"):
        load_study(str(path))


def test_a_sweep_from_python_is_a_data_frame():
    from experiments import sweep

    summary = sweep("connecticut-2011", {"rule.unions_needed": [8, 15]}, worlds=20, workers=1)
    assert summary["rule.unions_needed"].tolist() == [8, 15]
    assert summary["n"].tolist() == [20, 20]
    assert summary["ratified_first_vote"][0] >= summary["ratified_first_vote"][1]
