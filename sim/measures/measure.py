"""One column of the table of results, and what every column is read with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.record import Happening
from sim.worlds.axis import Array

Columns = dict[str, Array]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One column of the table of results."""

    name: str
    unit: str
    meaning: str
    happening: type[Happening]
    read: Callable[[Any, Columns], Any]  # from the happening, and the columns read before it; (worlds,) or a number
    of: str = ""  # which such happening: the question of a roll call, the occasion of lobbying, the number of a vote
    blank: str = ""  # when it is NaN, in words; never if empty
    otherwise: Any = np.nan  # where no such happening came
    needs: str = ""  # what a case must have for the column to stand in its table: legislature, budget_vote
