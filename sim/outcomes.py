"""The funnel: how a crisis ends, and in which of its gates."""

from __future__ import annotations

RATIFIED_FIRST_VOTE = 0
RATIFIED_SECOND_VOTE = 1
REFUSED = 2
REFUSED_BY_LEGISLATURE = 3
NO_TENTATIVE_DEAL = 4
NO_ZONE_OF_AGREEMENT = 5

OUTCOMES = (
    "ratified_first_vote",
    "ratified_second_vote",
    "refused",
    "refused_by_legislature",
    "no_tentative_deal",
    "no_zone_of_agreement",
)
SUCCESSES = (RATIFIED_FIRST_VOTE, RATIFIED_SECOND_VOTE)  # a deal succeeds when it is ratified at either vote
