"""The weeks before a vote, by the shares of members who know the terms, know nothing or believe a false claim.

`docs/odd.md`, 7.5.
"""

from __future__ import annotations

from typing import NamedTuple


class Information(NamedTuple):
    """Shares of members; they sum to one."""

    unaware: float = 1.0
    informed: float = 0.0
    misinformed: float = 0.0


def week(now: Information, *, meetings: float, reach: float, misinform: float, correction: float) -> Information:
    """Meetings inform and correct; then outsiders misinform those who still do not know."""
    reached = 1 - (1 - reach) ** meetings
    unaware, learned, corrected = (
        now.unaware * (1 - reached),
        now.unaware * reached,
        now.misinformed * reached * correction,
    )
    misled = unaware * misinform
    return Information(unaware - misled, now.informed + learned + corrected, now.misinformed - corrected + misled)


def clarified(now: Information, share: float) -> Information:
    """A clearer text: this share of the misled know the terms after all."""
    disarmed = share * now.misinformed
    return Information(now.unaware, now.informed + disarmed, now.misinformed - disarmed)
