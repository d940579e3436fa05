"""A mayor with one town's books."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import mesa

from sim.public.towns import Town


class Absorbed(NamedTuple):
    """Where a town found the money it lost, M$/yr, and the chance with which its own unions conceded."""

    found: dict[str, float]
    unabsorbed: float
    chance: float


class Mayor(mesa.Agent):
    """Lobbies against a cut of aid; when it comes, finds the money in the town's own order of preference."""

    def __init__(self, model: Any, town: Town, order: tuple[str, ...], aid_share: float, people_share: float) -> None:
        super().__init__(model)
        self.town, self.order, self.people_share = town, order, people_share
        numbers = model.numbers.towns
        self.aid_share = aid_share + numbers.spread * (people_share - aid_share)
        self.resolve = numbers.resolve * (1 + numbers.resolve_spread * model.random.uniform(-1, 1))
        self.effort = 0.0

    def lobby(self, threat: float) -> None:
        """Effort in [0, 1]: in proportion to what the free balance does not cover."""
        counted = self.model.numbers.towns.cushion_counted * self.town.cushion_share
        loss = threat * self.aid_share / self.town.budget
        self.effort = min(max(self.resolve * (loss - counted), 0.0), 1.0)

    def absorb(self, loss: float, luck: float) -> Absorbed:
        """One instrument after the other, each up to its cap; its unions concede where luck is below the chance."""
        numbers, town = self.model.numbers.towns, self.town
        found: dict[str, float] = {}
        left, chance = loss, 0.0
        for instrument in self.order:
            if instrument == "reserves":
                cap = max(town.free_balance - numbers.reserve_floor * town.budget, 0.0)
            elif instrument == "deferral":
                cap = numbers.deferrable * loss
            elif instrument == "concessions":
                fear = numbers.bargain_fear / numbers.payroll_share
                chance = 1 / (1 + math.exp(-(numbers.bargain_goodwill + fear * left / town.budget)))
                cap = numbers.concession_share * numbers.payroll_share * town.budget if luck < chance else 0.0
            elif instrument == "layoffs":
                cap = numbers.layoff_share * numbers.payroll_share * town.budget
            else:
                cap = numbers.tax_cap * town.grand_list / 1000
            found[instrument] = min(left, cap)
            left -= found[instrument]
            if left <= 0:
                break
        return Absorbed(found, left, chance)

    def feared_layoffs(self, threat: float) -> float:
        """Wages of those it expects to lay off, M$/yr, before it knows whether its unions will concede."""
        loss = threat * self.aid_share
        if loss <= 0:
            return 0.0
        conceded, refused = self.absorb(loss, 0.0), self.absorb(loss, 1.0)
        chance = conceded.chance
        return chance * conceded.found.get("layoffs", 0.0) + (1 - chance) * refused.found.get("layoffs", 0.0)
