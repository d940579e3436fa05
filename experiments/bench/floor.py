"""The floor: drawing the numbers and evaluating the logistics that a world needs, in NumPy, and nothing else.

A rule that reads these numbers must at least draw them, and a rule that says how likely a yes is must at least
evaluate a logistic. What is counted is what the case cannot do without: second votes are counted only as often as
they are held, seniority bands that share one risk are counted once, what comes with a draw of a posterior not at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.chamber import CHAMBERS
from sim.ratification.ballots import DRAWS_A_UNIT
from sim.scenario.scenario import Scenario
from sim.scenario.seats import COVARIATES
from sim.worlds.blocks import Block
from sim.worlds.randomness import normal_at

BALLOTS = 2  # questions put to a unit: benefits and wages
COARSE_A_DRAW = 4  # numbers of 16 bits from one of 64
CLASSES = 3  # what members know: nothing, the terms, a false claim
FIRST_DRAWS = 1 + BALLOTS  # of a unit at a first vote: who turns out, and how the ballots fall
WHIP_COUNTS = 3  # chances of a seat that the governor reckons with: aid struck, the bill with aid and without


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What a world needs on average."""

    uniforms: float  # of 53 bits
    coarse: float  # of 16 bits, four from a 64-bit number
    normals: float
    logistics: float
    log_odds: float  # logistic quantiles of uniforms, a logarithm each


def needs(case: Scenario, run: Block) -> Needs:
    """Counted from the case, and from how often its phases come about in the worlds of a block."""
    units, unions, seats = len(case.units.names), len(case.unions.names), len(case.seats)
    halls = case.town_halls
    towns = len(halls.towns) if halls is not None else 0
    first = float(np.isfinite(run.columns["yes_share_1"]).mean())
    second = float(np.isfinite(run.columns["yes_share_2"]).mean())
    cut = float((run.columns.get("aid", np.zeros(1)) > 0).mean())
    uncertain = sum(entry.key not in (case.posterior or {}) for entry in case.uncertain)
    moved = 1 + len(case.sections.news) + sum(threat.when != "refused" for threat in case.sections.threats)
    senior = int((~case.seniority.junior).sum())
    bands = len(case.seniority.share) - senior + (senior > 0)
    chances = units * BALLOTS * CLASSES * bands
    return Needs(
        uniforms=uncertain,
        coarse=2 * seats + towns * (1 + cut),
        normals=unions
        + (units if case.posterior_moods is None else 0)
        + first * units * (1 + FIRST_DRAWS)
        + second * units * (1 + DRAWS_A_UNIT - FIRST_DRAWS)
        + (len(COVARIATES) + len(CHAMBERS) if seats else 0),
        logistics=(first + second) * chances + moved * units + WHIP_COUNTS * seats,
        log_odds=2 * seats,
    )


class Floor:
    """Does for a block of worlds what `Needs` lists, as NumPy offers it: in double, every number drawn in full.

    The generator is NumPy's counter-based one, without which no world could be found again. Buffers are made once, so
    it does not even allocate.
    """

    def __init__(self, needed: Needs, worlds: int, *, seed: int = 2011) -> None:
        self.worlds = worlds
        self.generator = np.random.Generator(np.random.Philox(seed))
        self.uniforms = range(round(needed.uniforms + needed.coarse))
        self.normals = range(round(needed.normals))
        self.logistics, self.log_odds = range(round(needed.logistics)), range(round(needed.log_odds))
        self.logits, self.luck = self.generator.standard_normal(worlds), self.generator.random(worlds)
        self.out = np.empty(worlds)  # one row stays in the nearest cache

    def run(self) -> int:
        """One block; how many worlds that is."""
        out = self.out
        for _ in self.uniforms:
            self.generator.random(out=out)
        for _ in self.normals:
            self.generator.standard_normal(out=out)
        for _ in self.logistics:
            np.multiply(self.logits, 0.5, out=out)
            np.tanh(out, out=out)
            out *= 0.5
            out += 0.5
        for _ in self.log_odds:
            np.subtract(1.0, self.luck, out=out)
            np.divide(self.luck, out, out=out)
            np.log(out, out=out)
        return self.worlds


class BareFloor(Floor):
    """The same by every short cut the model takes: 16 bits, a table of normals, half a logistic in single precision."""

    def __init__(self, needed: Needs, worlds: int, *, seed: int = 2011) -> None:
        super().__init__(needed, worlds, seed=seed)
        self.bits = np.random.Philox(seed)
        self.drawn = round((needed.coarse + needed.normals) / COARSE_A_DRAW) * worlds
        self.uniforms = range(round(needed.uniforms))
        self.steps = self.bits.random_raw(worlds).astype(np.uint16)
        self.single, self.ratio = np.float32(self.logits), np.float32(self.luck)

    def run(self) -> int:
        """One block; how many worlds that is."""
        for _ in self.uniforms:
            self.generator.random(out=self.out)
        self.bits.random_raw(self.drawn)
        for _ in self.normals:
            normal_at(self.steps, np.float32)
        out = np.empty_like(self.single)
        for _ in self.logistics:
            np.tanh(self.single, out=out)
        for _ in self.log_odds:
            np.log(self.ratio, out=out)
        return self.worlds
