"""The vote as it was put: the shipped crisis with the deal on record, up to the moment the ballots are cast.

`crisis_on_record` is the crisis itself; only the talks are replaced by what they came to. `Booths` then holds, for
every unit and world, all that decides a member's vote except the unit's mood, so that a likelihood can ask for the
chance of a yes at any mood, and for the mood at which a share of yes is to be expected.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.members import Appeal, Mix, mean_leans, mix_of
from experiments.calibration.record import Record
from sim.acts.approval import approve_agreement
from sim.acts.beliefs import terms_of
from sim.acts.deadline import close_talks
from sim.acts.no_deal import weigh_no_deal
from sim.acts.talks import hold_round, open_talks, relent
from sim.acts.vote import conditions_of_vote, first_vote, second_vote
from sim.acts.window import revise_deal
from sim.bodies import Bodies
from sim.crisis import Act, Crisis, Day, in_order
from sim.errors import WrongInput
from sim.public.seniority import band_risk, bands_apart
from sim.ratification.tally import Tally
from sim.scenario.numbers import Numbers
from sim.scenario.scenario import Scenario
from sim.state import Happenings, State
from sim.worlds.randomness import Luck

NEWTON = 6  # steps; a share is met to a millionth
FAR = 12.0  # logits; no mood lies beyond


@dataclass(frozen=True, kw_only=True)
class Booths:
    """What decides a vote besides the units' moods; logits unless named. Worlds are the last axis."""

    members: NDArray[np.float64]  # (units, worlds)
    turnout: NDArray[np.float64]  # expected share that votes, (units, worlds)
    benefits: Appeal  # of the two ballots, (units, worlds)
    wages: Appeal
    risk: NDArray[np.float64]  # of being laid off, by seniority band, (units, bands, worlds)
    mix: Mix
    wages_spread: NDArray[np.float64]  # standard deviation between units of what the wages ballot has on top, (worlds,)
    gives_up: NDArray[np.float64]  # share of those who voted no before and stay at home, (worlds,)

    def chance(self, unit: int, mood: NDArray[np.float64], *, wages: bool = False) -> NDArray[np.float64]:
        """Chance of a yes in this unit at this mood, (worlds,)."""
        return self._chance_and_slope(unit, mood, wages)[0]

    def slope(self, unit: int, mood: NDArray[np.float64], *, wages: bool = False) -> NDArray[np.float64]:
        """How fast the chance of a yes rises with the mood, per logit, (worlds,)."""
        return self._chance_and_slope(unit, mood, wages)[1]

    def mood_at(self, unit: int, share: NDArray[np.float64]) -> NDArray[np.float64]:
        """The mood at which the chance of a yes is this share on the benefits ballot, (worlds,)."""
        return self.mean_mood_at([unit], share, np.zeros((1, len(share))), np.ones((1, len(share))))

    def mean_mood_at(
        self,
        units: Sequence[int],
        share: NDArray[np.float64],
        apart: NDArray[np.float64],
        weight: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """The mean mood of some units at which they say yes at this share together, (worlds,).

        ``apart``: how far the mood of each is from the mean; ``weight``: of each, in any unit; both (units, worlds).
        """
        weight = weight / weight.sum(axis=0)
        aim = np.log(share) - np.log1p(-share)
        typical = [self._at(unit, np.zeros_like(aim), False).at(self.risk[unit].mean(axis=0)) for unit in units]
        mood = aim - sum(w * (at + own) for w, at, own in zip(weight, typical, apart, strict=True))
        for _ in range(NEWTON):
            found = [self._chance_and_slope(unit, mood + own, False) for unit, own in zip(units, apart, strict=True)]
            chance, slope = (sum(w * one[k] for w, one in zip(weight, found, strict=True)) for k in (0, 1))
            chance = np.clip(chance, 1e-12, 1 - 1e-12)
            miss = np.log(chance) - np.log1p(-chance) - aim
            step = miss * chance * (1 - chance) / np.maximum(slope, 1e-12)
            mood = np.clip(mood - step, -FAR - 10, FAR + 10)
        return mood

    def _chance_and_slope(
        self, unit: int, mood: NDArray[np.float64], wages: bool
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        appeal = self._at(unit, mood, wages)
        lean, square = mean_leans(appeal, self.risk[unit], self.mix.of_units(unit), powers=(1, 2), cast=np.asarray)
        return 0.5 + 0.5 * lean, 0.25 * (1 - square)

    def _at(self, unit: int, mood: NDArray[np.float64], wages: bool) -> Appeal:
        certain, protection = self.wages if wages else self.benefits
        return Appeal(certain[unit] + mood, np.asarray(protection)[unit])


Poll = Callable[[int, Booths], Tally]  # number of the vote, and the vote as it is put -> ballots by union


def crisis_on_record(
    scenario: Scenario,
    record: Record,
    *,
    seed: int,
    worlds: NDArray[np.int64],
    point: Mapping[str, Any] | None,
    poll: Poll | None = None,
) -> Crisis:
    """The crisis as it went: the deal on record is struck on its day, and everybody acts on it as the model says.

    ``poll`` counts the votes in the members' place; None: the votes are not to be reached.
    """
    crisis = Crisis(scenario, worlds=worlds, seed=seed, point=point)
    units = crisis.bodies.units  # moods are what is asked for
    units.mood, units.wages_mood = np.zeros_like(units.mood), np.zeros_like(units.wages_mood)
    on_record: dict[Any, Act] = {
        open_talks: _both_sides_fear,
        close_talks: close_talks,
        first_vote: partial(_polled, vote=1, poll=poll),
        second_vote: partial(_polled, vote=2, poll=poll),
        revise_deal: partial(_revise, record=record),
    }
    days = [day._replace(act=on_record.get(day.act, day.act)) for day in crisis.agenda if day.act is not hold_round]
    agreed = record.agreed or scenario.calendar.talks.deadline
    crisis.agenda = in_order([*days, Day(agreed, "talks", partial(_strike_deal, deal=record.deal))])
    return crisis


def _both_sides_fear(state: State, bodies: Bodies, numbers: Numbers, luck: Luck) -> Happenings:
    """Nobody bargains here, but both sides know what they fear."""
    weigh_no_deal(state, bodies, numbers)
    return []


def _strike_deal(
    state: State, bodies: Bodies, numbers: Numbers, luck: Luck, *, deal: Mapping[str, float]
) -> Happenings:
    """The deal on record, in all worlds; what hangs over a last offer hangs on."""
    state.package, state.agreed = _amounts(deal, state, numbers), state.everywhere
    bargained = numbers.coalition is not None and numbers.calendar.talks.table != "last_offer"
    return relent(state.agreed, state, bodies, numbers) if bargained else []


def _revise(state: State, bodies: Bodies, numbers: Numbers, luck: Luck, *, record: Record) -> Happenings:
    """The second deal may be the first in clearer words, or have other terms too."""
    happenings = revise_deal(state, bodies, numbers, luck)
    if record.revised:
        state.package = _amounts(record.deal | record.revised, state, numbers)
        state.deal = terms_of(state.package, numbers)
    return happenings


def _amounts(deal: Mapping[str, float], state: State, numbers: Numbers) -> NDArray[np.float64]:
    """A package, (issues, worlds); an issue that the deal does not name is as in the last offer."""
    rows = [deal.get(name, issue.last_offer) for name, issue in numbers.issues.items()]
    return np.stack([np.broadcast_to(np.asarray(row, float), state.worlds) for row in rows])


def _polled(state: State, bodies: Bodies, numbers: Numbers, luck: Luck, *, vote: int, poll: Poll | None) -> Happenings:
    """The vote is handed to whoever polls the members here, and counted under the rule."""
    assert poll is not None, "this crisis was not to come to a vote"
    tally = poll(vote - 1, as_put(vote, state, bodies, numbers))
    state.tallies.append(tally)
    where = state.agreed if vote == 1 else state.where("refused")
    state.voted[vote - 1] = where
    rules = numbers.rules
    revised = rules.ratification if rules.revised is None else rules.revised
    carried = np.where(state.rule_changed, revised.carries(tally), rules.ratification.carries(tally))
    state.ratified[vote - 1] = where & carried
    approve_agreement(vote, state, bodies, numbers)
    return []


def as_put(vote: int, state: State, bodies: Bodies, numbers: Numbers) -> Booths:
    """The first or second vote as it is put to the members now."""
    members, bands, units = numbers.members, numbers.scenario.seniority, bodies.units
    assert state.deal is not None
    if units.days_before.any():
        raise WrongInput(f"{numbers.scenario.name}: units that vote on days of their own cannot be fitted yet")
    shape = (units.bodies, state.worlds)
    listed = np.broadcast_to(state.share_listed(numbers.unions.list_scale), shape)
    belief = np.broadcast_to(state.beliefs.of_units(), shape)
    asked = units.voters(members, conditions_of_vote(vote, state, bodies, numbers))
    return Booths(
        members=units.members,
        turnout=units.expected_turnout(listed * belief, members).astype(float),
        benefits=_by_unit(asked.on_benefits(state.deal), shape),
        wages=_by_unit(asked.on_wages(state.deal), shape),
        risk=band_risk(listed, bands, strict=members.strict_seniority, most_junior=bands_apart(listed, bands))
        * belief[:, None, :],
        wages_spread=np.broadcast_to(np.asarray(members.wages_spread, float), state.worlds),
        gives_up=np.broadcast_to(np.asarray(members.gives_up, float), state.worlds),
        mix=mix_of(members, bands.share, units.information.stacked(state.worlds)),
    )


def _by_unit(appeal: Appeal, shape: tuple[int, int]) -> Appeal:
    """Written out for every unit and world, in double precision."""
    return Appeal(*(np.broadcast_to(np.asarray(part, float), shape) for part in appeal))


def acts_before_the_vote(scenario: Scenario) -> list[tuple[str, Any]]:
    """Threats and news that come before a first vote, each with its kind."""
    return [
        (kind, act)
        for kind in ("threats", "news")
        for act in getattr(scenario.sections, kind)
        if act.date <= scenario.calendar.first_vote and act.when != "refused"
    ]


def by_union(units: NDArray[np.float64], scenario: Scenario) -> NDArray[np.float64]:
    """Rows of units added up, (units, worlds) to (unions, worlds)."""
    return np.stack([units[rows].sum(axis=0) for rows in scenario.unions.units])


def first_vote_as_put(
    scenario: Scenario, record: Record, *, seed: int, worlds: NDArray[np.int64], point: Any
) -> Booths:
    """The first vote as it was put, in these worlds."""
    crisis = crisis_on_record(scenario, record, worlds=worlds, seed=seed, point=point)
    while crisis.agenda[crisis.steps].phase != "vote":
        crisis.step()
    return as_put(1, crisis.state, crisis.bodies, crisis.numbers)
