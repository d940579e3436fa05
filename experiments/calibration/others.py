"""What other votes of this kind say about members in general: how threats, terms and campaigns move ballots.

Each case runs through the same model with its own deal, list and dates. What members are like (`SHARED`) is taken to be
the same everywhere; each case has a goodwill of its own, heavy-tailed about zero with a standard deviation that is
estimated along (a hierarchy of cases), and draws its own burdens, threats and campaign from its own ranges. How far
people come round between two votes is not asked here but of all pairs of votes on record (`swing`).
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, stdtr, stdtrit

from experiments.calibration.evidence import Point, spreads
from experiments.calibration.record import Record, Result, read_held_out, read_record, units_of
from experiments.calibration.vote_as_put import Booths, by_union, crisis_on_record
from sim.ratification.tally import Tally
from sim.scenario.scenario import Scenario, load_scenario

CASES = (
    "connecticut-police-1991",
    "rhode-island-2008",
    "connecticut-2009",
    "boston-globe-2009",
    "new-hampshire-2009",
    "hawaii-2009",
    "iowa-2009",
    "vermont-2009",
    "washington-2011",
    "los-angeles-2011",
    "new-haven-custodians-2011",
    "new-york-csea-2011",
    "new-york-pef-2011",
    "hawaii-teachers-2012",
)
USED_FOR_THE_PRIOR = ("connecticut-2009",)  # its result set the range of members.trust, so it is no new evidence
SHARED = (
    "members.sensitivity",
    "members.loss_aversion",
    "members.loss_if_laid_off",
    "members.trust",
    "members.trust_spread",
    "members.mood_spread",
    "members.informed",
    "members.misinformed",
    "members.reactance",
    "belief.prior",
)
TAILS = 4  # degrees of freedom of goodwill between cases and of what passes between votes: some cases are far off
NODES = 16  # moods a unit may have had, where only its result is known
DRAWS = 4  # of a case's own numbers, for every particle


@dataclass(frozen=True, kw_only=True)
class Case:
    """One other vote, or two by the same people."""

    name: str
    scenario: Scenario
    record: Record
    second: tuple[Result, ...] = ()

    @property
    def first_vote(self) -> datetime.date:
        """The day of its first vote."""
        return self.scenario.calendar.first_vote


def load_cases(*, before: datetime.date | None = None, without: tuple[str, ...] = ()) -> list[Case]:
    """The cases on record whose first vote was over before this day, without their second votes.

    With no day named their second votes are read too: only the scoring of forecasts asks for them.
    """
    cases = []
    for name in CASES:
        scenario = load_scenario(name)
        if name in without or (before is not None and scenario.calendar.first_vote >= before):
            continue
        held_out = read_held_out(scenario) if before is None else None
        second = held_out.second_vote if held_out is not None else ()
        cases.append(Case(name=name, scenario=scenario, record=read_record(scenario), second=second))
    return cases


@dataclass(frozen=True, kw_only=True)
class Votes:
    """A case's votes as they were put, with the numbers of each world."""

    first: Booths
    second: Booths | None
    lasting: NDArray[np.float64]  # standard deviation of lasting goodwill, of the case and of its units, (worlds,)
    passing: NDArray[np.float64]  # of the day's mood, (worlds,)


@dataclass(kw_only=True)
class OtherVotes:
    """The evidence of some cases, as a log-likelihood of the shared numbers and of the spread between cases."""

    cases: list[Case]
    seed: int = 2011
    draws: int = DRAWS
    _called: int = field(default=0, repr=False)

    def by_case(self, point: Point, case_spread: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Log-likelihood by case, (worlds,), each averaged over draws of the case's own numbers."""
        self._called += 1
        return {case.name: self._of_case(case, point, case_spread) for case in self.cases}

    def _of_case(self, case: Case, point: Point, case_spread: NDArray[np.float64]) -> NDArray[np.float64]:
        count = len(case_spread)
        spread = np.tile(case_spread, self.draws)
        wide = {key: np.tile(np.broadcast_to(column, count), self.draws) for key, column in point.items()}
        votes = put_again(case, wide, spread, seed=self.seed + self._called)
        likelihood = log_likelihood_of(case, votes).reshape(self.draws, count)
        top = likelihood.max(axis=0)
        return top + np.log(np.mean(np.exp(likelihood - top), axis=0))


def shared_point(case: Case, point: Point) -> Point:
    """The shared numbers that this case does not know better."""
    known = case.scenario.entries
    return {key: point[key] for key in SHARED if key in point and known[key].value.role == "uncertainty"}


def put_again(case: Case, point: Point, case_spread: NDArray[np.float64], *, seed: int) -> Votes:
    """The case's vote, or both votes, as they were put, in one world a particle."""
    worlds = len(case_spread)
    seen: list[Booths] = []

    def poll(vote: int, booths: Booths) -> Tally:
        seen.append(booths)
        return refusal(case.scenario, booths)

    wanted = 2 if case.scenario.calendar.window is not None else 1
    shared = shared_point(case, point)
    crisis = crisis_on_record(case.scenario, case.record, poll=poll, worlds=np.arange(worlds), seed=seed, point=shared)
    while len(seen) < wanted:
        crisis.step()
    moods = spreads(case.scenario, shared, worlds)
    lasting = np.hypot(moods.lasting, case_spread)
    return Votes(first=seen[0], second=seen[1] if wanted == 2 else None, lasting=lasting, passing=moods.passing)


def refusal(scenario: Scenario, booths: Booths) -> Tally:
    """Ballots of a vote that was lost, which is all the window needs to know."""
    votes, members = by_union(booths.members * booths.turnout, scenario), by_union(booths.members, scenario)
    yes = np.floor(0.4 * votes)
    return Tally(names=scenario.unions.names, members=members, yes_ballots=yes, no_ballots=np.floor(votes) - yes)


def log_likelihood_of(case: Case, votes: Votes) -> NDArray[np.float64]:
    """How likely the case's first vote is, (worlds,): each unit has a mood of its own."""
    total = np.zeros(votes.lasting.shape)
    scale = np.hypot(votes.lasting, votes.passing)
    for result in case.record.first_vote:
        for unit in units_of(result, case.scenario):
            total += _first_moods(votes.first, int(unit), result, scale)[1]
    return total


def _first_moods(
    booths: Booths, unit: int, result: Result, scale: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Moods the unit may have had at the first vote, equally likely, (moods, worlds); the result's log-likelihood.

    One mood where the share is known; where only the result is, evenly spaced quantiles of that side of one half.
    """
    worlds = len(scale)
    if result.yes_share is not None:
        mood = booths.mood_at(unit, np.full(worlds, result.yes_share))
        density = _log_student(mood / scale) - np.log(scale) - np.log(booths.slope(unit, mood))
        return mood[None], density
    edge = booths.mood_at(unit, np.full(worlds, 0.5)) / scale
    side = np.maximum(stdtr(TAILS, -edge if result.carried else edge), 1e-12)
    levels = (np.arange(NODES)[:, None] + 0.5) / NODES
    drawn = stdtrit(TAILS, levels * side)
    return scale * (-drawn if result.carried else drawn), np.log(side)


def _log_student(z: NDArray[np.float64]) -> NDArray[np.float64]:
    constant = gammaln((TAILS + 1) / 2) - gammaln(TAILS / 2) - 0.5 * np.log(TAILS * np.pi)
    return constant - 0.5 * (TAILS + 1) * np.log1p(z * z / TAILS)


def draw_first(votes: Votes, unit: int, luck: np.random.Generator) -> NDArray[np.float64]:
    """The share of yes a first vote brings, (worlds,): what would be forecast."""
    mood = np.hypot(votes.lasting, votes.passing) * luck.standard_t(TAILS, votes.lasting.shape)
    return votes.first.chance(unit, mood)


def draw_second(votes: Votes, unit: int, result: Result, luck: np.random.Generator) -> NDArray[np.float64]:
    """The share of yes a second vote brings, given the first result, (worlds,)."""
    assert votes.second is not None
    scale = np.hypot(votes.lasting, votes.passing)
    moods, _ = _first_moods(votes.first, unit, result, scale)
    first = moods[luck.integers(len(moods), size=len(scale)), np.arange(len(scale))]
    kept = votes.lasting**2 / (votes.lasting**2 + votes.passing**2)
    deviation = votes.passing * np.sqrt(1 + kept)
    return votes.second.chance(unit, kept * first + deviation * luck.standard_t(TAILS, first.shape))
