"""The end: what is left of the gap is filled by whoever may be made to pay, and the towns absorb what reaches them."""

from __future__ import annotations

import numpy as np

from agents.mayor import Mayor
from agents.union import Unit
from sim.acts.beliefs import mean_belief
from sim.acts.no_deal import means, part_of_year
from sim.acts.session import powers_held, taxes_would_pass
from sim.acts.threats import withdraw_threats
from sim.bargaining.rows import Rows
from sim.bodies import Bodies
from sim.outcomes import RATIFIED_FIRST_VOTE, RATIFIED_SECOND_VOTE, REFUSED_BY_LEGISLATURE
from sim.public.aid import shares_of_cut
from sim.public.cuts import posts_by_unit, posts_lost
from sim.public.towns import Limits
from sim.record import Absorption, Filling
from sim.scenario.numbers import Numbers
from sim.state import Happenings, Mask, State, today
from sim.worlds.axis import TINY, Array, Worlds, in_worlds, total
from sim.worlds.randomness import Luck, Stream, uniform_at


def settle(state: State, bodies: Bodies, numbers: Numbers, luck: Luck) -> Happenings:
    """The outcome named, the gap filled within the powers held, the towns absorbing what reaches them."""
    in_force = _name_the_outcome(state)
    happenings = withdraw_threats(in_force, state, numbers)
    savings, unprotected = kept_bargain(in_force, state, bodies, numbers.rows)
    share, aid_share = powers_held(in_force, state, bodies, numbers)
    exposed, pass_taxes = _exposed(unprotected, state, bodies), _taxes_pass(bodies, numbers)
    at_hand = means(share, aid_share, state, numbers, layoffs=exposed, taxes_pass=pass_taxes)
    left = state.gap - savings
    revenue = np.clip(state.revenue, 0.0, np.maximum(left, 0.0))
    filled = bodies.governor.fills(at_hand, left - revenue)
    saved_a_post, year = numbers.money.layoff_saves, part_of_year(numbers.scenario)
    posts = np.asarray(posts_lost(filled.of("layoffs"), saved_a_post=saved_a_post, year_left=year))
    filling = Filling(
        **today(state),
        outcome=state.outcome,
        gap=state.gap,
        savings=savings,
        revenue=revenue,
        filled=filled,
        authority=share * numbers.money.cuttable,
        authority_share=share,
        aid_share=aid_share,
        posts=posts,
        unit_posts=_posts_by_unit(posts, unprotected, state, bodies),
        approved=state.approved,
        belief=mean_belief(state, bodies),
        reservation=bodies.governor.reservation,
        threat_cost=state.threat_cost,
        local_risk=state.local_risk,
    )
    happenings.append(filling)
    if bodies.mayors is not None:
        happenings += absorb(filled.of("aid"), bodies.mayors, state, numbers, luck)
    return happenings


def _name_the_outcome(state: State) -> Mask:
    """How the crisis ends, in the code of `sim.outcomes`; where a deal is in force, (worlds,)."""
    first, second = state.ratified
    ratified = first | second
    ends = np.where(first, RATIFIED_FIRST_VOTE, np.where(second, RATIFIED_SECOND_VOTE, state.outcome))
    state.outcome = np.where(ratified & ~state.approved, REFUSED_BY_LEGISLATURE, ends).astype(np.int8)
    return ratified & state.approved


def _taxes_pass(bodies: Bodies, numbers: Numbers) -> Worlds:
    """Would the chambers raise taxes, where they may be raised? Where there are none, nobody is in their way."""
    taxes = numbers.instruments.get("taxes")
    if bodies.assembly is None or taxes is None or not taxes.allowed:
        return True
    return taxes_would_pass(bodies.assembly, taxes.capacity)


def accepting(state: State, units: Unit, rows: Rows) -> Mask:
    """Units that bear their part of a deal that is ratified, (units, worlds).

    Where a part of it is on wages, those that accepted that part, or the deal where that is all of it; else all.
    """
    if not rows.on_wages.any():
        return np.ones(units.members.shape, bool)
    ballots = units.wages if rows.wages_apart else units.benefits
    accepts = ballots[0].carried
    if len(ballots) > 1:  # where the first vote ratified it counts, elsewhere the second, if any does
        accepts = (state.ratified[0] & accepts) | (~state.ratified[0] & ballots[1].carried)
    return accepts


def kept_bargain(in_force: Mask, state: State, bodies: Bodies, rows: Rows) -> tuple[Array, Array]:
    """Savings of the deal in force, M$/yr, (worlds,), and the share of a unit's posts it leaves unprotected.

    A unit that refuses the wages part keeps its raises, so the state saves less, and loses its protection.
    """
    units = bodies.units
    if not state.tallies or state.deal is None:
        return np.zeros(state.worlds), np.ones((units.bodies, state.worlds))
    accepts = accepting(state, units, rows) & in_force
    payroll = units.payroll
    if state.deals is None:
        unprotected = 1.0 - accepts * state.deal.protection
        forgone = state.deal.wage_savings * total(payroll * ~accepts)
    else:
        of_unit = bodies.units.union
        protection, saved = (
            np.stack([np.broadcast_to(part, state.worlds) for part in parts])[of_unit]
            for parts in (
                [deal.protection for deal in state.deals],
                [deal.wage_savings for deal in state.deals],
            )
        )
        unprotected = 1.0 - accepts * protection
        forgone = total(saved * payroll * ~accepts)
    savings = state.deal.savings - forgone / total(payroll)
    # what a deal saves beyond the gap is no part of filling it
    return np.where(in_force, np.minimum(savings, state.gap), 0.0), unprotected


def _exposed(unprotected: Array, state: State, bodies: Bodies) -> Array:
    """Share of the posts that layoffs may take which nobody has protected, (worlds,)."""
    posts = _within_reach(state, bodies)
    return total(posts * unprotected) / np.maximum(total(posts), TINY) if state.tallies else np.ones(state.worlds)


def _within_reach(state: State, bodies: Bodies) -> Array:
    """Posts that layoffs may take, (units, worlds): those on the list in force, or any where it names none."""
    posts = state.listed * bodies.units.members
    return np.where(total(posts) > 0, posts, bodies.units.members)


def _posts_by_unit(posts: Array, unprotected: Array, state: State, bodies: Bodies) -> Array:
    """Posts lost by unit, (units, worlds), from those lost in all."""
    here = np.flatnonzero(posts > 0)
    members = bodies.units.members[:, here]
    lost = np.zeros(unprotected.shape)
    lost[:, here] = posts_by_unit(posts[here], _within_reach(state, bodies)[:, here] * unprotected[:, here], members)
    return lost


def absorb(aid_cut: Array, mayors: Mayor, state: State, numbers: Numbers, luck: Luck) -> Happenings:
    """Every town absorbs its part of a cut of aid, M$/yr, (worlds,); only worlds that cut are looked at."""
    assert numbers.towns is not None
    here = np.flatnonzero(aid_cut > 0)
    if not len(here):
        return []
    limits = Limits.of(numbers.towns, here)
    shares = shares_of_cut(mayors.halls, in_worlds(numbers.towns.spread, here))
    loss = aid_cut[here] * shares
    found = mayors.absorb(loss, uniform_at(luck.coarse(Stream.TOWN_UNIONS, mayors.bodies, here)), here)
    mills = found.taxes * (1000 / mayors.grand_list)
    absorption = Absorption(
        **today(state, aid_cut > 0),
        here=here,
        aid=aid_cut,
        loss=loss,
        reserves=found.reserves,
        deferral=found.deferral,
        concessions=found.concessions,
        layoffs=found.layoffs,
        taxes=found.taxes,
        unabsorbed=found.unabsorbed,
        mills=mills,
        posts=found.layoffs / limits.post_cost,
        mill_rise=total(mayors.halls.shares[1] * mills),
        post_cost=limits.post_cost,
    )
    return [absorption]
