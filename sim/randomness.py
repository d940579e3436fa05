"""Addressable randomness: a world's luck is known by ``(seed, stream, world)`` and by nothing else.

Each purpose draws from a stream of its own, so a new draw in one moves no other; each world has its own row in the
stream, reached by skipping ahead in a counter-based generator (Philox; Salmon, Moraes, Dror, Shaw 2011). So a world
replays alone, bit for bit, whatever the block size, worker count, order or resume, and keeps its luck across
parameter values (common random numbers).
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

NUMBERS_A_STEP = 4  # Philox yields four 64-bit numbers a counter step
COARSE_A_STEP = 16  # or sixteen numbers of 16 bits


class Luck(IntEnum):
    """Who draws. Numbers are for ever: a stream keeps its number, a new purpose takes a new one."""

    UNCERTAINTY = 1  # each world's value of every uncertain parameter
    UNITS = 2  # each unit's lasting mood
    LEADERS = 3  # leaders' misreading of their members
    TALKS = 4  # tactics that draw, recognition of the proposer
    BALLOTS = 5  # who votes and how: lasting reluctance, counted
    LEGISLATORS = 6  # each seat's lasting lean, and its mood and absence on a later day
    MAYORS = 7  # each town's resolve, the chance of its own bargain
    VOTE_MOOD = 8  # what changes in a unit between two votes
    COEFFICIENTS = 9  # one draw of the fitted roll-call coefficients a world
    POSTERIOR = 10  # which row of a posterior a world lives in
    CALENDAR = 11  # random deadlines, breakdowns
    TOWN_UNIONS = 12  # whether each town's own unions concede
    WHIPS = 13  # how the governor misreads each chamber
    FLOORS = 14  # how each side at a table misjudges what no deal is worth to the other


def uniforms(seed: int, stream: int, worlds: NDArray[np.int64], width: int) -> NDArray[np.float64]:
    """Uniforms in (0, 1) of these worlds in one stream, shape (width, worlds), worlds last.

    ``worlds`` may come in any order and may repeat (a design runs many points in the same worlds); world 7's column
    is the same in any block, for any prefix of ``width`` rounded up to a multiple of four.
    """
    steps = -(-width // NUMBERS_A_STEP)
    unique, place = np.unique(np.asarray(worlds, dtype=np.int64), return_inverse=True)
    breaks = np.flatnonzero(np.diff(unique) != 1) + 1
    runs = [_run(seed, stream, run, steps) for run in np.split(unique, breaks)]
    rows = runs[0] if len(runs) == 1 else np.concatenate(runs)
    in_order = len(unique) == len(place) and np.array_equal(place, np.arange(len(place)))
    drawn = np.ascontiguousarray(rows[:, :width].T)
    return drawn if in_order else np.ascontiguousarray(drawn[:, place])


def coarse_uniforms(seed: int, stream: int, worlds: NDArray[np.int64], width: int) -> NDArray[np.float64]:
    """As `uniforms`, to one part in 65,536: for many small chances a world, at a quarter of the draws.

    The middles of 65,536 equal steps of (0, 1), so the mean is exact and neither end is ever met.
    """
    steps = -(-width // COARSE_A_STEP)
    unique, place = np.unique(np.asarray(worlds, dtype=np.int64), return_inverse=True)
    parts = []
    for run in np.split(unique, np.flatnonzero(np.diff(unique) != 1) + 1):
        bits = np.random.Philox(key=np.array([seed, stream], dtype=np.uint64))
        bits.advance(int(run[0]) * steps)
        parts.append(bits.random_raw(len(run) * steps * NUMBERS_A_STEP))
    # little-endian on any machine, so that a world's numbers come in the same order everywhere
    rows = np.concatenate(parts).astype("<u8", copy=False).view("<u2").reshape(len(unique), -1)[:, :width]
    in_order = len(unique) == len(place) and np.array_equal(place, np.arange(len(place)))
    chosen = rows if in_order else rows[place]
    drawn = np.empty(chosen.T.shape)
    np.multiply(chosen.T, 2.0**-16, out=drawn)
    drawn += 2.0**-17
    return drawn


def normals(seed: int, stream: int, worlds: NDArray[np.int64], width: int) -> NDArray[np.float64]:
    """Standard normals by inversion, shape (width, worlds): one uniform each, so nothing else ever moves."""
    return normal_quantile(uniforms(seed, stream, worlds, width))


def normal_quantile(uniform: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard normals by inversion; the dearest function of the model, twenty multiplications a number."""
    return ndtri(uniform)


def one_uniform_each(seed: int, stream: int, labels: Sequence[str], worlds: NDArray[np.int64]) -> NDArray[np.float64]:
    """One uniform in (0, 1) a world for every label, shape (labels, worlds).

    Each label has a substream of its own, found by its name: a label added, taken away or moved changes no other's.
    """
    unique, place = np.unique(np.asarray(worlds, dtype=np.int64), return_inverse=True)
    runs = np.split(unique, np.flatnonzero(np.diff(unique) != 1) + 1)
    in_order = len(unique) == len(place) and np.array_equal(place, np.arange(len(place)))
    drawn = np.empty((len(labels), len(unique)))
    bits = np.random.Philox(key=np.array([seed, stream], dtype=np.uint64))
    generator, fresh = np.random.Generator(bits), bits.state
    for label, row in zip(labels, drawn, strict=True):
        key, end = stream + (zlib.crc32(label.encode()) << 8), 0
        for run in runs:
            steps, before = divmod(int(run[0]), NUMBERS_A_STEP)
            # turning one generator to another place costs a tenth of making a new one
            fresh["state"]["key"][1], fresh["state"]["counter"][0] = key, steps
            bits.state = fresh
            generator.random(before)
            start, end = end, end + len(run)
            generator.random(out=row[start:end])
    np.maximum(drawn, 2.0**-54, out=drawn)
    return drawn if in_order else drawn[:, place]


def _run(seed: int, stream: int, worlds: NDArray[np.int64], steps: int) -> NDArray[np.float64]:
    """Consecutive worlds, shape (worlds, 4 * steps): a row width depends on the purpose, never on a parameter."""
    bits = np.random.Philox(key=np.array([seed, stream], dtype=np.uint64))
    bits.advance(int(worlds[0]) * steps)
    drawn = np.random.Generator(bits).random((len(worlds), NUMBERS_A_STEP * steps))
    # zero has probability 2**-53 and no normal quantile; the smallest step above it has one
    return np.maximum(drawn, 2.0**-54)
