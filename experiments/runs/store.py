"""A results folder: finished parts are never lost, never doubled, and everything in it says whether it is unchanged.

    manifest.json   what is needed to repeat the study, the hash of every file, and of itself
    scenario/       the case that was run, with its tables, so that the folder is enough wherever it is taken
    points.parquet  the design: a row a point
    columns.csv     what every column means (see `experiments.runs.columns`)
    parts/          a Parquet file a finished task, until runs.parquet holds them all (see `experiments.runs.parts`)
    runs.parquet    a row a world, sorted by point, then world (see `experiments.runs.results_table`)
    summary.csv     a row a point
    events.parquet  what happened in some worlds, if asked for (see `experiments.runs.recorded`)
    failures.jsonl  rows that raised or were lost: why, and the command that replays them

A part counts once its file is there under its final name, forced to disk. So a kill at any moment loses at most the
tasks then running, and a task that is run again replaces its own file.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from experiments.runs.carried import carry
from experiments.runs.designs import Points, points_from_columns
from experiments.runs.files import disk, lock, now, readable, write_atomically
from experiments.runs.manifest import (
    FORMAT,
    hashes_of,
    identity,
    provenance,
    read_manifest,
    require_sound,
    write_manifest,
)
from experiments.runs.parts import Kept, parts_in, read_part, write_part
from experiments.runs.table_hash import TableDigest
from experiments.runs.task_order import Order, Progress, as_ranges, from_ranges
from experiments.runs.tasks import Part, Task
from sim.errors import WrongInput


class Totals(NamedTuple):
    """Sums over all finished tasks."""

    tasks: int
    rows: int
    failed: int  # rows without a result, lost ones included
    lost: int
    seconds: float  # of one core


class Folder:
    """An open results folder. Only one process may have it open for writing."""

    def __init__(self, path: Path, manifest: dict[str, Any], held: int | None) -> None:
        self.path = path
        self.manifest = manifest
        self.parts: dict[int, Kept] = {}
        self.damaged: list[Path] = []  # files named like parts that are not what their names say
        self._held = held

    @classmethod
    def create(cls, path: Path, manifest: Mapping[str, Any], points: Points, scenario: Any = None) -> Folder:
        """Start a folder and hold it.

        Raises: WrongInput if there are results already, or somebody else is writing here.
        """
        with disk(path, begun=False):
            path.mkdir(parents=True, exist_ok=True)
            held = lock(path)
        if (path / "manifest.json").exists():
            os.close(held)
            raise WrongInput(f"{path}: has results already; go on with 'planb resume {path}' or choose another --out")
        facts = {"format": FORMAT, **provenance(), **manifest, "points_sha256": points_sha256(points)}
        with disk(path, begun=False):
            shutil.rmtree(path / "parts", ignore_errors=True)  # of a process killed before it wrote its manifest
            (path / "parts").mkdir()
            carried = [] if scenario is None else carry(scenario, path)
            write_points(path / "points.parquet", points, identity(facts))
        folder = cls(path, {**facts, "created": now(), "state": "running"}, held)
        folder.save_manifest(files=hashes_of(path, [path / "points.parquet", *carried]))
        return folder

    @classmethod
    def open(cls, path: Path, *, write: bool = False) -> Folder:
        """Open a folder that `create` made, and read which of its tasks are finished.

        Raises: WrongInput if there is none, its format is another, its manifest was changed, or it is being written.
        """
        read_manifest(path)  # before the lock, which would make a file
        held = lock(path) if write else None
        folder = cls(path, read_manifest(path), held)
        for file in [] if folder.complete else parts_in(path / "parts"):
            try:
                with readable(file):
                    part = read_part(file)
                folder.parts[part.number] = part
            except FileNotFoundError:  # whoever writes here replaced it, or has just finished
                continue
            except OSError:
                folder.damaged.append(file)
        return folder

    def close(self) -> None:
        if self._held is not None:
            os.ftruncate(self._held, 0)
            os.close(self._held)
            self._held = None

    def __enter__(self) -> Folder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def order(self) -> Order:
        return Order(**self.manifest["order"])

    @property
    def shard(self) -> tuple[int, int] | None:
        """(i, n) if this is the i-th of n shards."""
        text = self.manifest["shard"]
        return None if text is None else (int(text.split("/")[0]), int(text.split("/")[1]))

    @property
    def complete(self) -> bool:
        return bool(self.manifest["state"] == "complete")

    def points(self) -> Points:
        """Raises: WrongInput if they are no longer those of the study."""
        return points_of(self.path, self.manifest)

    def add(self, part: Part) -> None:
        """Keep a finished task.

        Raises: CannotGoOn if the disk is full; nothing finished is lost then.
        """
        self.drop([part.number])
        with disk(self.path):
            self.parts[part.number] = read_part(write_part(self.path / "parts", part))

    def part_of(self, task: Task) -> Kept | None:
        """What is kept of a task, if it is finished. (A stage planned anew may give its number to another task.)"""
        kept = self.parts.get(task.number)
        return kept if kept is not None and kept.fits(task) else None

    def drop(self, numbers: list[int]) -> None:
        """These tasks are to be run again."""
        for number in numbers:
            kept = self.parts.pop(number, None)
            if kept is not None:
                kept.path.unlink(missing_ok=True)

    def sweep_leftovers(self) -> None:
        """Remove what a killed process left half written, and parts that are damaged."""
        known = {part.path for part in self.parts.values()}
        for path in [*self.path.glob("*.tmp"), *(self.path / "parts").glob("*")]:
            if path not in known:
                path.unlink(missing_ok=True)
        if self.complete:
            shutil.rmtree(self.path / "parts", ignore_errors=True)

    def reopen(self) -> None:
        """Make a complete folder unfinished again, with whatever is sound of its table to take rows from."""
        with disk(self.path):
            (self.path / "parts").mkdir(exist_ok=True)
        self.save_manifest(state="repairing")

    def totals(self) -> Totals:
        """Sums over what is finished."""
        if self.complete:
            facts = (self.manifest.get(key, 0) for key in ("tasks", "rows", "failed_rows", "lost_rows", "core_seconds"))
            return Totals(*facts)
        parts = self.parts.values()
        failures = [failure for part in parts for failure in part.failures]
        return Totals(
            len(parts),
            sum(part.rows for part in parts),
            sum(len(failure.worlds) for failure in failures),
            sum(len(failure.worlds) for failure in failures if failure.lost),
            round(sum(part.seconds for part in parts), 3),
        )

    def progress(self) -> Progress:
        """Counts by point. Raises: WrongInput if they stand in a summary that was changed."""
        so_far = Progress.none(self.order.points)
        if self.complete:
            import pandas as pd

            require_sound(self.path, self.manifest, "summary.csv")
            table = pd.read_csv(self.path / "summary.csv")
            so_far.n[table["point"]] = table["n"]
            so_far.asked[table["point"]] = table["n"] + table["failed"]
            if "deals" in table:
                so_far.deals[table["point"]] = table["deals"]
            return so_far
        for part in self.parts.values():
            at = from_ranges(part.points)
            so_far.asked[at] = np.maximum(so_far.asked[at], part.end)
            so_far.n[at] += part.n
            so_far.deals[at] += part.deals
        return so_far

    def failures(self) -> list[dict[str, Any]]:
        """Rows without a result, one entry a point and error, with the command that replays the first of them."""
        points = self.points()
        merged: dict[tuple[int, str], dict[str, Any]] = {}
        parts = sorted(self.parts.values(), key=lambda part: part.number)
        for failure in (failure for part in parts for failure in part.failures):
            new = {"point": failure.point, "parameters": points.row(failure.point), "worlds": []}
            new |= {"kind": "lost" if failure.lost else "raised", "error": failure.error}
            new["traceback"] = failure.traceback
            merged.setdefault((failure.point, failure.error), new)["worlds"] += failure.worlds
        for entry in merged.values():
            worlds = np.sort(entry["worlds"])
            entry |= {"world": int(worlds[0]), "count": len(worlds), "worlds": as_ranges(worlds)}
            entry["replay"] = f"planb replay {self.path} {entry['point']}:{entry['world']}"
        return sorted(merged.values(), key=lambda entry: entry["point"])

    def save_failures(self) -> None:
        lines = "".join(json.dumps(entry, default=str, ensure_ascii=False) + "\n" for entry in self.failures())
        with disk(self.path):
            write_atomically(self.path / "failures.jsonl", lines.encode())

    def save_manifest(self, **changes: Any) -> None:
        self.manifest.update(changes)
        with disk(self.path):
            self.manifest = write_manifest(self.path, self.manifest)

    def files(self, written: list[str]) -> dict[str, Any]:
        """The manifest's list of files with these, as they are now."""
        return self.manifest["files"] | hashes_of(self.path, [self.path / name for name in written])

    def finish(self, state: str, written: list[str], **facts: Any) -> None:
        """The table is written and its hash known: say so, then drop the parts that it replaces, if it does."""
        self.save_manifest(state=state, finished=now(), files=self.files(written), **facts)
        if state == "complete":
            shutil.rmtree(self.path / "parts", ignore_errors=True)


def points_of(path: Path, manifest: Mapping[str, Any]) -> Points:
    """The points of a folder. Raises: WrongInput if they are no longer those of the study."""
    from pyarrow import ArrowException

    file = path / "points.parquet"
    try:
        with readable(file):
            points = read_points(file)
    except (OSError, ArrowException, WrongInput):
        raise WrongInput(f"{file}: is missing or damaged") from None
    if points_sha256(points) != manifest["points_sha256"]:
        raise WrongInput(f"{file}: was changed since the study began")
    return points


def write_points(path: Path, points: Points, about: str) -> None:
    """A row a point; ``about`` is the study's `identity`, kept here too so that an edit of the manifest is named."""
    import pyarrow
    from pyarrow import parquet

    columns = {name: pyarrow.array(column.tolist()) for name, column in points.columns.items()}
    table = pyarrow.table({"point": np.arange(points.count, dtype=np.int32), **columns})
    sink = pyarrow.BufferOutputStream()
    table = table.replace_schema_metadata({"planb": about})
    parquet.write_table(table, sink, compression="zstd", write_page_checksum=True)
    write_atomically(path, sink.getvalue().to_pybytes())


def read_points(path: Path) -> Points:
    from pyarrow import parquet

    table = parquet.read_table(path, page_checksum_verification=True)
    columns = {name: table[name].to_pylist() for name in table.column_names if name != "point"}
    return points_from_columns(columns) if columns else Points(columns={}, count=table.num_rows)


def points_sha256(points: Points) -> str:
    """Hash of a design's points, the same on any machine."""
    digest = TableDigest()
    digest.update({"point": np.arange(points.count, dtype=np.int32), **points.columns})
    return digest.hexdigest()
