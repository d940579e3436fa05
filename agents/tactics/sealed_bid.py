"""Shade the bid once, for an unknown partner: the linear equilibrium of the k = 1/2 double auction.

Source: Chatterjee & Samuelson (1983), Operations Research 31(5): values uniform on the unit interval, the buyer bids
2/3 value + 1/12, the seller asks 2/3 cost + 1/4. On either's own scale that is one and the same rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from agents.tactics.tactic import Moment, Tactic, within


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedBid(Tactic):
    """Asks for a quarter and two thirds of what no deal is worth; made for simultaneous demands."""

    never_rises: ClassVar[bool] = True

    def aspiration(self, moment: Moment) -> NDArray[np.float64]:
        return within(0.25 + moment.reservation * (2.0 / 3.0), moment.reservation)
