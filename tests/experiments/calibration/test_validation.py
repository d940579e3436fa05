"""Patterns and forecasts: each pattern says how honest it is."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from agents.members import REASONS
from experiments.calibration.checks import apart, predict
from experiments.calibration.dated import FIRST, SECOND, forecast_cases, score_second_vote
from experiments.calibration.forecast import as_document, forecast, reasons, without
from experiments.calibration.others import CASES
from experiments.calibration.page import DOCUMENT, KEPT, MEANINGS, VOTES, manifest_of
from experiments.calibration.page_figures import figures
from experiments.calibration.page_figures import stale as stale_figures
from experiments.calibration.page_figures import write as write_figures
from experiments.calibration.page_votes import against
from experiments.calibration.patterns import ANY_CASE, CONNECTICUT, Evidence, patterns_of, within
from experiments.calibration.posterior import Particles, Posterior, fit
from experiments.calibration.record import HeldOut, Result, read_record
from experiments.calibration.scores import QUANTILES
from experiments.calibration.validation import passed
from experiments.commands.command_line import planb
from experiments.commands.forecast import as_text
from experiments.paper.documents import DOCS
from sim import load_scenario
from sim.errors import WrongInput
from sim.scenario.folder import SHIPPED
from sim.scenario.scenario import Scenario

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


# --- patterns


def test_patterns_have_names_of_their_own_and_say_whether_they_were_fitted():
    names = [pattern.name for pattern in CONNECTICUT]
    assert len(set(names)) == len(names) and set(names) >= MUST
    kinds = {pattern.name: pattern.kind for pattern in (*CONNECTICUT, *ANY_CASE)}
    assert set(kinds.values()) == {"fitted", "forecast", "theory", "prior"}
    # what has to do with the second vote or the session of July was not there to be fitted
    assert all(kinds[name] == "forecast" for name in kinds if name.startswith(("july", "second", "refusals")))
    assert all(kinds[name] == "fitted" for name in kinds if name.startswith("june"))


def test_a_pattern_passes_inside_the_central_ninety_per_cent_of_worlds():
    worlds = np.arange(1000.0)
    assert within(500, worlds).score == pytest.approx(1.0, abs=0.01) and within(500, worlds).passes
    assert within(60, worlds).passes and not within(40, worlds).passes and not within(2000, worlds).passes
    assert not within(1.0, np.full(5, np.nan)).passes


def test_checks_of_a_prior_are_no_evidence_and_are_counted_apart():
    assert {pattern.kind for pattern in ANY_CASE} == {"prior"}
    found = passed([{"kind": "prior", "passes": True}, {"kind": "forecast", "passes": False}])
    assert found == {"prior": {"passed": 1, "of": 1}, "forecast": {"passed": 0, "of": 1}}
    # of a vote whose shares nobody wrote down there is no pattern of shares
    assert "first_vote_share" not in [pattern.name for pattern in patterns_of(load_scenario("los-angeles-2011"))]


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
    votes = forecast(crisis, record, posterior, worlds=400)
    found = as_document(votes, crisis)
    changed, kept, revised = votes.rule_changed, votes.carries["ratification"], votes.carries["revised"]
    assert 0 < changed.sum() < 400 and found["ratified_in_all"] == ((changed & revised) | (~changed & kept)).mean()
    assert set(found["ratified"]) == {"ratification", "revised"}
    assert list(found["unions"]) == list(crisis.unions.names) and list(found["units"]) == list(crisis.units.names)
    for row in (*found["ratified"].values(), *found["unions"].values(), *found["units"].values()):
        ends = [row[name] for name in QUANTILES]
        assert ends == sorted(ends) and ends[0] >= 0 and ends[-1] <= 1
    assert found["ratified"]["revised"]["probability"] > found["ratified"]["ratification"]["probability"]
    # ballots on record stand as they were cast
    assert found["units"]["NP-4 corrections"]["first_vote"] == pytest.approx(1158 / 3804)


def test_a_second_vote_is_cast_by_the_same_people(crisis: Scenario, posterior: Posterior):
    """Where nothing is new, nobody comes round and the day's mood is the same, everybody votes as before."""
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
            "members.gives_up": 0,
            "members.swing_spread": 0,
            **{f"members.{reason}": 0 for reason in REASONS},
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
    assert high.unit_yes[1, listed].mean() > low.unit_yes[1, listed].mean()
    assert better.yes_share[1].mean() > plain.yes_share[1].mean()


def test_a_forecast_is_scored_beside_naive_ones(crisis: Scenario, posterior: Posterior):
    found = forecast(crisis, read_record(crisis), posterior, worlds=300)
    all_yes = tuple(Result(of=(name,), carried=True, source="made up") for name in crisis.unions.names)
    score = score_second_vote(found, crisis, HeldOut(second_vote=all_yes, ratified=True))
    assert len(score["rows"]) == 15
    for row in score["rows"]:
        assert row["model"]["brier"] == pytest.approx((1 - row["model"]["probability"]) ** 2)
    assert score["ratified"]["revised"]["brier"] < 0.25
    assert tuple(score["scores"]) == SECOND and score["pairs_known"] == 8


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


def test_a_case_with_no_second_vote_is_forecast_to_its_first():
    result = CliRunner().invoke(planb, ["forecast", "single-union", "--worlds", "300", "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["vote"] == 1 and "first_vote" not in found
    assert all(set(QUANTILES) <= set(row) for row in (found["yes_share"], *found["units"].values()))
    assert found["uncertainties"] == "range" and found["worlds_run"] == 300
    told = CliRunner().invoke(planb, ["forecast", "single-union", "--worlds", "300", "--no-reasons"]).stdout
    assert told.startswith("single-union: the first vote, 300 worlds; uncertainties drawn from their ranges\n")
    some = as_text({**found, "worlds": 120})[0]
    assert some.startswith("single-union: the first vote, in those 120 of 300 worlds in which there is a deal; ")
    less = found["without"]
    assert less["belief in the threats"]["yes_share"] < found["yes_share"]["q50"] < less["resentment"]["yes_share"]
    result = CliRunner().invoke(planb, ["forecast", "single-union", "--worlds", "50", "--score"])
    assert isinstance(result.exception, WrongInput) and "held_out.toml" in str(result.exception)


def test_a_forecast_says_what_it_comes_to_without_each_reason(crisis: Scenario, posterior: Posterior):
    record, found = read_record(crisis), reasons(crisis, 2)
    assert {name.replace("_", " ") for name in REASONS} < set(found)
    whole = forecast(crisis, record, posterior, worlds=300)
    for name, less in found.items():
        rest = without(whole, forecast(crisis.with_settings(less), record, posterior, worlds=300))
        assert (rest["less"] > 0) is (name != "resentment"), name


def test_a_case_with_no_vote_on_record_or_no_second_vote_says_so():
    iowa = load_scenario("iowa-2009")
    posterior = fit(iowa, read_record(iowa), rounds=(200, 200), rows=50)
    with pytest.raises(WrongInput, match=r"calendar\.window is missing"):
        forecast(iowa, read_record(iowa), posterior, worlds=10)


def test_validate_tells_a_case_s_patterns_as_json():
    result = CliRunner().invoke(planb, ["validate", "iowa-2009", "--worlds", "200", "--json"])
    assert result.exit_code == 0, result.output
    table = json.loads(result.stdout)
    (scenario,) = table["scenarios"]
    assert scenario["scenario"] == "iowa-2009" and table["passed"]["prior"]["of"] == 2
    assert {"name", "kind", "record", "found", "score", "passes"} <= set(scenario["patterns"][0])


# --- what is kept, and the page made of it


@pytest.fixture(scope="module")
def kept() -> dict:
    return json.loads((KEPT / DOCUMENT).read_text(encoding="utf-8"))


def test_all_shipped_scenarios_are_kept(kept: dict):
    assert [table["scenario"] for table in kept["scenarios"]] == [CASE, *CASES]


def test_each_pattern_that_fails_is_said_to_fail_and_what_that_means(kept: dict):
    failing = {(t["scenario"], row["name"]) for t in kept["scenarios"] for row in t["patterns"] if not row["passes"]}
    assert failing == set(MEANINGS)
    page = (DOCS / "validation.md").read_text(encoding="utf-8")
    assert page.count("**fail**") == len(failing) and "* **rhode-island-2008, share of yes within the ranges**" in page


def test_the_page_says_first_what_can_be_forecast_with_the_numbers_that_are_kept(kept: dict):
    top = "\n".join((DOCS / "validation.md").read_text(encoding="utf-8").splitlines()[:10])
    votes = json.loads((KEPT / VOTES).read_text(encoding="utf-8"))
    for found, score, names in (
        (votes["pairs"]["left_out"], "crps", ("terms", *SECOND[1:])),
        (votes["first_votes"]["not_selected"], "brier", FIRST),
        (kept["cases"]["first"], "brier", FIRST),
    ):
        assert all(f"{found['scores'][name][score]['mean']:.3f}" in top for name in names)
    assert votes["pairs"]["left_out"]["less"]["no_change"]["crps"]["high"] < 0 and "better" in top


def test_a_verdict_is_given_only_where_the_interval_of_the_difference_allows_one():
    def said(low: float, high: float) -> str:
        scores = {name: {"brier": {"mean": mean}} for name, mean in (("model", 0.2), ("base_rate", 0.3))}
        less = {"base_rate": {"brier": {"mean": -0.1, "low": low, "high": high}}}
        return against({"scores": scores, "less": less}, "base_rate", "brier")

    assert said(-0.2, -0.01) == "Brier 0.200, base rate 0.300 (−0.100, 90 % interval −0.200 to −0.010: better)"
    assert said(-0.2, 0.1).endswith("no clear difference)") and said(0.1, 0.2).endswith("worse)")


def test_every_figure_of_the_page_is_there_with_words_for_who_cannot_see_it():
    shown = re.findall(r"!\[([^]]*)\]\(([^)]+)\)", (DOCS / "validation.md").read_text(encoding="utf-8"))
    assert [Path(path).stem for _, path in shown] == ["parameters", "intervals", "reasons", "swings", "reliability"]
    for words, path in shown:
        assert len(words) > 60 and (DOCS / path).read_text(encoding="utf-8").count("<path") > 10


def test_a_figure_of_the_page_comes_out_the_same_to_the_byte_and_tells_when_its_numbers_change(
    kept: dict, crisis: Scenario, tmp_path: Path
):
    votes = json.loads((KEPT / VOTES).read_text(encoding="utf-8"))
    shown = {one.name: one for one in figures(manifest_of(crisis), votes)}
    reasons_shown = [shown["reasons"]]
    for folder in ("one", "two"):
        write_figures(reasons_shown, tmp_path / folder)
    one, two = ((tmp_path / folder / "figures" / "reasons.svg").read_bytes() for folder in ("one", "two"))
    assert one == two and not stale_figures(reasons_shown, tmp_path / "one")
    votes["pairs"]["weights"][0]["posterior_q50"] += 0.1
    (changed,) = (one for one in figures(manifest_of(crisis), votes) if one.name == "reasons")
    assert stale_figures([changed], tmp_path / "one") == "reasons shows other numbers"
    assert stale_figures([shown["swings"]], tmp_path / "one") == "swings is missing"


def test_results_counted_as_trials_of_an_interval_have_no_unit_in_common(crisis: Scenario):
    trials = [name for name, _ in apart(read_record(crisis), crisis)]
    assert len(trials) == 9 and "NP-4 corrections" in trials
    assert not {"all", "AFSCME Council 4"} & set(trials)


def test_new_moods_make_wider_intervals_than_a_unit_s_own(crisis: Scenario, posterior: Posterior):
    record = read_record(crisis)
    own, new = (predict(crisis, record, posterior, worlds=300, new_moods=anew) for anew in (False, True))
    widths = [
        np.diff(row.interval(0.9))[0] / np.diff(before.interval(0.9))[0] for before, row in zip(own, new, strict=True)
    ]
    assert np.median(widths) > 1.3


def test_the_kept_forecasts_stand_beside_naive_ones_with_intervals(kept: dict):
    cases = kept["cases"]
    assert [tuple(found["scores"]) for found in (cases["first"], cases["second"])] == [FIRST, SECOND]
    for found in (kept["forecast"]["score"], cases["first"], cases["second"]):
        for means in (*found["scores"].values(), *found["less"].values()):
            assert all(score["low"] <= score["mean"] <= score["high"] for score in means.values())
    assert {row["case"] for row in cases["first"]["rows"]} == set(CASES)
    assert len(cases["second"]["rows"]) >= 4 and min(row["effective"] for row in cases["first"]["rows"]) > 50


def first_asked(found: dict, asked: list[tuple[set[str], bool]]) -> list[tuple[set[str], bool]]:
    """What was asked for first votes: a case's first votes come before its second ones."""
    kept, places = [], iter(asked)
    for name in CASES:
        kept += [next(places) for row in found["first"]["rows"] if row["case"] == name]
        _ = [next(places) for row in found["second"]["rows"] if row["case"] == name]
    return kept


def test_a_case_is_forecast_from_what_was_over_before_it(crisis: Scenario, monkeypatch: pytest.MonkeyPatch):
    """What each forecast knew, by the names it asked for: earlier first votes, and Connecticut's June only later."""
    asked: list[tuple[set[str], bool]] = []
    weigh = Particles.of

    def note(self: Particles, cases: list[str], *, own: bool) -> np.ndarray:
        asked.append((set(cases), own))
        return weigh(self, cases, own=own)

    monkeypatch.setattr(Particles, "of", note)
    found = forecast_cases(crisis, read_record(crisis), rounds=(600, 600), draws=1)
    days = {name: load_scenario(name).calendar.first_vote for name in CASES}
    june = crisis.calendar.first_vote
    assert (set(), False) in asked  # nothing was over before the police voted in 1991
    for row, (known, own) in zip(found["first"]["rows"], first_asked(found, asked), strict=True):
        assert known == {name for name, day in days.items() if day < days[row["case"]]}
        assert own is (june < days[row["case"]])
    for row in (*found["first"]["rows"], *found["second"]["rows"]):
        ends = [row["model"][name] for name in QUANTILES]
        assert ends == sorted(ends) and 0 < ends[2] < 1
