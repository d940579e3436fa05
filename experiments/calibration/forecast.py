"""A second vote forecast from the first: the same people, the new list, the terms as revised, either rule.

Every world lives in one row of the posterior, so it has its numbers and the moods its units had at the first vote.
Ballots on record stand as they were cast. What a second vote meets again is the lasting part of the moods and the very
voters of the first, whose reluctance lies between the counts already known (`sim.ratification.ballots.Cohort`); what
is new is another day's mood, what acts and campaign have done since, and those who come for the first time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.calibration.posterior import Posterior, spreads
from experiments.calibration.record import Record, units_of
from experiments.calibration.scores import quantiles
from experiments.calibration.vote_as_put import Booths, crisis_on_record
from sim.errors import WrongInput
from sim.ratification.ballots import Cohort, binomial_count
from sim.ratification.tally import Tally
from sim.scenario.scenario import Scenario

BLOCK = 2000


@dataclass(frozen=True, kw_only=True)
class SecondVote:
    """What a second vote would come to, by world."""

    unit_yes: NDArray[np.float64]  # share of yes, (votes, units, worlds); the first vote as it was, or as it is likely
    union_yes: NDArray[np.float64]  # likewise, (votes, unions, worlds)
    yes_share: NDArray[np.float64]  # of all ballots, (votes, worlds)
    carries: dict[str, NDArray[np.bool_]]  # by rule, (worlds,)
    rule_changed: NDArray[np.bool_]  # did the leaders change the rule in time? (worlds,)


def forecast(
    scenario: Scenario, record: Record, posterior: Posterior, *, worlds: int = 4000, seed: int = 2011
) -> SecondVote:
    """Run the crisis on record up to its second vote. Raises `WrongInput` for a case without one."""
    if scenario.calendar.window is None:
        raise WrongInput(f"{scenario.name}: calendar.window is missing, so there is no second vote to forecast")
    parts = [
        _block(scenario, record, posterior, np.arange(start, min(start + BLOCK, worlds)), seed)
        for start in range(0, worlds, BLOCK)
    ]
    return SecondVote(
        unit_yes=np.concatenate([part.unit_yes for part in parts], axis=-1),
        union_yes=np.concatenate([part.union_yes for part in parts], axis=-1),
        yes_share=np.concatenate([part.yes_share for part in parts], axis=-1),
        carries={name: np.concatenate([part.carries[name] for part in parts]) for name in parts[0].carries},
        rule_changed=np.concatenate([part.rule_changed for part in parts]),
    )


class _Polls:
    """Two votes of the same people."""

    def __init__(
        self, scenario: Scenario, record: Record, moods: tuple[NDArray, NDArray], luck: np.random.Generator
    ) -> None:
        self.scenario, self.moods, self.luck = scenario, moods, luck  # moods of either vote, (units, worlds)
        self.counted = {
            int(units_of(result, scenario)[0]): result
            for result in record.first_vote
            if result.ballot == "benefits" and result.cast is not None and len(units_of(result, scenario)) == 1
        }
        self.voters: list[Cohort] = []
        self.turnout: list[NDArray[np.float64]] = []
        self.yes: list[NDArray[np.float64]] = []  # (units, worlds), one a vote
        self.cast: list[NDArray[np.float64]] = []

    def __call__(self, vote: int, booths: Booths) -> Tally:
        units = range(len(booths.members))
        count = self._first if vote == 0 else self._second
        rows = [count(unit, booths, booths.chance(unit, self.moods[vote][unit])) for unit in units]
        self.yes.append(np.stack([yes for yes, _ in rows]))
        self.cast.append(np.stack([cast for _, cast in rows]))
        return self._by_union(booths)

    def _first(self, unit: int, booths: Booths, chance: NDArray[np.float64]) -> tuple[NDArray, NDArray]:
        """Ballots as they are on record, or as they are likely."""
        known = self.counted.get(unit)
        if known is not None:
            cast = np.full(chance.shape, float(known.cast or 0))
            yes = np.full(chance.shape, float(known.yes or 0))
        else:
            cast = np.round(booths.members[unit] * booths.turnout[unit])
            yes = binomial_count(self.luck.standard_normal(chance.shape), cast, chance)
        voters = Cohort(cast)
        voters.remember(chance, yes)
        self.voters.append(voters)
        self.turnout.append(booths.turnout[unit])
        return yes, cast

    def _second(self, unit: int, booths: Booths, chance: NDArray[np.float64]) -> tuple[NDArray, NDArray]:
        """The same voters again, and some who stayed at home before."""
        before, voters = self.turnout[unit], self.voters[unit]
        people = voters.people
        voters.give_up(booths.gives_up, self.luck.standard_normal((2, *chance.shape)))
        joining = np.clip((booths.turnout[unit] - before) / np.maximum(1 - before, 1e-9), 0, 1)
        absent = np.maximum(booths.members[unit] - people, 0)
        newcomers = np.round(joining * absent)
        yes = voters.count_yes(chance, self.luck.standard_normal(chance.shape))
        yes = yes + binomial_count(self.luck.standard_normal(chance.shape), newcomers, chance)
        return yes, voters.people + newcomers

    def _by_union(self, booths: Booths) -> Tally:
        unions = self.scenario.unions
        yes, cast = self.yes[-1], self.cast[-1]
        return Tally(
            names=unions.names,
            members=np.stack([booths.members[rows].sum(axis=0) for rows in unions.units]),
            yes_ballots=np.stack([yes[rows].sum(axis=0) for rows in unions.units]),
            no_ballots=np.stack([(cast - yes)[rows].sum(axis=0) for rows in unions.units]),
        )


def _block(
    scenario: Scenario, record: Record, posterior: Posterior, worlds: NDArray[np.int64], seed: int
) -> SecondVote:
    rows = worlds % len(posterior.parameters)
    point = {key: value for key, value in posterior.point(rows).items() if key not in scenario.settings}
    luck = np.random.default_rng([seed, 18, int(worlds[0])])
    moods = spreads(scenario, point, len(worlds))
    second = posterior.lasting[rows].T + moods.passing * moods.normals(luck)
    polls = _Polls(scenario, record, (posterior.mood[rows].T, second), luck)
    crisis = crisis_on_record(scenario, record, poll=polls, worlds=worlds, seed=seed, point=point)
    while len(polls.yes) < 2:
        crisis.step()
    tallies, rules = crisis.state.tallies, crisis.numbers.rules
    named = {"ratification": rules.ratification, "revised": rules.revised}
    carries = {name: rule.carries(tallies[1]) for name, rule in named.items() if rule is not None}
    changed = crisis.state.rule_changed
    by_union = [tally.yes_ballots / np.maximum(tally.yes_ballots + tally.no_ballots, 1) for tally in tallies]
    return SecondVote(
        unit_yes=np.stack([yes / np.maximum(cast, 1) for yes, cast in zip(polls.yes, polls.cast, strict=True)]),
        union_yes=np.stack(by_union),
        yes_share=np.stack([y.sum(axis=0) / c.sum(axis=0) for y, c in zip(polls.yes, polls.cast, strict=True)]),
        carries=carries,
        rule_changed=changed,
    )


def as_document(found: SecondVote, scenario: Scenario) -> dict[str, Any]:
    """What ``planb forecast --json`` prints."""
    from experiments.statistics.intervals import wilson_interval

    worlds = found.yes_share.shape[-1]
    ratified = {}
    for name, carries in found.carries.items():
        low, high = wilson_interval(int(carries.sum()), worlds)
        rule = getattr(scenario.rules, name)
        ratified[name] = {
            "words": rule.words(len(scenario.unions.names)),
            "probability": float(carries.mean()),
            "low": float(low),
            "high": float(high),
            **quantiles(found.yes_share[1]),
        }
    return {
        "scenario": scenario.name,
        "worlds": worlds,
        "first_vote": {"yes_share": quantiles(found.yes_share[0])},
        "ratified": ratified,
        "rule_changed": float(found.rule_changed.mean()),
        "yes_share": quantiles(found.yes_share[1]),
        "unions": _bodies(scenario.unions.names, found.union_yes),
        "units": _bodies(scenario.units.names, found.unit_yes),
    }


def _bodies(names: tuple[str, ...], shares: NDArray[np.float64]) -> dict[str, Any]:
    return {
        name: {**quantiles(shares[1, row]), "approves": float((shares[1, row] > 0.5).mean())}
        | {"first_vote": float(np.median(shares[0, row]))}
        for row, name in enumerate(names)
    }
