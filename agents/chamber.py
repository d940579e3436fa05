"""The chambers: who is here, how many say yes, what carries, who breaks a tie, and what the governor's whips hear."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.body import AMOUNT, YES_OR_NO, Answer, Body
from agents.legislator import Asked, Legislator
from sim.bargaining.agenda_setting import majority, pivot, price_of_majority, setter_proposal
from sim.bargaining.package import TOLERANCE
from sim.worlds.axis import TINY, Array, Worlds, how_many, in_worlds, single, some_worlds_at_a_time, total

CHAMBERS = ("house", "senate")
HAIR = 1e-6  # of a part of aid: ten times what single precision rounds a logit by


class Count(NamedTuple):
    """One chamber's roll call, members, each (worlds,)."""

    yes: NDArray[np.int32]
    no: NDArray[np.int32]


class Expectation(NamedTuple):
    """What the governor expects of a request, each (worlds,)."""

    passes: Array  # chance that a bill passes, aid struck or not
    struck: Array  # chance that aid is struck first
    share: Array  # expected power over any line
    aid_share: Array  # expected power over town aid


def chance_of_majority(leaning: Array, spread: Worlds) -> Array:
    """Chance that yes outnumbers no among members who vote yes with the logistic chance of ``leaning``, (worlds,).

    ``leaning``: (members, worlds), against a logistic of this ``spread``. The margin is taken as normal.
    """
    from scipy.special import ndtr  # slow to import, and nothing that reads a case needs it

    margins = np.tanh((0.5 / spread) * leaning)  # the expected yes less no
    variance = np.maximum(len(leaning) - total(margins * margins).astype(float), TINY)
    return ndtr(total(margins) / np.sqrt(variance))


class Chamber(Body):
    """Decides by a majority of those voting; a tie fails, but in the senate the governor's lieutenant may break it."""

    role: ClassVar[str] = "chamber"
    answers: ClassVar[Mapping[str, Answer]] = {**dict.fromkeys(("carries", "calls_vote"), YES_OR_NO), "count": AMOUNT}

    def __init__(self, name: str, seats: Sequence[int], *, tie_breaker: bool) -> None:
        self.name, self.tie_breaker = name, tie_breaker
        self.rows = np.asarray(seats, dtype=np.int64)  # of its members among all seats
        together = len(seats) and seats[-1] - seats[0] + 1 == len(seats)
        self.seats = slice(seats[0], seats[-1] + 1) if together else self.rows  # a slice copies nothing

    def carries(self, count: Count) -> NDArray[np.bool_]:
        """Is there a majority of those voting, (worlds,)? A chamber that the case does not have is in no one's way."""
        if not len(self.rows):
            return np.ones(count.yes.shape, bool)
        return count.yes >= count.no if self.tie_breaker else count.yes > count.no

    def count(self, says_yes: NDArray[np.bool_], here: NDArray[np.bool_]) -> Count:
        """Its roll call, from all seats' (seats, worlds): those present vote."""
        present = here[self.seats]
        yes = how_many(says_yes[self.seats] & present)
        return Count(yes, how_many(present) - yes)

    def calls_vote(self, against: NDArray[np.bool_], members: Legislator) -> NDArray[np.bool_]:
        """Do its leaders call a vote against a bill, (worlds,)? ``against``: who would vote it down, (seats, worlds).

        Where most of their own party would. Source: Cox & McCubbins (2005), Setting the Agenda: a majority party keeps
        off the floor what would divide it.
        """
        caucus = self.majority_party(members)
        present = members.here[caucus]
        return np.asarray(2 * how_many(against[caucus] & present) > how_many(present))

    def majority_party(self, members: Legislator) -> NDArray[np.int64]:
        """Its members of the larger side of the aisle, by row among all seats."""
        of_his = members.of_governors_party[self.rows, 0]
        return max((self.rows[of_his], self.rows[~of_his]), key=len)


class Roll(NamedTuple):
    """A roll call in both chambers, by seat."""

    yes: NDArray[np.bool_]  # (seats, worlds)
    here: NDArray[np.bool_]
    house: Count
    senate: Count

    def counts(self) -> dict[str, Any]:
        """As the record has them, by chamber and answer."""
        house, senate = self.house, self.senate
        return {"house_yes": house.yes, "house_no": house.no, "senate_yes": senate.yes, "senate_no": senate.no}


class Assembly:
    """Both chambers on one day: everybody is here or absent, in the day's mood, and one roll call follows another."""

    def __init__(self, members: Legislator, *, whip_error: Worlds, kind: type[Chamber] = Chamber) -> None:
        """``whip_error``: standard deviation of the governor's misreading of a chamber's mood, logits."""
        self.members, self.preferences, self.whip_error = members, members.preferences, whip_error
        rows = {name: [row for row, seat in enumerate(members.seat) if seat.chamber == name] for name in CHAMBERS}
        self.house = kind("house", rows["house"], tie_breaker=False)
        self.senate = kind("senate", rows["senate"], tie_breaker=bool(self.preferences.tie_breaker))
        self.special = False  # members come into being on the day of the recorded roll call

    @property
    def chambers(self) -> tuple[Chamber, Chamber]:
        """House and senate."""
        return self.house, self.senate

    def meet(self, *, special: bool) -> None:
        """The members come, or do not: on a summer's day, or over again on the day of the recorded roll call."""
        if special != self.special:
            self.special = special
            self.members.come() if special else self.members.as_recorded()

    # --- roll calls

    def roll_call(self, says_yes: NDArray[np.bool_]) -> Roll:
        """Those present vote, (seats, worlds)."""
        here = self.members.here
        return Roll(says_yes, here, self.house.count(says_yes, here), self.senate.count(says_yes, here))

    def carried(self, roll: Roll, *, amendment: bool = False) -> NDArray[np.bool_]:
        """Is there a majority in each chamber, (worlds,)? Nobody breaks a tie on an amendment."""
        in_senate = self.senate.carries(roll.senate)
        if amendment and len(self.senate.rows):
            in_senate = roll.senate.yes > roll.senate.no
        return self.house.carries(roll.house) & in_senate

    def strike_aid(self, aid_scope: Worlds) -> Roll:
        """An amendment that takes town aid out of a bill."""
        return self.roll_call(self.members.strikes_aid(aid_scope))

    def bill(self, aid_scope: Worlds = 0.0, *, asked: Asked) -> Roll:
        """Everybody votes on a bill of the governor's, which asks this of his side, logits; see `asked`."""
        if not np.any(np.asarray(self.preferences.favours)):
            return self.roll_call(self.members.votes_yes(aid_scope, asked))
        return self.roll_call(self._with_favours(self.members.price(aid_scope, asked)))

    def _with_favours(self, prices: Array) -> NDArray[np.bool_]:
        """The governor buys the cheapest votes that a chamber lacks where he can, and none where he cannot."""
        yes = prices <= 0
        for chamber in self.chambers:
            if not len(chamber.rows):
                continue
            own = prices[chamber.seats]
            # a tie is enough where somebody breaks it for him
            quota = (self.members.here[chamber.seats].sum(axis=0) + (1 if chamber.tie_breaker else 2)) // 2
            lacking = np.flatnonzero((yes[chamber.seats].sum(axis=0) < quota) & np.greater(self.preferences.favours, 0))
            price = price_of_majority(own[:, lacking], quota[lacking])
            bought = lacking[price <= in_worlds(self.preferences.favours, lacking)]
            cheapest = np.argsort(np.argsort(own[:, bought], axis=0, kind="stable"), axis=0) < quota[bought]
            yes[np.ix_(chamber.rows, bought)] |= cheapest
        return yes

    def asked(self, *, taxes: Worlds = 0.0, jobs: Worlds = 0.0, extra: Worlds = 0.0) -> Asked:
        """What a bill asks of either side of the aisle, against the budget of the recorded roll call.

        ``taxes``: M$/yr; ``jobs``: share of the state's posts it puts at stake, which the governor's side minds;
        ``extra``: what else speaks for it, to both sides. That budget raised taxes, and its roll call shows support
        less what they took from it. Across the aisle nobody voted for it, so what it lost there by its taxes cannot be
        told, and nothing is given back.
        """
        wants = self.preferences
        spared = (wants.budget_taxes - single(taxes)) / 100
        own_side = wants.tax_aversion * spared - wants.jobs * single(jobs)
        return Asked(-(extra + own_side), -single(extra))

    def called_by_majority_party(self, asked: Asked) -> list[NDArray[np.bool_]]:
        """Where do the leaders of each chamber call a vote against a bill, (worlds,)? House and senate."""
        against = ~self.members.votes_yes(0.0, asked)
        return [chamber.calls_vote(against, self.members) for chamber in self.chambers]

    # --- what the governor's whips hear

    def heard(self, misread: Array) -> Iterator[tuple[Chamber, Array]]:
        """Each chamber that has members, with what the governor mishears in it, logits, (worlds,)."""
        return (
            (chamber, single(row)) for chamber, row in zip(self.chambers, misread, strict=True) if len(chamber.rows)
        )

    def expected_passage(
        self,
        share: Worlds,
        aid_scope: Array,
        *,
        standing_share: Array,
        misread: Array,
        asked: Asked,
        toll: Array,
        known: bool = False,
    ) -> Expectation:
        """A whip count: chances from seats, from what is known of leans, and a misreading of each chamber.

        ``misread``: logits, (2, worlds), house and senate; ``toll``: what a full cut of aid would take from each
        member's support, (seats, worlds). ``share`` of any line is asked for, ``aid_scope`` of it over town aid; the
        law gives ``standing_share``. ``known``: the roll call on record has been held, so leans of old are known.
        """
        part, (foretold, spread) = single(aid_scope), self.members.leaning(known=known)
        foretold = np.broadcast_to(foretold, self.members.lean.shape)
        struck = np.where((self.preferences.rule == "open") & (aid_scope > 0), 1.0, 0.0)
        with_aid, without = np.ones(len(aid_scope)), np.ones(len(aid_scope))
        for chamber, mishearing in self.heard(misread):
            for some in some_worlds_at_a_time(len(aid_scope), rows=len(chamber.rows)):
                lean, odds = foretold[chamber.seats, some], in_worlds(spread, some)
                leaning, resists = self._as_foretold(lean, chamber, mishearing[some], asked, some)
                lost = part[some] * in_worlds(toll[chamber.seats], some)
                without[some] *= chance_of_majority(leaning, odds)
                with_aid[some] *= chance_of_majority(leaning - lost, odds)
                struck[some] *= chance_of_majority(lost - resists, odds)
        passes = struck * without + (1 - struck) * with_aid
        return Expectation(
            passes=passes,
            struck=struck,
            share=standing_share + passes * np.maximum(share - standing_share, 0.0),  # it takes nothing from the law's
            aid_share=(1 - struck) * with_aid * aid_scope * share,
        )

    def _as_foretold(
        self, lean: Array, chamber: Chamber, misheard: Array, asked: Asked, some: slice
    ) -> tuple[Array, Array]:
        """How far a chamber's members are for a bill without aid, and what holds them back from striking aid, logits.

        ``lean`` as it is foretold, (members, worlds), in ``some`` worlds.
        """
        members, seats = self.members, chamber.seats
        his, across = (misheard - in_worlds(part, some) for part in asked)
        leaning = (
            in_worlds(members.support[seats], some) + lean + np.where(members.of_governors_party[seats], his, across)
        )
        return leaning, lean + in_worlds(members.pull, some) * members.side[seats]

    def largest_scope(self, misread: Array, *, margin: Worlds, asked: Asked, toll: Array) -> Array:
        """How much of his power over aid a governor who knows his members asks for, in [0, 1], (worlds,).

        Each member bears a cut of aid up to a point; the pivot's is what a chamber bears, and both must. He asks for as
        much as he likes within it, the setter's best proposal; under an open rule no more than one chamber would leave
        in. ``misread``: logits, (2, worlds): he has counted heads, but not heard everybody right, so he wants some
        seats in hand, a share ``margin`` of a chamber. ``toll``: what a full cut would take, (seats, worlds).
        """
        bearable, left_in = [], []
        for chamber, mishearing in self.heard(misread):
            seats = len(chamber.rows)
            in_hand = np.ceil(margin * seats - TOLERANCE).astype(int)
            bears = self.members.bears(mishearing, asked, toll)[chamber.seats]
            bearable.append(pivot(bears, majority(seats) + in_hand))
            # to strike takes a majority; he wants the others and some in hand to leave aid in
            leaves = self.members.leaves_in(mishearing, toll)[chamber.seats]
            left_in.append(pivot(leaves, seats - majority(seats) + 1 + in_hand))
        most = np.stack(bearable).min(axis=0).astype(float)
        if self.preferences.rule == "open":
            most = np.minimum(most, np.stack(left_in).max(axis=0))
        # whoever bears up to a point t is as well off there as at the reversion 0, so his ideal lies half way; the hair
        # less is for the last digits of his indifference, which counts as a yes
        return setter_proposal(1.0, np.maximum(most, 0.0) * ((1 - HAIR) / 2), 0.0)
