"""Every kind of body: one alone is its row of all, and a block has the bodies that each of its worlds alone has."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from functools import partial

import numpy as np
import pytest

from agents import ALL_AGENTS
from sim import BudgetCrisis, load_scenario, simulate_block
from sim.crisis import Crisis
from sim.errors import ModelFault

WORLDS = np.arange(40)


@pytest.fixture(scope="module")
def crisis() -> Crisis:
    found = Crisis(load_scenario("connecticut-2011"), worlds=WORLDS, seed=2011)
    found.play()
    return found


def test_the_list_of_agents_is_what_a_crisis_has(crisis):
    assert {type(kind) for kind in crisis.bodies.all()} == set(ALL_AGENTS)


@pytest.mark.parametrize("kind", ALL_AGENTS, ids=lambda kind: kind.__name__)
def test_every_kind_says_what_it_wants_and_has_a_role_of_its_own(kind):
    assert kind.__doc__ and kind.role
    assert sum(other.role == kind.role for other in ALL_AGENTS) == 1


def test_one_mayor_lobbies_and_absorbs_as_his_row_does(crisis):
    mayors = crisis.bodies.mayors
    loss_share = np.full((mayors.bodies, len(WORLDS)), 0.05, np.float32)
    together, loss = mayors.lobby(loss_share), np.full((mayors.bodies, len(WORLDS)), 2.0)
    absorbed = mayors.absorb(loss, 0.3)
    for row in (0, 7, 168):
        alone = mayors.one(row)
        assert np.array_equal(alone.lobby(loss_share[row]), together[row])
        for part, of_all in zip(alone.absorb(loss[row], 0.3), absorbed, strict=True):
            assert np.array_equal(part, of_all[row])


def test_some_mayors_fear_for_the_posts_that_each_of_them_alone_does(crisis):
    mayors, loss = crisis.bodies.mayors, np.linspace(0.0, 9.0, 3 * len(WORLDS)).reshape(3, len(WORLDS))
    rows = [7, 0, 168]
    assert mayors.some(rows).bodies == 3
    for feared, row, own in zip(mayors.some(rows).layoffs_feared(loss), rows, loss, strict=True):
        assert feared.any() and np.array_equal(feared, mayors.one(row).layoffs_feared(own))


def test_one_legislator_votes_as_his_row_does(crisis):
    members = crisis.bodies.assembly.members
    asked = crisis.bodies.assembly.asked()
    votes, strikes = members.votes_yes(0.5, asked), members.strikes_aid(0.5)
    for row in (0, 100, 186):
        alone = members.one(row)
        assert np.array_equal(alone.votes_yes(0.5, asked), votes[row])
        assert np.array_equal(alone.strikes_aid(0.5), strikes[row])


def test_a_mesa_model_s_agents_are_the_bodies_themselves():
    import mesa

    from agents.mayor import Mayor

    model = BudgetCrisis(world=3, collect=False)
    mayors = [agent for agent in model.agents if isinstance(agent, Mayor)]
    assert len(mayors) == 169 and all(isinstance(agent, mesa.Agent) for agent in mayors)
    assert mayors[0].town.name == model.case.town_halls.towns[0].name
    model.release()


def test_a_block_has_each_world_s_bodies_as_that_world_alone_has(crisis):
    alone = Crisis(load_scenario("connecticut-2011"), worlds=WORLDS[[11]], seed=2011)
    alone.play()
    for of_all, of_one in zip(crisis.bodies.all(), alone.bodies.all(), strict=True):
        for name, amount in vars(of_one).items():
            if isinstance(amount, np.ndarray) and amount.ndim >= 2 and amount.shape[-1] == 1:
                known = np.asarray(getattr(of_all, name))
                place = 11 if known.shape[-1] == len(WORLDS) else 0
                assert np.array_equal(known[..., place], amount[..., 0]), (type(of_one).__name__, name)


ODD = [3, 17]
IN_PLAY = {  # settings under which a decision comes up in Connecticut
    "bears": {"legislature.request": "anticipated"},
    "leaves_in": {"legislature.request": "anticipated", "legislature.rule": "open"},
    "price": {"legislature.favours": 1},
}
EVERY_DECISION = [pytest.param(kind, name, id=f"{kind.role}.{name}") for kind in ALL_AGENTS for name in kind.answers]


def changed(kind, decision, change=lambda answer: answer):
    """A decision of ours with its answer changed."""
    return lambda self, *given, **named: change(getattr(kind, decision)(self, *given, **named))


def spoilt(answer, nonsense):
    """An answer, whatever it is made of, with nonsense in the odd worlds, or in the first where it is about some."""
    if is_dataclass(answer):
        return replace(answer, **{one.name: spoilt(getattr(answer, one.name), nonsense) for one in fields(answer)})
    if isinstance(answer, tuple):
        parts = [spoilt(part, nonsense) for part in answer]
        return type(answer)(*parts) if hasattr(answer, "_fields") else tuple(parts)
    if answer is None or isinstance(answer, str):
        return answer
    amounts = np.array(answer, dtype=float, ndmin=1)
    amounts[..., ODD if amounts.shape[-1] == len(WORLDS) else 0] = nonsense
    return amounts


@pytest.mark.parametrize("kind, name", EVERY_DECISION)
def test_what_a_body_in_our_place_may_not_answer_is_refused_by_name_and_world(kind, name):
    allowed = kind.answers[name]
    case = load_scenario("los-angeles-2011" if name == "could_ratify" else "connecticut-2011")
    case = case.with_settings(IN_PLAY.get(name, {}))
    for nonsense in {np.nan, np.inf, allowed.least - 0.1, allowed.most + 0.1}:
        if np.isinf(nonsense) and not allowed.finite:
            continue
        own = type("Own", (kind,), {name: changed(kind, name, partial(spoilt, nonsense=nonsense))})
        with pytest.raises(ModelFault, match=rf"^Own\.{name}: must be ") as caught:
            simulate_block(case, seed=2011, worlds=WORLDS, kinds={kind.role: own})
        where = caught.value.where
        if where is not None and where.shape == WORLDS.shape:
            assert np.flatnonzero(where).tolist() == ODD


@pytest.mark.parametrize("name", ["connecticut-2011", "los-angeles-2011", "single-union"])
def test_our_own_bodies_give_what_a_body_in_their_place_may(name):
    kinds = {
        kind.role: type("Own", (kind,), {decision: changed(kind, decision) for decision in kind.answers})
        for kind in ALL_AGENTS
    }
    case = load_scenario(name)
    held, usual = (simulate_block(case, seed=2011, worlds=WORLDS, kinds=own).columns for own in (kinds, None))
    assert all(np.array_equal(held[column], usual[column], equal_nan=True) for column in usual if column != "world")
