"""Worlds lived again with one thing changed: everything else, their luck included, stays what it was.

A row is a world and a value for one parameter. Rows of different worlds and parameters share a block, so that a
thousand replays cost little more than one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.acts.deadline import close_talks, end_talks
from sim.acts.vote import first_vote, second_vote
from sim.crisis import Crisis, Day
from sim.errors import ModelFault, WrongInput
from sim.scenario.scenario import Scenario
from sim.state import State
from sim.worlds.blocks import blocks


@dataclass(kw_only=True)
class Replays:
    """Some worlds of a scenario, what they came to, and a way to live them again with one parameter changed."""

    scenario: Scenario
    seed: int
    worlds: NDArray[np.int64]  # addresses, (worlds,)
    point: Mapping[str, Any] = field(default_factory=dict)  # numbers held in every replay, one for all worlds
    base: dict[str, NDArray[np.float64]] = field(init=False)  # every number as it was, (worlds,)
    deal: NDArray[np.bool_] = field(init=False)  # what they came to, (worlds,)
    ran: int = field(init=False, default=0)  # replays so far

    def __post_init__(self) -> None:
        self.worlds = np.asarray(self.worlds, dtype=np.int64)
        shared, self.point = self.scenario.structure(self.point)
        if shared:
            raise WrongInput(f"{self.scenario.name}: {min(shared)!r} is one for all worlds; use with_settings for it")
        self.base = self.scenario.numbers(self.seed, self.worlds, self.point)
        self._shaped: dict[tuple[str, Any], Scenario] = {}
        self._known: dict[tuple[str, Any], NDArray[np.bool_]] = {}  # deals of all these worlds, (worlds,)
        at_start = self.scenario.sections.case.uncertainties == "start"  # then nothing is drawn
        self._drawn = [] if at_start else [entry.key for entry in self.scenario.uncertain]
        self.deal = self._deals(self.scenario, np.arange(len(self.worlds)))

    def among(self, chosen: NDArray[Any]) -> Replays:
        """The same for some of the worlds, by place or by mask; what is known of them by now is not run again."""
        some = object.__new__(Replays)
        some.__dict__ = self.__dict__ | {"ran": 0}
        some.worlds, some.deal = self.worlds[chosen], self.deal[chosen]
        some.base = {key: column[chosen] for key, column in self.base.items()}
        some._known = {change: deals[chosen] for change, deals in self._known.items()}
        return some

    def deals(self, place: NDArray[np.int64], keys: NDArray[Any], values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Is there a deal when world ``place`` has ``values`` for the parameter ``keys``? All of shape (rows,)."""
        found = np.zeros(len(place), bool)
        names, which = np.unique(keys, return_inverse=True)
        varies = np.array([self.scenario.entry(name).varies for name in names], dtype=bool)
        rows = np.flatnonzero(varies[which])
        # a block is quickest where few parameters are changed in it; rows of one world share its luck
        rows = rows[np.lexsort((place[rows], which[rows]))]
        for some in (rows[part] for part in blocks(len(rows))):
            found[some] = self._mixed(place[some], keys[some], values[some])
        for name in names:
            if not self.scenario.entry(name).varies:
                for value in np.unique(values[keys == name]):
                    same = np.flatnonzero((keys == name) & (values == value))
                    try:
                        found[same] = self.deals_with(name, value.item(), place[same])
                    except WrongInput:  # a date or a number of rounds that does not fit the calendar turns nothing
                        found[same] = self.deal[place[same]]
        return found

    def deals_with(self, key: str, value: Any, place: NDArray[np.int64] | None = None) -> NDArray[np.bool_]:
        """Is there a deal in these worlds with one value for all, be it a word, a switch or a number? (places,)

        Raises `WrongInput` where the scenario does not allow the value.
        """
        if place is None:
            if (key, value) not in self._known:
                self._known[key, value] = self.deals_with(key, value, np.arange(len(self.worlds)))
            return self._known[key, value]
        if self.scenario.entry(key).varies:
            return self.deals(place, np.full(len(place), key, dtype=object), np.full(len(place), float(value)))
        if (key, value) not in self._shaped:
            self._shaped[key, value] = self.scenario.with_settings({key: value})
        return self._deals(self._shaped[key, value], place)

    def _mixed(self, place: NDArray[np.int64], keys: NDArray[Any], values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """One block in which every row has a parameter of its own changed, and the others as they were."""
        changed = self.scenario.check_point({name: values[keys == name] for name in np.unique(keys)})
        point = self._as_it_was(place)
        for name, amounts in changed.items():
            point[name] = self.base[name][place]
            point[name][keys == name] = amounts
        return self._run(self.scenario, self.worlds[place], point)

    def _deals(self, scenario: Scenario, place: NDArray[np.int64]) -> NDArray[np.bool_]:
        deals = np.zeros(len(place), bool)
        for some in blocks(len(place)):
            deals[some] = self._run(scenario, self.worlds[place[some]], self._as_it_was(place[some]))
        return deals

    def _as_it_was(self, place: NDArray[np.int64]) -> dict[str, Any]:
        """Uncertainties are handed over, which is quicker than to draw them again, and have been checked."""
        return {name: self.base[name][place] for name in self._drawn} | dict(self.point)

    def _run(self, scenario: Scenario, worlds: NDArray[np.int64], point: Mapping[str, Any]) -> NDArray[np.bool_]:
        """Is there a deal? What comes after that is known everywhere is not played, and no table is kept.

        ``point`` has been checked.
        """
        self.ran += len(worlds)
        crisis = Crisis(scenario, seed=self.seed, worlds=worlds, point=point, checked=True)
        crisis.observers.clear()
        state, open_end = crisis.state, bool(crisis.bodies.others)  # nobody knows what a user's own body does
        if not open_end:
            crisis.agenda = up_to_the_last_vote(crisis.agenda)
        try:
            while crisis.running and (open_end or not decided(state).all()):
                crisis.step()
        except ModelFault as fault:
            raise fault.at(worlds) from fault
        return (state.ratified[0] | state.ratified[1]) & state.approved


def up_to_the_last_vote(agenda: Sequence[Day]) -> list[Day]:
    """The days on which there may come to be a deal, or none; how good one is, or how near, is not worked out."""
    last = max(place for place, day in enumerate(agenda) if day.act in (first_vote, second_vote))
    return [day._replace(act=end_talks) if day.act is close_talks else day for day in agenda[: last + 1]]


def decided(state: State) -> NDArray[np.bool_]:
    """Where is it known whether there is a deal: one that members ratified at once, or none to vote on? (worlds,)"""
    return state.ratified[0] | (state.talks_over & ~state.agreed)
