"""Every kind of body: one alone is its row of all, and a block has the bodies that each of its worlds alone has."""

from __future__ import annotations

import numpy as np
import pytest

from agents import ALL_AGENTS
from sim import BudgetCrisis, load_scenario
from sim.crisis import Crisis

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
