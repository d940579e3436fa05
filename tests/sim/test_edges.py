"""Where a rule meets its edge (nobody, nothing, a leap day, a tie) the number stays right, or the input is refused."""

from __future__ import annotations

import csv
import datetime
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from chambers import largest_scope, quiet_chambers

from agents.tactics import make_tactic
from sim import load_scenario, simulate_block
from sim.acts.no_deal import jobs_at_stake, part_of_year
from sim.acts.talks import hold_round
from sim.bargaining.clock import rounds_beyond
from sim.bargaining.luck import luck_of_talks
from sim.bargaining.side import Side
from sim.bargaining.talks import Talks
from sim.crisis import Crisis, agenda_of
from sim.errors import WrongInput
from sim.public.cuts import year_left
from sim.public.seniority import Seniority, band_risk
from sim.public.towns import towns_of
from sim.ratification.ballots import DRAWS_A_UNIT, Electorate
from sim.ratification.rule import Rule
from sim.record import Ballots, Filling, Happening, Opening, TentativeDeal
from sim.scenario.scenario import Scenario
from sim.scenario.tables import read_towns
from sim.state import State
from sim.story import Story
from sim.worlds.randomness import Luck

CASE = "connecticut-2011"
UNLIKE = (("workshops", "900"), ("offices", "300"))  # units, and their members
MAY_LIST = load_scenario(CASE).units.list_share["may_list_share"]


def copied(folder: Path, case: str, **texts: tuple[str, str]) -> Scenario:
    """A shipped case of which this text of ``scenario.toml`` reads otherwise."""
    shutil.copytree(load_scenario(case).folder, folder)
    file = folder / "scenario.toml"
    text = file.read_text(encoding="utf-8")
    for before, after in texts.values():
        assert before in text
        text = text.replace(before, after)
    file.write_text(text, encoding="utf-8")
    return load_scenario(folder)


# --- nobody, and nothing


def test_where_nobody_has_a_raise_to_lose_a_freeze_bears_on_all_alike():
    """No raise due in any unit of Washington 2011; without a yearly step either, nothing tells units apart."""
    case = load_scenario("washington-2011").with_settings({"members.step": 0})
    crisis = Crisis(case, worlds=np.arange(3), seed=2011)
    assert (crisis.bodies.units.burden_factor == 1).all()
    crisis.play()


def test_a_band_that_holds_nobody_puts_nobody_at_risk():
    years = np.array([0.0, 2.0, 10.0, 40.0])
    with_nobody = Seniority(years[:-1], years[1:], np.array([0.0, 0.4, 0.6]))
    without = Seniority(np.array([0.0, 10.0]), np.array([10.0, 40.0]), np.array([0.4, 0.6]))
    for listed in (0.0, 0.1, 0.5):
        risk = band_risk(np.array([listed]), with_nobody, strict=0.7)
        assert np.isfinite(risk).all()
        assert risk[..., 1:, :] == pytest.approx(band_risk(np.array([listed]), without, strict=0.7))


def test_where_all_have_voted_all_vote_again():
    luck = np.full((DRAWS_A_UNIT, 2), 30_000, np.uint16)
    voters = Electorate(np.array([100.0, 7.0]), luck)
    for _ in range(2):
        voters.turn_out(np.ones(2))
        assert voters.vote(np.full(2, 0.5)).cast.tolist() == [100, 7]


def test_the_only_union_of_a_coalition_is_a_row_of_it_and_not_the_coalition():
    coalition = Crisis(load_scenario("single-union"), worlds=np.arange(3), seed=1).bodies.coalition
    assert coalition.one(0).members.shape == coalition.members.shape == (1, 3)


def towns_table(folder: Path, change: Callable[[dict[str, str]], object], row: int | None = None) -> Path:
    """The shipped table of towns, changed in this row or in all."""
    with (load_scenario(CASE).folder / "towns.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for place, town in enumerate(rows):
        if row in (None, place):
            change(town)
    with (folder / "towns.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return folder / "towns.csv"


@pytest.mark.parametrize("column", ["gf_total_revenue_fy2011", "gf_total_expenditure_fy2011", "equalized_grand_list"])
def test_a_town_without_what_other_amounts_are_a_share_of_is_refused_by_line(tmp_path, column):
    path = towns_table(tmp_path, lambda town: town.update({column: "0"}), row=4)
    with pytest.raises(WrongInput, match=f"towns.csv line 6: {column} must be from 1 to"):
        read_towns(path)


def test_a_towns_table_needs_only_what_a_rule_reads(tmp_path):
    idle = ("debt_service_fy2011", "mill_rate_fy2011_12", "unemployment_rate_2011", "malloy_share_2010")
    path = towns_table(tmp_path, lambda town: [town.pop(column) for column in idle])
    assert towns_of(read_towns(path)) == towns_of(load_scenario(CASE).town_books)


def test_an_instrument_that_no_rule_and_no_column_knows_is_refused(tmp_path):
    """What it yields would be in no column, and the money would not add up to the gap."""
    with pytest.raises(WrongInput, match=r"name: must be one of layoffs, programmes, aid, taxes, got 'layoff'"):
        copied(tmp_path / "case", "single-union", name=('name = "layoffs"', 'name = "layoff"'))


@pytest.mark.parametrize(
    ("key", "value"), [("governor.walks_out", 1.5), ("coalition.walks_out", 5), ("news.revenue.revenue", -100)]
)
def test_a_number_that_its_rule_gives_no_meaning_is_refused(key, value):
    with pytest.raises(WrongInput, match=key):
        load_scenario(CASE).with_settings({key: value})


def test_seats_in_hand_are_counted_exactly():
    """Seven in a hundred of a hundred seats are seven, though 0.07 x 100 is a little more."""
    asked, bears = {}, np.linspace(0.01, 1, 100)[:, None]
    for margin in (0.07, 0.06999):
        chambers = quiet_chambers(bears, np.empty((0, 1)))
        chambers.members.toll[:] = 1.0
        asked[margin] = largest_scope(chambers, np.zeros((2, 1)), margin=margin)
    assert asked[0.07] == asked[0.06999]


# --- days


def test_threats_may_stand_in_the_file_in_any_order():
    case = load_scenario(CASE)
    backwards = replace(case, sections=case.sections.model_copy(update={"threats": case.sections.threats[::-1]}))
    assert part_of_year(backwards) == part_of_year(case)
    numbers = backwards.values(1, np.arange(1))
    assert np.array_equal(State.born(numbers, 1, date=case.calendar.talks.start).listed[:, 0], MAY_LIST)


def test_a_fiscal_year_that_begins_on_a_leap_day_ends_a_year_later():
    leap, no_lead = datetime.date(2012, 2, 29), datetime.timedelta(0)
    assert year_left(leap, no_lead, leap) == 1
    assert year_left(datetime.date(2013, 2, 28), no_lead, leap) == 0


def test_a_deadline_on_the_first_day_can_be_moved():
    assert rounds_beyond(4, 0, 2) == 8


def test_what_answers_a_refusal_comes_after_the_vote_on_the_same_day():
    """The list of June, published on the day of the vote, is a threat only where members refused."""
    day = load_scenario(CASE).calendar.first_vote
    case = load_scenario(CASE).with_settings({"threats.june_list.date": day})
    agenda = agenda_of(case.values(2011, np.arange(1)))
    on_the_day = [one.phase for one in agenda if one.date == day]
    assert on_the_day.index("vote") < on_the_day.index("threat")
    dear, free = (
        simulate_block(case.with_settings({"threats.june_list.cost": cost}), seed=2011, worlds=np.arange(60)).columns
        for cost in (30, 0)
    )
    accepted = dear["ratified_1"]
    assert accepted.any() and (dear["threat_cost"] == free["threat_cost"])[accepted].all()


def test_a_deal_has_the_day_on_which_it_was_struck_whatever_days_were_taken_out_of_the_agenda():
    case = load_scenario(CASE).with_settings({"governor.tactic": "conceder", "coalition.tactic": "conceder"})
    deals: list[Happening] = []
    crisis = Crisis(case, worlds=np.arange(20), seed=2011, observers=[deals.append])
    rounds = [day for day in crisis.agenda if day.act is hold_round]
    crisis.agenda = [day for day in crisis.agenda if day not in rounds[:10]]
    told = crisis.play().columns["agreed_day"]
    struck = [one for one in deals if isinstance(one, TentativeDeal)]
    assert struck
    for deal in struck:
        assert (told[deal.where] == (deal.date - case.calendar.talks.start).days).all()


# --- one for all worlds


def test_the_union_that_leads_is_the_same_in_a_world_alone_and_in_a_block(tmp_path):
    """The largest by the table: rounded to a tenth of their size the two largest are as large as each other."""
    folder = copied(tmp_path / "case", CASE).folder
    with (folder / "units.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    sizes = dict.fromkeys((row["union"] for row in rows), 1)
    alone = [union for union in sizes if sum(row["union"] == union for row in rows) == 1]
    sizes |= {alone[0]: 13, alone[1]: 14}
    for row in rows:
        row |= {"members": str(sizes[row["union"]]), "members_low": "1", "members_high": "99"}
    with (folder / "units.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    case = load_scenario(folder).with_settings({"calendar.talks.table": "pattern", "case.uncertainties": "range"})

    def leader(scale: np.ndarray) -> str:
        crisis = Crisis(case, worlds=np.arange(len(scale)), seed=1, point={"unions.members_scale": scale})
        return next(one.leader for one in crisis.step() if isinstance(one, Opening))

    assert leader(np.array([1.0, 0.1])) == leader(np.array([0.1])) == alone[1]


# --- ties, and who is heard


def test_a_union_without_a_ballot_approves_in_the_story_as_it_does_under_the_rule():
    """Where a tie is a yes, a union that had nothing to vote on approves."""
    case = load_scenario(CASE).with_settings({"calendar.talks.table": "pattern", "case.uncertainties": "range"})
    seen: list[Happening] = []
    crisis = Crisis(case, worlds=np.arange(60), seed=2011, observers=[seen.append])
    crisis.play()
    said = next(one for one in seen if isinstance(one, Ballots))
    said = replace(said, rule=Rule(said.rule.condition, tie="yes"))
    assert said.held is not None
    (apart,) = np.flatnonzero(said.where & ~said.held.all(axis=0))[:1]
    story = Story(crisis.numbers, place=int(apart))
    story.tell(said)
    assert story.events[0]["unions_yes"] == said.approving[:, apart].sum()


def test_under_a_drawn_recognition_a_side_hears_the_other_and_never_itself():
    worlds, rounds = 64, 6
    random = np.random.default_rng(3)
    own, other = random.uniform(0.1, 1, size=(2, 3, worlds))
    sides = (
        Side(name="governor", weights=own, reservation=0.3, tactic=make_tactic("trade_off")),
        Side(name="coalition", weights=-other, reservation=0.3, tactic=make_tactic("trade_off")),
    )
    luck = luck_of_talks(Luck(1, np.arange(worlds)), rounds)
    talks = Talks(
        sides=sides,
        low=np.zeros(3),
        high=np.ones(3),
        rounds=rounds,
        worlds=worlds,
        protocol="random_recognition",
        luck=luck,
    )
    offers: list[dict[str, np.ndarray]] = []
    for _ in range(3):
        offers.append(dict(talks.propose().offers))
        talks.answer()
    firsts = luck[2, :3] < 0.5
    heard = firsts[0] & ~firsts[1] & ~firsts[2]  # the coalition heard the governor once, then spoke itself
    assert heard.any()
    assert np.array_equal(sides[1].last_offer[:, heard], offers[0]["governor"][:, heard])
    silent = ~firsts[:3].any(axis=0)  # and here it has heard nothing yet
    assert silent.any() and (np.array(sides[1].heard)[:, silent] == 0).all()


def test_no_unit_has_more_posts_at_stake_than_it_has():
    crisis = Crisis(load_scenario(CASE).with_settings({"unions.list_scale": 1.3}), worlds=np.arange(1), seed=2011)
    crisis.state.listed = np.ones_like(crisis.state.listed)
    assert np.allclose(jobs_at_stake(crisis.state, crisis.numbers), 1.0)


def test_a_list_scaled_to_nothing_puts_no_post_at_stake():
    case = load_scenario(CASE).with_settings({"unions.list_scale": 0})
    crisis = Crisis(case, worlds=np.arange(3), seed=2011)
    assert np.all(jobs_at_stake(crisis.state, crisis.numbers) == 0)
    crisis.play()


def test_where_a_list_names_nobody_anybody_may_be_laid_off_as_the_governor_reckons(tmp_path):
    """The gap of a refused offer is filled by layoffs as under a list, by the members of the units."""
    row = "City Employees,general unit,1200,70,3,0.06,0.75,made up"
    folder = copied(tmp_path / "case", "single-union").folder
    units = folder / "units.csv"
    two = [row.replace("1200", size).replace("general unit", name).replace("0.06", "0") for name, size in UNLIKE]
    units.write_text(units.read_text(encoding="utf-8").replace(row, "\n".join(two)), encoding="utf-8")
    case, seen = load_scenario(folder), list[Happening]()
    columns = Crisis(case, worlds=np.arange(40), seed=2011, observers=[seen.append]).play().columns
    listed = simulate_block(load_scenario("single-union"), seed=2011, worlds=np.arange(40)).columns
    refused, refused_there = ~columns["deal"], ~listed["deal"]
    assert refused.any() and refused_there.any()
    assert columns["layoffs"][refused] == pytest.approx(listed["layoffs"][refused_there][0])
    (posts,) = [one.unit_posts for one in seen if isinstance(one, Filling)]
    assert posts[0][refused] == pytest.approx(3 * posts[1][refused]) and (posts[1][refused] > 1).all()


def test_a_leader_whose_members_cast_no_ballot_goes_by_everybodys():
    """Bound to a pattern, some unions sign nothing and do not vote; a leader did as if all his members had said no."""
    settings = {"calendar.talks.table": "pattern", "leaders.risk_weight": 0}
    crisis = Crisis(load_scenario(CASE).with_settings(settings), worlds=np.arange(400), seed=2011)
    while crisis.running:
        crisis.step()
    tally = crisis.state.tallies[0]
    silent = (tally.yes_ballots + tally.no_ballots == 0) & crisis.state.where("refused")
    carried = tally.yes_ballots.sum(axis=0) > tally.no_ballots.sum(axis=0)
    assert silent.any()
    assert np.array_equal(crisis.state.campaigning[silent], np.broadcast_to(carried, silent.shape)[silent])
