"""The table of a study: parts sorted into one file, hashed and summed up on the way, in memory that does not grow."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.runs.designs import Points
from experiments.runs.files import CannotGoOn, disk, put_in_place, readable
from experiments.runs.parts import Kept, joined
from experiments.runs.sound_rows import spans
from experiments.runs.store import Folder
from experiments.runs.table_hash import TableDigest
from experiments.runs.task_order import from_ranges
from experiments.statistics.intervals import wilson_interval
from sim.outcomes import OUTCOMES

ROW_GROUP = 131_072
KEYS = ("point", "world")


def assemble(folder: Folder, reasons: NDArray[Any] | None = None, *, expected: str | None = None) -> dict[str, Any]:
    """Write runs.parquet and summary.csv from the parts; return the facts that the manifest keeps.

    ``reasons`` say why each point has as many worlds as it has, (points,); ``expected`` is the hash of a table that is
    repaired.

    Raises: CannotGoOn if a part is damaged, the disk is full or the hash is not the one expected.
    """
    points = folder.points()
    runs, summary = folder.path / "runs.parquet", folder.path / "summary.csv"
    with disk(folder.path):
        table = _TableFile(runs.with_suffix(".parquet.tmp"), points)
        like: Mapping[str, Any] = next((_read(folder, part) for part in folder.parts.values() if part.rows), {})
        sums = SummaryFile(summary.with_suffix(".csv.tmp"), points, folder.progress().asked, like)
        bounds = folder.order.bounds
        try:
            for number, chunk in enumerate(_chunks(folder)):
                sums.begin_chunk(np.arange(bounds[number], bounds[number + 1]))
                for columns in chunk:
                    table.add(columns)
                    sums.add(columns)
                sums.end_chunk(reasons)
        finally:
            table.close()
            sums.close()
        if expected and expected != table.digest.hexdigest():
            raise CannotGoOn(
                f"{folder.path}: what was run again is not what the table held, though the code is the same (another "
                f"processor?); nothing was replaced"
            )
        put_in_place(table.path, runs)
        put_in_place(sums.path, summary)
    return {
        "table_sha256": table.digest.hexdigest(),
        "rounded_sha256": table.rounded.hexdigest(),
        "rows": table.rows,
        "columns": table.digest.dtypes,
        "bytes_a_row": round(runs.stat().st_size / max(table.rows, 1), 1),
        "row_groups": spans(runs),
    }


def _chunks(folder: Folder) -> Iterator[Iterator[dict[str, NDArray[Any]]]]:
    """The table chunk by chunk, each chunk sorted by point, then world."""
    by_chunk: list[list[Kept]] = [[] for _ in range(folder.order.chunks)]
    for part in folder.parts.values():
        if part.rows:
            first = from_ranges(part.points)[0]
            by_chunk[int(np.searchsorted(folder.order.bounds, first, side="right")) - 1].append(part)
    for parts in by_chunk:
        yield _sorted_chunk(folder, sorted(parts, key=lambda part: part.first))


def _sorted_chunk(folder: Folder, parts: list[Kept]) -> Iterator[dict[str, NDArray[Any]]]:
    if not parts:
        return
    if len({part.points for part in parts}) == 1 and parts[0].points.isdecimal():  # one point: in order already
        yield from (_read(folder, part) for part in parts)
        return
    yield joined([_read(folder, part) for part in parts])


def _read(folder: Folder, part: Kept) -> dict[str, NDArray[Any]]:
    try:
        with readable(part.path):
            return part.table()
    except OSError as error:
        raise CannotGoOn(
            f"{part.path}: cannot be used ({error}); the other parts are safe, 'planb resume {folder.path}' runs it "
            "again"
        ) from None


class _TableFile:
    """runs.parquet while it is written: buffers rows to groups of one size, whatever the parts were."""

    def __init__(self, path: Path, points: Points) -> None:
        self.path = path
        self.digest, self.rounded = TableDigest(), TableDigest(rounded=True)
        self.rows = 0
        self._points = points
        self._writer: Any = None
        self._waiting: list[Any] = []

    def add(self, columns: dict[str, NDArray[Any]]) -> None:
        keys = {name: columns[name] for name in KEYS}
        full = keys | self._points.rows(columns["point"]) | {n: c for n, c in columns.items() if n not in KEYS}
        self.digest.update(full)
        self.rounded.update(full)
        self.rows += len(columns["point"])
        self._waiting.append(_arrow(full))
        if sum(table.num_rows for table in self._waiting) >= ROW_GROUP:
            self._write(rest=False)

    def close(self) -> None:
        if not self._waiting and self._writer is None:
            self._waiting.append(_arrow({"point": np.empty(0, np.int32), "world": np.empty(0, np.int64)}))
        self._write(rest=True)
        about = {"table_sha256": self.digest.hexdigest(), "rows": self.rows}
        self._writer.add_key_value_metadata({"planb": json.dumps(about)})
        self._writer.close()
        _force(self.path)

    def _write(self, *, rest: bool) -> None:
        """Write the full groups that wait, and with ``rest`` also what is left over."""
        import pyarrow

        if not self._waiting:
            return
        table = pyarrow.concat_tables(self._waiting)
        self._open(table.schema)
        end = table.num_rows if rest else table.num_rows - table.num_rows % ROW_GROUP
        for start in range(0, end, ROW_GROUP):
            self._writer.write_table(table.slice(start, min(ROW_GROUP, end - start)), row_group_size=ROW_GROUP)
        self._waiting = [table.slice(end).combine_chunks()] if end < table.num_rows else []

    def _open(self, schema: Any) -> None:
        from pyarrow import parquet

        if self._writer is None:
            repeated = ["outcome", *self._points.names]
            self._writer = parquet.ParquetWriter(
                self.path,
                schema,
                compression="zstd",
                compression_level=1,
                use_dictionary=[name for name in repeated if name in schema.names],
                use_byte_stream_split=[f.name for f in schema if str(f.type) == "float" and f.name not in repeated],
                sorting_columns=[parquet.SortingColumn(0), parquet.SortingColumn(1)],
                write_page_checksum=True,
            )


class SummaryFile:
    """summary.csv while it is written: sums over the points of one chunk at a time."""

    def __init__(self, path: Path, points: Points, asked: NDArray[np.int64], like: Mapping[str, NDArray[Any]]) -> None:
        """``asked`` is how many worlds each point was given, (points,); ``like``: some rows, for their measures."""
        self.path = path
        self._points, self._asked = points, asked
        self._writer: Any = None
        one, all_of_it = np.zeros(1, np.int64), np.array([len(next(iter(like.values()), ()))])
        self._names = [name for name, _, _ in _by_point(like, one, all_of_it)] if like else []
        self.begin_chunk(np.empty(0, np.int64))

    def begin_chunk(self, at: NDArray[np.int64]) -> None:
        """These points come next."""
        self._at = at[self._asked[at] > 0]
        self._sums = {name: np.zeros(len(self._at)) for name in self._names}
        self._seen = {name: np.zeros(len(self._at), np.int64) for name in ["n", *self._names]}

    def add(self, columns: Mapping[str, NDArray[Any]]) -> None:
        """Rows sorted by point; the same point may come again in the next call of a chunk."""
        starts = np.flatnonzero(np.diff(columns["point"], prepend=-1))
        place = np.searchsorted(self._at, columns["point"][starts])
        n = np.diff(np.append(starts, len(columns["point"])))
        self._seen["n"][place] += n
        for name, sums, seen in _by_point(columns, starts, n):
            self._sums[name][place] += sums
            self._seen[name][place] += seen

    def end_chunk(self, reasons: NDArray[Any] | None = None) -> None:
        """Write the chunk; ``reasons`` say why each point has as many worlds as it has, (points,)."""
        if len(self._at):
            self._write(self._columns(reasons))

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            _force(self.path)

    def _write(self, columns: Mapping[str, NDArray[Any]]) -> None:
        import pyarrow
        from pyarrow import csv

        listed = {name: column.tolist() if column.dtype == object else column for name, column in columns.items()}
        table = pyarrow.table({name: pyarrow.array(column, from_pandas=True) for name, column in listed.items()})
        if self._writer is None:
            self._writer = csv.CSVWriter(self.path, table.schema)
        self._writer.write_table(table)

    def _columns(self, reasons: NDArray[Any] | None) -> dict[str, NDArray[Any]]:
        """Point, its parameters, n, deal rate with its interval, shares of outcomes, means of measures."""
        n, deals, failed = self._seen["n"], self._sums.pop("deal", None), self._asked[self._at] - self._seen["n"]
        some = np.where(n > 0, n, np.nan)
        columns: dict[str, Any] = {"point": self._at, **self._points.rows(self._at), "n": n, "failed": failed}
        if deals is not None:
            low, high = wilson_interval(deals, n)
            columns |= {"deals": deals.astype(np.int64), "deal_rate": deals / some, "low": low, "high": high}
        if reasons is not None:
            columns["stopped"] = reasons[self._at].astype(object)
        for name in OUTCOMES:
            if name in self._sums:
                columns[name] = self._sums.pop(name) / some
        for name, sums in self._sums.items():
            seen = self._seen[name]
            mean = sums / np.where(seen > 0, seen, np.nan)
            columns[f"mean_{name}"] = mean.astype(np.float32)  # printed with the digits that mean something
        return columns


def _by_point(columns: Mapping[str, NDArray[Any]], starts: NDArray[np.int64], n: NDArray[np.int64]) -> Iterator[Any]:
    """Name, sum and count of numbers by point of each measure; points start at the rows ``starts`` and have ``n``."""
    for name, column in columns.items():
        if name in KEYS:
            continue
        if name == "outcome":
            for code, outcome in enumerate(OUTCOMES):
                yield outcome, np.add.reduceat(column == code, starts, dtype=np.float64), n
        elif column.dtype == np.float32:
            there = ~np.isnan(column)
            sums = np.add.reduceat(np.where(there, column, 0), starts, dtype=np.float64)
            yield name, sums, np.add.reduceat(there, starts, dtype=np.int64)
        else:
            yield name, np.add.reduceat(column, starts, dtype=np.float64), n


def _arrow(columns: Mapping[str, NDArray[Any]]) -> Any:
    import pyarrow

    arrays = {}
    for name, column in columns.items():
        if name == "outcome":
            arrays[name] = pyarrow.DictionaryArray.from_arrays(column, list(OUTCOMES))
        else:
            arrays[name] = pyarrow.array(column.tolist() if column.dtype == object else column)
    return pyarrow.table(arrays)


def _force(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
