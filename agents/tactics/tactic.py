"""What every tactic is: how much of its own ideal a side insists on, round by round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.bargaining.frontier import Frontier
from sim.worlds.axis import Worlds


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What a side knows when it decides. Values are on its own scale: 0 its worst package, 1 its ideal."""

    round: int  # 0 is the first
    rounds: int  # as many as both sides reckon with
    reservation: NDArray[np.float64]  # what no deal is worth to it, (worlds,); above 1: nothing beats no deal
    others_reservation: Worlds  # what it thinks no deal is worth to the other, on the other's scale
    frontier: Frontier  # its own: the best packages for the other at every aspiration
    asked: Sequence[NDArray[np.float64]]  # its own aspirations so far, oldest first, each (worlds,)
    heard: Sequence[NDArray[np.float64]]  # what the other's offers so far were worth to it, oldest first
    last_offer: NDArray[np.float64] | None  # the other's latest package, (issues, worlds)
    uniform: NDArray[np.float64] | None  # this round's luck in (0, 1), (worlds,); for tactics that draw
    turns: Sequence[float]  # chance that it, and not the other, makes the offer, by round
    times: Sequence[float] | None = None  # when each round is held, from 0 to 1; None: evenly spread

    @property
    def time(self) -> float:
        """Time gone by: 0 in the first round, 1 in the last; the only round is the last."""
        if self.round >= self.rounds - 1:
            return 1.0
        return self.round / (self.rounds - 1) if self.times is None else self.times[self.round]

    def next(self) -> Moment:
        """The same side one round later, with nothing new heard."""
        return replace(self, round=self.round + 1)


class Tactic:
    """One way to concede. A tactic is frozen, keeps no books and draws nothing: the moment holds all it needs.

    Its parameters are the fields of its dataclass; a scenario's number of the same name fills them.
    """

    never_rises: ClassVar[bool] = False  # while the reservation value stays, it never asks for more than before
    draws: ClassVar[bool] = False  # it needs `Moment.uniform`
    reads_the_other: ClassVar[bool] = False  # it needs `Moment.others_reservation`

    def aspiration(self, moment: Moment) -> NDArray[np.float64]:
        """What it insists on now, (worlds,): from the reservation value to 1, or above 1 where nothing will do."""
        raise NotImplementedError

    def accepts_from(self, moment: Moment) -> NDArray[np.float64]:
        """The least it says yes to: what it would itself ask for next."""
        return self.aspiration(moment.next())

    def offer(self, aspiration: NDArray[np.float64], moment: Moment) -> NDArray[np.float64]:
        """The package it proposes, (issues, worlds): of those worth its aspiration the best for the other."""
        return moment.frontier.offer(aspiration)


def within(asked: Worlds, reservation: NDArray[np.float64]) -> NDArray[np.float64]:
    """Never above the ideal, never below what no deal is worth."""
    return np.maximum(np.minimum(asked, 1.0), reservation)
