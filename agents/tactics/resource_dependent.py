"""Concede as what one lives on runs out: rounds left, a strike fund, a cash balance.

Source: Faratin, Sierra, Jennings (1998), Robotics and Autonomous Systems 24, the resource-dependent family.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from agents.tactics.tactic import Moment, Tactic
from sim.worlds.axis import Worlds


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceDependent(Tactic):
    """Insists on more the more rounds are left: share conceded is exp(-rounds left / scarce)."""

    scarce: Worlds = 3.0  # rounds left at which the side begins to feel the end; above 0
    never_rises: ClassVar[bool] = True

    def aspiration(self, moment: Moment) -> NDArray[np.float64]:
        left = max(0, moment.rounds - 1 - moment.round)
        asked = 1.0 - (1.0 - moment.reservation) * np.exp(-left / self.scarce)
        return np.maximum(asked, moment.reservation)
