"""A NegMAS negotiator in either chair of our talks. Needs the extra ``planb[negmas]``.

NegMAS (Mohammad, Nakadai, Greenwald 2021, NegMAS: A platform for automated negotiations) is AGPL; it is imported in
this file only, and nothing of planb imports this file. Talks are by alternating offers, in one world.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from negmas import make_issue
from negmas.preferences import LinearAdditiveUtilityFunction
from negmas.preferences.value_fun import AffineFun
from negmas.sao import ResponseType, SAOMechanism, SAONegotiator, SAOState
from numpy.typing import NDArray

from agents.tactics.tactic import Moment, Tactic
from sim.bargaining.protocols.alternating_offers import AlternatingOffers
from sim.bargaining.side import RoundRecord, Side
from sim.bargaining.talks import Talks
from sim.errors import WrongInput


@dataclass(frozen=True, slots=True, kw_only=True)
class OnNegmasClock(Tactic):
    """Another tactic on NegMAS's clock, where two offers make a step and step s of n is time (s + 1) / (n + 1)."""

    tactic: Tactic

    def aspiration(self, moment: Moment) -> NDArray[np.float64]:
        return self.tactic.aspiration(self.by_their_clock(moment))

    @staticmethod
    def by_their_clock(moment: Moment) -> Moment:
        """The same moment, told so that our time, round / (rounds - 1), is theirs."""
        steps = (moment.rounds + 1) // 2
        return replace(moment, round=moment.round // 2 + 1, rounds=steps + 2)


def utility_of(side: Side, talks: Talks, levels: int) -> LinearAdditiveUtilityFunction:
    """A side's values on its own scale from 0 to 1, over issues cut into so many levels."""
    issues = [
        make_issue(name=f"issue_{row}", values=[float(level) for level in np.linspace(low, high, levels)])
        for row, (low, high) in enumerate(zip(talks.low, talks.high, strict=True))
    ]
    extent = float(np.ravel(side.frontier.scale.ideal - side.frontier.scale.worst)[0])
    weights = np.ravel(side.frontier.own[:, 0]) / extent
    return LinearAdditiveUtilityFunction(
        values=[AffineFun(slope=float(weight)) for weight in weights],
        weights=[1.0] * len(weights),
        bias=-float(np.ravel(side.frontier.scale.worst)[0]) / extent,
        issues=issues,
        reserved_value=float(np.ravel(side.reservation)[0]),
    )


class _Silent(SAONegotiator):
    """Keeps the other chair of the mechanism that the negotiator believes to be in; its answers come from our talks."""

    def propose(self, state: SAOState, dest: str | None = None) -> None:
        return None

    def respond(self, state: SAOState, source: str | None = None) -> ResponseType:
        return ResponseType.REJECT_OFFER


class NegmasSeat:
    """Shows our talks to one NegMAS negotiator in its own terms, and hands back its offers and answers."""

    def __init__(self, talks: Talks, name: str, negotiator: SAONegotiator, *, levels: int = 21) -> None:
        """``levels``: how finely each issue is cut, because most negotiators look through lists of packages."""
        if talks.worlds != 1 or type(talks.protocol) is not AlternatingOffers:
            raise WrongInput("a NegMAS negotiator sits in talks by alternating offers, in one world")
        self.talks, self.name, self.negotiator = talks, name, negotiator
        utility = utility_of(talks.table.side(name), talks, levels)
        self.steps = (talks.rounds + 1) // 2
        self.mechanism = SAOMechanism(issues=utility.outcome_space.issues, n_steps=self.steps)
        self.mechanism.add(negotiator, ufun=utility)
        self.mechanism.add(_Silent())
        negotiator._on_negotiation_start(self.state())

    def state(self, package: NDArray[np.float64] | None = None, *, answering: bool = False) -> SAOState:
        """Where the talks are, with this package on the table. In NegMAS an answer comes with the next offer."""
        step = (self.talks.round + answering) // 2
        return SAOState(
            running=True,
            started=True,
            step=step,
            relative_time=(step + 1) / (self.steps + 1),
            n_negotiators=2,
            current_offer=None if package is None else tuple(float(amount) for amount in package[:, 0]),
        )

    def offer(self) -> NDArray[np.float64]:
        """Its next offer, (issues,)."""
        heard = self.talks.table.side(self.name).last_offer
        package = self.negotiator.propose(self.state(heard))
        if package is None:
            raise WrongInput(f"{self.name}: the negotiator made no offer")
        return np.array(getattr(package, "outcome", package), dtype=np.float64)

    def accepts(self, package: NDArray[np.float64]) -> bool:
        """Its answer to a package, (issues, 1)."""
        answer = self.negotiator.respond(self.state(package, answering=True))
        return getattr(answer, "response", answer) == ResponseType.ACCEPT_OFFER


def hold_round(talks: Talks, seats: Mapping[str, NegmasSeat]) -> RoundRecord:
    """One round of talks in which these chairs, by side, are taken by NegMAS negotiators."""
    proposer = talks.sides[(talks.opener + talks.round) % 2]
    answering = talks.table.other(proposer)
    offers = {proposer.name: seats[proposer.name].offer()} if proposer.name in seats else None
    proposal = talks.propose(offers)
    answers = {}
    if answering.name in seats:
        answers[answering.name] = seats[answering.name].accepts(proposal.package)
    return talks.answer(answers)


def hold_all(talks: Talks, seats: Mapping[str, NegmasSeat]) -> Talks:
    """Every round that is left."""
    while talks.running:
        hold_round(talks, seats)
    return talks
