"""How good a deal is: how far from the best there was, and how the gains over no deal are shared.

The frontier of a package is a chain of straight pieces, so every solution on it is exact: piece by piece in closed
form. Sources: Nash (1950), Econometrica 18; Kalai & Smorodinsky (1975), Econometrica 43; Kalai (1977), Econometrica
45, for the egalitarian point. The disagreement point is what no deal is worth to either side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.bargaining.frontier import Frontier
from sim.bargaining.package import TOLERANCE
from sim.worlds.axis import TINY, Worlds, total

if TYPE_CHECKING:
    from sim.bargaining.talks import Talks

DEAL_MEASURES = (  # names of the fields of `Efficiency` in the table of results; the governor is the first side
    "governor_utility",
    "coalition_utility",
    "to_frontier",
    "to_nash",
    "to_kalai_smorodinsky",
    "to_egalitarian",
    "governor_surplus_share",
    "gains_realised",
)
WORTH_SHARING = 1e-6  # gains of both sides together, each on its own scale; less is rounding


class Point(NamedTuple):
    """Values to the two sides, each (worlds,); NaN where no package beats no deal for both."""

    own: NDArray[np.float64]
    other: NDArray[np.float64]


class Bend(NamedTuple):
    """The frontier as a chain of corners, (corners, worlds), from the other's ideal to the owner's.

    In whatever units: the solutions do not depend on them, except the egalitarian one, which compares the sides.
    """

    own: NDArray[np.float64]
    other: NDArray[np.float64]


class Chain(NamedTuple):
    """The straight pieces of the frontier, as far as both sides have at least their no-deal value on them.

    From the other's ideal to the owner's, (chain, worlds).
    """

    own: NDArray[np.float64]  # value to the owner at a piece's start
    other: NDArray[np.float64]
    gain: NDArray[np.float64]  # what the owner gains along it, >= 0
    loss: NDArray[np.float64]  # what the other loses along it, >= 0
    first: NDArray[np.float64]  # share of the way at which both are content from here ...
    last: NDArray[np.float64]  # ... to here; last < first: nowhere

    @property
    def serves(self) -> NDArray[np.bool_]:
        """Are both content somewhere on the piece?"""
        return self.last >= self.first

    def within(self, share: NDArray[np.float64]) -> NDArray[np.float64]:
        """The nearest share of the way at which both are content."""
        return np.clip(share, self.first, np.maximum(self.first, self.last))

    def at(self, share: NDArray[np.float64]) -> Point:
        """The points this share of the way along."""
        return Point(self.own + share * self.gain, self.other - share * self.loss)

    def best(self, points: Point, worth: NDArray[np.float64]) -> Point:
        """Of a point on each piece the one worth most where both are content, the first of several; NaN without one."""
        worth = np.where(self.serves & (worth > -np.inf), worth, -np.inf)
        place = np.argmax(worth, axis=0), np.arange(worth.shape[1])
        found = worth[place] > -np.inf
        return Point(np.where(found, points.own[place], np.nan), np.where(found, points.other[place], np.nan))


def nash_point(bend: Bend, own_no_deal: Worlds, others_no_deal: Worlds, *, power: Worlds = 0.5) -> Point:
    """Where (own gain)^power x (other's gain)^(1 - power) is largest."""
    return _nash(_chain(bend, own_no_deal, others_no_deal), own_no_deal, others_no_deal, power)


def kalai_smorodinsky_point(bend: Bend, own_no_deal: Worlds, others_no_deal: Worlds) -> Point:
    """Where both have the same share of the most that either could gain while the other loses nothing."""
    chain = _chain(bend, own_no_deal, others_no_deal)
    most = _ideal_gains(chain, own_no_deal, others_no_deal)
    return _balanced(chain, own_no_deal, others_no_deal, most.own, most.other)


def egalitarian_point(bend: Bend, own_no_deal: Worlds, others_no_deal: Worlds) -> Point:
    """Where both gain the same, as far as the frontier goes."""
    return _balanced(_chain(bend, own_no_deal, others_no_deal), own_no_deal, others_no_deal, 1.0, 1.0)


def utilitarian_point(bend: Bend, own_no_deal: Worlds, others_no_deal: Worlds) -> Point:
    """Where the gains add up to most."""
    return _utilitarian(_chain(bend, own_no_deal, others_no_deal))


def distance_to_frontier(bend: Bend, own: Worlds, other: Worlds) -> NDArray[np.float64]:
    """Euclidean distance of a pair of values from the frontier, 0 on it, (worlds,)."""
    along_own, along_other = np.diff(bend.own, axis=0), np.diff(bend.other, axis=0)
    own_off, other_off = own - bend.own[:-1], other - bend.other[:-1]
    length = np.maximum(along_own * along_own + along_other * along_other, TINY)
    share = np.clip((own_off * along_own + other_off * along_other) / length, 0.0, 1.0)
    own_off, other_off = own_off - share * along_own, other_off - share * along_other
    return np.sqrt(np.min(own_off * own_off + other_off * other_off, axis=0))


class Efficiency(NamedTuple):
    """How a deal compares with the frontier, each (worlds,), values on the two sides' own scales from 0 to 1.

    NaN without a deal; distances from the points of theory are NaN too where no package beats no deal for both.
    """

    own: NDArray[np.float64]
    other: NDArray[np.float64]
    to_frontier: NDArray[np.float64]
    to_nash: NDArray[np.float64]
    to_kalai_smorodinsky: NDArray[np.float64]
    to_egalitarian: NDArray[np.float64]
    surplus_share: NDArray[np.float64]  # of the two sides' gains over no deal, the owner's part
    gains_realised: NDArray[np.float64]  # the gains over the most that they could have added up to


def efficiency(
    frontier: Frontier, package: NDArray[np.float64], own_no_deal: Worlds, others_no_deal: Worlds
) -> Efficiency:
    """Measure deals, (issues, worlds), against the frontier of both sides' true weights, on their own scales."""
    own, other = frontier.own_value(package), frontier.others_value(package)
    bend = scaled_bend(frontier, package.shape[1])
    chain = _chain(bend, own_no_deal, others_no_deal)
    most = _ideal_gains(chain, own_no_deal, others_no_deal)
    best = _utilitarian(chain)
    own_gain, others_gain = own - own_no_deal, other - others_no_deal
    possible = best.own - own_no_deal + best.other - others_no_deal

    def away(point: Point) -> NDArray[np.float64]:
        own_off, other_off = own - point.own, other - point.other
        return np.sqrt(own_off * own_off + other_off * other_off)

    return Efficiency(
        own=own,
        other=other,
        to_frontier=distance_to_frontier(bend, own, other),
        to_nash=away(_nash(chain, own_no_deal, others_no_deal, 0.5)),
        to_kalai_smorodinsky=away(_balanced(chain, own_no_deal, others_no_deal, most.own, most.other)),
        to_egalitarian=away(_balanced(chain, own_no_deal, others_no_deal, 1.0, 1.0)),
        surplus_share=_part(own_gain, own_gain + others_gain),
        gains_realised=_part(own_gain + others_gain, possible),
    )


def judged(talks: Talks) -> Efficiency:
    """The deals of some talks, the first side's values first, by what both sides wanted when they made them."""
    first, second = talks.sides
    return efficiency(talks.table.true_frontier(), talks.package, first.reservation, second.reservation)


def scaled_bend(frontier: Frontier, worlds: int) -> Bend:
    """The frontier's corners on the two sides' own scales, (rows + 1, worlds) and one more where a side has enough."""
    own, other = frontier.corners()
    shape = (len(own), worlds)
    bend = Bend(np.broadcast_to(frontier.scale.of(own), shape), np.broadcast_to(frontier.others_scale.of(other), shape))
    if frontier.own_end is not None:
        bend = with_corner(bend, frontier.own_end.enough)
    if frontier.other_end is not None:
        bend = with_corner(bend[::-1], frontier.other_end.enough)
        bend = Bend(bend.other, bend.own)
    return Bend(
        bend.own if frontier.own_end is None else frontier.own_end.of(bend.own),
        bend.other if frontier.other_end is None else frontier.other_end.of(bend.other),
    )


def with_corner(bend: tuple[NDArray[np.float64], NDArray[np.float64]], at: Worlds) -> Bend:
    """The same chain with one corner more: where its first coordinate is ``at``, or at the nearest end.

    The chain's coordinates run against each other, so each is put back in order by itself.
    """
    one, two = bend
    along = np.sign(one[-1] - one[0])
    steps = along * np.diff(one, axis=0)
    shares = np.clip((along * (at - one[:-1])) / np.maximum(steps, TINY), 0.0, 1.0)
    new_one = np.clip(at, np.minimum(one[0], one[-1]), np.maximum(one[0], one[-1]))
    new_two = two[0] + total(shares * np.diff(two, axis=0))
    one, two = np.concatenate([one, new_one[None]]), np.concatenate([two, new_two[None]])
    rising = along >= 0
    return Bend(
        np.where(rising, np.sort(one, axis=0), -np.sort(-one, axis=0)),
        np.where(rising, -np.sort(-two, axis=0), np.sort(two, axis=0)),
    )


def _part(some: NDArray[np.float64], all_of_it: NDArray[np.float64]) -> NDArray[np.float64]:
    """A share from 0 to 1; NaN where there is nothing worth sharing."""
    known = np.where(all_of_it > WORTH_SHARING, all_of_it, np.nan)
    return np.clip(some / known, 0.0, 1.0)


def _chain(bend: Bend, own_no_deal: Worlds, others_no_deal: Worlds) -> Chain:
    gain, loss = np.maximum(np.diff(bend.own, axis=0), 0.0), np.maximum(-np.diff(bend.other, axis=0), 0.0)
    own_lacks = own_no_deal - bend.own[:-1]
    other_spares = bend.other[:-1] - others_no_deal
    flat = np.where(own_lacks <= TOLERANCE, 0.0, np.inf)
    first = np.where(gain > TINY, own_lacks / np.maximum(gain, TINY), flat)
    steep = np.where(other_spares >= -TOLERANCE, 1.0, -np.inf)
    last = np.where(loss > TINY, other_spares / np.maximum(loss, TINY), steep)
    # the frontier goes on beyond its ends no further than the ends themselves
    first, last = np.maximum(first, 0.0), np.minimum(last, 1.0)
    somewhere = (first <= 1.0 + TOLERANCE) & (last >= -TOLERANCE) & (last >= first - TOLERANCE)
    first = np.where(somewhere, np.minimum(first, 1.0), 0.0)
    last = np.where(somewhere, np.maximum(first, last), -1.0)
    return Chain(bend.own[:-1], bend.other[:-1], gain, loss, first, last)


def _nash(chain: Chain, own_no_deal: Worlds, others_no_deal: Worlds, power: Worlds) -> Point:
    own_gain, others_gain = chain.own - own_no_deal, chain.other - others_no_deal
    pull = power * chain.gain * others_gain - (1 - power) * chain.loss * own_gain
    share = np.where(chain.loss <= TINY, chain.last, pull / np.maximum(chain.gain * chain.loss, TINY**2))
    here = chain.at(chain.within(share))
    own_gain, others_gain = np.maximum(here.own - own_no_deal, 0), np.maximum(here.other - others_no_deal, 0)
    even = np.ndim(power) == 0 and power == 0.5  # then the product itself has its largest value in the same place
    return chain.best(here, own_gain * others_gain if even else own_gain**power * others_gain ** (1 - power))


def _utilitarian(chain: Chain) -> Point:
    # along a straight piece the sum is largest at one of the ends
    here = chain.at(np.where(chain.gain > chain.loss, chain.last, chain.first))
    return chain.best(here, here.own + here.other)


def _ideal_gains(chain: Chain, own_no_deal: Worlds, others_no_deal: Worlds) -> Point:
    """The most either side can gain while the other has its no-deal value."""
    own = chain.own + chain.last * chain.gain - own_no_deal
    other = chain.other - chain.first * chain.loss - others_no_deal
    serves = chain.serves
    return Point(*(np.fmax.reduce(np.where(serves, most, np.nan), axis=0) for most in (own, other)))


def _balanced(
    chain: Chain, own_no_deal: Worlds, others_no_deal: Worlds, own_unit: Worlds, others_unit: Worlds
) -> Point:
    """Where the two gains, each in its unit, are equal, or as nearly so as the frontier allows."""
    own_unit, others_unit = np.maximum(own_unit, TINY), np.maximum(others_unit, TINY)
    gap = (chain.own - own_no_deal) / own_unit - (chain.other - others_no_deal) / others_unit
    closes = chain.gain / own_unit + chain.loss / others_unit  # along the whole piece
    share = chain.within(-gap / np.maximum(closes, TINY))
    return chain.best(chain.at(share), -np.abs(gap + share * closes))
