"""How likely the results on record are, and which moods of the units go with them.

A unit's ballots are binomial about its chance of a yes, and that chance follows from the scenario's numbers and the
unit's mood. So each particle (one value of every number) is given moods in the way that the record dictates:

* a unit whose ballots are known gets the mood at which its chance of a yes is a draw from the beta distribution that
  its ballots make (the binomial likelihood, drawn from exactly);
* of a group whose sum is known all but the units of one union are drawn from the distribution of moods, and the mean
  mood of these is what makes the group's sum come out;
* a unit of which only the result is known gets a mood on the right side of one half.

The weight of a particle is what these draws leave out: the density of the moods, with its change of variables, and
results that can only be looked up afterwards. It is unbiased, so the weighted particles are the posterior.
Source: importance sampling with a partly conditional proposal, e.g. Robert and Casella (2004), ch. 3 and 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, logsumexp, ndtr, ndtri

from experiments.calibration.record import Result, units_of
from experiments.calibration.vote_as_put import Booths
from sim.scenario.scenario import Scenario
from sim.worlds.randomness import with_common_part

TURNOUT_WITHIN = 0.03  # standard deviation of a unit's turnout about the model's, share; units have habits of their own
DECIDES = 0.15  # share by which a unit's yes typically varies; below the vagueness of a sum it cannot close it
EDGE = 1e-6
Point = dict[str, NDArray[np.float64]]  # numbers in the place of a scenario's own by key, a value a world


@dataclass(frozen=True, kw_only=True)
class Step:
    """One result of the record and the units of one union, if any, whose mean mood it settles."""

    result: Result
    units: NDArray[np.int64]
    settles: tuple[int, ...]


class Spread(NamedTuple):
    """How moods differ between units and from vote to vote."""

    lasting: NDArray[np.float64]  # standard deviation, logits, (worlds,)
    passing: NDArray[np.float64]  # likewise of what changes between votes
    shared: NDArray[np.float64]  # part of both variances that units of one union have in common, (worlds,)
    union: NDArray[np.int64]  # of each unit, (units,)

    @property
    def both(self) -> NDArray[np.float64]:
        """Standard deviation of a mood on the day of a vote, (worlds,)."""
        return np.hypot(self.lasting, self.passing)

    def normals(self, luck: np.random.Generator) -> NDArray[np.float64]:
        """Standard normals, alike in one union, (units, worlds)."""
        shape = (len(self.union), len(self.shared))
        common = luck.standard_normal((int(self.union.max()) + 1, shape[1]))
        return with_common_part(luck.standard_normal(shape), common[self.union], self.shared)


def spreads(scenario: Scenario, point: Point, worlds: int) -> Spread:
    """How moods differ in these worlds."""
    lasting, passing, shared = (
        np.broadcast_to(np.asarray(point.get(key, scenario.entries[key].value.value), float), worlds)
        for key in ("members.trust_spread", "members.mood_spread", "members.mood_shared")
    )
    return Spread(np.maximum(lasting, 1e-6), np.maximum(passing, 1e-6), shared, scenario.units.union)


class _InUnions:
    """What is known of the part of their moods that units of one union share: normal, (unions, worlds)."""

    def __init__(self, spread: Spread) -> None:
        self.union, variance = spread.union, spread.both**2
        shape = (int(spread.union.max()) + 1, len(variance))
        self.mean = np.zeros(shape)
        self.variance = np.broadcast_to(spread.shared * variance, shape).copy()
        self.own = np.maximum((1 - spread.shared) * variance, 1e-12)

    def of(self, unit: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean and standard deviation of this unit's mood, given what is known of others, (worlds,) each."""
        row = self.union[unit]
        return self.mean[row], np.sqrt(self.variance[row] + self.own)

    def see(self, units: Sequence[int], mean: NDArray[np.float64]) -> NDArray[np.float64]:
        """The log density of this mean of the moods of some units of a union; and the union is known the better."""
        row = self.union[units[0]]
        variance = self.variance[row] + self.own / len(units)
        gain, off = self.variance[row] / variance, mean - self.mean[row]
        self.mean[row] = self.mean[row] + gain * off
        self.variance[row] *= 1 - gain
        return _log_normal(off, np.sqrt(variance))

    def apart(self, count: int, luck: np.random.Generator) -> NDArray[np.float64]:
        """How far the moods of some units of a union are from their mean, (count, worlds)."""
        drawn = np.sqrt(self.own) * luck.standard_normal((count, len(self.own)))
        return drawn - drawn.mean(axis=0)


@dataclass(frozen=True, kw_only=True)
class Moods:
    """What the record makes of particles: a mood for every unit, and how much each particle counts."""

    mood: NDArray[np.float64]  # of the first vote, lasting and passing together, logits, (units, worlds)
    log_weight: NDArray[np.float64]  # (worlds,)


def plan(results: tuple[Result, ...], scenario: Scenario) -> list[Step]:
    """The order in which results settle moods: single units, then ever larger groups.

    A group is closed by the free units of one of its unions, the one with the most members in them. Results that settle
    nothing any more are weighed at the end.
    """
    sized = sorted(
        (result for result in results if result.ballot == "benefits" and result.yes_share is not None),
        key=lambda result: len(units_of(result, scenario)),
    )
    settled: set[int] = set()
    alone = [units_of(result, scenario) for result in results if result.ballot == "benefits"]
    known = {int(units[0]) for units in alone if len(units) == 1}
    steps = []
    for result in sized:
        units = units_of(result, scenario)
        settles = _closing(result, units, settled, known, scenario)
        settled.update(settles)
        steps.append(Step(result=result, units=units, settles=settles))
    rest = [result for result in results if result not in sized]
    steps += [Step(result=result, units=units_of(result, scenario), settles=()) for result in rest]
    return steps


def _closing(
    result: Result, units: NDArray[np.int64], settled: set[int], known: set[int], scenario: Scenario
) -> tuple[int, ...]:
    """The units whose mean mood makes a group's sum come out; none where they are too small a part of a vague sum."""
    members, union = scenario.units.members, scenario.units.union
    free = [int(row) for row in units if row not in settled]
    # rather not those of which something is known besides, unless there is nobody else
    free = [row for row in free if row not in known] or free
    by_union = [tuple(row for row in free if union[row] == of) for of in sorted({int(union[row]) for row in free})]
    closing = max(by_union, key=lambda rows: float(members[list(rows)].sum()), default=())
    decides = DECIDES * members[list(closing)].sum() / members[units].sum()
    return () if len(units) > 1 and decides < result.within else closing


def draw_moods(booths: Booths, steps: list[Step], spread: Spread, luck: np.random.Generator) -> Moods:
    """Moods that agree with the record, and the weight of every particle."""
    units, worlds = booths.members.shape
    log_weight = np.zeros(worlds)
    mood = np.empty((units, worlds))
    chance = np.empty((units, worlds))
    ballots = booths.members * booths.turnout
    settling = {unit for step in steps for unit in step.settles}
    signs, known = _signs(steps), _InUnions(spread)

    def settle(step: Step) -> None:
        nonlocal log_weight
        rows = list(step.settles)
        share, inside = _draw_share(step.result, luck, worlds)
        total, own = ballots[step.units].sum(axis=0), ballots[rows].sum(axis=0)
        rest = sum((ballots[row] * chance[row] for row in step.units if row not in rows), np.zeros(worlds))
        wanted = (share * total - rest) / own
        possible = inside & (wanted > EDGE) & (wanted < 1 - EDGE)
        apart = known.apart(len(rows), luck)
        mean = booths.mean_mood_at(rows, np.clip(wanted, EDGE, 1 - EDGE), apart, ballots[rows])
        slope = np.zeros(worlds)
        for row, off in zip(rows, apart, strict=True):
            mood[row] = mean + off
            chance[row] = booths.chance(row, mood[row])
            slope += ballots[row] / total * booths.slope(row, mood[row])
            if row in signs:
                possible &= (chance[row] > 0.5) == signs[row]
        log_weight += known.see(rows, mean) - np.log(np.maximum(slope, 1e-300))
        log_weight += np.where(possible, 0.0, -np.inf)

    # units whose own result is known say what their unions share; the free ones follow; then groups are closed
    for step in steps:
        if step.settles and len(step.units) == 1:
            settle(step)
    for unit in range(units):
        if unit not in settling:
            mood[unit], log_mass = _free_mood(booths, unit, known.of(unit), signs.get(unit), luck)
            known.see([unit], mood[unit])
            log_weight += log_mass
            chance[unit] = booths.chance(unit, mood[unit])
    for step in steps:
        if step.settles and len(step.units) > 1:
            settle(step)
    for step in steps:
        log_weight += _log_looked_up(booths, step, mood, chance, ballots)
        log_weight += _log_turnout(booths, step)
    return Moods(mood=mood, log_weight=log_weight)


def best_of(booths: Booths, steps: list[Step], spread: Spread, luck: np.random.Generator, tries: int) -> Moods:
    """Several draws for every particle: it weighs as much as they do on average, and keeps one of them by weight."""
    draws = [draw_moods(booths, steps, spread, luck) for _ in range(tries)]
    log_weights = np.stack([draw.log_weight for draw in draws])
    total = logsumexp(log_weights, axis=0)
    with np.errstate(invalid="ignore"):
        share = np.cumsum(np.exp(log_weights - np.where(np.isfinite(total), total, 0.0)), axis=0)
    worlds = len(total)
    chosen = (share < luck.random(worlds) * share[-1]).sum(axis=0).clip(max=tries - 1)
    mood = np.stack([draw.mood for draw in draws])[chosen, :, np.arange(worlds)].T
    return Moods(mood=mood, log_weight=total - np.log(tries))


def lasting_part(mood: NDArray[np.float64], spread: Spread, luck: np.random.Generator) -> NDArray[np.float64]:
    """The part of the moods of a first vote that a second vote meets again, (units, worlds).

    Both parts are normal and alike in unions, so given their sum the lasting one is normal about its share of the
    variance, and as alike.
    """
    share = spread.lasting**2 / spread.both**2
    return mood * share + np.sqrt(share) * spread.passing * spread.normals(luck)


def _signs(steps: list[Step]) -> dict[int, bool]:
    """What single units are known to have decided."""
    alone = (step for step in steps if len(step.units) == 1 and step.result.ballot == "benefits")
    return {int(step.units[0]): step.result.approved for step in alone if step.result.approved is not None}


def _free_mood(
    booths: Booths,
    unit: int,
    known: tuple[NDArray[np.float64], NDArray[np.float64]],
    sign: bool | None,
    luck: np.random.Generator,
) -> tuple[NDArray[np.float64], NDArray[np.float64] | float]:
    """A mood from what is known of it, on the side that the unit's result says; and the log of that side."""
    mean, spread = known
    uniform = luck.random(len(spread))
    if sign is None:
        return mean + spread * ndtri(uniform), 0.0
    edge = (booths.mood_at(unit, np.full(len(spread), 0.5)) - mean) / spread
    # the upper side is the lower side of the mirrored distribution, where small numbers keep their digits
    side = -edge if sign else edge
    drawn = ndtri(np.maximum(uniform * ndtr(side), 1e-300))
    return mean + spread * (-drawn if sign else drawn), log_ndtr(side)


def _draw_share(
    result: Result, luck: np.random.Generator, worlds: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """A chance of a yes as the ballots on record make it likely, (worlds,); and whether it can be."""
    if result.cast is None:
        share = np.full(worlds, float(result.share or 0.0))
    else:
        share = luck.beta(float(result.yes or 0) + 1, float(result.no or 0) + 1, worlds)
    share = share + result.within * luck.standard_normal(worlds)
    inside = (share > 0) & (share < 1)
    if result.carried is not None:
        inside &= (share > 0.5) == result.carried
    return share, inside


def _log_normal(x: NDArray[np.float64], spread: NDArray[np.float64]) -> NDArray[np.float64]:
    return -0.5 * (x / spread) ** 2 - np.log(spread)


def _log_looked_up(
    booths: Booths, step: Step, mood: NDArray[np.float64], chance: NDArray[np.float64], ballots: NDArray[np.float64]
) -> NDArray[np.float64] | float:
    """The log-likelihood of a result that settled no mood."""
    result = step.result
    if step.settles or (len(step.units) == 1 and result.ballot == "benefits" and result.yes_share is None):
        return 0.0
    wages = result.ballot == "wages"
    chances = {int(row): booths.chance(int(row), mood[row], wages=True) if wages else chance[row] for row in step.units}
    yes = sum(ballots[row] * chances[int(row)] for row in step.units)
    share = yes / sum(ballots[row] for row in step.units)
    own = np.zeros(mood.shape[-1])  # variance of what units think of their wages ballot, as the share has it
    if wages:
        weights = {int(row): ballots[row] / sum(ballots[row] for row in step.units) for row in step.units}
        slopes = {row: booths.slope(row, mood[row], wages=True) for row in weights}
        own = sum(((weights[row] * slopes[row] * booths.wages_spread) ** 2 for row in weights), own)
    log_likelihood: NDArray[np.float64] = np.zeros(mood.shape[-1])
    if result.yes_share is not None:
        seen = result.yes_share
        chance_error = 0.0 if result.cast is None else share * (1 - share) / result.cast
        deviation = np.sqrt(result.within**2 + chance_error + own)
        log_likelihood += -0.5 * ((seen - share) / deviation) ** 2 - np.log(deviation)
    elif result.approved is not None and wages:
        above = (share - 0.5) / np.sqrt(own + 1e-12)
        log_likelihood += log_ndtr(above if result.approved else -above)
    elif result.approved is not None:
        log_likelihood += np.where((share > 0.5) == result.approved, 0.0, -np.inf)
    return log_likelihood


def _log_turnout(booths: Booths, step: Step) -> NDArray[np.float64] | float:
    """The log-likelihood of how many voted, where the ballots were counted."""
    if step.result.cast is None or step.result.ballot == "wages":
        return 0.0
    members = booths.members[step.units].sum(axis=0)
    expected = (booths.members[step.units] * booths.turnout[step.units]).sum(axis=0) / members
    return -0.5 * ((step.result.cast / members - expected) / TURNOUT_WITHIN) ** 2
