"""The power to cut that the governor asks for, what he expects to be granted, and what no deal is worth to him."""

from __future__ import annotations

from reference.alternatives import weigh_alternatives
from reference.beliefs import mean
from reference.chambers import Chambers
from reference.expectations import weigh_beliefs
from reference.lobbying import feared_cut, foresee, mayors_answer
from reference.state import OneWorld
from reference.towns import local_risk


def plan_request(world: OneWorld) -> None:
    """What he would ask for today, and what he expects of it, as he foresees mayors and counts heads."""
    governor, money = world.numbers.governor, world.numbers.money
    foresee(world)
    world.aid = power_over_aid(world)
    if world.chambers is None:  # nobody to ask: his announced plan is the default
        world.expected = governor.request_share, world.aid * governor.request_share
    else:
        world.expected = expected_powers(world, world.chambers)
    threaten_towns(world, world.expected[1] * money.aid_total)
    weigh_alternatives(world)


def tell_plan(world: OneWorld) -> None:
    """His plan, and the savings below which he would sooner cut."""
    tolls = [] if world.chambers is None else [member.foreseen for member in world.chambers.members]
    share, expected = world.numbers.governor.request_share, list(world.expected)
    world.tell("Plan", share=share, aid=world.aid, expected=expected, toll=tolls, floor=world.floor)


def power_over_aid(world: OneWorld) -> float:
    """Part of the power he asks for that reaches town aid: as stated, or as much as he expects to pass."""
    stated = float(world.numbers.governor.request_aid)
    if world.chambers is None or world.numbers.legislature.request == "stated":
        return stated
    return stated * world.chambers.largest_request(jobs_at_stake(world))


def expected_powers(world: OneWorld, chambers: Chambers) -> tuple[float, float]:
    """Over any line and over aid, by a count of heads: aid may be struck, the bill may fall."""
    standing, asked, jobs = (
        world.numbers.money.standing_authority,
        world.numbers.governor.request_share,
        jobs_at_stake(world),
    )
    struck = chambers.chance_of_striking(world.aid)
    whole = (1 - struck) * chambers.chance_of_passage(world.aid, jobs)
    passes = whole + struck * chambers.chance_of_passage(0.0, jobs)
    return standing + passes * max(asked - standing, 0.0), whole * world.aid * asked


def request_authority(world: OneWorld) -> None:
    """Without a ratified deal he asks; mayors fear what he may do, and at least what his list names."""
    if world.ratified[0]:
        return
    world.aid = power_over_aid(world)
    world.tell("Request", share=world.numbers.governor.request_share, aid=world.aid)
    mayors_answer(world, max(feared_cut(world), world.aid_threat) if world.aid > 0 else 0.0, anew=True)


def threaten_towns(world: OneWorld, cut: float) -> None:
    """State workers hear what layoffs towns that share their union expect from a cut of so many M$/yr."""
    if world.mayors:
        world.local_risk = local_risk(world.mayors, cut, world.numbers.towns)
        weigh_beliefs(world)


def jobs_at_stake(world: OneWorld) -> float:
    """Share of the state's posts on the list in force."""
    scale = world.numbers.unions.list_scale
    return mean([min(listed * scale, 1.0) for listed in world.listed], world.tabled_members)
