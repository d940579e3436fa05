"""Mayors: how hard they lobby, and where a town finds the money it loses. `docs/odd.md`, 7.10."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, NamedTuple

from sim.public.towns import Town

INSTRUMENTS = ("reserves", "deferral", "concessions", "layoffs", "taxes")


class Usual(NamedTuple):
    """The median town."""

    cushion_share: float
    tax_burden: float
    income: float


def order_of_preference(town: Town, usual: Usual) -> list[str]:
    """What a town would rather use, most welcome first; putting a loss off is the yardstick.

    Reserves weigh by how thin they are, concessions by the schools' part of spending, a tax by how taxed and poor the
    town is, all against the median town; layoffs are twice the yardstick.
    """
    thin = usual.cushion_share / max(town.cushion_share, 1e-9)
    watched = 1.5 if town.rating in ("A1", "A2", "A3", "Baa1", "Baa2", "Baa3") else 1.0
    taxed = town.tax_burden / usual.tax_burden
    poor = usual.income / town.income
    reluctance = {
        "reserves": min(thin * watched, 5.0),
        "deferral": 1.0,
        "concessions": 2 * town.school_share,
        "layoffs": 2.0,
        "taxes": 1.5 * taxed * poor,
    }
    return sorted(INSTRUMENTS, key=reluctance.__getitem__)


class Absorbed(NamedTuple):
    """Where a town found a loss, M$/yr."""

    found: dict[str, float]
    unabsorbed: float
    chance: float  # with which its own unions conceded, where it came to that


@dataclass
class Mayor:
    """One town."""

    town: Town
    order: Sequence[str]
    part_of_cut: float  # of a cut of all aid
    people_share: float  # of the state's people
    resolve: float  # effort per share of the budget
    numbers: Any

    def loss_share(self, cut: float) -> float:
        """Of the town's budget, under a cut of all aid of so many M$/yr."""
        return cut * self.part_of_cut / self.town.budget

    def effort(self, cut: float) -> float:
        """Lobbying in [0, 1]: nothing while the balance he counts on covers the loss, then in proportion."""
        uncovered = self.loss_share(cut) - self.numbers.cushion_counted * self.town.cushion_share
        return min(max(self.resolve * uncovered, 0.0), 1.0)

    def absorb(self, cut: float, luck: float) -> Absorbed:
        """One instrument after the other in the town's order, each up to its cap."""
        loss = left = cut * self.part_of_cut
        found, chance = dict.fromkeys(INSTRUMENTS, 0.0), 0.0
        for instrument in self.order:
            if left <= 0:
                break
            reach = self._reach(instrument, loss)
            if instrument == "concessions":
                chance = self._concession_chance(left)
                reach = reach if luck < chance else 0.0
            found[instrument] = min(left, reach)
            left -= found[instrument]
        return Absorbed(found, left, chance)

    def _reach(self, instrument: str, loss: float) -> float:
        """The most an instrument yields, M$/yr."""
        numbers, town = self.numbers, self.town
        payroll = numbers.payroll_share * town.budget
        return {
            "reserves": max(town.free_balance - numbers.reserve_floor * town.budget, 0.0),
            "deferral": numbers.deferrable * loss,
            "concessions": numbers.concession_share * payroll,
            "layoffs": numbers.layoff_share * payroll,
            "taxes": numbers.tax_cap * town.grand_list / 1000,
        }[instrument]

    def _concession_chance(self, left: float) -> float:
        """The town's own unions concede the likelier, the more of its payroll is still to be found."""
        numbers = self.numbers
        of_payroll = left / (numbers.payroll_share * self.town.budget)
        return 1 / (1 + math.exp(-(numbers.bargain_goodwill + numbers.bargain_fear * of_payroll)))

    def expected_layoffs(self, cut: float) -> float:
        """Wages of those he expects to lay off, M$/yr, before he knows whether the town's unions will concede."""
        conceded, refused = self.absorb(cut, 0.0), self.absorb(cut, 1.0)
        chance = conceded.chance
        return chance * conceded.found["layoffs"] + (1 - chance) * refused.found["layoffs"]


def mayors_of(case: Any, numbers: Any, resolves: Sequence[float]) -> list[Mayor]:
    """Every town of a case; a cut falls on aid as it is, or evenly per head, or between the two."""
    towns, stated = case.town_halls.towns, case.sections.towns.order
    aid, people = sum(t.aid for t in towns), sum(t.population for t in towns)
    usual = Usual(*(median(getattr(town, name) for town in towns) for name in Usual._fields))
    mayors = []
    for town, luck in zip(towns, resolves, strict=True):
        share, of_people = town.aid / aid, town.population / people
        mayors.append(
            Mayor(
                town=town,
                order=stated.get(town.name) or order_of_preference(town, usual),
                part_of_cut=share + numbers.spread * (of_people - share),
                people_share=of_people,
                resolve=numbers.resolve * (1 + numbers.resolve_spread * (2 * luck - 1)),
                numbers=numbers,
            )
        )
    return mayors


def weight_together(chorus: float, together: float) -> float:
    """What one mayor's effort weighs: 1 alone, more the more of the state's people are spoken for."""
    return 1 + together * chorus


def local_risk(mayors: Sequence[Mayor], cut: float, numbers: Any) -> float:
    """Share of payroll that towns sharing a union with the state expect to lay off."""
    shared = [mayor for mayor in mayors if mayor.town.name in numbers.dual_payroll]
    wages = max(sum(mayor.town.budget for mayor in shared), 1e-6) * numbers.payroll_share
    return sum(mayor.expected_layoffs(cut) for mayor in shared) / wages
