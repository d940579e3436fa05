"""Name a demand and stay with it: the last offer that a single union is told to take or leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from agents.tactics.tactic import Moment, Tactic, within
from sim.worlds.axis import Worlds


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed(Tactic):
    """Asks for the same share of its ideal in every round. Source: "firm" tactics in Pruitt (1981), ch. 2."""

    stand: Worlds = 0.8  # on its own scale
    never_rises: ClassVar[bool] = True

    def aspiration(self, moment: Moment) -> NDArray[np.float64]:
        return within(self.stand, moment.reservation)
