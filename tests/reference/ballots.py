"""A vote: every unit's ballots, on the deal as a whole, and on its own wages part where not all of it is that part."""

from __future__ import annotations

import math
from typing import NamedTuple

from reference.beliefs import exposure, risk_by_band
from reference.expectations import leaked_burden, share_listed, solidarity
from reference.members import chance_of_yes, felt, turnout
from reference.packages import Deal
from reference.rules import Vote
from reference.state import OneWorld, Unit


class UnitsBallots(NamedTuple):
    """What one unit did, and what was to be expected of it."""

    turnout: float  # expected
    chances: list[float]  # of a yes, on either question
    cast: int
    yes: int  # on the benefits agreement
    own_yes: int | None  # on its wages part; None: nothing is asked about that apart


def hold_vote(world: OneWorld, vote: int) -> Vote:
    """All units vote, each on its day; a union without a settlement has nothing to vote on. Benefits ballots are summed
    by union."""
    by_row: dict[int, UnitsBallots] = {}
    for days in sorted({unit.days_before for unit in world.units}, reverse=True):
        out = dict(by_row)  # tallies known to who votes on this day
        for union, deal in zip(world.unions, world.deals, strict=True):
            for unit in union:
                if unit.days_before == days:
                    by_row[unit.row] = cast_ballots(world, unit, deal, vote, out)
    ballots = [by_row[unit.row] for unit in world.units]
    by_union = [[by_row[unit.row] for unit in union] for union in world.unions]
    for unit, own in zip(world.units, ballots, strict=True):
        unit.accepts_wages[vote] = accepts_wages(world, own)
    tally = Vote(
        names=list(world.case.unions.names),
        members=[int(leader.members) for leader in world.leaders],
        yes=[sum(one.yes for one in union) for union in by_union],
        no=[sum(one.cast - one.yes for one in union) for union in by_union],
    )
    world.votes.append(tally)
    told = {name: [getattr(one, name) for one in ballots] for name in UnitsBallots._fields}
    world.tell("Ballots", vote=vote, **told | ({} if wages_apart(world) else {"own_yes": []}))
    return tally


def wages_apart(world: OneWorld) -> bool:
    """Is a unit's wages part asked about apart? Where all of a deal is decided on one ballot, it is one vote."""
    return len(set(world.on_ballot)) == 2


def accepts_wages(world: OneWorld, ballots: UnitsBallots) -> bool:
    """Does a unit bear its wages part, if the deal is ratified? A deal without one binds everybody."""
    if "wages" not in world.on_ballot:
        return True
    yes = ballots.yes if ballots.own_yes is None else ballots.own_yes
    return 2 * yes > ballots.cast


def cast_ballots(world: OneWorld, unit: Unit, deal: Deal, vote: int, out: dict[int, UnitsBallots]) -> UnitsBallots:
    """Who turns out, and how they answer either question; ``out``: the tallies they know."""
    stakes = share_listed(world, unit) * world.beliefs.by_unit()[unit.row]
    expected = turnout(unit.habit, stakes, per_stake=world.numbers.members.turnout_stakes)
    if vote == 1:
        unit.electorate.give_up(world.numbers.members.gives_up, world.luck.giving_up[unit.row])
    cast = unit.electorate.turn_out(expected)
    whole, own = burdens(unit, deal)
    of_wages = world.numbers.members.wages_trust + unit.wages_mood
    others = yes_elsewhere(world, unit, vote, out) * world.numbers.members.others_yes
    asked = [(whole, others), (own, others + of_wages)] if wages_apart(world) else [(whole, others)]
    chances = [chance(world, unit, deal, vote, one, on_top) for one, on_top in asked]
    yes, *own_yes = (unit.electorate.count_yes(one) for one in chances)
    if world.pattern is not None and not world.tables[unit.union].agreed:
        cast, yes, own_yes = 0, 0, [0] * len(own_yes)
    return UnitsBallots(expected, chances, cast, yes, *(own_yes or [None]))


def yes_elsewhere(world: OneWorld, unit: Unit, vote: int, out: dict[int, UnitsBallots]) -> float:
    """Of the members of other unions, whose unit has said yes, or where that is not known whose union did before."""
    elsewhere = [other for other in world.units if other.union != unit.union]
    approving = 0.0
    for other in elsewhere:
        if other.row in out:
            said_yes = 2 * out[other.row].yes > out[other.row].cast
        else:
            said_yes = vote == 1 and world.votes[0].yes[other.union] > world.votes[0].no[other.union]
        approving += other.members * said_yes
    return approving / max(sum(other.members for other in elsewhere), 1)


def burdens(unit: Unit, deal: Deal) -> tuple[float, float]:
    """What is weighed on the benefits ballot, the whole deal, and on the wages ballot: only what the unit decides."""
    wages = unit.wage_factor * deal.wages_burden
    return deal.benefits_burden + wages, wages


def chance(world: OneWorld, unit: Unit, deal: Deal, vote: int, burden: float, on_top: float = 0.0) -> float:
    """That a member of the unit says yes to what costs him so much of a year's pay; ``on_top`` of his goodwill."""
    members, believed = world.numbers.members, world.beliefs.by_unit()[unit.row]
    listed = risk_by_band(share_listed(world, unit), world.case.seniority, members.strict_seniority)
    pain = members.sensitivity * members.loss_aversion * felt(burden, leaked_burden(world), members.leaked_reference)
    shifts = (0.0, members.informed, -members.misinformed)
    return chance_of_yes(
        goodwill(world, unit, vote) + on_top - pain,
        members.sensitivity * members.loss_if_laid_off * deal.protection,
        [believed * one for one in listed],
        [float(share) for share in world.case.seniority.share],
        list(zip(shifts, unit.information, strict=True)),
    )


def goodwill(world: OneWorld, unit: Unit, vote: int) -> float:
    """Trust, moods and solidarity, less weariness and resentment, and what brings them round; logits."""
    members = world.numbers.members
    of_the_day = alike(
        world.luck.vote_moods[vote][unit.row], world.luck.union_moods[vote][unit.union], members.mood_shared
    )
    against = members.fatigue + members.reactance * world.beliefs.resentment
    lasting = members.trust + unit.mood + of_the_day * members.mood_spread + solidarity(world, unit.dual_payroll)
    return lasting - against + (come_round(world, unit) if vote == 1 else 0.0)


def alike(own: float, unions: float, shared: float) -> float:
    """A normal of which this part of the variance is common to a union."""
    return math.sqrt(1 - shared) * own + math.sqrt(shared) * unions


def come_round(world: OneWorld, unit: Unit) -> float:
    """What has happened since they refused, each as far as it holds, and what else has moved everybody; logits. What
    others have said is not counted here."""
    members = world.numbers.members
    exposed = exposure(world.listed, world.tabled_members)[unit.row]
    begun = exposed if any(threat.begins_harm for threat, _ in world.threats_out) else 0.0
    return (
        members.anger_spent
        + members.last_word * world.numbers.calendar.window.last_word
        + members.harm_begun * begun
        + members.clearer * world.revised
        + members.leaders_campaign * world.campaigning[unit.union]
        + members.swing_spread * world.luck.swing
    )
