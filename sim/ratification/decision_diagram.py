"""All coalitions of up to 100 bodies at once: a monotone tree of quotas as a decision diagram, a layer a body.

Bodies are taken one by one, the heaviest first. A state says how much of every quota is still missing. Two states are
one as soon as no coalition of the bodies left could tell them apart, so a layer stays small where 2^n is not: a need of
17 is a need of 20 if nothing between can still come in, a quota that can no longer be met makes its ``all_of`` a loss.
Counts of coalitions are whole numbers: up to 50 bodies below 2^53, which floating point adds and multiplies exactly,
and beyond that Python's own.

Source: quasi-reduced ordered binary decision diagrams of simple games, Bolus (2011), EJOR 210(2).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sim.errors import WrongInput

MOST_BODIES = 100
IN_FLOATING_POINT = 50  # bodies, whose 2^50 coalitions are still counted exactly
MOST_STATES = 400_000  # in one layer; with its counts a quarter of a gigabyte
UNREACHABLE = 2**50  # missing weight: more than there is

Counts = NDArray[Any]  # whole numbers, as floats or as Python's own
QuotaTree = int | tuple[Literal["all_of", "any_of"], tuple["QuotaTree", ...]]  # an int is the row of a quota


class TooManyCoalitions(WrongInput):
    """Nothing makes two states one often enough: the weights are too different from each other for a diagram."""


@dataclass(frozen=True)
class Game:
    """A simple game: which coalitions win. Every quota is a sum of weights, combined by a tree of all and any."""

    tree: QuotaTree
    weights: NDArray[np.int64]  # (quotas, bodies), not negative
    quotas: NDArray[np.int64]  # (quotas,)

    def wins(self, coalitions: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Does each coalition win? ``coalitions`` (bodies, any number)."""
        missing = self.quotas[:, None] - self.weights @ coalitions.astype(np.int64)
        _settle(self.tree, missing)
        return np.all(missing <= 0, axis=0)


@dataclass(frozen=True)
class Diagram:
    """A layered graph: state ``k`` of layer ``i`` leads to ``without[i][k]`` and ``with_[i][k]`` of layer i + 1."""

    order: NDArray[np.int64]  # the body each layer decides on, (bodies,)
    without: list[NDArray[np.int64]]
    with_: list[NDArray[np.int64]]
    accepted: NDArray[np.bool_]  # states of the last layer

    @property
    def bodies(self) -> int:
        """How many bodies, and layers that decide."""
        return len(self.order)

    @property
    def _whole(self) -> type:
        """What counts are kept in."""
        return np.float64 if self.bodies <= IN_FLOATING_POINT else object

    def completions(self) -> list[Counts]:
        """By layer: in how many ways each state is accepted with so many bodies more, (states, bodies left + 1)."""
        counts: list[Counts] = [self.accepted.astype(np.int64).astype(self._whole)[:, None]]
        for without, with_ in zip(reversed(self.without), reversed(self.with_), strict=True):
            after = counts[-1]
            before = np.zeros((len(without), after.shape[1] + 1), dtype=self._whole)
            before[:, :-1] += after[without]
            before[:, 1:] += after[with_]
            counts.append(before)
        return counts[::-1]

    def containing(self, completions: list[Counts]) -> NDArray[np.int64]:
        """Accepted coalitions with each body in them, by size, (bodies, bodies + 1)."""
        n = self.bodies
        found: Counts = np.zeros((n, n + 1), dtype=self._whole)
        # ways to reach each state with so many bodies, (states, layer + 1)
        arrivals: Counts = np.ones((1, 1), dtype=self._whole)
        for layer, body in enumerate(self.order):
            pairs = arrivals.T @ completions[layer + 1][self.with_[layer]]  # (bodies before, bodies after)
            for before, after in np.ndindex(pairs.shape):
                found[body, before + 1 + after] += pairs[before, after]
            arrivals = self._arrivals(layer, arrivals, len(completions[layer + 1]))
        return found if self._whole is object else found.astype(np.int64)

    def _arrivals(self, layer: int, arrivals: Counts, states: int) -> Counts:
        following: Counts = np.zeros((states, layer + 2), dtype=self._whole)
        np.add.at(following[:, :-1], self.without[layer], arrivals)
        np.add.at(following[:, 1:], self.with_[layer], arrivals)
        return following

    def coalitions(self, ways: list[Counts], size: int) -> Iterator[tuple[int, ...]]:
        """The coalitions of one size that ``ways`` (as from `completions`) counts, as sorted tuples of bodies."""
        stack: list[tuple[int, int, tuple[int, ...]]] = [(0, 0, ())]
        while stack:
            layer, state, chosen = stack.pop()
            left = size - len(chosen)
            if not (0 <= left < ways[layer].shape[1] and ways[layer][state, left]):
                continue
            if layer == self.bodies:
                yield tuple(sorted(chosen))
                continue
            stack.append((layer + 1, int(self.without[layer][state]), chosen))
            stack.append((layer + 1, int(self.with_[layer][state]), (*chosen, int(self.order[layer]))))

    def cheapest(self, costs: NDArray[np.int64]) -> tuple[int, tuple[int, ...]] | None:
        """The accepted coalition of least total cost (bodies,), each cost above 0; None where none is accepted."""
        least = [np.where(self.accepted, 0, UNREACHABLE)]
        for layer in reversed(range(self.bodies)):
            with_ = costs[self.order[layer]] + least[-1][self.with_[layer]]
            least.append(np.minimum(least[-1][self.without[layer]], with_))
        least.reverse()
        if least[0][0] >= UNREACHABLE:
            return None
        state, chosen = 0, []
        for layer, body in enumerate(self.order):
            step = self.without[layer][state]
            if least[layer + 1][step] != least[layer][state]:
                step = self.with_[layer][state]
                chosen.append(int(body))
            state = step
        return int(least[0][0]), tuple(sorted(chosen))


def winning_diagram(game: Game) -> Diagram:
    """The diagram whose accepted coalitions are the winning ones."""
    order = _heaviest_first(game)
    return _build(game, order, np.full(len(order), -1))


def minimal_winning_diagram(game: Game) -> Diagram:
    """The diagram whose accepted coalitions win, and lose without any one of their bodies.

    Beside the coalition itself it follows the coalition less one body. Within a chain of bodies, each at least as
    heavy as the next in every quota, only the last one taken need be left out: without a heavier one still more is
    missing. Where one weight decides there is one chain.
    """
    order = _heaviest_first(game)
    return _build(game, order, _chains(game.weights[:, order]))


def _heaviest_first(game: Game) -> NDArray[np.int64]:
    bodies = game.weights.shape[1]
    if bodies > MOST_BODIES:
        raise WrongInput(f"power is computed for at most {MOST_BODIES} bodies, got {bodies}")
    shares = game.weights / np.maximum(game.weights.sum(axis=1, keepdims=True), 1)
    return np.argsort(-shares.sum(axis=0), kind="stable")


def _chains(weights: NDArray[np.int64]) -> NDArray[np.int64]:
    """The chain each body belongs to: never heavier in any quota than the one before it in its chain."""
    chains: list[int] = []
    last: list[NDArray[np.int64]] = []
    for weight in weights.T:
        chain = next((c for c, heavier in enumerate(last) if np.all(weight <= heavier)), len(last))
        if chain == len(last):
            last.append(weight)
        last[chain] = weight
        chains.append(chain)
    return np.array(chains, dtype=np.int64)


def _build(game: Game, order: NDArray[np.int64], chains: NDArray[np.int64]) -> Diagram:
    """Layer by layer; a state is a column of needs, (1 + chains) x quotas: of the coalition, and less one body."""
    quotas = len(game.quotas)
    weights = game.weights[:, order]
    still = _still_possible(weights, game.quotas)
    copies = 1 + int(chains.max(initial=-1) + 1)
    state = np.full((copies, quotas, 1), UNREACHABLE, dtype=np.int64)
    state[0, :, 0] = game.quotas
    state, _ = _merge(game.tree, state, still[0])
    without, with_ = [], []
    for layer, chain in enumerate(chains):
        taken = state - weights[:, layer][None, :, None]
        if chain >= 0:
            taken[1 + chain] = state[0]
        merged, where = _merge(game.tree, np.concatenate([state, taken], axis=2), still[layer + 1])
        without.append(where[: state.shape[2]])
        with_.append(where[state.shape[2] :])
        state = merged
    wins = np.all(state[0] <= 0, axis=0)
    any_smaller_wins = np.any(np.all(state[1:] <= 0, axis=1), axis=0)
    return Diagram(order, without, with_, wins & ~any_smaller_wins)


def _still_possible(weights: NDArray[np.int64], quotas: NDArray[np.int64]) -> list[list[NDArray[np.int64]]]:
    """By layer and quota: every sum the bodies from this layer on can add, rising, cut off at the quota."""
    layers = [[np.zeros(1, dtype=np.int64) for _ in quotas]]
    for weight in weights.T[::-1]:
        sums = []
        for own, quota, after in zip(weight, quotas, layers[-1], strict=True):
            added = after + own
            # one sum above the quota is enough: it meets any need
            sums.append(np.unique(np.concatenate([after, np.minimum(added, max(int(quota), 0))])))
            _refuse_too_many(len(sums[-1]))
        layers.append(sums)
    return layers[::-1]


def _refuse_too_many(states: int) -> None:
    if states > MOST_STATES:
        raise TooManyCoalitions("these weights make too many different coalitions for an exact analysis")


def _merge(
    tree: QuotaTree, state: NDArray[np.int64], still: list[NDArray[np.int64]]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """One state for all that nothing still to come can tell apart, and where each went. Dead ends become one state."""
    for quota, sums in enumerate(still):
        place = np.searchsorted(sums, state[:, quota])
        state[:, quota] = np.append(sums, UNREACHABLE)[place]
    for copy in state:
        _settle(tree, copy)
    lost = np.all(state[0] >= UNREACHABLE, axis=0) | np.any(np.all(state[1:] <= 0, axis=1), axis=0)
    if len(state) > 1:
        state[:, :, lost] = UNREACHABLE
    key = np.zeros(state.shape[2], dtype=np.int64)
    for row in state.reshape(-1, state.shape[2]):
        _, value = np.unique(row, return_inverse=True)
        _, key = np.unique(key * (value.max(initial=0) + 1) + value, return_inverse=True)
    _, first = np.unique(key, return_index=True)
    _refuse_too_many(len(first))
    return state[:, :, first], key


def _settle(tree: QuotaTree, missing: NDArray[np.int64]) -> list[int]:
    """Let a part that is decided decide all the quotas in it; ``missing`` (quotas, states) is changed in place.

    Returns the rows of the quotas in the tree.
    """
    if isinstance(tree, int):
        np.maximum(missing[tree], 0, out=missing[tree])
        return [tree]
    kind, parts = tree
    rows_of_parts = [_settle(part, missing) for part in parts]
    rows = [row for part in rows_of_parts for row in part]
    met = np.array([np.all(missing[part] <= 0, axis=0) for part in rows_of_parts])
    dead = np.array([np.all(missing[part] >= UNREACHABLE, axis=0) for part in rows_of_parts])
    won, lost = (met.all(axis=0), dead.any(axis=0)) if kind == "all_of" else (met.any(axis=0), dead.all(axis=0))
    for row in rows:
        missing[row, won] = 0
        missing[row, lost] = UNREACHABLE
    return rows
