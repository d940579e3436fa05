"""Demand in public, and at the deadline take it back or let the talks fail, whichever costs less.

Source: Schelling (1956), American Economic Review 46; Crawford (1982), Econometrica 50: each side knows what taking
back its own word would cost it and only guesses the other's, so two who both stand firm end with nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agents.tactics.tactic import Moment, Tactic, within
from sim.bargaining.commitments import stands_firm
from sim.worlds.axis import Worlds


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment(Tactic):
    """Insists on its demand; in the last round it gives way if that is worth the price, and stands firm if not."""

    stand: Worlds = 0.7  # demanded in public, on its own scale
    others_stand: Worlds = 0.7  # and by the other, on the other's
    price: Worlds = 0.2  # of taking it back, on its own scale, known to itself
    dearest: Worlds = 0.4  # the most that price may be, for either side

    def aspiration(self, moment: Moment) -> NDArray[np.float64]:
        stand = within(self.stand, moment.reservation)
        if moment.round < moment.rounds - 1:
            return stand
        left = moment.frontier.own_when_other_gets(self.others_stand)
        left = np.minimum(np.where(np.isfinite(left), left, 0.0), stand)
        firm = stands_firm(
            self.price, self.dearest, gains=np.maximum(left - moment.reservation, 0.0), gives_up=0.5 * (stand - left)
        )
        return np.where(firm, stand, within(left, moment.reservation))
