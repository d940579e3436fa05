"""Each case forecast from all others, and the second vote of 2011 scored: what the model is worth where it was not fit.

Leaving one case out is cross-validation, so dates do not matter here: a case is forecast from earlier and later ones.
The forecast for Connecticut's second vote is another matter and uses nothing later (`posterior`, `others.load_cases`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.calibration.forecast import SecondVote, quantiles
from experiments.calibration.others import (
    USED_FOR_THE_PRIOR,
    Case,
    OtherVotes,
    Votes,
    draw_first,
    draw_second,
    load_cases,
    put_again,
)
from experiments.calibration.posterior import explore
from experiments.calibration.record import HeldOut, Record, Result, units_of
from experiments.calibration.scores import Naive, average, no_change, scored, summary, uniform_swing
from sim.scenario.scenario import Scenario

ROUNDS = (16_000, 16_000, 16_000, 24_000)
POOL = 6000  # rows from which each case is forecast
FORECASTERS = ("model", "no_change", "uniform_swing")


@dataclass(frozen=True, kw_only=True)
class Voted:
    """One result to be forecast: a unit of a case at its first or second vote."""

    case: Case
    unit: int
    vote: int
    result: Result
    before: Result | None  # its first result, where this is the second

    @property
    def label(self) -> str:
        name = self.case.name
        if len(self.case.scenario.units.names) > 1:
            name += f", {self.case.scenario.units.names[self.unit]}"
        return f"{name}, vote {self.vote}"


def leave_cases_out(
    scenario: Scenario, record: Record, *, seed: int = 2011, rounds: tuple[int, ...] = ROUNDS, draws: int = 4
) -> dict[str, Any]:
    """Every other case forecast from this scenario's first vote and from all cases but itself.

    Returns rows and the mean scores of the model and of two naive forecasts, with intervals.
    """
    cases = load_cases(without=USED_FOR_THE_PRIOR)
    luck = np.random.default_rng([seed, 82])
    others = OtherVotes(cases=cases, seed=seed, draws=draws)
    particles = explore(scenario, record, luck=luck, seed=seed, rounds=rounds, others=others)
    votes = [voted for case in cases for voted in _results(case)]
    rows = []
    for place, case in enumerate(cases):
        pool = particles.chosen(scenario, particles.without(case.name), POOL, luck)
        again = put_again(case, pool.point(), pool.case_spread, seed=seed + 1000 + place)
        rows += [_row(voted, again, pool.effective, votes, luck) for voted in _results(case)]
    return {
        "rows": rows,
        "scores": {name: summary(rows, name) for name in FORECASTERS},
        "model_less": {name: summary(rows, "model", name) for name in FORECASTERS[1:]},
        "by_vote": {
            str(vote): {name: summary([row for row in rows if row["vote"] == vote], name) for name in FORECASTERS}
            for vote in (1, 2)
        },
        "coverage": {str(level): _coverage(rows, f"in_{level}") for level in (50, 90)},
    }


def _results(case: Case) -> list[Voted]:
    first = {int(row): result for result in case.record.first_vote for row in units_of(result, case.scenario)}
    second = {int(row): result for result in case.second for row in units_of(result, case.scenario)}
    found = [Voted(case=case, unit=unit, vote=1, result=result, before=None) for unit, result in first.items()]
    found += [
        Voted(case=case, unit=unit, vote=2, result=result, before=first[unit])
        for unit, result in second.items()
        if unit in first
    ]
    return found


def _row(voted: Voted, again: Votes, effective: float, votes: list[Voted], luck: np.random.Generator) -> dict[str, Any]:
    """One result with the forecasts made of it and their scores."""
    if voted.before is None:
        shares = draw_first(again, voted.unit, luck)[1]
    else:
        shares = draw_second(again, voted.unit, voted.before, luck)
    happened = bool(voted.result.approved)
    seen = voted.result.yes_share
    spread = {"q05": 0.05, "q25": 0.25, "q75": 0.75, "q95": 0.95}
    ends = {name: float(np.quantile(shares, level)) for name, level in spread.items()}
    naive = _naive(voted, [other for other in votes if other.case.name != voted.case.name])
    return {
        "vote_of": voted.label,
        "case": voted.case.name,
        "vote": voted.vote,
        "yes_share": seen,
        "approved": happened,
        **quantiles(shares),
        "in_50": None if seen is None else ends["q25"] <= seen <= ends["q75"],
        "in_90": None if seen is None else ends["q05"] <= seen <= ends["q95"],
        "effective": effective,
        "model": scored(float((shares > 0.5).mean()), happened),
        **{name: scored(forecast.probability, happened) for name, forecast in naive.items()},
    }


def _naive(voted: Voted, others: list[Voted]) -> dict[str, Naive]:
    """The two naive forecasts of one result from the other cases."""
    if voted.vote == 2 and voted.before is not None:
        share = voted.before.yes_share
        share = share if share is not None else (0.55 if voted.before.approved else 0.45)
        return {"no_change": no_change(share), "uniform_swing": uniform_swing(share, _swings(others))}
    known = [other for other in others if other.vote == 1 and other.result.yes_share is not None]
    alike = [other for other in known if _layoffs(other.case) == _layoffs(voted.case)]
    return {
        "no_change": average([float(other.result.yes_share or 0.5) for other in known]),
        "uniform_swing": average([float(other.result.yes_share or 0.5) for other in alike]),
    }


def _swings(others: list[Voted]) -> list[tuple[float, float]]:
    found = []
    for other in others:
        if other.vote == 2 and other.before is not None:
            first, second = other.before.yes_share, other.result.yes_share
            if first is not None and second is not None:
                found.append((first, second))
    return found


def _layoffs(case: Case) -> bool:
    """Were posts threatened, rather than everybody's pay?"""
    return case.scenario.entries["members.loss_if_laid_off"].value.role == "uncertainty"


def _coverage(rows: list[dict[str, Any]], key: str) -> dict[str, float]:
    known = [row[key] for row in rows if row[key] is not None]
    return {"inside": int(sum(known)), "of": len(known)}


def score_second_vote(found: SecondVote, scenario: Scenario, held_out: HeldOut) -> dict[str, Any]:
    """A finished forecast against what happened, union by union, beside the two naive forecasts.

    What the naive ones start from is the first vote as far as it is known, else as the fit has it; the swing is that
    of the revotes that were over when the forecast was due, so all three knew the same.
    """
    window = scenario.calendar.window
    known = load_cases(before=window.revised if window else None, without=(scenario.name,))
    swings = _swings([voted for case in known for voted in _results(case)])
    rows = []
    for result in held_out.second_vote:
        units = units_of(result, scenario)
        if result.approved is None:
            continue
        shares, first = _shares(found, scenario, result, units)
        happened = bool(result.approved)
        rows.append(
            {
                "of": ", ".join(result.of),
                "approved": happened,
                "first_vote": first,
                **quantiles(shares),
                "model": scored(float((shares > 0.5).mean()), happened),
                "no_change": scored(no_change(first).probability, happened),
                "uniform_swing": scored(uniform_swing(first, swings).probability, happened),
            }
        )
    approving = (found.union_yes[1] > 0.5).sum(axis=0)
    document: dict[str, Any] = {
        "rows": rows,
        "scores": {name: summary(rows, name) for name in FORECASTERS},
        "model_less": {name: summary(rows, "model", name) for name in FORECASTERS[1:]},
        "unions_yes": {name: float(np.quantile(approving, level)) for name, level in (("q05", 0.05), ("q95", 0.95))},
        "swings": [list(pair) for pair in swings],
    }
    if held_out.ratified is not None:
        document["ratified"] = {
            rule: scored(float(carries.mean()), held_out.ratified) for rule, carries in found.carries.items()
        }
    return document


def _shares(
    found: SecondVote, scenario: Scenario, result: Result, units: NDArray[np.int64]
) -> tuple[NDArray[np.float64], float]:
    """What was forecast of one body, and its first vote."""
    if len(result.of) == 1 and result.of[0] in scenario.unions.names:
        row = scenario.unions.names.index(result.of[0])
        return found.union_yes[1, row], float(np.median(found.union_yes[0, row]))
    if len(units) == 1:
        return found.unit_yes[1, units[0]], float(np.median(found.unit_yes[0, units[0]]))
    return found.yes_share[1], float(np.median(found.yes_share[0]))
