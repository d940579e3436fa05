"""From the record of a first vote to a posterior over the scenario's uncertainties and the lasting moods of its units.

The prior is the scenario's own ranges. Particles run through the shipped model with the deal on record (`booths`), are
weighed by the results (`evidence`) and adapted (`importance`). The posterior is a table of rows, each a joint value of
all parameters and moods; `case.uncertainties = "posterior"` gives every world one row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.calibration.booths import Booths, first_vote
from experiments.calibration.evidence import draw_moods, lasting_part, plan
from experiments.calibration.importance import effective_size, normalised, resample, sample, tail_index, uniforms_of
from experiments.calibration.record import Record
from sim.entries import Entry
from sim.scenario import Scenario

BLOCK = 4096
ROUNDS = (60_000, 40_000, 40_000, 60_000)
SECTIONS = ("members.", "belief.", "campaign.", "unions.")
LATER = ("campaign.clarified", "members.leaked_reference")  # matter only after the first vote, or without a blackout

Extra = Callable[[dict[str, NDArray[np.float64]]], NDArray[np.float64]]


@dataclass(frozen=True, kw_only=True)
class Posterior:
    """Equally weighted rows of the posterior, and how well they stand for it."""

    keys: tuple[str, ...]
    parameters: NDArray[np.float64]  # (rows, keys)
    mood: NDArray[np.float64]  # of the first vote, lasting and passing, logits, (rows, units)
    lasting: NDArray[np.float64]  # the part that a second vote meets again, (rows, units)
    particles: int
    effective: float  # of the weighted particles
    tail: float  # Pareto k

    def column(self, key: str) -> NDArray[np.float64]:
        return self.parameters[:, self.keys.index(key)]

    def point(self, rows: NDArray[np.int64] | slice = slice(None)) -> dict[str, NDArray[np.float64]]:
        """The parameters as a point of a block, a value a world."""
        return {key: np.ascontiguousarray(self.parameters[rows, place]) for place, key in enumerate(self.keys)}


def uncertain_keys(scenario: Scenario) -> tuple[Entry, ...]:
    """The uncertainties that a first vote can speak about: of members, beliefs, campaign, burdens, acts before it."""
    before = {
        f"{kind}.{act.name}.believed"
        for kind in ("threats", "news")
        for act in getattr(scenario.sections, kind)
        if act.date <= scenario.calendar.first_vote and act.when != "refused"
    }
    return tuple(
        entry
        for key, entry in scenario.entries.items()
        if entry.is_parameter
        and entry.value.role == "uncertainty"
        and key not in scenario.settings
        and key not in LATER
        and (key.startswith(SECTIONS) or key in before or (key.startswith("issues.") and key.endswith(".burden")))
    )


def parameters_of(uniforms: NDArray[np.float64], entries: tuple[Entry, ...]) -> dict[str, NDArray[np.float64]]:
    """Uniforms, (draws, entries), as values in the scenario's ranges, by key."""
    return {
        entry.key: entry.value.low + column * (entry.value.high - entry.value.low)
        for entry, column in zip(entries, uniforms.T, strict=True)
    }


def spreads(scenario: Scenario, point: dict[str, NDArray[np.float64]], worlds: int) -> tuple[NDArray, NDArray]:
    """Standard deviations of the lasting and of the passing mood, logits, (worlds,) each."""
    found = []
    for key in ("members.trust_spread", "members.mood_spread"):
        value = point.get(key, scenario.entries[key].value.value)
        found.append(np.maximum(np.broadcast_to(np.asarray(value, float), worlds), 1e-6))
    return found[0], found[1]


def fit(
    scenario: Scenario,
    record: Record,
    *,
    seed: int = 2011,
    rows: int = 2000,
    rounds: tuple[int, ...] = ROUNDS,
    extra: Extra | None = None,
) -> Posterior:
    """The posterior given the first vote; ``extra`` adds a log-likelihood of the parameters from other evidence."""
    entries = uncertain_keys(scenario)
    steps = plan(record.first_vote, scenario)
    luck = np.random.default_rng([seed, 8])
    moods: list[NDArray[np.float32]] = []

    def log_likelihood(uniforms: NDArray[np.float64], first: int) -> NDArray[np.float64]:
        weights = []
        for start in range(0, len(uniforms), BLOCK):
            part = uniforms[start : start + BLOCK]
            point = parameters_of(part, entries)
            worlds = np.arange(first + start, first + start + len(part))
            booths = first_vote(scenario, record, seed=seed, worlds=worlds, point=point)
            lasting, passing = spreads(scenario, point, len(part))
            found = draw_moods(booths, steps, np.hypot(lasting, passing), luck)
            moods.append(found.mood.T.astype(np.float32))
            weights.append(found.log_weight + (extra(point) if extra is not None else 0.0))
        return np.concatenate(weights)

    scores, log_weight = sample(log_likelihood, dimensions=len(entries), rounds=rounds, luck=luck)
    chosen = resample(log_weight, rows, luck)
    point = parameters_of(uniforms_of(scores[chosen]), entries)
    mood = np.concatenate(moods)[chosen].astype(float)
    lasting, passing = spreads(scenario, point, rows)
    return Posterior(
        keys=tuple(entry.key for entry in entries),
        parameters=np.column_stack(list(point.values())),
        mood=mood,
        lasting=lasting_part(mood.T, lasting, passing, luck).T,
        particles=len(scores),
        effective=effective_size(log_weight),
        tail=tail_index(log_weight),
    )
