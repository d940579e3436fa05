"""Alternating offers between two sides with time-dependent tactics, in one world."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

CLOSE = 1e-9  # what rounding may do to a value on a scale from 0 to 1
Package = list[float]


class Frontier:
    """The packages that give their owner what it aspires to and are best for the other side, as the owner sees it."""

    def __init__(
        self,
        own: Sequence[float],
        other: Sequence[float],
        low: Sequence[float],
        high: Sequence[float],
        *,
        need: float = math.inf,
        beyond: float = 1.0,
    ):
        self.own, self.bounds, self.need, self.beyond = own, (low, high), need, beyond
        self.start: Package = []
        self.span: Package = []
        self.gain: list[float] = []
        self.free = self.extent = self.worst = 0.0
        ranked = []
        for issue, (mine, theirs, least, most) in enumerate(zip(own, other, low, high, strict=True)):
            up = mine > 0 or (mine == 0 and theirs > 0)
            yielded, span = (least, most - least) if up else (most, least - most)
            gain, cost = mine * span, max(-theirs * span, 0.0)
            self.worst += mine * yielded
            self.extent += gain
            if cost <= 0:  # both want it at this end
                self.free += gain
                yielded += span
            else:
                ranked.append((-gain / cost, issue))
            self.start.append(yielded)
            self.span.append(span)
            self.gain.append(gain)
        self.order = [issue for _, issue in sorted(ranked)]
        self.full = min(self.extent, need - self.worst)  # nobody asks for more than enough

    def against(self, other: Sequence[float]) -> Frontier:
        """The same owner's against a side that it knows."""
        return Frontier(self.own, other, *self.bounds, need=self.need, beyond=self.beyond)

    def worth(self, added: float) -> float:
        """Beyond what the owner needs a unit is worth little; from its worst package up."""
        if added <= self.need:
            return added - self.worst
        return self.need - self.worst + self.beyond * (added - self.need)

    def on_scale(self, added: float) -> float:
        """0 the owner's worst package, 1 its ideal."""
        return self.worth(added) / max(self.full, 1e-12)

    def offer(self, aspiration: float) -> Package:
        """The package worth exactly this to the owner: it keeps first what costs the other least."""
        package = list(self.start)
        missing = aspiration * self.full
        if missing > self.need - self.worst:
            missing = self.need - self.worst + (missing - (self.need - self.worst)) / max(self.beyond, 1e-12)
        missing -= self.free
        for issue in self.order:
            if missing <= 0:
                break
            gain = self.gain[issue]
            package[issue] += self.span[issue] * (min(missing / gain, 1.0) if gain > 0 else 1.0)
            missing -= gain
        return package

    def value(self, package: Package) -> float:
        """What a package is worth to the owner: 0 its worst, 1 its ideal."""
        return self.on_scale(sum(weight * amount for weight, amount in zip(self.own, package, strict=True)))


def guess(
    own: Sequence[float], truth: Sequence[float], span: Sequence[float], whose: Sequence[int], insight: float
) -> list[float]:
    """The other's weights as a side guesses them: equal importance of all issues mixed with the truth.

    ``whose``: the issue each piece belongs to; how an issue's worth falls from piece to piece is known.
    """
    issues = max(whose) + 1
    swing, width = [0.0] * issues, [0.0] * issues
    for issue, weight, piece in zip(whose, truth, span, strict=True):
        swing[issue] += abs(weight) * piece
        width[issue] += piece
    total = max(sum(swing), 1e-12)
    guessed = []
    for mine, weight, issue in zip(own, truth, whose, strict=True):
        importance = (1 - insight) / issues + insight * swing[issue] / total
        if swing[issue]:
            guessed.append(importance * weight / swing[issue])
        else:
            guessed.append(-importance * ((mine > 0) - (mine < 0)) / width[issue])
    return guessed


@dataclass(slots=True)
class Side:
    """One side of the table."""

    wants: Any  # its numbers in the scenario
    frontier: Frontier
    reservation: float = 0.0

    @property
    def floor(self) -> float:
        """What no deal is worth to it, more where it would have to take back a public demand."""
        demand, price = self.wants.demands, self.wants.revoking or 0.0
        if demand is None or demand <= self.reservation:
            return self.reservation
        return (self.reservation + price * demand) / (1 + price)

    def aspiration(self, turn: int, turns: int) -> float:
        """From its ideal in the first round to its reservation value in the last."""
        time = min(1.0, turn / max(1, turns - 1))
        conceded = time ** (1 / self.wants.speed) if time > 0 else 0.0
        return max(1 - (1 - self.floor) * conceded, self.floor)
