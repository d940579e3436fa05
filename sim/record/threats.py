"""What weighs on the table from outside: the governor's threats, and news."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.record.happening import Happening, amount
from sim.worlds.axis import Array, Worlds


@dataclass(frozen=True, slots=True, kw_only=True)
class Threatened(Happening):
    """The governor acts to be believed. ``where``: the worlds in which he does."""

    actor: ClassVar[str] = "governor"
    name: str
    act: str  # in words
    cost: Worlds = amount("M$/yr")
    listed: Array = amount("share of posts", "units")  # on the list in force from this act on
    belief: Array = amount("probability")  # that the average listed post goes, as members see it
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
