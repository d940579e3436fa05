"""Mayors lobby while a cut of aid threatens, from the day on which it does. `docs/odd.md`, 7.8 and 7.10."""

from __future__ import annotations

from typing import NamedTuple

from reference.legislators import Legislator
from reference.state import OneWorld
from reference.towns import weight_together


class Heard(NamedTuple):
    """What a cut of aid that threatens makes mayors do, and takes from each legislator's support."""

    efforts: list[float]  # by town, in [0, 1]
    tolls: list[float]  # by seat, logits


def feared_cut(world: OneWorld) -> float:
    """What towns and legislators fear of a request for power over aid, M$/yr."""
    feared = 1.0 if world.chambers is None else world.numbers.legislature.feared
    return feared * world.numbers.governor.request_share * world.numbers.money.aid_total


def open_share(world: OneWorld) -> float:
    """Part of the gap that better revenue has not filled; a menu of cuts shrinks with it."""
    return min(max(1 - world.revenue / max(world.numbers.money.gap, 1e-9), 0.0), 1.0)


def mayors_answer(world: OneWorld, cut: float, *, anew: bool = False) -> None:
    """Another cut of aid threatens, M$/yr, and mayors lobby as it calls for; or they repeat themselves, ``anew``."""
    if not world.mayors or (cut == world.aid_threat and not anew):
        return
    world.aid_threat = cut
    heard = what_they_would_do(world, cut)
    for member, toll in zip(seated(world), heard.tolls, strict=True):
        member.toll = toll
    world.tell("Lobbying", threatened=cut, effort=heard.efforts, toll=heard.tolls)


def foresee(world: OneWorld) -> None:
    """The governor foresees how mayors would answer a request; it moves nobody yet."""
    if world.mayors:
        heard = what_they_would_do(world, feared_cut(world))
        for member, toll in zip(seated(world), heard.tolls, strict=True):
            member.foreseen = toll


def seated(world: OneWorld) -> list[Legislator]:
    """The legislators, where there are any."""
    return [] if world.chambers is None else world.chambers.members


def what_they_would_do(world: OneWorld, cut: float) -> Heard:
    """Under a cut of so many M$/yr. Legislators weigh their towns' losses, and lobbying the more the more lobby."""
    efforts = [mayor.effort(cut) for mayor in world.mayors]
    chorus = sum(mayor.people_share * effort for mayor, effort in zip(world.mayors, efforts, strict=True))
    weight = weight_together(chorus, world.numbers.towns.together)
    members, pairs = seated(world), world.case.district_towns
    if not members:
        return Heard(efforts, [])
    loss, felt = [0.0] * len(members), [0.0] * len(members)
    for seat, town, part in zip(pairs.seat, pairs.town, pairs.weight, strict=True):
        loss[seat] += float(part) * world.mayors[town].loss_share(cut)
        felt[seat] += float(part) * efforts[town] * weight
    legislature = world.numbers.legislature
    tolls = [m.weighs(lost, heard, legislature) for m, lost, heard in zip(members, loss, felt, strict=True)]
    return Heard(efforts, tolls)
