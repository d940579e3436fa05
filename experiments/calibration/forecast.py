"""A vote forecast: a first one from what a case says; a second from the first, the same people under either rule.

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

from agents.members import REASONS
from experiments.calibration.evidence import spreads
from experiments.calibration.posterior import Posterior
from experiments.calibration.record import Record, units_of
from experiments.calibration.scores import quantiles
from experiments.calibration.vote_as_put import Booths, acts_before_the_vote, by_union, crisis_on_record
from experiments.statistics.estimates import share
from sim.errors import WrongInput
from sim.ratification.ballots import Cohort, binomial_count
from sim.ratification.tally import Tally
from sim.scenario.scenario import Scenario
from sim.worlds.blocks import blocks, simulate

BLOCK = 2000


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """What one vote, or two by the same people, would come to; a single one in the worlds that reach it."""

    unit_yes: NDArray[np.float64]  # share of yes, (votes, units, worlds); the first of two as it was or is likely
    union_yes: NDArray[np.float64]  # likewise, (votes, unions, worlds)
    yes_share: NDArray[np.float64]  # of all ballots, (votes, worlds)
    carries: dict[str, NDArray[np.bool_]]  # the last vote, by rule, (worlds,)
    rule_changed: NDArray[np.bool_]  # did the leaders change the rule in time? (worlds,)


def forecast(
    scenario: Scenario, record: Record, posterior: Posterior, *, worlds: int = 4000, seed: int = 2011
) -> Forecast:
    """Run the crisis on record up to its second vote. Raises `WrongInput` for a case without one."""
    if scenario.calendar.window is None:
        raise WrongInput(f"{scenario.name}: calendar.window is missing, so there is no second vote to forecast")
    parts = [_block(scenario, record, posterior, some, seed) for some in blocks(worlds, BLOCK)]
    names = ("unit_yes", "union_yes", "yes_share", "rule_changed")
    return Forecast(
        **{name: np.concatenate([getattr(part, name) for part in parts], axis=-1) for name in names},
        carries={rule: np.concatenate([part.carries[rule] for part in parts]) for rule in parts[0].carries},
    )


def forecast_first(scenario: Scenario, *, worlds: int = 4000, seed: int = 2011) -> Forecast:
    """The first vote of a case as its worlds have it, in those that reach one. Raises `WrongInput` where none does."""
    runs = simulate(scenario, worlds=worlds, seed=seed).blocks
    yes = np.concatenate([block.unit_yes[:1] for block in runs], axis=-1)
    unions = np.concatenate([block.union_yes[:1] for block in runs], axis=-1)
    shares, carried = (np.concatenate([b.columns[name] for b in runs]) for name in ("yes_share_1", "ratified_1"))
    voting = np.isfinite(shares)
    if not voting.any():
        raise WrongInput(f"{scenario.name}: no world comes to a vote, so there is nothing to forecast")
    return Forecast(
        unit_yes=yes[..., voting],
        union_yes=unions[..., voting],
        yes_share=shares[None, voting],
        carries={"ratification": carried[voting].astype(bool)},
        rule_changed=np.zeros(voting.sum(), bool),
    )


def reasons(scenario: Scenario, vote: int) -> dict[str, dict[str, Any]]:
    """Settings that take away one reason each for how a vote goes, by name; only what the case has."""
    before = [act for kind, act in acts_before_the_vote(scenario) if kind == "threats"]
    acts = scenario.sections.threats if vote == 2 else before
    meetings = "campaign.meetings_per_week" if vote == 1 else "campaign.second_meetings_per_week"
    found: dict[str, dict[str, Any]] = {
        "belief in the threats": {f"threats.{act.name}.believed": 1 for act in acts},
        "resentment": {"members.reactance": 0},
        "meetings": {meetings: 0},
    }
    if vote == 2:
        found |= {name.replace("_", " "): {f"members.{name}": 0} for name in REASONS}
        found["noes who stay at home"] = {"members.gives_up": 0}
    return {name: settings for name, settings in found.items() if settings}


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
        yes, cast = (np.stack(ballots) for ballots in zip(*rows, strict=True))
        self.yes.append(yes)
        self.cast.append(cast)
        members, ayes, noes = (by_union(rows, self.scenario) for rows in (booths.members, yes, cast - yes))
        return Tally(names=self.scenario.unions.names, members=members, yes_ballots=ayes, no_ballots=noes)

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


def _block(scenario: Scenario, record: Record, posterior: Posterior, worlds: NDArray[np.int64], seed: int) -> Forecast:
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
    yes, cast = np.stack(polls.yes), np.stack(polls.cast)
    return Forecast(
        unit_yes=yes / np.maximum(cast, 1),
        union_yes=np.stack([vote.yes_ballots / np.maximum(vote.yes_ballots + vote.no_ballots, 1) for vote in tallies]),
        yes_share=yes.sum(axis=1) / cast.sum(axis=1),
        carries=carries,
        rule_changed=crisis.state.rule_changed,
    )


def as_document(found: Forecast, scenario: Scenario) -> dict[str, Any]:
    """What ``planb forecast --json`` prints."""
    votes, worlds = found.yes_share.shape
    document: dict[str, Any] = {
        "scenario": scenario.name,
        "vote": votes,
        "worlds": worlds,
        "ratified": {name: _ratified(name, found, scenario) for name in found.carries},
        "yes_share": quantiles(found.yes_share[-1]),
        "unions": _bodies(scenario.unions.names, found.union_yes[-1]),
        "units": _bodies(scenario.units.names, found.unit_yes[-1]),
    }
    if votes == 2:
        document["first_vote"] = {"yes_share": quantiles(found.yes_share[0])}
        document["rule_changed"] = float(found.rule_changed.mean())
        kept, amended = found.carries["ratification"], found.carries.get("revised", found.carries["ratification"])
        document["ratified_in_all"] = float(np.where(found.rule_changed, amended, kept).mean())
        for kind, before in (("unions", found.union_yes[0]), ("units", found.unit_yes[0])):
            for name, row in zip(document[kind], before, strict=True):
                document[kind][name]["first_vote"] = float(np.median(row))
    return document


def without(found: Forecast, less: Forecast) -> dict[str, Any]:
    """What a forecast comes to with one reason taken away, and by how much that is less, in the same worlds."""
    whole, rest = (float(np.median(one.yes_share[-1])) for one in (found, less))
    ratified = {name: float(carries.mean()) for name, carries in less.carries.items()}
    return {"yes_share": rest, "less": whole - rest, "ratified": ratified}


def _ratified(name: str, found: Forecast, scenario: Scenario) -> dict[str, Any]:
    chance = share(found.carries[name])
    return {
        "words": getattr(scenario.rules, name).words(len(scenario.unions.names)),
        "probability": chance.value,
        "low": chance.low,
        "high": chance.high,
        **quantiles(found.yes_share[-1]),
    }


def _bodies(names: tuple[str, ...], shares: NDArray[np.float64]) -> dict[str, Any]:
    """Shares of yes by body; a body that has nothing to vote on in any world is left out."""
    return {
        name: {**quantiles(row[np.isfinite(row)]), "approves": float((row[np.isfinite(row)] > 0.5).mean())}
        for name, row in zip(names, shares, strict=True)
        if np.isfinite(row).any()
    }
