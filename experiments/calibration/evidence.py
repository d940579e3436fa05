"""How likely the results on record are, and which moods of the units go with them.

A unit's ballots are binomial about its chance of a yes, and that chance follows from the scenario's numbers and the
unit's mood. So each particle (one value of every number) is given moods in the way that the record dictates:

* a unit whose ballots are known gets the mood at which its chance of a yes is a draw from the beta distribution that
  its ballots make (the binomial likelihood, drawn from exactly);
* of a group whose sum is known all units but one are drawn from the distribution of moods, and the last one gets
  what makes the group's sum come out;
* a unit of which only the result is known gets a mood on the right side of one half.

The weight of a particle is what these draws leave out: the density of the moods, with its change of variables, and
results that can only be looked up afterwards. It is unbiased, so the weighted particles are the posterior.
Source: importance sampling with a partly conditional proposal, e.g. Robert and Casella (2004), ch. 3 and 4.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, logsumexp, ndtr, ndtri

from experiments.calibration.record import Result, units_of
from experiments.calibration.vote_as_put import Booths
from sim.scenario.scenario import Scenario

TURNOUT_WITHIN = 0.03  # standard deviation of a unit's turnout about the model's, share; units have habits of their own
DECIDES = 0.15  # share by which a unit's yes typically varies; below the vagueness of a sum it cannot close it
EDGE = 1e-6


@dataclass(frozen=True, kw_only=True)
class Step:
    """One result of the record and the unit, if any, whose mood it settles."""

    result: Result
    units: NDArray[np.int64]
    settles: int | None


@dataclass(frozen=True, kw_only=True)
class Moods:
    """What the record makes of particles: a mood for every unit, and how much each particle counts."""

    mood: NDArray[np.float64]  # of the first vote, lasting and passing together, logits, (units, worlds)
    log_weight: NDArray[np.float64]  # (worlds,)


def plan(results: tuple[Result, ...], scenario: Scenario) -> list[Step]:
    """The order in which results settle moods: single units, then ever larger groups, each by its largest free unit.

    Results that settle nothing any more are weighed at the end.
    """
    sized = sorted(
        (result for result in results if result.ballot == "benefits" and result.yes_share is not None),
        key=lambda result: len(units_of(result, scenario)),
    )
    settled: set[int] = set()
    known = {int(units_of(r, scenario)[0]) for r in sized if len(units_of(r, scenario)) == 1}
    steps = []
    for result in sized:
        units = units_of(result, scenario)
        # the unit that closes the group must be free, and none of those that a smaller group is still to settle
        free = [int(row) for row in units if row not in settled and (len(units) == 1 or row not in known)]
        last = max(free, key=lambda row: scenario.units.members[row], default=None)
        members = scenario.units.members
        if last is not None and len(units) > 1 and DECIDES * members[last] / members[units].sum() < result.within:
            last = None  # so small a part of so vague a sum is better drawn freely and looked up
        if last is not None:
            settled.add(last)
        steps.append(Step(result=result, units=units, settles=last))
    rest = [result for result in results if result not in sized]
    steps += [Step(result=result, units=units_of(result, scenario), settles=None) for result in rest]
    return steps


def draw_moods(booths: Booths, steps: list[Step], spread: NDArray[np.float64], luck: np.random.Generator) -> Moods:
    """Moods that agree with the record, and the weight of every particle; ``spread`` of moods, logits, (worlds,)."""
    units, worlds = booths.members.shape
    log_weight = np.zeros(worlds)
    mood = np.empty((units, worlds))
    chance = np.empty((units, worlds))
    ballots = booths.members * booths.turnout
    settling = {step.settles for step in steps}
    signs = _signs(steps)
    for unit in range(units):
        if unit in settling:
            continue
        mood[unit], log_mass = _free_mood(booths, unit, spread, signs.get(unit), luck)
        log_weight += log_mass
        chance[unit] = booths.chance(unit, mood[unit])
    for step in steps:
        if step.settles is None:
            continue
        unit = step.settles
        share, inside = _draw_share(step.result, luck, worlds)
        others = [int(row) for row in step.units if row != unit]
        total = ballots[step.units].sum(axis=0)
        rest = sum((ballots[row] * chance[row] for row in others), np.zeros(worlds))
        wanted = (share * total - rest) / ballots[unit]
        possible = inside & (wanted > EDGE) & (wanted < 1 - EDGE)
        if unit in signs:
            possible &= (wanted > 0.5) == signs[unit]
        chance[unit] = np.clip(wanted, EDGE, 1 - EDGE)
        mood[unit] = booths.mood_at(unit, chance[unit])
        slope = booths.slope(unit, mood[unit])
        log_weight += _log_normal(mood[unit], spread) - np.log(slope) + np.log(total / ballots[unit])
        log_weight += np.where(possible, 0.0, -np.inf)
    for step in steps:
        log_weight += _log_looked_up(booths, step, mood, chance, ballots)
        log_weight += _log_turnout(booths, step)
    return Moods(mood=mood, log_weight=log_weight)


def best_of(
    booths: Booths, steps: list[Step], spread: NDArray[np.float64], luck: np.random.Generator, tries: int
) -> Moods:
    """Several draws for every particle: it weighs as much as they do on average, and keeps one of them by weight."""
    draws = [draw_moods(booths, steps, spread, luck) for _ in range(tries)]
    log_weights = np.stack([draw.log_weight for draw in draws])
    total = logsumexp(log_weights, axis=0)
    with np.errstate(invalid="ignore"):
        share = np.cumsum(np.exp(log_weights - np.where(np.isfinite(total), total, 0.0)), axis=0)
    chosen = (share < luck.random(len(spread)) * share[-1]).sum(axis=0).clip(max=tries - 1)
    mood = np.stack([draw.mood for draw in draws])[chosen, :, np.arange(len(spread))].T
    return Moods(mood=mood, log_weight=total - np.log(tries))


def lasting_part(
    mood: NDArray[np.float64],
    lasting_spread: NDArray[np.float64],
    passing_spread: NDArray[np.float64],
    luck: np.random.Generator,
) -> NDArray[np.float64]:
    """The part of the moods of a first vote that a second vote meets again, (units, worlds).

    Both parts are normal, so given their sum the lasting one is normal about its share of the variance.
    """
    lasting, passing = lasting_spread**2, passing_spread**2
    share = lasting / (lasting + passing)
    return mood * share + np.sqrt(share * passing) * luck.standard_normal(mood.shape)


def _signs(steps: list[Step]) -> dict[int, bool]:
    """What single units are known to have decided."""
    alone = (step for step in steps if len(step.units) == 1 and step.result.ballot == "benefits")
    return {int(step.units[0]): step.result.approved for step in alone if step.result.approved is not None}


def _free_mood(
    booths: Booths, unit: int, spread: NDArray[np.float64], sign: bool | None, luck: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64] | float]:
    """A mood from the distribution of moods, on the side that the unit's result says; and the log of that side."""
    uniform = luck.random(len(spread))
    if sign is None:
        return spread * ndtri(uniform), 0.0
    edge = booths.mood_at(unit, np.full(len(spread), 0.5)) / spread
    # the upper side is the lower side of the mirrored distribution, where small numbers keep their digits
    side = -edge if sign else edge
    drawn = ndtri(np.maximum(uniform * ndtr(side), 1e-300))
    return spread * (-drawn if sign else drawn), log_ndtr(side)


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
    if step.settles is not None or (len(step.units) == 1 and result.ballot == "benefits" and result.yes_share is None):
        return 0.0
    wages = result.ballot == "wages"
    chances = {int(row): booths.chance(int(row), mood[row], wages=True) if wages else chance[row] for row in step.units}
    yes = sum(ballots[row] * chances[int(row)] for row in step.units)
    share = yes / sum(ballots[row] for row in step.units)
    log_likelihood: NDArray[np.float64] = np.zeros(mood.shape[-1])
    if result.yes_share is not None:
        seen = result.yes_share
        chance_error = 0.0 if result.cast is None else share * (1 - share) / result.cast
        deviation = np.sqrt(result.within**2 + chance_error)
        log_likelihood += -0.5 * ((seen - share) / deviation) ** 2 - np.log(deviation)
    if result.approved is not None:
        log_likelihood += np.where((share > 0.5) == result.approved, 0.0, -np.inf)
    return log_likelihood


def _log_turnout(booths: Booths, step: Step) -> NDArray[np.float64] | float:
    """The log-likelihood of how many voted, where the ballots were counted."""
    if step.result.cast is None or step.result.ballot == "wages":
        return 0.0
    members = booths.members[step.units].sum(axis=0)
    expected = (booths.members[step.units] * booths.turnout[step.units]).sum(axis=0) / members
    return -0.5 * ((step.result.cast / members - expected) / TURNOUT_WITHIN) ** 2
