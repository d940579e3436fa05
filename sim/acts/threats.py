"""Threats and news: the governor's acts, each with its price, and what nobody at the table does."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.coalition import reservation_value
from sim.acts.beliefs import mean_belief, terms_of, weigh
from sim.acts.lobbying import mayors_answer
from sim.acts.no_deal import count_again, weigh_no_deal
from sim.acts.table import would_sign
from sim.bargaining.frontier import Frontier
from sim.bodies import Bodies
from sim.public.beliefs import Threat, exposure, re_aimed
from sim.record import Reported, Threatened, Withdrawal
from sim.scenario.numbers import Numbers
from sim.state import Happenings, State, today
from sim.worlds.axis import TINY, Array
from sim.worlds.randomness import Luck


def threaten(state: State, bodies: Bodies, numbers: Numbers, luck: Luck, *, name: str) -> Happenings:
    """The governor acts to be believed; members weigh it, and so do both sides at the table."""
    threat, units = numbers.threats[name], numbers.scenario.units
    drawn_up = units.list_share[threat.list]
    before = aimed = state.re_aimed.get(threat.list, drawn_up[:, None])
    if threat.aim_at:
        aim = threat.aim if threat.aim is not None else 0.0
        aimed = re_aimed(drawn_up, units.members, units.names.index(threat.aim_at), aim)
    gain = None
    if bodies.governor.weighs_gains and not state.talks_over:
        gain = _added_savings(threat, aimed, state, bodies, numbers)
    acts = bodies.governor.threatens(threat, state.where(threat.when), gain)
    # a list that nobody published is no list
    listed = aimed if acts.all() else np.where(acts, aimed, state.listed)
    if threat.aim_at:
        state.re_aimed[threat.list] = aimed if acts.all() else np.where(acts, aimed, before)
    other_posts = bool(np.any(listed != state.listed))
    state.listed = listed
    state.beliefs.threaten(exposure(aimed, units.members), threat, acts)
    state.threat_cost = state.threat_cost + np.where(acts, threat.cost, 0.0)
    state.threats_out.append((threat, acts))
    state.untold = True
    if acts.any():
        state.weighed = None
    if other_posts and not state.talks_over:  # other jobs are at stake: the whips count anew
        count_again(state, bodies, numbers)
    weighed = weigh(state, bodies, numbers)
    threatened = Threatened(
        **today(state, acts),
        name=threat.name,
        act=threat.act,
        cost=threat.cost,
        listed=listed,
        belief=mean_belief(state, bodies),
        expected_share=weighed.mean_risk,
    )
    if threat.aid is None:
        return [threatened]
    named = np.maximum(state.aid_threat, threat.aid * _open_share(state))  # they fear no less for a shorter list
    return [threatened, *mayors_answer(named, "list", acts, state, bodies)]


def _open_share(state: State) -> Array:
    """Part of the gap that better revenue has not filled, in [0, 1], (worlds,): a menu of cuts shrinks with it."""
    return np.clip(1 - state.revenue / np.maximum(state.gap, TINY), 0.0, 1.0)


def _added_savings(threat: Threat, aimed: Array, state: State, bodies: Bodies, numbers: Numbers) -> Array:
    """What a threat would add to the savings that leaders could carry home, M$/yr, (worlds,)."""
    listed, before = state.listed, _ratifiable_savings(state, bodies, numbers)
    state.listed, state.weighed = aimed, None
    state.beliefs.threaten(exposure(aimed, numbers.scenario.units.members), threat, True)
    gain = _ratifiable_savings(state, bodies, numbers) - before
    state.beliefs.take_back()
    state.listed, state.weighed = listed, None
    return gain


def _ratifiable_savings(state: State, bodies: Bodies, numbers: Numbers) -> Array:
    """The largest savings that the leaders now expect to carry home, M$/yr, (worlds,)."""
    labours = weigh(state, bodies, numbers).member_weights
    both = Frontier(labours, bodies.governor.weights, state.low, state.high, pieces=numbers.rows.pieces)
    least = reservation_value(both, would_sign(state, bodies, numbers, in_pieces=True), state.worlds)
    return np.where(least > 1, 0.0, terms_of(both.offer(least), numbers).savings)


def withdraw_threats(where: NDArray[np.bool_], state: State, numbers: Numbers) -> Happenings:
    """A deal withdraws what was threatened; that has a price too, and members come to believe and resent it less."""
    if not state.threats_out:
        return []
    cost, withdrawn = np.zeros(state.worlds), np.stack([acts & where for _, acts in state.threats_out])
    for place, ((threat, _), taken) in enumerate(zip(state.threats_out, withdrawn, strict=True)):
        state.beliefs.fade(place, taken, evidence=numbers.belief.fades, affront=numbers.members.forgiven)
        price = np.where(taken, threat.withdrawal, 0.0)
        cost, state.threat_cost = cost + price, state.threat_cost + price
    names = tuple(threat.name for threat, _ in state.threats_out)
    state.threats_out, state.relieved = [(threat, acts & ~where) for threat, acts in state.threats_out], True
    return [Withdrawal(**today(state, np.logical_or.reduce(withdrawn)), names=names, withdrawn=withdrawn, cost=cost)]


def hear_news(state: State, bodies: Bodies, numbers: Numbers, luck: Luck, *, name: str) -> Happenings:
    """Something nobody at the table does: it moves beliefs and, where it is money, the gap."""
    news = numbers.news[name]
    happens = state.where(news.when)
    state.beliefs.hear(news.believed, happens)
    state.untold = True
    if happens.any():
        state.weighed = None
    usable, happenings, before = None, [], _open_share(state)
    if news.revenue is not None:
        usable = news.revenue * (1.0 if news.usable is None else news.usable)
        state.revenue = state.revenue + np.where(happens, usable, 0.0)
        weigh_no_deal(state, bodies, numbers)
        if state.aid_threat.any():
            less = state.aid_threat * _open_share(state) / np.maximum(before, TINY)
            happenings = mayors_answer(less, "news", happens, state, bodies)
    told = Reported(
        **today(state, happens),
        name=name,
        event=news.event,
        revenue=news.revenue,
        usable=usable,
        expected_share=weigh(state, bodies, numbers).mean_risk,
    )
    return [told, *happenings]
