"""Take it or leave it: offer the other just what no deal is worth to it, and keep the rest.

Source: Romer & Rosenthal (1978), Public Choice 33(4), for the setter who faces a reversion; with one round it is the
ultimatum game.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from agents.tactics.tactic import Moment, Tactic, within


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaSetter(Tactic):
    """Asks for all that the other is thought to do without; in the last round it takes whatever beats no deal."""

    reads_the_other: ClassVar[bool] = True

    def aspiration(self, moment: Moment) -> NDArray[np.float64]:
        return within(moment.frontier.own_when_other_gets(moment.others_reservation), moment.reservation)

    def accepts_from(self, moment: Moment) -> NDArray[np.float64]:
        return moment.reservation if moment.round >= moment.rounds - 1 else self.aspiration(moment)
