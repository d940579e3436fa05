"""Alternating offers between two sides with time-dependent tactics, in one world."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

CLOSE = 1e-9  # what rounding may do to a value on a scale from 0 to 1
Package = list[float]


class Frontier:
    """The packages that give their owner what it aspires to and are best for the other side, as the owner sees it."""

    def __init__(self, own: Sequence[float], other: Sequence[float], low: Sequence[float], high: Sequence[float]):
        self.own = own
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

    def offer(self, aspiration: float) -> Package:
        """The package worth exactly this to the owner: it keeps first what costs the other least."""
        package = list(self.start)
        missing = aspiration * self.extent - self.free
        for issue in self.order:
            if missing <= 0:
                break
            gain = self.gain[issue]
            package[issue] += self.span[issue] * (min(missing / gain, 1.0) if gain > 0 else 1.0)
            missing -= gain
        return package

    def value(self, package: Package) -> float:
        """What a package is worth to the owner: 0 its worst, 1 its ideal."""
        worth = sum(weight * amount for weight, amount in zip(self.own, package, strict=True))
        return (worth - self.worst) / max(self.extent, 1e-12)


def guess(own: Sequence[float], truth: Sequence[float], span: Sequence[float], insight: float) -> list[float]:
    """The other's weights as a side guesses them: equal importance of all issues mixed with the truth."""
    swing = [abs(weight) * width for weight, width in zip(truth, span, strict=True)]
    total = max(sum(swing), 1e-12)
    guessed = []
    for mine, weight, one, width in zip(own, truth, swing, span, strict=True):
        wants = weight if weight else -mine
        sign = (wants > 0) - (wants < 0)
        guessed.append(sign * ((1 - insight) / len(own) + insight * one / total) / width)
    return guessed


@dataclass(slots=True)
class Side:
    """One side of the table."""

    speed: float
    frontier: Frontier
    reservation: float = 0.0

    def aspiration(self, turn: int, turns: int) -> float:
        """From its ideal in the first round to its reservation value in the last."""
        time = min(1.0, turn / max(1, turns - 1))
        conceded = time ** (1 / self.speed) if time > 0 else 0.0
        return max(1 - (1 - self.reservation) * conceded, self.reservation)
