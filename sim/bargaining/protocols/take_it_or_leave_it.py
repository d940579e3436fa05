"""The opener makes one offer; the other takes it or there is no deal.

There is no second offer to keep anything for, so it asks for all that the other is believed to do without, or for what
its tactic insists on at the deadline where that is more.

Source: Romer & Rosenthal (1978), Public Choice 33(4); as the ultimatum game, Güth, Schmittberger, Schwarze (1982).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.bargaining.package import TOLERANCE
from sim.bargaining.protocols.alternating_offers import AlternatingOffers
from sim.bargaining.protocols.protocol import Answers, Packages, Proposal

if TYPE_CHECKING:
    from sim.bargaining.talks import Talks


class TakeItOrLeaveIt(AlternatingOffers):
    """A single round; whoever answers has nothing to hope for from a refusal but no deal."""

    reads_the_other: ClassVar[bool] = True

    def rounds(self, wanted: int) -> int:
        return 1

    def propose(self, talks: Talks, given: Packages) -> Proposal:
        side = self.proposer(talks)
        if side.name in given:
            return super().propose(talks, given)
        moment = talks.moment(side)
        asked = np.maximum(
            talks.aspiration(side, moment),
            np.minimum(moment.frontier.own_when_other_gets(moment.others_reservation), 1.0),
        )
        package = talks.offer(side, asked, moment)
        side.asked.append(asked)
        worth = {side.name: np.minimum(asked, 1.0)}
        return Proposal(talks.round, side.name, package, {side.name: asked}, worth)

    def accepted(
        self, talks: Talks, proposal: Proposal, values: Mapping[str, NDArray[np.float64]], by_hand: Answers
    ) -> NDArray[np.bool_]:
        answering = talks.table.other(talks.table.side(proposal.proposer))
        talks.hear(answering, proposal.package, values[answering.name])
        if answering.name in by_hand:
            return by_hand[answering.name]
        return values[answering.name] >= answering.floor - TOLERANCE
