"""The ledger of a results folder: which tasks there are, which are done, and what each gave (SQLite)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.runs.files import disk
from experiments.runs.task_order import Piece, as_ranges, from_ranges
from experiments.runs.tasks import Part, Task
from sim.errors import WrongInput

TABLES = """
create table meta (key text primary key, value text);
create table tasks (
    number integer primary key, chunk integer, stage integer, points text, first integer, end integer,
    done integer default 0, rows integer default 0, bytes integer default 0, sha256 text default '',
    n blob, deals blob, seconds real default 0
);
create table failures (task integer, point integer, worlds text, count integer, error text, traceback text);
"""


class Row(NamedTuple):
    """One task."""

    number: int
    chunk: int
    points: str  # as ranges
    first: int
    end: int
    done: bool
    rows: int
    bytes: int
    sha256: str


class Totals(NamedTuple):
    """Sums over all tasks."""

    tasks: int
    done: int
    rows: int
    bytes: int
    seconds: float  # of one core
    planned_rows: int  # that the tasks planned so far will have
    failed_rows: int


class Progress(NamedTuple):
    """Per point, shape (points,): worlds handed out, worlds that ran, and deals among these."""

    asked: NDArray[np.int64]
    n: NDArray[np.int64]
    deals: NDArray[np.int64]


class Ledger:
    """Every change is one transaction, on disk when the call returns."""

    def __init__(self, path: Path) -> None:
        self.folder = path.parent
        self._db = sqlite3.connect(path, timeout=30)
        try:
            self._db.execute("pragma synchronous = full")
            self.facts = dict(self._db.execute("select key, value from meta"))
        except sqlite3.OperationalError:  # new, or made by a process that was killed at once
            self.facts = {}
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise WrongInput(f"{path}: is damaged: {error}") from None

    def create(self, **facts: str) -> None:
        with disk(self.folder), self._db:
            for statement in TABLES.split(";"):
                self._db.execute(statement)
            self._remember(facts)

    def close(self) -> None:
        self._db.close()

    def remember(self, **facts: str) -> None:
        with disk(self.folder), self._db:
            self._remember(facts)

    @property
    def stages(self) -> int:
        """How many stages have been planned."""
        return int(self.facts.get("stages", 0))

    def plan(self, pieces: Iterable[Piece], shard: tuple[int, int] | None = None) -> None:
        """Enter a stage's tasks, all or none; of a shard (i, n) every n-th, under the number it has in the whole."""
        start, (index, count) = self.next_number(), shard or (1, 1)
        rows = [
            (number, piece.chunk, self.stages, as_ranges(piece.points), piece.first, piece.end)
            for number, piece in enumerate(pieces, start)
            if number % count == index - 1
        ]
        sql = "insert into tasks (number, chunk, stage, points, first, end) values (?, ?, ?, ?, ?, ?)"
        with disk(self.folder), self._db:
            self._db.executemany(sql, rows)
            self._remember({"stages": str(self.stages + 1)})

    def next_number(self) -> int:
        return int(self._one("select coalesce(max(number) + 1, 0) from tasks"))

    def rows(self, where: str = "1") -> list[Row]:
        sql = "select number, chunk, points, first, end, done, rows, bytes, sha256 from tasks"
        return [Row(*row) for row in self._db.execute(f"{sql} where {where} order by number")]

    def todo(self) -> Iterator[Task]:
        """Tasks not done yet, in order."""
        for row in self.rows("not done"):
            yield Task(row.number, from_ranges(row.points), row.first, row.end)

    def enter(self, part: Part, sha256: str) -> None:
        """A task is done, and its file is on disk."""
        failures = [
            (part.number, f.point, as_ranges(f.worlds), len(f.worlds), f.error, f.traceback) for f in part.failures
        ]
        done = [part.rows, len(part.data), sha256, _blob(part.n), _blob(part.deals), part.seconds, part.number]
        sql = "update tasks set done = 1, rows = ?, bytes = ?, sha256 = ?, n = ?, deals = ?, seconds = ?"
        with disk(self.folder), self._db:
            self._db.execute("delete from failures where task = ?", [part.number])
            self._db.executemany("insert into failures values (?, ?, ?, ?, ?, ?)", failures)
            self._db.execute(f"{sql} where number = ?", done)

    def undo(self, numbers: Iterable[int]) -> None:
        """These tasks are to be run again."""
        keys = [[number] for number in numbers]
        with disk(self.folder), self._db:
            self._db.executemany("update tasks set done = 0, rows = 0, bytes = 0, seconds = 0 where number = ?", keys)
            self._db.executemany("delete from failures where task = ?", keys)

    def take(self, other: Ledger) -> None:
        """Enter another ledger's tasks after our own, numbered from `next_number` on."""
        shift = self.next_number()
        with disk(self.folder), self._db:
            for table in ("tasks", "failures"):
                rows = [(row[0] + shift, *row[1:]) for row in other._db.execute(f"select * from {table}")]
                if rows:
                    self._db.executemany(f"insert into {table} values ({', '.join('?' * len(rows[0]))})", rows)

    def progress(self, points: int) -> Progress:
        """Counts by point."""
        asked, n, deals = np.zeros((3, points), dtype=np.int64)
        for text, end, done, ran, agreed in self._db.execute("select points, end, done, n, deals from tasks"):
            at = from_ranges(text)
            asked[at] = np.maximum(asked[at], end)
            if done:
                n[at] += np.frombuffer(ran, "<i4")
                deals[at] += np.frombuffer(agreed, "<i4")
        return Progress(asked, n, deals)

    def totals(self) -> Totals:
        sql = "select count(*), sum(done), sum(rows), sum(bytes), sum(seconds) from tasks"
        tasks, done, rows, size, seconds = (number or 0 for number in self._db.execute(sql).fetchone())
        planned = sum(len(from_ranges(row.points)) * (row.end - row.first) for row in self.rows())
        failed = self._one("select coalesce(sum(count), 0) from failures")
        return Totals(tasks, done, rows, size, seconds, planned, failed)

    def failures(self) -> Iterator[tuple[int, str, str, str]]:
        """Point, worlds as ranges, error and traceback of what raised, by point."""
        yield from self._db.execute("select point, worlds, error, traceback from failures order by point, task")

    def failed_tasks(self) -> list[int]:
        return [number for (number,) in self._db.execute("select distinct task from failures")]

    def _remember(self, facts: dict[str, str]) -> None:
        self._db.executemany("insert or replace into meta values (?, ?)", facts.items())
        self.facts |= facts

    def _one(self, sql: str) -> Any:
        return self._db.execute(sql).fetchone()[0]


def _blob(counts: NDArray[np.int64]) -> bytes:
    return counts.astype("<i4").tobytes()
