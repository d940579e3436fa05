"""The deadline: whether it is moved, whether there was anything to agree on, and whether it was agreed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.acts.beliefs import terms_of, weigh
from sim.acts.rounds import rounds_after_the_deadline
from sim.acts.table import take_stock
from sim.bargaining.efficiency import DEAL_MEASURES, judged
from sim.bargaining.impasse import Reason, last_offers, spent, why_no_deal
from sim.bargaining.package import TOLERANCE
from sim.bargaining.talks import Talks
from sim.bargaining.union_tables import UnionTables
from sim.bodies import Bodies
from sim.outcomes import NO_TENTATIVE_DEAL, NO_ZONE_OF_AGREEMENT, REFUSED
from sim.record import Deadline, Extension
from sim.scenario.numbers import Numbers
from sim.state import Happenings, State, today
from sim.worlds.axis import Array
from sim.worlds.randomness import Luck


def move_deadline(state: State, bodies: Bodies, numbers: Numbers, luck: Luck) -> Happenings:
    """The deadline comes without a deal: it is moved where both sides would rather pay for more time than give up."""
    talks = state.talks
    if talks is None:
        return []
    take_stock(state, bodies, numbers)
    moved = talks.wanting_more_time(numbers.calendar.talks.extension_price or 0.0)
    talks.move_deadline(rounds_after_the_deadline(numbers), moved)
    return [Extension(**today(state, moved), until=numbers.scenario.calendar.talks.end)] if moved.any() else []


def end_talks(state: State, bodies: Bodies, numbers: Numbers, luck: Luck) -> Happenings:
    """The deadline, and nobody takes it down: was there anything to agree on, and was it agreed?"""
    if state.talks is None:
        state.in_zone = state.everywhere
    else:
        take_stock(state, bodies, numbers)
        weigh(state, bodies, numbers)  # also where there is a deal
        if state.tables is None:
            state.in_zone = _zone(state.talks)
        else:  # as many as the rule asks for must settle
            zones = np.stack([_zone(table) for table in state.tables.tables])
            state.in_zone = bodies.coalition.could_ratify(zones, numbers.rules.ratification)
    without = np.where(state.in_zone, NO_TENTATIVE_DEAL, NO_ZONE_OF_AGREEMENT)
    state.outcome = np.where(state.agreed, REFUSED, without)
    state.talks_over = True
    return []


def close_talks(state: State, bodies: Bodies, numbers: Numbers, luck: Luck) -> Happenings:
    """The deadline: how far each side had come, and what the deal is worth."""
    end_talks(state, bodies, numbers, luck)
    impasse = _impasse(state, numbers)
    over = Deadline(
        **today(state),
        agreed=state.agreed,
        in_zone=state.in_zone,
        package=state.package,
        agreed_round=_agreed_round(state),
        agreed_day=None if state.talks is None else state.agreed_day,
        judged=_judged(state),
        reason=impasse.reason,
        last_offers=impasse.apart,
        closing=impasse.closing,
    )
    return [over]


class _Impasse(NamedTuple):
    """See `Deadline`."""

    reason: Array | None = None
    apart: Array | None = None
    closing: Array | None = None


def _impasse(state: State, numbers: Numbers) -> _Impasse:
    """Why there is no deal, and how near the last offers came.

    Where unions sat apart and enough of them could have settled, the reason at the first table, in the order of
    payroll, that could have and did not; and the offers at the table that led.
    """
    talks = state.talks
    if talks is None:
        return _Impasse()
    if state.tables is None:
        why = why_no_deal(state.agreed, zone=state.in_zone, zone_with_demands=_room(talks), spent=spent(talks))
    else:
        why = _why_apart(state.tables, state, numbers)
    found = None if talks.agreed.all() else last_offers(talks)
    if found is None:
        return _Impasse(why)
    between = terms_of(found.first, numbers).savings - terms_of(found.second, numbers).savings
    return _Impasse(why, np.where(talks.agreed, np.nan, between), np.where(talks.agreed, -1, found.closing))


def _zone(talks: Talks) -> NDArray[np.bool_]:
    """Would the deal that leaves the governor what no deal does, and is best for labour, be signed? (worlds,)"""
    governor, labour = talks.sides
    beats_none = np.asarray(governor.reservation) <= 1  # some package is worth as much to him as no deal
    return labour.accepts(talks.table.true_frontier().offer(governor.reservation), beats_none)


def _room(talks: Talks) -> NDArray[np.bool_]:
    """Does some deal serve both sides, with what taking back their public demands costs them? (worlds,)"""
    governor, labour = talks.sides
    at_his_floor = talks.table.true_frontier().offer(governor.floor)
    room = (governor.floor <= 1) & (labour.value(at_his_floor) >= labour.floor - TOLERANCE)
    return labour.accepts(at_his_floor, room)


def _why_apart(tables: UnionTables, state: State, numbers: Numbers) -> Array:
    told, why = ~state.in_zone, np.full(state.worlds, Reason.NO_ZONE, np.int8)
    units = numbers.scenario.units
    payroll = numbers.scenario.unions.sum.add_up((units.pay_kusd * units.members)[:, None])[:, 0]  # as tabled
    for place in np.argsort(-payroll, kind="stable"):
        table = tables.tables[place]
        zone, missed = _zone(table), ~told & ~table.agreed
        here = why_no_deal(table.agreed, zone=zone, zone_with_demands=_room(table), spent=spent(table))
        why, told = np.where(missed & zone, here, why), told | (missed & zone)
    why[state.agreed] = Reason.DEAL
    return why


def _agreed_round(state: State) -> Array | None:
    """The round of the agreement, from 0, -1 without one, (worlds,); None where nobody bargained."""
    if state.talks is None:
        return None
    talks = state.talks if state.tables is None else state.tables
    return np.where(state.agreed, talks.agreed_round, -1)


def _judged(state: State) -> dict[str, Array] | None:
    """How good the deal is for both sides, by what they knew when they made it; NaN without a deal, None without any.

    Where unions sat at tables of their own, the average over the payroll of those that settled.
    """
    if state.talks is None or not state.agreed.any():
        return None
    if state.tables is None:
        found = list(judged(state.talks))
    else:
        found = state.tables.average([judged(table) for table in state.tables.tables])
    return {name: np.where(state.agreed, column, np.nan) for name, column in zip(DEAL_MEASURES, found, strict=True)}
