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
from experiments.calibration.posterior import Posterior, spreads
from experiments.calibration.record import Record, units_of
from experiments.calibration.scores import quantiles
from experiments.calibration.vote_as_put import Booths, crisis_on_record
from sim.errors import WrongInput
from sim.ratification.ballots import Cohort, binomial_count
from sim.ratification.tally import Tally
from sim.scenario.scenario import Scenario
from sim.worlds.blocks import simulate

BLOCK = 2000


@dataclass(frozen=True, kw_only=True)
class FirstVote:
    """What a first vote would come to, in the worlds that reach it."""

    unit_yes: NDArray[np.float64]  # share of yes, (units, worlds)
    union_yes: NDArray[np.float64]  # (unions, worlds)
    yes_share: NDArray[np.float64]  # of all ballots, (worlds,)
    carries: dict[str, NDArray[np.bool_]]  # by rule, (worlds,)


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


def forecast_first(scenario: Scenario, *, worlds: int = 4000, seed: int = 2011) -> FirstVote:
    """The first vote of a case as its worlds have it, in those that reach one. Raises `WrongInput` where none does."""
    blocks = simulate(scenario, worlds=worlds, seed=seed).blocks
    yes, unions = (np.concatenate([getattr(b, name)[0] for b in blocks], axis=-1) for name in ("unit_yes", "union_yes"))
    share, carried = (np.concatenate([b.columns[name] for b in blocks]) for name in ("yes_share_1", "ratified_1"))
    voting = np.isfinite(share)
    if not voting.any():
        raise WrongInput(f"{scenario.name}: no world comes to a vote, so there is nothing to forecast")
    return FirstVote(
        unit_yes=yes[:, voting],
        union_yes=unions[:, voting],
        yes_share=share[voting],
        carries={"ratification": carried[voting].astype(bool)},
    )


def reasons(scenario: Scenario, vote: int) -> dict[str, dict[str, Any]]:
    """Settings that take away one reason each for how a vote goes, by name; only what the case has."""
    acts = [
        act.name
        for act in scenario.sections.threats
        if vote == 2 or (act.when != "refused" and act.date <= scenario.calendar.first_vote)
    ]
    meetings = "campaign.meetings_per_week" if vote == 1 else "campaign.second_meetings_per_week"
    found: dict[str, dict[str, Any]] = {
        "belief in the threats": {f"threats.{name}.believed": 1 for name in acts},
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


def as_document(found: FirstVote | SecondVote, scenario: Scenario) -> dict[str, Any]:
    """What ``planb forecast --json`` prints."""
    latest = _latest(found)
    document: dict[str, Any] = {
        "scenario": scenario.name,
        "vote": 2 if isinstance(found, SecondVote) else 1,
        "worlds": latest.yes_share.shape[-1],
        "ratified": {name: _ratified(name, latest, scenario) for name in latest.carries},
        "yes_share": quantiles(latest.yes_share),
        "unions": _bodies(scenario.unions.names, latest.union_yes),
        "units": _bodies(scenario.units.names, latest.unit_yes),
    }
    if isinstance(found, SecondVote):
        document["first_vote"] = {"yes_share": quantiles(found.yes_share[0])}
        document["rule_changed"] = float(found.rule_changed.mean())
        kept, amended = found.carries["ratification"], found.carries.get("revised", found.carries["ratification"])
        document["ratified_in_all"] = float(np.where(found.rule_changed, amended, kept).mean())
        for kind, before in (("unions", found.union_yes[0]), ("units", found.unit_yes[0])):
            for name, row in zip(document[kind], before, strict=True):
                document[kind][name]["first_vote"] = float(np.median(row))
    return document


def without(found: FirstVote | SecondVote, less: FirstVote | SecondVote) -> dict[str, Any]:
    """What a forecast comes to with one reason taken away, and by how much that is less, in the same worlds."""
    whole, rest = _latest(found), _latest(less)
    return {
        "yes_share": float(np.median(rest.yes_share)),
        "less": float(np.median(whole.yes_share) - np.median(rest.yes_share)),
        "ratified": {name: float(carries.mean()) for name, carries in rest.carries.items()},
    }


def _latest(found: FirstVote | SecondVote) -> FirstVote:
    if isinstance(found, FirstVote):
        return found
    return FirstVote(
        unit_yes=found.unit_yes[1], union_yes=found.union_yes[1], yes_share=found.yes_share[1], carries=found.carries
    )


def _ratified(name: str, found: FirstVote, scenario: Scenario) -> dict[str, Any]:
    from experiments.statistics.intervals import wilson_interval

    carries = found.carries[name]
    low, high = wilson_interval(int(carries.sum()), len(carries))
    return {
        "words": getattr(scenario.rules, name).words(len(scenario.unions.names)),
        "probability": float(carries.mean()),
        "low": float(low),
        "high": float(high),
        **quantiles(found.yes_share),
    }


def _bodies(names: tuple[str, ...], shares: NDArray[np.float64]) -> dict[str, Any]:
    """Shares of yes by body; a body that has nothing to vote on in any world is left out."""
    return {
        name: {**quantiles(row[np.isfinite(row)]), "approves": float((row[np.isfinite(row)] > 0.5).mean())}
        for name, row in zip(names, shares, strict=True)
        if np.isfinite(row).any()
    }
