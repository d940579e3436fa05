"""The frontier: the packages that give one side what it aspires to and are best for the other.

A fractional knapsack, solved in closed form: the side keeps first what costs the other least per unit of its own gain.
Source: Dantzig (1957), Operations Research 5(2); in talks: Raiffa (1982), The Art and Science of Negotiation.

Worth may be concave and all of this stays exact: along an issue cut into `Pieces` the ratio of gain to cost only falls,
so the order by ratio fills its pieces in their own order (separable concave programming; Charnes & Lemke 1954, Naval
Research Logistics 1). And where a side has enough of the sum (`Satiation`) packages keep their order, so the knapsack
stands and only the ruler bends.
"""

from __future__ import annotations

from copy import copy
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.bargaining.package import (
    TOLERANCE,
    Pieces,
    Satiation,
    Scale,
    columns,
    scale,
    value_of,
)
from sim.worlds.axis import TINY, Worlds, in_worlds, total


class Frontier:
    """The packages that give one side, the owner, what it aspires to and are best for the other side.

    ``own`` and ``other`` say what a unit of each issue is worth to either, shape (issues,) or (issues, worlds), each
    in its own units; ``low`` and ``high`` are the bounds, (issues,). Aspirations are on the owner's `Scale`. What both
    want at the same end sits there whatever the aspiration. All order is worked out here, once; an offer is then a
    handful of array operations.

    With ``pieces`` the weights are theirs, (pieces,) or (pieces, worlds), and along every issue both sides' weights
    must fall or stay (concave worth). ``own_end`` and ``other_end`` say where either has enough of the sum.
    """

    def __init__(
        self,
        own: NDArray[np.float64],
        other: NDArray[np.float64],
        low: NDArray[np.float64],
        high: NDArray[np.float64],
        *,
        pieces: Pieces | None = None,
        own_end: Satiation | None = None,
        other_end: Satiation | None = None,
    ) -> None:
        self.own, self.other = columns(own), columns(other)
        self.pieces = Pieces(low, high) if pieces is None else pieces
        self.own_end, self.other_end, self.low, self.high = own_end, other_end, self.pieces.low, self.pieces.high
        # which end of an issue the owner wants; where it does not care, the end the other wants
        up = (self.own > 0) | ((self.own == 0) & (self.other > 0))
        self.yielded = np.where(up, self.low, self.high)  # an issue given up wholly, (issues, worlds)
        # from there to the end the owner wants, signed
        self.span = np.where(up, self.high - self.low, self.low - self.high)
        self.gain = self.own * self.span  # the owner's gain from keeping an issue wholly, >= 0
        self.cost = np.maximum(-(self.other * self.span), 0.0)  # what that takes from the other, 0 where both want it
        worst = value_of(self.yielded, self.own)
        extent = total(self.gain)
        self.scale = Scale(worst=worst, ideal=worst + extent)
        with np.errstate(divide="ignore", invalid="ignore"):
            self._rank = self.gain / self.cost  # higher is kept first; without limit where it takes nothing
        # an issue is kept from _start on the owner's scale, by _slope a unit of it, as far as the bounds allow
        a_unit_of_gain = self.span / np.maximum(self.gain, TINY)
        self._start = self.yielded - self._before(self.gain) * a_unit_of_gain
        self._slope = a_unit_of_gain * extent
        kept_always = self.cost <= 0
        if kept_always.any():
            self._start = np.where(kept_always, self.yielded + self.span, self._start)
            self._slope = np.where(kept_always, 0.0, self._slope)
        extent = np.maximum(extent, TINY)
        self._unit_weights, self._unit_worst = self.own / extent, worst / extent

    def _before(self, amount: NDArray[np.float64]) -> NDArray[np.float64]:
        """How much of something adds up before it is an issue's turn to be kept, (issues, worlds).

        Issues are compared pair by pair, which is cheaper than sorting six rows; ties go to the issue listed first.
        Pieces are more, and sorted.
        """
        if not self.pieces.straight:
            return _add_up_in_order(amount, self._order)
        before = np.zeros(self._rank.shape)
        for i in range(len(before)):
            for j in range(i + 1, len(before)):
                i_first = self._rank[i] >= self._rank[j]
                before[j] += amount[i] * i_first
                before[i] += amount[j] * ~i_first
        return before

    @cached_property
    def _order(self) -> NDArray[np.intp]:
        """Of the rows, world by world, the one kept first first, (worlds, rows)."""
        return np.argsort(np.ascontiguousarray(-self._rank.T), axis=1, kind="stable")

    @cached_property
    def others_scale(self) -> Scale:
        """The other's ruler, as far as the owner knows the other's weights."""
        return scale(self.other, self.low, self.high)

    @cached_property
    def _cost_before(self) -> NDArray[np.float64]:
        """What the other has lost before it is an issue's turn to be kept; few uses need it."""
        return self._before(self.cost)

    @cached_property
    def _shared(self) -> NDArray[np.float64]:
        """The other's ideal package: only what both want at the owner's end sits there, (issues, worlds)."""
        return self.yielded + np.where(self.cost > 0, 0.0, self.span)

    def offer(self, aspiration: Worlds, *, in_pieces: bool = False) -> NDArray[np.float64]:
        """The package worth exactly ``aspiration`` to the owner that is best for the other, (issues, worlds).

        Below what the common interests give the owner anyway it is the other's ideal, above 1 the owner's.
        ``in_pieces``: not added up by issue, (pieces, worlds).
        """
        if self.own_end is not None:
            aspiration = self.own_end.back(aspiration)
        if self._when_other_has_enough is not None:
            aspiration = np.maximum(aspiration, self._when_other_has_enough)
        amounts = self._slope * aspiration
        amounts += self._start
        np.maximum(amounts, self.low, out=amounts)
        np.minimum(amounts, self.high, out=amounts)
        return amounts if in_pieces else self.pieces.package(amounts)

    def of_worlds(self, here: NDArray[np.intp]) -> Frontier:
        """The same in these worlds alone, for offers and for what packages are worth to the owner."""
        some = copy(self)
        for name in ("_slope", "_start", "_unit_weights", "_unit_worst"):
            setattr(some, name, in_worlds(getattr(self, name), here))
        some.pieces = self.pieces.of_worlds(here)
        some.low, some.high = some.pieces.low, some.pieces.high
        if self.own_end is not None:
            some.own_end = Satiation(*(in_worlds(part, here) for part in self.own_end))
        known = self._when_other_has_enough
        some.__dict__["_when_other_has_enough"] = None if known is None else in_worlds(known, here)
        return some

    def bend(self, own_end: Satiation | None, other_end: Satiation | None) -> None:
        """Either side has enough elsewhere than before; the order of the pieces stays."""
        self.own_end, self.other_end = own_end, other_end
        self.__dict__.pop("_when_other_has_enough", None)

    @cached_property
    def _when_other_has_enough(self) -> Worlds | None:
        """What the owner can keep, on its own sum, of a package with which the other has all it cares for.

        None where the other always cares for more.
        """
        if self.other_end is None or np.all(np.greater(self.other_end.beyond, 0.0)):
            return None
        spared = np.where(np.greater(self.other_end.beyond, 0.0), 1.0, self.other_end.back(1.0))
        return np.where(spared < 1.0, self._own_sum_when_other_has(spared), -np.inf)

    def rows(self, package: NDArray[np.float64]) -> NDArray[np.float64]:
        """A package, (issues, worlds), as the weights count it: issue by issue or piece by piece."""
        return self.pieces.rows(package)

    def own_value(self, package: NDArray[np.float64]) -> NDArray[np.float64]:
        """A package on the owner's scale, (worlds,)."""
        return self.own_value_of_rows(self.rows(package))

    def own_value_of_rows(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """The same of a package whose rows are known, (rows, worlds)."""
        added = value_of(rows, self._unit_weights) - self._unit_worst
        return added if self.own_end is None else self.own_end.of(added)

    def others_value(self, package: NDArray[np.float64]) -> NDArray[np.float64]:
        """A package on the other's scale, as far as the owner knows the other's weights, (worlds,)."""
        added = self.others_scale.of(value_of(self.rows(package), self.other))
        return added if self.other_end is None else self.other_end.of(added)

    def own_when_other_gets(self, utility: Worlds) -> NDArray[np.float64]:
        """The most the owner can have when the other must get at least this on the other's scale, (worlds,).

        Minus infinity where no package gives the other so much.
        """
        mine = self._own_sum_when_other_has(utility if self.other_end is None else self.other_end.back(utility))
        return mine if self.own_end is None else self.own_end.of(mine)

    def _own_sum_when_other_has(self, added: Worlds) -> NDArray[np.float64]:
        """The same on both sides' sums, before either has enough of them."""
        at_others_ideal = self.others_scale.of(value_of(self._shared, self.other))
        lost = (at_others_ideal - added) * (self.others_scale.ideal - self.others_scale.worst)
        costly = self.cost > 0
        kept = np.where(costly, np.clip((lost - self._cost_before) / np.maximum(self.cost, TINY), 0.0, 1.0), 1.0)
        mine = value_of(self.yielded + kept * self.span, self._unit_weights) - self._unit_worst
        return np.where(lost < -TOLERANCE, -np.inf, mine)

    def corners(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Where the frontier bends: the two sides' sums, each in the units of its weights, (rows + 1, worlds).

        From the other's ideal to the owner's, so the owner's values rise and the other's fall.
        """
        costly = self.cost > 0
        gain = np.where(costly, self.gain, 0.0)
        order = np.argsort(np.where(costly, -self._rank, np.inf), axis=0, kind="stable")
        start_own, start_other = value_of(self._shared, self.own), value_of(self._shared, self.other)
        gains = np.cumsum(np.take_along_axis(gain, order, axis=0), axis=0)
        losses = np.cumsum(np.take_along_axis(self.cost, order, axis=0), axis=0)
        own = np.concatenate([start_own[None], start_own + gains])
        other = np.concatenate([start_other[None], start_other - losses])
        return own, other


def _add_up_in_order(amount: NDArray[np.float64], order: NDArray[np.intp]) -> NDArray[np.float64]:
    """What comes before each row when rows, (rows, worlds), are taken in an order, (worlds, rows).

    World by world in one stretch of memory: half the time of NumPy's functions for the same along an axis.
    """
    worlds, rows = order.shape
    place = order + (np.arange(worlds) * rows)[:, None]
    taken = np.ascontiguousarray(np.broadcast_to(amount, (rows, worlds)).T).ravel()[place]
    before = np.empty(worlds * rows)
    before[place] = np.cumsum(taken, axis=1) - taken
    return np.ascontiguousarray(before.reshape(worlds, rows).T)
