"""By how much a vote failed: the conditions that kept it from carrying, and the ballots that decided it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.ratification.conditions import Leaf, Share
from sim.ratification.tally import NEVER, Count, whole


@dataclass(frozen=True, kw_only=True)
class FailedCondition:
    """A condition for want of which a vote failed."""

    path: str  # as in `Rule.thresholds`, without the last key
    condition: Leaf
    words: str
    failed: NDArray[np.bool_]  # (worlds,)
    missing: NDArray[np.int64]  # how much more was needed, in ``unit``; 0 where it held; (worlds,)
    unit: str  # unions, members, ballots
    _count: Count

    def turn(self, world: int) -> dict[str, int] | None:
        """The fewest no ballots that, turned into yes, make this condition hold in this world, by body.

        Per capita it does not matter where they turn, and the key is ``"anywhere"``. None where no turning helps
        (a quorum was missed; nobody voted).
        """
        if not self.failed[world]:
            return {}
        missing = int(self.missing[world])
        weights = self.condition.weights(self._count)
        if weights is None:
            per_capita = isinstance(self.condition, Share)
            return {"anywhere": missing} if per_capita and missing <= self._count.no[world] else None
        turns = self._count.to_approve[:, world].tolist()
        own = whole(weights if weights.ndim == 1 else weights[:, world]).tolist()
        refusing = [i for i, ballots in enumerate(turns) if 0 < ballots < NEVER and own[i] > 0]
        chosen = cheapest_cover([turns[i] for i in refusing], [own[i] for i in refusing], missing)
        names = self._count.tally.names
        return None if chosen is None else {names[refusing[j]]: turns[refusing[j]] for j in chosen}

    def margin(self, world: int) -> str:
        """By how much it failed in this world, in words: what is short, and the ballots that decided it."""
        if not self.failed[world]:
            return "held"
        have = int(self.condition.amount(self._count)[world])
        missing = int(self.missing[world])
        short = f"{have:,} of the {have + missing:,} {self.unit} needed, {missing:,} short"
        turn = self.turn(world)
        if turn is None or "anywhere" in turn:  # as many ballots the other way as are short
            return short
        total = sum(turn.values())
        where = _listed([name if len(turn) == 1 else f"{ballots:,} in {name}" for name, ballots in turn.items()])
        return f"{short}: {_ballots(total)} the other way would have done, {'in ' * (len(turn) == 1)}{where}"


def cheapest_cover(costs: Sequence[int], weights: Sequence[int], needed: int) -> list[int] | None:
    """Which items reach the weight needed at least total cost; None where even all of them do not.

    Exact: keeps the sums of weight and cost that no other sum beats on both.
    """
    frontier: list[tuple[int, int, tuple[int, ...]]] = [(0, 0, ())]  # cost rising, weight rising
    for item, (cost, weight) in enumerate(zip(costs, weights, strict=True)):
        extended = [(c + cost, min(w + weight, needed), (*chosen, item)) for c, w, chosen in frontier]
        merged = sorted(frontier + extended, key=lambda sums: (sums[0], -sums[1]))
        frontier, best = [], -1
        for sums in merged:
            if sums[1] > best:
                frontier.append(sums)
                best = sums[1]
    return list(frontier[-1][2]) if frontier[-1][1] >= needed else None


def _ballots(number: int) -> str:
    return f"{number:,} ballot{'s' * (number != 1)}"


def _listed(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
