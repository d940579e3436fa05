"""What every protocol is: it puts a text on the table and says in which worlds it is agreed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.bargaining.package import TOLERANCE

if TYPE_CHECKING:
    from sim.bargaining.side import Side
    from sim.bargaining.talks import Talks

Packages = Mapping[str, NDArray[np.float64]]  # by side
Answers = Mapping[str, NDArray[np.bool_]]


class Proposal(NamedTuple):
    """A text on the table."""

    round: int
    proposer: str  # a side's name, "mediator", "both", or "either" where it differs between worlds
    package: NDArray[np.float64]  # (issues, worlds)
    aspirations: dict[str, NDArray[np.float64]]  # what the sides that proposed insisted on
    worth: Mapping[str, NDArray[np.float64]] = {}  # to whom its value is already known
    by_hand: frozenset[str] = frozenset()  # sides whose offer came from outside: they stand by it
    offers: Packages = {}  # noqa: RUF012  what each side itself proposed, where that is not the text


class Protocol:
    """The rules of the table. `propose` and `accepted` are called once a round, in this order."""

    draws: ClassVar[bool] = False  # it needs luck of its own
    reads_the_other: ClassVar[bool] = False  # its sides reckon with what no deal is worth to the other

    def rounds(self, wanted: int) -> int:
        """How many rounds are held when the calendar has room for so many."""
        return wanted

    def turns(self, talks: Talks, place: int) -> Sequence[float]:
        """Chance, by round, that the side at this place makes the offer."""
        raise NotImplementedError

    def propose(self, talks: Talks, given: Packages) -> Proposal:
        """The text of this round; ``given`` are the offers of sides played by hand."""
        raise NotImplementedError

    def accepted(
        self, talks: Talks, proposal: Proposal, values: Mapping[str, NDArray[np.float64]], by_hand: Answers
    ) -> NDArray[np.bool_]:
        """In which worlds the text is accepted; ``values`` say what it is worth to each side, (worlds,)."""
        raise NotImplementedError


def demand(talks: Talks, side: Side, given: Packages) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What a side insists on now and the package it asks for, which it remembers. By hand: what its offer is worth."""
    if side.name in given:
        package = given[side.name]
        aspiration = side.value(package)
    else:
        moment = talks.moment(side)
        aspiration = talks.aspiration(side, moment)
        package = talks.offer(side, aspiration, moment)
    side.asked.append(aspiration)
    return aspiration, package


def says_yes(talks: Talks, side: Side, value: NDArray[np.float64], by_hand: Answers) -> NDArray[np.bool_]:
    """A side takes what is worth at least what it would ask for next; by hand: what was answered."""
    if side.name in by_hand:
        return by_hand[side.name]
    return value >= talks.accepts_from(side) - TOLERANCE
