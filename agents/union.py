"""A union: its units and their members, and a leader who reads them through a glass of his own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

import mesa
import numpy as np
from numpy.typing import NDArray

from agents.members import Appeal, turnout, yes_probability
from sim.bargaining.terms import Terms
from sim.public.campaign import AT_FIRST, Information
from sim.public.seniority import Seniority, band_risk, bands_apart
from sim.ratification.ballots import Electorate, Tally
from sim.worlds.axis import Worlds, in_worlds, single, total


def leans_to_change(
    own_yes_share: Worlds, majority_yes_share: Worlds, own_risk: Worlds, *, risk_weight: Worlds
) -> Worlds:
    """How far a leader wants the rule changed: own members' result, the majority's wish and own risk, over worlds.

    He leans to a rule under which the deal passes when his own members or the members of all unions said yes, and the
    more of his members are on the list the more so; above zero he votes for it. One who is against may still let it
    take effect at once, as the one leader who was against did. Source: facts.md, the rule change of 18 July 2011.
    """
    return (own_yes_share - 0.5) + (majority_yes_share - 0.5) + risk_weight * own_risk


@dataclass(slots=True, kw_only=True)
class Conditions:
    """What surrounds a vote, each (worlds,) or a number."""

    pressure: Worlds = 0.0  # weight of the governor's threats so far, for reactance
    local_risk: Worlds = 0.0  # chance that a municipal colleague is laid off if the deal falls
    leaked_burden: Worlds | None = None  # without a blackout: the burden of the offers members have read about


def felt_burden(burden: Worlds, conditions: Conditions, members: Any) -> Worlds:
    """Shares of a year's pay as members feel them: what exceeds the terms they read about hurts again.

    With a blackout they learn the terms at the deal and have no such reference point. Source: reference dependence,
    Kahneman & Tversky (1979); the weight is an uncertainty.
    """
    if conditions.leaked_burden is None:
        return burden
    return burden + members.leaked_reference * np.maximum(0.0, burden - conditions.leaked_burden)


class Question(NamedTuple):
    """What a vote puts to all units of a union alike; logits, each (worlds,) or a number."""

    goodwill: Worlds  # trust, less weariness and what threats have bred
    protection: Worlds  # what the deal's protection is worth against a certain layoff
    dislike: Worlds  # of a year's pay
    solidarity: Worlds  # with colleagues in the towns, of a unit that shares its union with all of them
    benefits_burden: Worlds  # shares of a year's pay
    wages_burden: Worlds  # of the average unit
    conditions: Conditions
    members: Any  # the scenario's numbers

    def appeals(self, unit: Unit, mood: Worlds = 0.0) -> tuple[Appeal, Appeal]:
        """The parts of the unit's appeal on the benefits and on the wages ballot; ``mood`` is what the day adds.

        On the wages ballot only what the unit itself decides is weighed.
        """
        wages = unit.burden_factor * self.wages_burden
        whole, own = (
            self.dislike * felt_burden(burden, self.conditions, self.members)
            for burden in (wages + self.benefits_burden, wages)
        )
        appeal = Appeal(
            mood=self.goodwill + unit.mood + mood,
            protection=self.protection,
            burden=whole,
            solidarity=unit.dual_payroll * self.solidarity if unit.dual_payroll else 0.0,
        )
        return appeal, appeal._replace(burden=own)


def put_to_vote(members: Any, terms: Terms, conditions: Conditions) -> Question:
    """The terms of a deal as members weigh them. ``members``: the scenario's numbers on members."""
    a_layoff = members.sensitivity * members.loss_if_laid_off
    return Question(
        goodwill=members.trust - members.fatigue - members.reactance * conditions.pressure,
        protection=a_layoff * terms.protection,
        dislike=members.sensitivity * members.loss_aversion,
        solidarity=a_layoff * members.solidarity * conditions.local_risk,
        benefits_burden=terms.benefits_burden,
        wages_burden=terms.wages_burden,
        conditions=conditions,
        members=members,
    )


@dataclass(slots=True, kw_only=True)
class Unit:
    """One bargaining unit: what stays the same in every world, and what each world knows of it."""

    name: str
    index: int  # row in the table of units, and in every array by unit
    share: float  # of its union's members; the same in all worlds, which differ in the size of all units alike
    burden_factor: Worlds  # the unit's wage burden over the average unit's: 0 raise due means less to lose
    turnout_base: float
    dual_payroll: float  # share of the parent union's fate in the towns that this unit shares
    members: NDArray[np.float64]  # (worlds,)
    mood: NDArray[np.float64]  # lasting, logits, (worlds,)
    electorate: Electorate
    benefits: list[Tally] = field(default_factory=list)  # one a vote
    wages: list[Tally] = field(default_factory=list)

    def in_worlds(self, here: NDArray[np.int64] | None) -> Unit:
        """The unit as it is in the worlds in which a vote is held; None: in all of them."""
        if here is None:
            return self
        return replace(
            self,
            burden_factor=in_worlds(self.burden_factor, here),
            members=in_worlds(self.members, here),
            mood=in_worlds(self.mood, here),
            electorate=self.electorate.in_worlds(here),
        )


class Union(mesa.Agent):
    """Holds one union's units over worlds and hands them to the rules; decides nothing itself."""

    def __init__(self, model: mesa.Model, *, name: str, units: list[Unit], misreading: NDArray[np.float64]) -> None:
        super().__init__(model)
        self.name = name
        self.units = units
        self.misreading = misreading  # what the leader's ear adds, logits, (worlds,)
        self.information: Information = AT_FIRST

    @cached_property
    def members(self) -> NDArray[np.float64]:
        """Members of all its units, (worlds,)."""
        return total(unit.members for unit in self.units)

    @cached_property
    def heard_mood(self) -> NDArray[Any]:
        """The lasting mood of the average member as the leader hears it, logits, (worlds,)."""
        return self.average([unit.mood for unit in self.units]) + single(self.misreading)

    @cached_property
    def wage_factor(self) -> Worlds:
        """How much wages bear on the average member against those of other unions, a number or (worlds,)."""
        return self.average([unit.burden_factor for unit in self.units])

    def average(self, by_unit: Sequence[Any]) -> Any:
        """Over its members, (worlds,) or a number."""
        return total([unit.share * amount for unit, amount in zip(self.units, by_unit, strict=True)])

    def vote(
        self,
        question: Question,
        *,
        listed: NDArray[np.float64],
        belief: NDArray[np.float64],
        moods: NDArray[np.float64],
        bands: Seniority,
        here: NDArray[np.int64] | None = None,
    ) -> None:
        """Every unit casts its two ballots and remembers them.

        By unit, (units, worlds): ``listed``, the share of its posts on the list, ``belief`` that the list is meant, and
        ``moods``, what this vote's mood adds, logits. The vote is held in the worlds ``here``, and what is handed in is
        what it is there; None: in all.
        """
        worlds, members = len(self.misreading), question.members
        information = in_worlds(self.information.stacked(worlds), here)
        shifts, strict = [0.0, members.informed, -members.misinformed], members.strict_seniority
        for unit in self.units:
            share, chance, mood = listed[unit.index], belief[unit.index], moods[unit.index]
            # risk falls with rank and averages to share x belief
            risk = band_risk(share, bands, strict=strict, most_junior=bands_apart(share, bands))
            risk *= chance
            expected = turnout(unit.turnout_base, share * chance, per_stake=members.turnout_stakes)
            voters = unit.in_worlds(here)
            voters.electorate.turn_out(expected)
            for ballots, appeal in zip((unit.benefits, unit.wages), question.appeals(voters, mood), strict=True):
                p = yes_probability(appeal, risk, bands.share, information, shifts)
                ballots.append(voters.electorate.vote(p).back_in_place(here, worlds))

    def discard_ballots(self, where: NDArray[np.bool_]) -> None:
        """In these worlds the union had nothing to vote on: the latest vote was not held."""
        nothing = np.zeros(len(where))
        for unit in self.units:
            for ballots in (unit.benefits, unit.wages):
                ballots[-1] = Tally(yes=nothing, cast=nothing).where(where, ballots[-1])

    def tally(self, vote: int = -1) -> Tally:
        """Benefits ballots of all units added up, for the latest vote unless one is named."""
        return Tally(
            yes=total(unit.benefits[vote].yes for unit in self.units),
            cast=total(unit.benefits[vote].cast for unit in self.units),
        )
