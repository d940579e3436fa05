"""Hold out and pay for it until somebody gives in, at random moments: the stand-off.

Source: Maynard Smith (1974), Journal of Theoretical Biology 47; Hendricks, Weiss, Wilson (1988), International
Economic Review 29. In the symmetric equilibrium each side concedes at the rate at which waiting costs it, over the
prize: then the other is just indifferent between holding out and giving in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from agents.tactics.tactic import Moment, Tactic, within
from sim.worlds.axis import TINY, Worlds


@dataclass(frozen=True, slots=True, kw_only=True)
class WarOfAttrition(Tactic):
    """Asks for all that the other can do without, until chance has it concede all that it can do without itself."""

    waiting_cost: Worlds = 0.02  # of a round, on its own scale
    never_rises: ClassVar[bool] = True
    draws: ClassVar[bool] = True
    reads_the_other: ClassVar[bool] = True

    def aspiration(self, moment: Moment) -> NDArray[np.float64]:
        everything = within(moment.frontier.own_when_other_gets(moment.others_reservation), moment.reservation)
        prize = np.maximum(everything - moment.reservation, TINY)
        assert moment.uniform is not None  # tactics that draw are given luck
        concedes = moment.uniform < -np.expm1(-self.waiting_cost / prize)
        if moment.asked:  # who has given in has given in, also where the other, misjudged, wanted more yet
            concedes |= moment.asked[-1] <= moment.reservation
        return np.where(concedes, moment.reservation, everything)
