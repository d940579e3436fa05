"""What is still sound of a damaged table: its row groups, each with a hash of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.runs.parts import columns_of, joined, table_in
from experiments.runs.tasks import Part, Task, as_part


def spans(path: Path) -> list[list[Any]]:
    """The row groups of a Parquet file and its footer last: where each begins, how long it is, its hash."""
    from pyarrow import parquet

    about = parquet.read_metadata(path)
    starts = [_start(about.row_group(group)) for group in range(about.num_row_groups)]
    size = path.stat().st_size
    starts.append(size - 8 - about.serialized_size)
    ends = [*starts[1:], size]
    with path.open("rb") as file:
        return [[start, end - start, _hash(file, start, end - start)] for start, end in zip(starts, ends, strict=True)]


def sound_groups(path: Path, known: list[list[Any]]) -> list[bool]:
    """Which row groups are unchanged; none if the file or its footer is gone."""
    try:
        with path.open("rb") as file:
            sound = [_hash(file, start, length) == own for start, length, own in known]
    except OSError:
        return [False] * (len(known) - 1)
    return [ok and sound[-1] for ok in sound[:-1]]


def _start(group: Any) -> int:
    columns = (group.column(k) for k in range(group.num_columns))
    return min(c.dictionary_page_offset or c.data_page_offset for c in columns)


def _hash(file: Any, start: int, length: int) -> str:
    file.seek(start)
    return hashlib.sha256(file.read(length)).hexdigest()


class SoundRows:
    """Parts cut from the sound row groups of a folder's damaged table."""

    def __init__(self, folder: Any) -> None:
        from pyarrow import parquet

        path = folder.path / "runs.parquet"
        self._parameters = folder.manifest["parameters"]
        known = folder.manifest.get("row_groups") or []
        sound = [k for k, ok in enumerate(sound_groups(path, known)) if ok]
        self._file = parquet.ParquetFile(path, page_checksum_verification=True) if sound else None
        self._keys = [(k, *self._ends(k)) for k in sound]

    def rest_of(self, task: Task) -> Task | None:
        """The task without the points of which the table has every world; None if that is all of it."""
        lacking = self._lacking(task)
        if not lacking.any():
            return None
        values = {name: column[lacking] for name, column in task.values.items()}
        return replace(task, points=task.points[lacking], values=values)

    def joined(self, task: Task, part: Part | None) -> Part:
        """The whole task's part, from the table and from what was run of it."""
        whole = task.points[~self._lacking(task)]
        tables = [{n: c[np.isin(t["point"], whole)] for n, c in t.items()} for t in self._tables(task)]
        if part is not None and part.rows:
            tables.append(columns_of(table_in(part.data)))
        return as_part(task, joined(tables), part.failures if part else [], part.seconds if part else 0.0)

    def _lacking(self, task: Task) -> NDArray[np.bool_]:
        """Points of the task of which the table lacks a world, (points,)."""
        n = np.zeros(len(task.points), np.int64)
        for table in self._tables(task):
            n += np.bincount(np.searchsorted(task.points, table["point"]), minlength=len(n))
        return np.asarray(n < task.worlds)

    def _tables(self, task: Task) -> Iterator[dict[str, Any]]:
        """Its rows, row group by row group, as a part holds them."""
        low, high = (task.points[0], task.first_world), (task.points[-1], task.end_world - 1)
        for group, first, last in self._keys:
            if last < low or first > high:
                continue
            assert self._file is not None
            table = self._file.read_row_group(group)
            point, world = table["point"].to_numpy(), table["world"].to_numpy()
            mine = np.isin(point, task.points) & (world >= task.first_world) & (world < task.end_world)
            yield {name: column[mine] for name, column in columns_of(table, without=self._parameters).items()}

    def _ends(self, group: int) -> tuple[tuple[int, int], tuple[int, int]]:
        """Point and world of the first and the last row of a row group."""
        assert self._file is not None
        keys = self._file.read_row_group(group, columns=["point", "world"])
        point, world = keys["point"], keys["world"]
        return (point[0].as_py(), world[0].as_py()), (point[-1].as_py(), world[-1].as_py())
