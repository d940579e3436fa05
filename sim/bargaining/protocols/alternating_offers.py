"""The sides take turns: one offers, the other accepts or makes the next offer.

Source: Ståhl (1972), Bargaining Theory; Rubinstein (1982), Econometrica 50.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.bargaining.protocols.protocol import Answers, Packages, Proposal, Protocol, demand, says_yes

if TYPE_CHECKING:
    from sim.bargaining.side import Side
    from sim.bargaining.talks import Talks


class AlternatingOffers(Protocol):
    """The opener offers in the first round, the other in the second, and so on."""

    def turns(self, talks: Talks, place: int) -> Sequence[float]:
        first = 1.0 if place == talks.opener else 0.0
        return [first if turn % 2 == 0 else 1.0 - first for turn in range(talks.rounds)]

    def proposer(self, talks: Talks) -> Side:
        """Whose turn it is."""
        return talks.sides[(talks.opener + talks.round) % 2]

    def propose(self, talks: Talks, given: Packages) -> Proposal:
        side = self.proposer(talks)
        aspiration, package = demand(talks, side, given)
        worth = {side.name: np.minimum(aspiration, 1.0)}  # a package is worth what it was asked to be worth
        return Proposal(talks.round, side.name, package, {side.name: aspiration}, worth, frozenset(given))

    def accepted(
        self, talks: Talks, proposal: Proposal, values: Mapping[str, NDArray[np.float64]], by_hand: Answers
    ) -> NDArray[np.bool_]:
        answering = talks.table.other(talks.table.side(proposal.proposer))
        talks.hear(answering, proposal.package, values[answering.name])
        return says_yes(talks, answering, values[answering.name], by_hand)
