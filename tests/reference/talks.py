"""Alternating offers to a deadline, between two sides that concede by the clock; and a pattern of such tables.

`docs/bargaining.md`, section 3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from reference.packages import Package, Satiation, Weights, best_offer, on_the_ruler, worth

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
    end: Satiation | None = None  # where it has enough
    demand: float | None = None  # made in public, on its own ruler
    price: float = 0.0  # of taking a unit of it back
    reputation: float = 0.0  # what yielding a unit of its ideal costs it next time
    asked: list[float] = field(default_factory=list)  # so far, on its own ruler
    heard: list[float] = field(default_factory=list)  # what the other's offers were worth to it

    @property
    def floor(self) -> float:
        """The least it takes: where a deal, less the price of what it takes back and yields, is worth no deal."""
        if self.reservation >= 1:
            return self.reservation
        unbound = (self.reservation + self.reputation) / (1 + self.reputation)
        if self.demand is None or self.demand <= unbound:
            return unbound
        return (self.reservation + self.reputation + self.price * self.demand) / (1 + self.reputation + self.price)

    def wants_more_time(self, price: float) -> bool:
        """Is halfway between its last demand and the other's last offer worth more than no deal and this price?"""
        asked = self.asked[-1] if self.asked else 1.0
        heard = self.heard[-1] if self.heard else 0.0
        return (asked + heard) / 2 - self.floor > price


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
    meets: list[bool] = field(default_factory=list)  # by round
    last_look: bool = False
    turn: int = 0
    agreed: bool = False
    package: Package = field(default_factory=list)

    def value(self, side: Side, package: Package) -> float:
        """What a package is worth to a side on its own ruler."""
        added = on_the_ruler(worth(package, side.weights), side.weights, self.low, self.high)
        return added if side.end is None else side.end.of(added)

    def best(self, side: Side, value: float) -> Package:
        """What a side puts forward when it wants so much."""
        added = value if side.end is None else side.end.back(value)
        return best_offer(added, side.weights, side.believed, self.low, self.high)

    def asks(self, side: Side, turn: int) -> float:
        """What a side insists on in a round."""
        return aspiration(turn, self.rounds, speed=side.speed, reservation=side.floor)

    def hold_round(self, *, answered: bool = True) -> Offer:
        """One side offers; it is a deal if the other takes it and leaders expect to carry it home."""
        sides = (self.governor, self.labour) if self.opener == "governor" else (self.labour, self.governor)
        proposer, other = sides[self.turn % 2], sides[1 - self.turn % 2]
        asked = self.asks(proposer, self.turn)
        package = self.best(proposer, asked)
        held = answered and self.meets[self.turn]
        if held:
            proposer.asked.append(asked)
            other.heard.append(self.value(other, package))
        accepted = (
            held
            and min(asked, 1.0) >= proposer.floor - ROUNDING  # nobody signs what is worth less than no deal
            and self.would_take(other, package)
            and self.ratifiable(package)
        )
        self.turn += 1
        if accepted:
            self.agreed, self.package = True, self.improved(package) if self.last_look else package
        return Offer(proposer.name, package, accepted)

    def wants_more_time(self, price: float) -> bool:
        """Would both rather pay for more time than give up?"""
        return all(side.wants_more_time(price) for side in (self.governor, self.labour))

    def improved(self, package: Package) -> Package:
        """Before they sign, each in turn proposes what is worth as much to itself and more to the other, as it thinks.

        It is taken where the other indeed prefers it and leaders expect to carry it home.
        """
        for side, other in ((self.governor, self.labour), (self.labour, self.governor)):
            trade = self.best(side, self.value(side, package))
            prefers = self.value(other, trade) > self.value(other, package) + ROUNDING
            if prefers and self.value(side, trade) >= self.value(side, package) - ROUNDING and self.ratifiable(trade):
                package = trade
        return package

    def would_take(self, side: Side, package: Package) -> bool:
        """A side takes what is worth at least what it would itself ask for next, and no deal."""
        least = max(self.asks(side, self.turn + 1), side.floor)
        return self.value(side, package) >= least - ROUNDING

    def consider(self, package: Package, *, last_resort: bool = False) -> bool:
        """Another table's settlement is put before both sides; as a last resort they take what beats no deal."""
        sides = (self.governor, self.labour)
        if last_resort:
            content = all(self.value(side, package) >= side.floor - ROUNDING for side in sides)
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
        pattern_set = self.leader.agreed and table.meets[table.turn]
        if pattern_set and table.consider(self.leader.package):
            return
        table.hold_round(answered=self.leader.agreed or self.turn >= 3 * self.rounds // 4)
        if self.turn == self.rounds - 1 and pattern_set and not table.agreed:
            table.consider(self.leader.package, last_resort=True)
