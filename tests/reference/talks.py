"""Alternating offers to a deadline, between two sides that concede by the clock; and a pattern of such tables.

`docs/bargaining.md`, section 3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from reference.packages import Package, Weights, best_offer, on_the_ruler, worth

ROUNDING = 1e-9  # what rounding may do to a value on a ruler from 0 to 1


def aspiration(turn: int, rounds: int, *, speed: float, reservation: float) -> float:
    """Of its ideal in the first round, and what no deal is worth in the last (Faratin, Sierra, Jennings 1998)."""
    time = min(1.0, turn / max(1, rounds - 1))
    conceded = time ** (1 / speed) if time > 0 else 0.0
    return max(1 - (1 - reservation) * conceded, reservation)


@dataclass
class Side:
    """One side of a table: what it wants, thinks of the other, could do without, and how it concedes."""

    name: str
    speed: float
    weights: Weights = ()
    believed: Weights = ()
    reservation: float = 0.0


class Offer(NamedTuple):
    """A text on the table and the answer to it."""

    proposer: str
    package: Package
    accepted: bool


@dataclass
class Table:
    """The governor and labour, from round to round."""

    governor: Side
    labour: Side
    low: Weights
    high: Weights
    rounds: int
    opener: str
    ratifiable: Callable[[Package], bool]  # do labour's leaders expect to carry it home?
    turn: int = 0
    agreed: bool = False
    package: Package = field(default_factory=list)

    def value(self, side: Side, package: Package) -> float:
        """What a package is worth to a side on its own ruler."""
        return on_the_ruler(worth(package, side.weights), side.weights, self.low, self.high)

    def asks(self, side: Side, turn: int) -> float:
        """What a side insists on in a round."""
        return aspiration(turn, self.rounds, speed=side.speed, reservation=side.reservation)

    def hold_round(self, *, answered: bool = True) -> Offer:
        """One side offers; it is a deal if the other takes it and leaders expect to carry it home."""
        sides = (self.governor, self.labour) if self.opener == "governor" else (self.labour, self.governor)
        proposer, other = sides[self.turn % 2], sides[1 - self.turn % 2]
        asked = self.asks(proposer, self.turn)
        package = best_offer(asked, proposer.weights, proposer.believed, self.low, self.high)
        accepted = (
            answered
            and min(asked, 1.0) >= proposer.reservation - ROUNDING  # nobody signs what is worth less than no deal
            and self.would_take(other, package)
            and self.ratifiable(package)
        )
        self.turn += 1
        if accepted:
            self.agreed, self.package = True, package
        return Offer(proposer.name, package, accepted)

    def would_take(self, side: Side, package: Package) -> bool:
        """A side takes what is worth at least what it would itself ask for next, and no deal."""
        least = max(self.asks(side, self.turn + 1), side.reservation)
        return self.value(side, package) >= least - ROUNDING

    def consider(self, package: Package, *, last_resort: bool = False) -> bool:
        """Another table's settlement is put before both sides; as a last resort they take what beats no deal."""
        sides = (self.governor, self.labour)
        if last_resort:
            content = all(self.value(side, package) >= side.reservation - ROUNDING for side in sides)
        else:
            content = all(self.would_take(side, package) for side in sides)
        if content and self.ratifiable(package):
            self.agreed, self.package = True, package
        return self.agreed


class Pattern:
    """Each union at its own table: one leads, and its settlement is put before the others."""

    def __init__(self, tables: list[Table], leader: int) -> None:
        self.tables, self.leader = tables, tables[leader]
        self.rounds, self.turn = self.leader.rounds, 0

    def hold_round(self) -> Offer | None:
        """A round at every table that still talks; followers wait for the leader three quarters of the rounds."""
        offer = None if self.leader.agreed else self.leader.hold_round()
        for table in self.tables:
            if table is not self.leader and not table.agreed:
                self._follow(table)
        self.turn += 1
        return offer

    def _follow(self, table: Table) -> None:
        if self.leader.agreed and table.consider(self.leader.package):
            return
        table.hold_round(answered=self.leader.agreed or self.turn >= 3 * self.rounds // 4)
        if self.turn == self.rounds - 1 and self.leader.agreed and not table.agreed:
            table.consider(self.leader.package, last_resort=True)
