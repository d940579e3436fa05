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
    """

    def __init__(self) -> None:
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
            self._columns[name].update(_as_bytes(column))
        self.rows += len(next(iter(columns.values()), ()))

    def hexdigest(self) -> str:
        columns = [[name, kind, self._columns[name].hexdigest()] for name, kind in sorted(self.dtypes.items())]
        return hashlib.sha256(json.dumps([self.rows, columns]).encode()).hexdigest()


def _kind(column: NDArray[Any]) -> str:
    return "word" if column.dtype == object else column.dtype.newbyteorder("<").str


def _as_bytes(column: NDArray[Any]) -> Any:
    if column.dtype == object:
        return b"".join(f"{value}\0".encode() for value in column)
    return np.ascontiguousarray(column, dtype=column.dtype.newbyteorder("<")).view(np.uint8).data
