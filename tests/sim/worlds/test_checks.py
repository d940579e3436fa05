"""What a plug-in gives is what its contract says, or exactly the worlds in which it is not are named."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from agents.tactics import Tactic
from agents.tactics.time_dependent import Linear
from sim import load_scenario, simulate_block
from sim.bargaining.protocols.alternating_offers import AlternatingOffers
from sim.bargaining.side import Side
from sim.bargaining.talks import Talks
from sim.errors import ModelFault
from sim.worlds import checks

WORLDS = 1000
ODD = np.random.default_rng(15).choice(WORLDS, 5, replace=False)  # half a per cent


def talks(tactic: Tactic, protocol: object = "alternating_offers") -> Talks:
    wants = np.array([1.0, 0.5])
    sides = (
        Side(name="first", weights=wants, reservation=0.3, tactic=tactic),
        Side(name="second", weights=-wants[::-1], reservation=0.3, tactic=Linear()),
    )
    bounds = {"low": np.zeros(2), "high": np.ones(2)}
    return Talks(sides=sides, rounds=6, worlds=WORLDS, protocol=protocol, **bounds)


@pytest.mark.parametrize("nonsense", [np.nan, np.inf, -np.inf, 5.0, 0.29, -1.0])
@pytest.mark.parametrize("method", ["aspiration", "accepts_from"])
def test_nonsense_from_a_tactic_in_half_a_per_cent_of_worlds_names_these_worlds(method, nonsense):
    class Odd(Linear):
        def _odd(self, moment):
            asked = np.array(Linear().aspiration(moment))
            asked[ODD] = nonsense
            return asked

    setattr(Odd, method, Odd._odd)
    with pytest.raises(
        ModelFault, match=rf"Odd\.{method}: must be finite from 0.3 to 1, got .* in 5 of 1,000"
    ) as caught:
        talks(Odd()).hold_all()
    assert np.flatnonzero(caught.value.where).tolist() == sorted(ODD)


@pytest.mark.parametrize(
    "nonsense", [None, "a lot", [0.5, 0.6], np.ones((2, WORLDS)), np.ones(WORLDS, complex), [[1], [2, 3]], {}]
)
def test_what_is_no_number_a_world_is_refused_by_name(nonsense):
    class Odd(Linear):
        def aspiration(self, moment):
            return nonsense

    with pytest.raises(ModelFault, match=r"^Odd\.aspiration: must "):
        talks(Odd()).hold_all()


@pytest.mark.parametrize("nonsense", [np.nan, 1.1, -0.1, np.inf])
def test_a_package_out_of_bounds_names_the_issue_and_the_worlds(nonsense):
    class Odd(Linear):
        def offer(self, aspiration, moment):
            package = moment.frontier.offer(aspiration)
            package[1, ODD] = nonsense
            return package

    with pytest.raises(ModelFault, match=r"Odd\.offer, issue 1: must be finite from 0 to 1, got") as caught:
        talks(Odd()).hold_all()
    assert np.flatnonzero(caught.value.where).tolist() == sorted(ODD)


def test_a_protocol_answers_yes_or_no():
    class Odd(AlternatingOffers):
        def accepted(self, *given):
            return np.where(super().accepted(*given), 1.0, np.nan)

    with pytest.raises(ModelFault, match=r"Odd\.accepted: must be true or false, got ndarray of float64"):
        talks(Linear(), Odd()).hold_all()


def test_a_tactic_that_keeps_its_contract_is_left_alone():
    assert talks(Linear()).hold_all().agreed.all()


def test_columns_are_blank_only_where_they_may_be():
    column = np.array([1.0, np.nan, 3.0])
    checks.columns({"turnout": column}, 3, blank={"turnout"})
    with pytest.raises(ModelFault, match="column turnout: must be finite, got nan in 1 of 3 worlds"):
        checks.columns({"turnout": column}, 3, blank=())
    with pytest.raises(ModelFault, match="column turnout: must be finite, got inf"):
        checks.columns({"turnout": np.array([1.0, np.inf, 3.0])}, 3, blank={"turnout"})
    with pytest.raises(ModelFault, match="column turnout: has shape"):
        checks.columns({"turnout": column}, 4)


def test_a_fault_says_which_world_and_survives_the_way_between_processes(monkeypatch):
    def aspiration(self, moment):
        asked = np.array(np.broadcast_to(1.0, moment.reservation.shape))
        asked[3:5] = np.nan
        return asked

    monkeypatch.setattr("agents.tactics.time_dependent.TimeDependent.aspiration", aspiration)
    with pytest.raises(ModelFault, match=r"the first is world 103$") as caught:
        simulate_block(load_scenario("connecticut-2011"), seed=1, worlds=np.arange(100, 110))
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value) and again.where.tolist() == caught.value.where.tolist()
