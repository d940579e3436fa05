"""How good a deal is: how far from the best there was, and how the gains over no deal are shared.

The frontier of a package is a chain of straight pieces, so every solution on it is exact: piece by piece in closed
form. Sources: Nash (1950), Econometrica 18; Kalai & Smorodinsky (1975), Econometrica 43; Kalai (1977), Econometrica
45, for the egalitarian point. The disagreement point is what no deal is worth to either side.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.package import TINY, TOLERANCE, Frontier
from sim.worlds import Worlds


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


class Piece(NamedTuple):
    """A straight piece of the frontier, the part of it on which both sides have at least their no-deal value."""

    own: NDArray[np.float64]  # value to the owner at its start, (worlds,)
    other: NDArray[np.float64]
    gain: NDArray[np.float64]  # what the owner gains along it, >= 0
    loss: NDArray[np.float64]  # what the other loses along it, >= 0
    first: NDArray[np.float64]  # share of the way at which both are content from here ...
    last: NDArray[np.float64]  # ... to here; last < first: nowhere

    def at(self, share: NDArray[np.float64]) -> Point:
        """The point this share of the way along."""
        return Point(self.own + share * self.gain, self.other - share * self.loss)


def nash_point(bend: Bend, own_no_deal: Worlds, others_no_deal: Worlds, *, power: Worlds = 0.5) -> Point:
    """Where (own gain)^power x (other's gain)^(1 - power) is largest."""
    best, best_product = _nowhere(bend), np.full(bend.own.shape[1], -1.0)
    for piece in _pieces(bend, own_no_deal, others_no_deal):
        own_gain, others_gain = piece.own - own_no_deal, piece.other - others_no_deal
        pull = power * piece.gain * others_gain - (1 - power) * piece.loss * own_gain
        share = np.where(piece.loss <= TINY, piece.last, pull / np.maximum(piece.gain * piece.loss, TINY**2))
        share = np.clip(share, piece.first, np.maximum(piece.first, piece.last))
        here = piece.at(share)
        product = np.maximum(here.own - own_no_deal, 0) ** power * np.maximum(here.other - others_no_deal, 0) ** (
            1 - power
        )
        better = (piece.last >= piece.first) & (product > best_product)
        best, best_product = _where(better, here, best), np.where(better, product, best_product)
    return best


def kalai_smorodinsky_point(bend: Bend, own_no_deal: Worlds, others_no_deal: Worlds) -> Point:
    """Where both have the same share of the most that either could gain while the other loses nothing."""
    own_most, others_most = ideal_gains(bend, own_no_deal, others_no_deal)
    return _balanced(bend, own_no_deal, others_no_deal, own_most, others_most)


def egalitarian_point(bend: Bend, own_no_deal: Worlds, others_no_deal: Worlds) -> Point:
    """Where both gain the same, as far as the frontier goes."""
    return _balanced(bend, own_no_deal, others_no_deal, 1.0, 1.0)


def utilitarian_point(bend: Bend, own_no_deal: Worlds, others_no_deal: Worlds) -> Point:
    """Where the gains add up to most."""
    best, best_sum = _nowhere(bend), np.full(bend.own.shape[1], -np.inf)
    for piece in _pieces(bend, own_no_deal, others_no_deal):
        for end in (piece.first, piece.last):
            here = piece.at(end)
            better = (piece.last >= piece.first) & (here.own + here.other > best_sum)
            best, best_sum = _where(better, here, best), np.where(better, here.own + here.other, best_sum)
    return best


def ideal_gains(bend: Bend, own_no_deal: Worlds, others_no_deal: Worlds) -> Point:
    """The most either side can gain while the other has its no-deal value."""
    own = other = np.full(bend.own.shape[1], np.nan)
    for piece in _pieces(bend, own_no_deal, others_no_deal):
        exists = piece.last >= piece.first
        own = np.where(exists, np.fmax(own, piece.at(piece.last).own - own_no_deal), own)
        other = np.where(exists, np.fmax(other, piece.at(piece.first).other - others_no_deal), other)
    return Point(own, other)


def distance_to_frontier(bend: Bend, own: Worlds, other: Worlds) -> NDArray[np.float64]:
    """Euclidean distance of a pair of values from the frontier, 0 on it, (worlds,)."""
    nearest = np.full(bend.own.shape[1], np.inf)
    for piece in _pieces(bend, -np.inf, -np.inf):
        length = piece.gain**2 + piece.loss**2
        along = (own - piece.own) * piece.gain - (other - piece.other) * piece.loss
        here = piece.at(np.clip(along / np.maximum(length, TINY), 0.0, 1.0))
        nearest = np.minimum(nearest, np.hypot(own - here.own, other - here.other))
    return nearest


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
    best = utilitarian_point(bend, own_no_deal, others_no_deal)
    own_gain, others_gain = own - own_no_deal, other - others_no_deal
    possible = best.own - own_no_deal + best.other - others_no_deal

    def away(point: Point) -> NDArray[np.float64]:
        return np.hypot(own - point.own, other - point.other)

    with np.errstate(divide="ignore", invalid="ignore"):
        return Efficiency(
            own=own,
            other=other,
            to_frontier=np.where(np.isnan(own), np.nan, distance_to_frontier(bend, own, other)),
            to_nash=away(nash_point(bend, own_no_deal, others_no_deal)),
            to_kalai_smorodinsky=away(kalai_smorodinsky_point(bend, own_no_deal, others_no_deal)),
            to_egalitarian=away(egalitarian_point(bend, own_no_deal, others_no_deal)),
            surplus_share=own_gain / (own_gain + others_gain),
            gains_realised=(own_gain + others_gain) / possible,
        )


def scaled_bend(frontier: Frontier, worlds: int) -> Bend:
    """The frontier's corners on the two sides' own scales, (issues + 1, worlds)."""
    own, other = frontier.corners()
    shape = (len(own), worlds)
    return Bend(np.broadcast_to(frontier.scale.of(own), shape), np.broadcast_to(frontier.others_scale.of(other), shape))


def _pieces(bend: Bend, own_no_deal: Worlds, others_no_deal: Worlds) -> Iterator[Piece]:
    for k in range(len(bend.own) - 1):
        gain = np.maximum(bend.own[k + 1] - bend.own[k], 0.0)
        loss = np.maximum(bend.other[k] - bend.other[k + 1], 0.0)
        own_lacks = own_no_deal - bend.own[k]
        other_spares = bend.other[k] - others_no_deal
        with np.errstate(divide="ignore", invalid="ignore"):
            first = np.where(gain > TINY, own_lacks / gain, np.where(own_lacks <= TOLERANCE, 0.0, np.inf))
            last = np.where(loss > TINY, other_spares / loss, np.where(other_spares >= -TOLERANCE, 1.0, -np.inf))
        # the frontier goes on beyond its ends no further than the ends themselves
        first, last = np.maximum(first, 0.0), np.minimum(last, 1.0)
        nowhere = (first > 1.0 + TOLERANCE) | (last < -TOLERANCE) | (last < first - TOLERANCE)
        first, last = np.minimum(first, 1.0), np.maximum(last, 0.0)
        last = np.where(nowhere, -1.0, np.maximum(first, last))
        yield Piece(bend.own[k], bend.other[k], gain, loss, np.where(nowhere, 0.0, first), last)


def _balanced(bend: Bend, own_no_deal: Worlds, others_no_deal: Worlds, own_unit: Worlds, others_unit: Worlds) -> Point:
    """Where the two gains, each in its unit, are equal, or as nearly so as the frontier allows."""
    best, best_gap = _nowhere(bend), np.full(bend.own.shape[1], np.inf)
    own_unit, others_unit = np.maximum(own_unit, TINY), np.maximum(others_unit, TINY)
    for piece in _pieces(bend, own_no_deal, others_no_deal):
        gap = (piece.own - own_no_deal) / own_unit - (piece.other - others_no_deal) / others_unit
        closes = piece.gain / own_unit + piece.loss / others_unit  # along the whole piece
        share = np.clip(-gap / np.maximum(closes, TINY), piece.first, np.maximum(piece.first, piece.last))
        left = np.abs(gap + share * closes)
        better = (piece.last >= piece.first) & (left < best_gap)
        best, best_gap = _where(better, piece.at(share), best), np.where(better, left, best_gap)
    return best


def _nowhere(bend: Bend) -> Point:
    nothing = np.full(bend.own.shape[1], np.nan)
    return Point(nothing, nothing)


def _where(mask: NDArray[np.bool_], here: Point, there: Point) -> Point:
    return Point(np.where(mask, here.own, there.own), np.where(mask, here.other, there.other))
