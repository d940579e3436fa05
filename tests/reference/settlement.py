"""The end: what a deal in force keeps, what is left of the gap, and who pays."""

from __future__ import annotations

from reference.alternatives import last_year_left, means_at_hand
from reference.money import fill, posts_by_unit
from reference.session import powers_held, taxes_pass
from reference.state import OneWorld, Unit, payroll
from reference.threats import withdraw_threats


def settle(world: OneWorld) -> None:
    """The outcome named; the gap filled within the powers held; the towns absorb what reaches them."""
    ratified = any(world.ratified)
    if ratified:
        world.outcome = "ratified_first_vote" if world.ratified[0] else "ratified_second_vote"
        world.outcome = world.outcome if world.approved else "refused_by_legislature"
    in_force = ratified and world.approved
    if in_force:
        withdraw_threats(world)
    absorb(world, fill_the_gap(world, in_force))
    world.tell("Outcome", outcome=world.outcome, threat_cost=world.threat_cost)


def fill_the_gap(world: OneWorld, in_force: bool) -> float:
    """What a deal and revenue leave of it, at least political cost within the powers held. The cut of aid, M$/yr."""
    gap, bare, powers = world.numbers.money.gap, bare_posts(world, in_force), powers_held(world, in_force)
    savings = min(savings_kept(world), gap) if in_force else 0.0
    revenue = min(max(world.revenue, 0.0), max(gap - savings, 0.0))
    left = max(gap - savings - revenue, 0.0)
    means = means_at_hand(world, *powers, bare=exposed_share(world, bare), taxes_pass=taxes_pass(world))
    amounts = dict.fromkeys(("layoffs", "programmes", "aid", "taxes"), 0.0)
    amounts |= dict(zip([instrument.name for instrument in means], fill(means, left), strict=True))
    posts = amounts["layoffs"] / (world.numbers.money.layoff_saves * last_year_left(world))
    world.tell(
        "Filling",
        savings=savings,
        revenue=revenue,
        **amounts,
        deficit=max(left - sum(amounts.values()), 0.0),
        posts=posts,
        posts_by_unit=posts_lost(world, posts, bare),
        powers=list(powers),
    )
    return amounts["aid"]


def accepts(world: OneWorld, unit: Unit) -> bool:
    """Did it accept its wages part, if there is one, at the vote that counts?"""
    return unit.accepts_wages[0 if world.ratified[0] else 1]


def bare_posts(world: OneWorld, in_force: bool) -> list[float]:
    """Part of each unit's posts that no deal protects; a unit that refuses the wages part loses its protection."""
    if not in_force:
        return [1.0] * len(world.units)
    protection = {
        unit.row: deal.protection for union, deal in zip(world.unions, world.deals, strict=True) for unit in union
    }
    return [1 - protection[unit.row] if accepts(world, unit) else 1.0 for unit in world.units]


def exposed_share(world: OneWorld, bare: list[float]) -> float:
    """Share of all listed posts that is bare."""
    listed = [world.listed[unit.row] * unit.members for unit in world.units]
    return sum(posts * part for posts, part in zip(listed, bare, strict=True)) / max(sum(listed), 1e-9)


def savings_kept(world: OneWorld) -> float:
    """Of the deal in force, M$/yr: a unit that refuses the wages part keeps its raises."""
    bill = payroll(world.units)
    forgone = sum(
        world.deals[u].wage_savings * unit.bill
        for u, union in enumerate(world.unions)
        for unit in union
        if not accepts(world, unit)
    )
    return world.deal.savings - forgone / bill


def posts_lost(world: OneWorld, posts: float, bare: list[float]) -> list[float]:
    """By unit."""
    exposed = [world.listed[unit.row] * unit.members * b for unit, b in zip(world.units, bare, strict=True)]
    return posts_by_unit(posts, exposed, [unit.members for unit in world.units])


def absorb(world: OneWorld, cut: float) -> None:
    """Every town finds its part of the cut of aid, or does not."""
    if cut > 0 and world.mayors:
        done = [mayor.absorb(cut, luck) for mayor, luck in zip(world.mayors, world.luck.town_bargains, strict=True)]
        world.tell("Absorption", towns=[[*one.found.values(), one.unabsorbed] for one in done])
