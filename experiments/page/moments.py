"""What can be seen of a run on one of its dates, as plain numbers and words; all of the one world that is told."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

# --- what does not change in a run ------------------------------------------------------------------------------------


class IssueSeen(NamedTuple):
    """One thing that is bargained over."""

    name: str
    unit: str
    range: tuple[float, float]


class SeatSeen(NamedTuple):
    """One seat of a chamber."""

    name: str
    chamber: str
    district: int
    party: str
    recorded: str


class TownSeen(NamedTuple):
    """One town."""

    name: str
    budget: float  # M$/yr
    people: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSeen:
    """What a run is about."""

    name: str
    title: str
    world: int
    seed: int
    agenda: tuple[tuple[datetime.date, str], ...]  # date and phase of every step
    issues: tuple[IssueSeen, ...]
    rounds: int
    gap: float  # M$/yr
    ratification: str  # the rule in words
    unions: tuple[tuple[str, float], ...]  # name and members
    seats: tuple[SeatSeen, ...]
    towns: tuple[TownSeen, ...]
    boundaries: str  # path of the towns' outlines, empty where the case has none
    listed: str  # what the list takes: posts, or pay


# --- what does --------------------------------------------------------------------------------------------------------


class OfferSeen(NamedTuple):
    """An offer at the table."""

    round: int  # from 1
    date: datetime.date
    proposer: str
    package: tuple[float, ...]
    savings: float  # M$/yr
    accepted: bool


class TableSeen(NamedTuple):
    """Both sides' values as they are today, each on its own scale: 0 its worst package, 1 its ideal."""

    frontier: tuple[tuple[float, float], ...]  # governor's and coalition's value of the best packages there are
    offers: tuple[tuple[float, float], ...]  # likewise of the offers made so far
    no_deal: tuple[float, float]  # what no deal is worth; above 1: nothing beats it


class UnionSeen(NamedTuple):
    """A union in a vote."""

    name: str
    members: float
    yes: float
    cast: float
    approves: bool
    pivotal: bool  # its own turning would have turned the result

    @property
    def yes_share(self) -> float:
        """Share of yes among its ballots."""
        return self.yes / self.cast if self.cast else 0.0


class ConditionSeen(NamedTuple):
    """One condition of the rule in a vote."""

    words: str
    amount: float
    quota: float
    whole: float
    unit: str


class VoteSeen(NamedTuple):
    """A vote of the members."""

    number: int
    date: datetime.date
    rule: str
    carried: bool
    unions: tuple[UnionSeen, ...]
    conditions: tuple[ConditionSeen, ...]


class RollCallSeen(NamedTuple):
    """A roll call in both chambers."""

    question: str
    date: datetime.date
    carried: bool
    verdict: str  # in words
    votes: tuple[str, ...]  # "yes", "no" or "absent", by seat
    about: str = ""  # the kind of question, the same where its amounts differ


class TownsSeen(NamedTuple):
    """What the towns lose, M$/yr, by town."""

    kind: str  # "threatened" or "cut"
    loss: tuple[float, ...]
    mills: tuple[float, ...]  # rise of the tax rate


class Leaning(NamedTuple):
    """What a union would do today about what is on the table, and why; logits as its leader hears them."""

    risk: float  # share of its posts that members expect to go
    goodwill: float
    would: float | None  # share of members who would say yes; None: nothing is on the table
    expects: bool | None  # does its leader expect a yes?
    gain: float | None  # what the deal's protection is worth
    loss: float | None  # what its burden costs


class SeatLeaning(NamedTuple):
    """How far a legislator is for the governor's bill today, logits; below zero against."""

    lean: float
    toll: float  # what the threatened cut of aid takes from it


class ThreatSeen(NamedTuple):
    """An act of the governor's to be believed."""

    name: str
    date: datetime.date
    belief: float  # chance that a listed post goes, as the average member saw it from then on
    withdrawn: bool


class Payer(NamedTuple):
    """A part of the gap, M$/yr."""

    name: str
    amount: float
    firm: bool  # settled, or pencilled in


class Turned(NamedTuple):
    """Who stands otherwise in the run that is compared: by place, how he stands there."""

    unions: Mapping[int, str]
    seats: Mapping[int, str]
    towns: Mapping[int, str]


NOBODY = Turned({}, {}, {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A run as it stands after a step; every field is the history up to then."""

    case: CaseSeen
    step: int  # steps made so far
    date: datetime.date
    phase: str
    events: tuple[dict[str, Any], ...] = ()
    offers: tuple[OfferSeen, ...] = ()
    table: TableSeen | None = None
    expected: tuple[tuple[str, float, bool], ...] = ()  # union, members, whether its leader expects a yes
    votes: tuple[VoteSeen, ...] = ()
    roll_calls: tuple[RollCallSeen, ...] = ()
    towns: TownsSeen | None = None
    payers: tuple[Payer, ...] = ()
    belief: float = 0.0  # share of posts that members expect to go
    reservation: float | None = None  # savings below which the governor would sooner cut, M$/yr
    on_table: tuple[float, ...] | None = None  # the package that is talked about
    threats: tuple[ThreatSeen, ...] = ()
    leanings: tuple[Leaning, ...] = ()  # by union
    seats: tuple[SeatLeaning, ...] = ()  # by seat
    efforts: tuple[float, ...] = ()  # of each town's mayor against a cut of aid, share of full effort
    chorus: float = 0.0  # of the average inhabitant's mayor
    rule: str = ""  # that the leaders put in the place of the first, in words
    outcome: str = ""
    decided_next: int | None = None  # place in the agenda of the next day that brings anything, where the run is known
    turned: Turned = NOBODY  # against the run that is compared, where there is one

    @property
    def over(self) -> bool:
        """Has the run come to its end?"""
        return self.step == len(self.case.agenda)
