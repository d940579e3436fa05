"""A union's leader: hears the members through an ear of his own, signs and recommends what he expects them to accept.

The win-set at home bounds the deal abroad (Putnam 1988): leaders sign only what they expect to be ratified, and what
they expect is what they hear, not what is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from agents.body import NUMBER, YES_OR_NO, Answer, Body
from agents.members import Conditions, Voters, voters
from agents.union import Union
from sim.bargaining.commitments import margin_needed
from sim.bargaining.terms import Burden, Terms
from sim.scenario.parameters import Choice, Number, Section, choice, number
from sim.worlds.axis import Array, Worlds, in_single, in_worlds, single
from sim.worlds.randomness import Luck, Stream


class LeaderPreferences(Section):
    """How union leaders read their own members, and what they want of the rule."""

    optimism: Number = number("logits", "How much better than true leaders think members like a deal")
    noise: Number = number("logits", "Standard deviation of a leader's misreading of his own members", at_least=0)
    foresee: Choice = choice(
        "What leaders want to be sure of before they sign: passing under the rule in force, or a majority of members",
        ("rule", "majority"),
    )
    price_of_refusal: Number | None = number(
        "ratio",
        "What a signed deal that members refuse costs leaders, against what a ratified one brings them: they sign "
        "where ratification is likelier than price / (1 + price); 1, or left out, is likelier than not",
        at_least=0,
        default=None,
    )
    unforeseen: Number | None = number(
        "logits",
        "Standard deviation of what may still move all members alike before they vote",
        at_least=0,
        default=None,
    )
    collegiality: Number = number(
        "share", "How far against a change of the rule a leader may be and still let it take effect at once", at_least=0
    )
    risk_weight: Number = number(
        "share per share", "Weight of own members' layoff risk in the vote to change the rule", at_least=0
    )


def leans_to_change(
    own_yes_share: Worlds, majority_yes_share: Worlds, own_risk: Worlds, *, risk_weight: Worlds
) -> Worlds:
    """How far a leader wants the rule changed: own members' result, the majority's wish and own risk.

    He leans to a rule under which the deal passes when his own members or the members of all unions said yes, and the
    more of his members are on the list the more so; above zero he votes for it. One who is against may still let it
    take effect at once, as the one leader who was against did. Source: the rule change of 18 July 2011, in
    facts.md of Connecticut 2011.
    """
    return (own_yes_share - 0.5) + (majority_yes_share - 0.5) + risk_weight * own_risk


@dataclass(frozen=True, slots=True)
class Hearing:
    """What a leader makes of his members at the time: of the average one, whom he hears through an ear of his own.

    Leaders reckon with what leaked offers make members hope for, not with a campaign that is still to come.
    """

    voters: Voters  # (unions, worlds)
    risk: Array  # share of posts that members expect to go, (unions, worlds)

    def of_union(self, union: int) -> Hearing:
        """What one leader hears alone; a union's place in the order."""
        return Hearing(self.voters.of_one(union), self.risk[union : union + 1])

    def of_worlds(self, here: NDArray[np.int64] | None) -> Hearing:
        """What they hear in these worlds, by place; None: in all."""
        if here is None:
            return self
        return Hearing(Voters(*(in_worlds(part, here) for part in self.voters)), in_worlds(self.risk, here))

    def expects_yes(self, deal: Burden | Terms, *, beyond: Worlds = 0.0) -> NDArray[np.bool_]:
        """Does he expect his average member to say yes, (unions, worlds), with more than ``beyond`` logits to spare?"""
        seen = Burden(*(single(part) for part in (deal.benefits_burden, deal.wages_burden, deal.protection)))
        return self.voters.on_benefits(seen).at(self.risk) > single(beyond)


class Leader(Body):
    """Wants a deal that the members accept, and a rule under which it stands when most of them do.

    One a union; quantities have shape (unions, worlds).
    """

    role: ClassVar[str] = "leader"
    answers: ClassVar[Mapping[str, Answer]] = {
        **dict.fromkeys(("hear", "leans_to_change"), NUMBER),
        **dict.fromkeys(("favours", "waives"), YES_OR_NO),
    }

    def __init__(self, unions: Union, preferences: LeaderPreferences, luck: Luck) -> None:
        self.bodies, self.name, self.preferences = unions.bodies, unions.name, preferences
        units = unions.units
        self.misreading = luck.normals(Stream.LEADERS, unions.bodies) * preferences.noise  # what his ear adds, logits
        self.heard_mood = unions.average(units.mood) + single(self.misreading)  # of his average member, logits
        self.wage_factor = unions.average(units.burden_factor)  # of the average member, against other unions'
        self.dual_payroll = unions.average(units.dual_payroll)
        self.members_weigh = in_single(units.preferences)

    @cached_property
    def margin(self) -> Array:
        """How far beyond even odds he must see his members before he signs, logits, (worlds,) or a number."""
        price, spread = self.preferences.price_of_refusal, self.preferences.unforeseen
        return single(0.0 if price is None or spread is None else margin_needed(price, spread))

    def hear(self, conditions: Conditions, *, risk: Array) -> Hearing:
        """What he makes of his members now; ``risk``: share of posts that they expect to go, (unions, worlds)."""
        mood = self.heard_mood + single(self.preferences.optimism)
        heard = voters(
            self.members_weigh,
            conditions.in_single(),
            mood=mood,
            wage_factor=self.wage_factor,
            dual_payroll=self.dual_payroll,
        )
        return Hearing(voters=heard, risk=single(risk))

    def leans_to_change(self, own_yes_share: Array, overall_yes_share: Array, risk: Array) -> Worlds:
        """How far he wants the rule changed after a refusal."""
        weight = self.preferences.risk_weight
        return leans_to_change(own_yes_share, overall_yes_share, risk, risk_weight=weight)

    def favours(self, lean: Worlds) -> NDArray[np.bool_]:
        """Does he vote to change the rule?"""
        return np.asarray(lean > 0)

    def waives(self, lean: Worlds) -> NDArray[np.bool_]:
        """Does he let a change of the rule take effect at once?"""
        return np.asarray(lean + self.preferences.collegiality > 0)
