"""What members make of the threats so far, and what their leaders expect to carry home."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.coalition import members_weights
from agents.leader import Hearing
from agents.members import Conditions
from sim.bargaining.terms import Burden, Terms, burden, terms
from sim.bodies import Bodies
from sim.scenario.numbers import Numbers
from sim.state import State, Weighed
from sim.worlds.axis import TINY, Array, in_worlds, total


def terms_of(package: Array, numbers: Numbers) -> Terms:
    """A package, (issues, worlds), in savings, burden and protection."""
    return terms(package, numbers.rows)


def burden_of(package: Array, numbers: Numbers) -> Burden:
    """What members look at in a package, (issues, worlds)."""
    return burden(package, numbers.rows)


def conditions_of(state: State, numbers: Numbers) -> Conditions:
    """What surrounds the members' word today."""
    leaked = None if numbers.calendar.talks.blackout else state.leaked_burden
    return Conditions(resentment=state.beliefs.resentment, local_risk=state.local_risk, leaked_burden=leaked)


def weigh(state: State, bodies: Bodies, numbers: Numbers) -> Weighed:
    """What is made of the beliefs as they are; worked out when somebody first asks."""
    if state.relieved:
        state.weighed, state.relieved = None, False
    if state.weighed is not None and not state.unheard:
        return state.weighed
    if state.weighed is None:
        belief = state.beliefs.of_units()
        risk = state.share_listed(numbers.unions.list_scale) * belief
        risks = bodies.unions.average(np.broadcast_to(risk, (bodies.units.bodies, risk.shape[-1])))
        mean_risk = total(bodies.unions.members * risks) / bodies.coalition.all_members
        weights = members_weights(
            numbers.rows.burden,
            numbers.rows.protects,
            risk=mean_risk,
            loss=numbers.members.loss_if_laid_off,
            loss_aversion=numbers.members.loss_aversion,
        )
    else:
        belief, risks, mean_risk, weights, _ = state.weighed
    state.weighed = Weighed(
        belief=belief,
        risks=risks,
        mean_risk=mean_risk,
        member_weights=weights,
        hearing=bodies.leaders.hear(conditions_of(state, numbers), risk=risks),
    )
    state.unheard = False
    return state.weighed


def union_weights(union: int, state: State, bodies: Bodies, numbers: Numbers) -> Array:
    """What a unit of each row of the issues is worth to the average member of one union, (rows, worlds)."""
    factor = bodies.leaders.wage_factor[union]
    rows = numbers.rows
    return members_weights(
        np.where(rows.on_wages[:, None], rows.burden * factor, rows.burden),
        rows.protects,
        risk=weigh(state, bodies, numbers).risks[union],
        loss=numbers.members.loss_if_laid_off,
        loss_aversion=numbers.members.loss_aversion,
    )


def leaders_would_sign(
    package: Array,
    here: NDArray[np.int64] | None = None,
    *,
    state: State,
    bodies: Bodies,
    numbers: Numbers,
    in_pieces: bool = False,
) -> NDArray[np.bool_]:
    """Are the leaders content with this package, (issues, worlds here), as they hear their members now? (worlds here,)

    ``here``: the worlds that it is about, by place; None: all. ``in_pieces``: it comes by piece, (pieces, worlds here).
    """
    hearing = _heard_at_the_table(state, bodies, numbers)
    yes = _expects_yes(hearing, package, here, bodies, numbers, in_pieces=in_pieces)
    rule = numbers.rules.ratification
    if here is None:
        return bodies.coalition.content_with(yes, rule)
    everywhere = np.zeros((len(yes), state.worlds), bool)
    everywhere[:, here] = yes
    return bodies.coalition.content_with(everywhere, rule)[here]


def _heard_at_the_table(state: State, bodies: Bodies, numbers: Numbers) -> Hearing:
    """What leaders hear of members while they talk: who is relieved where there is a deal says nothing elsewhere."""
    if state.weighed is None or state.unheard or state.talks_over:
        return weigh(state, bodies, numbers).hearing
    return state.weighed.hearing


def leader_would_sign(
    union: int,
    package: Array,
    here: NDArray[np.int64] | None = None,
    *,
    state: State,
    bodies: Bodies,
    numbers: Numbers,
    in_pieces: bool = False,
) -> NDArray[np.bool_]:
    """Does the leader of this union expect its members to say yes to a package of their own? Shapes as above."""
    hearing = weigh(state, bodies, numbers).hearing.of_union(union)
    return _expects_yes(hearing, package, here, bodies, numbers, in_pieces=in_pieces)[0]


def _expects_yes(
    hearing: Hearing,
    package: Array,
    here: NDArray[np.int64] | None,
    bodies: Bodies,
    numbers: Numbers,
    *,
    in_pieces: bool,
) -> NDArray[np.bool_]:
    """Where leaders who hear this expect their members to say yes, (unions, worlds here); see `leaders_would_sign`."""
    expected = burden(package, numbers.rows, here, in_pieces=in_pieces)
    return hearing.of_worlds(here).expects_yes(expected, beyond=in_worlds(bodies.leaders.margin, here))


def mean_belief(state: State, bodies: Bodies) -> Array:
    """Chance that the average listed post goes, as members see it, (worlds,)."""
    posts = state.listed * bodies.units.tabled[:, None]
    weighed = None if state.relieved else state.weighed
    beliefs = state.beliefs.of_units() if weighed is None else weighed.belief
    expected = total(np.broadcast_to(posts * beliefs, (len(posts), state.worlds)))
    return np.broadcast_to(expected / np.maximum(total(posts), TINY), state.worlds).astype(float)
