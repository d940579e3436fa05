"""The coalition: the leaders at one table, what they would carry home, and how little they could settle for."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from agents.body import YES_OR_NO, Answer, Body
from agents.leader import LeaderPreferences
from agents.tactics.numbers import Bargainer
from sim.bargaining.frontier import Frontier
from sim.ratification.rule import Rule
from sim.ratification.tally import Blocs
from sim.worlds.axis import Array, Worlds, single, total

STEPS = 2**10  # of the frontier: the reservation value is found to within one
AT_ONCE = 2**5  # of them: what half of the bisection may ask for


class CoalitionPreferences(Bargainer):
    """How the coalition of unions bargains."""


def members_weights(
    burdens: Array, protects: Array, *, risk: Worlds, loss: Worlds, loss_aversion: Worlds
) -> NDArray[np.float64]:
    """What a unit of each row of the issues is worth to the average member, shares of a year's pay, (rows, worlds)."""
    return np.asarray(risk * loss * protects - loss_aversion * burdens)


def reservation_value(
    own: Frontier, ratifiable: Callable[[NDArray[np.float64]], NDArray[np.bool_]], worlds: int
) -> NDArray[np.float64]:
    """The lowest utility on the leaders' own frontier that they expect to carry home, (worlds,); above 1 where none.

    ``ratifiable``: would they carry home a package in pieces, (pieces, worlds)?

    Every step along the frontier away from the leaders' ideal costs every union something, so the expected win-set
    is an interval and bisection finds its end.
    """

    def passes(step: NDArray[np.int64]) -> NDArray[np.bool_]:
        return ratifiable(own.offer(step / STEPS, in_pieces=True))

    if worlds == 1:  # all that either half of the bisection may ask for at once: an eighth off a world alone
        places = np.arange(AT_ONCE + 1)
        coarse = passes(AT_ONCE * places)
        below = AT_ONCE * (bisect_left(coarse.tolist(), True, 1, AT_ONCE) - 1)
        first = below + bisect_left(passes(below + places).tolist(), True, 1, AT_ONCE)
        return np.where(coarse[-1:], first / STEPS, 2.0)
    fails, step = np.zeros(worlds, np.int64), STEPS  # it does not pass at the first, and does at one step above
    hopeless = ~passes(fails + step)
    while step > 1:
        step //= 2
        fails += step * ~passes(fails + step)
    return np.where(hopeless, 2.0, (fails + step) / STEPS)


class Coalition(Body):
    """Wants the largest deal for members that they will ratify; bargains with one voice, counts with many."""

    role: ClassVar[str] = "coalition"
    answers: ClassVar[Mapping[str, Answer]] = dict.fromkeys(("could_ratify", "content_with"), YES_OR_NO)

    def __init__(
        self,
        preferences: CoalitionPreferences | None,
        leaders: LeaderPreferences,
        *,
        names: tuple[str, ...],
        members: NDArray[np.float64],
        tabled: NDArray[np.float64],
    ) -> None:
        """``members``: of each union, (unions, worlds); ``tabled``: as the case's table has them, (unions,)."""
        self.preferences, self.leaders = preferences, leaders
        self.names, self.members, self.all_members = names, members, total(members)
        self._votes = single(tabled)  # as tabled: another size of the state changes no union's part
        self._half = self._votes.sum() / 2

    def could_ratify(self, yes: NDArray[np.bool_], rule: Rule) -> NDArray[np.bool_]:
        """Do these unions, (unions, worlds), with all their members, meet the rule? (worlds,)"""
        return rule.carries(Blocs(self.names, self.members, self.all_members, yes))

    def content_with(self, yes: NDArray[np.bool_], rule: Rule) -> NDArray[np.bool_]:
        """Would leaders sign a deal to which they expect these unions to say yes, (unions, worlds)? (worlds,)

        Where it would be ratified under the rule in force, or, where they do not look that far, by most of the members.
        """
        if self.leaders.foresee == "majority":
            return np.asarray(self._votes @ yes > self._half)  # whole numbers, so exact
        return self.could_ratify(yes, rule)
