"""A calibration from beginning to end: fit, checks, manifest. `planb calibrate` prints what this returns."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import numpy as np

from experiments.calibration.checks import Predicted, leave_units_out, predict, simulation_based_calibration
from experiments.calibration.others import CASES, SHARED, USED_FOR_THE_PRIOR, Case, OtherVotes, load_cases
from experiments.calibration.posterior import CASE_SPREAD, ROUNDS, ROWS, Posterior, fit, uncertain_keys
from experiments.calibration.posterior_files import fitted_to, load, tables_of
from experiments.calibration.record import HELD_OUT, RECORD, Record, read_record
from experiments.calibration.scores import LEVELS, quantiles
from experiments.calibration.vote_as_put import acts_before_the_vote
from experiments.runs.files import file_sha256
from sim.scenario.scenario import Scenario

QUICK = (8000, 8000, 12_000)  # particles of a fit that is not kept
SMALL = (1000, 1000, 2000)
Tell = Callable[[str], None]


def forecast_day(scenario: Scenario) -> datetime.date | None:
    """The day on which a second vote is forecast: what came later is not used. None for a case without one."""
    window = scenario.calendar.window
    return window.revised if window is not None else None


def cases_known(scenario: Scenario) -> list[Case]:
    """First votes elsewhere that were over when this scenario's second vote was to be forecast; all, if it has none."""
    before = forecast_day(scenario) or datetime.date.max
    return load_cases(before=before, without=(*USED_FOR_THE_PRIOR, scenario.name))


def calibrate(
    scenario: Scenario,
    *,
    seed: int = 2011,
    rows: int = ROWS,
    rounds: tuple[int, ...] = ROUNDS,
    other_votes: bool = True,
    leave_out: bool = False,
    replicates: int = 0,
    tell: Tell = lambda said: None,
) -> tuple[Posterior, dict[str, Any]]:
    """The posterior of a scenario with a first vote on record, and its manifest."""
    record = read_record(scenario)
    cases = cases_known(scenario) if other_votes else []
    tell(_fitting_to(record, cases))
    posterior = fit(scenario, record, seed=seed, rows=rows, rounds=rounds, others=OtherVotes(cases=cases, seed=seed))
    manifest = {
        "scenario": scenario.name,
        "fitted_to": fitted_to(scenario),
        "seed": seed,
        "method": "adaptive importance sampling from the scenario's ranges through the shipped model; "
        "experiments/calibration/posterior.py",
        "used": used(scenario, record, cases),
        "not_used": not_used(scenario, cases),
        "parameters": parameters(scenario, posterior),
        "case_spread": {"prior": list(CASE_SPREAD), **_spread(posterior.case_spread)},
        "diagnostics": {
            "particles": posterior.particles,
            "effective_size": round(posterior.effective, 1),
            "pareto_k": round(posterior.tail, 3),
            "rows": rows,
        },
        "prior_predictive": predictive(predict(scenario, record, None, seed=seed)),
        "posterior_predictive": predictive(predict(scenario, record, posterior, seed=seed)),
    }
    if leave_out:
        tell("leaving each unit out in turn")
        manifest["units_left_out"] = predictive(leave_units_out(scenario, record, seed=seed))
    if replicates:
        tell(f"simulation-based calibration, {replicates} simulated records")
        manifest["simulation_based_calibration"] = simulated(scenario, record, replicates=replicates)
    return posterior, manifest


def used(scenario: Scenario, record: Record, cases: list[Case]) -> dict[str, Any]:
    """Everything that entered the fit."""
    calendar = scenario.calendar
    return {
        "prior": "the ranges of the scenario's uncertainties, uniform and independent",
        "record": {
            "file": RECORD,
            "sha256": file_sha256(scenario.table_path(RECORD)),
            "vote": str(calendar.first_vote),
            "deal": {"agreed": str(record.agreed or calendar.talks.deadline), **record.deal},
            "results": len(record.first_vote),
        },
        "tables": {name: file_sha256(scenario.table_path(name)) for name in tables_of(scenario)},
        "acts_before_the_vote": [
            {"kind": kind, "name": act.name, "date": str(act.date)} for kind, act in acts_before_the_vote(scenario)
        ],
        "other_votes": {
            "shared": list(SHARED) if cases else [],
            "cases": [
                {
                    "scenario": case.name,
                    "first_vote": str(case.first_vote),
                    "sha256": file_sha256(case.scenario.table_path(RECORD)),
                }
                for case in cases
            ],
        },
    }


def not_used(scenario: Scenario, cases: list[Case]) -> dict[str, str]:
    """What is on record and was kept out, and why."""
    known, day = {case.name for case in cases}, forecast_day(scenario)
    kept_out = {HELD_OUT: "the second vote itself: only a finished forecast is scored with it"}
    for name in CASES:
        if name == scenario.name or name in known:
            continue
        if name in USED_FOR_THE_PRIOR:
            kept_out[name] = "its result set the range of members.trust already"
        elif day is not None:
            kept_out[name] = f"not over before {day}, when the second vote is forecast"
    return kept_out


def parameters(scenario: Scenario, posterior: Posterior) -> list[dict[str, Any]]:
    """Prior range and posterior of every parameter fitted."""
    return [
        {
            "name": entry.key,
            "unit": entry.value.unit,
            "low": entry.value.low,
            "high": entry.value.high,
            **_spread(posterior.column(entry.key)),
            # how much narrower than its range: the standard deviation of a uniform is its width over the root of 12
            "narrowed_to": round(
                float(posterior.column(entry.key).std() * np.sqrt(12) / (entry.value.high - entry.value.low)), 3
            ),
        }
        for entry in uncertain_keys(scenario)
    ]


def predictive(found: list[Predicted]) -> dict[str, Any]:
    """Results beside what was expected of them, and how many intervals held them."""
    rows = [
        {
            "of": row.of,
            "ballot": row.ballot,
            "seen": row.seen,
            "carried": row.carried,
            "expected_to_carry": round(float((row.shares > 0.5).mean()), 3),
            **{name: round(share, 3) for name, share in quantiles(row.shares).items()},
        }
        for row in found
    ]
    known = [row for row in found if row.seen is not None]
    inside = {f"inside_{round(100 * level)}": sum(bool(row.holds(level)) for row in known) for level in LEVELS}
    return {"known_shares": len(known), **inside, "results": rows}


def simulated(scenario: Scenario, record: Record, *, replicates: int) -> dict[str, Any]:
    """Simulation-based calibration in a few numbers; units are taken evenly over the table."""
    count = len(scenario.units.names)
    units = tuple(sorted({round(place) for place in np.linspace(0, count - 1, min(5, count))}))
    ranks = simulation_based_calibration(scenario, record, replicates=replicates, units=units)
    return ranks.summary()


def _spread(column: Any) -> dict[str, float]:
    return {f"q{round(100 * q):02d}": float(f"{np.quantile(column, q):.5g}") for q in (0.05, 0.5, 0.95)}


def _fitting_to(record: Record, cases: list[Case]) -> str:
    results, others = len(record.first_vote), len(cases)
    return f"fitting to {results} result{'s' * (results != 1)} and {others} other case{'s' * (others != 1)}"


def posterior_of(scenario: Scenario, *, seed: int = 2011, tell: Tell = lambda said: None) -> tuple[Posterior, str]:
    """The posterior that lies with a scenario, or one fitted now; and which of the two it is."""
    kept = load(scenario)
    if kept is not None:
        return kept, "as it lies with the scenario"
    record, cases = read_record(scenario), cases_known(scenario)
    tell(_fitting_to(record, cases))
    return fit(scenario, record, seed=seed, rounds=QUICK, others=OtherVotes(cases=cases, seed=seed)), "fitted now"


def posterior_for_checks(scenario: Scenario, *, seed: int = 2011) -> Posterior:
    """The posterior that lies with a scenario, or a small one fitted to its first vote alone."""
    kept = load(scenario)
    return kept if kept is not None else fit(scenario, read_record(scenario), seed=seed, rounds=SMALL)
