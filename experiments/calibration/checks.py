"""Can the fit be trusted? Predictive checks, units left out in turn, and calibration on simulated truths.

* Predictive checks: does the record lie where the prior, and then the posterior, would put it?
* A unit left out: is its result where all other results would have put it? Nothing fitted it, so 50 % intervals should
  hold half of the units.
* Simulation-based calibration (Talts, Betancourt, Simpson, Vehtari, Gelman 2018): truths drawn from the prior, a record
  simulated for each by the shipped ballots, the fit run on it. The truth's rank among the posterior draws is then
  uniform, whatever the parameter; if the fit is too narrow, too wide or off to one side, it is not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from experiments.calibration.evidence import TURNOUT_WITHIN, Point, spreads
from experiments.calibration.posterior import Posterior, fit, parameters_of, uncertain_keys
from experiments.calibration.record import Record, Result, units_of
from experiments.calibration.scores import holds, interval
from experiments.calibration.vote_as_put import Booths, first_vote_as_put
from sim.ratification.ballots import Electorate
from sim.scenario.scenario import Scenario
from sim.worlds.randomness import STEPS

BINS = 8  # of ranks, in the chi-square test
DRAWS_A_FIT = 63  # posterior draws a truth is ranked among: 64 places, a multiple of the bins
MORE = 4  # times the particles, where a fit has left fewer effective draws than are taken


@dataclass(frozen=True)
class Predicted:
    """One result of the record beside what was expected of it, as shares of yes."""

    of: str
    ballot: str
    seen: float | None
    carried: bool | None
    shares: NDArray[np.float64]  # (worlds,)

    def interval(self, level: float) -> tuple[float, float]:
        """The central interval that holds this share of worlds."""
        return interval(self.shares, level)

    def holds(self, level: float) -> bool | None:
        """Is what was seen inside? None where no share is known."""
        return None if self.seen is None else holds(self.shares, self.seen, level)


def predict(
    scenario: Scenario,
    record: Record,
    posterior: Posterior | None,
    *,
    worlds: int = 2000,
    seed: int = 2011,
    new_moods: bool = False,
) -> list[Predicted]:
    """Every result of the first vote as the posterior, or without one the prior, would have expected it.

    Under the posterior the units keep their lasting moods and have another day's mood; ballots are cast anew. With
    ``new_moods`` lasting moods are drawn anew too, from their spread: other units of the same kind. A unit's own mood
    has seen its own result, so only that check can hold its intervals to their rates (the mixed predictive check of
    Marshall & Spiegelhalter 2003, Statistics in Medicine 22); leaving units out goes one step further.
    """
    luck = np.random.default_rng([seed, 6])
    addresses = np.arange(worlds)
    if posterior is None:
        entries = uncertain_keys(scenario)
        point = parameters_of(luck.random((worlds, len(entries))), entries)
    else:
        point = posterior.point(addresses % len(posterior.parameters))
    booths = first_vote_as_put(scenario, record, seed=seed, worlds=addresses, point=point)
    moods = spreads(scenario, point, worlds)
    if posterior is None or new_moods:
        mood = moods.lasting * moods.normals(luck)
    else:
        mood = posterior.lasting[addresses % len(posterior.parameters)].T
    ballots = poll(booths, mood + moods.passing * moods.normals(luck), luck)
    found = []
    for result in record.first_vote:
        shares = ballots.share_of(result, scenario)
        if result.within:
            shares = shares + result.within * luck.standard_normal(worlds)
        found.append(Predicted(result.label, result.ballot, result.yes_share, result.approved, shares))
    return found


def apart(record: Record, scenario: Scenario) -> list[tuple[str, str]]:
    """Results with a known share that have no unit in common, the smallest first: (of, ballot).

    Sums of others and a second ballot of the same people are no further trials of an interval.
    """
    known = [result for result in record.first_vote if result.yes_share is not None and result.ballot == "benefits"]
    taken: set[int] = set()
    chosen: list[tuple[str, str]] = []
    for result in sorted(known, key=lambda result: len(units_of(result, scenario))):
        units = set(units_of(result, scenario).tolist())
        if not units & taken:
            chosen.append((result.label, result.ballot))
            taken |= units
    return chosen


class Polled(NamedTuple):
    """Ballots of every unit, (units, worlds)."""

    yes: NDArray[np.float64]
    cast: NDArray[np.float64]
    wages: NDArray[np.float64]  # yes on the ballot on wages

    def share_of(self, result: Result, scenario: Scenario) -> NDArray[np.float64]:
        """Share of yes of those a result is about, on its ballot, (worlds,)."""
        rows, yes = units_of(result, scenario), self.wages if result.ballot == "wages" else self.yes
        return yes[rows].sum(axis=0) / np.maximum(self.cast[rows].sum(axis=0), 1)


def poll(booths: Booths, mood: NDArray[np.float64], luck: np.random.Generator) -> Polled:
    """Ballots as the model counts them at these moods, (units, worlds)."""
    units, worlds = mood.shape
    yes, cast, wages = (np.empty((units, worlds)) for _ in range(3))
    for unit in range(units):
        electorate = Electorate(np.round(booths.members[unit]), luck.integers(0, STEPS, (8, worlds), dtype=np.uint16))
        electorate.turn_out(booths.turnout[unit])
        benefits = electorate.vote(booths.chance(unit, mood[unit]))
        yes[unit], cast[unit] = benefits.yes, benefits.cast
        on_wages = mood[unit] + booths.wages_spread * luck.standard_normal(worlds)
        wages[unit] = electorate.vote(booths.chance(unit, on_wages, wages=True)).yes
    return Polled(yes, cast, wages)


def leave_units_out(
    scenario: Scenario, record: Record, *, rounds: tuple[int, ...] = (8000, 8000), seed: int = 2011
) -> list[Predicted]:
    """Each unit or group with a known share, expected from all other results; what tells of it is left out with it."""
    found = []
    for place, result in enumerate(record.first_vote):
        rows = set(units_of(result, scenario).tolist())
        if result.yes_share is None or result.ballot == "wages" or len(rows) == len(scenario.units.names):
            continue
        rest = tuple(other for other in record.first_vote if not _tells_of(other, rows, scenario))
        posterior = fit(scenario, record.model_copy(update={"first_vote": rest}), rounds=rounds, rows=1000, seed=seed)
        alone = record.model_copy(update={"first_vote": (result,)})
        found += predict(scenario, alone, posterior, worlds=2000, seed=seed + place)
    return found


def _tells_of(other: Result, rows: set[int], scenario: Scenario) -> bool:
    """Another result about the same units, or about a group of which they are the better part."""
    units = set(units_of(other, scenario).tolist())
    members = scenario.units.members
    shared = members[list(units & rows)].sum() if units & rows else 0.0
    return bool(shared > 0.25 * members[list(units)].sum())


def simulated_record(
    scenario: Scenario, record: Record, truth: Point, luck: np.random.Generator, seed: int
) -> tuple[Record, NDArray[np.float64]]:
    """A record with the same rows as the real one but with results of one simulated world; and the lasting moods."""
    booths = first_vote_as_put(scenario, record, seed=seed, worlds=np.array([seed]), point=truth)
    moods = spreads(scenario, truth, 1)
    mood = moods.lasting * moods.normals(luck)
    ballots = poll(booths, mood + moods.passing * moods.normals(luck), luck)
    results = []
    for result in record.first_vote:
        rows, share = units_of(result, scenario), float(ballots.share_of(result, scenario)[0])
        carried = None if result.carried is None else bool(share > 0.5)
        share = float(np.clip(share + result.within * luck.standard_normal(), 1e-4, 1 - 1e-4))
        if result.cast is not None:
            # the fit allows units habits of their own in turning out, so the simulated ones have them
            members = float(booths.members[rows].sum())
            voting = float((booths.members[rows] * booths.turnout[rows]).sum()) / members
            voting = float(np.clip(voting + TURNOUT_WITHIN * luck.standard_normal(), 0.01, 1.0))
            all_cast = max(np.round(voting * members), 1.0)
            ayes = float(np.round(share * all_cast))
            changed = {"yes": ayes, "no": all_cast - ayes, "carried": carried}
        else:
            changed = {"share": share if result.share is not None else None, "carried": carried}
        results.append(result.model_copy(update=changed))
    return record.model_copy(update={"first_vote": tuple(results)}), mood[:, 0]


@dataclass(frozen=True, kw_only=True)
class Ranks:
    """Where truths fell among the draws of their posteriors: ranks from 0 to `DRAWS_A_FIT`, (replicates, names)."""

    names: tuple[str, ...]
    ranks: NDArray[np.int64]
    effective: NDArray[np.float64]  # sample sizes, (replicates,)

    def p_values(self) -> dict[str, float]:
        """Chi-square test that the ranks of each are uniform."""
        expected = len(self.ranks) / BINS
        found = {}
        for place, name in enumerate(self.names):
            counts = np.bincount(self.ranks[:, place] * BINS // (DRAWS_A_FIT + 1), minlength=BINS)
            found[name] = float(chdtrc(BINS - 1, ((counts - expected) ** 2 / expected).sum()))
        return found

    def coverage(self, level: float) -> dict[str, float]:
        """How often the central interval of this level held the truth."""
        return dict(zip(self.names, self.inside(level).mean(axis=0).tolist(), strict=True))

    def inside(self, level: float) -> NDArray[np.bool_]:
        """Did the central interval of this level hold the truth? (replicates, names)."""
        place = (self.ranks + 0.5) / (DRAWS_A_FIT + 1)
        return np.abs(place - 0.5) <= level / 2

    def furthest(self) -> float:
        """Largest distance of any name's share of ranks below x from x (Kolmogorov-Smirnov), over all names."""
        place = np.sort((self.ranks + 0.5) / (DRAWS_A_FIT + 1), axis=0)
        even = (np.arange(len(place)) + 0.5) / len(place)
        return float(np.abs(place - even[:, None]).max())

    def summary(self) -> dict[str, Any]:
        """In a few numbers, over all and by quantity."""
        p_values, halves, nineties = self.p_values(), self.coverage(0.5), self.coverage(0.9)
        return {
            "replicates": len(self.ranks),
            "least_effective_size": round(float(self.effective.min()), 1),
            "least_p_value": round(min(p_values.values()), 4),
            "furthest_from_uniform": round(self.furthest(), 4),
            "quantities": [
                {
                    "name": name,
                    "p_value": round(p_values[name], 4),
                    "covered_50": round(halves[name], 3),
                    "covered_90": round(nineties[name], 3),
                }
                for name in self.names
            ],
        }


def simulation_based_calibration(
    scenario: Scenario,
    record: Record,
    *,
    replicates: int,
    rounds: tuple[int, ...] = (6000, 6000, 8000),
    seed: int = 1,
    units: tuple[int, ...] = (),
    tick: Callable[[int, int], None] = lambda done, total: None,
) -> Ranks:
    """Fit simulated records of known truths; ``units`` whose lasting mood is ranked too; ``tick`` after each record.

    A fit that leaves fewer effective draws than are taken is made again with `MORE` times the particles.
    """
    entries = uncertain_keys(scenario)
    names = (*(entry.key for entry in entries), *(f"mood of {scenario.units.names[row]}" for row in units))
    ranks = np.empty((replicates, len(names)), dtype=np.int64)
    effective = np.empty(replicates)
    for replicate in range(replicates):
        luck = np.random.default_rng([seed, 7, replicate])
        truth = parameters_of(luck.random((1, len(entries))), entries)
        simulated, mood = simulated_record(scenario, record, truth, luck, seed=10_000 + replicate)
        posterior = fit(scenario, simulated, seed=seed + replicate, rows=DRAWS_A_FIT, rounds=rounds)
        if posterior.effective < DRAWS_A_FIT:  # too thin for draws that differ, whatever they say of the truth
            more = tuple(MORE * particles for particles in rounds)
            posterior = fit(scenario, simulated, seed=seed + replicate, rows=DRAWS_A_FIT, rounds=more)
        true = [*(truth[key][0] for key in posterior.keys), *(mood[row] for row in units)]
        drawn = np.column_stack([posterior.parameters, posterior.lasting[:, list(units)]])
        ranks[replicate] = (drawn < np.array(true)).sum(axis=0)
        effective[replicate] = posterior.effective
        tick(replicate + 1, replicates)
    return Ranks(names=names, ranks=ranks, effective=effective)
