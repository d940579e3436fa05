"""What somebody's own part gives is what its contract says, or the worlds in which it is not are named.

Tactics, protocols and agents are plug-ins: anybody may add one. What one gives is checked where it comes in, before
it is reckoned with, since a NaN in one world of a thousand moves a rate without a word. Each check is one or two
passes over an array; the slow way, which finds the worlds, is only taken where something is wrong.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import ModelFault

SLACK = 1e-9  # what rounding may do to a value on a scale from 0 to 1, or to a share of an issue's range
Bound = float | NDArray[np.float64]


def numbers(answer: Any, worlds: int, *, of: str, least: Bound = -np.inf, most: float = np.inf) -> NDArray[np.float64]:
    """One finite number a world from ``least`` to ``most``, or at ``least`` where that is the larger, (worlds,).

    ``of`` names who gave it: ``Boulware.aspiration``. Raises `ModelFault` with the worlds in which it is not.
    """
    given = _array(answer, (worlds,), "fiu", of, "numbers")
    if not isinstance(given, np.ndarray):  # being compiled (`sim/accelerator`): there are no numbers yet
        return given
    # NaN, if there is one, carries through a maximum, a minimum and a difference, and is no more or less than anything
    highest, spare = given.max(initial=-np.inf), np.subtract(given, least).min(initial=np.inf)
    if highest <= most and highest < np.inf and spare >= 0 and (np.ndim(least) or least > -np.inf):
        return given
    fine = (given >= np.subtract(least, SLACK)) & (given <= np.maximum(least, most) + SLACK) & np.isfinite(given)
    if not fine.all():
        _refuse(given, ~fine, of, least, np.maximum(least, most))
    return given


def switches(answer: Any, worlds: int, *, of: str) -> NDArray[np.bool_]:
    """Yes or no in every world, (worlds,). Raises `ModelFault`."""
    return _array(answer, (worlds,), "b", of, "true or false")


def package(
    answer: Any, low: NDArray[np.float64], high: NDArray[np.float64], worlds: int, *, of: str
) -> NDArray[np.float64]:
    """An amount of every issue within its bounds, (issues, worlds). Raises `ModelFault`."""
    given = _array(answer, (len(low), worlds), "fiu", of, "numbers")
    if not isinstance(given, np.ndarray):
        return given
    slack = SLACK * (high - low)
    # NaN is neither more nor less than anything, and carries through a minimum and a maximum
    fine = (given.min(axis=1, initial=np.inf) >= low - slack) & (given.max(axis=1, initial=-np.inf) <= high + slack)
    for issue in () if fine.all() or not worlds else np.flatnonzero(~fine):
        amounts, least, most = given[issue], float(low[issue]), float(high[issue])
        wrong = ~((amounts >= least - slack[issue]) & (amounts <= most + slack[issue]))
        _refuse(amounts, wrong, f"{of}, issue {issue}", least, most)
    return given


def answer(
    given: Any,
    *,
    of: str,
    worlds: Collection[int],
    switch: bool = False,
    least: float = -np.inf,
    most: float = np.inf,
    finite: bool = True,
) -> None:
    """True or false, or numbers from ``least`` to ``most``, in whatever is given: an array whose last axis are worlds,
    a number, a tuple or a dataclass of these. ``worlds``: how many there may be. Raises `ModelFault`."""
    for part in _parts(given):
        amounts = np.atleast_1d(np.asarray(part))
        if amounts.dtype.kind not in ("b" if switch else "fiub"):
            what = "true or false" if switch else "numbers"
            raise ModelFault(f"{of}: must be {what}, got {type(part).__name__} of {amounts.dtype}")
        if amounts.shape[-1] not in (1, *worlds):
            raise ModelFault(f"{of}: must have a number a world, got shape {np.shape(part)}")
        if switch or not amounts.size:
            continue
        amounts = amounts.reshape(-1, amounts.shape[-1])
        fine = (amounts >= least - SLACK) & (amounts <= most + SLACK) & (np.isfinite(amounts) if finite else True)
        if not fine.all():
            worst = amounts[fine.argmin(axis=0), np.arange(amounts.shape[-1])]  # of each world's
            _refuse(worst, np.asarray(~fine.all(axis=0)), of, least, most)


def _parts(given: Any) -> Iterator[Any]:
    """The arrays and numbers in it; what is left out, and words, are none."""
    if is_dataclass(given):
        given = tuple(getattr(given, one.name) for one in fields(given))
    if isinstance(given, tuple):
        for one in given:
            if one is not None and not isinstance(one, str):
                yield from _parts(one)
    else:
        yield given


def columns(found: Mapping[str, NDArray[Any]], worlds: int, *, blank: Collection[str] | None = None) -> None:
    """Every column of results has a row a world and nothing infinite; NaN only those that may be ``blank`` (None: all).

    Raises `ModelFault` naming the column and the worlds.
    """
    for name, column in found.items():
        if np.shape(column) != (worlds,):
            raise ModelFault(f"column {name}: has shape {np.shape(column)}, not ({worlds},)")
        if column.dtype.kind != "f" or np.isfinite(column).all():
            continue
        wrong = np.isinf(column) if blank is None or name in blank else ~np.isfinite(column)
        if wrong.any():
            _refuse(column, wrong, f"column {name}", -np.inf, np.inf)


def _array(answer: Any, shape: tuple[int, ...], kinds: str, of: str, what: str) -> NDArray[Any]:
    """The answer as an array of this shape; a single number is the same in every world."""
    try:
        given = np.asarray(answer)
    except ValueError as error:
        raise ModelFault(f"{of}: must be {what}: {error}") from None
    if given.dtype.kind not in kinds:
        raise ModelFault(f"{of}: must be {what}, got {type(answer).__name__} of {given.dtype}")
    if given.shape not in ((), shape):
        raise ModelFault(f"{of}: must have shape {shape}, got {given.shape}")
    return given if given.shape == shape else np.broadcast_to(given, shape)


def _refuse(given: NDArray[Any], wrong: NDArray[np.bool_], of: str, least: Bound, most: Bound) -> None:
    first = int(np.argmax(wrong))
    low, high = (float(np.broadcast_to(bound, wrong.shape)[first]) for bound in (least, most))
    limits = f" from {low:.6g} to {high:.6g}" if high < np.inf else f" and at least {low:.6g}" if low > -np.inf else ""
    count = f"{wrong.sum():,} of {len(wrong):,} worlds" if len(wrong) > 1 else "this world"
    raise ModelFault(f"{of}: must be finite{limits}, got {given[first]:.6g} in {count}", wrong)
