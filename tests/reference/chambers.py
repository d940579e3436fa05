"""Two chambers: roll calls, what passes, and what the governor expects to pass. `docs/odd.md`, 7.8."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from reference.legislators import Legislator

Member = Legislator
LEAST_SPREAD = 0.05  # of the new day's mood, a logistic's scale; counts of members who never waver stay finite
HAIR = 1e-6  # so much less than the pivot bears, for the last digits of his indifference


class RollCall(NamedTuple):
    """Votes of all seats, house and senate; None is absent."""

    votes: list[bool | None]
    seats: list[str]  # chamber of each

    def count(self, chamber: str, vote: bool) -> int:
        """How many in a chamber voted so."""
        return sum(one is vote for one, place in zip(self.votes, self.seats, strict=True) if place == chamber)

    def majority(self, chamber: str, *, tie_breaker: bool = False) -> bool:
        """More yes than no; the lieutenant governor may break the senate's tie. A case may have one chamber only."""
        if chamber not in self.seats:
            return True
        ahead = self.count(chamber, True) - self.count(chamber, False)
        return ahead > 0 or (ahead == 0 and chamber == "senate" and tie_breaker)

    def majorities(self, *, tie_breaker: bool = False) -> bool:
        """In each chamber."""
        return self.majority("house") and self.majority("senate", tie_breaker=tie_breaker)


class Chambers:
    """Everybody who has a seat, and the legislature's numbers."""

    def __init__(self, members: list[Member], legislature: Any, misread: list[float]) -> None:
        self.members, self.numbers = members, legislature
        self.misread = dict(zip(("house", "senate"), misread, strict=True))
        self.follow = legislature.loyalty * legislature.follow  # logits, on striking aid
        self.special = False
        self.counted = False  # since the roll call on record whips know members' leans of old

    def meet_specially(self) -> None:
        """A special session; one follows the other, and the same people are there."""
        if not self.special:
            for member in self.members:
                member.come(self.numbers)
        self.special = True

    def roll_call(self, says_yes: Callable[[Member], bool]) -> RollCall:
        """Those present vote."""
        return RollCall([says_yes(m) if m.here else None for m in self.members], [m.seat.chamber for m in self.members])

    def asked(self, *, taxes: float = 0.0, jobs: float = 0.0, extra: float = 0.0) -> dict[bool, float]:
        """What a bill asks of either side, logits; only the governor's minds its taxes and the state jobs at stake."""
        numbers = self.numbers
        spared = numbers.tax_aversion * (numbers.budget_taxes - taxes) / 100
        return {True: numbers.jobs * jobs - spared - extra, False: -extra}

    def bill(self, asked: dict[bool, float], aid: float = 0.0) -> RollCall:
        """Everybody votes on a bill of the governor's; he buys what votes a chamber lacks, where he can."""
        call = self.roll_call(lambda m: m.favours(asked, aid))
        votes = list(call.votes)
        for chamber in ("house", "senate"):
            for seat in self._bought(chamber, asked, aid):
                votes[seat] = True
        return RollCall(votes, call.seats)

    def _bought(self, chamber: str, asked: dict[bool, float], aid: float) -> list[int]:
        """The cheapest votes that make a majority of those present, if the governor's favours pay for them."""
        here = [seat for seat, m in enumerate(self.members) if m.seat.chamber == chamber and m.here]
        price = {s: asked[self.members[s].of_party] + aid * self.members[s].toll - self.members[s].mind for s in here}
        against = sorted((seat for seat in here if price[seat] > 0), key=price.__getitem__)
        breaks_ties = chamber == "senate" and self.numbers.tie_breaker
        lacking = (len(here) + (1 if breaks_ties else 2)) // 2 - (len(here) - len(against))
        cheapest = against[: max(lacking, 0)]
        return cheapest if cheapest and sum(price[seat] for seat in cheapest) <= self.numbers.favours else []

    def budget(self) -> RollCall:
        """The recorded roll call: the governor's budget on a regular day."""
        for member in self.members:
            member.as_recorded(self.numbers)
        self.counted = True
        return self.bill(self.asked(taxes=self.numbers.budget_taxes))

    def approve(self, call: RollCall) -> bool:
        """An agreement stands by silence, unless a majority party mostly against it calls a vote and wins it."""
        if self.numbers.approval == "vote":
            return call.majorities(tie_breaker=self.numbers.tie_breaker)
        asked = self.asked(extra=self.numbers.agreement)
        return not any(
            self.calls_a_vote(chamber, asked) and call.count(chamber, False) > call.count(chamber, True)
            for chamber in ("house", "senate")
        )

    def calls_a_vote(self, chamber: str, asked: dict[bool, float]) -> bool:
        """Where most of the majority party's members who are here are against (Cox & McCubbins 2005)."""
        parties = [
            [m for m in self.members if m.seat.chamber == chamber and m.of_party is his] for his in (True, False)
        ]
        caucus = [m for m in max(parties, key=len) if m.here]
        return 2 * sum(not m.favours(asked, 0.0) for m in caucus) > len(caucus)

    # --- what the governor expects

    def likely(self, leanings: dict[str, list[float]]) -> float:
        """Chance of more yes than no in every chamber; the count is taken as normal.

        What he knows of leans makes the rest less wide.
        """
        chance, wide = 1.0, 1.0
        if self.counted:
            wide = max(math.sqrt(1 - self.numbers.steadiness**2), LEAST_SPREAD)
        for logits in leanings.values():
            margins = [math.tanh(one / wide / 2) for one in logits]
            spread = math.sqrt(max(sum(1 - m * m for m in margins), 1e-12))
            chance *= 0.5 * math.erfc(-sum(margins) / spread / math.sqrt(2))
        return chance

    def by_chamber(self, of: Callable[[Member], float]) -> dict[str, list[float]]:
        """Something of every member, chamber by chamber."""
        return {
            chamber: [of(m) for m in self.members if m.seat.chamber == chamber]
            for chamber in dict.fromkeys(m.seat.chamber for m in self.members)
        }

    def leaning(self, member: Member, jobs: float) -> float:
        """How far a member is for a bill, as the governor hears the chamber."""
        heard = self.misread[member.seat.chamber] - self.asked(jobs=jobs)[member.of_party]
        return member.support + self.foretold(member) + heard

    def foretold(self, member: Member) -> float:
        """What is known of a member's lean on a day to come: nothing from the seat alone."""
        return self.numbers.steadiness * member.lean if self.counted else 0.0

    def chance_of_striking(self, aid: float) -> float:
        """Under an open rule; none where aid was not asked for."""
        if self.numbers.rule != "open" or aid == 0:
            return 0.0

        def leaning(m: Member) -> float:
            return aid * m.foreseen - self.foretold(m) - self.follow * (1 if m.of_party else -1)

        return self.likely(self.by_chamber(leaning))

    def chance_of_passage(self, aid: float, jobs: float) -> float:
        """Of a bill with this part of the cut of aid in it."""
        return self.likely(self.by_chamber(lambda m: self.leaning(m, jobs) - aid * m.foreseen))

    def largest_request(self, jobs: float) -> float:
        """How much of his power over aid a governor asks for who knows what each chamber bears (Romer, Rosenthal)."""
        shift = -self.asked(jobs=jobs)[True]
        borne = [self._pivot(c, lambda m, heard: m.bears(heard, shift)) for c in self.by_chamber(lambda m: 0.0)]
        most = min(borne)
        if self.numbers.rule == "open":
            left_in = [self._left_in(chamber) for chamber in self.by_chamber(lambda m: 0.0)]
            most = min(most, max(left_in))
        return min(max(most, 0.0) * (1 - HAIR), 1.0)

    def _pivot(self, chamber: str, of: Callable[[Member, float], float]) -> float:
        """What enough members bear: a majority, and some seats in hand."""
        points = self._points(chamber, of)
        return points[min(len(points) // 2 + 1 + self._in_hand(len(points)), len(points)) - 1]

    def _left_in(self, chamber: str) -> float:
        """What enough members would not strike: those whom no majority outvotes, and some seats in hand."""
        points = self._points(chamber, lambda m, heard: m.leaves_in(heard, self.follow))
        majority = len(points) // 2 + 1
        return points[min(len(points) - majority + 1 + self._in_hand(len(points)), len(points)) - 1]

    def _points(self, chamber: str, of: Callable[[Member, float], float]) -> list[float]:
        heard = self.misread[chamber]
        return sorted((of(m, heard) for m in self.members if m.seat.chamber == chamber), reverse=True)

    def _in_hand(self, seats: int) -> int:
        return math.ceil(self.numbers.margin * seats)
