"""A vote: every unit's two ballots, on the benefits agreement and on its own wages part."""

from __future__ import annotations

from typing import NamedTuple

from reference.beliefs import risk_by_band
from reference.expectations import share_listed
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
    own_yes: int  # on its wages part


def hold_vote(world: OneWorld, vote: int) -> Vote:
    """All units vote; a union without a settlement has nothing to vote on. Benefits ballots are summed by union."""
    by_union = [
        [cast_ballots(world, unit, deal, vote) for unit in union]
        for union, deal in zip(world.unions, world.deals, strict=True)
    ]
    if world.pattern is not None:
        by_union = [
            ballots if table.agreed else [one._replace(cast=0, yes=0, own_yes=0) for one in ballots]
            for ballots, table in zip(by_union, world.tables, strict=True)
        ]
    by_row = {
        unit.row: one
        for union, own in zip(world.unions, by_union, strict=True)
        for unit, one in zip(union, own, strict=True)
    }
    ballots = [by_row[unit.row] for unit in world.units]
    for unit, own in zip(world.units, ballots, strict=True):
        unit.accepts_wages[vote] = 2 * own.own_yes > own.cast
    tally = Vote(
        names=list(world.case.unions.names),
        members=[int(leader.members) for leader in world.leaders],
        yes=[sum(one.yes for one in union) for union in by_union],
        no=[sum(one.cast - one.yes for one in union) for union in by_union],
    )
    world.votes.append(tally)
    world.tell("Ballots", vote=vote, **{name: [getattr(one, name) for one in ballots] for name in UnitsBallots._fields})
    return tally


def cast_ballots(world: OneWorld, unit: Unit, deal: Deal, vote: int) -> UnitsBallots:
    """Who turns out, and how they answer either question."""
    stakes = share_listed(world, unit) * world.beliefs.by_unit()[unit.row]
    expected = turnout(unit.habit, stakes, per_stake=world.numbers.members.turnout_stakes)
    cast = unit.electorate.turn_out(expected)
    chances = [chance(world, unit, deal, vote, burden) for burden in burdens(unit, deal)]
    yes, own_yes = (unit.electorate.count_yes(one) for one in chances)
    return UnitsBallots(expected, chances, cast, yes, own_yes)


def burdens(unit: Unit, deal: Deal) -> tuple[float, float]:
    """What is weighed on the benefits ballot, the whole deal, and on the wages ballot: only what the unit decides."""
    wages = unit.wage_factor * deal.wages_burden
    return deal.benefits_burden + wages, wages


def chance(world: OneWorld, unit: Unit, deal: Deal, vote: int, burden: float) -> float:
    """That a member of the unit says yes to what costs him so much of a year's pay."""
    members, believed = world.numbers.members, world.beliefs.by_unit()[unit.row]
    listed = risk_by_band(share_listed(world, unit), world.case.seniority, members.strict_seniority)
    pain = members.sensitivity * members.loss_aversion * felt(burden, leaked_burden(world), members.leaked_reference)
    shifts = (0.0, members.informed, -members.misinformed)
    return chance_of_yes(
        goodwill(world, unit, vote) + solidarity(world, unit) - pain,
        members.sensitivity * members.loss_if_laid_off * deal.protection,
        [believed * one for one in listed],
        [float(share) for share in world.case.seniority.share],
        list(zip(shifts, world.information, strict=True)),
    )


def goodwill(world: OneWorld, unit: Unit, vote: int) -> float:
    """Trust and the unit's moods, lasting and of the day, less weariness and what threats have bred; logits."""
    members = world.numbers.members
    of_the_day = world.luck.vote_moods[vote][unit.row] * members.mood_spread
    resentment = members.fatigue + members.reactance * world.beliefs.pressure
    return members.trust + unit.mood + of_the_day - resentment


def solidarity(world: OneWorld, unit: Unit) -> float:
    """With colleagues on the towns' payrolls whom no deal would cost their posts, as far as the unit shares them."""
    members = world.numbers.members
    a_layoff = members.sensitivity * members.loss_if_laid_off
    return a_layoff * members.solidarity * unit.dual_payroll * world.local_risk


def leaked_burden(world: OneWorld) -> float | None:
    """Without a blackout, what members had read labour was ready to give, on average; None where nothing leaked."""
    return sum(world.leaked) / len(world.leaked) if world.leaked else None
