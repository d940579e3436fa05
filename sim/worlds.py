"""Many worlds: a quantity is one number, or one number a world."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Worlds: TypeAlias = float | NDArray[Any]  # shape (worlds,) where it is an array; worlds are always the last axis


def logistic(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 / (1 + exp(-x)). Written with tanh, which NumPy evaluates in half the time of exp and a division."""
    return 0.5 + 0.5 * np.tanh(0.5 * x)


def log_odds(p: Worlds) -> Worlds:
    """Inverse of `logistic`, for probabilities strictly between 0 and 1."""
    return np.log(p) - np.log1p(-np.asarray(p))
