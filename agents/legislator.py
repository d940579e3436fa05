"""A legislator: stands by the party or breaks ranks, with an ear for the district and for the mayors of its towns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.body import NUMBER, YES_OR_NO, Answer, Body
from sim.scenario.parameters import Choice, Number, Section, Switch, choice, number, switch
from sim.scenario.seats import Seat, Seats
from sim.worlds.axis import Array, Worlds, in_single, in_worlds, put_in_worlds, single
from sim.worlds.randomness import SMALLEST, Luck, Stream, uniform_at

HARDLY_ANY = 1e-9  # logits; a toll below it moves nobody
LEAST_MOOD = 0.05  # of a logistic's scale; keeps a count of members who never waver finite


class Legislature(Section):
    """Who sits in the chambers, what moves them, and how they proceed."""

    table: str = "legislators.csv"
    coefficients: str = "roll_call_coefficients.csv"
    covariance: str = "roll_call_covariance.csv"
    governors_party: Literal["D", "R"] = "D"

    rule: Choice = choice("May the chambers strike town aid before they vote on the bill?", ("open", "closed"))
    request: Choice = choice(
        "Does the governor ask for what is stated, or for as much as he expects to pass?", ("stated", "anticipated")
    )
    approval: Choice = choice(
        "Is an agreement deemed approved unless a chamber votes it down, or does it need a vote?", ("deemed", "vote")
    )
    tie_breaker: Switch = switch("Does the governor's lieutenant break ties in the senate?")
    recall: Switch = switch("Does every member's lean agree with the vote on record?")
    loyalty: Number = number("ratio", "The party's pull against what the roll call shows", at_least=0)
    exposure: Number = number(
        "logits per share of budget", "What a loss of the district's towns takes from support", at_least=0
    )
    lobbying: Number = number(
        "logits", "What lobbying takes from support, at the full effort of a mayor who is alone with it", at_least=0
    )
    follow: Number = number(
        "logits",
        "How far members go along with their side on striking aid, at the pull of party as estimated",
        at_least=0,
    )
    feared: Number = number(
        "share", "Part of the power over aid that legislators and mayors expect to be used", at_least=0, at_most=1
    )
    jobs: Number = number(
        "logits per share of posts", "What state jobs at stake take from support on the governor's side", at_least=0
    )
    agreement: Number = number("logits", "What an agreement with the unions has over other bills of the governor's")
    tax_aversion: Number = number(
        "logits per 100 M$/yr", "What a tax rise takes from support on the governor's side", at_least=0
    )
    budget_taxes: Number = number("M$/yr", "Tax rise in the budget on which the recorded roll call was", at_least=0)
    steadiness: Number = number(
        "correlation", "How far a member's lean is the same from roll call to roll call", at_least=0, at_most=1
    )
    absence: Number = number("share", "Members who miss a special session", at_least=0, at_most=0.9)
    favours: Number = number(
        "logits",
        "What the governor can give in a chamber, in all, for the votes that a bill lacks there; "
        "his whips do not reckon with it",
        at_least=0,
    )
    margin: Number = number(
        "share", "Seats beyond a bare majority that an anticipating governor wants in hand", at_least=0, at_most=0.4
    )
    whip_error: Number = number(
        "logits", "Standard deviation of the governor's misreading of a chamber's mood", at_least=0
    )


class Asked(NamedTuple):
    """What a bill asks of members beyond the budget of the recorded roll call, logits, (worlds,) or numbers."""

    governors_side: Worlds
    across: Worlds


def support(seats: Sequence[Seat], coefficients: Mapping[str, Worlds], *, loyalty: Worlds) -> Array:
    """What speaks for the governor's bill in each seat before towns and jobs are weighed, logits, (seats, worlds).

    The estimated roll call: the party line, and the district's lean, own margin, opinion and dependence on aid.
    ``loyalty`` scales the party's pull on both sides: 0 leaves the parties alike, 1 is as estimated.
    """
    described = Seats.of(seats)
    total = coefficients["constant"] + (0.5 * described.side) * loyalty * coefficients["party"]
    for name, column in described.covariates.items():
        if name not in ("constant", "party"):
            total = total + column * coefficients[name]
    return total


def lean(luck: Array) -> Array:
    """What nobody knows of a member from his seat, logits: the logistic quantile of a uniform."""
    return np.log(luck / (1.0 - luck))


def lean_given_vote(luck: Array, support: Array, vote: str) -> Array:
    """The same if it is known how the member voted, logits.

    A member votes yea where support + lean > 0, so a recorded vote tells on which side of -support his lean is. With q
    the chance of a nay, the uniform then is q + (1 - q) luck for a yea and q luck for a nay, and 1 / q = 1 +
    exp(support); here are its odds.
    """
    if vote == "yea":
        return np.log((np.exp(-support) + luck) / (1.0 - luck))
    if vote == "nay":
        return np.log(luck / (1.0 - luck + np.exp(support)))
    return lean(luck)


def later_lean(lean: Array, mood: Array, *, steadiness: Worlds) -> Array:
    """The lean on another day, logits: the member's own of old and a new mood, as widely spread as before.

    ``steadiness``: the correlation of the two days.
    """
    return np.sqrt(1 - np.square(steadiness)) * mood + steadiness * lean


def towns_toll(loss_share: Worlds, felt: Worlds, *, exposure: Worlds, lobbying: Worlds) -> Worlds:
    """What a cut of aid takes from a member's support, logits.

    ``loss_share``: what the district's towns would lose of their budgets; ``felt``: mayors' lobbying, 1 at the full
    effort of a mayor who is alone with it.
    """
    return exposure * loss_share + lobbying * felt


def wants_aid_struck(toll: Worlds, lean: Array, side: Worlds, *, follow: Worlds) -> NDArray[np.bool_]:
    """Does a member vote to strike town aid from the bill?

    He does where his towns' loss outweighs going along with the governor: ``follow`` draws his party towards him and
    the other away, and who leans to him on bills leans to him on amendments.
    """
    return np.greater(toll - lean, follow * side)


class Legislator(Body):
    """Wants to stand by the party, answer the district and bring its towns home whole; knows what they would lose.

    Quantities have shape (seats, worlds), or (seats, 1) where they are the same in all worlds.
    """

    role: ClassVar[str] = "legislator"
    answers: ClassVar[Mapping[str, Answer]] = {
        **dict.fromkeys(("votes_yes", "strikes_aid"), YES_OR_NO),
        **dict.fromkeys(("weighs", "hurdle", "leaning", "bears", "leaves_in"), NUMBER),
        "price": Answer(finite=False),
    }

    def __init__(
        self, seats: Sequence[Seat], preferences: Legislature, coefficients: Mapping[str, Worlds], luck: Luck
    ) -> None:
        """``coefficients`` of the fitted roll call, by name; where the scenario says so (``recall``) a member's lean is
        drawn among those with which he would have cast the vote that is on record."""
        self.bodies, self.seat = len(seats), Seats.of(seats)
        self.preferences, self.recall = in_single(preferences), bool(preferences.recall)
        self.side = self.seat.side  # +1 on the governor's side of the aisle, else -1
        self.of_governors_party = self.side > 0
        coefficients = {name: single(amount) for name, amount in coefficients.items()}
        self.support = support(self.seat, coefficients, loyalty=self.preferences.loyalty)  # the estimated part, logits
        drawn = luck.coarse(Stream.LEGISLATORS, 2 * len(seats))
        lasting = uniform_at(drawn[: len(seats)], self.support.dtype)
        # the rest, logits, as it was on the day of the recorded roll call
        self.lean = np.empty_like(lasting)
        on_record = self.seat.recorded if preferences.recall else {"": np.arange(self.bodies)}
        for vote, rows in on_record.items():
            self.lean[rows] = lean_given_vote(lasting[rows], self.support[rows], vote)
        self.day = uniform_at(drawn[len(seats) :], self.support.dtype)  # luck of a later day: uniforms
        self.toll: Array = np.zeros_like(self.support)  # what a threatened cut of aid takes, logits
        self.as_recorded()

    # --- what they hear, and what day it is

    def weighs(self, loss_share: Worlds, felt: Worlds, here: NDArray[np.int64] | None = None) -> Array:
        """What it takes from support that the district's towns would lose so much, and that their mayors mind so much.

        ``loss_share`` and ``felt``: (seats, worlds here); ``here``: by place, None: all.
        """
        wants = self.preferences
        exposure, lobbying = in_worlds(wants.exposure, here), in_worlds(wants.lobbying, here)
        return np.asarray(towns_toll(loss_share, felt, exposure=exposure, lobbying=lobbying))

    def hear_towns(self, toll: Array, here: NDArray[np.int64] | NDArray[np.bool_]) -> None:
        """The districts' towns and their mayors speak up, which takes so much from support, (seats, worlds here);
        ``here``: by place, or a mask over all worlds."""
        put_in_worlds(self.toll, toll, here)

    def hear_only(self, where: NDArray[np.bool_]) -> None:
        """In the other worlds nothing threatens the towns any more, and they are silent; ``where``: (worlds,)."""
        self.toll *= single(where)

    def come(self) -> None:
        """A special session: here or absent, and in a mood that is partly the member's own of old."""
        wants = self.preferences
        self.here = self.day >= wants.absence
        # above the chance of absence, what is left of the day's uniform is a uniform again, and here are its odds
        odds = np.maximum(self.day - wants.absence, SMALLEST) / (1.0 - self.day)
        self.lean_today = later_lean(self.lean, np.log(odds), steadiness=wants.steadiness)
        self.for_it = self.support + self.lean_today

    def as_recorded(self) -> None:
        """The day of the recorded roll call; who missed it, misses it again where the record is recalled."""
        here = np.ones((self.bodies, 1), bool)
        if self.recall:
            here[self.seat.recorded["absent"]] = False
        self.here = np.broadcast_to(here, self.lean.shape)
        self.lean_today = self.lean
        self.for_it = self.support + self.lean  # how much the member is for a bill, whatever is in it, logits

    # --- decisions

    def hurdle(self, aid_scope: Worlds, asked: Asked) -> Worlds:
        """What a bill asks of the member, logits: ``asked`` of his side, and his towns' part of a cut.

        ``aid_scope``: how much of the threatened cut is in the bill; a bill that leaves aid alone costs no town.
        """
        of_side = self.asked_of_side(asked)
        return of_side if np.ndim(aid_scope) == 0 and not aid_scope else of_side + single(aid_scope) * self.toll

    def asked_of_side(self, asked: Asked) -> Worlds:
        """What a bill asks of the member's side of the aisle, logits."""
        return np.where(self.of_governors_party, asked.governors_side, asked.across)

    def votes_yes(self, aid_scope: Worlds, asked: Asked) -> NDArray[np.bool_]:
        """Is the member for the bill at least as much as it asks? Indifference counts as yes."""
        return self.for_it >= self.hurdle(aid_scope, asked)

    def price(self, aid_scope: Worlds, asked: Asked) -> Array:
        """What the member's vote lacks, logits: none or less is a yes, and the absent have no price."""
        return np.where(self.here, self.hurdle(aid_scope, asked) - self.for_it, np.inf)

    def strikes_aid(self, aid_scope: Worlds) -> NDArray[np.bool_]:
        """Does the member vote to take town aid out of the bill?"""
        return wants_aid_struck(single(aid_scope) * self.toll, self.lean_today, self.side, follow=self.pull)

    @property
    def pull(self) -> Worlds:
        """How far a member goes along with his side on an amendment, logits, (worlds,) or a number."""
        return self.preferences.loyalty * self.preferences.follow

    # --- as somebody guesses them

    def leaning(self, *, known: bool) -> tuple[Worlds, Worlds]:
        """The lean on a day to come as it can be foretold, and how widely the rest is spread, a logistic's scale.

        ``known``: since the recorded roll call; what then remains open is the new day's mood.
        """
        if not known:
            return single(0.0), single(1.0)
        steadiness = self.preferences.steadiness
        return steadiness * self.lean, np.maximum(np.sqrt(1 - np.square(steadiness)), single(LEAST_MOOD))

    def bears(self, misread: Array, asked: Asked, toll: Array) -> Array:
        """The largest part of the threatened cut of aid with which the member would still be for the bill.

        As someone guesses who knows his lean of old: ``misread`` is what the guess is off by, logits, ``toll`` what the
        cut is expected to take from his support.
        """
        for_it = self.support + self.lean + misread - self.asked_of_side(asked)
        return for_it / np.maximum(toll, HARDLY_ANY)

    def leaves_in(self, misread: Array, toll: Array) -> Array:
        """The largest part of that cut which the member would not vote to strike, likewise."""
        return (self.pull * self.side + self.lean + misread) / np.maximum(toll, HARDLY_ANY)
