"""An array whose numbers are not known yet: it stands where NumPy's would, and notes in JAX what is done to it.

What a rule does with arrays is NumPy throughout, so a rule that is handed traced arrays is traced as it stands. Two
questions that a rule asks of many worlds have no answer yet:

* Does something hold in any world, in all? It may, and not surely: `any` over worlds says yes, `all` no. What hangs on
  it is which way is quicker, and these answers lead down the way that serves every world.
* In which worlds does it hold? `TracedPlaces` stand for all of them; what is put back there goes through the mask.

Whatever else asks for numbers raises `AsksForNumbers`. An array of numbers that are known (`Traced` around NumPy's)
is computed at once, and becomes unknown when something unknown is put into it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from sim.accelerator.places import AsksForNumbers, TracedPlaces

WHOLE = slice(None)


class Traced(np.lib.mixins.NDArrayOperatorsMixin):
    """Worlds last. A part of it is a view, as in NumPy: what is put into the part is put into the whole."""

    __slots__ = ("_index", "_numbers", "_whole")

    def __init__(self, numbers: Any, whole: Traced | None = None, index: tuple[Any, ...] = ()) -> None:
        """``numbers``: NumPy's or JAX's; or a part of a ``whole``, at a basic ``index``."""
        self._numbers, self._whole, self._index = numbers, whole, index

    @property
    def numbers(self) -> Any:
        """NumPy's array where they are known, JAX's where they are not."""
        if self._whole is None:
            return self._numbers
        whole = self._whole.numbers
        return whole[self._index] if known(whole) else _part(whole, self._index)

    def put(self, numbers: Any) -> None:
        """In its own type, as NumPy does."""
        if self._whole is None:
            self._numbers = numbers.astype(self._numbers.dtype)
        else:
            self._whole.put_at(self._index, numbers)

    def put_at(self, index: Any, numbers: Any) -> None:
        old = self.numbers
        if known(old, numbers, *index):
            changed = np.array(old)
            changed[index] = numbers
            self.put(changed)
            return
        unknown = jnp.asarray(old)
        new = jnp.asarray(numbers).astype(unknown.dtype)
        if len(index) == 1 and isinstance(index[0], int | np.integer):  # a row: cheaper to compile than any places
            row = jnp.broadcast_to(new, unknown.shape[1:])[None]
            at = (int(index[0]) % len(unknown),) + (0,) * (unknown.ndim - 1)
            self.put(jax.lax.dynamic_update_slice(unknown, row, at))
        else:
            self.put(unknown.at[index].set(new))

    # --- what an array says of itself

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.numbers.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype(self.numbers.dtype)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return int(np.prod(self.shape))

    @property
    def T(self) -> Traced:
        return Traced(self.numbers.T)

    def __len__(self) -> int:
        return self.shape[0]

    def __iter__(self) -> Iterator[Traced]:
        return (self[row] for row in range(len(self)))

    # --- its numbers, if they are known

    def _known(self, read: Callable[[Any], Any]) -> Any:
        numbers = self.numbers
        if not known(numbers):
            raise AsksForNumbers("asks for numbers that are not known before the run")
        return read(numbers)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return self._known(lambda numbers: np.asarray(numbers, dtype=dtype))

    def __bool__(self) -> bool:
        return bool(self._known(bool))

    def __float__(self) -> float:
        return float(self._known(float))

    def __int__(self) -> int:
        return int(self._known(int))

    def __index__(self) -> int:
        return int(self._known(operator.index))

    # --- the same in another form

    def astype(self, dtype: Any, copy: bool = True) -> Traced:
        numbers = self.numbers
        return self if not copy and numbers.dtype == dtype else Traced(numbers.astype(dtype))

    def view(self, dtype: Any) -> Traced:
        """Only true or false as bytes, to be counted."""
        if self.dtype != bool or np.dtype(dtype) != np.uint8:
            raise AsksForNumbers(f"a view of {self.dtype} as {dtype}")
        return self.astype(dtype)

    def copy(self) -> Traced:
        return Traced(self.numbers)

    def reshape(self, *shape: Any) -> Traced:
        return Traced(self.numbers.reshape(*shape))

    def ravel(self) -> Traced:
        return self.reshape(-1)

    def swapaxes(self, one: int, other: int) -> Traced:
        return Traced(self.numbers.swapaxes(one, other))

    def take(self, places: Any, axis: int | None = None) -> Traced:
        return taken(self, places, axis)

    # --- along axes

    def _along(self, name: str, **how: Any) -> Traced:
        numbers = self.numbers
        return Traced(getattr(_module(numbers), name)(numbers, **how))

    def sum(self, axis: Any = None, dtype: Any = None) -> Traced:
        return self._along("sum", axis=axis, dtype=dtype)

    def mean(self, axis: Any = None) -> Traced:
        return self._along("mean", axis=axis)

    def min(self, axis: Any = None, **how: Any) -> Traced:
        return self._along("min", axis=axis, **how)

    def max(self, axis: Any = None, **how: Any) -> Traced:
        return self._along("max", axis=axis, **how)

    def argsort(self, axis: int = -1) -> Traced:
        return self._along("argsort", axis=axis, stable=True)

    def any(self, axis: Any = None) -> Any:
        return self._holds("any", axis, unsure=True)

    def all(self, axis: Any = None) -> Any:
        return self._holds("all", axis, unsure=False)

    def _holds(self, name: str, axis: Any, *, unsure: bool) -> Any:
        numbers = self.numbers
        axes = tuple(range(self.ndim)) if axis is None else (axis % self.ndim,)
        if not known(numbers) and self.ndim - 1 in axes:  # asked of all worlds at once
            said = np.full([n for place, n in enumerate(self.shape) if place not in axes], unsure)
            return said if said.ndim else unsure
        return Traced(getattr(_module(numbers), name)(numbers, axis=axis))

    # --- parts of it

    def __getitem__(self, index: Any) -> Traced:
        parts = index if isinstance(index, tuple) else (index,)
        if _picks(parts[-1]):  # some worlds, which stand for all
            return (self if parts[:-1] in ((), (...,)) else self[(*parts[:-1], WHOLE)]).copy()
        parts = tuple(np.asarray(part) if isinstance(part, list) else plain(part) for part in parts)
        if all(part is None or part is ... or isinstance(part, int | np.integer | slice) for part in parts):
            return Traced(None, self, parts)
        numbers = self.numbers
        return Traced(numbers[parts] if known(numbers, *parts) else _worked_out(numbers)[parts])

    def __setitem__(self, index: Any, new: Any) -> None:
        parts = index if isinstance(index, tuple) else (index,)
        if not _picks(parts[-1]):
            self.put_at(tuple(map(plain, parts)), _as_array(plain(new)))
            return
        mask = plain(parts[-1].mask if isinstance(parts[-1], TracedPlaces) else parts[-1])
        whole = self if parts[:-1] in ((), (...,)) else self[(*parts[:-1], WHOLE)]
        whole.put(jnp.where(mask, plain(new), whole.numbers))

    # --- what NumPy hands it

    operation: ClassVar[Callable[..., Any]]  # these two are in `sim.accelerator.functions`
    called: ClassVar[Callable[..., Any]]

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *given: Any, **how: Any) -> Any:
        return Traced.operation(ufunc, method, *given, **how)

    def __array_function__(self, function: Callable[..., Any], types: Any, given: Any, how: Any) -> Any:
        return Traced.called(function, *given, **how)


def plain(quantity: Any) -> Any:
    """NumPy's or JAX's own array; whatever else it is, as it is."""
    return quantity.numbers if isinstance(quantity, Traced) else quantity


def known(*quantities: Any) -> bool:
    """Are all these numbers there to look at?"""
    return not any(isinstance(quantity, jax.Array) for quantity in quantities)


def taken(array: Any, places: Any, axis: int | None = None) -> Traced:
    """Rows, columns or worlds of an array by place, as `numpy.take`."""
    if isinstance(places, TracedPlaces):
        return Traced(plain(array))
    array, places = plain(array), plain(places) if hasattr(places, "dtype") else np.asarray(places)
    if known(array, places):
        return Traced(np.take(array, places, axis=axis))
    return Traced(jnp.take(_worked_out(array), places, axis=axis, mode="clip"))


def _worked_out(numbers: Any) -> Any:
    """Once, before places of it are read: JAX's compiler would work it out again for every place."""
    return jax.lax.optimization_barrier(jnp.asarray(numbers))


def _module(numbers: Any) -> Any:
    return np if known(numbers) else jnp


def _as_array(new: Any) -> Any:
    return new if hasattr(new, "dtype") else np.asarray(new)


def _picks(part: Any) -> bool:
    """Does it pick worlds that are not known yet?"""
    if isinstance(part, TracedPlaces):
        return True
    return isinstance(part, Traced) and part.dtype == bool and not known(part.numbers)


def _part(numbers: Any, index: tuple[Any, ...]) -> Any:
    """A basic index in one slice and one change of shape, which compile quicker than JAX's general way."""
    parts = list(index)
    axes = sum(part is not None and part is not ... for part in parts)
    rest = [WHOLE] * (numbers.ndim - axes)
    at = parts.index(...) if ... in parts else len(parts)
    parts[at : at + (... in parts)] = rest
    starts, ends, steps, shape = [], [], [], []
    sizes = iter(numbers.shape)
    for part in parts:
        if part is None:
            shape.append(1)
            continue
        size = next(sizes)
        if isinstance(part, slice):
            start, end, step = part.indices(size)
            if step < 0:
                return numbers[index]
            shape.append(len(range(start, end, step)))
        else:
            start, step = range(size)[part], 1
            end = start + 1
        starts.append(start)
        ends.append(max(start, end))
        steps.append(step)
    cut = jax.lax.slice(numbers, starts, ends, steps)
    return cut if cut.shape == tuple(shape) else jnp.reshape(cut, shape)
