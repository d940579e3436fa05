"""Finding one run of a results folder again: which scenario, which values, which seed, which world."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.runs.carried import study_in
from experiments.runs.manifest import read_manifest
from experiments.runs.store import points_of
from sim.errors import WrongInput


@dataclass(frozen=True)
class Rerun:
    """Everything that makes one run what it is; ``point`` holds what may differ from world to world."""

    scenario: Any  # with the words, switches and dates of the point pinned
    point: dict[str, Any]
    seed: int
    number: int  # of the point
    world: int


def find_run(folder: Path, run: str) -> Rerun:
    """The run ``POINT:WORLD`` of a folder, as failures.jsonl names it; with a single point ``WORLD`` will do.

    Raises: WrongInput if the folder has no such point, or the scenario is no longer the one that was run.
    """
    manifest = read_manifest(folder)
    count = manifest["order"]["points"]
    number, world = _address(run, count)
    if not 0 <= number < count:
        raise WrongInput(f"{folder}: has no point {number}; points are 0 to {count - 1}")
    scenario = study_in(folder, manifest).prepare().scenario
    if scenario.fingerprint() != manifest["scenario_sha256"]:
        raise WrongInput(f"{folder}: the scenario changed since the study was run; 'planb resume {folder}' shows how")
    row = points_of(folder, manifest).row(number)
    shaping = {name: value for name, value in row.items() if not scenario.entry(name).varies}
    point = {name: value for name, value in row.items() if name not in shaping}
    return Rerun(scenario.with_settings(shaping), point, manifest["seed"], number, world)


def _address(run: str, points: int) -> tuple[int, int]:
    number, colon, world = run.partition(":")
    if not colon and points == 1:
        number, world = "0", run
    if not number.isdecimal() or not world.isdecimal():
        raise WrongInput(f"run {run!r}: write POINT:WORLD, such as 12:731204")
    return int(number), int(world)
