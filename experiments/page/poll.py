"""What everybody would do if asked today. Nobody is, so asking moves nothing and draws no luck."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from sim.acts.beliefs import terms_of, weigh
from sim.acts.no_deal import jobs_at_stake
from sim.acts.vote import conditions_of_vote
from sim.crisis import Crisis
from sim.record import Happening, amount
from sim.state import today
from sim.worlds.axis import Array, in_single, single


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll(Happening):
    """Unions and seats as they lean today, what the governor and the members believe, and what makes a leader expect
    what he expects, in logits.

    ``would``, ``expects``, ``gain`` and ``loss`` are about the package; None: there is none on the table.
    """

    actor: ClassVar[str] = "everybody"
    expected_share: Array = amount("share of all posts")  # that members expect to go
    reservation: Array = amount("M$/yr")  # savings below which the governor would sooner cut
    risk: Array = amount("share of posts", "unions")  # that the union's members expect to lose
    goodwill: Array = amount("logits", "unions")  # as its leader hears it
    would: Array | None = amount("share of members", "unions")  # who would say yes
    expects: Array | None = amount("true or false", "unions")  # does its leader expect a yes?
    gain: Array | None = amount("logits", "unions")  # what the deal's protection from layoffs is worth
    loss: Array | None = amount("logits", "unions")  # what the deal's burden costs
    lean: Array | None = amount("logits", "seats")  # beyond what the governor's bill asks; None: no chamber
    toll: Array | None = amount("logits", "seats")  # what the threatened cut of aid takes from it


class OfUnions(NamedTuple):
    """What unions make of a package, each (unions, worlds)."""

    would: Array
    expects: Array
    gain: Array
    loss: Array


def poll(crisis: Crisis, package: Array | None) -> Poll:
    """Ask everybody about the package, (issues, worlds), and legislators about the governor's bill."""
    state, bodies, numbers = crisis.state, crisis.bodies, crisis.numbers
    weighed = weigh(state, bodies, numbers)
    asked = None if package is None else _about(package, crisis)
    lean = toll = None
    if bodies.assembly is not None:
        members = bodies.assembly.members
        scope = 0.0 if state.request is None else state.request.aid_scope
        bill = bodies.assembly.asked(jobs=jobs_at_stake(state, numbers))
        lean = members.for_it - members.hurdle(scope, bill)
        toll = np.broadcast_to(single(scope) * members.toll, lean.shape)
    return Poll(
        **today(state),
        expected_share=weighed.mean_risk,
        reservation=bodies.governor.reservation,
        risk=weighed.risks,
        goodwill=weighed.hearing.voters.goodwill,
        would=None if asked is None else asked.would,
        expects=None if asked is None else asked.expects,
        gain=None if asked is None else asked.gain,
        loss=None if asked is None else asked.loss,
        lean=lean,
        toll=toll,
    )


def _about(package: Array, crisis: Crisis) -> OfUnions:
    """The members' chance as a vote today would ask it, without what the day adds; and what their leaders hear."""
    state, bodies, numbers = crisis.state, crisis.bodies, crisis.numbers
    hearing, deal = weigh(state, bodies, numbers).hearing, terms_of(package, numbers)
    seen = type(deal)(*map(single, deal))
    shape = (bodies.units.bodies, state.worlds)
    again = bool(state.tallies) and numbers.calendar.window is not None
    yes, _ = bodies.units.say_yes(
        seen,
        in_single(numbers.members),
        conditions_of_vote(2 if again else 1, state, bodies, numbers).in_single(),
        listed=np.broadcast_to(state.share_listed(numbers.unions.list_scale), shape),
        belief=np.broadcast_to(state.beliefs.of_units(), shape),
        information=bodies.units.information.stacked(state.worlds),
        bands=numbers.scenario.seniority,
    )
    appeal = hearing.voters.on_benefits(seen)
    return OfUnions(
        would=bodies.unions.average(yes),
        expects=hearing.expects_yes(deal),
        gain=appeal.protection * hearing.risk,
        loss=hearing.voters.goodwill - appeal.certain,
    )
