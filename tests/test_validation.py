"""Patterns, forecasts and scores: each pattern says how honest it is, and each score is what its formula says."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from experiments.calibration.forecast import QUANTILES, as_document, forecast
from experiments.calibration.held_out import score_second_vote
from experiments.calibration.patterns import ANY_CASE, CONNECTICUT, Evidence, within
from experiments.calibration.posterior import Posterior, fit
from experiments.calibration.record import HeldOut, Result, read_record
from experiments.calibration.scores import (
    Naive,
    average,
    brier,
    log_score,
    mean_with_interval,
    no_change,
    uniform_swing,
)
from experiments.command_line import planb
from sim import load_scenario
from sim.errors import WrongInput
from sim.scenario import SHIPPED, Scenario

CASE = "connecticut-2011"
MUST = {
    "june_share_of_yes",
    "june_unions_for_it",
    "june_who_refused",
    "june_corrections",
    "june_state_universities",
    "june_turnout",
    "may_house",
    "may_senate",
    "july_house",
    "july_senate",
    "july_aid_spared",
    "deal_size",
    "refusals_flip",
    "deal_bunching",
}


@pytest.fixture(scope="module")
def crisis() -> Scenario:
    return load_scenario(CASE)


@pytest.fixture(scope="module")
def posterior(crisis: Scenario) -> Posterior:
    """Fitted to June alone, with few particles: the tests ask for signs and shapes, not for digits."""
    return fit(crisis, read_record(crisis), rounds=(1500, 1500, 2000), rows=400)


@pytest.fixture(scope="module")
def evidence(crisis: Scenario, posterior: Posterior) -> Evidence:
    return Evidence(crisis, posterior, worlds=400, seed=2011)


# --- scores


def test_scores_are_their_formulas():
    said, happened = np.array([0.9, 0.2, 0.5]), np.array([True, True, False])
    assert brier(said, happened) == pytest.approx([0.01, 0.64, 0.25])
    assert log_score(said, happened) == pytest.approx(-np.log([0.9, 0.2, 0.5]))
    assert log_score(np.array([1.0]), np.array([False]))[0] == pytest.approx(-np.log(0.005))


def test_an_honest_forecast_scores_best_on_average():
    """Both scores are proper: with a true chance of 0.7 nothing scores better than to say 0.7."""
    luck = np.random.default_rng(1)
    happened = luck.random(200_000) < 0.7
    for score in (brier, log_score):
        means = {p: score(np.full(len(happened), p), happened).mean() for p in (0.5, 0.6, 0.7, 0.8, 0.9)}
        assert min(means, key=lambda p: means[p]) == 0.7


def test_naive_forecasts_are_what_they_are_called():
    assert no_change(0.57).probability > 0.5 > no_change(0.43).probability
    swing = uniform_swing(0.43, [(0.4, 0.6), (0.45, 0.7)])
    assert swing.probability > 0.5
    low, high = swing.interval(0.9)
    assert 0.43 < low < 0.65 < high
    assert uniform_swing(0.43, []).mean == pytest.approx(no_change(0.43).mean)
    assert average([0.4, 0.6]).probability == pytest.approx(0.5)
    assert Naive(mean=0.0, scatter=1.0).interval(0.9) == pytest.approx((0.162, 0.838), abs=1e-3)


def test_the_interval_of_a_mean_score_holds_it():
    found = mean_with_interval(np.array([0.1, 0.2, 0.4, 0.3, 0.2]))
    assert found["low"] < found["mean"] < found["high"]
    assert found["mean"] == pytest.approx(0.24)


# --- patterns


def test_patterns_have_names_of_their_own_and_say_whether_they_were_fitted():
    names = [pattern.name for pattern in CONNECTICUT]
    assert len(set(names)) == len(names) and set(names) >= MUST
    kinds = {pattern.name: pattern.kind for pattern in (*CONNECTICUT, *ANY_CASE)}
    assert set(kinds.values()) == {"fitted", "forecast", "theory"}
    # what has to do with the second vote or the session of July was not there to be fitted
    assert all(kinds[name] == "forecast" for name in kinds if name.startswith(("july", "second", "refusals")))
    assert all(kinds[name] == "fitted" for name in kinds if name.startswith("june"))


def test_a_pattern_passes_inside_the_central_ninety_per_cent_of_worlds():
    worlds = np.arange(1000.0)
    assert within(500, worlds).score == pytest.approx(1.0, abs=0.01) and within(500, worlds).passes
    assert within(60, worlds).passes and not within(40, worlds).passes and not within(2000, worlds).passes
    assert not within(1.0, np.full(5, np.nan)).passes


@pytest.mark.parametrize("pattern", CONNECTICUT, ids=lambda pattern: pattern.name)
def test_the_pattern_of_2011_is_met(pattern, evidence: Evidence):
    finding = pattern.look(evidence)
    assert 0 <= finding.score <= 1
    assert finding.passes, finding


def test_a_case_without_trust_does_not_meet_the_patterns(crisis: Scenario, posterior: Posterior):
    """Patterns can fail: members who trust nobody refuse everything."""
    wrong = replace(posterior, lasting=posterior.lasting - 3.0)
    failing = Evidence(crisis, wrong, worlds=200, seed=1)
    by_name = {pattern.name: pattern for pattern in CONNECTICUT}
    for name in ("june_share_of_yes", "june_unions_for_it", "june_state_universities", "second_vote_ratified"):
        assert not by_name[name].look(failing).passes, name


# --- forecast


def test_the_second_vote_is_forecast_by_unit_union_and_rule(crisis: Scenario, posterior: Posterior):
    record = read_record(crisis)
    found = as_document(forecast(crisis, record, posterior, worlds=400), crisis)
    assert set(found["ratified"]) == {"ratification", "revised"}
    assert list(found["unions"]) == list(crisis.unions.names) and list(found["units"]) == list(crisis.units.names)
    for row in (*found["ratified"].values(), *found["unions"].values(), *found["units"].values()):
        ends = [row[name] for name in QUANTILES]
        assert ends == sorted(ends) and ends[0] >= 0 and ends[-1] <= 1
    assert found["ratified"]["revised"]["probability"] > found["ratified"]["ratification"]["probability"]
    # ballots on record stand as they were cast
    assert found["units"]["NP-4 corrections"]["first_vote"] == pytest.approx(1158 / 3804)


def test_a_second_vote_is_cast_by_the_same_people(crisis: Scenario, posterior: Posterior):
    """Where nothing is new, nobody is told anything and the day's mood is the same, everybody votes as before."""
    record = read_record(crisis)
    calm = crisis.with_settings(
        {
            "members.turnout_stakes": 0,
            "members.mood_spread": 0,
            "members.reactance": 0,
            "campaign.second_meetings_per_week": 0,
            "campaign.misinform": 0,
            "campaign.clarified": 0,
            "threats.june_list.believed": 1,
            "threats.july_notices.believed": 1,
            "members.solidarity": 0,
        }
    )
    same = replace(posterior, lasting=posterior.mood)
    found = forecast(calm, record, same, worlds=200)
    moved = np.abs(found.unit_yes[1] - found.unit_yes[0])
    listed_alike = np.isclose(crisis.units.list_share["may_list_share"], crisis.units.list_share["june_list_share"])
    ballots = crisis.units.members[listed_alike] * crisis.units.turnout_base[listed_alike]
    # to the one ballot by which counting between known counts may be off
    assert listed_alike.any() and (moved[listed_alike] * ballots[:, None]).max() < 1.1
    assert moved[listed_alike].mean() < 1e-3 < moved.mean() < 0.1


def test_a_better_campaign_and_notices_believed_move_the_forecast_up(crisis: Scenario, posterior: Posterior):
    record = read_record(crisis)
    low, high = (
        forecast(crisis.with_settings({"threats.july_notices.believed": ratio}), record, posterior, worlds=400)
        for ratio in (1.5, 6)
    )
    plain, better = (
        forecast(crisis.with_settings({"campaign.second_meetings_per_week": n}), record, posterior, worlds=400)
        for n in (0, 60)
    )
    listed = crisis.units.list_share["june_list_share"].argmax()
    assert high.unit_yes[1, listed].mean() != pytest.approx(low.unit_yes[1, listed].mean(), abs=1e-4)
    assert better.yes_share[1].mean() > plain.yes_share[1].mean()


def test_a_forecast_is_scored_beside_naive_ones(crisis: Scenario, posterior: Posterior):
    found = forecast(crisis, read_record(crisis), posterior, worlds=300)
    all_yes = tuple(Result(of=(name,), carried=True, source="made up") for name in crisis.unions.names)
    score = score_second_vote(found, crisis, HeldOut(second_vote=all_yes, ratified=True))
    assert len(score["rows"]) == 15
    for row in score["rows"]:
        assert row["model"]["brier"] == pytest.approx((1 - row["model"]["probability"]) ** 2)
    assert score["ratified"]["revised"]["brier"] < 0.25
    assert set(score["scores"]) == {"model", "no_change", "uniform_swing"}


def test_a_user_s_revote_is_forecast_from_the_shell(tmp_path: Path):
    folder = tmp_path / "mine"
    shutil.copytree(SHIPPED / "new-york-pef-2011", folder)
    (folder / "evidence" / "record.toml").write_text(
        '[[first_vote]]\nof = ["all"]\nyes = 16906\nno = 19629\nsource = "count"\n'
    )
    (folder / "evidence" / "held_out.toml").unlink()
    result = CliRunner().invoke(
        planb, ["calibrate", str(folder), "--particles", "1500", "--rows", "200", "--no-other-votes"]
    )
    assert result.exit_code == 0, result.output
    assert "effective" in result.output and (folder / "posterior.csv").is_file()
    result = CliRunner().invoke(planb, ["forecast", str(folder), "--worlds", "300", "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["posterior"] == "as it lies with the scenario"
    assert set(QUANTILES) <= set(found["unions"]["PEF"]) and 0 < found["ratified"]["ratification"]["probability"] < 1
    result = CliRunner().invoke(planb, ["forecast", str(folder), "--worlds", "50", "--score"])
    assert isinstance(result.exception, WrongInput) and "held_out.toml" in str(result.exception)


def test_a_case_with_no_vote_on_record_or_no_second_vote_says_so():
    for name, said in (("single-union", "holds no evidence/record.toml"),):
        result = CliRunner().invoke(planb, ["forecast", name])
        assert isinstance(result.exception, WrongInput) and said in str(result.exception)
    iowa = load_scenario("iowa-2009")
    posterior = fit(iowa, read_record(iowa), rounds=(200, 200), rows=50)
    with pytest.raises(WrongInput, match=r"calendar\.window is missing"):
        forecast(iowa, read_record(iowa), posterior, worlds=10)


def test_validate_tells_a_case_s_patterns_as_json():
    result = CliRunner().invoke(planb, ["validate", "iowa-2009", "--worlds", "200", "--json"])
    assert result.exit_code == 0, result.output
    table = json.loads(result.stdout)
    (scenario,) = table["scenarios"]
    assert scenario["scenario"] == "iowa-2009" and table["of"] == 3
    assert {"name", "kind", "record", "found", "score", "passes"} <= set(scenario["patterns"][0])
