"""Who sits at a table, over what, and how each side sees the packages; news moves that between two rounds."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.bargaining.estimates import Estimate
from sim.bargaining.frontier import Frontier
from sim.bargaining.package import Pieces, Satiation, columns
from sim.bargaining.side import Side
from sim.errors import WrongInput, nearest
from sim.worlds.axis import Worlds


class Table:
    """Two sides, the bounds of the issues, and both sides' frontiers."""

    def __init__(
        self,
        sides: tuple[Side, Side],
        low: NDArray[np.float64],
        high: NDArray[np.float64],
        *,
        worlds: int,
        pieces: Pieces | None = None,
    ) -> None:
        """``low`` and ``high`` bound the issues, (issues,); with ``pieces`` all weights are theirs."""
        self.sides = sides
        self.low, self.high = np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
        self.pieces = Pieces(self.low, self.high) if pieces is None else pieces
        self.agreed = np.zeros(worlds, dtype=np.bool_)  # there values stay what they were when a deal was made
        self._true: tuple[tuple[Any, ...], Frontier] | None = None
        for side in sides:
            side.weigh_no_deal(np.broadcast_to(np.asarray(side.reservation, dtype=np.float64), (worlds,)))
        for side in sides:
            if side.believed is not None and side.learning is not None and np.any(side.learning):
                side.estimate = Estimate(side.believed, self.low, self.high, rate=side.learning, pieces=pieces)
            self.draw_frontier(side)

    def side(self, name: str) -> Side:
        """The side of this name."""
        for side in self.sides:
            if side.name == name:
                return side
        raise WrongInput(f"{name!r} is not at the table{nearest(name, [side.name for side in self.sides])}")

    def other(self, side: Side) -> Side:
        """Who sits across."""
        return self.sides[1] if side is self.sides[0] else self.sides[0]

    def update(
        self,
        name: str,
        *,
        weights: NDArray[np.float64] | None = None,
        reservation: Worlds | None = None,
        believed: NDArray[np.float64] | None = None,
        believed_reservation: Worlds | None = None,
        end: Satiation | None = None,
    ) -> None:
        """Between two rounds: a side's values, no-deal value or beliefs about the other have moved.

        Where there is an agreement its values stay what they were when it was made.
        """
        side = self.side(name)
        if reservation is not None:
            side.weigh_no_deal(np.where(self.agreed, side.reservation, reservation))
        if end is not None:
            before = end if side.end is None else side.end
            side.end = end._replace(enough=np.where(self.agreed, before.enough, end.enough))
            for one in self.sides:
                one.frontier.bend(one.end, self.other(one).end)
        if believed_reservation is not None:
            side.believed_reservation = believed_reservation
        if weights is not None:
            side.weights = np.where(self.agreed, columns(side.weights), columns(weights))
        if believed is not None:
            side.believed = believed
            if side.estimate is not None:
                side.estimate.guess_again(believed)
        if weights is not None or believed is not None:
            self.draw_frontier(side)
        if weights is not None and self.other(side).believed is None:
            self.draw_frontier(self.other(side))

    def draw_frontier(self, side: Side) -> None:
        """A side's frontier, from what it wants and takes the other to want."""
        if side.estimate is not None:
            others = side.estimate.weights
        else:
            others = self.other(side).weights if side.believed is None else side.believed
        side.frontier = self._frontier(side, others)

    def true_frontier(self) -> Frontier:
        """The first side's, as it would be if it knew the second's weights."""
        first, second = self.sides
        known = (first.weights, second.weights, first.end, second.end)
        if self._true is None or any(was is not now for was, now in zip(self._true[0], known, strict=True)):
            self._true = known, self._frontier(first, second.weights)
        return self._true[1]

    def _frontier(self, side: Side, others: NDArray[np.float64]) -> Frontier:
        ends = {"own_end": side.end, "other_end": self.other(side).end}
        return Frontier(side.weights, others, self.low, self.high, pieces=self.pieces, **ends)
