"""The power to cut that the governor asks for: who speaks up against it, and what he expects to be granted."""

from __future__ import annotations

from reference.beliefs import mean
from reference.chambers import Chambers
from reference.state import OneWorld
from reference.towns import local_risk, weight_together


def plan_request(world: OneWorld) -> None:
    """What the governor will ask for, what mayors and legislators make of it, and what he expects to be granted."""
    governor, money = world.numbers.governor, world.numbers.money
    world.aid = float(governor.request_aid)
    if world.chambers is None:  # nobody to ask: his announced plan is the default
        world.expected = governor.request_share, world.aid * governor.request_share
    else:
        lobby(world, world.numbers.legislature.feared * governor.request_share * money.aid_total)
        if world.numbers.legislature.request == "anticipated":
            world.aid *= world.chambers.largest_request(jobs_at_stake(world))
        world.expected = expected_powers(world, world.chambers)
    threaten_towns(world, world.expected[1] * money.aid_total)
    world.tell("Plan", share=governor.request_share, aid=world.aid, expected=list(world.expected))


def expected_powers(world: OneWorld, chambers: Chambers) -> tuple[float, float]:
    """Over any line and over aid, by a count of heads beforehand: aid may be struck, the bill may fall."""
    standing, asked, jobs = (
        world.numbers.money.standing_authority,
        world.numbers.governor.request_share,
        jobs_at_stake(world),
    )
    struck = chambers.chance_of_striking(world.aid)
    whole = (1 - struck) * chambers.chance_of_passage(world.aid, jobs)
    passes = whole + struck * chambers.chance_of_passage(0.0, jobs)
    return standing + passes * (asked - standing), whole * world.aid * asked


def lobby(world: OneWorld, cut: float) -> None:
    """Mayors speak up against a cut of so many M$/yr; legislators weigh that and what their towns would lose."""
    if not world.mayors:
        return
    efforts = [mayor.effort(cut) for mayor in world.mayors]
    chorus = sum(mayor.people_share * effort for mayor, effort in zip(world.mayors, efforts, strict=True))
    weight = weight_together(chorus, world.numbers.towns.together)
    pairs = world.case.district_towns
    loss, felt_in = [0.0] * len(world.chambers.members), [0.0] * len(world.chambers.members)
    for seat, town, part in zip(pairs.seat, pairs.town, pairs.weight, strict=True):
        loss[seat] += float(part) * world.mayors[town].loss_share(cut)
        felt_in[seat] += float(part) * efforts[town] * weight
    for member, lost, heard in zip(world.chambers.members, loss, felt_in, strict=True):
        member.hear_towns(lost, heard, world.numbers.legislature)
    world.tell("Lobbying", effort=efforts, toll=[member.toll for member in world.chambers.members])


def threaten_towns(world: OneWorld, cut: float) -> None:
    """State workers hear what layoffs towns that share their union expect from a cut of so many M$/yr."""
    if world.mayors:
        world.local_risk = local_risk(world.mayors, cut, world.numbers.towns)


def jobs_at_stake(world: OneWorld) -> float:
    """Share of the state's posts on the list in force."""
    return mean(world.listed, world.tabled_members) * world.numbers.unions.list_scale
