"""Addressable randomness: a world's luck is known by ``(seed, stream, world)`` and by nothing else.

Each purpose draws from a stream of its own, so a new draw in one moves no other; each world has its own row in the
stream, reached by skipping ahead in a counter-based generator (Philox; Salmon, Moraes, Dror, Shaw 2011). So a world
replays alone, bit for bit, whatever the block size, worker count, order or resume, and keeps its luck across
parameter values (common random numbers).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

NUMBERS_A_STEP = 4  # Philox yields four 64-bit numbers a counter step
COARSE_A_STEP = 16  # or sixteen numbers of 16 bits
STEPS = 65_536  # into which coarse luck cuts (0, 1)
SMALLEST = 2.0**-54  # of uniforms: zero, which has a chance of 2**-53, has no quantile and no log-odds
TURNED_AT_ONCE = 128  # worlds


@cache
def _normal_table(dtype: np.dtype[Any]) -> NDArray[Any]:
    from scipy.special import ndtri  # half of all imports' time, which whoever only reads a case need not wait

    return ndtri((np.arange(STEPS) + 0.5) / STEPS).astype(dtype)


class Stream(IntEnum):
    """Who draws. Numbers are for ever: a stream keeps its number, a new purpose takes a new one."""

    UNCERTAINTY = 1  # each world's value of every uncertain parameter
    UNITS = 2  # each unit's lasting mood
    LEADERS = 3  # leaders' misreading of their members
    TALKS = 4  # tactics that draw, recognition of the proposer
    BALLOTS = 5  # who votes and how: lasting reluctance, counted
    LEGISLATORS = 6  # each seat's lasting lean, and its mood and absence on a later day
    MAYORS = 7  # each town's resolve
    VOTE_MOOD = 8  # what changes in a unit between two votes
    COEFFICIENTS = 9  # one draw of the fitted roll-call coefficients a world
    POSTERIOR = 10  # which row of a posterior a world lives in
    CALENDAR = 11  # nothing of the model's: for a body of a user's own, with a day of its own
    TOWN_UNIONS = 12  # whether each town's own unions concede
    WHIPS = 13  # how the governor misreads each chamber
    FLOORS = 14  # how each side at a table misjudges what no deal is worth to the other
    UNION_MOODS = 15  # the part of their moods that units of one union share: lasting, and on the days of the votes
    WAGES_MOOD = 16  # what each unit thinks of its own ballot on wages
    GIVING_UP = 17  # who voted no and stays at home
    SWING = 18  # what else moves all members between two votes
    SESSIONS = 19  # whether talks break off, and meet again


def uniforms(seed: int, stream: int, worlds: NDArray[np.int64], width: int) -> NDArray[np.float64]:
    """Uniforms in (0, 1) of these worlds in one stream, shape (width, worlds), worlds last.

    ``worlds`` may come in any order and may repeat (a design runs many points in the same worlds); world 7's column
    is the same in any block, for any prefix of ``width`` rounded up to a multiple of four.
    """
    rows = _rows(seed, stream, worlds, -(-width // NUMBERS_A_STEP), _fine)[:, :width]
    return _worlds_last(rows)


def coarse(seed: int, stream: int, worlds: NDArray[np.int64], width: int) -> NDArray[np.uint16]:
    """As `uniforms`, as one of 65,536 equally likely steps from 0: for many small chances, at a quarter of the draws.

    `uniform_at` and `normal_at` turn a step into a number when it is needed; until then it takes a quarter of the room.
    """
    rows = _rows(seed, stream, worlds, -(-width // COARSE_A_STEP), _coarse)[:, :width]
    return _worlds_last(rows)


def uniform_at(step: NDArray[np.uint16], dtype: Any = np.float64) -> NDArray[Any]:
    """The middle of a step of (0, 1): the mean is exact and neither end is ever met; single precision holds it too."""
    return np.multiply(step, 1 / STEPS, dtype=dtype) + 0.5 / STEPS


def normal_at(step: NDArray[np.uint16], dtype: Any = np.float64) -> NDArray[Any]:
    """Standard normals by inversion: the quantile at the middle of a step, read from a table.

    A tenth of the time of the quantile itself, a quarter off the whole; none lies beyond 4.3 standard deviations.
    """
    return np.take(_normal_table(np.dtype(dtype)), step)


def normals(seed: int, stream: int, worlds: NDArray[np.int64], width: int) -> NDArray[np.float64]:
    """Standard normals, shape (width, worlds), from `coarse` luck: one step each, so nothing else ever moves."""
    return normal_at(coarse(seed, stream, worlds, width))


def with_common_part(own: NDArray[Any], common: NDArray[Any], share: Any) -> NDArray[Any]:
    """Standard normals that have this share of their variance in common with others of their group."""
    return np.sqrt(1 - share) * own + np.sqrt(share) * common


def one_uniform_each(seed: int, stream: int, labels: Sequence[str], worlds: NDArray[np.int64]) -> NDArray[np.float64]:
    """One uniform in (0, 1) a world for every label, shape (labels, worlds).

    Each label has a substream of its own, found by its name: a label added, taken away or moved changes no other's.
    """
    runs, place = _addresses(worlds)
    drawn = np.empty((len(labels), sum(run.length for run in runs)))
    bits = np.random.Philox(key=np.array([seed, stream], dtype=np.uint64))
    generator, fresh = np.random.Generator(bits), bits.state
    address, counter = fresh["state"]["key"], fresh["state"]["counter"]
    for label, row in zip(labels, drawn, strict=True):
        key, end = stream + (zlib.crc32(label.encode()) << 8), 0
        for run in runs:
            steps, before = divmod(run.first, NUMBERS_A_STEP)
            # turning one generator to another place costs a tenth of making a new one
            address[1], counter[0] = key, steps
            bits.state = fresh
            if before:
                generator.random(before)
            start, end = end, end + run.length
            generator.random(out=row[start:end])
    np.maximum(drawn, SMALLEST, out=drawn)
    return drawn if place is None else drawn.take(place, axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class Luck:
    """The luck of these worlds under one seed: each draw comes from a stream of its own. Worlds are the last axis."""

    seed: int
    worlds: NDArray[np.int64]

    @classmethod
    def of(cls, seed: int, worlds: ArrayLike) -> Self:
        """``worlds``: addresses, in any order."""
        return cls(seed, np.asarray(worlds, dtype=np.int64))

    def uniforms(self, stream: Stream, width: int) -> NDArray[np.float64]:
        """See `uniforms`."""
        return uniforms(self.seed, stream, self.worlds, width)

    def coarse(self, stream: Stream, width: int, here: NDArray[np.int64] | None = None) -> NDArray[np.uint16]:
        """See `coarse`; ``here``: of the worlds at these places only."""
        return coarse(self.seed, stream, self.worlds if here is None else np.take(self.worlds, here), width)

    def normals(self, stream: Stream, width: int) -> NDArray[np.float64]:
        """See `normals`."""
        return normals(self.seed, stream, self.worlds, width)

    def one_uniform_each(self, stream: Stream, labels: Sequence[str]) -> NDArray[np.float64]:
        """See `one_uniform_each`."""
        return one_uniform_each(self.seed, stream, labels, self.worlds)


class _Run(NamedTuple):
    """Consecutive worlds."""

    first: int
    length: int


class _Addresses(NamedTuple):
    """Which worlds a block asks for."""

    runs: list[_Run]  # each world once, rising
    place: NDArray[np.int64] | None  # where each world asked for is among them; None: they come just so


def _addresses(worlds: NDArray[np.int64]) -> _Addresses:
    worlds = np.asarray(worlds, dtype=np.int64)
    if len(worlds) and (worlds[1:] == worlds[:-1] + 1).all():
        return _Addresses([_Run(int(worlds[0]), len(worlds))], None)
    unique, place = np.unique(worlds, return_inverse=True)
    starts = np.flatnonzero(np.diff(unique, prepend=-2) != 1)
    lengths = np.diff(starts, append=len(unique))
    in_order = len(unique) == len(place) and np.array_equal(place, np.arange(len(place)))
    runs = [_Run(first, length) for first, length in zip(unique[starts].tolist(), lengths.tolist(), strict=True)]
    return _Addresses(runs, None if in_order else place)


def _rows(
    seed: int, stream: int, worlds: NDArray[np.int64], steps: int, draw: Callable[[np.random.Philox, int], NDArray[Any]]
) -> NDArray[Any]:
    """A row a world, each so many steps of the counter long: it depends on the purpose, never on a parameter."""
    runs, place = _addresses(worlds)
    bits, reached = np.random.Philox(key=np.array([seed, stream], dtype=np.uint64)), 0
    parts = []
    for run in runs:
        bits.advance((run.first - reached) * steps)
        parts.append(draw(bits, run.length * steps * NUMBERS_A_STEP).reshape(run.length, -1))
        reached = run.first + run.length
    rows = parts[0] if len(parts) == 1 else np.concatenate(parts)
    return rows if place is None else rows[place]


def _fine(bits: np.random.Philox, numbers: int) -> NDArray[np.float64]:
    return np.maximum(np.random.Generator(bits).random(numbers), SMALLEST)


def _coarse(bits: np.random.Philox, numbers: int) -> NDArray[np.uint16]:
    # little-endian on any machine, so that a world's numbers come in the same order everywhere
    return bits.random_raw(numbers).astype("<u8", copy=False).view("<u2")


def _worlds_last(rows: NDArray[Any]) -> NDArray[Any]:
    """Worlds from the first axis to the last, some at a time: they then stay in the cache, thrice as quick."""
    turned = np.empty(rows.T.shape, rows.dtype)
    for start in range(0, len(rows), TURNED_AT_ONCE):
        some = slice(start, start + TURNED_AT_ONCE)
        turned[:, some] = rows[some].T
    return turned
