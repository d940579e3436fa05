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
from sim.worlds.axis import Worlds


def concession(time: float, speed: Worlds) -> Worlds:
    """Share of the way from ideal to reservation value conceded by ``time`` in [0, 1].

    ``speed`` below one concedes late, above one early.
    """
    if time <= 0.0:
        return 0.0
    return np.exp(np.log(time) / speed)  # time ** (1 / speed) in half the time


def by_the_clock(moment: Moment, speed: Worlds) -> NDArray[np.float64]:
    """From 1 in the first round to the reservation value in the last, (worlds,)."""
    asked = 1.0 - (1.0 - moment.reservation) * concession(moment.time, speed)
    return np.maximum(asked, moment.reservation)  # where no deal is worth more than the ideal, that is asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeDependent(Tactic):
    """Concedes at a speed of the scenario's choosing."""

    speed: Worlds = 1.0
    never_rises: ClassVar[bool] = True

    def aspiration(self, moment: Moment) -> NDArray[np.float64]:
        return by_the_clock(moment, self.speed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Boulware(Tactic):
    """Hardly moves until the deadline is near."""

    never_rises: ClassVar[bool] = True

    def aspiration(self, moment: Moment) -> NDArray[np.float64]:
        return by_the_clock(moment, 0.2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Linear(Tactic):
    """Concedes the same in every round."""

    never_rises: ClassVar[bool] = True

    def aspiration(self, moment: Moment) -> NDArray[np.float64]:
        return by_the_clock(moment, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conceder(Tactic):
    """Gives most of what it will give at once."""

    never_rises: ClassVar[bool] = True

    def aspiration(self, moment: Moment) -> NDArray[np.float64]:
        return by_the_clock(moment, 5.0)
