"""The legislature's say over a ratified agreement: given by silence after thirty days, or by a vote."""

from __future__ import annotations

import numpy as np

from agents.chamber import Assembly, Roll
from sim.bodies import Bodies
from sim.record import Approval, RollCall
from sim.scenario.numbers import Numbers
from sim.state import Happenings, Mask, State, today


def approve_agreement(vote: int, state: State, bodies: Bodies, numbers: Numbers) -> Happenings:
    """The last word on the agreement that the members' first or second vote ratified, where there is a legislature."""
    if bodies.assembly is None:
        return []
    roll, carried, called = vote_on_agreement(bodies.assembly)
    ratified = state.ratified[vote - 1]
    state.approved = np.where(ratified, carried, state.approved)
    approval = Approval(
        **today(state, ratified),
        vote=vote,
        silent=~called,
        approved=state.approved,
        **roll.counts(),
    )
    return [roll_call("agreement", roll, carried, state, where=ratified, vote=vote, silent=~called), approval]


def vote_on_agreement(assembly: Assembly) -> tuple[Roll, Mask, Mask]:
    """How everybody votes, or would, where the agreement stands, and where a vote is called on it at all.

    Silence is what the majority party makes of it: unless most of its members in a chamber are against, no vote is
    called and the agreement stands. Where the scenario asks for a vote, it takes a majority in each chamber.
    """
    wants = assembly.preferences
    assembly.meet(special=True)
    asked = assembly.asked(extra=wants.agreement)
    roll = assembly.bill(asked=asked)
    if wants.approval == "deemed":
        in_house, in_senate = assembly.called_by_majority_party(asked)
        house, senate = roll.house, roll.senate
        fell = (in_house & (house.no > house.yes)) | (in_senate & (senate.no > senate.yes))
        return roll, ~fell, in_house | in_senate
    carried = assembly.carried(roll)
    return roll, carried, np.ones_like(carried)


def roll_call(
    question: str,
    roll: Roll,
    carried: Mask,
    state: State,
    *,
    where: Mask,
    vote: int = 0,
    with_aid: Mask | None = None,
    silent: Mask | None = None,
) -> RollCall:
    """A roll call as the record has it."""
    return RollCall(
        **today(state, where),
        question=question,
        yes=roll.yes,
        here=roll.here,
        **roll.counts(),
        carried=carried,
        vote=vote,
        with_aid=with_aid,
        silent=silent,
    )
