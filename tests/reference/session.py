"""The legislature: the budget, the special session, its say over an agreement, a tax; and the power that is left."""

from __future__ import annotations

from reference.chambers import Chambers, RollCall
from reference.positions import back_to_the_table
from reference.request import jobs_at_stake, plan_request, tell_plan, threaten_towns
from reference.state import OneWorld


def vote_on_budget(world: OneWorld) -> None:
    """The one roll call that is on record by member. From it whips learn how members lean, and count again."""
    call = world.chambers.budget()
    tell_call(world, "budget", call, call.majorities(tie_breaker=world.numbers.legislature.tie_breaker))
    plan_request(world)
    tell_plan(world)
    back_to_the_table(world)


def tell_call(world: OneWorld, question: str, call: RollCall, carried: bool) -> None:
    """Votes by seat, and the result."""
    world.tell("RollCall", question=question, votes=call.votes, carried=carried)


def hold_session(world: OneWorld) -> None:
    """Where no deal has been ratified: aid is struck or not, then the bill passes or the standing power remains."""
    if world.ratified[0]:
        return
    chambers = world.chambers
    chambers.meet_specially()
    aid = strike_aid(world, chambers)
    call = chambers.bill(chambers.asked(jobs=jobs_at_stake(world)), aid)
    passed = call.majorities(tie_breaker=world.numbers.legislature.tie_breaker)
    tell_call(world, "bill", call, passed)
    share, standing = world.numbers.governor.request_share, world.numbers.money.standing_authority
    # a bill takes nothing from what the law gives, and over aid gives what he asked for
    world.granted = (max(share, standing), aid * share) if passed else (standing, 0.0)
    threaten_towns(world, world.granted[1] * world.numbers.money.aid_total)
    world.tell("Grant", share=world.granted[0], aid=world.granted[1])


def strike_aid(world: OneWorld, chambers: Chambers) -> float:
    """Under an open rule the chambers first vote on taking aid out of the bill. What is left of it in the bill."""
    if world.numbers.legislature.rule != "open" or world.aid == 0:
        return world.aid
    call = chambers.roll_call(lambda member: member.strikes_aid(world.aid, chambers.follow))
    tell_call(world, "strike", call, call.majorities())
    return 0.0 if call.majorities() else world.aid


def approve(world: OneWorld, ratified: bool) -> None:
    """The legislature's say over an agreement that members have ratified."""
    if ratified and world.chambers is not None:
        world.chambers.meet_specially()
        call = world.chambers.bill(world.chambers.asked(extra=world.numbers.legislature.agreement))
        world.approved = world.chambers.approve(call)
        tell_call(world, "agreement", call, world.approved)


def taxes_pass(world: OneWorld) -> bool:
    """Would the chambers raise taxes by all there is to raise?"""
    taxes = world.numbers.instruments.get("taxes")
    if world.chambers is None or taxes is None or not taxes.allowed:
        return True
    world.chambers.meet_specially()
    call = world.chambers.bill(world.chambers.asked(taxes=taxes.capacity))
    carried = call.majorities(tie_breaker=world.numbers.legislature.tie_breaker)
    tell_call(world, "taxes", call, carried)
    return carried


def powers_held(world: OneWorld, in_force: bool) -> tuple[float, float]:
    """Over any line and over aid, at the end.

    An agreement in force leaves the standing power, and so does a session that never met because a deal had been
    ratified; without a legislature he takes what he announced.
    """
    if in_force or (world.chambers is not None and world.ratified[0]):
        return world.numbers.money.standing_authority, 0.0
    return world.expected if world.chambers is None else world.granted
