"""The governor: what savings are worth to him, when he threatens, what power he asks for, and whom he cuts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.body import AMOUNT, NUMBER, SHARE, YES_OR_NO, Answer, Body
from agents.chamber import Assembly, Expectation
from agents.legislator import Asked
from agents.tactics.numbers import Bargainer
from sim.bargaining.estimates import guess
from sim.bargaining.package import Satiation, Scale, scale
from sim.bargaining.rows import Rows
from sim.public.beliefs import Threat
from sim.public.cuts import Filled, Means, reservation_savings, water_fill
from sim.scenario.parameters import Choice, Number, Switch, choice, number, switch
from sim.worlds.axis import TINY, Array, Worlds, total
from sim.worlds.randomness import Luck, Stream


class GovernorPreferences(Bargainer):
    """How the governor bargains, what he asks the legislature for, and what he holds dear."""

    threatens: Choice = choice(
        "Does he issue his threats on their dates, or only when what they add to a deal is worth their price?",
        ("on the dates", "when it pays"),
    )
    structural_weight: Number = number("ratio", "What a lasting dollar is worth beyond one saved now", at_least=0)
    beyond_need: Number | None = number(
        "share",
        "What a dollar saved beyond what is left of the gap is worth to him; he asks for no more than what is left. "
        "Left out, all dollars are worth the same and he may ask for all that is on the table",
        at_least=0,
        at_most=1,
        default=None,
    )
    standing: Number = number("M$/yr", "What broken talks cost him, in M$/yr he would give to avoid it", at_least=0)
    layoff_standing: Number = number("ratio", "What a dollar saved by layoffs costs him with labour", at_least=0)
    request_share: Number = number("share", "Power to cut any line that he asks for", at_least=0, at_most=1)
    request_aid: Switch = switch("Does he ask for power over town aid too?")


class Request(NamedTuple):
    """The power to cut that the governor asks for; each a number or (worlds,)."""

    share: Worlds  # of any line
    aid_scope: Array  # part of that power which reaches town aid: 0 aid is out, 1 aid is cut like any line


class Whips(NamedTuple):
    """What his whips can tell him of the chambers on a day."""

    chambers: Assembly
    asked: Asked  # what such a bill asks of either side
    toll: Array  # what a full cut of aid is expected to take from each member's support, logits, (seats, worlds)
    known: bool  # the roll call on record has been held, so members' leans of old are known
    margin: Worlds  # seats beyond a bare majority that he wants in hand, a share of the chamber


def governor_weights(rows: Rows, *, structural_weight: Worlds) -> Array:
    """What one unit of each row of the issues is worth to the governor, M$/yr, (rows, worlds).

    He wants both: a dollar that lasts counts as one saved now and ``structural_weight`` more, all divided by what the
    average dollar on the table counts, so that all of it together is worth to him what it saves.
    """
    counts = 1 + structural_weight * rows.structural
    saved = np.maximum(rows.saves, 0.0) * (rows.pieces.high - rows.pieces.low)
    return rows.saves * counts * (total(saved) / np.maximum(total(saved * counts), TINY))


def worth_its_price(gain: Worlds, *, cost: Worlds, withdrawal: Worlds) -> NDArray[np.bool_]:
    """Is a threat worth issuing, (worlds,)? He expects half of what it adds to the savings leaders could carry home.

    ``gain``: that addition, M$/yr; ``cost`` and ``withdrawal``: what issuing and taking it back cost him, M$/yr.
    """
    return np.asarray(0.5 * gain > cost + withdrawal)


class Governor(Body):
    """Wants the gap filled by lasting savings at little political cost; believes what whips and counts tell him."""

    role: ClassVar[str] = "governor"
    answers: ClassVar[Mapping[str, Answer]] = {
        "threatens": YES_OR_NO,
        **dict.fromkeys(("guesses", "misreads"), NUMBER),
        **dict.fromkeys(("request", "expects"), SHARE),
        "fills": AMOUNT,
    }

    def __init__(self, preferences: GovernorPreferences, rows: Rows, *, low: Array, high: Array, luck: Luck) -> None:
        """``low`` and ``high`` bound the issues, (issues,)."""
        self.preferences, self.pieces, self.low, self.high = preferences, rows.pieces, low, high
        # what a unit of each row of the issues is worth to him, M$/yr, (rows, worlds)
        self.weights = governor_weights(rows, structural_weight=preferences.structural_weight)
        nothing = np.zeros(len(luck.worlds))
        self.need: Array = nothing + np.inf  # what is left of the gap, M$/yr, (worlds,)
        self.reservation: Array = nothing  # savings below which he would rather cut, M$/yr, (worlds,)
        self._whips = luck.normals(Stream.WHIPS, 2)

    # --- what no deal is worth to him

    def weigh_no_deal(self, left: Array, with_deal: Means, without_deal: Means, *, deficit_cost: Worlds) -> None:
        """Work out his reservation value: the savings that leave him as well off as cutting what is left of the gap."""
        self.need = left
        self.reservation = reservation_savings(
            left, with_deal, without_deal, standing=self.preferences.standing, deficit_cost=deficit_cost
        )

    @property
    def end(self) -> Satiation | None:
        """Where savings have filled what is left of the gap: beyond it they are worth little to him."""
        if self.preferences.beyond_need is None:
            return None
        return Satiation(np.maximum(self._ruler.of(self.need), TINY), self.preferences.beyond_need)

    @property
    def floor(self) -> Array:
        """The same on his own scale of packages, (worlds,): 0 his worst within the bounds, 1 his ideal.

        The same at every table: a union's part of the savings he could do without is its part of what he could have.
        """
        floor, end = self._ruler.of(self.reservation), self.end
        return floor if end is None else end.of(floor)

    @cached_property
    def _ruler(self) -> Scale:
        return scale(self.weights, self.pieces.low, self.pieces.high)

    def guesses(self, labours: Array) -> Array:
        """The weights of labour at a table as he guesses them, (rows, worlds), from what they are."""
        insight = self.preferences.insight
        return guess(self.weights, labours, self.low, self.high, insight, pieces=self.pieces)

    # --- decisions

    @property
    def weighs_gains(self) -> bool:
        """Does he want to know what a threat would add to a deal before he decides on it?"""
        return self.preferences.threatens == "when it pays"

    @property
    def may_ask_for_aid(self) -> bool:
        """Must towns fear that he asks for power over their aid?"""
        return bool(self.preferences.request_aid)

    def threatens(self, threat: Threat, where: NDArray[np.bool_], gain: Array | None) -> NDArray[np.bool_]:
        """Does he issue a threat on its day, (worlds,)?

        ``where``: the worlds in which it belongs; ``gain``: what it would add to the savings that leaders could carry
        home, M$/yr; None where he does not weigh it, or the talks are over.
        """
        if not self.weighs_gains or gain is None:
            return where
        return where & worth_its_price(gain, cost=threat.cost, withdrawal=threat.withdrawal)

    def misreads(self, chambers: Assembly) -> Array:
        """What he mishears in each chamber, logits, (2, worlds)."""
        return self._whips * chambers.whip_error

    def request(self, whips: Whips | None) -> Request:
        """What power to cut he asks for: what is stated, or as much over town aid as he expects to pass."""
        scope = np.full(len(self.reservation), float(self.preferences.request_aid))
        if whips is not None and whips.chambers.preferences.request == "anticipated":
            scope = scope * whips.chambers.largest_scope(
                self.misreads(whips.chambers), margin=whips.margin, asked=whips.asked, toll=whips.toll
            )
        return Request(self.preferences.request_share, scope)

    def expects(self, request: Request, whips: Whips, *, standing_share: Array) -> Expectation:
        """What he expects the chambers to grant him of a request."""
        return whips.chambers.expected_passage(
            request.share,
            request.aid_scope,
            standing_share=standing_share,
            misread=self.misreads(whips.chambers),
            asked=whips.asked,
            toll=whips.toll,
            known=whips.known,
        )

    def fills(self, means: Means, need: Array) -> Filled:
        """Whom he cuts: the gap that is left, M$/yr, (worlds,), at least political cost within the power he holds."""
        return water_fill(means, need)
