"""The special session: what power to cut the governor asks for, and what two chambers make of his request.

He asks for a larger share of every budget line until a date, with town aid or without. Under an open rule the chambers
first vote on striking aid, which takes a majority in each; then they vote on the bill. If it falls, what the law says
stands: the smaller share, town aid exempt.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from sim.bargaining.agenda_setting import majority, pivot, price_of_majority, setter_proposal
from sim.scenario.parameters import Parameter, Section, choice, number, switch
from sim.worlds.axis import Worlds, in_single, single

if TYPE_CHECKING:
    from agents.legislator import Legislator

CHAMBERS = ("house", "senate")
LUCK_A_SEAT = 2  # uniforms: a lasting one and one for a day


class Legislature(Section):
    """Who sits in the chambers, what moves them, and how they proceed."""

    table: str = "legislators.csv"
    coefficients: str = "roll_call_coefficients.csv"
    covariance: str = "roll_call_covariance.csv"
    governors_party: str = "D"

    rule: Parameter = choice("May the chambers strike town aid before they vote on the bill?", ("open", "closed"))
    request: Parameter = choice(
        "Does the governor ask for what is stated, or for as much as he expects to pass?", ("stated", "anticipated")
    )
    approval: Parameter = choice(
        "Is an agreement deemed approved unless a chamber votes it down, or does it need a vote?", ("deemed", "vote")
    )
    tie_breaker: Parameter = switch("Does the governor's lieutenant break ties in the senate?")
    recall: Parameter = switch("Does every member's lean agree with the vote on record?")
    loyalty: Parameter = number("ratio", "The party's pull against what the roll call shows", at_least=0)
    exposure: Parameter = number(
        "logits per share of budget", "What a loss of the district's towns takes from support", at_least=0
    )
    lobbying: Parameter = number(
        "logits", "What lobbying takes from support, at the full effort of a mayor who is alone with it", at_least=0
    )
    follow: Parameter = number(
        "logits",
        "How far members go along with their side on striking aid, at the pull of party as estimated",
        at_least=0,
    )
    feared: Parameter = number(
        "share", "Part of the power over aid that legislators and mayors expect to be used", at_least=0, at_most=1
    )
    jobs: Parameter = number(
        "logits per share of posts", "What state jobs at stake take from support on the governor's side", at_least=0
    )
    agreement: Parameter = number("logits", "What an agreement with the unions has over other bills of the governor's")
    tax_aversion: Parameter = number(
        "logits per 100 M$/yr", "What a tax rise takes from support on the governor's side", at_least=0
    )
    budget_taxes: Parameter = number("M$/yr", "Tax rise in the budget on which the recorded roll call was", at_least=0)
    steadiness: Parameter = number(
        "correlation", "How far a member's lean is the same from roll call to roll call", at_least=0, at_most=1
    )
    absence: Parameter = number("share", "Members who miss a special session", at_least=0, at_most=0.9)
    favours: Parameter = number(
        "logits", "What the governor can give in all to win votes that a chamber lacks", at_least=0
    )
    margin: Parameter = number(
        "share", "Seats beyond a bare majority that an anticipating governor wants in hand", at_least=0, at_most=0.4
    )
    whip_error: Parameter = number(
        "logits", "Standard deviation of the governor's misreading of a chamber's mood", at_least=0
    )


HAIR = 1e-6  # of a part of aid: ten times what single precision rounds a logit by


class Count(NamedTuple):
    """One chamber's roll call, members, each (worlds,)."""

    yes: NDArray[np.int32]
    no: NDArray[np.int32]


def _count(votes: NDArray[np.bool_]) -> NDArray[np.int32]:
    """How many are true, (members, worlds) to (worlds,)."""
    # bytes add up in a tenth of the time of large numbers, and a chamber seldom has 256 members
    small = np.uint8 if len(votes) <= np.iinfo(np.uint8).max else np.int32
    return np.add.reduce(votes.view(np.uint8), axis=0, dtype=small).astype(np.int32)


class RollCall(NamedTuple):
    """A roll call in both chambers, and whether it carried, (worlds,)."""

    house: Count
    senate: Count
    carried: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The power to cut that the governor asks for; each a number or (worlds,)."""

    share: Worlds  # of any line
    aid_scope: Worlds  # part of that power which reaches town aid: 0 aid is out, 1 aid is cut like any line
    until: datetime.date | None = None


class SessionResult(NamedTuple):
    """What the session leaves the governor with, each (worlds,)."""

    passed: NDArray[np.bool_]
    struck: NDArray[np.bool_]  # aid was asked for and taken out
    aid_spared: NDArray[np.bool_]  # no power over town aid in the end
    authority_share: NDArray[np.float64]  # of any line
    aid_scope: NDArray[np.float64]  # part of that power which reaches town aid
    house: Count
    senate: Count
    strike_house: Count  # on striking aid; nobody votes where that does not come up
    strike_senate: Count


def threatened_aid(share: Worlds, aid_total: Worlds, *, feared: Worlds) -> Worlds:
    """Aid that towns and legislators expect to lose to a power over this share of it, M$/yr."""
    return feared * share * aid_total


class Chambers:
    """Two chambers on one day: everybody is here or absent, in the day's mood, and one roll call follows another."""

    def __init__(self, members: Sequence[Legislator], legislature: Any, *, worlds: int) -> None:
        self.members = {name: [member for member in members if member.seat.chamber == name] for name in CHAMBERS}
        self.legislature = in_single(legislature)  # the numbers of the scenario's section
        self.margin = legislature.margin  # seats are counted in double
        self.worlds = worlds
        self.follow = self.legislature.loyalty * self.legislature.follow  # logits, either way, on striking aid
        self.sitting = "recorded"  # members come into being on the day of their roll call
        self._see_who_is_here()

    def meet(self, sitting: Literal["special", "recorded"]) -> None:
        """The members come, or do not: on a summer's day, or over again on the day of the recorded roll call."""
        if sitting == self.sitting:
            return
        self.sitting = sitting
        legislature = self.legislature
        novelty = np.sqrt(1 - np.square(legislature.steadiness))
        for members in self.members.values():
            for member in members:
                if sitting == "special":
                    member.come(absence=legislature.absence, steadiness=legislature.steadiness, novelty=novelty)
                else:
                    member.as_recorded()
        self._see_who_is_here()

    def _see_who_is_here(self) -> None:
        """Who is, (members, worlds), and how many, (worlds,), by chamber."""
        self.present = {name: self._each(members, lambda m: m.here) for name, members in self.members.items()}
        self.here = {name: _count(present) for name, present in self.present.items()}

    def roll_call(self, says_yes: Callable[[Legislator], NDArray[np.bool_]]) -> tuple[Count, Count]:
        """Those present vote: house and senate."""
        house, senate = (_count(self._each(self.members[name], says_yes) & self.present[name]) for name in CHAMBERS)
        return Count(house, self.here["house"] - house), Count(senate, self.here["senate"] - senate)

    def _each(self, members: Sequence[Legislator], of: Callable[[Legislator], NDArray[np.bool_]]) -> NDArray[np.bool_]:
        """Something true or false of each member, (members, worlds)."""
        answers = np.empty((len(members), self.worlds), bool)
        for member, answer in zip(members, answers, strict=True):
            answer[:] = of(member)
        return answers

    def in_each(self, house: Count, senate: Count, *, tie_breaker: bool = False) -> NDArray[np.bool_]:
        """Is there a majority of those voting in each chamber, (worlds,)? A case may have one chamber only.

        A tie fails, but the governor's lieutenant may break the senate's.
        """
        in_house = house.yes > house.no
        in_senate = senate.yes >= senate.no if tie_breaker else senate.yes > senate.no
        return (in_house | (not self.members["house"])) & (in_senate | (not self.members["senate"]))

    def bill(
        self, aid_scope: Worlds = 0.0, *, taxes: Worlds = 0.0, jobs: Worlds = 0.0, extra: Worlds = 0.0
    ) -> tuple[Count, Count]:
        """Everybody votes on a bill of the governor's; his side minds its taxes and the state jobs it puts at stake.

        ``taxes``: M$/yr; ``jobs``: share of the state's posts; ``extra``: what else speaks for it, logits.
        """
        asked = self.asked(taxes=taxes, jobs=jobs, extra=extra)
        if np.all(np.asarray(self.legislature.favours) == 0):
            return self.roll_call(lambda m: m.votes_yes(aid_scope, asked[m.seat.of_governors_party]))
        house, senate = (
            self._with_favours(name, lambda m: m.price(aid_scope, asked[m.seat.of_governors_party]))
            for name in CHAMBERS
        )
        return house, senate

    def _with_favours(self, chamber: str, price: Callable[[Legislator], NDArray[np.float64]]) -> Count:
        """The governor buys the cheapest votes that a chamber lacks where he can, and none where he cannot."""
        here = self.here[chamber]
        if not self.members[chamber]:
            return Count(here, here)
        prices = np.stack([price(member) for member in self.members[chamber]])
        quota, yes = here // 2 + 1, (prices <= 0).sum(axis=0)
        bought = (yes < quota) & (price_of_majority(prices, quota) <= self.legislature.favours)
        yes = np.where(bought, quota, yes)
        return Count(yes, here - yes)

    def heard(self, misread: NDArray[np.float64]) -> Iterator[tuple[str, NDArray[np.float64]]]:
        """Each chamber that has members, with what the governor mishears in it, logits, (worlds,)."""
        return ((name, single(row)) for name, row in zip(CHAMBERS, misread, strict=True) if self.members[name])

    def asked(self, *, taxes: Worlds = 0.0, jobs: Worlds = 0.0, extra: Worlds = 0.0) -> dict[bool, Worlds]:
        """What such a bill asks of a member of the governor's party, and of another, logits."""
        return {True: -(extra + self.own_side(taxes=taxes, jobs=jobs)), False: 0.0}

    def called_by_majority_party(self, asked: dict[bool, Worlds]) -> list[NDArray[np.bool_]]:
        """Where do the leaders of each chamber call a vote against a bill, (worlds,)? House and senate.

        Where most of their own party would vote it down. Source: Cox & McCubbins (2005), Setting the Agenda: a majority
        party keeps off the floor what would divide it.
        """
        called = []
        for name, members in self.members.items():
            places = [[p for p, m in enumerate(members) if m.seat.of_governors_party is his] for his in (True, False)]
            caucus = max(places, key=len)
            yes = self._each([members[p] for p in caucus], lambda m: m.votes_yes(0.0, asked[m.seat.of_governors_party]))
            present = self.present[name][caucus]
            called.append(2 * _count(present & ~yes) > _count(present))
        return called

    def own_side(self, *, taxes: Worlds = 0.0, jobs: Worlds = 0.0) -> Worlds:
        """What a bill has over the budget of the recorded roll call for those on the governor's side, logits.

        That budget raised taxes, and its roll call shows support less what they took from it. Across the aisle nobody
        voted for it, so what it lost there by its taxes cannot be told, and nothing is given back.
        """
        legislature = self.legislature
        spared = (legislature.budget_taxes - single(taxes)) / 100
        return legislature.tax_aversion * spared - legislature.jobs * single(jobs)


def hold_session(chambers: Chambers, request: Request, *, standing_share: Worlds, jobs: Worlds = 0.0) -> SessionResult:
    """Strike aid, or not; then pass the bill, or leave the governor with what the law gives him.

    ``standing_share``: of any line, town aid exempt. ``jobs``: share of the state's posts at stake.
    """
    legislature, worlds = chambers.legislature, chambers.worlds
    chambers.meet("special")
    scope = np.broadcast_to(single(request.aid_scope), worlds)
    struck = np.zeros(worlds, bool)
    strike_house = strike_senate = Count(np.zeros(worlds, np.int32), np.zeros(worlds, np.int32))
    if legislature.rule == "open" and scope.any():
        strike_house, strike_senate = chambers.roll_call(lambda m: m.strikes_aid(scope, chambers.follow))
        struck = (scope > 0) & chambers.in_each(strike_house, strike_senate)
        scope = np.where(struck, single(0), scope)
    house, senate = chambers.bill(scope, jobs=jobs)
    passed = chambers.in_each(house, senate, tie_breaker=legislature.tie_breaker)
    scope = np.where(passed, scope, 0.0)
    return SessionResult(
        passed=passed,
        struck=struck,
        aid_spared=scope == 0,
        authority_share=np.where(passed, request.share, standing_share),
        aid_scope=scope.astype(float),
        house=house,
        senate=senate,
        strike_house=strike_house,
        strike_senate=strike_senate,
    )


def vote_on_agreement(chambers: Chambers) -> RollCall:
    """The legislature's say over a ratified agreement: given by silence after thirty days, or by a vote.

    Silence is what the majority party makes of it: unless most of its members in a chamber are against, no vote is
    called and the agreement stands. Where the scenario asks for a vote, it takes a majority in each chamber.
    """
    legislature = chambers.legislature
    chambers.meet("special")
    house, senate = chambers.bill(extra=legislature.agreement)
    if legislature.approval == "deemed":
        in_house, in_senate = chambers.called_by_majority_party(chambers.asked(extra=legislature.agreement))
        voted_down = (in_house & (house.no > house.yes)) | (in_senate & (senate.no > senate.yes))
        return RollCall(house, senate, ~voted_down)
    return RollCall(house, senate, chambers.in_each(house, senate, tie_breaker=legislature.tie_breaker))


def vote_on_taxes(chambers: Chambers, tax: Worlds) -> RollCall:
    """Would the chambers raise this much more in taxes, M$/yr?"""
    legislature = chambers.legislature
    chambers.meet("special")
    house, senate = chambers.bill(taxes=tax)
    return RollCall(house, senate, chambers.in_each(house, senate, tie_breaker=legislature.tie_breaker))


def vote_on_budget(chambers: Chambers) -> RollCall:
    """The recorded roll call over again: the governor's budget, on a regular day, aid whole."""
    legislature = chambers.legislature
    chambers.meet("recorded")
    house, senate = chambers.bill(taxes=legislature.budget_taxes)
    return RollCall(house, senate, chambers.in_each(house, senate, tie_breaker=legislature.tie_breaker))


class Expectation(NamedTuple):
    """What the governor expects of a request, each (worlds,)."""

    passes: NDArray[np.float64]  # chance that a bill passes, aid struck or not
    struck: NDArray[np.float64]  # chance that aid is struck first
    share: NDArray[np.float64]  # expected power over any line
    aid_share: NDArray[np.float64]  # expected power over town aid


def expected_passage(
    chambers: Chambers, request: Request, *, standing_share: Worlds, misread: NDArray[np.float64], jobs: Worlds = 0.0
) -> Expectation:
    """A whip count before anybody has said how he leans: chances from seats alone, and a misreading of each chamber.

    ``misread``: logits, (2, worlds), house and senate. The count of yes is taken as normal. Cheap: a few operations a
    seat, for use while the parties still talk.
    """
    legislature, worlds = chambers.legislature, chambers.worlds
    scope = np.broadcast_to(np.asarray(request.aid_scope, dtype=float), worlds)
    part = single(scope)
    asked = bool(scope.any())
    struck = np.where(scope > 0, 1.0 if legislature.rule == "open" else 0.0, 0.0)
    with_aid, without = np.ones(worlds), np.ones(worlds)
    shift = chambers.own_side(jobs=jobs)
    for name, heard in chambers.heard(misread):
        whip = {"strike": Whip(heard), "with_aid": Whip(heard), "without": Whip(heard)}
        of_side = {True: heard + shift, False: heard}
        pull = {side: side * chambers.follow for side in (1.0, -1.0)}
        for member in chambers.members[name]:
            leaning = member.support + of_side[member.seat.of_governors_party]
            if asked:
                toll = part * member.toll
                whip["with_aid"].add(leaning - toll)
                if legislature.rule == "open":
                    toll -= pull[member.seat.side]
                    whip["strike"].add(toll)
            whip["without"].add(leaning)
        without *= whip["without"].chance()
        with_aid *= whip["with_aid"].chance()
        struck *= whip["strike"].chance()
    if not asked:
        with_aid = without
    passes = struck * without + (1 - struck) * with_aid
    return Expectation(
        passes=passes,
        struck=struck,
        share=standing_share + passes * (request.share - standing_share),
        aid_share=(1 - struck) * with_aid * scope * request.share,
    )


class Whip:
    """Adds up the chances of a chamber's members and takes the margin of yes over no as normal."""

    def __init__(self, heard: NDArray[Any]) -> None:
        self.members = 0
        self.margin = np.zeros_like(heard)
        self.squares = np.zeros_like(heard)

    def add(self, leaning: NDArray[np.float64]) -> None:
        """A member who votes yes with the logistic chance of ``leaning``, logits, (worlds,); overwrites it."""
        leaning *= 0.5
        np.tanh(leaning, out=leaning)  # the expected yes less no
        self.members += 1
        self.margin += leaning
        leaning *= leaning
        self.squares += leaning

    def chance(self) -> NDArray[np.float64]:
        """Chance that yes outnumbers no, (worlds,)."""
        variance = np.maximum(self.members - self.squares.astype(float), 1e-12)
        return ndtr(self.margin / np.sqrt(variance))


def largest_scope(chambers: Chambers, misread: NDArray[np.float64], *, jobs: Worlds = 0.0) -> NDArray[np.float64]:
    """How much of his power over aid a governor who knows his members asks for, in [0, 1], (worlds,).

    Each member bears a cut of aid up to a point; the pivot's is what a chamber bears, and both must. He asks for as
    much as he likes within it, the setter's best proposal; under an open rule no more than one chamber would leave in.
    ``misread``: logits, (2, worlds): he has counted heads, but not heard everybody right, so he wants some seats in
    hand.
    """
    legislature = chambers.legislature
    shift = chambers.own_side(jobs=jobs)
    bearable, left_in = [], []
    for name, heard in chambers.heard(misread):
        members = chambers.members[name]
        in_hand = np.ceil(chambers.margin * len(members)).astype(int)
        needed = majority(len(members)) + in_hand
        bearable.append(pivot(np.stack([m.bears(heard, shift) for m in members]), needed))
        # to strike takes a majority; he wants the others and some in hand to leave aid in
        others = len(members) - majority(len(members)) + 1 + in_hand
        left_in.append(pivot(np.stack([m.leaves_in(heard, chambers.follow) for m in members]), others))
    most = np.min(bearable, axis=0).astype(float)
    if legislature.rule == "open":
        most = np.minimum(most, np.max(left_in, axis=0))
    # whoever bears up to a point t is as well off there as at the reversion 0, so his ideal lies half way; the hair
    # less is for the last digits of his indifference, which counts as a yes
    return setter_proposal(1.0, np.maximum(most, 0.0) * ((1 - HAIR) / 2), 0.0)
