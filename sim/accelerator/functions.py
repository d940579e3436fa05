"""What NumPy's functions do with arrays whose numbers are not known yet: the same in JAX, in NumPy's types."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from sim.accelerator.places import AsksForNumbers, TracedPlaces
from sim.accelerator.traced import Traced, known, plain, taken

REDUCED = {
    "add": "sum",
    "maximum": "max",
    "minimum": "min",
    "fmax": "nanmax",
}
ACCUMULATED: dict[str, Callable[..., Any]] = {
    "add": jnp.cumsum,
    "maximum": jax.lax.cummax,
    "logical_or": lambda rows, axis: jax.lax.cummax(rows.astype(np.int8), axis=axis).astype(bool),
}


def operation(
    ufunc: np.ufunc, method: str, *given: Any, out: Any = None, where: Any = True, dtype: Any = None, **how: Any
) -> Any:
    """A ufunc called on these, or reduced or accumulated over one of them."""
    given = tuple(map(plain, given))
    if method == "__call__":
        found: Any = Traced(ufunc(*given, dtype=dtype) if known(*given) else _elementwise(ufunc, given, dtype))
    elif method in ("reduce", "accumulate"):
        found = _over_rows(ufunc, method, given[0], dtype, **how)
    else:
        raise AsksForNumbers(f"numpy.{ufunc.__name__}.{method}")
    if out is None:
        return found
    return _put(out[0], found, where)


def _put(into: Any, new: Any, where: Any) -> Traced:
    """Into an array, or into those places of it where a mask says so."""
    if not isinstance(into, Traced):
        raise AsksForNumbers("puts what is not known yet into an array of numbers that are")
    new, where, old = plain(new), plain(where), into.numbers
    module = np if known(new, where, old) else jnp
    into.put(module.broadcast_to(new, into.shape) if where is True else module.where(where, new, old))
    return into


def _elementwise(ufunc: np.ufunc, given: Sequence[Any], dtype: Any) -> Any:
    """In the types that NumPy would work in: JAX's own would keep integers with single precision single."""
    if dtype is None:
        kinds = tuple(type(one) if type(one) in (int, float) else np.asarray(_shell(one)).dtype for one in given)
        types = ufunc.resolve_dtypes((*kinds, *(None,) * ufunc.nout))
    else:
        types = (dtype,) * len(given)
    name = ufunc.__name__
    in_jax = getattr(jnp, name, None) or getattr(jax.scipy.special, name, None)  # SciPy has ufuncs of its own
    if in_jax is None:
        raise AsksForNumbers(f"{name}, which JAX does not have")
    return in_jax(*(jnp.asarray(one, kind) for one, kind in zip(given, types, strict=False)))


def _shell(one: Any) -> Any:
    return np.empty((), one.dtype) if isinstance(one, np.ndarray | np.generic | jax.Array) else one


def _over_rows(ufunc: np.ufunc, method: str, rows: Any, dtype: Any, *, axis: Any = 0, **how: Any) -> Any:
    name = ufunc.__name__
    if known(rows):
        return Traced(getattr(ufunc, method)(rows, axis=axis, dtype=dtype, **how))
    if name not in (ACCUMULATED if method == "accumulate" else {*REDUCED, "logical_or", "logical_and"}):
        raise AsksForNumbers(f"numpy.{name}.{method}")
    if method == "accumulate":
        return Traced(ACCUMULATED[name](rows, axis=axis))
    if name in ("logical_or", "logical_and"):
        traced = Traced(rows)
        return traced.any(axis) if name == "logical_or" else traced.all(axis)
    more = {"initial": how["initial"]} if how.get("initial", np._NoValue) is not np._NoValue else {}
    if name == "add":
        more["dtype"] = np.int64 if dtype is None and rows.dtype == bool else dtype
    return Traced(getattr(jnp, REDUCED[name])(rows, axis=axis, keepdims=bool(how.get("keepdims")), **more))


def called(function: Callable[..., Any], *given: Any, **how: Any) -> Any:
    """A NumPy function called on these: one of those below, or JAX's of the same name."""
    if function in FUNCTIONS:
        return FUNCTIONS[function](*given, **how)
    given = tuple([plain(part) for part in one] if isinstance(one, list | tuple) else plain(one) for one in given)
    how = {name: plain(one) for name, one in how.items()}
    flat = [part for one in (*given, *how.values()) for part in (one if isinstance(one, list) else [one])]
    module, name = np if known(*flat) else jnp, function.__name__
    if not hasattr(module, name):
        raise AsksForNumbers(f"numpy.{name}")
    return Traced(getattr(module, name)(*given, **how))


def _where(condition: Any, here: Any, elsewhere: Any) -> Traced:
    condition, *both = map(plain, (condition, here, elsewhere))
    if known(condition, *both):
        return Traced(np.where(condition, *both))
    both = [int(one) if isinstance(one, int) and not isinstance(one, bool) else one for one in both]
    kind = np.result_type(*(_shell(one) for one in both))
    return Traced(jnp.where(condition, *(jnp.asarray(one, kind) for one in both)))


def _clip(array: Any, least: Any = None, most: Any = None) -> Any:
    array = array if least is None else np.maximum(array, least)
    return array if most is None else np.minimum(array, most)


def _copyto(into: Any, new: Any, casting: str = "same_kind", where: Any = True) -> None:
    _put(into, new, where)


def _flatnonzero(mask: Any) -> Any:
    return np.flatnonzero(plain(mask)) if known(plain(mask)) else TracedPlaces(mask)


def _count_nonzero(mask: Any, axis: int | None = None) -> Any:
    """Over worlds it is not known: there may be as many as there are worlds."""
    numbers = plain(mask)
    if known(numbers):
        return np.count_nonzero(numbers, axis=axis)
    return numbers.size if axis is None else Traced(jnp.count_nonzero(numbers, axis=axis))


def _broadcast_to(array: Any, shape: Any, subok: bool = False) -> Traced:
    numbers = plain(array)
    shape = shape if isinstance(shape, tuple) else (shape,)
    return Traced((np if known(numbers) else jnp).broadcast_to(numbers, shape))


def _zeros_like(array: Any, dtype: Any = None) -> Traced:
    return Traced(np.zeros(array.shape, array.dtype if dtype is None else dtype))


FUNCTIONS: dict[Callable[..., Any], Callable[..., Any]] = {
    np.all: lambda array, axis=None: array.all(axis),
    np.any: lambda array, axis=None: array.any(axis),
    np.argsort: lambda array, axis=-1, kind=None: array.argsort(axis),
    np.broadcast_to: _broadcast_to,
    np.clip: _clip,
    np.copyto: _copyto,
    np.count_nonzero: _count_nonzero,
    np.empty_like: _zeros_like,
    np.flatnonzero: _flatnonzero,
    np.isin: lambda array, wanted: Traced(jnp.isin(plain(array), np.asarray(wanted))),
    np.ndim: lambda array: array.ndim,
    np.result_type: lambda *given: np.result_type(*(_shell(plain(one)) for one in given)),
    np.shape: lambda array: array.shape,
    np.where: _where,
    np.zeros_like: _zeros_like,
}


Traced.operation, Traced.called = operation, called


class TracedNumPy:
    """NumPy as the model's modules see it while a crisis is traced.

    These functions make arrays of what is no array yet, or take a known array apart at places that are not known, so
    NumPy does not hand them over by itself.
    """

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    def asarray(self, given: Any, dtype: Any = None) -> Any:
        """As it is where it is one; a list of traced arrays is stacked."""
        if isinstance(given, list | tuple) and any(isinstance(one, Traced) for one in given):
            given = np.stack([one if isinstance(one, Traced) else Traced(np.asarray(one)) for one in given])
        if not isinstance(given, Traced):
            return np.asarray(given, dtype=dtype)
        return given if dtype is None else given.astype(dtype, copy=False)

    ascontiguousarray = asarray

    def array(self, given: Any, dtype: Any = None) -> Any:
        made = self.asarray(given, dtype)
        return made.copy()

    def zeros(self, shape: Any, dtype: Any = float) -> Traced:
        return Traced(np.zeros(shape, dtype))

    empty = zeros

    def ones(self, shape: Any, dtype: Any = float) -> Traced:
        return Traced(np.ones(shape, dtype))

    def full(self, shape: Any, fill: Any, dtype: Any = None) -> Traced:
        fill = plain(fill)
        return Traced((np if known(fill) else jnp).full(shape, fill, dtype=dtype))

    def take(self, array: Any, places: Any, axis: int | None = None) -> Any:
        some = isinstance(array, Traced) or isinstance(places, Traced | TracedPlaces)
        return taken(array, places, axis) if some else np.take(array, places, axis=axis)
