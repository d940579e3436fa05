"""The crisis as a whole: a world is a world in any block, money adds up, and stricter rules never help a deal."""

from __future__ import annotations

import functools
import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from played import played

from experiments.runs.narration import play
from sim import BudgetCrisis, load_scenario, simulate, simulate_block
from sim.crisis import Crisis
from sim.errors import WrongInput
from sim.outcomes import OUTCOMES
from sim.record import Ballots, Filling, RollCall
from sim.scenario.scenario import Scenario

CASE = "connecticut-2011"
MONEY = ("savings", "revenue", "layoffs", "programmes", "aid", "taxes", "deficit")
SHARES = ("yes_share_1", "bloc_share_1", "turnout_1", "yes_share_2", "bloc_share_2", "turnout_2", "authority_share")


@functools.cache
def case(**settings: str) -> Scenario:
    return load_scenario(CASE).with_settings({key.replace("__", "."): value for key, value in settings.items()})


@pytest.fixture(scope="module")
def block():
    return simulate_block(case(), seed=2011, worlds=np.arange(600))


@pytest.mark.parametrize("size", [1, 7, 64, 599])
def test_a_world_comes_out_the_same_in_any_block(block, size):
    for start in {0, 7, 300 // size * size, 595}:
        worlds = np.arange(start, min(start + size, 600))
        alone = simulate_block(case(), seed=2011, worlds=worlds)
        for name, column in alone.columns.items():
            np.testing.assert_array_equal(column, block.columns[name][worlds], err_msg=name)
        np.testing.assert_array_equal(alone.unit_yes, block.unit_yes[..., worlds])


def test_worlds_in_any_order_and_twice_over_keep_their_fate(block):
    worlds = np.array([40, 3, 3, 599, 7])
    shuffled = simulate_block(case(), seed=2011, worlds=worlds)
    for name, column in shuffled.columns.items():
        np.testing.assert_array_equal(column, block.columns[name][worlds], err_msg=name)


def test_a_played_world_is_the_ensemble_s_world(block):
    for world in (0, 7, 123):
        played = play(case(), seed=2011, world=world)
        assert played["outcome"] == OUTCOMES[block.columns["outcome"][world]]
        for name, value in played["measures"].items():
            np.testing.assert_array_equal(value, block.columns[name][world], err_msg=name)


def test_a_story_is_dated_in_order_and_ends_with_who_pays():
    events = play(case(), seed=2011, world=7)["events"]
    assert [event["date"] for event in events] == sorted(event["date"] for event in events)
    assert events[-1]["phase"] == "settlement"


numeric = [row for row in load_scenario(CASE).parameters() if row["low"] is not None and not row["whole"]]


@st.composite
def crises(draw):
    """A scenario with any few of its parameters anywhere in their ranges, and any switches thrown."""
    settings = {}
    for row in draw(st.lists(st.sampled_from(numeric), max_size=8, unique_by=lambda row: row["name"])):
        most = min(row["high"], 0.9999) if row["name"].startswith("rules.") else row["high"]  # more than all is refused
        settings[row["name"]] = str(round(draw(st.floats(row["low"], most)), 4))
    settings["governor.request_aid"] = draw(st.sampled_from(["true", "false"]))
    settings["instruments.taxes.allowed"] = draw(st.sampled_from(["true", "false"]))
    settings["calendar.talks.opener"] = draw(st.sampled_from(["governor", "coalition"]))
    settings["legislature.rule"] = draw(st.sampled_from(["open", "closed"]))
    return settings


@hypothesis_settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(crises(), st.integers(0, 10_000))
def test_money_adds_up_and_nobody_votes_twice_in_any_scenario(settings, seed):
    scenario = load_scenario(CASE).with_settings(settings)
    crisis, record = played(scenario, worlds=np.arange(60), seed=seed)
    columns = crisis.measures.block().columns
    (filling,) = (said for said in record if isinstance(said, Filling))
    np.testing.assert_allclose(sum(columns[name] for name in MONEY), crisis.state.gap, rtol=1e-9)
    assert all((columns[name] >= -1e-9).all() for name in MONEY if name != "savings")
    spent = columns["layoffs"] + columns["programmes"] + columns["aid"]
    assert (spent <= filling.authority + 1e-6).all()
    assert (columns["aid"] <= filling.aid_share * np.asarray(crisis.numbers.money.aid_total) + 1e-6).all()
    for name in SHARES:
        known = columns[name][np.isfinite(columns[name])]
        assert ((known >= 0) & (known <= 1)).all(), name
    units = crisis.bodies.units
    for tally in (*units.benefits, *units.wages):
        assert ((tally.yes >= 0) & (tally.yes <= tally.cast) & (tally.cast <= units.members)).all()
    assert (filling.unit_posts <= units.members + 1e-6).all()
    towns = ("reserves_drawn", "town_deferral", "town_concessions", "local_layoffs", "local_taxes", "town_unabsorbed")
    np.testing.assert_allclose(sum(columns[name] for name in towns), columns["aid"], atol=1e-6)


@pytest.mark.parametrize(
    ("name", "loose_to_strict"),
    [("rule.unions_needed", [8, 11, 14, 15]), ("rule.share_needed", [0.5, 0.6, 0.8, 0.9])],
)
def test_a_stricter_rule_never_turns_a_refused_vote_on_the_same_deal_into_a_ratified_one(name, loose_to_strict):
    """The deal itself answers to the rule: leaders who must carry more unions sign other deals. So the ballots of
    one deal are counted under each rule."""
    crisis = Crisis(case(), worlds=np.arange(400), seed=1)
    while not crisis.state.tallies:
        crisis.step()
    key = case().entry(name).key.removeprefix("rules.ratification.")
    carried = [
        case().rules.ratification.with_thresholds({key: threshold}).carries(crisis.state.tallies[0])
        for threshold in loose_to_strict
    ]
    for loose, strict in itertools.pairwise(carried):
        assert not (strict & ~loose).any()


def test_mesa_finds_no_scenario_of_its_own_to_put_in_the_place_of_the_case_on_a_reset():
    assert BudgetCrisis().scenario is None and BudgetCrisis(scenario="single-union").case.name == "single-union"


def test_mesa_s_own_tools_work_on_the_model():
    import mesa

    rows = mesa.batch_run(
        BudgetCrisis,
        {"scenario": CASE, "world": [3, 4], "members.trust": [1.5, 3.0]},
        number_processes=1,
        iterations=1,
        max_steps=200,
        data_collection_period=-1,
        display_progress=False,
    )
    assert len(rows) == 4
    assert {"agreed", "ratified", "belief"} <= set(rows[0])
    model = BudgetCrisis(scenario=CASE, worlds=20)
    kinds = {type(agent).__name__: 0 for agent in model.agents}
    for agent in model.agents:
        kinds[type(agent).__name__] += 1
    assert kinds == {
        "Governor": 1,
        "Coalition": 1,
        "Leader": 15,
        "Union": 15,
        "Unit": 32,
        "Chamber": 2,
        "Legislator": 187,
        "Mayor": 169,
    }
    while model.running:
        model.step()
    frame = model.datacollector.get_model_vars_dataframe()
    assert frame["ratified"].between(0, 1).all()
    assert len(frame) == len(model.agenda)


def test_agents_report_what_they_believe_and_decided_and_are_not_moved_by_it():
    model = BudgetCrisis(scenario=CASE, world=7, collect="agents")
    while model.running:
        model.step()
    told = model.datacollector.get_agent_vars_dataframe()
    assert told["believes"].loc[1].notna().any() and told["decided"].loc[1].isna().all()  # nobody has decided yet
    last = told.loc[told.index.get_level_values("Step").max()]
    roll_call = [said for said in model.record if isinstance(said, RollCall) and said.where[0]][-1]
    votes = last.loc[last["role"] == "legislator", "decided"]
    assert (votes == "yes").sum() == (roll_call.yes & roll_call.here).sum() and (votes == "no").any()
    ballots = [said for said in model.record if isinstance(said, Ballots) and said.where[0]][-1]
    assert last.loc[last["role"] == "unit", "decided"].tolist() == ballots.unit_yes_share[:, 0].tolist()
    assert last.loc[last["role"] == "union", "decided"].sum() == 14  # of 15, as the story tells
    assert last["wants"].str.startswith(("Wants", "Members", "Speaks", "Decides")).all()
    alone = BudgetCrisis(scenario=CASE, world=7, collect=False)
    while alone.running:
        alone.step()
    columns = [each.results().columns for each in (model, alone)]
    assert all(np.array_equal(mine, columns[1][name], equal_nan=True) for name, mine in columns[0].items())
    days = model.datacollector.get_model_vars_dataframe()
    by_role = told.set_index("role", append=True)["believes"].groupby(["role", "Step"]).first()
    assert by_role["governor"].tolist() == days["reservation_savings"].tolist() and by_role["governor"].nunique() > 1
    agreed = int(days["agreed"].argmax()) + 1  # the step on which the deal takes the threats back
    assert by_role["unit"][agreed] < by_role["unit"][agreed - 1]
    model.release()
    with pytest.raises(WrongInput, match="single world"):
        BudgetCrisis(scenario=CASE, worlds=2, collect="agents")


def test_a_released_model_is_forgotten():
    import gc
    import weakref

    model = BudgetCrisis(scenario=case(), worlds=2, collect=False)
    gone = weakref.ref(model)
    model.release()
    del model
    gc.collect()
    assert gone() is None


def test_the_table_has_a_row_a_world_and_says_outcomes_by_name():
    table = simulate(case(), worlds=300, seed=5, block=128).table
    assert list(table["world"]) == list(range(300))
    assert set(table["outcome"]) <= set(OUTCOMES)


@pytest.mark.parametrize(
    ("missing", "words"),
    [("legislature", "no legislature"), ("towns", "no towns"), ("coalition", "no coalition"), (None, "")],
)
def test_a_case_without_a_body_runs_and_says_which_phases_it_skips(missing, words, tmp_path):
    import shutil
    import tomllib

    source = load_scenario(CASE).folder
    shutil.copytree(source, tmp_path / "case")
    text = (source / "scenario.toml").read_text(encoding="utf-8")
    if missing is not None:
        # the section goes, and with it what only speaks of that body
        sections = text.split("\n[")
        kept = [part for part in sections if not part.startswith((f"{missing}]", f"{missing}."))]
        text = "\n[".join(kept)
    assert tomllib.loads(text)
    (tmp_path / "case" / "scenario.toml").write_text(text, encoding="utf-8")
    scenario = load_scenario(tmp_path / "case")
    block = simulate_block(scenario, seed=1, worlds=np.arange(50))
    assert len(block.columns["outcome"]) == 50
    assert any(words in phase for phase in scenario.skipped) is (missing is not None)
