"""What no deal is worth to the governor, and the means he has to fill the gap. `docs/bargaining.md`, section 2."""

from __future__ import annotations

from reference.money import Instrument, governors_floor, within_authority, year_left
from reference.state import OneWorld


def weigh_alternatives(world: OneWorld) -> None:
    """What no deal is worth to the governor: savings below which he would rather cut, M$/yr."""
    money = world.numbers.money
    world.floor = governors_floor(
        max(money.gap - world.revenue, 0.0),
        means_at_hand(world, money.standing_authority, 0.0, bare=0.0),
        means_at_hand(world, *world.expected, bare=1.0),
        standing=world.numbers.governor.standing,
        deficit_cost=money.deficit_cost,
    )


def means_at_hand(
    world: OneWorld, share: float, aid_share: float, *, bare: float, taxes_pass: bool = True
) -> list[Instrument]:
    """What may be used within a power to cut; ``bare``: share of listed posts that nobody protects."""
    money, cost = world.numbers.money, world.numbers.governor.layoff_standing
    at_hand = []
    for item in world.case.sections.instruments:
        numbers = world.numbers.instruments[item.name]
        layoffs = item.name == "layoffs"
        usable = numbers.allowed and (taxes_pass or item.needs != "chambers")
        cap = numbers.capacity * usable * (bare * last_year_left(world) if layoffs else 1.0)
        dear = numbers.cost + (cost if layoffs else 0.0)
        at_hand.append(Instrument(item.name, item.needs, dear, numbers.slope / 100, cap))
    return within_authority(at_hand, share * money.cuttable, aid_share * money.aid_total)


def last_year_left(world: OneWorld) -> float:
    """Share of the first budget year that a layoff saves, with the notice of the last threat."""
    calendar, threats = world.case.calendar, world.case.sections.threats
    notice = calendar.settlement if calendar.window is None else calendar.window.notices
    return year_left(notice, threats[-1].lead_weeks if threats else 0, calendar.fiscal_year)
