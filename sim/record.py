"""What happened: the dated happenings of a crisis, as acts return them and everybody else reads them.

A happening is the same date in all worlds; ``where`` says in which of them it happened, and its amounts are arrays
with worlds last. Story, measures, page, charts, explanations and fits are functions of the list. A happening of a kind
of one's own needs no more than a subclass with its fields and `words`.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.bargaining.frontier import Frontier
from sim.bargaining.package import Pieces, Satiation
from sim.bargaining.terms import Terms
from sim.public.cuts import Filled
from sim.ratification.rule import Rule
from sim.ratification.tally import Tally
from sim.worlds.axis import Array, Worlds


def amount(unit: str, rows: str = "", **default: Any) -> Any:
    """A field of a happening: its unit, and what its rows are (issues, unions, units, seats, towns) if it has any.

    Its shape is (worlds,), or (rows, worlds); a number, or one world, stands for all.
    """
    return field(metadata={"unit": unit, "rows": rows}, **default)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that happened on a day, in the worlds of ``where``."""

    actor: ClassVar[str] = ""
    date: datetime.date
    phase: str
    where: NDArray[np.bool_]  # (worlds,)

    @property
    def who(self) -> str:
        """Who did it."""
        return self.actor

    def words(self, world: int) -> str:
        """In a sentence, for the world at this place; kinds that the story words itself leave it empty."""
        return ""

    def amounts(self, world: int, names: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, float]]:
        """Its numbers in the world at this place: ``name``, or ``name/row`` with the rows' ``names``."""
        for item in fields(self):
            if "unit" not in item.metadata:
                continue
            given = getattr(self, item.name)
            if given is None:
                continue
            values = np.asarray(given, dtype=float)
            column = values[..., world if values.ndim and values.shape[-1] > 1 else 0] if values.ndim else values
            if not item.metadata["rows"]:
                yield item.name, float(column)
                continue
            for row, value in zip(names[item.metadata["rows"]], np.ravel(column), strict=True):
                yield f"{item.name}/{row}", float(value)


# --- talks ------------------------------------------------------------------------------------------------------------


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
    proposer: str  # governor, coalition, mediator or both
    speaks: str  # who made it, by name: the union that leads where each has a table of its own
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
        return self.speaks

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
        return f"the deadline passes without a deal; they give themselves until {self.until:%-d %B}"


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


# --- threats and news -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Threatened(Happening):
    """The governor acts to be believed. ``where``: the worlds in which he does."""

    actor: ClassVar[str] = "governor"
    name: str
    act: str  # in words
    cost: Worlds = amount("M$/yr")
    listed: Array = amount("share of posts", "units")  # on the list in force from this act on
    belief: Array = amount("probability")  # that a listed post goes, as the average member sees it
    expected_share: Array = amount("share of all posts")  # that members expect to go


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal(Happening):
    """A deal takes threats back."""

    actor: ClassVar[str] = "governor"
    names: tuple[str, ...]
    withdrawn: Array  # which of them, (threats, worlds), in the order of the names
    cost: Array = amount("M$/yr")  # of all that were withdrawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported(Happening):
    """News: something nobody at the table does."""

    actor: ClassVar[str] = "news"
    name: str
    event: str  # in words
    revenue: Worlds | None = amount("M$/yr")
    usable: Worlds | None = amount("M$/yr")
    expected_share: Array = amount("share of all posts")  # that members now expect to go


# --- members ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation(Happening):
    """The leaders put the deal to their members."""

    actor: ClassVar[str] = "leaders"
    deal: Terms
    bargained: bool
    expected: Array = amount("true or false")  # do they expect it to be ratified?
    expects_yes: Array = amount("true or false", "unions")  # each leader, of his own members
    leaked_burden: Array | None = amount("share of a year's pay")  # what members had read; None with a blackout


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignWeek(Happening):
    """A week of meetings and rumours."""

    actor: ClassVar[str] = "members"
    vote: int  # 1 or 2
    week: int
    weeks: int
    informed: Worlds = amount("share of members")
    misinformed: Worlds = amount("share of members")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballots(Happening):
    """A vote of the members, by unit and union, and what the rule makes of it. ``where``: the worlds that vote."""

    actor: ClassVar[str] = "members"
    vote: int  # 1 or 2
    rule: Rule  # in force before any change of it
    revised: Rule | None  # in force where the leaders changed it
    rule_changed: Array = amount("true or false")
    tally: Tally  # benefits ballots by union
    unit_yes: Array = amount("ballots", "units")  # on the benefits of the whole coalition
    unit_cast: Array = amount("ballots", "units")
    wages_yes: Array = amount("ballots", "units")  # on the unit's own wages for job security
    wages_cast: Array = amount("ballots", "units")
    held: Array | None  # unions that had something to vote on, (unions, worlds); None: all
    ratified: Array = amount("true or false")

    def rule_at(self, world: int) -> Rule:
        """The rule that counted in the world at this place."""
        changed = self.revised is not None and bool(np.broadcast_to(self.rule_changed, len(self.where))[world])
        chosen = self.revised if changed and self.revised is not None else self.rule
        return chosen.world(world)

    @property
    def unit_yes_share(self) -> Array:
        """Share of yes among ballots cast on the benefits, (units, worlds); nobody voting counts as no."""
        return self.unit_yes / np.maximum(self.unit_cast, 1)

    @property
    def wages_refused(self) -> Array:
        """Units that cast ballots on their part on wages and refused it, (units, worlds); a tie refuses."""
        return (self.wages_cast > 0) & (2 * self.wages_yes <= self.wages_cast)


# --- the state house --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RollCall(Happening):
    """A roll call in both chambers, by seat."""

    actor: ClassVar[str] = "legislature"
    question: str  # budget, strike_aid, authority, agreement, taxes
    yes: Array = amount("true or false", "seats")  # who votes yes
    here: Array = amount("true or false", "seats")  # who is here; the others do not vote
    house_yes: Array = amount("members")
    house_no: Array = amount("members")
    senate_yes: Array = amount("members")
    senate_no: Array = amount("members")
    carried: Array = amount("true or false")
    vote: int = 0  # of the members, whose agreement this is about; 0: none
    with_aid: Array | None = None  # (worlds,): the power asked for reaches town aid
    silent: Array | None = None  # (worlds,): nobody called the vote, and so they would have voted


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested(Happening):
    """The governor asks for more power to cut."""

    actor: ClassVar[str] = "governor"
    share: Worlds = amount("share of any line")
    aid_scope: Worlds = amount("share of that power")  # which reaches town aid


@dataclass(frozen=True, slots=True, kw_only=True)
class Lobbying(Happening):
    """Mayors speak up against a cut of aid that threatens, or fall silent."""

    actor: ClassVar[str] = "mayors"
    occasion: str  # what they answer: list, news, deal, refusal, request
    threatened: Array = amount("M$/yr")  # aid that legislators and mayors expect to go
    effort: Array = amount("share of full effort", "towns")
    chorus: Array = amount("share of full effort")  # of the average inhabitant's mayor


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant(Happening):
    """What the session leaves the governor with."""

    actor: ClassVar[str] = "legislature"
    passed: Array = amount("true or false")
    struck: Array = amount("true or false")  # aid was asked for and taken out
    aid_spared: Array = amount("true or false")
    authority_share: Array = amount("share of any line")
    aid_scope: Array = amount("share of that power")
    house_yes: Array = amount("members")
    house_no: Array = amount("members")
    senate_yes: Array = amount("members")
    senate_no: Array = amount("members")


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval(Happening):
    """The legislature's last word on a ratified agreement, given by silence or by a vote. ``where``: it is ratified."""

    actor: ClassVar[str] = "legislature"
    vote: int  # of the members, 1 or 2
    deemed: bool  # does silence approve?
    approved: Array = amount("true or false")
    house_yes: Array = amount("members")
    house_no: Array = amount("members")
    senate_yes: Array = amount("members")
    senate_no: Array = amount("members")


# --- the window -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment(Happening):
    """The leaders vote on their own rule. ``where``: after a refusal."""

    actor: ClassVar[str] = "leaders"
    rule: Rule  # for a change
    revised: Rule | None  # what it is changed to
    favour: Array = amount("true or false", "unions")
    waives: Array = amount("true or false", "unions")  # the notice period
    wanted: Array = amount("true or false")  # did enough leaders vote for it?
    changed: Array = amount("true or false")  # and did enough let it take effect at once?


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision(Happening):
    """A clearer text of the deal."""

    actor: ClassVar[str] = "both sides"


# --- the end ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling(Happening):
    """Who pays: the gap filled, M$/yr by source, and the posts it takes."""

    actor: ClassVar[str] = "settlement"
    outcome: Array = amount("code of the outcome")
    gap: Worlds = amount("M$/yr")
    savings: Array = amount("M$/yr")
    revenue: Array = amount("M$/yr")
    filled: Filled  # by instrument
    authority: Array = amount("M$/yr")  # power to cut held at the end
    authority_share: Array = amount("share of any line")
    aid_share: Array = amount("share of town aid")
    posts: Array = amount("posts")
    unit_posts: Array = amount("posts", "units")
    approved: Array = amount("true or false")  # by the legislature, where a deal was ratified
    belief: Array = amount("probability")  # that a listed post goes, as the average member saw it at the end
    threat_cost: Array = amount("M$/yr")  # to the governor, of issuing and withdrawing all his threats
    reservation: Worlds = amount("M$/yr")  # savings below which he would sooner have cut, as it was at the end
    local_risk: Worlds = amount("share of payroll")  # of municipal colleagues that would go without a deal

    @property
    def money(self) -> dict[str, Array]:
        """Where the gap's money comes from, M$/yr by source, each (worlds,); they add up to the gap."""
        instruments = {name: self.filled.of(name) for name in ("layoffs", "programmes", "aid", "taxes")}
        return {"savings": self.savings, "revenue": self.revenue, **instruments, "deficit": self.filled.deficit}


@dataclass(frozen=True, slots=True, kw_only=True)
class Absorption(Happening):
    """How the towns absorb a cut of aid; by town, (towns, worlds ``here``), since few worlds cut."""

    actor: ClassVar[str] = "towns"
    here: NDArray[np.int64]  # places of the worlds that cut
    aid: Array = amount("M$/yr")  # cut, (worlds,)
    loss: Array = amount("M$/yr", "towns")
    reserves: Array = amount("M$/yr", "towns")
    deferral: Array = amount("M$/yr", "towns")
    concessions: Array = amount("M$/yr", "towns")
    layoffs: Array = amount("M$/yr", "towns")
    taxes: Array = amount("M$/yr", "towns")
    unabsorbed: Array = amount("M$/yr", "towns")
    mills: Array = amount("mills", "towns")
    posts: Array = amount("posts", "towns")
    mill_rise: Array  # of the average inhabitant's town, mills, (worlds that cut,)
    post_cost: Worlds  # M$/yr a local post

    def amounts(self, world: int, names: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, float]]:
        """As of any happening; nothing in a world that does not cut."""
        if not self.where[world]:
            return
        place = int(np.searchsorted(self.here, world))
        yield "aid", float(self.aid[world])
        for item in fields(self):
            if item.metadata.get("rows") == "towns":
                for town, value in zip(names["towns"], getattr(self, item.name)[:, place], strict=True):
                    yield f"{item.name}/{town}", float(value)

    def everywhere(self, by_world_that_cuts: Array) -> Array:
        """What is known in the worlds that cut, among all, (worlds,); nothing in the others."""
        column = np.zeros(len(self.where))
        column[self.here] = by_world_that_cuts
        return column


def labels(case: Any) -> dict[str, tuple[str, ...]]:
    """The names of the rows of a case's happenings, by kind of row."""
    halls = case.town_halls
    return {
        "issues": tuple(issue.name for issue in case.issues),
        "unions": case.unions.names,
        "units": case.units.names,
        "seats": tuple(f"{seat.chamber} {seat.district} {seat.name}" for seat in case.seats),
        "towns": () if halls is None else tuple(town.name for town in halls.towns),
    }
