"""Concede by the clock: late (Boulware), evenly (linear) or early (conceder).

Source: Faratin, Sierra, Jennings (1998), Robotics and Autonomous Systems 24, the polynomial family. Named after
Lemuel Boulware of General Electric, whose first offer was his last.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from agents.tactics.tactic import Moment, Tactic
from sim.worlds import Worlds


def concession(time: float, speed: Worlds) -> Worlds:
    """Share of the way from ideal to reservation value conceded by ``time`` in [0, 1].

    ``speed`` below one concedes late, above one early.
    """
    if time <= 0.0:
        return 0.0
    return np.exp(np.log(time) / speed)  # time ** (1 / speed) in half the time


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeDependent(Tactic):
    """Concedes at a speed of the scenario's choosing."""

    speed: Worlds = 1.0
    never_rises: ClassVar[bool] = True

    def aspiration(self, moment: Moment) -> NDArray[np.float64]:
        # where no deal is worth more than the ideal it asks for that, and gets no deal
        return 1.0 - (1.0 - moment.reservation) * concession(moment.time, self.speed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Boulware(Tactic):
    """Hardly moves until the deadline is near."""

    never_rises: ClassVar[bool] = True

    def aspiration(self, moment: Moment) -> NDArray[np.float64]:
        return 1.0 - (1.0 - moment.reservation) * concession(moment.time, speed=0.2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Linear(Tactic):
    """Concedes the same in every round."""

    never_rises: ClassVar[bool] = True

    def aspiration(self, moment: Moment) -> NDArray[np.float64]:
        return 1.0 - (1.0 - moment.reservation) * concession(moment.time, speed=1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conceder(Tactic):
    """Gives most of what it will give at once."""

    never_rises: ClassVar[bool] = True

    def aspiration(self, moment: Moment) -> NDArray[np.float64]:
        return 1.0 - (1.0 - moment.reservation) * concession(moment.time, speed=5.0)
