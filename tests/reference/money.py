"""Filling the gap: instruments used up to one marginal political cost, within the power to cut. `docs/odd.md`, 7.9."""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass, replace
from itertools import pairwise


@dataclass(frozen=True)
class Instrument:
    """One way to fill the gap: its marginal cost is ``cost + slope x amount``, up to ``cap`` M$/yr."""

    name: str
    needs: str
    cost: float
    slope: float
    cap: float

    def used_at(self, level: float) -> float:
        """What it yields when used up to a marginal cost."""
        return min(max((level - self.cost) / self.slope, 0.0), self.cap)


def steps(means: list[Instrument]) -> list[tuple[float, float]]:
    """From one marginal cost to the next at which an instrument comes in or is exhausted; yield is linear between."""
    levels = sorted({i.cost for i in means} | {i.cost + i.slope * i.cap for i in means})
    return list(pairwise(levels))


def together(means: list[Instrument], level: float) -> float:
    """What all of them yield when used up to one marginal cost, M$/yr."""
    return sum(instrument.used_at(level) for instrument in means)


def fill(means: list[Instrument], need: float) -> list[float]:
    """What each gives to fill ``need`` M$/yr at least cost; all they have where that is not enough."""
    if need >= sum(i.cap for i in means):
        return [i.cap for i in means]
    for low, high in steps(means):
        found, more = together(means, low), together(means, high)
        if found < need <= more:
            level = low + (need - found) / (more - found) * (high - low)
            return [i.used_at(level) for i in means]
    return [0.0 for _ in means]


def cost_of(means: list[Instrument], amounts: list[float], deficit: float, deficit_cost: float) -> float:
    """Political cost, M$/yr: the area under the marginal costs, and a price on what stays a deficit."""
    used = sum(amount * (i.cost + i.slope * amount / 2) for i, amount in zip(means, amounts, strict=True))
    return used + deficit_cost * deficit


def affordable(means: list[Instrument], budget: float, deficit_cost: float) -> float:
    """The largest gap that can be filled at a political cost, M$/yr."""
    filled = 0.0
    for low, high in steps(means):
        rate = (together(means, high) - together(means, low)) / (high - low)
        price = rate * (high * high - low * low) / 2
        if price > budget:
            return filled + rate * (math.sqrt(low * low + 2 * budget / rate) - low)
        filled, budget = filled + rate * (high - low), budget - price
    return filled + budget / max(deficit_cost, 1e-9)


def governors_floor(
    gap: float, with_deal: list[Instrument], without_deal: list[Instrument], *, standing: float, deficit_cost: float
) -> float:
    """The least savings that leave the governor no worse off than no deal, M$/yr.

    With a deal the rest is filled without layoffs. Without one he fills the gap with all he expects to be granted, and
    bears what broken talks cost him.
    """
    amounts = fill(without_deal, gap)
    no_deal = cost_of(without_deal, amounts, max(gap - sum(amounts), 0.0), deficit_cost) + standing
    return min(max(gap - affordable(with_deal, no_deal, deficit_cost), 0.0), gap)


def within_authority(means: list[Instrument], authority: float, over_aid: float) -> list[Instrument]:
    """As far as the power to cut reaches: all cuts together, and aid only where that was granted; taxes need none."""
    means = [replace(i, cap=min(i.cap, over_aid)) if i.needs == "authority_over_aid" else i for i in means]
    cuts = [i for i in means if i.needs != "chambers"]
    reach = dict(zip([i.name for i in cuts], fill(cuts, authority), strict=True))
    return [replace(i, cap=reach.get(i.name, i.cap)) for i in means]


def year_left(notice: datetime.date, lead_weeks: float, fiscal_year: datetime.date) -> float:
    """Share of the budget year that a post is off the payroll, at least a twentieth."""
    year = fiscal_year.replace(year=fiscal_year.year + 1) - fiscal_year
    gone = notice + datetime.timedelta(weeks=lead_weeks) - fiscal_year
    return max(min(max(1 - gone / year, 0.0), 1.0), 0.05)


def posts_by_unit(posts: float, exposed: list[float], members: list[float]) -> list[float]:
    """Posts lost, in proportion to the posts listed and bare; what a unit has no members for falls on the others."""
    lost = [0.0] * len(members)
    open_ = set(range(len(members)))
    width = [max(one, 1e-12) for one in exposed]
    while posts > 0 and open_:
        share = posts / sum(width[u] for u in open_)
        full = {u for u in open_ if width[u] * share >= members[u]}
        if not full:
            for u in open_:
                lost[u] = width[u] * share
            break
        for u in full:
            lost[u] = float(members[u])
        posts -= sum(members[u] for u in full)
        open_ -= full
    return lost
