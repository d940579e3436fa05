"""The model's forecasts of votes that it was not fitted to, each from what was over before, scored beside naive ones.

Every case that ships is forecast from the votes, here and elsewhere, that were over before its day. A second vote of a
finished forecast is scored likewise, union by union. What the naive forecasts start from was over by then too.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.calibration.first_votes import base_rate
from experiments.calibration.forecast import Forecast
from experiments.calibration.others import Case, OtherVotes, Votes, draw_first, draw_second, load_cases, put_again
from experiments.calibration.posterior import explore
from experiments.calibration.record import HeldOut, Record, Result, units_of
from experiments.calibration.scores import as_said_by, compared, reliability, scored
from experiments.calibration.swing import mean_swing, no_change, over_before
from experiments.calibration.votes import first_votes, pairs, read_votes
from sim.scenario.scenario import Scenario

ROUNDS = (16_000, 16_000, 16_000, 24_000)
POOL = 6000  # rows from which each case is forecast
FIRST = ("model", "base_rate")
SECOND = ("model", "no_change", "mean_swing")


@dataclass(frozen=True)
class Voted:
    """One result to be forecast: a unit of a case at its first or second vote."""

    case: Case
    unit: int
    result: Result
    before: Result | None = None  # its first result, where this is the second

    @property
    def label(self) -> str:
        """The case, its unit where it has several, and which vote it was."""
        names = self.case.scenario.units.names
        unit = f", {names[self.unit]}" if len(names) > 1 else ""
        return f"{self.case.name}{unit}, vote {1 if self.before is None else 2}"

    @property
    def day(self) -> datetime.date:
        """On which it was held."""
        window = self.case.scenario.calendar.window
        return window.vote if self.before is not None and window is not None else self.case.first_vote

    def forecasts(self, again: Votes, luck: np.random.Generator) -> dict[str, dict[str, float]]:
        """The model's, and naive ones made of the votes on record that were over."""
        if self.before is not None:
            shares, first = draw_second(again, self.unit, self.before, luck), self.before.yes_share
            if first is None:  # only the result is on record: a little to its side of one half
                first = 0.55 if self.before.approved else 0.45
            return _beside_naive(shares, first, self.result, self.day)
        before = [vote for vote in first_votes(read_votes()) if vote.last_day < self.day]
        seen, approved = self.result.yes_share, bool(self.result.approved)
        shares = draw_first(again, self.unit, luck)
        return {"model": scored(shares, seen, approved), "base_rate": base_rate(before, seen, approved)}


def forecast_cases(
    scenario: Scenario, record: Record, *, seed: int = 2011, rounds: tuple[int, ...] = ROUNDS, draws: int = 4
) -> dict[str, Any]:
    """Every other case forecast from the votes that were over before it: rows, and scores by vote.

    ``scenario`` is the case that the numbers are explored with; its own first vote counts where it was over.
    """
    cases = load_cases(without=(scenario.name,))
    luck = np.random.default_rng([seed, 82])
    others = OtherVotes(cases=cases, seed=seed, draws=draws)
    particles = explore(scenario, record, luck=luck, seed=seed, rounds=rounds, others=others)
    rows: dict[int, list[dict[str, Any]]] = {1: [], 2: []}
    for place, case in enumerate(cases):
        for voted in results_of(case):
            known = [other.name for other in cases if other.name != case.name and other.first_vote < voted.day]
            weight = particles.of(known, own=scenario.calendar.first_vote < voted.day)
            pool = particles.chosen(scenario, weight, POOL, luck)
            again = put_again(case, pool.point(), pool.case_spread, seed=seed + 1000 + place)
            told = {"vote_of": voted.label, "case": case.name, "seen": voted.result.yes_share}
            told |= {"approved": bool(voted.result.approved), "effective": pool.effective}
            rows[1 if voted.before is None else 2].append(told | voted.forecasts(again, luck))
    said = np.array([row["model"]["probability"] for row in rows[1]])
    diagram = reliability(said, np.array([row["approved"] for row in rows[1]]))
    return {
        "first": {"rows": as_said_by(rows[1], "model"), **compared(rows[1], FIRST), "reliability": diagram.summary()},
        "second": {"rows": as_said_by(rows[2], "model"), **compared(rows[2], SECOND)},
    }


def results_of(case: Case) -> list[Voted]:
    """Everything on record of a case, unit by unit."""
    first, second = (
        {int(row): result for result in results for row in units_of(result, case.scenario)}
        for results in (case.record.first_vote, case.second)
    )
    found = [Voted(case, unit, result) for unit, result in first.items()]
    return found + [Voted(case, unit, result, first[unit]) for unit, result in second.items() if unit in first]


def _beside_naive(
    shares: NDArray[np.float64], first: float, result: Result, day: datetime.date
) -> dict[str, dict[str, float]]:
    known = over_before(pairs(read_votes()), day)
    seen, approved = result.yes_share, bool(result.approved)
    made = {"model": shares, "no_change": no_change(first, known), "mean_swing": mean_swing(first, known)}
    return {name: scored(sample, seen, approved) for name, sample in made.items()}


def score_second_vote(found: Forecast, scenario: Scenario, held_out: HeldOut) -> dict[str, Any]:
    """A finished forecast against what happened, body by body, beside the two naive forecasts.

    What the naive ones start from is the first vote as far as it is known, else as the fit has it.
    """
    window = scenario.calendar.window
    day = window.revised if window is not None else scenario.calendar.first_vote
    rows = []
    for result in held_out.second_vote:
        if result.approved is not None:
            shares, first = _shares(found, scenario, result)
            told = {"of": result.label, "case": result.label, "approved": result.approved}
            rows.append(told | {"first_vote": first} | _beside_naive(shares, first, result, day))
    approving = (found.union_yes[1] > 0.5).sum(axis=0)
    document: dict[str, Any] = {
        "rows": as_said_by(rows, "model"),
        **compared(rows, SECOND),
        "unions_yes": {name: float(np.quantile(approving, level)) for name, level in (("q05", 0.05), ("q95", 0.95))},
        "pairs_known": len(over_before(pairs(read_votes()), day)),
    }
    if held_out.ratified is not None:
        document["ratified"] = {
            rule: scored(found.yes_share[1], None, held_out.ratified, probability=float(carries.mean()))
            for rule, carries in found.carries.items()
        }
    return document


def _shares(found: Forecast, scenario: Scenario, result: Result) -> tuple[NDArray[np.float64], float]:
    """What was forecast of one body, and its first vote."""
    units = units_of(result, scenario)
    if len(result.of) == 1 and result.of[0] in scenario.unions.names:
        row = scenario.unions.names.index(result.of[0])
        return found.union_yes[1, row], float(np.median(found.union_yes[0, row]))
    if len(units) == 1:
        return found.unit_yes[1, units[0]], float(np.median(found.unit_yes[0, units[0]]))
    return found.yes_share[1], float(np.median(found.yes_share[0]))
