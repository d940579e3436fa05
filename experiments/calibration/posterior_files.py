"""A posterior on disk: two tables the model reads, one more for forecasts, and a manifest of what went into the fit."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.calibration.posterior import Posterior
from experiments.calibration.record import RECORD
from experiments.runs.files import file_sha256
from sim.scenario.csv_table import Column, read_table
from sim.scenario.posterior import POSTERIOR, POSTERIOR_MOODS
from sim.scenario.scenario import Scenario, load_scenario

FIRST_VOTE = "posterior_first_vote.csv"
MANIFEST = "posterior.json"
SECTIONS = ("calendar", "issues", "members", "belief", "campaign", "threats", "news", "unions")
FILES = (POSTERIOR, POSTERIOR_MOODS, FIRST_VOTE, MANIFEST)


def fitted_to(scenario: Scenario) -> str:
    """A hash of what a fit depends on: the numbers and dates about members, their tables, and the record."""
    described = scenario.as_dict()
    sections = {name: described["sections"][name] for name in SECTIONS}
    tables = {name: described["tables"][name] for name in tables_of(scenario)}
    record = file_sha256(scenario.table_path(RECORD))
    text = json.dumps([sections, tables, record], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def tables_of(scenario: Scenario) -> tuple[str, str]:
    """The tables that a fit depends on: of units, and of seniority."""
    return scenario.sections.unions.table, scenario.sections.unions.seniority


def save(posterior: Posterior, folder: Path, units: tuple[str, ...], manifest: dict[str, Any]) -> list[Path]:
    """Write the tables and the manifest; returns the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / POSTERIOR, posterior.keys, posterior.parameters, "%.6g")
    _write(folder / POSTERIOR_MOODS, units, posterior.lasting, "%.3f")
    _write(folder / FIRST_VOTE, units, posterior.mood, "%.3f")
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return [folder / name for name in FILES]


def outdated(scenario: Scenario) -> bool:
    """Was the posterior that lies with a case fitted to an earlier version of it?"""
    manifest, record = scenario.table_path(MANIFEST), scenario.table_path(RECORD)
    if not (manifest.is_file() and record.is_file()):
        return False
    as_it_lies = load_scenario(scenario.folder)  # without what is pinned
    return bool(json.loads(manifest.read_text(encoding="utf-8")).get("fitted_to") != fitted_to(as_it_lies))


def load(scenario: Scenario) -> Posterior | None:
    """The posterior that lies with a scenario, where there is one that was fitted to this very scenario."""
    manifest_path = scenario.table_path(MANIFEST)
    if not all(scenario.table_path(name).is_file() for name in FILES):
        return None
    manifest = json.loads(manifest_path.read_text(encoding="utf-8"))
    if manifest.get("fitted_to") != fitted_to(scenario):
        return None
    keys, parameters = _read(scenario.table_path(POSTERIOR))
    _, lasting = _read(scenario.table_path(POSTERIOR_MOODS))
    _, mood = _read(scenario.table_path(FIRST_VOTE))
    particles = manifest["diagnostics"]
    return Posterior(
        keys=keys,
        parameters=parameters,
        mood=mood,
        lasting=lasting,
        case_spread=np.full(len(mood), np.nan),
        particles=particles["particles"],
        effective=particles["effective_size"],
        tail=particles["pareto_k"],
    )


def _write(path: Path, names: tuple[str, ...], rows: NDArray[np.float64], digits: str) -> None:
    import pandas as pd

    pd.DataFrame(rows, columns=list(names)).to_csv(path, index=False, float_format=digits, lineterminator="\n")


def _read(path: Path) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    with path.open(encoding="utf-8", newline="") as file:
        names = tuple(next(csv.reader(file)))
    table = read_table(path, {name: Column() for name in names})
    return names, np.column_stack([table.numbers[name] for name in names])
