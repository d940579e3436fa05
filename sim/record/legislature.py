"""In the state house: roll calls, the power to cut that is asked for and granted, mayors' lobbying, approval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.record.happening import Happening, amount
from sim.worlds.axis import Array, Worlds


@dataclass(frozen=True, slots=True, kw_only=True)
class RollCall(Happening):
    """A roll call in both chambers, by seat."""

    actor: ClassVar[str] = "legislature"
    question: str  # budget, strike_aid, authority, agreement
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
    silent: Array  # (worlds,): nobody called a vote, so that thirty days approve
    approved: Array = amount("true or false")
    house_yes: Array = amount("members")
    house_no: Array = amount("members")
    senate_yes: Array = amount("members")
    senate_no: Array = amount("members")
