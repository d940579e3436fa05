"""Finished tasks on disk: a Parquet file each, named by its number and by the hash of its bytes.

So the files are the ledger: a file that is there under its name is a finished task, whole and unchanged; there is no
second book that could say otherwise. What the task was and which rows failed stands in the file's footer.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.runs.files import write_atomically
from experiments.runs.task_order import as_ranges, from_ranges
from experiments.runs.tasks import Failure, Part, Task
from sim.outcomes import OUTCOMES

NAME = re.compile(r"part-(\d{7})-([0-9a-f]{16})\.parquet")


class Kept(NamedTuple):
    """A finished task on disk."""

    path: Path
    number: int
    points: str  # as ranges
    first: int
    end: int
    rows: int
    seconds: float  # of one core
    failures: tuple[Failure, ...]
    n: NDArray[np.int64]  # worlds that ran, by point of the task
    deals: NDArray[np.int64]  # worlds with a deal among them

    def fits(self, task: Task) -> bool:
        """Is it this very task's?"""
        return (self.points, self.first, self.end) == (as_ranges(task.points), task.first_world, task.end_world)

    def table(self) -> dict[str, NDArray[Any]]:
        """Its columns. Raises: OSError if the file is no longer what its name says."""
        return columns_of(table_in(sound_bytes(self.path)))


def write_part(folder: Path, part: Part) -> Path:
    """Put a finished task on disk, whole or not at all."""
    path = folder / f"part-{part.number:07d}-{hashlib.sha256(part.data).hexdigest()[:16]}.parquet"
    write_atomically(path, part.data)
    return path


def read_part(path: Path) -> Kept:
    """Raises: OSError if the file is not what its name says."""
    data = sound_bytes(path)
    table = table_in(data, ["point", "deal"])
    about = json.loads(table.schema.metadata[b"planb"])
    points = from_ranges(about["points"])
    point = table["point"].to_numpy() if "point" in table.column_names else np.empty(0, np.int64)
    place = np.searchsorted(points, point)
    deal = table["deal"].to_numpy() if "deal" in table.column_names else np.zeros(len(place), bool)
    failures = tuple(
        Failure(point, from_ranges(worlds).tolist(), error, trace, lost)
        for point, worlds, error, trace, lost in about["failures"]
    )
    n = np.bincount(place, minlength=len(points))
    deals = np.bincount(place[deal.astype(bool)], minlength=len(points))
    points_told, first, end, rows, seconds = (about[key] for key in ("points", "first", "end", "rows", "seconds"))
    number = int(path.name.split("-")[1])
    return Kept(path, number, points_told, first, end, rows, seconds, failures=failures, n=n, deals=deals)


def sound_bytes(path: Path) -> bytes:
    """The bytes of a part. Raises: OSError if their hash is not the one in its name."""
    found = NAME.fullmatch(path.name)
    data = path.read_bytes()
    if found is None or hashlib.sha256(data).hexdigest()[:16] != found[2]:
        raise OSError("it was changed or truncated")
    return data


def parts_in(folder: Path) -> Iterator[Path]:
    """Files in a folder that are named like parts, by number."""
    if folder.is_dir():
        yield from sorted(path for path in folder.iterdir() if NAME.fullmatch(path.name))


def table_in(data: bytes, wanted: list[str] | None = None) -> Any:
    """The columns of a part's bytes, those wanted or all; each page is checked as it is read."""
    import pyarrow
    from pyarrow import parquet

    file = parquet.ParquetFile(pyarrow.BufferReader(data), page_checksum_verification=True)
    there = None if wanted is None else [name for name in wanted if name in file.schema_arrow.names]
    return file.read(columns=there).replace_schema_metadata(file.schema_arrow.metadata)


def columns_of(table: Any, without: Collection[str] = ()) -> dict[str, NDArray[Any]]:
    """The columns of an Arrow table as a part holds them, outcomes as numbers."""
    return {name: _as_numbers(table[name]) for name in table.column_names if name not in without}


def _as_numbers(column: Any) -> NDArray[Any]:
    import pyarrow

    if not pyarrow.types.is_dictionary(column.type):
        return np.asarray(column.to_numpy())
    outcomes = column.combine_chunks()
    codes = [OUTCOMES.index(name) for name in outcomes.dictionary.to_pylist()]
    return np.array(codes, dtype=np.int8)[outcomes.indices.to_numpy()]


def joined(tables: Sequence[Mapping[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    """Columns of several tables as one, sorted by point, then world; none of none."""
    columns = {name: np.concatenate([table[name] for table in tables]) for name in (tables[0] if tables else ())}
    order = np.lexsort((columns["world"], columns["point"])) if columns else ()
    return {name: column[order] for name, column in columns.items()}
