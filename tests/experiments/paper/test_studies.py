"""Studies that ship: each a question that prepares, runs and writes its own page; sentences that claim no more than
their intervals carry."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.stats import t
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint

from experiments.commands.command_line import planb
from experiments.paper.__main__ import STUDIES
from experiments.paper.findings import (
    Comparison,
    amount,
    compare_means,
    compare_shares,
    mean,
    means_verdict,
    percent,
    points_words,
    share,
    shares_verdict,
)
from experiments.paper.report import PLACE, TEMPLATE, markdown_table
from experiments.paper.write_up import writer_of
from experiments.runs.study import STUDIES as FOLDER
from experiments.runs.study import load_study, shipped_studies
from experiments.statistics.effect_modifiers import change_words, strongest, uncertain_numbers
from sim import load_scenario

KINDS = (
    *("draw_deal_rate", "draw_deal_map", "draw_funnel", "draw_time_to_deal", "draw_offers", "draw_utility_space"),
    *("draw_union_votes", "draw_vote_share", "draw_power", "draw_chamber", "draw_who_pays", "draw_town_map"),
    *("draw_tornado", "draw_sobol", "draw_paired"),
)


@pytest.fixture(scope="module")
def case():
    return load_scenario("connecticut-2011")


# --- the studies ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", STUDIES)
def test_a_study_is_a_question_that_prepares(name):
    study = load_study(name)
    assert study.name == name
    assert study.question.endswith("?")
    assert study.prepare().points.count >= 1
    assert writer_of(name) is not None


def test_every_script_that_ships_is_in_the_paper():
    scripts = {path.stem for path in FOLDER.glob("*.py")} - {"__init__"}
    assert scripts == set(STUDIES)
    assert scripts <= set(shipped_studies())


def test_every_kind_of_chart_is_in_the_paper():
    text = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.py"))
    assert not [kind for kind in KINDS if f"{kind}(" not in text]


def test_planb_run_leaves_a_page_with_its_figures(tmp_path):
    name = "counting"
    done = CliRunner().invoke(planb, ["run", name, "--worlds", "40", "--out", str(tmp_path / "out"), "--no-progress"])
    assert done.exit_code == 0, done.output
    found = json.loads((tmp_path / "out" / "findings.json").read_text(encoding="utf-8"))
    assert "pairs of worlds" in found["sentences"]["finding"]
    assert found["sentences"]["change"]
    for figure in found["figures"]:
        for suffix in ("pdf", "png", "csv", "txt"):
            assert (tmp_path / "out" / "figures" / f"{figure}.{suffix}").stat().st_size > 0
    page = (tmp_path / "out" / "finding.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {load_study(name).question}")


def test_counting_per_capita_is_another_rule_than_counting_in_bloc(case):
    words = case.with_settings(
        {"rules.ratification.all_of.1.of": "ballots", "rules.ratification.all_of.1.count": "per_capita"}
    ).rules.ratification.words(15)
    assert "ballots" in words and words != case.rules.ratification.words(15)


# --- sentences -----------------------------------------------------------------------------------------------------


def test_a_clear_difference_is_claimed_with_its_size_interval_and_test():
    before, after = np.arange(200) < 100, np.arange(200) < 160
    said = shares_verdict(compare_shares(before, after), "Waiting", "the deal rate")
    assert said.startswith("Waiting raises the deal rate from 50.0 % to 80.0 %, by 30.0 points (95 % interval 2")
    assert "McNemar p < 0.001; 200 pairs of worlds" in said
    assert shares_verdict(compare_shares(after, before), "It", "x").startswith("It lowers x from 80.0 % to 50.0 %")


@pytest.mark.parametrize("changed", [0, 1, 3])
def test_what_an_interval_does_not_carry_is_not_claimed(changed):
    before = np.arange(200) < 100
    after = before | ((np.arange(200) >= 100) & (np.arange(200) < 100 + changed))
    said = shares_verdict(compare_shares(before, after), "It", "the deal rate")
    assert "does not clearly move the deal rate" in said and "raises" not in said


def test_a_clear_change_is_not_written_as_one_from_zero():
    found = Comparison(1500, 0.9, 0.906, 0.006, 0.0002, 0.0118, 0.039)
    assert points_words(found) == "+0.6 points, +0.02 to +1.18, p = 0.039"
    assert "(95 % interval 0.02 to 1.18" in shares_verdict(found, "It", "x")


def test_many_comparisons_at_once_ask_for_more():
    before, after = np.arange(100) < 50, np.arange(100) < 56
    alone, among_many = compare_shares(before, after), compare_shares(before, after, family=20)
    assert alone.clear and not among_many.clear
    assert among_many.p_value == pytest.approx(min(20 * alone.p_value, 1))


def test_without_worlds_nothing_is_said():
    nothing = np.full(5, np.nan)
    assert "cannot be said" in shares_verdict(compare_shares(nothing, nothing), "It", "x")
    assert "cannot be said" in means_verdict(compare_means(nothing, nothing), "It", "x", "M$")


def test_a_mean_that_moves_is_said_with_its_unit():
    before = np.random.default_rng(1).normal(700, 50, 400)
    said = means_verdict(compare_means(before, before + 12), "It", "savings", "M$ a year")
    assert said.startswith("It raises savings from ") and "M$ a year, by 12 (95 % interval 12 to 12" in said


def test_not_quite_all_is_not_written_as_all():
    assert percent(1.0) == "100.0 %" and percent(0.99999) == "over 99.9 %" and percent(0.00001) == "under 0.1 %"
    assert amount(-3.2, "M$", 1) == "−3.2 M$"


# --- intervals, against a library ----------------------------------------------------------------------------------


@pytest.mark.parametrize("yes, n", [(0, 20), (7, 20), (573, 1000), (1000, 1000)])
def test_the_interval_of_a_share_is_wilsons(yes, n):
    found = share(np.arange(n) < yes)
    assert (found.low, found.high) == pytest.approx(proportion_confint(yes, n, method="wilson"), abs=1e-12)


def test_the_paired_test_is_mcnemars():
    gained, lost, n = 17, 6, 300
    before, after = np.zeros(n, bool), np.zeros(n, bool)
    after[:gained], before[gained : gained + lost] = True, True
    expected = mcnemar([[100, lost], [gained, n - 100 - lost - gained]], exact=False, correction=False).pvalue
    assert compare_shares(before, after).p_value == pytest.approx(expected)


def test_the_bootstrap_interval_of_a_mean_is_students_in_a_large_sample():
    values = np.random.default_rng(5).normal(10, 3, 2000)
    low, high = t.interval(0.95, len(values) - 1, values.mean(), values.std(ddof=1) / np.sqrt(len(values)))
    found = mean(values)
    assert found.low == pytest.approx(low, abs=0.02) and found.high == pytest.approx(high, abs=0.02)
    assert mean(values) == found  # the same values give the same interval


# --- what would change a finding -----------------------------------------------------------------------------------


def test_what_an_effect_depends_on_is_found_and_chance_is_not(case):
    worlds = np.arange(900)
    numbers = uncertain_numbers(case, 2011, worlds)
    noise = np.random.default_rng(3).normal(0, 0.1, 900)
    trust = numbers["members.trust"]
    found = strongest(noise + 0.2 * (trust - trust.mean()) / trust.std(), numbers)
    assert found.key == "members.trust" and found.clear and found.high_third > found.low_third
    assert "`members.trust`" in change_words(found, case, "it")
    assert change_words(strongest(noise, numbers), case, "it").startswith("No single uncertainty")
    assert strongest(np.full(900, np.nan), numbers) is None


# --- the report ----------------------------------------------------------------------------------------------------


def test_no_number_in_the_report_is_typed():
    typed = PLACE.sub("", TEMPLATE.read_text(encoding="utf-8")).replace("2011", "")
    assert not re.findall(r"\d", typed)


def test_every_study_has_its_place_in_the_report():
    places = {place.split(".")[0] for place in PLACE.findall(TEMPLATE.read_text(encoding="utf-8"))}
    assert places == set(STUDIES) | {"facts"}


def test_a_table_of_the_report_writes_shares_as_per_cent(tmp_path):
    (tmp_path / "t.csv").write_text("change,saved,p_value\nmore meetings,0.125,1e-9\n")
    assert markdown_table(tmp_path / "t.csv").splitlines()[-1] == "| more meetings | 12.5 % | < 0.001 |"
