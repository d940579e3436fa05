"""Reason back from the last round: ask for what leaves the other just as well off as waiting would.

Each round that passes costs: values shrink by the discount factor, and talks may break down, which leaves both with
what no deal is worth. No deal may also be chosen at any time (an outside option), so it is a floor under waiting.
Sources: Ståhl (1972), Bargaining Theory; Rubinstein (1982), Econometrica 50; the breakdown, Binmore, Rubinstein,
Wolinsky (1986), RAND Journal 17; the outside option, Binmore, Shaked, Sutton (1989), QJE 104; optimism, Yildiz (2003),
Econometrica 71.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.tactics.tactic import Moment, Tactic, within
from sim.bargaining.frontier import Frontier
from sim.bargaining.package import TOLERANCE
from sim.worlds.axis import Worlds


class Prospect(NamedTuple):
    """What a round holds for both sides, each on its own scale, (worlds,)."""

    waiting: NDArray[np.float64]  # what the side has when the round's offer is refused
    others_waiting: NDArray[np.float64]
    proposing: NDArray[np.float64]  # the most the side can ask for without being refused
    feasible: NDArray[np.bool_]  # is there a package that both prefer to waiting?


@dataclass(frozen=True, slots=True, kw_only=True)
class BackwardInduction(Tactic):
    """Finite alternating offers, solved from the end; agrees at once unless both count on their luck."""

    patience: Worlds = 0.98  # discount factor a round, of its own values
    others_patience: Worlds = 0.98  # and of the other's
    breakdown: Worlds = 0.0  # chance that the talks end after a refusal
    optimism: Worlds = 0.0  # both add it to their chance to make the next offer, where a draw decides that
    reads_the_other: ClassVar[bool] = True

    def aspiration(self, moment: Moment) -> NDArray[np.float64]:
        now = self.prospect(moment)
        return within(np.maximum(np.where(now.feasible, now.proposing, 1.0), now.waiting), moment.reservation)

    def accepts_from(self, moment: Moment) -> NDArray[np.float64]:
        return within(self.prospect(moment).waiting, moment.reservation)

    def prospect(self, moment: Moment) -> Prospect:
        """Solve the rounds from the last one back to this one."""
        frontier, floor = moment.frontier, moment.reservation
        others_floor = np.asarray(moment.others_reservation)
        ahead = _prospect(frontier, floor, others_floor)
        for turn in range(moment.rounds - 1, moment.round, -1):
            drawn = 0.0 < moment.turns[turn] < 1.0
            mine = _chance(moment.turns[turn], self.optimism if drawn else 0.0)
            others = _chance(1.0 - moment.turns[turn], self.optimism if drawn else 0.0)
            others_proposing = frontier.others_value(frontier.offer(ahead.waiting))
            value = ahead.waiting + mine * np.where(ahead.feasible, ahead.proposing - ahead.waiting, 0.0)
            others_value = ahead.others_waiting + others * np.where(
                ahead.feasible, others_proposing - ahead.others_waiting, 0.0
            )
            ahead = _prospect(
                frontier,
                _waiting(value, floor, self.patience, self.breakdown),
                _waiting(others_value, others_floor, self.others_patience, self.breakdown),
            )
        return ahead


def _prospect(frontier: Frontier, waiting: NDArray[np.float64], others_waiting: NDArray[np.float64]) -> Prospect:
    proposing = frontier.own_when_other_gets(others_waiting)
    return Prospect(waiting, others_waiting, proposing, proposing >= waiting - TOLERANCE)


def _waiting(
    value: NDArray[np.float64], floor: NDArray[np.float64], patience: Worlds, breakdown: Worlds
) -> NDArray[np.float64]:
    """What a refusal leaves: the next round, discounted, or a breakdown; at least what no deal is worth."""
    return np.maximum(floor, (1.0 - breakdown) * patience * value + breakdown * floor)


def _chance(turn: float, optimism: Worlds) -> Worlds:
    return np.minimum(1.0, turn + optimism)
