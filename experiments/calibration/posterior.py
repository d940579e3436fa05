"""From the record of a first vote to a posterior over the scenario's uncertainties and the lasting moods of its units.

The prior is the scenario's own ranges. Particles run through the shipped model with the deal on record (`booths`), are
weighed by the results (`evidence`) and adapted (`importance`). The posterior is a table of rows, each a joint value of
all parameters and moods; `case.uncertainties = "posterior"` gives every world one row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agents.members import REASONS
from experiments.calibration.evidence import Point, best_of, lasting_part, plan, spreads
from experiments.calibration.importance import effective_size, resample, sample, tail_index, uniforms_of
from experiments.calibration.others import OtherVotes
from experiments.calibration.record import Record
from experiments.calibration.vote_as_put import acts_before_the_vote, first_vote_as_put
from sim.scenario.entries import Entry
from sim.scenario.scenario import Scenario
from sim.worlds.blocks import blocks

BLOCK = 2048
TRIES = 4  # draws of moods for every particle
ROUNDS = (20_000, 20_000, 20_000, 30_000)
ROWS = 1000
SECTIONS = ("members.", "belief.", "campaign.", "unions.")
CASE_SPREAD = (0.3, 1.2)  # logits, prior range of the standard deviation of goodwill between cases
IMPOSSIBLE = -1e4  # logs, so that a particle can be weighed as if its own vote were not known
# matter only after the first vote, or without a blackout
LATER = (
    "campaign.clarified",
    "members.leaked_reference",
    *(f"members.{name}" for name in ("gives_up", *REASONS, "swing_spread")),
)


@dataclass(frozen=True, kw_only=True)
class Posterior:
    """Equally weighted rows of the posterior, and how well they stand for it."""

    keys: tuple[str, ...]
    parameters: NDArray[np.float64]  # (rows, keys)
    mood: NDArray[np.float64]  # of the first vote, lasting and passing, logits, (rows, units)
    lasting: NDArray[np.float64]  # the part that a second vote meets again, (rows, units)
    case_spread: NDArray[np.float64]  # of goodwill between cases, logits, (rows,)
    particles: int
    effective: float  # of the weighted particles
    tail: float  # Pareto k

    def column(self, key: str) -> NDArray[np.float64]:
        return self.parameters[:, self.keys.index(key)]

    def point(self, rows: NDArray[np.int64] | slice = slice(None)) -> Point:
        """The parameters as a point of a block, a value a world."""
        return {key: np.ascontiguousarray(self.parameters[rows, place]) for place, key in enumerate(self.keys)}


def uncertain_keys(scenario: Scenario) -> tuple[Entry, ...]:
    """The uncertainties that a first vote can speak about: of members, beliefs, campaign, burdens, acts before it."""
    acts = acts_before_the_vote(scenario)
    before = {f"{kind}.{act.name}.{what}" for kind, act in acts for what in ("believed", "resented")}
    return tuple(
        entry
        for entry in scenario.uncertain
        if (key := entry.key) not in LATER
        and (key.startswith(SECTIONS) or key in before or (key.startswith("issues.") and key.endswith(".burden")))
    )


def parameters_of(uniforms: NDArray[np.float64], entries: tuple[Entry, ...]) -> Point:
    """Uniforms, (draws, entries and more), as values in the scenario's ranges, by key."""
    return {
        entry.key: entry.value.low + column * (entry.value.high - entry.value.low)
        for entry, column in zip(entries, uniforms.T, strict=False)
    }


def between_cases(uniform: NDArray[np.float64]) -> NDArray[np.float64]:
    """The spread of goodwill between cases, logits, from a uniform."""
    low, high = CASE_SPREAD
    return low + (high - low) * uniform


@dataclass(frozen=True, kw_only=True)
class Particles:
    """Weighted draws from the prior and its adapted proposals, before any is chosen."""

    entries: tuple[Entry, ...]
    scores: NDArray[np.float64]  # normal scores of the prior's uniforms, (particles, entries and one)
    mood: NDArray[np.float32]  # of the first vote, (particles, units)
    log_weight: NDArray[np.float64]  # with all evidence, (particles,)
    own: NDArray[np.float64]  # log-likelihood of the case's own first vote, (particles,)
    by_case: dict[str, NDArray[np.float64]]  # of each other case, (particles,)

    def of(self, cases: Sequence[str], *, own: bool) -> NDArray[np.float64]:
        """The log weights were these cases, and the own vote or not, all that is known, (particles,)."""
        left_out = sum((found for name, found in self.by_case.items() if name not in cases), np.zeros(len(self.own)))
        kept = self.log_weight - left_out
        return kept if own else kept - self.own

    def chosen(
        self, scenario: Scenario, log_weight: NDArray[np.float64], rows: int, luck: np.random.Generator
    ) -> Posterior:
        """Equally weighted rows under these weights."""
        picked = resample(log_weight, rows, luck)
        uniforms = uniforms_of(self.scores[picked])
        point = parameters_of(uniforms, self.entries)
        mood = self.mood[picked].astype(float)
        return Posterior(
            keys=tuple(entry.key for entry in self.entries),
            parameters=np.column_stack(list(point.values())),
            mood=mood,
            lasting=lasting_part(mood.T, spreads(scenario, point, rows), luck).T,
            case_spread=between_cases(uniforms[:, -1]),
            particles=len(self.scores),
            effective=effective_size(log_weight),
            tail=tail_index(log_weight),
        )


def explore(
    scenario: Scenario,
    record: Record,
    *,
    luck: np.random.Generator,
    seed: int = 2011,
    rounds: tuple[int, ...] = ROUNDS,
    others: OtherVotes | None = None,
) -> Particles:
    """Particles weighed by the first vote and, where there are any, by other votes of this kind."""
    entries = uncertain_keys(scenario)
    steps = plan(record.first_vote, scenario)
    moods: list[NDArray[np.float32]] = []
    cases: list[dict[str, NDArray[np.float64]]] = []
    own: list[NDArray[np.float64]] = []

    def log_likelihood(uniforms: NDArray[np.float64], first: int) -> NDArray[np.float64]:
        weights = []
        for some in blocks(len(uniforms), BLOCK):
            part = uniforms[some]
            point = parameters_of(part, entries)
            booths = first_vote_as_put(scenario, record, seed=seed, worlds=first + some, point=point)
            found = best_of(booths, steps, spreads(scenario, point, len(part)), luck, TRIES)
            moods.append(found.mood.T.astype(np.float32))
            own.append(np.maximum(found.log_weight, IMPOSSIBLE))
            weights.append(own[-1])
            if others is not None:
                cases.append(others.by_case(point, between_cases(part[:, -1])))
                weights[-1] = sum(cases[-1].values(), weights[-1])
        return np.concatenate(weights)

    scores, log_weight = sample(log_likelihood, dimensions=len(entries) + 1, rounds=rounds, luck=luck)
    names = cases[0] if cases else {}
    return Particles(
        entries=entries,
        scores=scores,
        mood=np.concatenate(moods),
        log_weight=log_weight,
        own=np.concatenate(own),
        by_case={name: np.concatenate([part[name] for part in cases]) for name in names},
    )


def fit(
    scenario: Scenario,
    record: Record,
    *,
    seed: int = 2011,
    rows: int = ROWS,
    rounds: tuple[int, ...] = ROUNDS,
    others: OtherVotes | None = None,
) -> Posterior:
    """The posterior given the first vote and, where there are any, other votes of this kind."""
    luck = np.random.default_rng([seed, 8])
    particles = explore(scenario, record, luck=luck, seed=seed, rounds=rounds, others=others)
    return particles.chosen(scenario, particles.log_weight, rows, luck)
