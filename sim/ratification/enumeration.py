"""All coalitions one by one, a bit each: exact for weights too different from each other for a decision diagram.

Raw populations of 27 states make 2^27 coalitions that a diagram cannot merge. Told as bits they are 16 MB, and whether
each wins is a comparison of sums. Bodies are split: those in the low bits are looked at together, one pattern of the
others at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import comb
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.ratification.decision_diagram import Game, QuotaTree

MOST_BODIES = 28  # 2^28 coalitions take 32 MB and some seconds
TOGETHER = 18  # bodies whose patterns are looked at in one array
WITHOUT_A_LOW_BODY = ((0x55, 1), (0x33, 2), (0x0F, 4))  # bits of a byte without body 0, 1, 2, and how far to its own


class Coalitions(NamedTuple):
    """What is counted over all coalitions of a game."""

    by_size: list[int]  # winning, of 0, 1, ... bodies
    containing: list[list[int]]  # likewise of those with each body in them
    minimal: int  # winning ones that lose without any one of their bodies
    minimal_listed: list[tuple[int, ...]]  # all of them where they are few
    losing_size: int  # of the largest losing ones, -1 where all win
    losing: int  # how many of that size lose
    losing_listed: list[tuple[int, ...]]


class Enumeration:
    """Which of the 2^bodies coalitions win: a bit each, (patterns of the high bodies, bytes of the low)."""

    def __init__(self, game: Game) -> None:
        self.game, self.bodies = game, game.weights.shape[1]
        self.low = min(self.bodies, TOGETHER)
        self.low_size, self.high_size = _sizes(self.low), _sizes(self.bodies - self.low)
        self._low_sums = _sums(game.weights[:, : self.low])
        self._high_sums = _sums(game.weights[:, self.low :])

    def rows(self) -> Iterator[NDArray[np.bool_]]:
        """By pattern of the high bodies: which patterns of the low ones win with it, (2^low,)."""
        for added in self._high_sums.T:
            yield _wins(self.game.tree, self._low_sums >= (self.game.quotas - added)[:, None])

    def counted(self, *, listed: int) -> Coalitions:
        """Everything at once; coalitions are named where there are at most ``listed``."""
        n, high = self.bodies, self.bodies - self.low
        with_low = np.zeros((high + 1, 2**self.low), dtype=np.int64)  # winning, by bodies of the high and low pattern
        with_high = np.zeros((high + 1, n + 1), dtype=np.int64)  # winning with each high body, by size; the last: all
        bits = np.empty((2**high, max(2**self.low // 8, 1)), dtype=np.uint8)
        for pattern, wins in enumerate(self.rows()):
            size = self.high_size[pattern]
            with_low[size] += wins
            bits[pattern] = np.packbits(wins, bitorder="little")
            counts = np.bincount(self.low_size[wins], minlength=self.low + 1)
            for body in [*_members(pattern), high]:
                with_high[body, size : size + self.low + 1] += counts
        by_size = with_high[high]
        containing = [self._with_low_body(with_low, body) for body in range(self.low)] + list(with_high[:high])
        minimal = self._minimal(bits)
        number = int(np.bitwise_count(minimal).sum())
        losing = [comb(n, size) - int(ways) for size, ways in enumerate(by_size)]
        largest = max((size for size, ways in enumerate(losing) if ways), default=-1)
        few = largest >= 0 and losing[largest] <= listed
        return Coalitions(
            by_size=by_size.tolist(),
            containing=[own.tolist() for own in containing],
            minimal=number,
            minimal_listed=sorted(self._named(minimal), key=len) if number <= listed else [],
            losing_size=largest,
            losing=losing[largest] if largest >= 0 else 0,
            losing_listed=list(self._losing(bits, largest)) if few else [],
        )

    def cheapest(self, costs: NDArray[np.int64]) -> tuple[int, tuple[int, ...]] | None:
        """The winning coalition of least total cost (bodies,), each cost above 0; None where none wins."""
        low_cost, high_cost = _sums(costs[None, : self.low])[0], _sums(costs[None, self.low :])[0]
        best: tuple[int, int] | None = None
        for pattern, wins in enumerate(self.rows()):
            if not wins.any():
                continue
            place = int(np.argmin(np.where(wins, low_cost, np.iinfo(np.int64).max)))
            cost = int(low_cost[place] + high_cost[pattern])
            if best is None or cost < best[0]:
                best = cost, (pattern << self.low) + place
        return None if best is None else (best[0], tuple(_members(best[1])))

    def _with_low_body(self, with_low: NDArray[np.int64], body: int) -> NDArray[np.int64]:
        counts = np.zeros(self.bodies + 1, dtype=np.int64)
        inside = (np.arange(2**self.low) >> body & 1).astype(bool)
        for size, ways in enumerate(with_low):
            found = np.bincount(self.low_size[inside], weights=ways[inside], minlength=self.low + 1)
            counts[size : size + self.low + 1] += found.astype(np.int64)
        return counts

    def _minimal(self, bits: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The winning coalitions from which every body taken away leaves a losing one."""
        spare = np.zeros_like(bits)
        for body in range(self.low):
            if body < 3:
                mask, shift = WITHOUT_A_LOW_BODY[body]
                spare |= (bits & mask) << shift
            else:
                parted = bits.reshape(len(bits), -1, 2, 2 ** (body - 3))
                spare.reshape(parted.shape)[:, :, 1] |= parted[:, :, 0]
        for body in range(self.bodies - self.low):
            parted = bits.reshape(-1, 2, 2**body, bits.shape[1])
            spare.reshape(parted.shape)[:, 1] |= parted[:, 0]
        return bits & ~spare

    def _losing(self, bits: NDArray[np.uint8], size: int) -> Iterator[tuple[int, ...]]:
        """The losing coalitions of one size."""
        for pattern, row in enumerate(bits):
            loses = ~np.unpackbits(row, count=2**self.low, bitorder="little").astype(bool)
            for low in np.flatnonzero(loses & (self.low_size == size - self.high_size[pattern])).tolist():
                yield tuple(_members((pattern << self.low) + low))

    def _named(self, bits: NDArray[np.uint8]) -> Iterator[tuple[int, ...]]:
        """The coalitions of these bits."""
        for pattern, row in enumerate(bits):
            for place in np.flatnonzero(row).tolist():
                for bit in _members(int(row[place])):
                    yield tuple(_members((pattern << self.low) + 8 * place + bit))


def _sums(weights: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of every pattern of these bodies, (quotas, 2^bodies); body k is bit k."""
    sums = np.zeros((len(weights), 1), dtype=np.int64)
    for own in weights.T:
        sums = np.concatenate([sums, sums + own[:, None]], axis=1)
    return sums


def _sizes(bodies: int) -> NDArray[np.int64]:
    return _sums(np.ones((1, bodies), dtype=np.int64))[0]


def _members(pattern: int) -> Iterator[int]:
    """The bits that are set."""
    return (bit for bit in range(pattern.bit_length()) if pattern >> bit & 1)


def _wins(tree: QuotaTree, met: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The tree of all and any over quotas that are met, (quotas, patterns)."""
    if isinstance(tree, int):
        return met[tree]
    kind, parts = tree
    join = np.logical_and if kind == "all_of" else np.logical_or
    return join.reduce([_wins(part, met) for part in parts])
