"""Worlds picked by a mask that is not known yet."""

from __future__ import annotations

from typing import Any

import numpy as np


class AsksForNumbers(TypeError):
    """A rule looks at the numbers of single worlds, or at arrays in a way that cannot be compiled."""


class TracedPlaces:
    """Places of worlds that a mask picks: all of them, of which only the picked ones are written."""

    ndim, dtype = 1, np.dtype(np.int64)

    def __init__(self, mask: Any) -> None:
        self.mask = mask

    def __len__(self) -> int:
        return int(self.mask.shape[-1])

    @property
    def size(self) -> int:
        return len(self)

    @property
    def shape(self) -> tuple[int]:
        return (len(self),)

    def __getitem__(self, mask: Any) -> TracedPlaces:
        return TracedPlaces(self.mask & mask)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        raise AsksForNumbers("picks worlds of an array of numbers that are known")
