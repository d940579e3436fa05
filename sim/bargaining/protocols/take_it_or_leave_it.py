"""The opener makes one offer; the other takes it or there is no deal.

Source: Romer & Rosenthal (1978), Public Choice 33(4); as the ultimatum game, Güth, Schmittberger, Schwarze (1982).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.bargaining.package import TOLERANCE
from sim.bargaining.protocols.alternating_offers import AlternatingOffers
from sim.bargaining.protocols.protocol import Answers, Proposal

if TYPE_CHECKING:
    from sim.bargaining.talks import Talks


class TakeItOrLeaveIt(AlternatingOffers):
    """A single round; whoever answers has nothing to hope for from a refusal but no deal."""

    def rounds(self, wanted: int) -> int:
        return 1

    def accepted(
        self, talks: Talks, proposal: Proposal, values: Mapping[str, NDArray[np.float64]], by_hand: Answers
    ) -> NDArray[np.bool_]:
        answering = talks.other(talks.side(proposal.proposer))
        talks.hear(answering, proposal.package, values[answering.name])
        if answering.name in by_hand:
            return by_hand[answering.name]
        return values[answering.name] >= answering.reservation - TOLERANCE
