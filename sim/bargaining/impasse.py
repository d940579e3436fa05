"""Why there was no deal, and how near the last offers came.

Four reasons, asked in this order: nothing beat no deal for both; something did, but not once public demands, or the
price of yielding, had bound them; time ran out while a side still had something to give, or the talks were broken off;
and what is left, a zone that the sides, misjudging each other's wishes, did not find.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.bargaining.package import TOLERANCE
from sim.bargaining.talks import Talks

HARDLY = 0.01  # of a side's scale: what is too little to be something to give


class Reason(IntEnum):
    """Why talks ended without a deal; the numbers are stored in results."""

    DEAL = 0
    NO_ZONE = 1
    DEMANDS = 2
    TIME = 3
    UNSEEN_ZONE = 4


IN_WORDS = {
    Reason.DEAL: "a deal was signed",
    Reason.NO_ZONE: "nothing beat no deal for both sides",
    Reason.DEMANDS: "one or both had bound themselves to more than the other could give",
    Reason.TIME: "time ran out, or the talks broke off, with something left to give",
    Reason.UNSEEN_ZONE: "there was room for a deal that the sides did not see",
}


def why_no_deal(
    agreed: NDArray[np.bool_],
    *,
    zone: NDArray[np.bool_],
    zone_with_demands: NDArray[np.bool_],
    spent: NDArray[np.bool_],
) -> NDArray[np.int8]:
    """The `Reason` in every world, (worlds,).

    ``zone``: some package beats no deal for both, as each knows it; ``zone_with_demands``: also after what taking back
    public demands and yielding costs; ``spent``: both had offered all they could when time was up.
    """
    reason = np.where(spent, Reason.UNSEEN_ZONE, Reason.TIME)
    reason = np.where(zone_with_demands, reason, Reason.DEMANDS)
    reason = np.where(zone, reason, Reason.NO_ZONE)
    return np.where(agreed, Reason.DEAL, reason).astype(np.int8)


def spent(talks: Talks) -> NDArray[np.bool_]:
    """Did both meet in the last round, ready to take their floor, or hardly more, for an answer? (worlds,)"""
    last = talks.rounds - 1
    come_down = np.ones(talks.worlds, bool)
    if talks.meets is not None:  # each world's own last round, where deadlines were moved
        come_down = talks.meets[last if talks.last_round is None else talks.last_round, np.arange(talks.worlds)]
    for side in talks.sides:
        come_down &= side.tactic.accepts_from(talks.moment(side, round=last)) <= side.floor + HARDLY
    return come_down


class LastOffers(NamedTuple):
    """The last text of either side, (issues, worlds), and the issue that would have closed them, (worlds,)."""

    first: NDArray[np.float64]
    second: NDArray[np.float64]
    closing: NDArray[np.intp]  # -1 where no single issue would have


def last_offers(talks: Talks) -> LastOffers | None:
    """What the sides last put forward; None where they did not both put a text of their own on the table.

    An issue closes the talks where the first side's text, with that issue as the second wanted it, would have served
    both; of several the one that costs the first side least.
    """
    first, second = talks.sides
    if first.last_text is None or second.last_text is None:
        return None
    asked = first.value(first.last_text)
    closing, cheapest = np.full(talks.worlds, -1), np.full(talks.worlds, np.inf)
    for issue in range(len(talks.low)):
        text = first.last_text.copy()
        text[issue] = second.last_text[issue]
        worth = [side.value(text) for side in talks.sides]
        cost = asked - worth[0]
        closes = cost < cheapest
        for side, value in zip(talks.sides, worth, strict=True):
            closes &= value >= side.floor - TOLERANCE
        for side in talks.sides:
            closes = side.accepts(text, closes)
        closing, cheapest = np.where(closes, issue, closing), np.where(closes, cost, cheapest)
    return LastOffers(first.last_text, second.last_text, closing)
