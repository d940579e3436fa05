"""Studies that ship: each a question that prepares, runs and writes its own page; sentences that claim no more than
their intervals carry."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from scipy.stats import t
from statsmodels.stats.proportion import proportion_confint

from experiments.commands.command_line import planb
from experiments.paper import three_draws
from experiments.paper.__main__ import ASIDE, KEPT, STUDIES
from experiments.paper.comparisons import Comparison, Several, together
from experiments.paper.documents import PLACE, template
from experiments.paper.figures import Means
from experiments.paper.report import DEPENDS, built, markdown_table, places
from experiments.paper.sentences import DAYS, MUSD, POINTS, in_short, verdict
from experiments.paper.write_up import paper_of
from experiments.runs.study import STUDIES as FOLDER
from experiments.runs.study import load_study, shipped_studies
from experiments.statistics.effect_modifiers import strongest, uncertain_numbers
from experiments.statistics.estimates import mean, share
from experiments.statistics.paired_tests import PairedDifference, compare_means, compare_shares
from sim import load_scenario
from sim.wording import amount, percent

KINDS = (
    *("draw_deal_rate", "draw_deal_map", "draw_funnel", "draw_time_to_deal", "draw_offers", "draw_utility_space"),
    *("draw_union_votes", "draw_vote_share", "draw_power", "draw_chamber", "draw_who_pays", "draw_town_map"),
    *("draw_tornado", "draw_sobol", "draw_paired"),
)


@pytest.fixture(scope="module")
def case():
    return load_scenario("connecticut-2011")


# --- the studies ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*STUDIES, *ASIDE])
def test_a_study_is_a_question_that_prepares(name):
    study = load_study(name)
    assert study.name.replace("-", "_") == name
    assert study.question.endswith("?")
    assert study.prepare().points.count >= 1
    assert paper_of(name) is not None


def test_every_script_that_ships_is_in_the_paper():
    scripts = {path.stem for path in FOLDER.glob("*.py")} - {"__init__"}
    assert scripts == {*STUDIES, *ASIDE}
    assert scripts <= set(shipped_studies())


def test_every_kind_of_chart_is_in_the_paper():
    writers = [*FOLDER.glob("*.py"), FOLDER.parent / "paper" / "figures.py"]
    text = "".join(path.read_text(encoding="utf-8") for path in writers)
    # imported, and used beside that
    assert not [kind for kind in KINDS if len(re.findall(rf"\b{kind}\b", text)) < 2]


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
    # an interrupted one is written up when it is resumed
    for file in ("finding.md", "runs.parquet"):
        (tmp_path / "out" / file).unlink()
    done = CliRunner().invoke(planb, ["resume", str(tmp_path / "out"), "--no-progress"])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "out" / "finding.md").read_text(encoding="utf-8") == page


def test_counting_per_capita_is_another_rule_than_counting_in_bloc(case):
    words = case.with_settings(
        {"rules.ratification.all_of.1.of": "ballots", "rules.ratification.all_of.1.count": "per_capita"}
    ).rules.ratification.words(15)
    assert "ballots" in words and words != case.rules.ratification.words(15)


# --- comparisons ---------------------------------------------------------------------------------------------------


class Points:
    """Two points of ten worlds each, of which the second has two deals more."""

    def at(self, point):
        return {"deal": np.arange(10) < 3 + 2 * point["x"]}


def test_a_sentence_is_made_of_the_points_it_compares():
    said = Comparison("It", {"x": 0}, {"x": 1}, "deal").sentence(Points())
    assert said.startswith("It does not clearly move the share of worlds with a deal at either vote: 30.0 % and 50.0 %")


def test_comparisons_made_together_share_their_error():
    one, other, third = (Comparison(name, {"x": 0}, {"x": 1}, "deal") for name in "abc")
    found = together(first=one, both=Several(other, third))
    assert [found["first"].family, *(each.family for each in found["both"].comparisons)] == [3, 3, 3]
    assert found["first"].found(Points()).high > one.found(Points()).high


@pytest.mark.parametrize("name", STUDIES)
def test_what_a_study_compares_are_points_of_its_design(name):
    study, paper = load_study(name), paper_of(name)
    points = study.prepare().points
    rows = [points.row(point) for point in range(points.count)]

    def there(where):
        return any(all(row[key] == pytest.approx(value) for key, value in where.items()) for row in rows)

    for compared in paper.compared():
        for where in (compared.before, compared.after):
            assert "point" in where or there(where), (name, where)


# --- sentences -----------------------------------------------------------------------------------------------------


def test_a_clear_difference_is_claimed_with_its_size_interval_and_test():
    before, after = np.arange(200) < 100, np.arange(200) < 160
    said = verdict(compare_shares(before, after), "Waiting", "the deal rate", POINTS)
    assert said.startswith("Waiting raises the deal rate from 50.0 % to 80.0 %, by 30.0 points (95 % interval 2")
    assert "McNemar p < 0.001; 200 pairs of worlds" in said
    assert verdict(compare_shares(after, before), "It", "x", POINTS).startswith("It lowers x from 80.0 % to 50.0 %")


@pytest.mark.parametrize("changed", [1, 3])
def test_what_an_interval_does_not_carry_is_not_claimed(changed):
    before = np.arange(200) < 100
    after = before | ((np.arange(200) >= 100) & (np.arange(200) < 100 + changed))
    said = verdict(compare_shares(before, after), "It", "the deal rate", POINTS)
    assert "does not clearly move the deal rate" in said and "raises" not in said


def test_a_change_too_small_to_matter_is_not_an_effect():
    before = np.random.default_rng(2).normal(808.2, 30, 500)
    said = verdict(compare_means(before, before - 0.1), "Lobbying", "savings", MUSD._replace(digits=1))
    assert said.startswith("Lobbying has no effect that matters on savings: 80")
    assert "a change of −0.1 (95 % interval −0.1 to −0.1; paired t p < 0.001; 500 pairs of worlds)" in said


def test_a_clear_change_is_not_written_as_one_from_zero():
    found = PairedDifference(1500, 50, 20, 0.9, 0.92, 0.02, 0.0002, 0.0398, 0.039)
    assert in_short(found) == "+2.0 points, +0.02 to +3.98, p = 0.039"
    assert "(95 % interval 0.02 to 3.98" in verdict(found, "It", "x", POINTS)


def test_many_comparisons_at_once_ask_for_more():
    before, after = np.arange(100) < 50, np.arange(100) < 56
    alone, among_many = compare_shares(before, after), compare_shares(before, after, family=20)
    assert alone.clear and not among_many.clear
    assert among_many.p_value == pytest.approx(min(20 * alone.p_value, 1))


def test_without_worlds_nothing_is_said():
    nothing = np.full(5, np.nan)
    assert "cannot be said" in verdict(compare_shares(nothing, nothing), "It", "x", POINTS)
    assert "cannot be said" in verdict(compare_means(nothing, nothing), "It", "x", DAYS)


def test_a_mean_that_moves_is_said_with_its_unit():
    before = np.random.default_rng(1).normal(700, 50, 400)
    said = verdict(compare_means(before, before + 12), "It", "savings", MUSD)
    assert said.startswith("It raises savings from ") and "M$ a year, by 12 (95 % interval 12 to 12" in said


def test_not_quite_all_is_not_written_as_all():
    assert (
        percent(1.0, 1) == "100.0 %" and percent(0.99999, 1) == "over 99.9 %" and percent(0.00001, 1) == "under 0.1 %"
    )
    assert amount(-3.2, "M$", 1) == "−3.2 M$"


# --- intervals, against a library ----------------------------------------------------------------------------------


@pytest.mark.parametrize("yes, n", [(0, 20), (7, 20), (573, 1000), (1000, 1000)])
def test_the_interval_of_a_share_is_wilsons(yes, n):
    found = share(np.arange(n) < yes)
    assert (found.low, found.high) == pytest.approx(proportion_confint(yes, n, method="wilson"), abs=1e-12)


@pytest.mark.parametrize("n", [5, 2000])
def test_the_interval_of_a_mean_is_students(n):
    values = np.random.default_rng(5).normal(10, 3, n)
    found = mean(np.append(values, np.nan))
    expected = t.interval(0.95, n - 1, values.mean(), values.std(ddof=1) / np.sqrt(n))
    assert (found.low, found.high) == pytest.approx(expected) and found.n == n


# --- what would change a finding -----------------------------------------------------------------------------------


def test_what_an_effect_depends_on_is_found_and_chance_is_not(case):
    worlds = np.arange(900)
    numbers = uncertain_numbers(case, 2011, worlds)
    noise = np.random.default_rng(3).normal(0, 0.1, 900)
    trust = numbers["members.trust"]
    found = strongest(noise + 0.2 * (trust - trust.mean()) / trust.std(), numbers)
    assert found.key == "members.trust" and found.clear and found.high_third > found.low_third
    assert not strongest(noise, numbers).clear
    assert strongest(np.full(900, np.nan), numbers) is None


# --- the report ----------------------------------------------------------------------------------------------------


def test_no_number_in_the_report_is_typed():
    typed = PLACE.sub("", template("connecticut-2011")).replace("2011", "")
    assert not re.findall(r"\d", typed)


def test_every_study_has_its_place_in_the_report():
    places = {place.split(".")[0] for place in PLACE.findall(template("connecticut-2011"))}
    assert places == set(STUDIES) | {"facts"}


def test_worlds_that_studies_share_are_counted_once():
    found = built(KEPT)
    most = max(load_study(name).worlds for name in STUDIES)
    runs = sum(load_study(name).worlds * load_study(name).prepare().points.count for name in STUDIES)
    assert found["worlds"] == f"{most:,}" and found["runs"] == f"{runs:,}"


def test_a_table_of_the_report_writes_shares_as_per_cent(tmp_path):
    (tmp_path / "t.csv").write_text("change,saved,p_value\nmore meetings,0.125,1e-9\n")
    assert markdown_table(tmp_path / "t.csv").splitlines()[-1] == "| more meetings | 12.5 % | < 0.001 |"


def test_a_latex_table_writes_no_p_and_no_share_as_nothing():
    from experiments.charts import as_latex

    frame = pd.DataFrame({"p_value": [1e-12], "low": [1e-5], "none": [0.0], "high": [0.99999]})
    formats = {"p_value": "p"} | dict.fromkeys(("low", "none", "high"), ".1%")
    row = as_latex(frame, "t", caption="c", formats=formats).splitlines()[8]
    assert row == r"$<$ 0.001 & $<$ 0.1\% & 0.0\% & $>$ 99.9\% \\"


# --- under three draws ---------------------------------------------------------------------------------------------


def _row(*verdicts: str) -> dict:
    found = zip(three_draws.DRAWS, verdicts, strict=True)
    numbers = {"n": 9, "difference": 0.1, "low": 0.05, "high": 0.2}
    told = {"study": "counting", "name": "finding", "words": "it", "measure": "ratified_1"}
    return told | {draw: numbers | {"verdict": verdict} for draw, verdict in found}


def test_a_finding_holds_only_where_it_comes_out_the_same_under_all_draws():
    same, other, unclear = (_row("raises", "raises", verdict) for verdict in ("raises", "lowers", "unclear"))
    assert three_draws.verdict_of_all(same) == "raises" and not three_draws.depending([same])
    for row in (other, unclear):
        assert three_draws.verdict_of_all(row) == three_draws.DEPENDS
        assert three_draws.depending([row]) == {"counting.finding"}
    assert "+10.0 (+5.0 to +20.0) | **raises** |" in three_draws.table_of([same])
    assert three_draws.counted([same, other]).startswith("Of 2 comparisons under all three draws, raises or lowers: 1;")


def test_what_is_kept_is_of_the_studies_comparisons_and_what_depends_is_said_in_the_report():
    kept = json.loads(three_draws.KEPT.read_text(encoding="utf-8"))
    names = [(study.name, name) for study, paper in three_draws.studies() for name, _ in three_draws.compared(paper)]
    assert [(row["study"], row["name"]) for row in kept["findings"]] == names
    depend, found = three_draws.depending(kept["findings"]), places()
    assert depend and all(found[name].endswith(DEPENDS) for name in depend)
    assert not found["mayors.heavy"].endswith(DEPENDS)
    # the report is about the full fit, so its numbers are those of that column
    findings = json.loads((KEPT / "counting" / "findings.json").read_text(encoding="utf-8"))["sentences"]
    (row,) = (row for row in kept["findings"] if (row["study"], row["name"]) == ("counting", "finding"))
    assert f"{abs(100 * row['posterior']['difference']):.1f} points" in findings["finding"]


def test_kept_findings_are_stale_where_a_study_or_a_world_comes_out_otherwise():
    kept = json.loads(three_draws.KEPT.read_text(encoding="utf-8"))
    assert three_draws.stale({**kept, "made_of": kept["made_of"] | {"counting": "other"}}) == "counting changed"
    moved = kept["sample"] | {"range": [share + 0.05 for share in kept["sample"]["range"]]}
    assert three_draws.stale({**kept, "sample": moved}) == "the model changed: range"


def test_a_mean_share_has_an_axis_in_per_cent():
    """What its label says; its numbers are shares."""
    fig, ax = plt.subplots()
    runs = pd.DataFrame({"members.trust": [0.5, 0.5, 1.5, 1.5], "yes_share_1": [0.61, 0.63, 0.64, 0.66]})
    page = SimpleNamespace(
        at=lambda where: runs, axis=str, draw=lambda name, on, data, caption: [on(ax), fig.canvas.draw()]
    )
    Means(name="yes", x="members.trust", measure="yes_share_1").draw(page)
    assert "per cent" in ax.get_ylabel()
    written = [tick.get_text() for tick in ax.get_yticklabels()]
    assert written and all(text.endswith(" %") and float(text[:-2]) > 30 for text in written)
    plt.close(fig)
