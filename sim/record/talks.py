"""At the table: openings, offers and answers, deals, breaks and the deadline."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from sim.bargaining.frontier import Frontier
from sim.bargaining.package import Pieces, Satiation
from sim.bargaining.union_tables import LABOUR
from sim.record.happening import Happening, amount
from sim.wording import day
from sim.worlds.axis import Array, Worlds


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening(Happening):
    """The governor weighs what no deal would be worth, and both sides sit down."""

    actor: ClassVar[str] = "governor"
    table: str  # as the scenario says: coalition, pattern
    leader: str  # the union whose settlement leads, where each has a table of its own
    gap: Worlds = amount("M$/yr")
    reservation: Worlds = amount("M$/yr")  # savings below which he would rather cut
    expected_share: Array = amount("share of all posts")  # that members expect to go


@dataclass(frozen=True, slots=True, kw_only=True)
class LastOffer(Happening):
    """Nobody bargains: the employer's last offer goes to the vote."""

    actor: ClassVar[str] = "governor"
    package: Array = amount("units of the issue", "issues")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer(Happening):
    """A text on the table, and the answer. ``where``: the worlds still talking."""

    round: int  # from 0
    proposer: str  # governor, coalition, mediator, both, or either where chance decides in every world
    speaks: str  # for labour, by name: the union that leads where each has a table of its own
    package: Array = amount("units of the issue", "issues")
    accepted: Array = amount("true or false")
    values: Mapping[str, Array]  # what it is worth to each side, on its own scale
    aspirations: Mapping[str, Array]  # what the sides that proposed insisted on
    reservations: Mapping[str, Array]  # what no deal is worth to each side, on its own scale
    weights: Mapping[str, Array]  # what a unit of each row of the issues is worth to each side, (rows, worlds)
    enough: Satiation | None  # where the governor has enough, on the ruler of his sum
    pieces: Pieces  # of which the weights are

    @property
    def who(self) -> str:
        return self.speaks if self.proposer == LABOUR else self.proposer

    def frontier(self) -> Frontier:
        """Both sides' at the time, the governor being the owner."""
        governor, labour = self.weights.values()
        return Frontier(governor, labour, self.pieces.low, self.pieces.high, pieces=self.pieces, own_end=self.enough)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlements(Happening):
    """Unions that settled at tables of their own."""

    actor: ClassVar[str] = "unions"
    fresh: Array = amount("true or false", "unions")
    settled: Array = amount("true or false", "unions")


@dataclass(frozen=True, slots=True, kw_only=True)
class TentativeDeal(Happening):
    """What both sides shook hands on; where unions sat apart, the average over the payroll of those that settled."""

    actor: ClassVar[str] = "both sides"
    apart: bool  # did unions sit at tables of their own?
    package: Array = amount("units of the issue", "issues")
    traded: Array = amount("true or false")  # was the text changed before they signed, to the good of both?


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause(Happening):
    """Talks break off, or the sides meet again after they had. ``where``: the worlds in which either happens."""

    actor: ClassVar[str] = "both sides"
    meets: Array = amount("true or false")

    def words(self, world: int) -> str:
        """In a sentence."""
        return "meet again" if self.meets[world] else "the talks break off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension(Happening):
    """The deadline is moved. ``where``: the worlds in which both sides wanted more time."""

    actor: ClassVar[str] = "both sides"
    until: datetime.date

    def words(self, world: int) -> str:
        """In a sentence."""
        return f"the deadline passes without a deal; they give themselves until {day(self.until)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline(Happening):
    """The talks are over."""

    actor: ClassVar[str] = "both sides"
    agreed: Array = amount("true or false")
    in_zone: Array = amount("true or false")  # did some package serve both sides, as far as they could tell?
    package: Array = amount("units of the issue", "issues")
    agreed_round: Array | None = amount("rounds")  # from 0, -1 without a deal; None where nobody bargained
    agreed_day: Array | None = amount("days")  # since the first of the talks, NaN without a deal
    judged: Mapping[str, Array] | None  # how good the deal is for both sides, by `sim.bargaining.efficiency`
    reason: Array | None = amount("code of the reason")  # why there is none (`sim.bargaining.impasse`), None: no talks
    last_offers: Array | None = amount("M$/yr")  # what the governor's last text saves beyond labour's; NaN with a deal
    closing: Array | None = amount("place of the issue")  # that would have closed them by itself; -1: none would
