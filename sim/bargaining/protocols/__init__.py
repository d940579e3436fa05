"""Who proposes, who answers, and when it is a deal. A new protocol is a file and a line in the list."""

from __future__ import annotations

from sim.bargaining.protocols.alternating_offers import AlternatingOffers
from sim.bargaining.protocols.protocol import Proposal, Protocol
from sim.bargaining.protocols.random_recognition import RandomRecognition
from sim.bargaining.protocols.simultaneous_demands import SimultaneousDemands
from sim.bargaining.protocols.single_text import SingleText
from sim.bargaining.protocols.take_it_or_leave_it import TakeItOrLeaveIt
from sim.errors import WrongInput, nearest

__all__ = ["ALL_PROTOCOLS", "Proposal", "Protocol", "protocol_of"]

ALL_PROTOCOLS: dict[str, type[Protocol]] = {
    "alternating_offers": AlternatingOffers,
    "random_recognition": RandomRecognition,
    "simultaneous_demands": SimultaneousDemands,
    "take_it_or_leave_it": TakeItOrLeaveIt,
    "single_text": SingleText,
}


def protocol_of(chosen: str | Protocol) -> Protocol:
    """A protocol by its name, or one that somebody brings along. Raises `WrongInput`."""
    if isinstance(chosen, Protocol):
        return chosen
    if chosen not in ALL_PROTOCOLS:
        raise WrongInput(f"protocol: {chosen!r} is none of ours{nearest(chosen, ALL_PROTOCOLS)}")
    return ALL_PROTOCOLS[chosen]()
