"""Chance decides in every round who makes the offer.

Source: Binmore (1987), in The Economics of Bargaining; the recognition of Baron & Ferejohn (1989), APSR 83, for two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.bargaining.protocols.protocol import Answers, Packages, Proposal, Protocol, demand, says_yes

if TYPE_CHECKING:
    from sim.bargaining.talks import Talks

PROTOCOLS_DRAW = 2  # row of the talks' luck that is the protocol's


class RandomRecognition(Protocol):
    """A fair coin, tossed anew in every world and round; both come prepared, one is heard."""

    draws: ClassVar[bool] = True

    def turns(self, talks: Talks, place: int) -> Sequence[float]:
        return [0.5] * talks.rounds

    def first_proposes(self, talks: Talks) -> NDArray[np.bool_]:
        """Worlds in which the first side has the word, (worlds,)."""
        assert talks.luck is not None  # talks refuse to begin without
        return talks.luck[PROTOCOLS_DRAW, talks.round] < 0.5

    def propose(self, talks: Talks, given: Packages) -> Proposal:
        aspirations, offers = {}, {}
        for side in talks.sides:
            aspirations[side.name], offers[side.name] = demand(talks, side, given)
        first, second = offers.values()
        text = np.where(self.first_proposes(talks), first, second)
        return Proposal(talks.round, "either", text, aspirations, {}, frozenset(given), offers)

    def accepted(
        self, talks: Talks, proposal: Proposal, values: Mapping[str, NDArray[np.float64]], by_hand: Answers
    ) -> NDArray[np.bool_]:
        first, second = talks.sides
        firsts = self.first_proposes(talks)
        for side, hears in ((first, ~firsts), (second, firsts)):
            talks.hear(side, proposal.package, values[side.name], hears)  # whoever has the word hears nothing new
        answers = (
            says_yes(talks, first, values[first.name], by_hand),
            says_yes(talks, second, values[second.name], by_hand),
        )
        return np.where(firsts, answers[1], answers[0])
