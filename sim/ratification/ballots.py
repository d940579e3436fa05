"""Counting ballots: members are exchangeable, so they are counted, not simulated one by one, and exactly so.

Each voter has a lasting reluctance, uniform on [0, 1], and votes yes when it lies below the unit's chance of a yes.
A first vote counts the reluctances below p. A later vote of the same people asks how many lie below another p: some
are known already, and the rest are drawn between the counts already known. So the second vote is cast by the very
people who cast the first, without a list of them, and who said yes stays likelier to.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.worlds.axis import TINY, Worlds, in_worlds, single, total
from sim.worlds.randomness import normal_at

DRAWS_A_UNIT = 8  # turnout, two ballots; newcomers, two ballots each of those who voted before and of newcomers


def binomial_count(z: NDArray, n: NDArray, p: NDArray) -> NDArray[np.float64]:
    """Quantile of Binomial(n, p) at the normal score ``z``; all of one shape, or broadcast.

    Cornish-Fisher expansion to second order (Abramowitz & Stegun 26.2.49): within one vote of the exact quantile for
    |z| < 4, two beyond. The correction is bounded by the deviation: where hardly anybody is in doubt it has no meaning,
    and whom nothing can have moved it must not move, so the same question gets the same answer. One draw a count,
    whatever n and p are, so that no draw moves another.
    """
    mean = n * p
    deviation = np.sqrt(mean * (1 - p))
    bound = 3 * deviation
    correction = np.maximum(np.minimum((z * z - 1) * ((1 - 2 * p) / 6), bound), -bound)
    return np.minimum(np.maximum(np.floor(mean + deviation * z + correction + 0.5), 0), n)


class Cohort:
    """Some of each unit's voters over several ballots. ``people`` has shape (units, worlds) or (worlds,)."""

    __slots__ = ("_known", "people")

    def __init__(self, people: NDArray[np.float64], known: Sequence[tuple[NDArray, NDArray]] = ()) -> None:
        """``known``: chances asked about before, and how many had a reluctance below each."""
        self.people = people
        self._known = list(known)

    def in_worlds(self, here: NDArray[np.int64]) -> Cohort:
        """The same people in some of the worlds."""
        known = [(in_worlds(p, here), in_worlds(count, here)) for p, count in self._known]
        return Cohort(in_worlds(self.people, here), known)

    def count_yes(self, p: NDArray, z: NDArray) -> NDArray[np.float64]:
        """How many have a reluctance below ``p``, given every count taken of them before; of the shape of ``p``."""
        if not self._known:
            count = binomial_count(z, self.people, p)
        else:
            (low_p, low_count), (high_p, high_count) = self._nearest(p)
            between = (p - low_p) / np.maximum(high_p - low_p, TINY)
            count = low_count + binomial_count(z, high_count - low_count, between)
        self.remember(p, count)
        return count

    def _nearest(self, p: NDArray) -> tuple[tuple[NDArray, NDArray], tuple[NDArray, NDArray]]:
        """Of all chances asked about, the nearest from below and from above, each with its count.

        Counts rise with chances, so these are the largest of both on the one side and the least on the other.
        """
        ps, counts = zip(*self._known, strict=True)
        # products with masks, not choices: a choice that nobody can foresee takes ten times as long, 3 % off the whole
        below = [(known <= p).astype(self.people.dtype) for known in ps]
        low = (reduce(np.maximum, map(np.multiply, known, below)) for known in (ps, counts))
        high_p = reduce(np.minimum, map(np.maximum, ps, below))
        everybody = (self.people * each for each in below)
        return tuple(low), (high_p, reduce(np.minimum, map(np.maximum, counts, everybody)))

    def give_up(self, share: NDArray, z: NDArray) -> NDArray[np.float64]:
        """This share of those who said no to their first ballot stays away from now on; how many that is.

        Each does so or not on his own, so who is left is as before between the chances asked about, fewer above the
        first. ``z``: two normal scores a unit, for those who said yes and no to their second ballot, if any; (2, ...).
        """
        (p, yes), (other_p, other_yes) = self._known if len(self._known) == 2 else 2 * self._known
        above = other_p > p
        middle = np.where(above, other_yes - yes, 0)  # who said no to the first and yes to the other
        gone = binomial_count(z[0], middle, share)
        rest = binomial_count(z[1], self.people - yes - middle, share)
        self.people = self.people - gone - rest
        self._known[-1] = (other_p, np.where(above, other_yes - gone, other_yes))
        return gone + rest

    def remember(self, p: NDArray, count: NDArray[np.float64]) -> None:
        """A count of them that is known: drawn just now, or on record."""
        self._known.append((p, count))


class UnitBallots(NamedTuple):
    """Ballots on one question, each shape (worlds,), or (units, worlds) of all units."""

    yes: NDArray[np.float64]
    cast: NDArray[np.float64]

    @property
    def yes_share(self) -> NDArray[np.float64]:
        """Share of yes among ballots cast; nobody voting counts as no."""
        return self.yes / np.maximum(self.cast, 1)

    @property
    def carried(self) -> NDArray[np.bool_]:
        """More yes than no; a tie does not."""
        return 2 * self.yes > self.cast

    def back_in_place(self, here: NDArray[np.int64] | None, worlds: int) -> UnitBallots:
        """Ballots of these worlds among all; nobody votes in the others. None: they are all of them."""
        if here is None:
            return self
        yes, cast = np.zeros((2, *self.yes.shape[:-1], worlds), self.yes.dtype)
        yes[..., here], cast[..., here] = self
        return UnitBallots(yes=yes, cast=cast)


class Electorate:
    """Members over the votes of one crisis: the same people, and at a second vote perhaps some more.

    Of one unit, (worlds,), or of all units at once, (units, worlds).
    """

    def __init__(self, members: NDArray[np.float64], luck: NDArray[np.uint16]) -> None:
        """``members``: whole numbers; ``luck``: (DRAWS_A_UNIT, ...) of the shape of the members, see `coarse`.

        Ballots are counted in single precision, exact up to 16 million.
        """
        self.members = single(members)
        self._luck = luck
        self._turnout = single(0.0)
        self._gone: NDArray | float = 0.0  # voters who have given up
        self._cohorts: list[Cohort] = []

    def in_worlds(self, here: NDArray[np.int64]) -> Electorate:
        """The same electorate where a vote is held in some of the worlds only."""
        some = Electorate(in_worlds(self.members, here), in_worlds(self._luck, here))
        some._turnout, some._gone = in_worlds(self._turnout, here), in_worlds(self._gone, here)
        some._cohorts = [cohort.in_worlds(here) for cohort in self._cohorts]
        return some

    def _normal(self) -> NDArray[np.float64]:
        """The next of its draws, as a normal score."""
        luck, self._luck = self._luck[0], self._luck[1:]
        return normal_at(luck, self.members.dtype)

    def give_up(self, share: Worlds, luck: NDArray[np.uint16]) -> None:
        """This share of those who voted no on the benefits stays at home; ``luck``: (2, ...) as of the members."""
        (voters,) = self._cohorts
        self._gone = self._gone + voters.give_up(single(share), normal_at(luck, self.members.dtype))

    def turn_out(self, turnout: Worlds) -> None:
        """Open a vote. Who voted before and has not given up votes again; others may join where turnout rises."""
        absent = self.members - self._gone - sum(cohort.people for cohort in self._cohorts)
        turnout = single(turnout)
        joining = np.minimum(np.maximum((turnout - self._turnout) / np.maximum(1 - self._turnout, TINY), 0), 1)
        self._cohorts.append(Cohort(binomial_count(self._normal(), absent, joining)))
        self._turnout = np.maximum(turnout, self._turnout)

    def vote(self, p: NDArray) -> UnitBallots:
        """Count one question put to everybody who turned out; ``p`` is the chance of a yes."""
        yes = total(cohort.count_yes(p, self._normal()) for cohort in self._cohorts)
        return UnitBallots(yes=yes, cast=total(cohort.people for cohort in self._cohorts))
