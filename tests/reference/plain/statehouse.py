"""Legislators, one object a seat, and what two chambers of them decide."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import mesa

from sim.scenario.seats import Seat


def odds(chance: float) -> float:
    """Log-odds of a chance."""
    return math.log(chance / (1 - chance))


class Legislator(mesa.Agent):
    """Stands by the party or breaks ranks, with an ear for the district and the mayors of its towns."""

    def __init__(self, model: Any, seat: Seat, covariates: Mapping[str, float], coefficients: dict[str, float]) -> None:
        super().__init__(model)
        numbers = model.numbers.legislature
        self.house = seat.chamber == "house"
        self.his = seat.of_governors_party
        self.side = 1.0 if self.his else -1.0
        self.support = coefficients["constant"] + 0.5 * self.side * numbers.loyalty * coefficients["party"]
        for name, amount in covariates.items():
            if name not in ("constant", "party"):
                self.support += amount * coefficients[name]
        luck = max(model.random.random(), 1e-16)
        if numbers.recall and seat.recorded_vote in ("yea", "nay"):
            nay = 1 / (1 + math.exp(self.support))
            luck = nay * luck if seat.recorded_vote == "nay" else nay + (1 - nay) * luck
        self.lean = odds(luck)
        self.lean_today = self.lean
        self.here = True
        self.toll = 0.0

    def come(self) -> None:
        """A later day: absent by chance, else in a mood that is partly of old."""
        numbers = self.model.numbers.legislature
        self.here = self.model.random.random() >= numbers.absence
        mood = odds(max(self.model.random.random(), 1e-16))
        self.lean_today = numbers.steadiness * self.lean + math.sqrt(1 - numbers.steadiness**2) * mood

    def votes_yes(self, aid_scope: float, favour: float) -> bool:
        """On a bill of the governor's that has ``favour`` logits over the budget for his own side."""
        return self.support + self.lean_today + (favour if self.his else 0.0) >= aid_scope * self.toll

    def strikes_aid(self, scope: float, follow: float) -> bool:
        """Out of the bill with town aid?"""
        return scope * self.toll - self.lean_today > follow * self.side


class RollCall(NamedTuple):
    """Yes and no in each chamber."""

    house_yes: int
    house_no: int
    senate_yes: int
    senate_no: int

    def majorities(self, tie_breaker: bool = False) -> bool:
        """In both chambers; the lieutenant governor may break the senate's tie."""
        in_senate = self.senate_yes >= self.senate_no if tie_breaker else self.senate_yes > self.senate_no
        return self.house_yes > self.house_no and in_senate


def roll_call(members: list[Legislator], says_yes: Callable[[Legislator], bool]) -> RollCall:
    """Those who are here vote."""
    votes = {True: [0, 0], False: [0, 0]}
    for member in members:
        if member.here:
            votes[member.house][not says_yes(member)] += 1
    return RollCall(*votes[True], *votes[False])


def called_down(members: list[Legislator], calls: RollCall, agreement: float) -> bool:
    """Do the leaders of a chamber call a vote against an agreement, and is it lost there?"""
    for house, yes, no in ((True, calls.house_yes, calls.house_no), (False, calls.senate_yes, calls.senate_no)):
        parties = [[m for m in members if m.house == house and m.his is his] for his in (True, False)]
        caucus = [m for m in max(parties, key=len) if m.here]
        against = sum(not m.votes_yes(0.0, agreement) for m in caucus)
        if 2 * against > len(caucus) and no > yes:
            return True
    return False


def chance_of_majority(expected: list[float]) -> float:
    """Chance that yes outnumbers no, from each member's expected yes less no; the margin is taken as normal."""
    spread = sum(1 - margin * margin for margin in expected)
    return 0.5 * (1 + math.erf(sum(expected) / math.sqrt(max(spread, 1e-12)) / math.sqrt(2)))
