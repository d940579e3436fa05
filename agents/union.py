"""A union: its units and their members, and a leader who reads them through a glass of his own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import mesa
import numpy as np
from numpy.typing import NDArray

from sim.ballots import Electorate, Tally
from sim.campaign import AT_FIRST, Information
from sim.members import Appeal, turnout, yes_probability
from sim.seniority import Seniority, band_risk
from sim.terms import Terms
from sim.worlds import Worlds, total


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


@dataclass(slots=True, kw_only=True)
class Unit:
    """One bargaining unit: what stays the same in every world, and what each world knows of it."""

    name: str
    index: int  # row in the table of units, and in every array by unit
    burden_factor: Worlds  # the unit's wage burden over the average unit's: 0 raise due means less to lose
    turnout_base: float
    dual_payroll: float  # share of the parent union's fate in the towns that this unit shares
    members: NDArray[np.float64]  # (worlds,)
    mood: NDArray[np.float64]  # lasting, logits, (worlds,)
    electorate: Electorate
    risk: NDArray[np.float64] | float = 0.0  # belief x share of posts listed, (worlds,)
    risk_by_band: NDArray[np.float64] = field(default_factory=lambda: np.zeros((1, 1)))  # (bands, worlds)
    benefits: list[Tally] = field(default_factory=list)  # one a vote
    wages: list[Tally] = field(default_factory=list)


class Union(mesa.Agent):
    """Holds one union's units over worlds and hands them to the rules; decides nothing itself."""

    def __init__(self, model: mesa.Model, *, name: str, units: list[Unit], misreading: NDArray[np.float64]) -> None:
        super().__init__(model)
        self.name = name
        self.units = units
        self.misreading = misreading  # what the leader's ear adds, logits, (worlds,)
        self.information: Information = AT_FIRST

    @property
    def members(self) -> NDArray[np.float64]:
        """Members of all its units, (worlds,)."""
        return total(unit.members for unit in self.units)

    @property
    def risk(self) -> NDArray[np.float64]:
        """Share of its posts that its members expect to go, (worlds,)."""
        return sum(unit.members * unit.risk for unit in self.units) / self.members

    def hearing(self, members: Any, leaders: Any, pressure: Worlds) -> tuple[Worlds, Worlds, Worlds, Worlds]:
        """What the leader makes of the average member: goodwill, gain, cost and wage factor, see `Hearing`."""
        of_all = self.members
        weights = [unit.members / of_all for unit in self.units]
        mood = sum(weight * unit.mood for weight, unit in zip(weights, self.units, strict=True))
        wages = sum(weight * unit.burden_factor for weight, unit in zip(weights, self.units, strict=True))
        goodwill = members.trust + mood - members.fatigue - members.reactance * pressure
        return (
            goodwill + leaders.optimism + self.misreading,
            members.sensitivity * members.loss_if_laid_off * self.risk,
            members.sensitivity * members.loss_aversion,
            wages,
        )

    def learn_risk(self, unit: Unit, list_share: Worlds, belief: Worlds, bands: Seniority, *, strict: Worlds) -> None:
        """The unit sees a list and believes it so far: risk falls with rank and averages to share x belief."""
        unit.risk = list_share * belief
        unit.risk_by_band = band_risk(list_share, bands, strict=strict) * belief

    def appeal(self, unit: Unit, members: Any, terms: Terms, conditions: Conditions, *, wages_only: bool) -> Appeal:
        """The parts of the unit's appeal; on the wages ballot only what the unit itself decides is weighed."""
        burden = unit.burden_factor * terms.wages_burden
        if not wages_only:
            burden = burden + terms.benefits_burden
        return Appeal(
            mood=members.trust + unit.mood - members.fatigue - members.reactance * conditions.pressure,
            protection=members.sensitivity * members.loss_if_laid_off * terms.protection,
            burden=members.sensitivity * members.loss_aversion * felt_burden(burden, conditions, members),
            solidarity=members.sensitivity
            * members.loss_if_laid_off
            * members.solidarity
            * unit.dual_payroll
            * conditions.local_risk,
        )

    def vote(
        self, members: Any, terms: Terms, conditions: Conditions, moods: NDArray[np.float64], bands: Seniority
    ) -> None:
        """Every unit casts its two ballots and remembers them.

        ``members``: the scenario's numbers on members; ``moods`` (units of this union, worlds): what this vote's mood
        adds, logits.
        """
        information = self.information.stacked(len(self.misreading))
        shifts = [0.0, members.informed, -members.misinformed]
        for unit, mood in zip(self.units, moods, strict=True):
            expected = turnout(unit.turnout_base, unit.risk, per_stake=members.turnout_stakes)
            unit.electorate.turn_out(np.asarray(expected))
            for ballots, wages_only in ((unit.benefits, False), (unit.wages, True)):
                appeal = self.appeal(unit, members, terms, conditions, wages_only=wages_only)
                appeal = appeal._replace(mood=appeal.mood + mood)
                p = yes_probability(appeal, unit.risk_by_band, bands.share, information, shifts)
                ballots.append(unit.electorate.vote(p))

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
