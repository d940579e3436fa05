"""Each union at a table of its own: what a settlement binds, how they add up, and what the lead table does."""

from __future__ import annotations

import functools
import shutil
from pathlib import Path

import numpy as np
import pytest

from sim import load_scenario, simulate_block
from sim.acts.beliefs import terms_of
from sim.acts.settlement import kept_bargain
from sim.crisis import Crisis
from sim.errors import WrongInput
from sim.scenario.folder import SHIPPED
from sim.scenario.scenario import Scenario

WORLDS = np.arange(200)


@functools.cache
def case(**settings: str) -> Scenario:
    chosen = {key.replace("__", "."): value for key, value in settings.items()}
    return load_scenario("connecticut-2011").with_settings({"calendar.talks.table": "pattern"} | chosen)


@pytest.fixture(scope="module")
def model() -> Crisis:
    crisis = Crisis(case(), worlds=WORLDS, seed=3)
    crisis.play()
    return crisis


def test_with_a_single_union_the_structure_of_the_table_makes_no_difference(tmp_path: Path):
    folder = tmp_path / "one"
    shutil.copytree(SHIPPED / "single-union", folder)
    file = folder / "scenario.toml"
    file.write_text(file.read_text().replace('"unions"]', '"unions", "coalition"]'))
    blocks = [
        simulate_block(load_scenario(folder).with_settings({"calendar.talks.table": table}), seed=1, worlds=WORLDS)
        for table in ("coalition", "pattern")
    ]
    assert blocks[0].columns["tentative_deal"].any()
    for name, column in blocks[0].columns.items():
        np.testing.assert_allclose(
            np.asarray(column, float), np.asarray(blocks[1].columns[name], float), rtol=1e-9, atol=1e-12, err_msg=name
        )


def test_the_savings_of_the_tables_add_up_by_payroll(model):
    tables, agreed = model.state.tables, model.state.agreed

    def savings(table):
        return terms_of(np.where(table.agreed, table.package, 0.0), model.numbers).savings

    by_hand = sum(
        share * np.where(table.agreed, savings(table), 0.0)
        for share, table in zip(tables.share, tables.tables, strict=True)
    )
    assert np.allclose(tables.share.sum(axis=0), 1.0)
    np.testing.assert_allclose(model.measures.block().columns["deal_savings"][agreed], by_hand[agreed])


def test_a_union_without_a_settlement_does_not_vote_and_is_not_protected(model):
    settled, block, agreed = model.state.tables.settled, model.measures.block(), model.state.agreed
    left_out = ~settled & agreed
    assert left_out.any(), "choose other worlds: every union settles in these"
    assert np.isnan(block.union_yes[0][left_out]).all()
    assert np.isfinite(block.union_yes[0][settled & agreed]).all()
    units, unions = model.bodies.units, model.bodies.unions
    _, unprotected = kept_bargain(
        model.state.ratified[0] & model.state.approved, model.state, model.bodies, model.numbers.rows
    )
    for place, rows in enumerate(unions.rows):
        assert (units.benefits[0].cast[rows][:, ~settled[place]] == 0).all()
        assert (unprotected[rows][:, ~settled[place]] == 1).all()


def test_there_is_a_tentative_deal_where_those_that_settled_could_ratify_it_alone(model):
    """14 of 15 unions and 80 % of members: never without the largest, which holds more than a fifth."""
    settled, members, agreed = model.state.tables.settled, model.bodies.unions.members, model.state.agreed
    enough = (settled.sum(axis=0) >= 14) & ((settled * members).sum(axis=0) >= 0.8 * members.sum(axis=0))
    assert np.array_equal(agreed, enough)
    assert settled[0][agreed].all()


def test_followers_wait_for_the_leader(model):
    tables = model.state.tables
    lead = np.where(tables.leader.agreed, tables.leader.agreed_round, tables.pattern.wait)
    for follower in tables.pattern.followers:
        early = follower.agreed & (follower.agreed_round < np.minimum(lead, tables.pattern.wait))
        assert not early.any()


def test_the_largest_union_leads_unless_another_is_named():
    for settings, leader in (({}, "AFSCME Council 4"), ({"calendar__talks__pattern_leader": "CEUI"}, "CEUI")):
        crisis = Crisis(case(**settings), worlds=np.arange(2), seed=3)
        (opening,) = crisis.step()
        assert opening.leader == leader
        assert crisis.state.talks is crisis.state.tables.tables[crisis.case.unions.names.index(leader)]


def test_a_leader_that_is_no_union_is_refused_with_the_nearest_name():
    with pytest.raises(WrongInput, match=r"pattern_leader: no union 'CEUU'.*CEUI"):
        case(calendar__talks__pattern_leader="CEUU")


@pytest.mark.parametrize(
    "settings",
    [
        {"calendar__talks__blackout": "false"},
        {"coalition__tactic": "averaged_tit_for_tat", "governor__learning": "0.05"},
        {"calendar__talks__table": "coalition", "calendar__talks__blackout": "false"},
        {"calendar__talks__protocol": "random_recognition"},
    ],
)
def test_a_world_comes_out_the_same_in_any_block(settings):
    block = simulate_block(case(**settings), seed=2, worlds=np.arange(40))
    for worlds in (np.array([7]), np.array([31, 5])):
        alone = simulate_block(case(**settings), seed=2, worlds=worlds)
        for name, column in alone.columns.items():
            np.testing.assert_array_equal(column, block.columns[name][worlds], err_msg=name)


def test_without_bargaining_the_offer_of_the_file_is_put_to_the_vote():
    columns = simulate_block(case(calendar__talks__table="last_offer"), seed=1, worlds=WORLDS).columns
    assert columns["tentative_deal"].all()
    # two frozen years, the lists of changes whole, four years of security, half a point more a year later
    sure = 2 * 112 + 242.6 + 102.5 + 232
    security, raises = 2 * 12 + 2 * 5 * 12, 0.5 * 4 * 12  # at their dearest within the scenario's ranges
    assert (columns["deal_savings"] < sure).all() and (columns["deal_savings"] > sure - security - raises).all()
    assert np.isnan(columns["governor_utility"]).all()


def test_a_last_offer_must_name_every_issue(tmp_path: Path):
    folder = tmp_path / "case"
    shutil.copytree(SHIPPED / "connecticut-2011", folder)
    file = folder / "scenario.toml"
    lines = file.read_text().splitlines()
    lines.remove(next(line for line in lines if line.startswith("last_offer")))
    file.write_text("\n".join(lines))
    with pytest.raises(WrongInput, match=r"issues.wage_freeze.last_offer is missing: nobody bargains"):
        load_scenario(folder).with_settings({"calendar.talks.table": "last_offer"})
