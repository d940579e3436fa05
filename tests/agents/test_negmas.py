"""Our alternating offers beside NegMAS's: the same tactic finds the same agreement (extra ``[negmas]``)."""

from __future__ import annotations

import numpy as np
import pytest

negmas = pytest.importorskip("negmas")

from negmas.sao import AspirationNegotiator, SAOMechanism  # noqa: E402

from agents.negmas_seat import NegmasSeat, OnNegmasClock, hold_all, utility_of  # noqa: E402
from agents.tactics import make_tactic  # noqa: E402
from sim.bargaining.side import Side  # noqa: E402
from sim.bargaining.talks import Talks  # noqa: E402
from sim.errors import WrongInput  # noqa: E402

STEPS, LEVELS = 50, 2001
NEAR = 1.5  # of 1000: NegMAS's negotiators look 0.001 around their aspiration, and a level is 0.5


def price_talks(speeds: tuple[float, float]) -> Talks:
    """Over one price, each with a time-dependent tactic on NegMAS's clock; no deal is worth nothing."""
    sides = tuple(
        Side(
            name=name,
            weights=np.array([sign]),
            reservation=0.0,
            tactic=OnNegmasClock(tactic=make_tactic("time_dependent", {"speed": speed})),
        )
        for name, sign, speed in (("seller", 1.0, speeds[0]), ("buyer", -1.0, speeds[1]))
    )
    return Talks(sides=sides, low=np.zeros(1), high=np.array([1000.0]), rounds=2 * STEPS, worlds=1)


def negotiator(speed: float) -> AspirationNegotiator:
    """NegMAS's polynomial aspiration; its exponent is one over our speed."""
    return AspirationNegotiator(aspiration_type=1 / speed)


SPEEDS = pytest.mark.parametrize("speeds", [(1.0, 1.0), (0.25, 1.0), (0.5, 0.5), (3.0, 1.0), (0.25, 4.0)])


@SPEEDS
def test_the_same_tactic_finds_the_same_agreement_in_negmas(speeds):
    ours = price_talks(speeds).hold_all()
    theirs = SAOMechanism(issues=utility_of(ours.sides[0], ours, LEVELS).outcome_space.issues, n_steps=STEPS)
    for side, speed in zip(ours.sides, speeds, strict=True):
        theirs.add(negotiator(speed), ufun=utility_of(side, ours, LEVELS))
    state = theirs.run()
    assert ours.agreed[0] and state.agreement is not None
    assert state.agreement[0] == pytest.approx(ours.package[0, 0], abs=NEAR)
    assert theirs.full_trace[-1].step == (ours.agreed_round[0] + 1) // 2


@SPEEDS
@pytest.mark.parametrize("seated", [("seller",), ("buyer",), ("seller", "buyer")])
def test_a_negmas_negotiator_in_our_chair_bargains_as_our_tactic_does(speeds, seated):
    ours = price_talks(speeds).hold_all()
    talks = price_talks(speeds)
    seats = {
        side.name: NegmasSeat(talks, side.name, negotiator(speed), levels=LEVELS)
        for side, speed in zip(talks.sides, speeds, strict=True)
        if side.name in seated
    }
    hold_all(talks, seats)
    assert talks.agreed_round[0] == ours.agreed_round[0]
    assert talks.package[0, 0] == pytest.approx(ours.package[0, 0], abs=NEAR)


def test_a_negmas_negotiator_takes_part_in_talks_over_several_issues():
    random = np.random.default_rng(1)
    own, other = random.uniform(0.1, 1, size=(2, 3))
    sides = (
        Side(name="governor", weights=own, reservation=0.2, tactic=make_tactic("linear")),
        Side(name="coalition", weights=-other, reservation=0.2, tactic=make_tactic("linear")),
    )
    talks = Talks(sides=sides, low=np.zeros(3), high=np.array([3.0, 1.0, 5.0]), rounds=40, worlds=1)
    hold_all(talks, {"coalition": NegmasSeat(talks, "coalition", negotiator(1.0))})
    assert talks.agreed[0]
    assert all(side.value(talks.package)[0] >= 0.2 - 1e-9 for side in sides)


def test_a_seat_is_for_one_world():
    talks = Talks(sides=price_talks((1.0, 1.0)).sides, low=np.zeros(1), high=np.ones(1), rounds=4, worlds=2)
    with pytest.raises(WrongInput, match="one world"):
        NegmasSeat(talks, "buyer", negotiator(1.0))
