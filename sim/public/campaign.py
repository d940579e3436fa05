"""The weeks before a vote: meetings inform members, outsiders misinform them, and some of that is corrected."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.scenario.parameters import Number, Section, number
from sim.worlds.axis import Worlds, single


class Campaign(Section):
    """How the weeks before the votes are fought."""

    meetings_per_week: Number = number("meetings a week", "Information meetings before the first vote", at_least=0)
    second_meetings_per_week: Number = number(
        "meetings a week", "Information meetings before the second vote", at_least=0
    )
    reach: Number = number(
        "share per meeting", "Members who did not know the terms and learn them, per meeting", at_least=0, at_most=1
    )
    misinform: Number = number(
        "share a week", "Members without the terms who come to believe a false claim, each week", at_least=0, at_most=1
    )
    correction: Number = number(
        "ratio", "How readily a false belief gives way at a meeting, against not knowing", at_least=0, at_most=1
    )
    clarified: Number = number(
        "share", "Part of the false claims that the clarified text of the second deal disarms", at_least=0, at_most=1
    )


class Information(NamedTuple):
    """Shares of members by what they know; they sum to one.

    Each is a number, or (worlds,), where all units know as much, and (units, worlds) where they do not.
    """

    unaware: Worlds
    informed: Worlds
    misinformed: Worlds

    def stacked(self, worlds: int) -> NDArray[Any]:
        """In single precision, shape (3, worlds) or (3, units, worlds), in the order of the fields."""
        shape = np.broadcast_shapes((worlds,), *(np.shape(share) for share in self))
        return np.stack([np.broadcast_to(single(share), shape) for share in self])


AT_FIRST = Information(unaware=1.0, informed=0.0, misinformed=0.0)


def one_week(
    now: Information, *, meetings: Worlds, reach: Worlds, misinform: Worlds, correction: Worlds
) -> Information:
    """The shares a week later. Meetings come first: who has heard the terms there is no longer misled that week."""
    informing = 1 - (1 - reach) ** meetings
    learned = informing * now.unaware
    corrected = informing * correction * now.misinformed
    misled = misinform * (now.unaware - learned)
    return Information(
        unaware=now.unaware - learned - misled,
        informed=now.informed + learned + corrected,
        misinformed=now.misinformed + misled - corrected,
    )


def clarify(now: Information, share: Worlds) -> Information:
    """A clarified text: this share of the misinformed know the terms after all."""
    cleared = share * now.misinformed
    return Information(now.unaware, now.informed + cleared, now.misinformed - cleared)
