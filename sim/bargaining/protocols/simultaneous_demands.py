"""Both sides name a demand at once; demands that leave room for each other are a deal, and the room is shared.

Source: Nash (1953), Econometrica 21, the demand game; with one issue and private values, the k = 1/2 double auction of
Chatterjee & Samuelson (1983), Operations Research 31(5).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.bargaining.package import TOLERANCE
from sim.bargaining.protocols.protocol import Answers, Packages, Proposal, Protocol, demand

if TYPE_CHECKING:
    from sim.bargaining.talks import Talks


class SimultaneousDemands(Protocol):
    """The text is the midpoint of the two demands; it stands where each demand gives the other what it asked for."""

    def turns(self, talks: Talks, place: int) -> Sequence[float]:
        return [0.5] * talks.rounds

    def propose(self, talks: Talks, given: Packages) -> Proposal:
        aspirations, offers = {}, {}
        for side in talks.sides:
            aspirations[side.name], offers[side.name] = demand(talks, side, given)
        first, second = offers.values()
        return Proposal(talks.round, "both", 0.5 * (first + second), aspirations, {}, frozenset(given), offers)

    def accepted(
        self, talks: Talks, proposal: Proposal, values: Mapping[str, NDArray[np.float64]], by_hand: Answers
    ) -> NDArray[np.bool_]:
        compatible = np.ones(talks.worlds, dtype=np.bool_)
        for side in talks.sides:
            others_offer = proposal.offers[talks.table.other(side).name]
            worth = side.value(others_offer)
            talks.hear(side, others_offer, worth)
            compatible &= worth >= proposal.aspirations[side.name] - TOLERANCE
        for answer in by_hand.values():
            compatible = compatible & answer
        return compatible
