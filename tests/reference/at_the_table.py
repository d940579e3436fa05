"""The talks, from the first day to the deadline: what both sides want and could do without, and each round."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from functools import partial
from typing import Any

from reference.beliefs import mean
from reference.expectations import (
    could_ratify,
    labours_weights,
    ratifiable,
    ratifiable_by,
    terms,
    weigh_beliefs,
)
from reference.lobbying import mayors_answer
from reference.packages import Package, best_offer, in_issues, in_rows
from reference.positions import back_to_the_table, governors_end, governors_floor
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
        offer = [float(issue.last_offer) for issue in world.numbers.issues.values()]
        world.agreed, world.package = True, in_rows(offer, world.issues)
        world.tell("LastOffer", package=offer)
        return
    if talks.table == "pattern":
        names = world.case.unions.names
        world.tables = [
            new_table(world, partial(ratifiable_by, world, union), name) for union, name in enumerate(names)
        ]
        members = [leader.members for leader in world.leaders]
        largest = members.index(max(members))
        world.pattern = Pattern(world.tables, names.index(talks.pattern_leader) if talks.pattern_leader else largest)
    else:
        world.tables = [new_table(world, partial(ratifiable, world), "")]
    back_to_the_table(world)
    world.tell("Opening", floor=world.floor, reservations=[t.labour.reservation for t in world.tables])


def new_table(world: OneWorld, passes: Callable[[Package], bool], whose: str) -> Table:
    """A table whose labour side signs only what passes at home, as it expects."""
    talks, governor, coalition = world.numbers.calendar.talks, world.numbers.governor, world.numbers.coalition
    rounds = int(talks.rounds)
    return Table(
        side_of("governor", governor),
        side_of("coalition", coalition),
        world.low,
        world.high,
        rounds,
        talks.opener,
        passes,
        meets=meetings(world, whose, rounds + rounds_beyond(world)),
        last_look=bool(talks.last_look),
    )


def side_of(name: str, wants: Any) -> Side:
    """What binds a side: a word given in public, and its name."""
    price, reputation = wants.revoking or 0.0, wants.reputation or 0.0
    return Side(name, wants.speed, demand=wants.demands, price=price, reputation=reputation)


def rounds_beyond(world: OneWorld) -> int:
    """For how many rounds a moved deadline has room at the pace of the talks: at least one."""
    talks = world.case.calendar.talks
    length = (talks.deadline - talks.start).days
    extension = int(world.numbers.calendar.talks.extension or 0)
    return max(1, round(int(world.numbers.calendar.talks.rounds) * extension / length)) if extension else 0


def meetings(world: OneWorld, whose: str, rounds: int) -> list[bool]:
    """In which rounds the two meet: either side may walk out after a round, and both must want to meet again."""
    sides = (world.numbers.governor, world.numbers.coalition)
    stays = (1 - (sides[0].walks_out or 0.0)) * (1 - (sides[1].walks_out or 0.0))
    returns = [1.0 if side.returns is None else side.returns for side in sides]
    meets = [True]
    for chance in world.luck.sessions(whose, rounds)[1:]:
        meets.append(chance >= 1 - stays if meets[-1] else chance < returns[0] * returns[1])
    return meets


def hold_round(world: OneWorld) -> None:
    """One round of offers wherever there is no deal."""
    if world.pattern is not None:
        hold_round_of_pattern(world, world.pattern)
    elif world.tables and not world.agreed and not world.gave_up:
        table = world.tables[0]
        meets = table.meets[table.turn]
        offer = table.hold_round()
        if meets:
            note_offer(world, offer)
        world.package = table.package
        note_deal(world, table.agreed)


def hold_round_of_pattern(world: OneWorld, pattern: Pattern) -> None:
    """A tentative deal where the unions that have settled could ratify it by themselves."""
    meets = pattern.leader.meets[pattern.turn]
    offer = pattern.hold_round()
    if offer is not None and meets:
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
        world.tell("TentativeDeal", package=in_issues(world.package, world.issues))
        withdraw_threats(world)
        mayors_answer(world, 0.0)


def note_offer(world: OneWorld, offer: Offer) -> None:
    """Without a blackout the press has what labour offers."""
    world.tell(
        "Offer", proposer=offer.proposer, package=in_issues(offer.package, world.issues), accepted=offer.accepted
    )
    if offer.proposer == "coalition" and not world.numbers.calendar.talks.blackout:
        deal = terms(world, offer.package)
        world.leaked.append(deal.benefits_burden + deal.wages_burden)
        weigh_beliefs(world)


def move_deadline(world: OneWorld, until: datetime.date) -> None:
    """The deadline comes without a deal: both may want more time, at a price; otherwise they do not meet again."""
    if world.agreed:
        return
    world.gave_up = not world.tables[0].wants_more_time(world.numbers.calendar.talks.extension_price or 0.0)
    if not world.gave_up:
        world.tell("Extension", until=until.isoformat())


def close_talks(world: OneWorld) -> None:
    """The deadline: was there anything to agree on, and was it agreed?"""
    floor = governors_floor(world)
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
    return could_ratify(world, [ratifiable_by(world, union, package) for union, package in enumerate(best)])


def at_his_floor(world: OneWorld, floor: float, union: int | None) -> Package:
    """The package worth so much to him that is best for labour, at one table or at a union's own."""
    asked = governors_end(world).back(floor) if governors_end(world) else floor
    return best_offer(asked, world.governor, labours_weights(world, union), world.low, world.high)
