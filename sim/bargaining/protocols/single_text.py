"""A mediator drafts one text and revises it until both accept it or time is up.

Source: the one-text procedure of Fisher & Ury (1981), Getting to Yes, and Raiffa (1982), ch. 14.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.bargaining.frontier import Frontier
from sim.bargaining.protocols.protocol import Answers, Packages, Proposal, Protocol, says_yes
from sim.worlds.axis import chosen

if TYPE_CHECKING:
    from sim.bargaining.talks import Talks


class SingleText(Protocol):
    """The mediator is told what both sides care for and keeps the text on their frontier.

    Each refusal moves the text by half the difference of what the two sides still miss, towards the one that misses
    more. Offers of a side played by hand are ignored; its answers count.
    """

    def __init__(self) -> None:
        self.position: NDArray[np.float64] = np.zeros(0)  # of the text, on the first side's scale, (worlds,)

    def frontier(self, talks: Talks) -> Frontier:
        """Of both sides' true weights, told to the mediator in confidence."""
        return talks.table.true_frontier()

    def turns(self, talks: Talks, place: int) -> Sequence[float]:
        return [0.5] * talks.rounds

    def propose(self, talks: Talks, given: Packages) -> Proposal:
        told = self.frontier(talks)
        if not len(self.position):
            self.position = self._between(talks, told)
        package = np.broadcast_to(told.offer(self.position), (len(talks.low), talks.worlds))
        aspirations = {}
        for side in talks.sides:
            aspirations[side.name] = talks.aspiration(side, talks.moment(side))
            side.asked.append(aspirations[side.name])
        return Proposal(talks.round, "mediator", package, aspirations)

    @staticmethod
    def _between(talks: Talks, told: Frontier) -> NDArray[np.float64]:
        """Where the first draft stands: halfway between the sides' last texts, or between the ends of the frontier."""
        first, second = talks.sides
        if first.last_text is not None and second.last_text is not None:
            return 0.5 * (first.value(first.last_text) + first.value(second.last_text))
        return 0.5 * (told.own_value(told.offer(np.zeros(talks.worlds))) + 1.0)

    def accepted(
        self, talks: Talks, proposal: Proposal, values: Mapping[str, NDArray[np.float64]], by_hand: Answers
    ) -> NDArray[np.bool_]:
        both = np.ones(talks.worlds, dtype=np.bool_)
        missed = []
        for side in talks.sides:
            value = values[side.name]
            talks.hear(side, proposal.package, value)
            both = both & says_yes(talks, side, value, by_hand)
            missed.append(np.maximum(proposal.aspirations[side.name] - value, 0.0))
        revised = np.clip(self.position + 0.5 * (missed[0] - missed[1]), 0.0, 1.0)
        self.position = chosen(talks.held, revised, self.position)
        return both
