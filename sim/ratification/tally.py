"""What was voted: the ballots of every body on one question, and their totals over many worlds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sim.worlds.axis import how_many

Tie = Literal["no", "yes"]  # what an exact tie inside a body counts as
NEVER = 2**40  # ballots: more than there are, where no turning of ballots helps


@dataclass(frozen=True, kw_only=True)
class Tally:
    """The ballots of every body on one question. Whole numbers, as integers or floats."""

    names: Sequence[str]
    members: NDArray[Any]  # (bodies,) or (bodies, worlds)
    yes_ballots: NDArray[Any]  # (bodies, worlds)
    no_ballots: NDArray[Any]  # (bodies, worlds)

    def __post_init__(self) -> None:
        bodies = len(self.names)
        if self.yes_ballots.ndim != 2 or len(self.yes_ballots) != bodies:
            raise ValueError(f"yes_ballots must have shape (bodies = {bodies}, worlds), got {self.yes_ballots.shape}")
        if self.no_ballots.shape != self.yes_ballots.shape:
            raise ValueError(f"no_ballots must have shape {self.yes_ballots.shape}, got {self.no_ballots.shape}")
        if self.members.shape not in {(bodies,), self.yes_ballots.shape}:
            raise ValueError(f"members must have shape ({bodies},) or (bodies, worlds), got {self.members.shape}")

    @classmethod
    def of_leaders(cls, names: Sequence[str], in_favour: NDArray[np.bool_]) -> Tally:
        """One vote a body: ``in_favour`` has shape (bodies, worlds)."""
        yes = np.asarray(in_favour, dtype=np.int64)
        return cls(names=names, members=np.ones(len(names), dtype=np.int64), yes_ballots=yes, no_ballots=1 - yes)

    @property
    def all_members(self) -> NDArray[Any]:
        """Members of all bodies, a number or (worlds,)."""
        return self.members.sum(axis=0)

    def approves(self, tie: Tie) -> NDArray[np.bool_]:
        """Which bodies approve, (bodies, worlds)."""
        return self.yes_ballots >= self.no_ballots if tie == "yes" else self.yes_ballots > self.no_ballots

    def world(self, world: int) -> Tally:
        """The same vote in one world only; its arrays have one world."""
        one = slice(world, world + 1) if world != -1 else slice(-1, None)
        members = self.members if self.members.ndim == 1 else self.members[:, one]
        return replace(self, members=members, yes_ballots=self.yes_ballots[:, one], no_ballots=self.no_ballots[:, one])


class Blocs:
    """A vote in which every body is of one mind and all its members vote; ballots are added up only if asked for."""

    def __init__(
        self, names: Sequence[str], members: NDArray[Any], all_members: NDArray[Any], in_favour: NDArray[np.bool_]
    ) -> None:
        """``members`` and ``in_favour`` have shape (bodies, worlds), ``all_members`` their sum (worlds,)."""
        self.names, self.members, self.all_members, self.in_favour = names, members, all_members, in_favour

    def approves(self, tie: Tie) -> NDArray[np.bool_]:
        """Which bodies approve, (bodies, worlds)."""
        return self.in_favour

    @cached_property
    def yes_ballots(self) -> NDArray[Any]:
        """Members of the bodies in favour, (bodies, worlds)."""
        return self.members * self.in_favour

    @cached_property
    def no_ballots(self) -> NDArray[Any]:
        """Members of the others, (bodies, worlds)."""
        return self.members - self.yes_ballots


class Count:
    """A tally counted once, in whole numbers, for all conditions of a rule; totals have shape (worlds,)."""

    def __init__(self, tally: Tally | Blocs, tie: Tie) -> None:
        self.tally = tally
        self.tie: Tie = tie
        self.approves: NDArray[np.bool_] = tally.approves(tie)
        self.bodies, self.worlds = self.approves.shape

    @cached_property
    def approving(self) -> NDArray[np.int64]:
        """How many bodies approve."""
        return how_many(self.approves).astype(np.int64)

    @cached_property
    def ballots(self) -> NDArray[Any]:
        """Ballots cast by body, (bodies, worlds)."""
        return self.tally.yes_ballots + self.tally.no_ballots

    @cached_property
    def yes(self) -> NDArray[np.int64]:
        """Yes ballots of all bodies."""
        return whole(self.tally.yes_ballots.sum(axis=0))

    @cached_property
    def no(self) -> NDArray[np.int64]:
        """No ballots of all bodies."""
        return self.cast - self.yes

    @cached_property
    def cast(self) -> NDArray[np.int64]:
        """Ballots of all bodies."""
        return whole(self.ballots.sum(axis=0))

    @cached_property
    def members(self) -> NDArray[np.int64]:
        """Members of all bodies."""
        return np.broadcast_to(whole(self.tally.all_members), (self.worlds,))

    @cached_property
    def voting(self) -> NDArray[np.int64]:
        """Bodies in which somebody voted."""
        return np.add.reduce(self.ballots > 0, axis=0, dtype=np.int64)

    def everybody(self) -> NDArray[np.int64]:
        """How many bodies there are, in every world."""
        return np.full(self.worlds, self.bodies, dtype=np.int64)

    def held_by_approving(self, weights: NDArray[Any]) -> NDArray[np.int64]:
        """Weight of the bodies that approve; ``weights`` (bodies,) or (bodies, worlds)."""
        # whole numbers, which add up the same in any order
        return whole(np.einsum("bw,bw->w" if weights.ndim == 2 else "b,bw->w", weights, self.approves))

    @cached_property
    def to_approve(self) -> NDArray[np.int64]:
        """How few of a body's no ballots must turn into yes for it to approve, (bodies, worlds); 0 where it does.

        `NEVER` where nobody voted.
        """
        yes, no = whole(self.tally.yes_ballots), whole(self.tally.no_ballots)
        behind = no - yes + (self.tie == "no")
        return np.where(behind <= 0, 0, np.where(no > 0, (behind + 1) // 2, NEVER))

    @cached_property
    def to_refuse(self) -> NDArray[np.int64]:
        """How few of a body's yes ballots must turn into no for it to refuse, (bodies, worlds); 0 where it does."""
        yes, no = whole(self.tally.yes_ballots), whole(self.tally.no_ballots)
        ahead = yes - no + (self.tie == "yes")
        return np.where(ahead <= 0, 0, np.where(yes > 0, (ahead + 1) // 2, NEVER))


def whole(amounts: Any) -> NDArray[np.int64]:
    """Whole numbers kept as floats, as integers. Raises ValueError for a fraction of a ballot."""
    amounts = np.asarray(amounts)
    if amounts.dtype.kind in "iub":
        return amounts.astype(np.int64, copy=False)
    numbers = amounts.astype(np.int64)
    if isinstance(amounts, np.ndarray) and not np.array_equal(numbers, amounts):
        raise ValueError("members and ballots must be whole numbers")
    return numbers
