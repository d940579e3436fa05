"""Talks: two sides, a number of rounds, a protocol, and agreement or none in every world.

A steppable state machine: `Talks.propose` puts a text on the table, `Talks.answer` has it answered, `Talks.hold_round`
does both. Tactics decide how much a side insists on (`agents/tactics/`), a protocol who proposes and who answers
(`sim/bargaining/protocols/`), the frontier which package that is (`sim/bargaining/frontier.py`). Worlds that have
agreed are left alone. Values are on each side's own scale: 0 its worst package within the bounds, 1 its ideal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.tactics import Moment
from sim.bargaining.clock import wants_more_time
from sim.bargaining.last_look import improved
from sim.bargaining.package import TOLERANCE, Pieces, package_by_hand
from sim.bargaining.protocols import Protocol, protocol_of
from sim.bargaining.protocols.protocol import Proposal
from sim.bargaining.protocols.single_text import SingleText
from sim.bargaining.side import RoundRecord, Side
from sim.bargaining.table import Table
from sim.errors import WrongInput, nearest
from sim.worlds import checks
from sim.worlds.axis import Worlds, chosen


class Talks:
    """Two sides talk for at most ``rounds`` rounds in many worlds at once."""

    def __init__(
        self,
        *,
        sides: tuple[Side, Side],
        low: NDArray[np.float64],
        high: NDArray[np.float64],
        rounds: int,
        worlds: int,
        protocol: str | Protocol = "alternating_offers",
        opener: str | None = None,
        luck: NDArray[np.float64] | None = None,
        last_round: NDArray[np.int64] | None = None,
        pieces: Pieces | None = None,
        times: Sequence[float] | None = None,
        last_look: bool = False,
        meets: NDArray[np.bool_] | None = None,
        mediator_from: int | None = None,
    ) -> None:
        """``low`` and ``high`` bound the issues, (issues,); ``opener`` makes the first offer, the first side if None.

        ``luck``, (3, rounds, worlds), is needed by tactics and protocols that draw (see `luck_of_talks`); it and
        ``meets`` go on beyond the last round where the deadline may be moved.
        ``last_round``, (worlds,), is a breakdown that nobody sees coming: no round is held after it. With ``pieces``
        all weights are theirs, (pieces,) or (pieces, worlds). ``times`` say when rounds are held, from 0 to 1, evenly
        if None. With a ``last_look`` both seek a trade that serves both before they sign (see `improved`). ``meets``,
        (rounds, worlds), says in which rounds they meet at all (`clock.py`); from round ``mediator_from`` on a mediator
        drafts the text.
        """
        if rounds < 1:
            raise WrongInput(f"talks need at least one round, got {rounds!r}")
        self.table = Table(sides, low, high, worlds=worlds, pieces=pieces)
        self.sides, self.low, self.high, self.pieces = sides, self.table.low, self.table.high, self.table.pieces
        self.times, self.last_look = times, last_look
        self.meets, self.mediator_from = meets, mediator_from
        self.protocol, self.mediator = protocol_of(protocol), SingleText()
        self.rounds, self.worlds = self.protocol.rounds(int(rounds)), int(worlds)
        self.extra_rounds = 0  # after a deadline that was moved
        names = [side.name for side in sides]
        if opener is not None and opener not in names:
            raise WrongInput(f"opener: {opener!r} is not at the table{nearest(opener, names)}")
        self.opener = 0 if opener is None else names.index(opener)
        self._turns = (self.protocol.turns(self, 0), self.protocol.turns(self, 1))
        self.luck = luck
        needs_luck = self.protocol.draws or any(side.tactic.draws for side in sides)
        if needs_luck and luck is None:
            raise WrongInput("talks: a tactic or the protocol draws, but no luck was given")
        self.round = 0  # the next one to hold
        self.last_round = last_round
        self.agreed = self.table.agreed
        self.agreed_round = np.full(worlds, -1)
        self.package = np.full((len(self.low), worlds), np.nan)  # what was agreed, NaN where nothing was
        self._on_the_table: Proposal | None = None
        self._offered: NDArray[np.float64] | None = None  # the last package that was held to its contract
        self.held: NDArray[np.bool_] | None = None  # where the round being answered is held; None: wherever they talk

    # --- state

    @property
    def running(self) -> bool:
        """Is there a round left in some world?"""
        return self.round < self.rounds + self.extra_rounds and bool(self.live.any())

    @property
    def live(self) -> NDArray[np.bool_]:
        """Worlds without agreement whose talks have not broken down, (worlds,)."""
        return ~self.agreed if self.last_round is None else ~self.agreed & (self.round <= self.last_round)

    @property
    def meeting(self) -> NDArray[np.bool_]:
        """Of these, the worlds in which the next round is held, (worlds,)."""
        return self.live if self.meets is None else self.live & self.meets[self.round]

    @property
    def rules(self) -> Protocol:
        """The protocol of the next round: the table's, or the mediator's once one has been called."""
        called = self.mediator_from is not None and self.round >= self.mediator_from
        return self.mediator if called else self.protocol

    def wanting_more_time(self, price: Worlds) -> NDArray[np.bool_]:
        """The worlds still talking in which both sides would rather move the deadline at this price, (worlds,)."""
        both = self.live
        for side in self.sides:
            asked = side.asked[-1] if side.asked else 1.0  # its ideal, where it has not had its say yet
            heard = side.heard[-1] if side.heard else 0.0
            both = both & wants_more_time(asked, heard, side.floor, price)
        return both

    def move_deadline(self, rounds: int, where: NDArray[np.bool_]) -> None:
        """So many rounds more in these worlds; in the others the last one has been held."""
        self.extra_rounds += int(rounds)
        ended = np.full(self.worlds, self.round - 1) if self.last_round is None else self.last_round
        self.last_round = np.where(where & self.live, self.rounds + self.extra_rounds - 1, ended)

    def moment(self, side: Side, *, round: int | None = None) -> Moment:
        """What a side knows now, or with what it has heard since at an earlier round."""
        turn = self.round if round is None else round
        place = 0 if side is self.sides[0] else 1
        other = self.table.other(side)
        return Moment(
            round=turn,
            rounds=self.rounds,
            reservation=side.floor,
            others_reservation=other.floor if side.believed_reservation is None else side.believed_reservation,
            frontier=side.frontier,
            asked=side.asked,
            heard=side.heard,
            last_offer=side.last_offer,
            uniform=None if self.luck is None else self.luck[place, turn],
            turns=self._turns[place],
            times=self.times,
        )

    # --- what tactics answer, held to their contract: a `ModelFault` names the worlds in which one breaks it

    def aspiration(self, side: Side, moment: Moment) -> NDArray[np.float64]:
        """What a side insists on at its moment, (worlds,): from what no deal is worth to it to its ideal, or above it
        where nothing beats no deal."""
        return self._within(side.tactic.aspiration(moment), moment, f"{type(side.tactic).__name__}.aspiration")

    def accepts_from(self, side: Side) -> NDArray[np.float64]:
        """The least it says yes to, (worlds,), likewise."""
        moment = self.moment(side)
        return self._within(side.tactic.accepts_from(moment), moment, f"{type(side.tactic).__name__}.accepts_from")

    def offer(self, side: Side, aspiration: NDArray[np.float64], moment: Moment) -> NDArray[np.float64]:
        """The package it proposes, (issues, worlds), every issue within its bounds."""
        package = side.tactic.offer(aspiration, moment)
        of = f"{type(side.tactic).__name__}.offer"
        self._offered = checks.package(package, self.low, self.high, self.worlds, of=of)
        return self._offered

    def _within(self, asked: NDArray[np.float64], moment: Moment, of: str) -> NDArray[np.float64]:
        return checks.numbers(asked, self.worlds, of=of, least=moment.reservation, most=1.0)

    # --- a round

    def propose(self, offers: Mapping[str, NDArray[np.float64]] | None = None) -> Proposal:
        """Put the next text on the table. ``offers`` come from sides played by hand, each (issues,) or with worlds."""
        if self.round >= self.rounds + self.extra_rounds:
            raise WrongInput(f"talks: all {self.rounds + self.extra_rounds} rounds have been held")
        for name in offers or {}:
            self.table.side(name)  # is it at the table?
        given = {
            name: package_by_hand(offer, self.low, self.high, self.worlds) for name, offer in (offers or {}).items()
        }
        proposal = self.rules.propose(self, given)
        if proposal.package is not self._offered:  # a text of the protocol's own
            of = f"{type(self.rules).__name__}.propose"
            checks.package(proposal.package, self.low, self.high, self.worlds, of=of)
        self._on_the_table = proposal
        return proposal

    def answer(
        self, accepts: Mapping[str, Any] | None = None, *, in_session: NDArray[np.bool_] | None = None
    ) -> RoundRecord:
        """Have the text on the table answered, by the sides or, for those played by hand, by ``accepts``.

        ``in_session``: the worlds in which this round is held at all; everywhere if None.
        """
        proposal = self._on_the_table
        if proposal is None:
            raise WrongInput("talks: there is no text on the table to answer")
        by_hand = {
            name: np.broadcast_to(np.asarray(yes, dtype=np.bool_), (self.worlds,))
            for name, yes in (accepts or {}).items()
        }
        values = {
            side.name: proposal.worth[side.name] if side.name in proposal.worth else side.value(proposal.package)
            for side in self.sides
        }
        live = self.meeting if in_session is None else self.meeting & in_session
        always = self.meets is None and self.last_round is None and in_session is None
        self.held = None if always else live
        self._note_texts(proposal, live)
        accepted = self.rules.accepted(self, proposal, values, by_hand)
        accepted = live & checks.switches(accepted, self.worlds, of=f"{type(self.rules).__name__}.accepted")
        for side in self.sides:
            if side.name not in by_hand and side.name not in proposal.by_hand:
                accepted = side.accepts(proposal.package, accepted & (values[side.name] >= side.floor - TOLERANCE))
        text = proposal.package
        # whoever plays by hand signs what he has read
        if self.last_look and accepted.any() and not by_hand and not proposal.by_hand:
            text = improved(self.sides, text, accepted)
        self.settle(text, accepted)
        record = RoundRecord(
            self.round, proposal.proposer, proposal.package, proposal.aspirations, values, live, accepted
        )
        self._on_the_table = None
        self.round += 1
        return record

    def hold_round(
        self,
        offers: Mapping[str, NDArray[np.float64]] | None = None,
        accepts: Mapping[str, Any] | None = None,
        *,
        in_session: NDArray[np.bool_] | None = None,
    ) -> RoundRecord:
        """One round: a text is proposed and answered."""
        self.propose(offers)
        return self.answer(accepts, in_session=in_session)

    def hold_all(self) -> Talks:
        """Every round that is left; ends early when all worlds have agreed."""
        while self.running:
            self.hold_round()
        return self

    def _note_texts(self, proposal: Proposal, live: NDArray[np.bool_]) -> None:
        """What each side that proposed last asked for and put on the table, where the round is held."""
        for side in self.sides:
            if side.name in proposal.aspirations:
                # its ideal, until it has its say
                before = side.asked[-2] if len(side.asked) > 1 else np.maximum(side.floor, 1.0)
                side.asked[-1] = chosen(self.held, side.asked[-1], before)
            text = (proposal.offers or {proposal.proposer: proposal.package}).get(side.name)
            if text is not None:
                side.last_text = np.where(live, text, text if side.last_text is None else side.last_text)

    def hear(
        self,
        side: Side,
        package: NDArray[np.float64],
        value: NDArray[np.float64],
        where: NDArray[np.bool_] | None = None,
    ) -> None:
        """A side takes note of the other's offer and of what it is worth to it, and learns from it if it can.

        Where the round is held, and in these worlds only; elsewhere the last offer stands, and to a side that has not
        heard the other yet nothing has been offered.
        """
        hears = where if self.held is None else chosen(where, self.held, False)
        text, worth = (package, 0.0) if side.last_offer is None else (side.last_offer, side.heard[-1])
        side.heard.append(chosen(hears, value, worth))
        side.last_offer = chosen(hears, package, text)
        if side.estimate is not None and side.estimate.hear(package, hears):
            self.table.draw_frontier(side)

    def consider(
        self, package: NDArray[np.float64], where: NDArray[np.bool_], *, last_resort: bool = False
    ) -> NDArray[np.bool_]:
        """Put another table's settlement before both sides in these worlds; where both take it, it is the deal.

        They take what is worth at least what they would ask for next; as a last resort, what beats no deal.
        """
        accepted = ~self.agreed & where
        for side in self.sides:
            if not accepted.any():
                break
            least = side.floor if last_resort else self.accepts_from(side)
            accepted = accepted & (side.value(package) >= np.maximum(least, side.floor) - TOLERANCE)
            accepted = side.accepts(package, accepted)
        self.settle(package, accepted)
        return accepted

    def settle(self, package: NDArray[np.float64], where: NDArray[np.bool_]) -> None:
        """Write down an agreement in these worlds."""
        if where.any():
            here = np.flatnonzero(where)
            self.package[:, here] = package[:, here]
            self.agreed_round[here] = self.round
            self.agreed |= where
