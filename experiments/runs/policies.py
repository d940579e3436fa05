"""How many worlds a point needs: a fixed number, until its interval is narrow enough, or only near the line asked for.

A policy looks at what has been run and names the next stage; it decides from finished stages alone, so an interrupted
study goes on to the same rows.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from experiments.runs.designs import Points
from experiments.runs.task_order import Progress, Stage
from experiments.statistics.intervals import (
    CONFIDENCE,
    wilson_half_width,
    wilson_interval,
    worlds_at_least,
    worlds_at_most,
)
from sim.errors import WrongInput


class Policy(BaseModel):
    """Decides which points get more worlds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @property
    def most_worlds(self) -> int:
        """Worlds that no point exceeds."""
        raise NotImplementedError

    def next_stages(self, points: Points, so_far: Progress) -> list[Stage]:
        """What to run next, given everything that has run; nothing when the study is done."""
        raise NotImplementedError

    def reasons(self, so_far: Progress) -> NDArray[Any] | None:
        """Why each point has as many worlds as it has, one word a point, if that differs."""
        return None


class FixedWorlds(Policy):
    """Every point gets the same worlds."""

    worlds: int = Field(ge=1)

    @property
    def most_worlds(self) -> int:
        return self.worlds

    def next_stages(self, points: Points, so_far: Progress) -> list[Stage]:
        return _up_to(self.worlds, np.arange(points.count), so_far)


class Precision(Policy):
    """Until the 95 % Wilson interval of each point's deal rate is at most ``half_width`` to either side.

    A point is looked at after as many worlds as could be enough at all, then each time it has ``growth`` times as
    many, and stops at the first look at which its interval is narrow enough, or at ``cap``. Stopping when a sample
    happens to look precise favours extreme samples, so the interval covers a little less often than its name says.
    Looking rarely (geometrically) and Wilson's interval (which cannot collapse at 0 of n) keep that small:
    ``tests/experiments/runs/test_precision.py`` measures it on known rates. All points share the same worlds, so
    neighbours' errors are correlated: that sharpens comparisons between points, and is no statement about a whole
    map at once.
    """

    half_width: float = Field(gt=0, lt=0.5)
    cap: int = Field(default=1_000_000, ge=1)
    growth: float = Field(default=1.25, gt=1, le=10)
    confidence: float = Field(default=CONFIDENCE, gt=0, lt=1)

    @property
    def most_worlds(self) -> int:
        return min(self.cap, worlds_at_most(self.half_width, self.confidence))

    @property
    def looks(self) -> list[int]:
        """Numbers of worlds after which a point is looked at, increasing."""
        look = float(min(worlds_at_least(self.half_width, self.confidence), self.most_worlds))
        looks = []
        while look < self.most_worlds:
            looks.append(int(look))
            look = max(look * self.growth, look + 1)
        return [*looks, self.most_worlds]

    def next_stages(self, points: Points, so_far: Progress) -> list[Stage]:
        wide = ~self._narrow(so_far) & (so_far.asked < self.most_worlds)
        if not wide.any():
            return []
        # every point still open has been through the same looks, so they all wait at the same one
        asked = int(so_far.asked[wide].max())
        return _up_to(next(look for look in self.looks if look > asked), np.flatnonzero(wide), so_far)

    def reasons(self, so_far: Progress) -> NDArray[Any]:
        words = np.where(self._narrow(so_far), "precise", "cap")
        # fewer worlds than asked for ran where the model raised
        return np.where((words == "cap") & (so_far.n < so_far.asked), "failures", words)

    def _narrow(self, so_far: Progress) -> NDArray[np.bool_]:
        # one part in a billion, or rounding could ask for a world more than `worlds_at_most`
        return wilson_half_width(so_far.deals, so_far.n, self.confidence) <= self.half_width * (1 + 1e-9)


class Contour(Policy):
    """Where the deal rate of a two-parameter grid crosses ``level``: only points near that line get their worlds.

    Starts from every ``stride``-th line of the grid, halves the cells that the line may cross until they are cells of
    the grid, then follows the line through its neighbours. A closed island smaller than a first cell can be missed.
    """

    worlds: int = Field(ge=1)
    level: float = Field(default=0.5, gt=0, lt=1)
    stride: Literal[1, 2, 4, 8, 16, 32, 64] = 8
    confidence: float = Field(default=CONFIDENCE, gt=0, lt=1)

    @property
    def most_worlds(self) -> int:
        return self.worlds

    def next_stages(self, points: Points, so_far: Progress) -> list[Stage]:
        lattice = Lattice.of(points)
        seen = lattice.shaped(so_far.asked > 0)
        low, high = wilson_interval(so_far.deals, so_far.n, self.confidence)
        may_be_below = lattice.shaped(np.asarray(low) <= self.level)
        may_be_above = lattice.shaped(np.asarray(high) >= self.level)
        rate = lattice.shaped(so_far.deals / np.maximum(so_far.n, 1))
        wanted = lattice.corners(self.stride)
        stride: int = self.stride
        while stride > 1 and seen[wanted].all():
            wanted |= lattice.halved(stride, seen, may_be_below, may_be_above)
            stride //= 2
        if seen[wanted].all():
            wanted |= lattice.followed(seen, rate >= self.level)
        new = lattice.points[wanted & ~seen]
        return _up_to(self.worlds, np.sort(new), so_far) if len(new) else []


class Lattice:
    """The grid of a two-parameter design: which point sits where, by the order of each parameter's values."""

    def __init__(self, xs: NDArray[Any], ys: NDArray[Any], points: NDArray[np.int64]) -> None:
        self.xs, self.ys = xs, ys  # values in increasing order
        self.points = points  # point number by place, shape (xs, ys)

    @classmethod
    def of(cls, points: Points) -> Lattice:
        numeric = [column for column in points.columns.values() if column.dtype != object]
        if len(points.columns) != 2 or len(numeric) != 2:
            raise WrongInput(
                f"contour: needs a grid of two numeric parameters, got {', '.join(points.names) or 'none'}"
            )
        (xs, x_place), (ys, y_place) = (np.unique(column, return_inverse=True) for column in numeric)
        if len(xs) * len(ys) != points.count or min(len(xs), len(ys)) < 2:
            raise WrongInput("contour: needs a full grid with at least two values of each parameter")
        at = np.empty((len(xs), len(ys)), dtype=np.int64)
        at[x_place, y_place] = np.arange(points.count)
        return cls(xs, ys, at)

    def shaped(self, by_point: NDArray[Any]) -> NDArray[Any]:
        return np.asarray(by_point)[self.points]

    def corners(self, stride: int) -> NDArray[np.bool_]:
        """Places on every ``stride``-th line, and on the last one, of both parameters."""
        wanted = np.zeros(self.points.shape, dtype=bool)
        wanted[np.ix_(_lines(len(self.xs), stride), _lines(len(self.ys), stride))] = True
        return wanted

    def halved(
        self, stride: int, seen: NDArray[np.bool_], below: NDArray[np.bool_], above: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        """Places on the next finer lines in cells of this stride that have a corner on either side, or undecided."""
        wanted = np.zeros(self.points.shape, dtype=bool)
        for (x0, x1), (y0, y1) in self._cells(stride):
            corners = np.ix_((x0, x1), (y0, y1))
            if seen[corners].all() and below[corners].any() and above[corners].any():
                inner = [sorted({a, b, *range(a, b, stride // 2)}) for a, b in ((x0, x1), (y0, y1))]
                wanted[np.ix_(*inner)] = True
        return wanted

    def followed(self, seen: NDArray[np.bool_], yes: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Corners of the smallest cells next to an edge that the line crosses."""
        wanted = np.zeros(self.points.shape, dtype=bool)
        for axis in (0, 1):
            near, far = _shifted(axis)
            for x, y in zip(*np.nonzero(seen[near] & seen[far] & (yes[near] != yes[far])), strict=True):
                ahead = (slice(max(x - (axis == 1), 0), x + 2), slice(max(y - (axis == 0), 0), y + 2))
                wanted[ahead] = True
        return wanted

    def _cells(self, stride: int) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        return itertools.product(
            itertools.pairwise(_lines(len(self.xs), stride)), itertools.pairwise(_lines(len(self.ys), stride))
        )


def contour_line(points: Points, so_far: Progress, level: float = 0.5) -> NDArray[np.float64]:
    """Where the deal rate crosses ``level`` between neighbouring points that ran, linearly; shape (crossings, 2)."""
    lattice = Lattice.of(points)
    seen = lattice.shaped(so_far.n > 0)
    rate = lattice.shaped(so_far.deals / np.maximum(so_far.n, 1))
    grid = np.stack(np.meshgrid(lattice.xs.astype(float), lattice.ys.astype(float), indexing="ij"))
    found = []
    for axis in (0, 1):
        near, far = _shifted(axis)
        crosses = seen[near] & seen[far] & ((rate[near] >= level) != (rate[far] >= level))
        part = ((level - rate[near]) / np.where(crosses, rate[far] - rate[near], 1))[crosses]
        start, end = (grid[(slice(None), *side)][:, crosses] for side in (near, far))
        found.append((start + part * (end - start)).T)
    return np.concatenate(found)


def _lines(count: int, stride: int) -> list[int]:
    return sorted({*range(0, count, stride), count - 1})


def _shifted(axis: int) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Index of all places but the last, and of their neighbours, along an axis of two."""
    here, there, every = slice(None, -1), slice(1, None), slice(None)
    return ((here, every), (there, every)) if axis == 0 else ((every, here), (every, there))


def _up_to(worlds: int, at: NDArray[np.int64], so_far: Progress) -> list[Stage]:
    """Stages that bring these points to this many worlds, one for each number of worlds they have."""
    asked = so_far.asked[at]
    return [Stage(at[asked == have], have, worlds) for have in np.unique(asked).tolist() if have < worlds]
