"""A run of a results folder lived again, and held against the row that the folder keeps of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from experiments.runs.checking import table_of
from experiments.runs.manifest import read_manifest
from experiments.runs.replay import Rerun, find_run
from experiments.runs.tasks import code_sha256, fixed_dtype
from sim.errors import WrongInput
from sim.outcomes import OUTCOMES
from sim.worlds.blocks import simulate_block

TABLE = "runs.parquet"


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """A run lived again: its row anew, the row on file, and the columns in which they differ."""

    run: Rerun
    columns: dict[str, Any]  # as they come out now, rounded as the folder rounds
    kept: dict[str, Any] | None  # the folder's row; None where the folder has no row of this run
    differ: tuple[str, ...]
    same_code: bool  # is the model's code still what it was?


def run_named(folder: Path, run: str) -> Rerun:
    """The run of a folder called ``POINT:WORLD``, or by its row in runs.parquet, counted from 0.

    Raises: WrongInput where the folder has no such run.
    """
    if ":" in run:
        return find_run(folder, run)
    manifest = read_manifest(folder)
    if not run.isdecimal():
        raise WrongInput(f"run {run!r}: write POINT:WORLD, such as 12:731204, or a row of {TABLE}")
    rows = int(manifest.get("rows") or 0)
    if not (folder / TABLE).exists() or int(run) >= rows:
        raise WrongInput(f"{folder}: {TABLE} has no row {run}" + (f"; rows are 0 to {rows - 1}" if rows else ""))
    row = _row(folder, int(run))
    return find_run(folder, f"{row['point']}:{row['world']}")


def replay(folder: Path, run: str) -> Replayed:
    """Live a run again and compare it, bit for bit, with its row."""
    found = run_named(folder, run)
    columns = simulate_block(
        found.scenario, seed=found.seed, worlds=np.array([found.world], dtype=np.int64), point=found.point
    ).columns
    anew = {name: _stored(name, np.asarray(column)) for name, column in columns.items() if name != "world"}
    kept = _row_of(folder, found)
    differ = () if kept is None else tuple(name for name in anew if name in kept and not _same(anew[name], kept[name]))
    same_code = read_manifest(folder).get("code_sha256") == code_sha256()
    return Replayed(run=found, columns=anew, kept=kept, differ=differ, same_code=same_code)


def _stored(name: str, column: Any) -> Any:
    """A column's only value, as the folder would keep it."""
    value = fixed_dtype(column)[0].item()
    return OUTCOMES[value] if name == "outcome" else value


def _same(a: Any, b: Any) -> bool:
    both_unknown = isinstance(a, float) and isinstance(b, float) and a != a and b != b
    return both_unknown or (b is None and isinstance(a, float) and a != a) or a == b


def _row_of(folder: Path, run: Rerun) -> dict[str, Any] | None:
    """The row of a run in the folder's table; None where it has none."""
    from pyarrow import compute

    for _, rows in _groups(folder):
        keys = rows(["point", "world"])
        here = compute.and_(compute.equal(keys["point"], run.number), compute.equal(keys["world"], run.world))
        place = compute.index(here, True).as_py()
        if place >= 0:
            return rows(None).slice(place, 1).to_pylist()[0]
    return None


def _row(folder: Path, place: int) -> dict[str, Any]:
    """A row of the folder's table by its number, reading only the part of the file it lies in."""
    for length, rows in _groups(folder):
        if place < length:
            return rows(None).slice(place, 1).to_pylist()[0]
        place -= length
    raise WrongInput(f"{folder}: {TABLE} has fewer rows than its manifest says")


def _groups(folder: Path) -> Iterator[tuple[int, Callable[[list[str] | None], Any]]]:
    """The parts of the folder's table one after another: how many rows, and how to read some columns of them."""
    if (folder / TABLE).exists():
        file = table_of(folder, read_manifest(folder))
        for group in range(file.num_row_groups):
            yield file.metadata.row_group(group).num_rows, partial(_columns_of, file, group)


def _columns_of(file: Any, group: int, names: list[str] | None) -> Any:
    return file.read_row_group(group, columns=names)
