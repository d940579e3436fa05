"""A results folder: finished parts are never lost, never doubled, and say where they come from.

    manifest.json   what is needed to repeat the study, and the hash of its table
    points.parquet  the design: a row a point
    parts/          a Parquet file a finished task, until runs.parquet holds them all
    ledger.sqlite   which tasks there are and which are done
    runs.parquet    a row a world, sorted by point, then world (see `experiments.runs.results_table`)
    summary.csv     a row a point
    failures.jsonl  rows that raised: why, and the command that replays them

A part counts once the ledger says so, and the ledger says so only after the file is on disk under its final name. So
a kill at any moment loses at most the tasks then running, and a task that is run again replaces its own file.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from experiments.runs.designs import Points, points_from_columns
from experiments.runs.files import disk, file_sha256, lock, now, write_atomically
from experiments.runs.ledger import Ledger, Row
from experiments.runs.manifest import FORMAT, identity, provenance, read_manifest, refuse_edits
from experiments.runs.table_hash import TableDigest
from experiments.runs.task_order import Order, as_ranges, from_ranges
from experiments.runs.tasks import Part
from sim.errors import WrongInput


class Folder:
    """An open results folder. Only one process may have it open for writing."""

    def __init__(self, path: Path, manifest: dict[str, Any], ledger: Ledger, held: int | None) -> None:
        self.path = path
        self.manifest = manifest
        self.ledger = ledger
        self._held = held

    @classmethod
    def create(cls, path: Path, manifest: Mapping[str, Any], points: Points) -> Folder:
        """Start a folder and hold it.

        Raises: WrongInput if there are results already, or somebody else is writing here.
        """
        with disk(path):
            path.mkdir(parents=True, exist_ok=True)
            held = lock(path)
        if (path / "manifest.json").exists():
            os.close(held)
            raise WrongInput(f"{path}: has results already; go on with 'planb resume {path}' or choose another --out")
        with disk(path):
            (path / "ledger.sqlite").unlink(missing_ok=True)  # of a process killed before it wrote its manifest
            (path / "parts").mkdir(exist_ok=True)
            write_points(path / "points.parquet", points)
        facts = {"format": FORMAT, **provenance(), **manifest, "points_sha256": points_sha256(points)}
        folder = cls(path, {**facts, "created": now(), "state": "running"}, Ledger(path / "ledger.sqlite"), held)
        folder.ledger.create(identity=identity(folder.manifest))
        folder.save_manifest()
        return folder

    @classmethod
    def open(cls, path: Path, *, write: bool = False) -> Folder:
        """Open a folder that `create` made.

        Raises: WrongInput if there is none, its format is another, its manifest was edited, or it is being written.
        """
        manifest = read_manifest(path)
        if not (path / "ledger.sqlite").exists():
            raise WrongInput(f"{path}: has no ledger.sqlite, so it cannot be told which parts are finished")
        held = lock(path) if write else None
        folder = cls(path, manifest, Ledger(path / "ledger.sqlite"), held)
        try:
            refuse_edits(path, manifest, folder.ledger.facts)
        except WrongInput:
            folder.close()
            raise
        return folder

    def close(self) -> None:
        self.ledger.close()
        if self._held is not None:
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
        from pyarrow import ArrowException

        path = self.path / "points.parquet"
        try:
            points = read_points(path)
        except (OSError, ArrowException):
            raise WrongInput(f"{path}: is missing or damaged") from None
        if points_sha256(points) != self.manifest["points_sha256"]:
            raise WrongInput(f"{path}: was changed since the study began")
        return points

    def add(self, part: Part) -> None:
        """Keep a finished task: first its file, then its line in the ledger.

        Raises: CannotGoOn if the disk is full; nothing finished is lost then.
        """
        if part.data:
            with disk(self.path):
                write_atomically(self.part_path(part.number), part.data)
        self.ledger.enter(part, hashlib.sha256(part.data).hexdigest())

    def part_path(self, number: int) -> Path:
        return self.path / "parts" / f"part-{number:07d}.parquet"

    def damaged(self, *, glance: bool = False) -> list[Row]:
        """Finished parts whose file is missing, truncated or changed; at a ``glance`` a change may be overlooked."""
        return [row for row in self.ledger.rows("done and rows > 0") if not self._sound(row, glance)]

    def sweep_leftovers(self) -> None:
        """Remove what a killed process left: files half written, and parts it had not entered in the ledger."""
        known = {self.part_path(row.number).name for row in self.ledger.rows("done and rows > 0")}
        for path in [*self.path.glob("*.tmp"), *(self.path / "parts").glob("*")]:
            if path.name not in known:
                path.unlink(missing_ok=True)
        if self.complete:
            shutil.rmtree(self.path / "parts", ignore_errors=True)

    def failures(self) -> list[dict[str, Any]]:
        """Failed worlds, one entry a point and error, with the command that replays the first of them."""
        points = self.points()
        merged: dict[tuple[int, str], dict[str, Any]] = {}
        for point, ranges, error, trace in self.ledger.failures():
            new = {"point": point, "parameters": points.row(point), "worlds": [], "error": error, "traceback": trace}
            merged.setdefault((point, error), new)["worlds"].append(from_ranges(ranges))
        for entry in merged.values():
            worlds = np.sort(np.concatenate(entry["worlds"]))
            entry |= {"world": int(worlds[0]), "count": len(worlds), "worlds": as_ranges(worlds)}
            entry["replay"] = f"planb replay {self.path} {entry['point']}:{entry['world']}"
        return list(merged.values())

    def save_failures(self) -> None:
        lines = "".join(json.dumps(entry, default=str, ensure_ascii=False) + "\n" for entry in self.failures())
        with disk(self.path):
            write_atomically(self.path / "failures.jsonl", lines.encode())

    def save_manifest(self, **changes: Any) -> None:
        self.manifest.update(changes)
        text = json.dumps(self.manifest, indent=2, default=str, ensure_ascii=False)
        with disk(self.path):
            write_atomically(self.path / "manifest.json", (text + "\n").encode())

    def finish(self, **facts: Any) -> None:
        """The table is written and its hash known: say so, then drop the parts that it replaces."""
        self.ledger.remember(table_sha256=facts["table_sha256"])
        self.save_manifest(state="complete", finished=now(), **facts)
        shutil.rmtree(self.path / "parts", ignore_errors=True)

    def _sound(self, row: Row, glance: bool) -> bool:
        path = self.part_path(row.number)
        there = path.exists() and path.stat().st_size == row.bytes
        return there and (glance or file_sha256(path) == row.sha256)


def write_points(path: Path, points: Points) -> None:
    """A row a point."""
    import pyarrow
    from pyarrow import parquet

    columns = {name: pyarrow.array(column.tolist()) for name, column in points.columns.items()}
    table = pyarrow.table({"point": np.arange(points.count, dtype=np.int32), **columns})
    sink = pyarrow.BufferOutputStream()
    parquet.write_table(table, sink, compression="zstd")
    write_atomically(path, sink.getvalue().to_pybytes())


def read_points(path: Path) -> Points:
    from pyarrow import parquet

    table = parquet.read_table(path)
    columns = {name: table[name].to_pylist() for name in table.column_names if name != "point"}
    return points_from_columns(columns) if columns else Points(columns={}, count=table.num_rows)


def points_sha256(points: Points) -> str:
    """Hash of a design's points, the same on any machine."""
    digest = TableDigest()
    digest.update({"point": np.arange(points.count, dtype=np.int32), **points.columns})
    return digest.hexdigest()
