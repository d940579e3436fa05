"""In which order rows are run: all points get their first worlds before any gets its last.

So an interrupted study is an even sample of its points. Points are cut into chunks once for all; a task is some
points of one chunk in a range of worlds. All rows of a chunk fit in memory at once (a chunk of a single point is read
in order instead), so the parts can be sorted into one table chunk by chunk, in memory that does not grow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.worlds.axis import BLOCK

ROWS_IN_MEMORY = 262_144
FEWEST_ROWS, MOST_ROWS = 16_384, 32_768  # in a part: a second of one core
PARTS = 96  # wished for, so that a few workers end together


class Stage(NamedTuple):
    """These points are to be run in the worlds ``first`` up to but not including ``end``."""

    points: NDArray[np.int64]
    first: int
    end: int


class Progress(NamedTuple):
    """Per point, shape (points,): worlds handed out, worlds that ran, and deals among these."""

    asked: NDArray[np.int64]
    n: NDArray[np.int64]
    deals: NDArray[np.int64]

    @classmethod
    def none(cls, points: int) -> Progress:
        """Nothing yet."""
        return cls(*np.zeros((3, points), dtype=np.int64))


class Piece(NamedTuple):
    """A stage's share of one chunk, small enough for one part."""

    chunk: int
    points: NDArray[np.int64]
    first: int
    end: int


@dataclass(frozen=True)
class Order:
    """How a study is cut; a function of the study alone, so that resume, shards and engines agree."""

    points: int
    most_worlds: int  # that any point can get
    part_rows: int
    apart: bool = False  # points differ in words, switches or dates, so that most share no block

    @classmethod
    def of(cls, points: int, most_worlds: int, part_rows: int | None = None, *, apart: bool = False) -> Order:
        rows = part_rows or min(max(-(-points * most_worlds // PARTS), FEWEST_ROWS), MOST_ROWS)
        return cls(points, most_worlds, rows, apart)

    @property
    def chunks(self) -> int:
        a_chunk = min(ROWS_IN_MEMORY // max(self.most_worlds, 1), self.part_rows)
        if self.apart:
            a_chunk = min(a_chunk, self.part_rows // min(self._half, BLOCK))  # each point then fills its own blocks
        return -(-self.points // max(1, a_chunk))

    @property
    def _half(self) -> int:
        """Of a point's worlds; no more are run at once where there are several chunks, so that all begin first."""
        return max(1, -(-self.most_worlds // 2))

    @property
    def bounds(self) -> NDArray[np.int64]:
        """First point of each chunk, and the number of points at the end; shape (chunks + 1,)."""
        return np.arange(self.chunks + 1) * self.points // self.chunks

    def pieces(self, stages: Sequence[Stage]) -> Iterator[Piece]:
        """The tasks of some stages: worlds in slices, and in each slice every chunk."""
        for stage in stages:
            shares = np.split(stage.points, np.searchsorted(stage.points, self.bounds[1:-1]))
            widest = max(len(share) for share in shares)
            at_once = max(1, self.part_rows // widest)
            if self.chunks > 1:
                at_once = min(at_once, self._half)
            slices = -(-(stage.end - stage.first) // at_once)
            ends = stage.first + np.arange(slices + 1) * (stage.end - stage.first) // slices
            for first, end in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True):
                yield from (Piece(chunk, share, first, end) for chunk, share in enumerate(shares) if len(share))


def as_ranges(numbers: Sequence[int] | NDArray[np.integer]) -> str:
    """``0-67,70`` for increasing whole numbers."""
    ordered = np.asarray(numbers, dtype=np.int64)
    if len(ordered) == 0:
        return ""
    runs = np.split(ordered, np.flatnonzero(np.diff(ordered) != 1) + 1)
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)


def from_ranges(text: str) -> NDArray[np.int64]:
    """The numbers that `as_ranges` wrote."""
    ends = [[int(end) for end in run.split("-")] for run in text.split(",") if run]
    return np.concatenate([np.arange(run[0], run[-1] + 1) for run in ends]) if ends else np.empty(0, np.int64)


def spread_over(count: int, most: int) -> NDArray[np.int64]:
    """At most so many of the places 0 to ``count`` - 1, evenly spread from the first to the last."""
    return np.unique(np.linspace(0, max(count - 1, 0), min(count, most)).astype(np.int64))
