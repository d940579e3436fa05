"""The state house: the budget, the governor's request for power to cut, and the special session on it.

He asks for a larger share of every budget line, with town aid or without. Under an open rule the chambers first vote on
striking aid, which takes a majority in each; then they vote on the bill. If it falls, what the law says stands: the
smaller share, town aid exempt.
"""

from __future__ import annotations

import numpy as np

from agents.chamber import Assembly
from sim.acts.approval import roll_call
from sim.acts.lobbying import feared_cut, mayors_answer
from sim.acts.no_deal import count_again, jobs_at_stake, local_risk, request_today
from sim.bodies import Bodies
from sim.record import Grant, Requested
from sim.scenario.numbers import Numbers
from sim.state import Happenings, Mask, State, today
from sim.worlds.axis import TINY, Array, Worlds, single
from sim.worlds.randomness import Luck


def vote_on_budget(state: State, bodies: Bodies, numbers: Numbers, luck: Luck) -> Happenings:
    """The budget that counts on the savings, on a regular day, aid whole; the one roll call on record by member.

    From it the governor's whips learn how members lean, and he weighs anew what no deal would bring.
    """
    assembly = bodies.assembly
    assert assembly is not None
    assembly.meet(special=False)
    roll = assembly.bill(asked=assembly.asked(taxes=assembly.preferences.budget_taxes))
    state.counted = True
    count_again(state, bodies, numbers)
    state.untold = True
    return [roll_call("budget", roll, assembly.carried(roll), state, where=state.everywhere)]


def request_authority(state: State, bodies: Bodies, numbers: Numbers, luck: Luck) -> Happenings:
    """Where there is no ratified deal the governor asks for more power to cut, and the mayors answer.

    They fear what he may do with it, and at least what his list names.
    """
    request_today(state, bodies, numbers)
    assert state.request is not None
    where = ~state.ratified[0]
    request = Requested(**today(state, where), share=state.request.share, aid_scope=state.request.aid_scope)
    feared = np.maximum(feared_cut(state, numbers), state.aid_threat)
    threat = np.where(state.request.aid_scope > 0, feared, 0.0)
    return [request, *mayors_answer(threat, "request", where, state, bodies, anew=True)]


def hold_session(state: State, bodies: Bodies, numbers: Numbers, luck: Luck) -> Happenings:
    """Both chambers decide what the governor may cut, and what is spared: amendments, then passage in each."""
    assembly, request, met = bodies.assembly, state.request, ~state.ratified[0]
    assert assembly is not None and request is not None
    assembly.meet(special=True)
    scope = np.broadcast_to(single(request.aid_scope), state.worlds)
    struck, happenings = np.zeros(state.worlds, bool), []
    if assembly.preferences.rule == "open" and scope.any():
        amendment = assembly.strike_aid(scope)
        struck = (scope > 0) & assembly.carried(amendment, amendment=True)
        scope = np.where(struck, single(0), scope)
        happenings.append(roll_call("strike_aid", amendment, struck, state, where=met & (request.aid_scope > 0)))
    bill = assembly.bill(scope, asked=assembly.asked(jobs=jobs_at_stake(state, numbers)))
    passed, with_aid = assembly.carried(bill), scope > 0
    standing = numbers.money.standing_authority
    power = np.maximum(request.share, standing)  # a bill takes nothing from what the law gives him
    scope = np.where(passed, scope * (request.share / np.maximum(power, TINY)), 0.0)
    grant = Grant(
        **today(state, met),
        passed=passed,
        struck=struck,
        aid_spared=scope == 0,
        authority_share=np.where(passed, power, standing),
        aid_scope=scope.astype(float),
        **bill.counts(),
    )
    state.granted = grant
    if bodies.mayors is not None:
        threat = grant.aid_scope * grant.authority_share * numbers.money.aid_total
        state.local_risk = local_risk(threat, bodies, numbers)
    return [*happenings, roll_call("authority", bill, passed, state, where=met, with_aid=with_aid), grant]


def taxes_would_pass(assembly: Assembly, tax: Worlds) -> Mask:
    """Would the chambers raise this much more in taxes, M$/yr?"""
    assembly.meet(special=True)
    return assembly.carried(assembly.bill(asked=assembly.asked(taxes=tax)))


def powers_held(in_force: Mask, state: State, bodies: Bodies, numbers: Numbers) -> tuple[Array, Array]:
    """Power to cut any line and town aid at the end, shares, (worlds,); it lapses where a deal is in force."""
    standing = np.broadcast_to(numbers.money.standing_authority, state.worlds)
    assert state.expected is not None
    if bodies.assembly is None or state.granted is None:
        share, aid_share = state.expected.share, state.expected.aid_share
        return np.where(in_force, standing, share), np.where(in_force, 0.0, aid_share)
    granted, scope = state.granted.authority_share, state.granted.aid_scope
    # the session meets only where no deal was ratified before it
    lapses = in_force | state.ratified[0]
    return np.where(lapses, standing, granted), np.where(lapses, 0.0, scope * granted)
