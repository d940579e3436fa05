"""What is still sound of a damaged table: its row groups, each with a hash of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from experiments.runs.task_order import as_ranges
from experiments.runs.tasks import Part, Task, as_parquet, code_sha256
from sim.outcomes import OUTCOMES


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

    def part_of(self, task: Task) -> Part | None:
        """The task's part if the table has all of its rows, else None."""
        tables = list(self._tables(task))
        if not tables:
            return None
        columns = {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}
        place = np.searchsorted(task.points, columns["point"])
        n = np.bincount(place, minlength=len(task.points))
        if (n != task.worlds).any():
            return None
        deals = np.bincount(place[columns["deal"]], minlength=len(task.points)) if "deal" in columns else 0 * n
        about = {"points": as_ranges(task.points), "first": task.first_world, "end": task.end_world}
        about |= {"rows": task.rows, "seconds": 0.0, "failures": []}
        data = as_parquet(columns, about)
        return Part(task.number, data, task.rows, n, deals, [], 0.0, 0, code_sha256())

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
            names = [name for name in table.column_names if name not in self._parameters]
            yield {
                name: (outcome_codes(table[name]) if name == "outcome" else table[name].to_numpy())[mine]
                for name in names
            }

    def _ends(self, group: int) -> tuple[tuple[int, int], tuple[int, int]]:
        """Point and world of the first and the last row of a row group."""
        assert self._file is not None
        keys = self._file.read_row_group(group, columns=["point", "world"])
        point, world = keys["point"], keys["world"]
        return (point[0].as_py(), world[0].as_py()), (point[-1].as_py(), world[-1].as_py())


def outcome_codes(column: Any) -> Any:
    """Outcomes by name as the numbers that parts hold."""
    column = column.combine_chunks()
    codes = [OUTCOMES.index(name) for name in column.dictionary.to_pylist()]
    return np.array(codes, dtype=np.int8)[column.indices.to_numpy()]
