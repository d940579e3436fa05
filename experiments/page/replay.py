"""Exactly one row of a study, as a setup of the page."""

from __future__ import annotations

from pathlib import Path

from experiments.page.setup import Setup, as_text
from experiments.runs.replay import find_run
from sim.scenario.folder import shipped_scenarios


def setup_of_row(folder: Path, run: str) -> Setup:
    """The run ``POINT:WORLD`` of a results folder. Raises `WrongInput` where there is none."""
    found = find_run(folder, run)
    scenario = found.scenario
    name = scenario.name if scenario.name in shipped_scenarios() else str(scenario.folder)
    pinned = {scenario.entry(key).key: value for key, value in (dict(scenario.settings) | found.point).items()}
    settings = tuple(sorted((key, as_text(value)) for key, value in pinned.items()))
    return Setup(scenario=name, seed=found.seed, world=found.world, settings=settings)
