"""What is bargained over: issues, packages of them, and the frontier of the best packages there are.

A package is a number for every issue, shape (issues, worlds). What a side gets from it adds up over the issues: its
weights times the package. The package that gives one side exactly what it aspires to and is best for the other is a
fractional knapsack, solved in closed form: the side keeps first what costs the other least per unit of its own gain.
Source: Dantzig (1957), Operations Research 5(2); in talks: Raiffa (1982), The Art and Science of Negotiation.

Worth may be concave and all of this stays exact. An issue of which the first part is worth more than the last is cut
into `Pieces`, each a row of its own: along an issue the ratio of gain to cost only falls, so the order by ratio fills
its pieces in their own order (separable concave programming; Charnes & Lemke 1954, Naval Research Logistics 1). And
where a side has enough of the sum (`Satiation`) its worth is an increasing function of that sum: packages keep their
order, so the knapsack stands and only the ruler bends.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from functools import cached_property
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from sim.scenario.parameters import Number, Section, number
from sim.worlds.axis import Worlds, a_few_at_a_time, total

TINY = 1e-12  # keeps a division by an issue or a scale without extent finite
TOLERANCE = 1e-9  # on a scale from 0 to 1; what rounding may do to a value
Amounts: TypeAlias = NDArray[np.float64] | Sequence[NDArray[np.float64]]  # by issue or piece, each (worlds,)


class Issue(Section):
    """One thing that is bargained over, and what a unit of it is worth to the state and to a member."""

    name: str = Field(min_length=1)
    unit: str = Field(description="What it is counted in")
    range: tuple[float, float] = Field(description="Least and most that is on the table")
    ballot: Literal["benefits", "wages"] = Field(description="The members' ballot on which it is decided")
    saves: Number = number("M$/yr per unit", "What a unit saves the state, average of the two budget years")
    structural: Number = number("share", "Part of the saving that lasts", at_least=0, at_most=1)
    burden: Number = number("share of a year's pay per unit", "What a unit costs a member each year")
    protects: Number = number("share per unit", "Part of a layoff's loss that a unit takes away", at_least=0)
    accumulates: bool = Field(
        default=False, description="Is what is given up in one year of the budget saved again in every later one?"
    )
    bend: Number | None = number("units of the issue", "Beyond which a unit saves or costs otherwise", default=None)
    saves_beyond: Number | None = number("ratio", "What a unit saves beyond the bend, against before", default=None)
    burden_beyond: Number | None = number(
        "ratio", "What a unit costs a member beyond the bend, against before", at_least=0, default=None
    )
    last_offer: Number | None = number(
        "units of the issue", "What is put to the vote of it where nobody bargains: a last offer", default=None
    )

    @field_validator("range")
    @classmethod
    def _low_to_high(cls, limits: tuple[float, float]) -> tuple[float, float]:
        low, high = limits
        if not -np.inf < low < high < np.inf:
            raise ValueError(f"a range is [low, high] with low < high, got [{low:g}, {high:g}]")
        return limits


def value_of(package: Amounts, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """What a package is worth to the side with these weights, in the units of the weights, shape (worlds,).

    Added up issue by issue: a block of worlds then gives bit for bit what the same worlds give one by one.
    """
    total = weights[0] * package[0]
    term = np.empty_like(total)
    for weight, amount in zip(weights[1:], package[1:], strict=True):
        np.multiply(weight, amount, out=term)
        total += term
    return total


class Scale(NamedTuple):
    """A side's own ruler for packages: 0 is its worst within the bounds, 1 its ideal; each shape (worlds,)."""

    worst: NDArray[np.float64]  # in the units of the side's weights
    ideal: NDArray[np.float64]

    def of(self, value: Worlds) -> NDArray[np.float64]:
        """From the units of the weights to the ruler. A value above the ideal comes out above 1."""
        return (value - self.worst) / np.maximum(self.ideal - self.worst, TINY)

    def back(self, utility: Worlds) -> NDArray[np.float64]:
        """From the ruler to the units of the weights."""
        return self.worst + utility * (self.ideal - self.worst)


def scale(weights: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]) -> Scale:
    """The ruler of the side with these weights, (issues,) or (issues, worlds); bounds (issues,)."""
    weights, low, high = columns(weights), columns(low), columns(high)
    up = weights > 0
    return Scale(worst=value_of(np.where(up, low, high), weights), ideal=value_of(np.where(up, high, low), weights))


class Pieces:
    """How issues are cut so that on every piece a unit is worth the same, to either side.

    A piece is a row, the pieces of an issue follow each other from its low end up, and an issue's amount is the sum
    of its rows. ``issue`` says whose piece a row is, (pieces,); ``low`` and ``high`` what a row may hold, (pieces, 1)
    or (pieces, worlds): the first row of an issue starts at the issue's low end, later ones at 0. An issue without
    cuts is a row that is the issue itself.
    """

    def __init__(
        self, low: NDArray[np.float64], high: NDArray[np.float64], cuts: Sequence[Sequence[Worlds]] | None = None
    ) -> None:
        """``cuts``: where each issue is cut, rising, numbers or (worlds,); ``low`` and ``high``: the bounds, (issues,).

        A cut outside the bounds leaves an empty piece there.
        """
        cuts = [()] * len(low) if cuts is None else cuts
        self.straight = not any(len(of_issue) for of_issue in cuts)
        self.issue = np.repeat(np.arange(len(low)), [len(of_issue) + 1 for of_issue in cuts])
        self.first = np.flatnonzero(np.diff(self.issue, prepend=-1))  # row of each issue's first piece
        starts, lows, highs = [], [], []
        for bottom, top, of_issue in zip(low, high, cuts, strict=True):
            ends = [np.clip(cut, bottom, top) for cut in of_issue] + [top]
            begins = [bottom, *ends[:-1]]
            starts += begins
            lows += [bottom] + [0.0] * len(of_issue)
            highs += [ends[0], *(end - begin for begin, end in zip(begins[1:], ends[1:], strict=True))]
        self.start, self.low, self.high = (_rows(amounts) for amounts in (starts, lows, highs))

    def rows(self, package: NDArray[np.float64]) -> Amounts:
        """What of a package, (issues, worlds), lies on each piece, each (worlds,); an uncut issue is a view of it."""
        if self.straight:
            return package
        rows: list[NDArray[np.float64]] = []
        for issue, start, width, is_first, is_last in self._steps:
            row = package[issue]
            if not is_first:
                row = row - start
                np.maximum(row, 0.0, out=row)
            if not is_last:
                row = np.minimum(row, width, out=None if is_first else row)
            rows.append(row)
        return rows

    @cached_property
    def _steps(self) -> list[tuple[int, Any, Any, bool, bool]]:
        """Of every piece: whose, where it starts, how much it holds, and whether it is the issue's first and last."""
        first = np.isin(np.arange(len(self.issue)), self.first).tolist()
        last = [*first[1:], True]
        return list(zip(self.issue.tolist(), _plain(self.start), _plain(self.high), first, last, strict=True))

    def of_worlds(self, here: NDArray[np.intp]) -> Pieces:
        """The same in these worlds alone."""
        some = copy(self)
        some.__dict__.pop("_steps", None)
        some.start, some.low, some.high = (_in_worlds(rows, here) for rows in (self.start, self.low, self.high))
        return some

    def package(self, rows: Amounts) -> NDArray[np.float64]:
        """The pieces of every issue added up, (pieces, worlds) to (issues, worlds)."""
        if self.straight:
            return np.asarray(rows)
        package = np.array([rows[place] for place in self.first.tolist()])
        for row, (issue, _, _, is_first, _) in zip(rows, self._steps, strict=True):
            if not is_first:
                package[issue] += row
        return package


def _plain(rows: NDArray[np.float64]) -> list[Any]:
    """Rows one by one, numbers where they are the same in all worlds: twice as quick as arrays of one."""
    return rows[:, 0].tolist() if rows.shape[1] == 1 else list(rows)


def _rows(amounts: Sequence[Worlds]) -> NDArray[np.float64]:
    """Numbers and (worlds,) side by side, (rows, 1) or (rows, worlds)."""
    rows = np.stack(np.broadcast_arrays(*amounts)).astype(np.float64)
    return rows[:, None] if rows.ndim == 1 else rows


class Satiation(NamedTuple):
    """Where a side has enough: beyond it more of the sum is worth little. Both rulers run from 0 to 1.

    The sum is on the side's `Scale`. Up to ``enough`` worth rises with it, beyond only by ``beyond`` for one before.
    An increasing function of the sum, so the frontier's packages stay. At 1, or with ``beyond`` 1, nothing bends.
    """

    enough: Worlds  # above 0
    beyond: Worlds  # in [0, 1]

    @property
    def _full(self) -> Worlds:
        return np.where(np.less(self.enough, 1.0), self.enough + self.beyond * (1.0 - self.enough), 1.0)

    def of(self, added: Worlds) -> NDArray[np.float64]:
        """Worth of a sum."""
        return np.minimum(added, self.enough + self.beyond * (added - self.enough)) / self._full

    def back(self, worth: Worlds) -> NDArray[np.float64]:
        """The least sum that is worth so much; what is beyond the ideal is beyond it here too."""
        full = worth * self._full
        over = np.maximum(full - self.enough, 0.0)
        more = np.where(np.greater(self.beyond, 0.0), over / np.maximum(self.beyond, TINY), over)
        return np.where(over > 0, self.enough + more, full)


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
        self.pieces, self.own_end, self.other_end = pieces, own_end, other_end
        self.low, self.high = (columns(low), columns(high)) if pieces is None else (pieces.low, pieces.high)
        # which end of an issue the owner wants; where it does not care, the end the other wants
        up = (self.own > 0) | ((self.own == 0) & (self.other > 0))
        self.yielded = np.where(up, self.low, self.high)  # an issue given up wholly, (issues, worlds)
        # from there to the end the owner wants, signed
        self.span = np.where(up, self.high - self.low, self.low - self.high)
        self.gain = self.own * self.span  # the owner's gain from keeping an issue wholly, >= 0
        self.cost = self.other * self.span  # what that takes from the other, 0 where both want it
        np.maximum(np.negative(self.cost, out=self.cost), 0.0, out=self.cost)
        worst = value_of(self.yielded, self.own)
        extent = total(self.gain)
        self.scale = Scale(worst=worst, ideal=worst + extent)
        with np.errstate(divide="ignore", invalid="ignore"):
            self._rank = self.gain / self.cost  # higher is kept first; without limit where it takes nothing
        gain_before = self._before(self.gain)
        # an issue is kept from _start on the owner's scale, by _slope a unit of it, as far as the bounds allow
        self._slope = np.maximum(self.gain, TINY)
        np.divide(self.span, self._slope, out=self._slope)
        gain_before *= self._slope
        self._start = np.subtract(self.yielded, gain_before, out=gain_before)
        self._slope *= extent
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
        if self.pieces is not None and not self.pieces.straight:
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

    def offer(self, aspiration: Worlds) -> NDArray[np.float64]:
        """The package worth exactly ``aspiration`` to the owner that is best for the other, (issues, worlds).

        Below what the common interests give the owner anyway it is the other's ideal, above 1 the owner's.
        """
        if self.own_end is not None:
            aspiration = self.own_end.back(aspiration)
        if self._when_other_has_enough is not None:
            aspiration = np.maximum(aspiration, self._when_other_has_enough)
        worlds = np.broadcast_shapes(self._slope.shape[1:], self.low.shape[1:], np.shape(aspiration))
        package, last = np.empty((self._places[-1] + 1, *worlds)), -1
        for some in a_few_at_a_time(self._slope):
            amounts = self._slope[some] * aspiration
            amounts += self._start[some]
            np.maximum(amounts, self.low[some], out=amounts)
            np.minimum(amounts, self.high[some], out=amounts)
            for issue, amount in zip(self._places[some], amounts, strict=True):
                if issue == last:
                    package[issue] += amount
                else:
                    package[issue] = amount
                last = issue
        return package

    @cached_property
    def _places(self) -> list[int]:
        """Whose piece each row is."""
        return list(range(len(self.own))) if self.pieces is None else self.pieces.issue.tolist()

    def of_worlds(self, here: NDArray[np.intp]) -> Frontier:
        """The same in these worlds alone, for offers and for what packages are worth to the owner."""
        some = copy(self)
        some.__dict__.pop("_when_other_has_enough", None)
        for name in ("_slope", "_start", "_unit_weights", "_unit_worst"):
            setattr(some, name, _in_worlds(getattr(self, name), here))
        if self.pieces is not None and not self.pieces.straight:
            some.pieces = self.pieces.of_worlds(here)
        some.low, some.high = _in_worlds(self.low, here), _in_worlds(self.high, here)
        if self.own_end is not None:
            some.own_end = Satiation(*(_in_worlds(part, here) for part in self.own_end))
        some.__dict__["_when_other_has_enough"] = None
        if self._when_other_has_enough is not None:
            some.__dict__["_when_other_has_enough"] = _in_worlds(self._when_other_has_enough, here)
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

    def rows(self, package: NDArray[np.float64]) -> Amounts:
        """A package, (issues, worlds), as the weights count it: issue by issue or piece by piece."""
        return package if self.pieces is None else self.pieces.rows(package)

    def own_value(self, package: NDArray[np.float64]) -> NDArray[np.float64]:
        """A package on the owner's scale, (worlds,)."""
        added = value_of(self.rows(package), self._unit_weights) - self._unit_worst
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


def _in_worlds(amounts: Any, here: NDArray[np.intp]) -> Any:
    """What differs from world to world, in these; (worlds,) or (rows, worlds), or the same in all."""
    shared = np.ndim(amounts) == 0 or np.shape(amounts)[-1] == 1
    return amounts if shared else amounts[..., here]


def columns(amounts: NDArray[np.float64]) -> NDArray[np.float64]:
    """(issues,) as (issues, 1), so that it meets (issues, worlds)."""
    amounts = np.asarray(amounts, dtype=np.float64)
    return amounts[:, None] if amounts.ndim == 1 else amounts
