"""The posterior that ships with a case: draws of its parameters and of its units' lasting moods, row by row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.errors import WrongInput
from sim.scenario.csv_table import Column, read_posterior
from sim.scenario.entries import entries_of_file
from sim.scenario.file import ScenarioFile
from sim.scenario.parameters import plausible

POSTERIOR = "posterior.csv"
POSTERIOR_MOODS = "posterior_moods.csv"
MOST_MOOD = 50.0  # logits either way; no unit is surer than that


def draws_of(path: Path, sections: ScenarioFile) -> dict[str, NDArray[np.float64]]:
    """Draws by full key; a column may bear a short name."""
    known = {}
    for entry in entries_of_file(sections).values():
        if entry.varies:
            least, most, whole = entry.bounds()
            limit = plausible(entry.unit)
            known[entry.key] = Column(at_least=max(least, -limit), at_most=min(most, limit), whole=whole)
    known |= {short: known[full] for short, full in sections.names.items() if full in known}
    columns = read_posterior(path, known)
    twice = [name for name in columns if sections.names.get(name, name) != name and sections.names[name] in columns]
    if twice:
        raise WrongInput(f"{path.name}: {twice[0]!r} and {sections.names[twice[0]]!r} are one parameter")
    return {sections.names.get(name, name): column for name, column in columns.items()}


def moods_of(path: Path, units: tuple[str, ...], draws: int) -> NDArray[np.float64]:
    """Lasting moods by unit, a row for every row of the posterior, (draws, units)."""
    columns = read_posterior(path, dict.fromkeys(units, Column(at_least=-MOST_MOOD, at_most=MOST_MOOD)))
    for name in units:
        if name not in columns:
            raise WrongInput(f"{path.name}: column {name!r} is missing; the units table has this unit")
    moods = np.column_stack([columns[name] for name in units])
    if len(moods) != draws:
        raise WrongInput(f"{path.name}: has {len(moods)} rows, {POSTERIOR} has {draws}")
    return moods
