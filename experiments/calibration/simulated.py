"""Simulation-based calibration of the shipped case, run once and kept: are known truths recovered at nominal rates?

    python -m experiments.calibration.simulated [REPLICATES]

A truth is drawn from the prior, June's record is simulated from it with the same rows as the real one, and the fit of
`planb calibrate` is run on that record. It is the fit to the case's own vote: votes elsewhere are not simulated. Writes
results/validation/simulated_truths.csv, a row a simulated record: the effective size of its fit and the rank of every
truth among the draws of its posterior, 0 to 63; and simulated_truths.json, the tests made of them and how they were
made. 256 records take about half an hour on one core.
Source: Talts, Betancourt, Simpson, Vehtari & Gelman (2018), arXiv:1804.06788.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.calibration.checks import DRAWS_A_FIT, Ranks, simulation_based_calibration
from experiments.calibration.posterior_files import fitted_to
from experiments.calibration.record import read_record
from experiments.commands.explain import progress
from sim.scenario.scenario import Scenario, load_scenario

CASE = "connecticut-2011"
REPLICATES = 256  # 32 expected in each of the eight bins of ranks
ROUNDS = (16_000, 16_000, 16_000)  # particles of each fit: the first rounds too must be many for the last to be near
SEED = 1
# their lasting moods are ranked too: three units with ballots on record, a narrow share, one known by its union only
UNITS = (
    "NP-3 clerical",
    "NP-4 corrections",
    "state university faculty",
    "NP-2 maintenance and service",
    "P-4 engineers and scientists",
)
FOLDER = Path(__file__).resolve().parents[2] / "results" / "validation"
TABLE, FOUND = FOLDER / "simulated_truths.csv", FOLDER / "simulated_truths.json"


def simulate_truths(
    case: Scenario, *, replicates: int = REPLICATES, tick: Callable[[int, int], None] = lambda done, total: None
) -> Ranks:
    """Ranks of known truths among the draws of their posteriors."""
    units = tuple(case.units.names.index(name) for name in UNITS)
    return simulation_based_calibration(
        case, read_record(case), replicates=replicates, rounds=ROUNDS, seed=SEED, units=units, tick=tick
    )


def tested(ranks: Ranks) -> dict[str, Any]:
    """Uniformity of the ranks and recovery within intervals, by quantity and over all of them.

    Truths of one record are not independent of each other, so the error of the overall rate of recovery is taken over
    records: the standard deviation of a record's own rate over the root of their number.
    """
    least = min(ranks.p_values().values())
    return {
        **ranks.summary(),
        "median_effective_size": round(float(np.median(ranks.effective)), 1),
        "least_p_value_of_all": round(min(1.0, least * len(ranks.names)), 4),  # Bonferroni over the quantities
        "recovered": {str(round(100 * level)): _recovered(ranks, level) for level in (0.5, 0.9)},
        "thin": _thin(ranks),
    }


def _thin(ranks: Ranks) -> dict[str, float]:
    """Fits whose effective size is below the number of draws taken from them, and how often these held the truth."""
    thin = ranks.effective < DRAWS_A_FIT
    rates = {
        f"{name}_{round(100 * level)}": round(float(ranks.inside(level)[rows].mean()), 4) if rows.any() else 0.0
        for name, rows in (("thin", thin), ("others", ~thin))
        for level in (0.5, 0.9)
    }
    return {"fits": int(thin.sum()), **rates}


def _recovered(ranks: Ranks, level: float) -> dict[str, float]:
    """How often a central interval held the truth, with two standard errors either side."""
    own = ranks.inside(level).mean(axis=1)
    places = (np.arange(DRAWS_A_FIT + 1) + 0.5) / (DRAWS_A_FIT + 1)
    nominal = float((np.abs(places - 0.5) <= level / 2).mean())  # of 64 places none ends exactly at 5 %
    rate, error = float(own.mean()), float(own.std(ddof=1) / np.sqrt(len(own)))
    found = {"nominal": nominal, "rate": rate, "low": rate - 2 * error, "high": rate + 2 * error}
    return {name: round(value, 4) for name, value in found.items()}


def keep(case: Scenario, ranks: Ranks) -> None:
    """Write the ranks, and the tests made of them as they are written."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    table = pd.DataFrame(ranks.ranks, columns=list(ranks.names))
    table.insert(0, "effective_size", ranks.effective)
    table.to_csv(TABLE, index_label="replicate", float_format="%.1f", lineterminator="\n")
    made = {
        "made_by": "python -m experiments.calibration.simulated",
        "scenario": case.name,
        "fitted_to": fitted_to(case),
        "seed": SEED,
        "particles": list(ROUNDS),
        "draws_a_fit": DRAWS_A_FIT,
    }
    FOUND.write_text(json.dumps(made | tested(kept()), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def kept() -> Ranks:
    """The ranks as they lie in results/validation."""
    table = pd.read_csv(TABLE, index_col="replicate")
    effective = table.pop("effective_size").to_numpy(float)
    return Ranks(names=tuple(table.columns), ranks=table.to_numpy(np.int64), effective=effective)


def main(replicates: int = REPLICATES) -> None:
    """Run, test, keep."""
    case = load_scenario(CASE)
    with progress() as tick:
        ranks = simulate_truths(case, replicates=replicates, tick=tick)
    keep(case, ranks)
    found = tested(ranks)
    print(
        f"{replicates} simulated records, {len(ranks.names)} quantities: least p-value {found['least_p_value']:.4f} "
        f"({found['least_p_value_of_all']:.3f} for all), recovered {found['recovered']}"
    )


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:2]))
