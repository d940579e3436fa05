"""The talks, from the first day to the deadline: what both sides want and could do without, and each round."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from reference.beliefs import mean
from reference.expectations import (
    could_ratify,
    labours_weights,
    ratifiable,
    ratifiable_by,
    terms,
    weigh_beliefs,
    would_carry,
)
from reference.lobbying import mayors_answer
from reference.packages import Package, best_offer
from reference.positions import back_to_the_table, floor_on_the_ruler
from reference.request import plan_request, tell_plan
from reference.state import OneWorld, payroll
from reference.talks import Offer, Pattern, Side, Table
from reference.threats import withdraw_threats


def open_talks(world: OneWorld) -> None:
    """Both sides work out what no deal is worth to them, and sit down; or the last offer goes to the vote."""
    weigh_beliefs(world)
    plan_request(world)
    tell_plan(world)
    talks = world.numbers.calendar.talks
    if world.case.sections.coalition is None or talks.table == "last_offer":
        world.agreed, world.package = True, [float(issue.last_offer) for issue in world.issues]
        world.tell("LastOffer", package=world.package)
        return
    if talks.table == "pattern":
        names = world.case.unions.names
        world.tables = [new_table(world, partial(ratifiable_by, world, union)) for union in range(len(names))]
        members = [leader.members for leader in world.leaders]
        largest = members.index(max(members))
        world.pattern = Pattern(world.tables, names.index(talks.pattern_leader) if talks.pattern_leader else largest)
    else:
        world.tables = [new_table(world, partial(ratifiable, world))]
    back_to_the_table(world)
    world.tell("Opening", floor=world.floor, reservations=[t.labour.reservation for t in world.tables])


def new_table(world: OneWorld, passes: Callable[[Package], bool]) -> Table:
    """A table whose labour side signs only what passes at home, as it expects."""
    talks, governor, coalition = world.numbers.calendar.talks, world.numbers.governor, world.numbers.coalition
    return Table(
        Side("governor", governor.speed),
        Side("coalition", coalition.speed),
        world.low,
        world.high,
        int(talks.rounds),
        talks.opener,
        passes,
    )


def hold_round(world: OneWorld) -> None:
    """One round of offers wherever there is no deal."""
    if world.pattern is not None:
        hold_round_of_pattern(world, world.pattern)
    elif world.tables and not world.agreed:
        table = world.tables[0]
        note_offer(world, table.hold_round())
        world.package = table.package
        note_deal(world, table.agreed)


def hold_round_of_pattern(world: OneWorld, pattern: Pattern) -> None:
    """A tentative deal where the unions that have settled could ratify it by themselves."""
    offer = pattern.hold_round()
    if offer is not None:
        note_offer(world, offer)
    world.package = settled_on_average(world)
    note_deal(world, could_ratify(world, [table.agreed for table in world.tables]))


def settled_on_average(world: OneWorld) -> Package:
    """What has been settled, over the payroll of the unions that have."""
    settled = [
        (table.package, payroll(union)) for table, union in zip(world.tables, world.unions, strict=True) if table.agreed
    ]
    if not settled:
        return [0.0] * len(world.issues)
    packages, weights = zip(*settled, strict=True)
    return [mean(amounts, weights) for amounts in zip(*packages, strict=True)]


def note_deal(world: OneWorld, agreed: bool) -> None:
    """Is there a tentative deal now? It takes the threats back, and with them the cut of aid that mayors fear."""
    newly, world.agreed = agreed and not world.agreed, agreed
    if newly:
        world.tell("TentativeDeal", package=world.package)
        withdraw_threats(world)
        mayors_answer(world, 0.0)


def note_offer(world: OneWorld, offer: Offer) -> None:
    """Without a blackout the press has what labour offers."""
    world.tell("Offer", proposer=offer.proposer, package=offer.package, accepted=offer.accepted)
    if offer.proposer == "coalition" and not world.numbers.calendar.talks.blackout:
        deal = terms(world, offer.package)
        world.leaked.append(deal.benefits_burden + deal.wages_burden)


def close_talks(world: OneWorld) -> None:
    """The deadline: was there anything to agree on, and was it agreed?"""
    floor = floor_on_the_ruler(world)
    world.in_zone = not world.tables or (floor <= 1 and passes_at_his_floor(world, floor))
    missed = "no_tentative_deal" if world.in_zone else "no_zone_of_agreement"
    world.outcome = "refused" if world.agreed else missed
    world.talks_over = True
    world.tell("Deadline", agreed=world.agreed, in_zone=world.in_zone, settled=[t.agreed for t in world.tables])


def passes_at_his_floor(world: OneWorld, floor: float) -> bool:
    """Would the package that leaves the governor what no deal does, and is best for labour, be ratified?"""
    if world.pattern is None:
        return ratifiable(world, at_his_floor(world, floor, None))
    best = [at_his_floor(world, floor, union) for union in range(len(world.unions))]
    return would_carry(world, [ratifiable_by(world, union, package) for union, package in enumerate(best)])


def at_his_floor(world: OneWorld, floor: float, union: int | None) -> Package:
    """The package worth so much to him that is best for labour, at one table or at a union's own."""
    return best_offer(floor, world.governor, labours_weights(world, union), world.low, world.high)
