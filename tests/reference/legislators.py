"""A legislator's vote: the party, the district, a lean of one's own, and the towns. `docs/odd.md`, 7.8."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sim.scenario.seats import Coefficients, Seat


def coefficients_drawn(fit: Coefficients, luck: Sequence[float]) -> list[float]:
    """This world's roll call: the fit's mean and a draw from its covariance."""
    return [
        float(mean) + sum(float(part) * one for part, one in zip(row, luck, strict=True))
        for mean, row in zip(fit.mean, fit.root, strict=True)
    ]


def support(seat: Seat, coefficients: Sequence[float], loyalty: float) -> float:
    """What speaks for a bill of the governor's in this seat, logits: party, district, margin, opinion, aid.

    Shares count by ten points from a middling seat's. A safe seat frees a member to follow the own side.
    """
    side = 1 if seat.of_governors_party else -1
    margin = 0.15 if seat.own_margin is None else seat.own_margin
    constant, party, senate, governor_share, own_margin, opinion, aid = coefficients
    return (
        constant
        + party * loyalty * side / 2
        + senate * (seat.chamber == "senate")
        + governor_share * (seat.governor_share - 0.5) / 0.1
        + own_margin * side * (margin - 0.15) / 0.1
        + opinion * (-0.29 - seat.district_opinion) / 0.1
        + aid * (seat.aid_dependence - 0.24) / 0.1
    )


def log_odds(chance: float) -> float:
    """Of a chance strictly between 0 and 1."""
    return math.log(chance / (1 - chance))


def lean(luck: float, support: float, recorded_vote: str) -> float:
    """What the seat does not tell of a member, logits: logistic, or such as the vote on record allows."""
    nay = 1 / (1 + math.exp(support))
    if recorded_vote == "yea":
        return log_odds(nay + (1 - nay) * luck)
    if recorded_vote == "nay":
        return log_odds(nay * luck)
    return log_odds(luck)


@dataclass
class Legislator:
    """One seat."""

    seat: Seat
    support: float
    lean: float
    day: float  # luck of the special session's day, uniform
    toll: float = 0.0  # what the cut of aid that threatens takes from support, logits
    foreseen: float = 0.0  # what the governor foresees his request for power over aid to take, logits
    here: bool = True
    mind: float = 0.0  # support and the day's lean, logits

    @property
    def of_party(self) -> bool:
        """Of the governor's party?"""
        return self.seat.of_governors_party

    def as_recorded(self, legislature: Any) -> None:
        """The day of the budget; who missed it misses it again, where the record is recalled."""
        self.here = not (legislature.recall and self.seat.recorded_vote == "absent")
        self.mind = self.support + self.lean

    def come(self, legislature: Any) -> None:
        """A special session: here or absent, and of a mind that is partly the old one."""
        self.here = self.day >= legislature.absence
        mood = log_odds((self.day - legislature.absence) / (1 - legislature.absence)) if self.here else 0.0
        steadiness = legislature.steadiness
        self.mind = self.support + steadiness * self.lean + math.sqrt(1 - steadiness**2) * mood

    def weighs(self, loss: float, felt: float, legislature: Any) -> float:
        """What the loss of the district's towns, and their mayors' lobbying, take from support; logits."""
        return legislature.exposure * loss + legislature.lobbying * felt

    def favours(self, asked: dict[bool, float], aid: float) -> bool:
        """Votes yes to a bill that asks so much of either side and has this part of the cut of aid in it."""
        return self.mind >= asked[self.of_party] + aid * self.toll

    def strikes_aid(self, aid: float, follow: float) -> bool:
        """Votes to take aid out of the bill, against what draws a member along with the own side."""
        side = 1 if self.of_party else -1
        return aid * self.toll - (self.mind - self.support) > follow * side

    def bears(self, misread: float, shift: float) -> float:
        """The largest part of the cut with which the member is still for the bill, as the governor hears it."""
        return (self.support + self.lean + misread + (shift if self.of_party else 0.0)) / max(self.foreseen, 1e-9)

    def leaves_in(self, misread: float, follow: float) -> float:
        """The largest part that the member would not strike, likewise."""
        side = 1 if self.of_party else -1
        return (follow * side + self.lean + misread) / max(self.foreseen, 1e-9)
