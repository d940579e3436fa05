"""What members make of the threats, what leaders hear of it, and what they expect to carry home."""

from __future__ import annotations

from statistics import NormalDist
from typing import Any

from reference.beliefs import mean
from reference.leaders import most_members
from reference.packages import Deal, Package, deal_of, members_weights
from reference.rules import Vote, carries
from reference.state import OneWorld, Unit


def share_listed(world: OneWorld, unit: Unit) -> float:
    """Of its posts, on the list in force."""
    return min(world.listed[unit.row] * world.numbers.unions.list_scale, 1.0)


def risks(world: OneWorld) -> list[float]:
    """Share of each unit's posts that its members expect to go."""
    believed = world.beliefs.by_unit()
    return [share_listed(world, unit) * believed[unit.row] for unit in world.units]


def weigh_beliefs(world: OneWorld) -> None:
    """The leaders hear what their members make of the threats so far."""
    members, leaders = world.numbers.members, world.numbers.leaders
    by_row = {unit.row: risk for unit, risk in zip(world.units, risks(world), strict=True)}
    for leader, union in zip(world.leaders, world.unions, strict=True):
        leader.risk = mean([by_row[unit.row] for unit in union], [unit.tabled_members for unit in union])
        shared = members.trust - members.fatigue - members.reactance * world.beliefs.resentment
        dual = mean([unit.dual_payroll for unit in union], [unit.tabled_members for unit in union])
        leader.goodwill = shared + leaders.optimism + leader.heard_mood + solidarity(world, dual)
        leader.gain = members.sensitivity * members.loss_if_laid_off * leader.risk
        leader.pain = members.sensitivity * members.loss_aversion
        leader.leaked, leader.leaked_reference = leaked_burden(world), members.leaked_reference


def leaked_burden(world: OneWorld) -> float | None:
    """Without a blackout, what members have read labour is ready to give, on average; None where nothing leaked."""
    return sum(world.leaked) / len(world.leaked) if world.leaked else None


def solidarity(world: OneWorld, dual_payroll: float) -> float:
    """With colleagues on the towns' payrolls whom no deal would cost their posts, as far as they are shared."""
    members = world.numbers.members
    return members.sensitivity * members.loss_if_laid_off * members.solidarity * dual_payroll * world.local_risk


def labours_weights(world: OneWorld, union: int | None = None) -> list[float]:
    """What a unit of each issue is worth to the average member, of all unions or of one."""
    members = world.numbers.members
    burdens = [issue.burden for issue in world.issues]
    if union is None:
        risk = mean([leader.risk for leader in world.leaders], [leader.members for leader in world.leaders])
    else:
        risk, factor = world.leaders[union].risk, world.leaders[union].wage_factor
        burdens = [b * factor if on == "wages" else b for b, on in zip(burdens, world.on_ballot, strict=True)]
    return members_weights(
        burdens,
        [issue.protects for issue in world.issues],
        risk=risk,
        loss=members.loss_if_laid_off,
        loss_aversion=members.loss_aversion,
    )


def terms(world: OneWorld, package: Package) -> Deal:
    """What a package saves, costs and protects."""
    return deal_of(package, world.issues, world.on_ballot)


def would_carry(world: OneWorld, yes: list[bool]) -> bool:
    """Are leaders content with a yes of these unions: with most members, or, looking ahead, under the rule?"""
    if world.numbers.leaders.foresee == "majority":
        return most_members(yes, world.leaders)
    return could_ratify(world, yes)


def could_ratify(world: OneWorld, yes: list[bool]) -> bool:
    """Would these unions, each of one mind, meet the rule in force?"""
    members = [int(leader.members) for leader in world.leaders]
    for_it = [m if says else 0 for m, says in zip(members, yes, strict=True)]
    against = [m - f for m, f in zip(members, for_it, strict=True)]
    return carries(world.numbers.rules.ratification, Vote(list(world.case.unions.names), members, for_it, against))


def ratifiable(world: OneWorld, package: Package) -> bool:
    """Do the leaders at one table expect to carry this package home?"""
    deal = terms(world, package)
    return would_carry(world, [leader.expects_yes(deal, beyond=margin(world)) for leader in world.leaders])


def ratifiable_by(world: OneWorld, union: int, package: Package) -> bool:
    """Does the leader of one union expect to?"""
    return world.leaders[union].expects_yes(terms(world, package), beyond=margin(world))


def margin(world: OneWorld) -> float:
    """How far beyond even odds leaders must see their members before they sign, logits.

    They sign where ratification is likelier than price / (1 + price), and mood may still move all members alike.
    """
    price, spread = world.numbers.leaders.price_of_refusal, world.numbers.leaders.unforeseen
    if price is None or spread is None:
        return 0.0
    return spread * NormalDist().inv_cdf(min(max(price / (1 + price), 0.001), 0.999))


def mood(world: OneWorld) -> dict[str, Any]:
    """What members believe, and what each union's fear for their posts."""
    return {"belief": world.beliefs.by_unit(), "risk": [leader.risk for leader in world.leaders]}
