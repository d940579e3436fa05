"""A legislator: stands by the party or breaks ranks, with an ear for the district and for the mayors of its towns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import mesa
import numpy as np
from numpy.typing import NDArray

from sim.scenario.seats import Seat
from sim.worlds.axis import Worlds, single
from sim.worlds.randomness import uniform_at

HARDLY_ANY = 1e-9  # logits; a toll below it moves nobody
SMALLEST = 2.0**-54  # uniforms are kept above zero, where their logit is finite


def party_line(coefficients: Mapping[str, Worlds], side: float, *, loyalty: Worlds) -> Worlds:
    """What speaks for the governor's bill on one side of the aisle, whatever the seat, logits, (worlds,).

    ``loyalty`` scales the party's pull on both sides: 0 leaves the parties alike, 1 is as estimated.
    """
    return coefficients["constant"] + (0.5 * side) * loyalty * coefficients["party"]


def support(seat: Seat, coefficients: Mapping[str, Worlds], line: Worlds) -> NDArray[np.float64]:
    """What speaks for the governor's bill in this seat before towns and jobs are weighed, logits, (worlds,).

    The estimated roll call: the party line, and the district's lean, own margin, opinion and dependence on aid.
    """
    total = np.array(line)
    for name, amount in seat.covariates.items():
        if amount and name not in ("constant", "party"):
            total += amount * coefficients[name]
    return total


def lean(luck: NDArray[np.float64]) -> NDArray[np.float64]:
    """What nobody knows of a member from his seat, logits, (worlds,): the logistic quantile of a uniform."""
    return np.log(luck / (1.0 - luck))


def lean_given_vote(luck: NDArray[np.float64], support: NDArray[np.float64], vote: str) -> NDArray[np.float64]:
    """The same if it is known how the member voted, logits, (worlds,).

    A member votes yea where support + lean > 0, so a recorded vote tells on which side of -support his lean is. With q
    the chance of a nay, the uniform then is q + (1 - q) luck for a yea and q luck for a nay, and 1 / q = 1 +
    exp(support); here are its odds.
    """
    if vote not in ("yea", "nay"):
        return lean(luck)
    rest = 1.0 - luck
    if vote == "yea":
        odds = np.exp(-support)
        odds += luck
        odds /= rest
    else:
        rest += np.exp(support)
        odds = np.divide(luck, rest, out=rest)
    return np.log(odds, out=odds)


def later_lean(
    lean: NDArray[np.float64], mood: NDArray[np.float64], *, steadiness: Worlds, novelty: Worlds
) -> NDArray[np.float64]:
    """The lean on another day, logits: the member's own of old and a new mood, as widely spread as before.

    ``steadiness``: the correlation of the two days; ``novelty`` is sqrt(1 - steadiness^2).
    """
    later = novelty * mood
    later += steadiness * lean
    return later


def towns_toll(loss_share: Worlds, felt: Worlds, *, exposure: Worlds, lobbying: Worlds) -> Worlds:
    """What a cut of aid takes from a member's support, logits, (worlds,).

    ``loss_share``: what the district's towns would lose of their budgets; ``felt``: mayors' lobbying, 1 at the full
    effort of a mayor who is alone with it.
    """
    return exposure * loss_share + lobbying * felt


def wants_aid_struck(toll: Worlds, lean: NDArray[np.float64], side: float, *, follow: Worlds) -> NDArray[np.bool_]:
    """Does a member vote to strike town aid from the bill? (worlds,)

    He does where his towns' loss outweighs going along with the governor: ``follow`` draws his party towards him and
    the other away, and who leans to him on bills leans to him on amendments.
    """
    return np.greater(toll - lean, follow * side)


class Legislator(mesa.Agent):
    """Holds one seat over worlds and hands it to the rules above; decides nothing itself."""

    def __init__(
        self,
        model: mesa.Model,
        *,
        seat: Seat,
        support: NDArray[np.float64],
        lean: NDArray[np.float64],
        day: NDArray[np.float64],
    ) -> None:
        super().__init__(model)
        self.seat = seat
        self.support = support  # the estimated part, logits, (worlds,)
        self.lean = lean  # the rest, logits, (worlds,), as it was on the day of the recorded roll call
        self.day = day  # luck of a later day: uniforms, (worlds,)
        self.toll: Worlds = 0.0  # what a threatened cut of aid takes from support, logits, (worlds,)
        self.here: NDArray[np.bool_]
        self.as_recorded()

    def hear_towns(self, loss_share: NDArray[np.float64], felt: NDArray[np.float64], legislature: Any) -> None:
        """The district's towns say what they would lose, and their mayors how much they mind, each (worlds,)."""
        self.toll = towns_toll(loss_share, felt, exposure=legislature.exposure, lobbying=legislature.lobbying)

    def come(self, *, absence: Worlds, steadiness: Worlds, novelty: Worlds) -> None:
        """A day of roll calls: here or absent, and in a mood that is partly the member's own of old."""
        self.here = self.day >= absence
        # above the chance of absence, what is left of the day's uniform is a uniform again; its odds need no division
        odds = np.asarray(self.day - absence)
        np.maximum(odds, SMALLEST, out=odds)
        odds /= 1.0 - self.day
        self.lean_today = later_lean(self.lean, np.log(odds, out=odds), steadiness=steadiness, novelty=novelty)
        self.for_it = self.support + self.lean_today

    def as_recorded(self) -> None:
        """The day of the recorded roll call; everybody is here."""
        self.here = np.broadcast_to(np.True_, self.lean.shape)
        self.lean_today = self.lean
        self.for_it = self.support + self.lean  # how much the member is for a bill, whatever is in it, logits

    def hurdle(self, aid_scope: Worlds, asked: Worlds) -> Worlds:
        """What a bill asks of the member, logits: ``asked`` of his side, and his towns' part of a cut of aid.

        ``aid_scope``: how much of the threatened cut is in the bill.
        """
        return asked + aid_scope * self.toll if np.ndim(aid_scope) or aid_scope else asked

    def votes_yes(self, aid_scope: Worlds, asked: Worlds) -> NDArray[np.bool_]:
        """Is the member for the bill at least as much as it asks? Indifference counts as yes, (worlds,)."""
        return self.for_it >= self.hurdle(aid_scope, asked)

    def price(self, aid_scope: Worlds, asked: Worlds) -> NDArray[np.float64]:
        """What the member's vote lacks, logits, (worlds,): none or less is a yes, and the absent have no price."""
        return np.where(self.here, self.hurdle(aid_scope, asked) - self.for_it, np.inf)

    def strikes_aid(self, aid_scope: Worlds, follow: Worlds) -> NDArray[np.bool_]:
        """Does the member vote to take town aid out of the bill? (worlds,)"""
        return wants_aid_struck(aid_scope * self.toll, self.lean_today, self.seat.side, follow=follow)

    def bears(self, misread: Worlds, shift: Worlds) -> NDArray[np.float64]:
        """The largest part of the threatened cut of aid with which the member would still be for the bill, (worlds,).

        As someone guesses it who has known the member since the recorded roll call and misread him by ``misread``.
        """
        for_it = self.support + self.lean + misread + (shift if self.seat.of_governors_party else 0.0)
        return for_it / np.maximum(self.toll, HARDLY_ANY)

    def leaves_in(self, misread: Worlds, follow: Worlds) -> NDArray[np.float64]:
        """The largest part of that cut which the member would not vote to strike, likewise, (worlds,)."""
        return (follow * self.seat.side + self.lean + misread) / np.maximum(self.toll, HARDLY_ANY)


def make_legislators(
    model: mesa.Model,
    seats: Sequence[Seat],
    coefficients: Mapping[str, Worlds],
    legislature: Any,
    luck: NDArray[np.uint16],
) -> list[Legislator]:
    """A legislator a seat. ``luck``: coarse, (2 x seats or more, worlds), a lasting one and one for a day a seat.

    ``legislature``: the numbers of the scenario's section. Where it says so, a member's lean is drawn among those with
    which he would have cast the vote that is on record.
    """
    coefficients = {name: single(amount) for name, amount in coefficients.items()}
    loyalty = single(legislature.loyalty)
    lines = {side: party_line(coefficients, side, loyalty=loyalty) for side in (1.0, -1.0)}
    members = []
    for seat, lasting, day in zip(seats, luck, luck[len(seats) :], strict=False):
        estimated = support(seat, coefficients, lines[seat.side])
        vote = seat.recorded_vote if legislature.recall else ""
        leans = lean_given_vote(uniform_at(lasting, estimated.dtype), estimated, vote)
        members.append(
            Legislator(model, seat=seat, support=estimated, lean=leans, day=uniform_at(day, estimated.dtype))
        )
    return members
