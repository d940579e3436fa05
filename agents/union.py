"""A union and its bargaining units: who its members are, whether they come to vote, and how their ballots fall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from agents.body import NUMBER, SHARE, Answer, Body
from agents.members import Conditions, Members, Voters, mix_of, turnout, voters, yes_probability
from sim.bargaining.terms import Terms
from sim.public.campaign import AT_FIRST, Information
from sim.public.seniority import Seniority, band_risk, bands_apart
from sim.ratification.ballots import DRAWS_A_UNIT, Electorate, UnitBallots
from sim.scenario.tables import Unions, Units
from sim.worlds.axis import Array, Worlds, a_few_at_a_time, in_worlds, single, weighted_mean
from sim.worlds.randomness import Luck, Stream, normal_at, with_common_part


class Unit(Body):
    """Members of one bargaining unit: they want their pay and their posts kept, and trust their leaders more or less.

    They are alike within a seniority band and a state of information, so they are counted. Quantities have shape
    (units, worlds), or (units, 1) where they are the same in all worlds.
    """

    role: ClassVar[str] = "unit"
    answers: ClassVar[Mapping[str, Answer]] = {
        **dict.fromkeys(("say_yes", "expected_turnout"), SHARE),
        **dict.fromkeys(("mood_on_the_day", "voters"), NUMBER),
    }

    def __init__(self, table: Units, preferences: Members, *, scale: Worlds, moods: Array, luck: Luck) -> None:
        """``scale``: members in all against the table; ``moods``: lasting, logits, (units, worlds)."""
        self.bodies, self.name, self.preferences = len(table.names), table.names, preferences
        self.pay_kusd, self.tabled = table.pay_kusd[:, None], table.members
        wage_loss = table.raise_due_pct[:, None] + preferences.step
        average = weighted_mean(np.atleast_2d(wage_loss), table.members)
        # of wages, over the average unit's: no raise due, less to lose; one for all where nobody has a raise to lose
        self.burden_factor = single(np.where(average > 0, wage_loss, 1.0) / np.where(average > 0, average, 1.0))
        self.turnout_base = single(table.turnout_base[:, None])  # share that votes when nothing is at stake
        self.dual_payroll = single(table.municipal_share[:, None])  # share of the union's fate in the towns it shares
        self.days_before = table.days_before  # days from its vote, and its tally, to the count, (units,)
        self.meetings = _where_they_differ(table.meetings)  # held for its members, against the campaign's number
        self.rumours = _where_they_differ(table.rumours)  # how far false claims reach in it, against the campaign's
        self.information: Information = AT_FIRST  # shares of members by what they know
        self.members = np.round(table.members[:, None] * scale) * np.ones(len(luck.worlds))  # whole numbers
        self.mood = single(moods)  # lasting goodwill of its own, logits
        draws = luck.coarse(Stream.BALLOTS, DRAWS_A_UNIT * self.bodies)
        self.electorate = Electorate(self.members, draws.reshape(self.bodies, DRAWS_A_UNIT, -1).swapaxes(0, 1))
        self.union, unions = table.union, int(table.union.max()) + 1  # the place of each unit's union, (units,)
        self._vote_moods = luck.coarse(Stream.VOTE_MOOD, 2 * self.bodies).reshape(2, self.bodies, -1)
        self._union_moods = luck.coarse(Stream.UNION_MOODS, 3 * unions).reshape(3, unions, -1)[1:]
        self.wages_mood = single(luck.normals(Stream.WAGES_MOOD, self.bodies) * preferences.wages_spread)
        self.swing = single(luck.normals(Stream.SWING, 1)[0])  # of all members between two votes, standard normal
        self._luck = luck
        self.benefits: list[UnitBallots] = []  # one a vote
        self.wages: list[UnitBallots] = []  # likewise, where they vote on wages apart; else none

    @property
    def payroll(self) -> Array:
        """A year's pay of all members, 1,000 $, (units, worlds)."""
        return self.pay_kusd * self.members

    def mood_on_the_day(self, vote: int, here: NDArray[np.int64] | None = None) -> Array:
        """What a vote's own day adds to the mood, logits, (units, worlds here); part of it to all of a union."""
        spread, shared = single(self.preferences.mood_spread, here), single(self.preferences.mood_shared, here)
        own, common = (
            normal_at(in_worlds(luck[vote], here), spread.dtype) for luck in (self._vote_moods, self._union_moods)
        )
        return with_common_part(own, common[self.union], shared) * spread

    def expected_turnout(self, stakes: Worlds, members: Members) -> Array:
        """Share of members who come, where this share of posts is expected to go, (units, worlds)."""
        return turnout(self.turnout_base, stakes, per_stake=members.turnout_stakes)

    def voters(
        self,
        members: Members,
        conditions: Conditions,
        *,
        day: Array | float = 0.0,
        here: NDArray[np.int64] | None = None,
    ) -> Voters:
        """What the units bring to a vote; ``day``: what the day adds to the mood, logits, (units, worlds here)."""
        return voters(
            members,
            conditions,
            mood=in_worlds(self.mood, here) + day,
            wage_factor=in_worlds(self.burden_factor, here),
            dual_payroll=self.dual_payroll,
            wages_mood=in_worlds(self.wages_mood, here),
        )

    def say_yes(
        self,
        deal: Terms,
        members: Members,
        conditions: Conditions,
        *,
        listed: Array,
        belief: Array,
        information: Array,
        bands: Seniority,
        day: Array | float = 0.0,
        here: NDArray[np.int64] | None = None,
    ) -> tuple[Array, Array]:
        """Chance that a member says yes to a deal as a whole and to its wages part alone, (units, worlds here).

        ``listed``: share of posts on the list, ``belief`` that the list is meant, both (units, worlds here); ``day``:
        what the day adds to the mood; ``information``: shares of members by what they know, (classes, worlds here) or
        (classes, units, worlds here).
        """
        asked = self.voters(members, conditions, day=day, here=here)
        parts, mix = (asked.on_benefits(deal), asked.on_wages(deal)), mix_of(members, bands.share, information)
        apart = bands_apart(listed, bands)
        chances = np.empty(listed.shape, listed.dtype), np.empty(listed.shape, listed.dtype)
        for some in a_few_at_a_time(listed):
            # risk falls with rank and averages to share x belief
            risk = band_risk(listed[some], bands, strict=members.strict_seniority, most_junior=apart)
            risk *= belief[some, None, :]
            for chance, part in zip(chances, parts, strict=True):
                chance[some] = yes_probability(part.of_bodies(some), risk, mix.of_units(some))
        return chances

    def vote(
        self,
        chances: Sequence[Array],
        expected_turnout: Array,
        here: NDArray[np.int64] | None = None,
        *,
        gives_up: Worlds = 0.0,
    ) -> None:
        """Every unit casts its ballots and remembers them; in the worlds ``here``, None: in all.

        ``chances``: of a yes to the deal, and to its wages part where they vote on it apart; ``gives_up``: share of
        those who voted no before and stay at home now.
        """
        worlds = self.members.shape[-1]
        voters = self.electorate if here is None else self.electorate.in_worlds(here)
        self._come(voters, expected_turnout, here, gives_up)
        for ballots, chance in zip((self.benefits, self.wages), chances, strict=False):
            ballots.append(voters.vote(chance).back_in_place(here, worlds))

    def stay_at_home(self) -> None:
        """A vote after the first, which is held in no world."""
        for ballots in filter(None, (self.benefits, self.wages)):
            ballots.append(UnitBallots(*np.zeros((2, *self.members.shape), self.electorate.members.dtype)))

    def would_vote(
        self, chance: Array, expected_turnout: Array, here: NDArray[np.int64] | None = None, *, gives_up: Worlds = 0.0
    ) -> UnitBallots:
        """The ballots on the benefits as `vote` would count them now, (units, worlds here); nothing is remembered."""
        everywhere = np.arange(self.members.shape[-1])
        voters = self.electorate.in_worlds(everywhere if here is None else here)
        self._come(voters, expected_turnout, here, gives_up)
        return voters.vote(chance)

    def _come(
        self, voters: Electorate, expected_turnout: Array, here: NDArray[np.int64] | None, gives_up: Worlds
    ) -> None:
        if self.benefits and expected_turnout.size:
            staying = self._luck.coarse(Stream.GIVING_UP, 2 * self.bodies, here).reshape(2, self.bodies, -1)
            voters.give_up(single(gives_up), staying)
        voters.turn_out(expected_turnout)

    def discard_ballots(self, where: NDArray[np.bool_]) -> None:
        """In these, (units, worlds), there was nothing to vote on: the latest vote was not held."""
        for ballots in filter(None, (self.benefits, self.wages)):
            ballots[-1] = UnitBallots(*(np.where(where, single(0.0), part) for part in ballots[-1]))


def _where_they_differ(by_unit: NDArray[np.float64]) -> Worlds:
    """(units, 1), or the number that all units have."""
    return float(by_unit[0]) if (by_unit == by_unit[0]).all() else by_unit[:, None]


class Union(Body):
    """Speaks for its units; its whole weight goes with the majority of its ballots.

    Quantities have shape (unions, worlds).
    """

    role: ClassVar[str] = "union"
    answers: ClassVar[Mapping[str, Answer]] = dict.fromkeys(("average", "sum"), NUMBER)

    def __init__(self, table: Unions, units: Unit) -> None:
        self.bodies, self.name, self.units = len(table.names), table.names, units
        self.rows = tuple(table.units)  # of each union's units
        self._average, self._sum = table.average, table.sum
        self.members = self.sum(units.members)

    def average(self, by_unit: Array) -> Array:
        """Over its members as tabled, (units, worlds) to (unions, worlds)."""
        return self._average.add_up(by_unit)

    def sum(self, by_unit: Array) -> Array:
        """Over its units, (units, worlds) to (unions, worlds)."""
        return self._sum.add_up(by_unit)
