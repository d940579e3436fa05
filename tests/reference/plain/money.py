"""Where the money comes from without a deal: instruments used up to one marginal cost, in one world."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise


@dataclass(slots=True)
class Instrument:
    """One way to fill the gap: marginal political cost ``cost + slope x use``, at most ``cap`` M$/yr."""

    name: str
    needs: str
    cost: float
    slope: float
    cap: float

    def use(self, level: float) -> float:
        """What it yields when used up to a marginal cost."""
        return min(max((level - self.cost) / self.slope, 0.0), self.cap)


def corners(instruments: list[Instrument]) -> list[float]:
    """Marginal costs at which an instrument comes in or is exhausted, lowest first."""
    return sorted([i.cost for i in instruments] + [i.cost + i.slope * i.cap for i in instruments])


def fill(instruments: list[Instrument], need: float) -> list[float]:
    """What each yields to fill ``need`` M$/yr at least political cost; less where all are exhausted."""
    wanted = min(max(need, 0.0), sum(i.cap for i in instruments))
    if wanted <= 0:
        return [0.0 for _ in instruments]
    level = 0.0
    below = 0.0
    for low, high in pairwise(corners(instruments)):
        above = sum(i.use(high) for i in instruments)
        if above > below and wanted > below:
            level = low + min((wanted - below) / (above - below), 1.0) * (high - low)
        below = above
    return [i.use(level) for i in instruments]


def cost_of(instruments: list[Instrument], amounts: list[float], deficit: float, deficit_cost: float) -> float:
    """The area under the marginal costs."""
    used = sum(a * (i.cost + 0.5 * i.slope * a) for i, a in zip(instruments, amounts, strict=True))
    return used + deficit_cost * deficit


def affordable(instruments: list[Instrument], budget: float, deficit_cost: float) -> float:
    """The largest gap that can be filled at a political cost."""
    filled = spent = 0.0
    for low, high in pairwise(corners(instruments)):
        if high <= low:
            continue
        rate = sum(i.use(high) - i.use(low) for i in instruments) / (high - low)
        if rate <= 0:
            continue
        left = max(budget - spent, 0.0)
        level = min(math.sqrt(low * low + 2 * left / rate), high)
        filled += rate * (level - low)
        spent += 0.5 * rate * (level * level - low * low)
    if filled >= sum(i.cap for i in instruments) - 1e-9:
        filled += max(budget - spent, 0.0) / max(deficit_cost, 1e-9)
    return filled


def within(instruments: list[Instrument], authority: float, aid_authority: float) -> list[Instrument]:
    """The instruments as far as the power to cut reaches."""
    reach = [
        replace(i, cap=min(i.cap, aid_authority)) if i.needs == "authority_over_aid" else replace(i)
        for i in instruments
    ]
    cuts = [i for i in reach if i.needs != "chambers"]
    for instrument, amount in zip(cuts, fill(cuts, authority), strict=True):
        instrument.cap = amount
    return reach
