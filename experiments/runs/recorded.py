"""The record of a results folder: what happened in the first worlds of every point, for each that has a row.

It is made from the table, when that is whole. So worlds that failed are in neither, and however the study was run,
stopped and gone on with, the file is the same to the byte.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.runs.events import AT_ONCE, NAME, Batch, happenings, write_events
from experiments.runs.files import disk
from experiments.runs.store import Folder
from experiments.runs.study import Prepared
from experiments.runs.task_order import spread_over
from sim.errors import WrongInput

MOST = 1_000_000  # worlds, over all points: an hour or so, and gigabytes


def check_record(prepared: Prepared, *, shard: bool) -> None:
    """Raises: WrongInput if what a study asks to have recorded cannot be."""
    study, points = prepared.study, prepared.points.count
    if study.record is None:
        return
    if shard:
        raise WrongInput("--record: a shard has no table to record the worlds of; run the study whole, or leave it out")
    worlds = min(study.record, study.policy.most_worlds)
    if worlds * points > MOST:
        fewer = f"; 'record' may be {MOST // points:,} here" if points <= MOST else ""
        raise WrongInput(
            f"--record: {worlds:,} worlds at {points:,} points are more than the {MOST:,} that can be recorded{fewer}"
        )


def keep_record(folder: Folder, prepared: Prepared) -> int:
    """Write what happened in the worlds of the folder's table that the study wants recorded; how many happenings."""
    path = folder.path / NAME
    if prepared.study.record is None:
        return 0
    with disk(folder.path):
        return write_events(path, _batches(folder.path, prepared), seed=prepared.study.seed)


def recorded_worlds(path: Path, record: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Points and worlds of a folder's table that are recorded, each (rows,), row group by row group."""
    from pyarrow import parquet

    file = parquet.ParquetFile(path / "runs.parquet", page_checksum_verification=True)
    for group in range(file.num_row_groups):
        keys = file.read_row_group(group, columns=["point", "world"])
        point, world = (keys[name].to_numpy().astype(np.int64) for name in ("point", "world"))
        yield point[world < record], world[world < record]


def check_again(path: Path, record: int, runs: Any, rows: int) -> str:
    """Hold a record against the table, and some of its worlds, run again by ``runs``, against the record.

    Raises: WrongInput if it is of other worlds, or says that something else happened.
    """
    from pyarrow import compute, parquet

    file = parquet.ParquetFile(path / NAME, page_checksum_verification=True)
    of_table = np.concatenate([np.stack(keys) for keys in recorded_worlds(path, record)], axis=1)
    groups = [_distinct(file.read_row_group(k, columns=["point", "world"])) for k in range(file.num_row_groups)]
    if not np.array_equal(np.concatenate(groups, axis=1), of_table):
        raise WrongInput(f"{NAME} is of other worlds than the table")
    ends, worlds = np.cumsum([group.shape[1] for group in groups]), of_table.shape[1]
    wanted = spread_over(worlds, rows) if runs is not None else ()
    for place in wanted:
        point, world = of_table[:, place].tolist()
        kept = file.read_row_group(int(np.searchsorted(ends, place, side="right")))
        kept = kept.filter(compute.and_(compute.equal(kept["point"], point), compute.equal(kept["world"], world)))
        run = runs.find(f"{point}:{world}")
        again = Batch(run.scenario, np.array([world]), run.point, np.array([point]))
        if repr(happenings(again, run.seed).to_pylist()) != repr(kept.to_pylist()):  # to Arrow no NaN equals another
            raise WrongInput(f"{NAME}: something else happens in point {point}, world {world}")
    return f"{worlds:,} worlds recorded, those of the table; {len(wanted)} of them happen again to the bit"


def _batches(path: Path, prepared: Prepared) -> Iterator[Batch]:
    """The recorded worlds in their order, cut where points differ in what all worlds of a batch share."""
    scenario, shaping = prepared.scenario, prepared.shaping
    shaped = lru_cache(maxsize=64)(lambda shared: scenario.with_settings(dict(shared)) if shared else scenario)
    assert prepared.study.record is not None
    for point, world in recorded_worlds(path, prepared.study.record):
        values = prepared.points.rows(point)
        differs = np.zeros(len(point), bool)
        for name in shaping:
            differs[1:] |= values[name][1:] != values[name][:-1]
        for alike in np.split(np.arange(len(point)), np.flatnonzero(differs)):
            for rows in np.split(alike, range(AT_ONCE, len(alike), AT_ONCE)):
                if len(rows):
                    case = shaped(tuple((name, values[name][rows[0]]) for name in shaping))
                    numbers = {name: column[rows] for name, column in values.items() if name not in shaping}
                    yield Batch(case, world[rows], numbers, point[rows])


def _distinct(keys: Any) -> NDArray[np.int64]:
    """Points and worlds of some happenings, each once, in their order; shape (2, worlds)."""
    pairs = np.stack([keys[name].to_numpy() for name in ("point", "world")])
    new = np.any(np.diff(pairs, axis=1, prepend=-1) != 0, axis=0)
    return np.asarray(pairs[:, new])
