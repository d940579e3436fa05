"""A threshold read exactly: 4/5 is four fifths and 0.8 is eight tenths, never the nearest binary number.

A count meets the edge of a threshold more often than one would think (12 of 15 unions is exactly 80 %), and
``0.55 * 100 > 55`` in floating point. So a share is a fraction of whole numbers, and the comparison is too.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

FINEST = 10**6  # largest denominator: shares are known to a millionth
SMALL_DENOMINATORS = range(3, 35)  # a float that is k of n bodies (2/3, 5/7) is read as that, for n up to 34

LONGEST = 40  # characters of a share

WholeNumbers = int | NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ExactShare:
    """A share in [0, 1] as a fraction of whole numbers, or one fraction a world, shape (worlds,)."""

    numerator: WholeNumbers
    denominator: WholeNumbers

    @property
    def varies(self) -> bool:
        """Does it differ between worlds?"""
        return isinstance(self.numerator, np.ndarray)

    @property
    def value(self) -> Fraction | NDArray[np.float64]:
        """The fraction itself, or the worlds' shares as floats (for printing; never compared)."""
        if isinstance(self.numerator, int) and isinstance(self.denominator, int):
            return Fraction(self.numerator, self.denominator)
        return np.asarray(self.numerator) / self.denominator

    def world(self, world: int) -> ExactShare:
        """The share in one world."""
        if not self.varies:
            return self
        return ExactShare(int(np.asarray(self.numerator)[world]), int(np.asarray(self.denominator)[world]))

    def reached(self, part: NDArray[np.int64], whole: NDArray[np.int64], *, exactly_enough: bool) -> NDArray[np.bool_]:
        """Is ``part`` at least (or more than) this share of ``whole``, in whole numbers? No share of nothing is."""
        have, need = part * self.denominator, self.numerator * whole
        return (have >= need if exactly_enough else have > need) & (whole > 0)

    def needed(self, whole: NDArray[np.int64], *, exactly_enough: bool) -> NDArray[np.int64]:
        """Smallest whole number that reaches this share of ``whole``, at least 1."""
        product: NDArray[np.int64] = np.asarray(self.numerator * whole)
        number = -(-product // self.denominator) if exactly_enough else product // self.denominator + 1
        return np.maximum(1, number)  # no share of nothing is reached


def read_share(raw: Any) -> ExactShare:
    """Read "4/5", 0.8 (exactly as its decimal reads), 1, a `Fraction`, or an array of shares, one a world.

    Raises ValueError for what is no share, or finer than a millionth.
    """
    if isinstance(raw, ExactShare):
        return raw
    if isinstance(raw, np.ndarray) and raw.ndim > 0:
        return _shares_of_worlds(raw)
    share = _fraction(raw.item() if isinstance(raw, (np.generic, np.ndarray)) else raw)
    if not 0 < share <= 1:
        raise ValueError(f"must be a share above 0 and at most 1, got {raw!r}")
    if share.denominator > FINEST:
        raise ValueError(f'must be a fraction such as "2/3" or have at most six decimals, got {raw!r}')
    return ExactShare(share.numerator, share.denominator)


def drawn_share(value: Any) -> Any:
    """A float that was computed rather than written, read as arrays of worlds are; anything else as it is."""
    if not isinstance(value, (float, np.floating)) or not 0 < value <= 1:
        return value
    return _shares_of_worlds(np.array([value])).world(0)


def _fraction(raw: Any) -> Fraction:
    if isinstance(raw, bool) or not isinstance(raw, (int, float, str, Decimal, Fraction)):
        raise ValueError(f'must be a share such as "4/5" or 0.8, got {raw!r}')
    if isinstance(raw, str) and ("e" in raw.lower() or len(raw) > LONGEST):  # 1e-999999 takes for ever to be exact
        raise ValueError(f'must be a share such as "4/5" or 0.8, got {raw!r}')
    try:
        # repr gives the shortest decimal that reads back as this float: what somebody wrote in a file
        return Fraction(repr(raw) if isinstance(raw, float) else raw)
    except (ValueError, ZeroDivisionError, OverflowError) as error:
        raise ValueError(f'must be a share such as "4/5" or 0.8, got {raw!r}') from error


def _shares_of_worlds(shares: NDArray[Any]) -> ExactShare:
    """Floats to fractions, for all worlds at once: exact where one is meant, to a millionth where one is drawn."""
    shares = shares.astype(np.float64)
    if not np.all((shares > 0) & (shares <= 1)):
        raise ValueError(f"must be shares above 0 and at most 1, got {shares.min():g} to {shares.max():g}")
    numerator = np.rint(shares * FINEST).astype(np.int64)
    denominator = np.full(shares.shape, FINEST, dtype=np.int64)
    open_ = numerator / FINEST != shares
    if open_.any():
        for bodies in SMALL_DENOMINATORS:
            count = np.rint(shares * bodies)
            meant = open_ & (count / bodies == shares)
            numerator[meant], denominator[meant] = count[meant].astype(np.int64), bodies
    return ExactShare(numerator, denominator)
