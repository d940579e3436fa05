"""All that is held against the record, as one document: what `planb validate --json` prints and its page is made from.

Patterns of every case that ships; the second vote of 2011 forecast, then scored; each other case forecast from the
rest. The document names the numbers of each scenario by a hash, so that a page made from it can tell when it is old.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from experiments.calibration.checks import predict
from experiments.calibration.dated import forecast_cases, score_second_vote
from experiments.calibration.draws import headlines
from experiments.calibration.forecast import as_document, forecast
from experiments.calibration.on_record import votes_on_record
from experiments.calibration.others import CASES
from experiments.calibration.patterns import Evidence, patterns_of
from experiments.calibration.record import read_held_out, read_record
from experiments.calibration.run import Tell, posterior_for_checks, predictive
from experiments.paper.reference import numbers_sha256
from sim.scenario.scenario import Scenario, load_scenario

MAIN = "connecticut-2011"
WORLDS = 2000
SEED = 2011


def check(case: Scenario, *, worlds: int = WORLDS, seed: int = SEED) -> list[dict[str, Any]]:
    """Every pattern of a scenario, as rows."""
    runs = Evidence(case, posterior_for_checks(case, seed=seed), worlds=worlds, seed=seed)
    return [
        {"name": pattern.name, "words": pattern.words, "kind": pattern.kind, **asdict(pattern.look(runs))}
        for pattern in patterns_of(case)
    ]


def validate(
    scenario: Scenario | None = None,
    *,
    worlds: int = WORLDS,
    seed: int = SEED,
    leave_out: bool = True,
    tell: Tell = lambda said: None,
) -> dict[str, Any]:
    """The patterns of one scenario, or of all that ship with the forecasts that go with them."""
    cases = [scenario] if scenario is not None else [load_scenario(name) for name in (MAIN, *CASES)]
    tables: list[dict[str, Any]] = []
    for case in cases:
        tell(f"{case.name}: {worlds:,} worlds")
        patterns = check(case, worlds=worlds, seed=seed)
        tables.append({"scenario": case.name, "numbers_sha256": numbers_sha256(case), "patterns": patterns})
    document: dict[str, Any] = {"worlds": worlds, "seed": seed, "scenarios": tables}
    if scenario is None:
        tell("forecasting the second vote of 2011")
        document |= second_vote(cases[0], worlds=worlds, seed=seed)
        if leave_out:
            tell("forecasting each other case from what was over before")
            document["cases"] = forecast_cases(cases[0], read_record(cases[0]), seed=seed)
        document["votes"] = votes_on_record()
        tell("headline numbers under three draws")
        document["draws"] = headlines(cases[0], seed=seed)
    return document | {"passed": passed([row for table in tables for row in table["patterns"]])}


def passed(rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    """How many patterns pass, by kind; checks of a prior are no evidence and stand apart."""
    kinds = dict.fromkeys(row["kind"] for row in rows)
    by_kind = {kind: [row["passes"] for row in rows if row["kind"] == kind] for kind in kinds}
    return {kind: {"passed": sum(passes), "of": len(passes)} for kind, passes in by_kind.items()}


def second_vote(case: Scenario, *, worlds: int, seed: int) -> dict[str, Any]:
    """The second vote of a case as forecast from its first, and then scored; and the first with other units."""
    record, posterior = read_record(case), posterior_for_checks(case, seed=seed)
    other_units = predict(case, record, posterior, worlds=worlds, seed=seed, new_moods=True)
    found = forecast(case, record, posterior, worlds=worlds, seed=seed)
    told = as_document(found, case)
    held_out = read_held_out(case)  # opened only now
    if held_out is not None:
        told["score"] = score_second_vote(found, case, held_out)
    return {"forecast": told, "other_units": predictive(other_units)}
