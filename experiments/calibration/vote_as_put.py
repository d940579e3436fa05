"""The vote as it was put: the shipped crisis with the deal on record, up to the moment the ballots are cast.

`CrisisOnRecord` is the model itself; only the talks are replaced by what they came to. `Booths` then holds, for every
unit and world, all that decides a member's vote except the unit's mood, so that a likelihood can ask for the chance of
a yes at any mood, and for the mood at which a share of yes is to be expected.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.members import turnout
from agents.union import Conditions, put_to_vote
from experiments.calibration.record import Record
from sim.crisis import BudgetCrisis, Happening
from sim.public.seniority import band_risk
from sim.ratification.tally import Tally
from sim.scenario.scenario import Scenario

NEWTON = 5  # steps; a share is met to a millionth
FAR = 12.0  # logits; no mood lies beyond


@dataclass(frozen=True, kw_only=True)
class Booths:
    """What decides a vote besides the units' moods; logits unless named. Worlds are the last axis."""

    members: NDArray[np.float64]  # (units, worlds)
    turnout: NDArray[np.float64]  # expected share that votes, (units, worlds)
    common: NDArray[np.float64]  # trust, burden and solidarity on the benefits ballot, (units, worlds)
    wages_gain: NDArray[np.float64]  # what the wages ballot has on top, (units, worlds)
    stake: NDArray[np.float64]  # by seniority band: what protection from a layoff adds, (units, bands, worlds)
    band_share: NDArray[np.float64]  # (bands,)
    information_share: NDArray[np.float64]  # (classes, worlds), the same in all unions
    information_shift: NDArray[np.float64]  # (classes, worlds)

    def chance(self, unit: int, mood: NDArray[np.float64], *, wages: bool = False) -> NDArray[np.float64]:
        """Chance of a yes in this unit at this mood, (worlds,)."""
        return self._chance_and_slope(unit, mood, wages)[0]

    def slope(self, unit: int, mood: NDArray[np.float64]) -> NDArray[np.float64]:
        """How fast the chance of a yes rises with the mood, per logit, (worlds,)."""
        return self._chance_and_slope(unit, mood, False)[1]

    def mood_at(self, unit: int, share: NDArray[np.float64]) -> NDArray[np.float64]:
        """The mood at which the chance of a yes is this share on the benefits ballot, (worlds,)."""
        aim = np.log(share) - np.log1p(-share)
        mood = aim - self.common[unit] - self.band_share @ self.stake[unit]
        for _ in range(NEWTON):
            chance, slope = self._chance_and_slope(unit, mood, False)
            chance = np.clip(chance, 1e-12, 1 - 1e-12)
            spread = chance * (1 - chance)
            miss = np.log(chance) - np.log1p(-chance) - aim
            mood = np.clip(mood - miss * spread / np.maximum(slope, 1e-12), -FAR - 10, FAR + 10)
        return mood

    def _chance_and_slope(
        self, unit: int, mood: NDArray[np.float64], wages: bool
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """As `agents.members.yes_probability`, with its derivative."""
        half = 0.5 * (self.common[unit] + mood + (self.wages_gain[unit] if wages else 0.0))
        lean, square = np.zeros(half.shape), np.zeros(half.shape)
        for band, weight in enumerate(self.band_share):
            at_band = half + 0.5 * self.stake[unit, band]
            for share, shift in zip(self.information_share, self.information_shift, strict=True):
                t = np.tanh(at_band + 0.5 * shift)
                lean += weight * share * t
                square += weight * share * t * t
        return 0.5 + 0.5 * lean, 0.25 * (1 - square)


Poll = Callable[[int, Booths], Tally]  # number of the vote, and the vote as it is put -> ballots by union


class CrisisOnRecord(BudgetCrisis):
    """The crisis as it went: the deal on record is struck on its day, and everybody acts on it as the model says."""

    def __init__(self, *, record: Record, poll: Poll | None = None, **crisis: Any) -> None:
        self.record, self.poll = record, poll
        super().__init__(collect=False, **crisis)
        for unit in self.units:
            unit.mood = np.zeros(len(self.worlds))  # moods are what is asked for

    def _agenda(self) -> list[Happening]:
        day = self.record.agreed or self.case.calendar.talks.deadline
        struck = Happening(day, "talks", self.strike_deal)
        return sorted([*super()._agenda(), struck], key=lambda happening: happening.date)

    def _round_dates(self) -> list[Any]:
        return []

    def open_talks(self) -> None:
        """Nobody bargains here, but both sides know what they fear."""
        self.weigh_alternatives()

    def strike_deal(self) -> None:
        """The deal on record, in all worlds."""
        self.package, self.agreed = self.amounts(self.record.deal), np.ones(len(self.worlds), bool)

    def revise_deal(self) -> None:
        """The second deal may be the first in clearer words, or have other terms too."""
        super().revise_deal()
        if self.record.revised:
            self.package = self.amounts(self.record.deal | self.record.revised)
            self.deal = self.terms_of(self.package)

    def amounts(self, deal: Mapping[str, float]) -> NDArray[np.float64]:
        """A package, (issues, worlds); an issue that the deal does not name is as in the last offer."""
        rows = [deal.get(name, issue.last_offer) for name, issue in self.value.issues.items()]
        return np.stack([np.broadcast_to(np.asarray(row, float), len(self.worlds)) for row in rows])

    def count_votes(self, *, vote: int, voting: NDArray[np.bool_]) -> Tally:
        """Hand the vote to whoever polls the members here."""
        assert self.poll is not None
        tally = self.poll(vote, self.booths())
        self.tallies.append(tally)
        self.voted[vote] = voting
        return tally

    def until(self, date: datetime.date) -> None:
        """Everything that comes before this day."""
        while self.agenda[self._next].date < date:
            self.step()

    def booths(self) -> Booths:
        """The vote as it is put to the members now."""
        members, worlds, bands = self.value.members, len(self.worlds), self.case.seniority
        conditions = Conditions(
            pressure=self.beliefs.pressure,
            local_risk=self.local_risk,
            leaked_burden=None if self.value.calendar.talks.blackout else self.leaked_burden(),
        )
        shape = (len(self.units), worlds)
        counts, votes, common, gain = (np.empty(shape) for _ in range(4))
        stake = np.empty((len(self.units), len(bands.share), worlds))
        listed = np.broadcast_to(self.share_listed(), shape)
        belief = np.broadcast_to(self.beliefs.of_units(), shape)
        for place, union in enumerate(self.unions):
            question = put_to_vote(members, self.deal_of(place), conditions)
            for unit in union.units:
                row = unit.index
                whole, wages = question.appeals(unit)
                common[row] = whole.mood - whole.burden + whole.solidarity
                gain[row] = wages.mood - wages.burden + wages.solidarity - common[row]
                risk = band_risk(listed[row], bands, strict=members.strict_seniority) * belief[row]
                stake[row] = whole.protection * risk
                counts[row] = unit.members
                votes[row] = turnout(unit.turnout_base, listed[row] * belief[row], per_stake=members.turnout_stakes)
        shifts = [0.0, members.informed, -members.misinformed]
        return Booths(
            members=counts,
            turnout=votes,
            common=common,
            wages_gain=gain,
            stake=stake,
            band_share=bands.share,
            information_share=self.unions[0].information.stacked(worlds),
            information_shift=np.stack([np.broadcast_to(np.asarray(shift, float), worlds) for shift in shifts]),
        )


def first_vote(scenario: Scenario, record: Record, *, seed: int, worlds: NDArray[np.int64], point: Any) -> Booths:
    """The first vote as it was put, in these worlds."""
    crisis = CrisisOnRecord(record=record, scenario=scenario, worlds=worlds, seed=seed, point=point)
    try:
        crisis.until(scenario.calendar.first_vote)
        while crisis.agenda[crisis._next].phase != "vote":
            crisis.step()
        return crisis.booths()
    finally:
        crisis.release()
