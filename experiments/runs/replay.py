"""One run of a results folder found again, lived again, and held against the row that the folder keeps of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from experiments.runs.carried import study_in
from experiments.runs.manifest import TABLE, read_manifest, table_of
from experiments.runs.store import points_of
from experiments.runs.tasks import MODEL, Work, code_sha256, fixed_dtype
from sim.errors import WrongInput
from sim.outcomes import OUTCOMES


@dataclass(frozen=True)
class Rerun:
    """Everything that makes one run what it is; ``point`` holds what may differ from world to world."""

    scenario: Any  # with the words, switches and dates of the point pinned
    point: dict[str, Any]
    seed: int
    number: int  # of the point
    world: int


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """A run lived again: its row anew, the row on file, and the columns in which they differ."""

    run: Rerun
    columns: dict[str, Any]  # as they come out now, rounded as the folder rounds
    kept: dict[str, Any] | None  # the folder's row; None where the folder has no row of this run
    differ: tuple[str, ...]
    same_code: bool  # is the model's code still what it was?


class Runs:
    """The runs of a folder. Raises: WrongInput if there is no such folder, or its scenario is another by now."""

    def __init__(self, folder: Path, *, model: Any = MODEL, load: Any = None) -> None:
        self.folder = folder
        self.manifest = read_manifest(folder)
        self.scenario = study_in(folder, self.manifest).prepare(load).scenario
        if self.scenario.fingerprint() != self.manifest["scenario_sha256"]:
            raise WrongInput(
                f"{folder}: the scenario changed since the study was run; 'planb resume {folder}' shows how"
            )
        self.points = points_of(folder, self.manifest)
        self._simulate = Work(None, 0, model=model).simulate()

    def find(self, run: str) -> Rerun:
        """The run ``POINT:WORLD``, or by its row in runs.parquet, counted from 0. Raises: WrongInput"""
        number, colon, world = run.partition(":")
        if not number.isdecimal() or (colon and not world.isdecimal()):
            raise WrongInput(f"run {run!r}: write POINT:WORLD, such as 12:731204, or a row of {TABLE}")
        if not colon:
            row = self.row(int(run))
            return self._rerun(row["point"], row["world"])
        if int(number) >= self.points.count:
            raise WrongInput(f"{self.folder}: has no point {number}; points are 0 to {self.points.count - 1}")
        return self._rerun(int(number), int(world))

    def again(self, run: Rerun) -> Replayed:
        """Live it again and compare it, bit for bit, with its row."""
        world = np.array([run.world], dtype=np.int64)
        columns = self._simulate(run.scenario, seed=run.seed, worlds=world, point=run.point).columns
        anew = {name: _stored(name, np.asarray(column)) for name, column in columns.items() if name != "world"}
        kept = self._kept(run)
        both = [] if kept is None else [name for name in anew if name in kept]
        differ = tuple(name for name in both if not _same(anew[name], kept[name]))  # type: ignore[index]
        same_code = self.manifest["code_sha256"] == code_sha256()
        return Replayed(run=run, columns=anew, kept=kept, differ=differ, same_code=same_code)

    def row(self, place: int) -> dict[str, Any]:
        """A row of the table by its number, reading only the part of the file it lies in."""
        rows = int(self.manifest.get("rows") or 0) if self._table else 0
        if place >= rows:
            raise WrongInput(
                f"{self.folder}: {TABLE} has no row {place}" + (f"; rows are 0 to {rows - 1}" if rows else "")
            )
        group = 0
        while place >= (length := self._table.metadata.row_group(group).num_rows):
            place, group = place - length, group + 1
        return dict(self._table.read_row_group(group).slice(place, 1).to_pylist()[0])

    @cached_property
    def _table(self) -> Any:
        return table_of(self.folder, self.manifest) if (self.folder / TABLE).exists() else None

    def _kept(self, run: Rerun) -> dict[str, Any] | None:
        """The row of a run; None where the table has none."""
        for group in range(self._table.num_row_groups if self._table else 0):
            keys = self._table.read_row_group(group, columns=["point", "world"])
            here = (keys["point"].to_numpy() == run.number) & (keys["world"].to_numpy() == run.world)
            if here.any():
                return dict(self._table.read_row_group(group).slice(int(here.argmax()), 1).to_pylist()[0])
        return None

    def _rerun(self, number: int, world: int) -> Rerun:
        row = self.points.row(number)
        shaping = {name: value for name, value in row.items() if not self.scenario.entry(name).varies}
        point = {name: value for name, value in row.items() if name not in shaping}
        return Rerun(self.scenario.with_settings(shaping), point, self.manifest["seed"], number, world)


def find_run(folder: Path, run: str) -> Rerun:
    """One run of a folder. Raises: WrongInput if it has no such run, or the scenario is no longer the one that ran."""
    return Runs(folder).find(run)


def _stored(name: str, column: Any) -> Any:
    """A column's only value, as the folder would keep it."""
    value = fixed_dtype(column)[0].item()
    return OUTCOMES[value] if name == "outcome" else value


def _same(a: Any, b: Any) -> bool:
    return a == b or all(value is None or value != value for value in (a, b))  # both unknown
