"""Other votes as scenarios: every one runs, and a newcomer's own case takes fewer than forty lines."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from experiments.calibration.others import CASES
from experiments.calibration.record import read_held_out, read_record, units_of
from experiments.calibration.votes import read_votes
from experiments.commands.command_line import planb
from experiments.paper.theory_table import closed_forms as all_closed_forms
from sim import load_scenario, simulate_block
from sim.errors import WrongInput
from sim.outcomes import OUTCOMES

NEWCOMER = """
case.title = "A county and its deputies"
case.usual = ["calendar", "money", "members", "belief", "campaign", "leaders", "governor", "unions", "instruments"]
calendar.talks = { from = 2025-01-10, deadline = 2025-02-28 }
calendar.recommendation = 2025-03-01
calendar.first_vote = 2025-03-20
calendar.settlement = 2025-06-30
calendar.fiscal_year = 2025-07-01
money.gap = { fact = 2, source = "county budget" }
rules.ratification = { share = "1/2", of = "ballots", count = "per_capita", exactly_enough = false }

[[issues]]
name = "furlough_days"
unit = "days"
range = [0, 10]
ballot = "benefits"
saves = { fact = 0.2, source = "payroll of 52 M$" }
structural = { fact = 0, source = "one year" }
burden = { fact = 0.0038, source = "a day of 260" }
protects = { fact = 0.1, source = "the offer: no layoffs this year" }
last_offer = { lever = 8, range = [0, 10], source = "the offer" }

[[threats]]
name = "layoffs"
act = "names forty posts"
date = 2025-02-10
list = "named_list_share"
believed = { uncertainty = [1, 4], start = 2, source = "judgement" }
resented = { uncertainty = [0.5, 1.5], start = 1, source = "judgement" }
cost = { fact = 0, source = "nobody bargains" }
withdrawal = { fact = 0, source = "nobody bargains" }
"""


@pytest.mark.parametrize("name", CASES)
def test_a_case_runs_to_an_outcome_and_its_vote_is_on_record(name: str):
    case = load_scenario(name)
    block = simulate_block(case, seed=1, worlds=np.arange(60))
    assert set(np.unique(block.columns["outcome"])) <= set(range(len(OUTCOMES)))
    assert 0 < block.columns["deal"].mean() < 1
    record = read_record(case)
    assert record.first_vote
    assert all(len(units_of(result, case)) >= 1 for result in record.first_vote)
    total = sum(block.columns[part] for part in ("savings", "revenue", "layoffs", "programmes", "aid", "taxes"))
    np.testing.assert_allclose(total + block.columns["deficit"], case.sections.money.gap.value, rtol=1e-9)


@pytest.mark.parametrize("name", CASES)
def test_a_case_says_what_the_table_of_votes_says(name: str):
    """Counts, shares and results in the record, and of a second vote, are those of the case's rows in the table."""
    rows = [vote for vote in read_votes() if vote.case == name]
    case = load_scenario(name)
    held_out = read_held_out(case)
    assert len({vote.first_day for vote in rows}) == 1 + (held_out is not None)
    for again, results in enumerate((read_record(case).first_vote, held_out.second_vote if held_out else ())):
        own = [vote for vote in rows if (vote.previous is not None) is bool(again)]
        if len(results) != len(own):
            continue  # six units of Hawaii are one body in its case
        for result, vote in zip(results, sorted(own, key=lambda vote: vote.id), strict=True):
            assert result.approved is vote.approved and result.yes_share == pytest.approx(vote.share, abs=1e-3)


def test_some_cases_were_voted_on_twice():
    assert sum(read_held_out(load_scenario(name)) is not None for name in CASES) >= 4


def test_an_employer_s_last_offer_is_what_is_voted_on():
    case = load_scenario("iowa-2009").with_settings({"case.uncertainties": "start"})
    block = simulate_block(case, seed=1, worlds=np.arange(4))
    burden = sum(float(issue.burden.value) * float(issue.last_offer.value) for issue in case.issues)
    assert block.columns["deal_burden"] == pytest.approx(burden)
    milder = simulate_block(case.with_settings({"issues.unpaid_days.last_offer": 0}), seed=1, worlds=np.arange(4))
    assert (milder.columns["yes_share_1"] > block.columns["yes_share_1"]).all()


def test_a_newcomer_s_case_of_under_forty_lines_runs_from_the_shell(tmp_path: Path):
    assert len(NEWCOMER.strip().splitlines()) < 40
    folder = tmp_path / "county"
    folder.mkdir()
    (folder / "scenario.toml").write_text(NEWCOMER)
    (folder / "units.csv").write_text(
        "union,unit,members,pay_kusd,raise_due_pct,named_list_share,turnout_base,source\n"
        "Deputies,deputies,640,62,3,0.0625,0.8,county\n"
    )
    (folder / "seniority.csv").write_text("years_low,years_high,share,source\n0,10,0.5,county\n10,40,0.5,county\n")
    for command in (["check"], ["show"], ["play"], ["ensemble", "--worlds", "200"]):
        result = CliRunner().invoke(planb, [command[0], str(folder), *command[1:]])
        assert result.exit_code == 0, result.output
    shown = CliRunner().invoke(planb, ["show", str(folder)]).stdout
    assert "calendar.talks.opener: lever, governor (one of governor, coalition)\n" in shown
    assert "calendar.talks.blackout: lever, true (true or false)\n" in shown
    assert "worth their price? Source: as announced" in " ".join(shown.split()) and "state" not in shown.split()
    told = CliRunner().invoke(planb, ["ensemble", str(folder), "--worlds", "200", "--json"])
    outcomes = json.loads(told.stdout)["outcomes"]
    assert sum(row["share"] for row in outcomes.values()) == pytest.approx(1)
    assert outcomes["ratified_first_vote"]["share"] + outcomes["refused"]["share"] == pytest.approx(1)
    assert outcomes["ratified_first_vote"]["share"] > 0


def test_a_case_without_instruments_says_what_is_missing(tmp_path: Path):
    folder = tmp_path / "county"
    folder.mkdir()
    (folder / "scenario.toml").write_text(NEWCOMER.replace(', "instruments"]', "]"))
    (folder / "units.csv").write_text(
        "union,unit,members,pay_kusd,raise_due_pct,named_list_share,turnout_base,source\nD,d,640,62,3,0.06,0.8,x\n"
    )
    (folder / "seniority.csv").write_text("years_low,years_high,share,source\n0,40,1,x\n")
    with pytest.raises(WrongInput, match="instruments is missing"):
        load_scenario(folder)


# --- theory


@pytest.fixture(scope="module")
def closed_forms() -> list:
    return all_closed_forms()


def test_all_closed_forms_agree(closed_forms: list):
    ids = {row.id for row in closed_forms}
    asked = {"T01", "T02", "T03", "T04", "T05", "T06", "T08", "T09", "T10", "T11", "T12", "T13", "T14", "T15", "T21"}
    asked |= {"T29", "T30", "T31", "T32", "T33"}
    assert ids == asked
    assert [row.id for row in closed_forms if not row.agrees] == []
