"""The hash of a table, the same however its rows were made, cut or stored."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


class TableDigest:
    """Takes a sorted table piece by piece.

    Each column has a SHA-256 of its values in row order (little-endian; words as UTF-8 ended by a zero byte); the
    table's hash is over names, types and hashes of the columns and the number of rows. So where the pieces were cut
    does not matter, nor do the file format and the machine.

    With ``rounded``, numbers that are not whole go in with four digits. NumPy's functions differ in their last bit
    between processors, and where such a bit straddles an edge of float32 the exact hash differs too; this one is the
    same unless a vote or a date falls otherwise.
    """

    def __init__(self, *, rounded: bool = False) -> None:
        self._rounded = rounded
        self.dtypes: dict[str, str] = {}
        self.rows = 0
        self._columns: dict[str, Any] = {}

    def update(self, columns: Mapping[str, NDArray[Any]]) -> None:
        """Raises: TypeError if a column is new, missing or of another type than before."""
        kinds = {name: _kind(column) for name, column in columns.items()}
        if not self.dtypes:
            self.dtypes = kinds
            self._columns = {name: hashlib.sha256() for name in columns}
        if kinds != self.dtypes:
            odd = next(name for name in [*kinds, *self.dtypes] if kinds.get(name) != self.dtypes.get(name))
            raise TypeError(f"column {odd!r} is {kinds.get(odd)} in one part and {self.dtypes.get(odd)} in another")
        for name, column in columns.items():
            self._columns[name].update(_as_bytes(_rounded(column) if self._rounded else column))
        self.rows += len(next(iter(columns.values()), ()))

    def hexdigest(self) -> str:
        columns = [[name, kind, self._columns[name].hexdigest()] for name, kind in sorted(self.dtypes.items())]
        return hashlib.sha256(json.dumps([self.rows, columns]).encode()).hexdigest()


def _kind(column: NDArray[Any]) -> str:
    return "word" if column.dtype == object else column.dtype.newbyteorder("<").str


BITS, SMALLEST = 13, 1e-6  # of a number's digits; and what counts as nothing in every unit of ours
OFF_CENTRE = 0.3819660  # of a step: edges lie where no plain number does, or halves and tenths would sit on them


def _rounded(column: NDArray[Any]) -> NDArray[Any]:
    """Floating-point numbers in steps of a 2^-13 of their size; others as they are."""
    if column.dtype.kind != "f":
        return column
    wide = column.astype(np.float64)
    digits, power = np.frexp(np.where(np.abs(wide) < SMALLEST, 0.0, wide))
    rounded = np.ldexp(np.floor(digits * 2**BITS + OFF_CENTRE), power - BITS)
    return np.where(np.isnan(wide), np.nan, rounded)


def _as_bytes(column: NDArray[Any]) -> Any:
    if column.dtype == object:
        return b"".join(f"{value}\0".encode() for value in column)
    return np.ascontiguousarray(column, dtype=column.dtype.newbyteorder("<")).view(np.uint8).data
