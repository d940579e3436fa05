"""Many worlds: a quantity is one number, or one number a world."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Worlds: TypeAlias = float | NDArray[Any]  # shape (worlds,) where it is an array; worlds are always the last axis

# What moves a vote (moods, leans, appeals) is known to a digit or two, from luck of 16 bits, and a unit's ballots are
# whole numbers: single precision holds 24 bits, at half the memory and a quarter of the time of a logarithm or a tanh;
# a fifth off the whole. Money is in double. `tests/sim/test_single_precision.py` counts the worlds that it turns.
SINGLE: type[np.floating[Any]] = np.float32


def single(quantity: Any, here: NDArray[np.int64] | None = None) -> NDArray[Any]:
    """A quantity, number or array over worlds, in single precision; in these worlds only, as `in_worlds`."""
    return np.asarray(in_worlds(quantity, here), dtype=SINGLE)


def in_single(numbers: SimpleNamespace, here: NDArray[np.int64] | None = None) -> SimpleNamespace:
    """A scenario section's numbers likewise; names and switches stay as they are."""
    kept = (bool, str, type(None))
    return SimpleNamespace(**{n: v if isinstance(v, kept) else single(v, here) for n, v in vars(numbers).items()})


def logistic(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 / (1 + exp(-x)). Written with tanh, which NumPy evaluates in half the time of exp and a division."""
    chance = np.asarray(0.5 * x)
    np.tanh(chance, out=chance)
    chance *= 0.5
    chance += 0.5
    return chance


def in_worlds(quantity: Worlds, here: NDArray[np.int64] | None) -> Any:
    """A quantity in these worlds, by their places in the block; a number is the same everywhere. None: in all."""
    return quantity if here is None or np.ndim(quantity) == 0 else np.take(quantity, here, axis=-1)


def log_odds(p: Worlds) -> Worlds:
    """Inverse of `logistic`, for probabilities strictly between 0 and 1."""
    return np.log(p) - np.log1p(-np.asarray(p))


def total(rows: Iterable[NDArray[Any]]) -> NDArray[Any]:
    """Sum of arrays of one shape, one after the other; see `weighted_sum` for why not by a NumPy reduction."""
    parts = iter(rows)
    result = next(parts).copy()
    for row in parts:
        result += row
    return result


def weighted_sum(rows: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum of rows x weights, (rows, worlds) and (rows,) to (worlds,).

    Row after row, not as a matrix product or a NumPy reduction, whose order of adding depends on how many worlds a
    block has: a world must come out the same to the last bit in any block.
    """
    total = weights[0] * rows[0]
    for weight, row in zip(weights[1:], rows[1:], strict=True):
        total += weight * row
    return total


def weighted_mean(rows: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean of rows by weight, (rows, worlds) and (rows,) to (worlds,); see `weighted_sum`."""
    return weighted_sum(rows, weights / weights.sum())
