"""Many worlds: a quantity is one number, or one number a world."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

T = TypeVar("T")
Worlds: TypeAlias = float | NDArray[Any]  # shape (worlds,) where it is an array; worlds are always the last axis
Array: TypeAlias = NDArray[Any]  # worlds last
Places: TypeAlias = NDArray[np.int64] | slice  # of worlds in a block
TINY = 1e-12  # keeps a division by what may be nothing finite
BLOCK = 4_096  # worlds a block: arrays over bodies and worlds that a step works on then stay near the processor

# What moves a vote (moods, leans, appeals) is known to a digit or two, from luck of 16 bits, and a unit's ballots are
# whole numbers: single precision holds 24 bits, at half the memory and a quarter of the time of a logarithm or a tanh;
# a fifth off the whole. Money is in double. `tests/sim/test_single_precision.py` counts the worlds that it turns.
SINGLE: type[np.floating[Any]] = np.float32
# Numbers taken at once: they stay in the cache from one operation to the next, and NumPy is not called too often for
# a few worlds. Of 4,096 to 65,536 the quickest with many worlds, and three times as quick as row by row with one.
NEAR = 32_768
FEW = 512  # worlds, of which to pick those that matter takes longer than to work it out for all


def single(quantity: Any, here: Places | None = None) -> NDArray[Any]:
    """A quantity, number or array over worlds, in single precision; in these worlds only, as `in_worlds`."""
    return np.asarray(quantity if here is None else in_worlds(quantity, here), dtype=SINGLE)


def with_numbers(section: T, numbers: Mapping[str, Any]) -> T:
    """A section of a scenario with these in its fields, read like any section; nothing is checked anew."""
    filled = object.__new__(type(section))
    object.__setattr__(filled, "__dict__", dict(numbers))
    object.__setattr__(filled, "__pydantic_fields_set__", set(numbers))
    for unused in ("__pydantic_extra__", "__pydantic_private__"):  # asked for where a section travels to a worker
        object.__setattr__(filled, unused, None)
    return filled


def in_single(section: T, here: Places | None = None) -> T:
    """A section's numbers likewise; names and switches stay as they are."""
    kept = (bool, str, type(None))
    return with_numbers(section, {n: v if isinstance(v, kept) else single(v, here) for n, v in vars(section).items()})


def logistic(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 / (1 + exp(-x)). Written with tanh, which NumPy evaluates in half the time of exp and a division."""
    return 0.5 * np.tanh(0.5 * x) + 0.5


def in_worlds(quantity: Worlds | None, here: Places | None) -> Any:
    """A quantity in these worlds, by their places in the block; None: in all.

    A number, what is told of a single world, and nothing at all are the same everywhere and stay as they are.
    """
    if here is None or quantity is None or np.ndim(quantity) == 0 or np.shape(quantity)[-1] == 1:
        return quantity
    if isinstance(here, slice):
        return np.asarray(quantity)[..., here]
    return np.take(quantity, here, axis=-1)


def put_in_worlds(into: NDArray[Any], quantity: NDArray[Any], where: NDArray[np.int64] | NDArray[np.bool_]) -> None:
    """Write a quantity into its places among all worlds, or from one of all worlds what holds where a mask says so."""
    if where.dtype == bool:
        np.copyto(into, quantity, where=where)
    else:
        into[..., where] = quantity


def chosen(where: NDArray[np.bool_] | None, here: Any, elsewhere: Any) -> NDArray[Any]:
    """What holds in these worlds, (worlds,), and what elsewhere; None: in all of them."""
    return np.asarray(here) if where is None else np.where(where, here, elsewhere)


def log_odds(p: Worlds) -> Worlds:
    """Inverse of `logistic`, for probabilities strictly between 0 and 1."""
    return np.log(p) - np.log1p(-np.asarray(p))


def total(rows: NDArray[Any] | Iterable[NDArray[Any]]) -> NDArray[Any]:
    """Sum over the first axis, row after row, (rows, worlds) to (worlds,).

    A world must come out the same to the last bit in any block, but NumPy adds up the rows of a single world in
    another order than those of many; running sums have one order only.
    """
    stacked: Any = rows if hasattr(rows, "shape") else np.stack(list(rows))
    if stacked.shape[-1] > 1 or not len(stacked):
        return np.asarray(np.add.reduce(stacked, axis=0))
    return np.asarray(np.add.accumulate(stacked, axis=0)[-1])


def how_many(rows: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Of the rows, how many are true, (rows, worlds) to (worlds,).

    Bytes add up in a sixth of the time of bools made into larger numbers, as long as they do not run over.
    """
    small = np.uint8 if len(rows) <= np.iinfo(np.uint8).max else np.int32
    return np.add.reduce(rows.view(np.uint8), axis=0, dtype=small).astype(np.int32)


def a_few_at_a_time(rows: NDArray[Any], *, each: int = 1) -> Iterator[slice]:
    """Rows, (rows, worlds), from the first to the last, so few at once that they stay in the cache; see `NEAR`.

    ``each``: for so many numbers that are worked out for one of theirs.
    """
    few = max(1, NEAR // max(each * rows.shape[-1], 1))
    return (slice(first, first + few) for first in range(0, len(rows), few))


def some_worlds_at_a_time(worlds: int, *, rows: int) -> Iterator[slice]:
    """Worlds from the first to the last, so few at once that so many ``rows`` of them stay in the cache likewise."""
    few = max(1, NEAR // max(rows, 1))
    return (slice(first, min(first + few, worlds)) for first in range(0, worlds, few))


def weighted_sum(rows: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum of rows x weights, (rows, worlds) and (rows,) to (worlds,), row after row as `total`.

    Raises: ValueError for rows without worlds, which would be taken for one row.
    """
    if rows.ndim < 2:
        raise ValueError(f"rows must have shape (rows, worlds), got {rows.shape}")
    return total(weights[:, None] * rows)


class Groups:
    """Rows of one kind gathered into rows of another, each with its weight: units into unions, towns into seats.

    A sparse matrix, whose product adds up a group's members one after the other whatever the number of worlds.
    """

    def __init__(self, group: ArrayLike, member: ArrayLike, weight: ArrayLike, *, shape: tuple[int, int]) -> None:
        """Parallel, in the order of adding: a row of the groups, a row of what is gathered, and its weight.

        ``shape``: how many groups, and how many rows are gathered.
        """
        order = np.argsort(group, kind="stable")
        starts = np.searchsorted(np.sort(group), np.arange(shape[0] + 1))
        self._parts, self._of = np.asarray(weight)[order], np.asarray(member, dtype=np.int32)[order]
        self._starts, self._shape = starts, shape

    @cached_property
    def _weights(self) -> dict[np.dtype[Any], Any]:
        """The matrix by precision. Made when it is first needed: who only reads a case does not wait for SciPy."""
        from scipy.sparse import csr_array

        return {
            np.dtype(kind): csr_array((self._parts.astype(kind), self._of, self._starts), shape=self._shape)
            for kind in (np.float32, np.float64)
        }

    def add_up(self, rows: NDArray[Any]) -> NDArray[Any]:
        """Weighted sum by group, (rows, worlds) to (groups, worlds)."""
        weights = self._weights[rows.dtype]
        if not isinstance(rows, np.ndarray):  # what is being compiled (`sim/accelerator`) is none of SciPy's
            return weights.toarray() @ rows
        return np.asarray(weights @ rows)


def weighted_mean(rows: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean of rows by weight, (rows, worlds) and (rows,) to (worlds,); see `weighted_sum`."""
    return weighted_sum(rows, weights / weights.sum())
