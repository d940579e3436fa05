"""A task: some points in some worlds, run block by block, with rows that raise set apart.

A row is a (point, world) pair. A block mixes points and worlds, so that many points in few worlds cost the same as
one point in many. Where a block raises, or the process that runs it dies, it is halved until the rows that do so stand
alone: the others are kept, and which rows those are does not depend on the block size.
"""

from __future__ import annotations

import faulthandler
import hashlib
import importlib
import itertools
import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.runs.task_order import as_ranges
from sim.worlds.axis import BLOCK

PROBE = 64  # worlds of a task tried one by one before a point that raises in all of them is given up there
TRIES = 2  # of a world that stands alone and whose process died: somebody else may have killed the first
DEADLY = 4  # first worlds of a point that died alone, and none that lived, before the point is given up in a task
PIECES = 32  # that a block is cut into after a death, which costs a new process; after an error halves will do
DEATHS, FUTILE = 200, 12  # in one task before all that is left of it counts as lost; the second if no block ever ended
MODEL = "sim.worlds.blocks:simulate_block"


@dataclass(frozen=True, eq=False)
class Work:
    """What all tasks of a study share; sent to a worker once."""

    scenario: Any
    seed: int
    block: int = BLOCK  # rows run at once
    measures: tuple[str, ...] = ()  # columns kept; all when empty
    shaping: tuple[str, ...] = ()  # varied parameters that all rows of a block must share
    model: str | Callable[..., Any] = MODEL  # "module:function" like `sim.worlds.blocks.simulate_block`
    seconds: float | None = None  # a block may take, in a worker process
    memory: int | None = None  # bytes a worker process may hold (Linux)

    def simulate(self) -> Callable[..., Any]:
        if callable(self.model):
            return self.model
        module, _, name = self.model.partition(":")
        return getattr(importlib.import_module(module), name)


class Rectangle(NamedTuple):
    """Rows of a task that are tried at once: so many of its points from a place on, in these worlds."""

    place: int
    points: int
    first: int
    end: int


@dataclass(frozen=True)
class Task:
    """Points times the worlds from ``first_world`` up to but not including ``end_world``."""

    number: int
    points: NDArray[np.int64]  # in increasing order
    first_world: int
    end_world: int
    values: Mapping[str, NDArray[Any]] = field(default_factory=dict)  # parameter -> (points,)
    deaths: Mapping[Rectangle, int] = field(default_factory=dict)  # times a process died while it tried these rows
    cause: str = ""  # of the last death
    lived: bool = False  # did any block of it end, with rows or with an error?

    def after(self, tried: Rectangle, cause: str, *, lived: bool) -> Task:
        """The same task, knowing that a process died, and of what it was trying then."""
        deaths = {**self.deaths, tried: self.deaths.get(tried, 0) + 1}
        return replace(self, deaths=deaths, cause=cause, lived=lived or self.lived)

    @property
    def worlds(self) -> int:
        return self.end_world - self.first_world

    @property
    def rows(self) -> int:
        return len(self.points) * self.worlds


@dataclass
class Failure:
    """Worlds of one point that ended with the same error in one task."""

    point: int
    worlds: list[int]
    error: str
    traceback: str
    lost: bool = False  # not the model's doing as far as we know: a process died, ran out of time or of memory


@dataclass
class Part:
    """What a task hands back: its table as the bytes of a Parquet file, sorted by point, then world."""

    number: int
    data: bytes
    rows: int
    failures: list[Failure]
    seconds: float
    peak_bytes: int  # the most memory the process has held
    code: str  # what `code_sha256` says where it ran


def run_task(work: Work, task: Task, tell: Callable[[Rectangle], None] = lambda tried: None) -> Part:
    """Run one task to the end; an error in the model becomes a `Failure`, never an exception.

    ``tell`` hears which rows are tried next; what it raises ends the task.
    """
    start = time.perf_counter()
    run = _Run(work, task, tell)
    # what a process died of comes first, so that it dies early if it dies again
    for points, first, end in sorted(tiles(task, work), key=lambda tile: not _holds_a_death(tile, task.deaths)):
        run.rectangle(points, first, end)
    return as_part(task, run.table(), run.failures(), time.perf_counter() - start)


def as_part(task: Task, columns: Mapping[str, NDArray[Any]], failures: list[Failure], seconds: float) -> Part:
    """A task's rows, sorted by point, then world, and what is to be said of them."""
    rows = len(columns["point"]) if columns else 0
    about = {
        "points": as_ranges(task.points),
        "first": task.first_world,
        "end": task.end_world,
        "rows": rows,
        "seconds": round(seconds, 3),
        "failures": [[f.point, as_ranges(f.worlds), f.error, f.traceback, f.lost] for f in failures],
    }
    data = as_parquet(columns, about)
    return Part(task.number, data, rows, failures, seconds, peak_bytes=peak_bytes(), code=code_sha256())


def _holds_a_death(tile: tuple[NDArray[np.int64], int, int], deaths: Mapping[Rectangle, int]) -> bool:
    points, first, end = tile
    return any(death.place in points and first <= death.first < end for death in deaths)


def tiles(task: Task, work: Work) -> Iterator[tuple[NDArray[np.int64], int, int]]:
    """Rectangles of at most ``work.block`` rows: places of points in the task, first and end world.

    Points that differ in a word, a switch or a date never share one. A tile takes as many points as it can, since
    points in the same world share that world's luck, which is then drawn once.
    """
    block = work.block
    for group in _alike(task, work.shaping):
        for start in range(0, len(group), block):
            points = group[start : start + block]
            step = max(1, block // len(points))
            for first in range(task.first_world, task.end_world, step):
                yield points, first, min(first + step, task.end_world)


def fixed_dtype(column: NDArray[Any]) -> NDArray[Any]:
    """A column as it is stored: switches as bool, whole numbers as int32 (int8 stays), the rest as float32.

    Seven digits are far beyond what a simulated M$ means. Rounding also hides last-bit differences of NumPy's
    functions between processors from the hash of the table, except where they straddle a rounding edge.
    """
    if column.dtype == np.bool_ or column.dtype == np.int8:
        return column
    if np.issubdtype(column.dtype, np.integer):
        return column.astype(np.int32)
    rounded = column.astype(np.float32) + np.float32(0)  # no minus zero
    rounded[np.isnan(rounded)] = np.nan  # one NaN
    return rounded


def as_parquet(columns: Mapping[str, NDArray[Any]], about: Mapping[str, Any]) -> bytes:
    """A table as the bytes of one Parquet file, with a checksum a page and what it is ``about`` in its footer."""
    import pyarrow
    from pyarrow import parquet

    sink = pyarrow.BufferOutputStream()
    table = pyarrow.table({name: _arrow(column) for name, column in columns.items()})
    table = table.replace_schema_metadata({"planb": json.dumps(about)})
    parquet.write_table(table, sink, compression="lz4", use_dictionary=False, write_page_checksum=True)
    return sink.getvalue().to_pybytes()


def _arrow(column: NDArray[Any]) -> Any:
    """The column as Arrow has it. ``pyarrow.array`` would do, but imports pandas: half the time a worker starts in."""
    import pyarrow

    if column.dtype == np.bool_:
        kind, data = pyarrow.bool_(), np.packbits(column, bitorder="little")
    else:
        kind, data = pyarrow.from_numpy_dtype(column.dtype), np.ascontiguousarray(column)
    return pyarrow.Array.from_buffers(kind, len(column), [None, pyarrow.py_buffer(data)])


def peak_bytes() -> int:
    """The most memory this process has held, in bytes; 0 where the system does not say."""
    status = Path("/proc/self/status")
    if status.exists():  # Linux counts into `ru_maxrss` what the parent held when it started this process
        lines = (line.split() for line in status.read_text().splitlines())
        return next((1024 * int(words[1]) for words in lines if words[0] == "VmHWM:"), 0)
    try:
        import resource
    except ImportError:
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


RULES_OF_RUNNING = ("tasks", "policies", "designs", "values")  # modules of this folder that decide which rows there are


@cache
def code_sha256() -> str:
    """Hash of all code that decides a row: the model, its agents, and how rows are chosen, rounded and set apart."""
    import agents
    import sim
    from experiments.statistics import intervals

    files = [Path(__file__).with_name(f"{name}.py") for name in RULES_OF_RUNNING] + [Path(str(intervals.__file__))]
    for package in (agents, sim):
        files += Path(str(package.__file__)).parent.rglob("*.py")
    root = Path(str(sim.__file__)).parents[1]
    named = {os.path.relpath(path, root).replace(os.sep, "/"): path for path in files}
    digest = hashlib.sha256()
    for name in sorted(named):
        digest.update(f"{name}\0".encode())
        digest.update(named[name].read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def _alike(task: Task, shaping: tuple[str, ...]) -> list[NDArray[np.int64]]:
    """Places of the points that share every word, switch and date, in order of first appearance."""
    if not shaping:
        return [np.arange(len(task.points))]
    groups: dict[tuple[Any, ...], list[int]] = {}
    for place, key in enumerate(zip(*(task.values[name].tolist() for name in shaping), strict=True)):
        groups.setdefault(key, []).append(place)
    return [np.array(group) for group in groups.values()]


@lru_cache(maxsize=64)
def _shaped(work: Work, settings: tuple[tuple[str, Any], ...]) -> Any:
    """The scenario with these words, switches and dates; kept, since reading it again costs as much as a block."""
    return work.scenario.with_settings(dict(settings))


class _Run:
    """A task while it runs: its columns, each of shape (points, worlds), and the rows that did not come through."""

    def __init__(self, work: Work, task: Task, tell: Callable[[Rectangle], None]) -> None:
        self.task = task
        self.work = work
        self.tell = tell
        self.simulate = work.simulate()
        self.columns: dict[str, NDArray[Any]] = {}
        self.ran = np.zeros((len(task.points), task.worlds), dtype=bool)
        self._failures: dict[tuple[int, str], Failure] = {}
        self._probed: set[int] = set()
        self._given_up: set[int] = set()
        self._hopeless = sum(task.deaths.values()) >= (DEATHS if task.lived else FUTILE)

    def rectangle(self, points: NDArray[np.int64], first: int, end: int) -> None:
        """Run these places of points in these worlds, halving where it raises or its process died before."""
        if self._given_up:
            points = points[[place not in self._given_up for place in points]]
        if len(points) == 0:
            return
        tried = Rectangle(int(points[0]), len(points), first, end)
        alone = len(points) == 1 and end - first == 1
        if self._hopeless or self.task.deaths.get(tried, 0) >= (TRIES if alone else 1):
            self._cut(points, first, end, None)
            return
        try:
            columns = self._block(points, first, end)
        except (KeyboardInterrupt, Interrupted):
            raise
        except BaseException as raised:  # whatever a rule raises is a result to be kept aside, an exit too
            error = raised
        else:
            self._keep(columns, points, first, end)
            return
        self._cut(points, first, end, error)

    def table(self) -> dict[str, NDArray[Any]]:
        """Columns of the rows that ran, sorted by point, then world."""
        place, offset = np.nonzero(self.ran)
        point, world = self.task.points[place].astype(np.int32), offset + self.task.first_world
        keys: dict[str, NDArray[Any]] = {"point": point, "world": world}
        return keys | {name: column[self.ran] for name, column in self.columns.items()}

    def failures(self) -> list[Failure]:
        return list(self._failures.values())

    def _block(self, points: NDArray[np.int64], first: int, end: int) -> dict[str, NDArray[Any]]:
        values, shaping = self.task.values, self.work.shaping
        worlds = np.arange(first, end, dtype=np.int64)
        ids = np.tile(worlds, len(points))
        point = {name: np.repeat(values[name][points], len(worlds)) for name in values if name not in shaping}
        shape = tuple((name, values[name][points[0]]) for name in shaping)
        self.tell(Rectangle(int(points[0]), len(points), first, end))
        if self.work.seconds:  # a thread in C that needs no lock of Python's, so nothing a rule does can hold it up
            faulthandler.dump_traceback_later(self.work.seconds, exit=True, file=_nowhere())
        try:
            scenario = _shaped(self.work, shape) if shape else self.work.scenario
            block = self.simulate(scenario, seed=self.work.seed, worlds=ids, point=point)
        finally:
            if self.work.seconds:
                faulthandler.cancel_dump_traceback_later()
        columns: dict[str, Any] = dict(block.columns)
        columns.pop("world", None)
        names = self.work.measures or tuple(columns)
        return {name: fixed_dtype(np.asarray(columns[name])) for name in names}

    def _keep(self, columns: dict[str, NDArray[Any]], points: NDArray[np.int64], first: int, end: int) -> None:
        inside = slice(first - self.task.first_world, end - self.task.first_world)
        for name, column in columns.items():
            if name not in self.columns:
                self.columns[name] = np.zeros(self.ran.shape, dtype=column.dtype)
            self.columns[name][points, inside] = column.reshape(len(points), end - first)
        self.ran[points, inside] = True

    def _cut(self, points: NDArray[np.int64], first: int, end: int, error: BaseException | None) -> None:
        """Try smaller pieces; a row that stands alone is set apart. ``error`` is None where a process died."""
        if self._hopeless:
            for place in points:
                self._record(int(place), range(first, end), None)
            return
        pieces = 2 if error is not None else PIECES
        if len(points) > 1:
            for some in np.array_split(points, min(pieces, len(points))):
                self.rectangle(some, first, end)
            return
        place = int(points[0])
        if place not in self._probed and self._never_runs(place):
            self._given_up.add(place)
            self._record(place, range(self.task.first_world, self.task.end_world), error)
        elif end - first > 1:
            cuts = np.linspace(first, end, min(pieces, end - first) + 1).astype(int).tolist()
            for start, stop in itertools.pairwise(cuts):
                self.rectangle(points, start, stop)
        else:
            self._record(place, range(first, end), error)

    def _never_runs(self, place: int) -> bool:
        """Does the point fail in each of the task's first worlds? Asked once a point, before any world of it ran."""
        self._probed.add(place)
        died = 0
        for world in range(self.task.first_world, min(self.task.first_world + PROBE, self.task.end_world)):
            died += Rectangle(place, 1, world, world + 1) in self.task.deaths
            if died >= DEADLY:
                return True
            if Rectangle(place, 1, world, world + 1) in self.task.deaths:
                continue
            try:
                self._block(np.array([place]), world, world + 1)
            except (KeyboardInterrupt, Interrupted):
                raise
            except BaseException:  # see `rectangle`
                continue
            return False
        return True

    def _record(self, place: int, worlds: range, error: BaseException | None) -> None:
        from sim.plugins import theirs

        lost = error is None or isinstance(error, MemoryError)
        line = self.task.cause if error is None else theirs(error) or traceback.format_exception_only(error)[-1].strip()
        trace = "" if error is None else "".join(traceback.format_exception(error))
        failure = self._failures.setdefault((place, line), Failure(int(self.task.points[place]), [], line, trace, lost))
        failure.worlds.extend(world for world in worlds if not self.ran[place, world - self.task.first_world])


class Interrupted(BaseException):
    """Somebody asked this process to stop; raised between two blocks."""


@cache
def _nowhere() -> Any:
    """An open file that swallows what is written to it."""
    return Path(os.devnull).open("w")
