"""Votes are moved and counted in single precision; the same worlds in double show that nothing hangs on it.

In 20,000 worlds of the shipped case no outcome differs, and 40 count a ballot more or less at the first vote.
"""

from __future__ import annotations

import numpy as np
import pytest

import sim.worlds.axis
from sim import load_scenario, simulate_block
from sim.acts.beliefs import weigh
from sim.crisis import Crisis

WORLDS = np.arange(3000)


@pytest.fixture(scope="module")
def both():
    case = load_scenario("connecticut-2011")
    single = simulate_block(case, seed=2011, worlds=WORLDS).columns
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sim.worlds.axis, "SINGLE", np.float64)
        double = simulate_block(case, seed=2011, worlds=WORLDS).columns
    return single, double


def test_no_world_ends_otherwise(both):
    single, double = both
    assert (single["outcome"] != double["outcome"]).sum() <= 1


@pytest.mark.parametrize("name", ["yes_share_1", "yes_share_2", "turnout_1", "house_yes", "senate_yes"])
def test_hardly_a_ballot_is_counted_otherwise(both, name):
    single, double = both
    apart = np.abs(single[name] - double[name])
    assert (apart > 1e-9).mean() < 0.01
    assert np.nanmax(apart) <= (1 if name.endswith("_yes") else 1e-4)


@pytest.mark.parametrize("name", ["deal_savings", "savings", "layoffs", "deficit"])
def test_money_agrees_to_a_thousand_dollars(both, name):
    single, double = both
    np.testing.assert_allclose(single[name], double[name], atol=1e-3)


def test_no_number_in_double_slips_into_what_moves_a_vote():
    """One of NumPy's own numbers would turn all that it meets into double, at twice the time and memory."""
    crisis = Crisis(load_scenario("connecticut-2011"), worlds=np.arange(3), seed=2011)
    crisis.play()
    bodies, state = crisis.bodies, crisis.state
    seats, units, mayors = bodies.assembly.members, bodies.units, bodies.mayors
    hearing = weigh(state, bodies, crisis.numbers).hearing
    moving = [
        *(seats.support, seats.lean_today, seats.toll, seats.for_it),
        *(part for tally in (*units.benefits, *units.wages) for part in tally),
        mayors.lobby(np.float32(0.1)),
        *(units.mood, units.burden_factor),
        *(part for part in (*hearing.voters, hearing.risk) if part is not None),
        *(state.beliefs.of_units(), state.share_listed(crisis.numbers.unions.list_scale)),
    ]
    assert {np.asarray(amount).dtype for amount in moving} == {np.dtype(np.float32)}
