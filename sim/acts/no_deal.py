"""What no deal would bring: what the governor may expect to be allowed to cut, and what that costs him."""

from __future__ import annotations

import datetime

import numpy as np

from agents.chamber import Assembly, Expectation
from agents.governor import Whips
from sim.acts.lobbying import feared_cut, foreseen_toll
from sim.bodies import Bodies
from sim.public.aid import dual_wages, shares_of_cut
from sim.public.beliefs import in_order_of_date
from sim.public.cuts import Means, means_at_hand, year_left
from sim.scenario.numbers import Numbers
from sim.scenario.scenario import Scenario
from sim.state import State
from sim.worlds.axis import TINY, Array, Worlds, total, weighted_mean

LEAST_OF_YEAR = 0.05  # share of the budget year that a layoff saves, however late: keeps the posts it takes finite


def weigh_no_deal(state: State, bodies: Bodies, numbers: Numbers) -> None:
    """The governor works out what no deal is worth to him, as the gap and his expectations now are."""
    if state.expected is None:
        plan_request(state, bodies, numbers)
        assert state.expected is not None
        expected = state.expected
        state.without_deal = means(expected.share, expected.aid_share, state, numbers, layoffs=1.0)
    if state.with_deal is None:  # whatever he expects, with a deal he has what the law gives him
        state.with_deal = means(numbers.money.standing_authority, 0.0, state, numbers, layoffs=0.0)
    assert state.without_deal is not None
    left = np.maximum(state.gap - state.revenue, 0.0)
    bodies.governor.weigh_no_deal(left, state.with_deal, state.without_deal, deficit_cost=numbers.money.deficit_cost)


def plan_request(state: State, bodies: Bodies, numbers: Numbers) -> None:
    """What the governor would ask for today, and what he expects the chambers to grant."""
    governor, assembly, worlds = bodies.governor, bodies.assembly, state.worlds
    if assembly is None or numbers.legislature is None:
        # no body to ask: the employer's announced plan is the default
        request = governor.request(None)
        share = np.broadcast_to(request.share, worlds)
        state.request = request
        state.expected = Expectation(np.ones(worlds), np.zeros(worlds), share, share * request.aid_scope)
    else:
        whips = _whips(assembly, state, bodies, numbers)
        state.request = governor.request(whips)
        standing = np.broadcast_to(numbers.money.standing_authority, worlds)
        state.expected = governor.expects(state.request, whips, standing_share=standing)
    if bodies.mayors is not None:
        state.local_risk = local_risk(state.expected.aid_share * numbers.money.aid_total, bodies, numbers)
        state.unheard = True  # leaders hear it of members who share their union with the towns


def _whips(assembly: Assembly, state: State, bodies: Bodies, numbers: Numbers) -> Whips:
    assert numbers.legislature is not None
    if state.foreseen_toll is None:
        state.foreseen_toll = foreseen_toll(feared_cut(state, numbers), bodies)
    return Whips(
        chambers=assembly,
        asked=assembly.asked(jobs=jobs_at_stake(state, numbers)),
        toll=state.foreseen_toll,
        known=state.counted,
        margin=numbers.legislature.margin,
    )


def request_today(state: State, bodies: Bodies, numbers: Numbers) -> None:
    """What the governor asks for on the day itself, as his whips now count."""
    assembly = bodies.assembly
    state.request = bodies.governor.request(None if assembly is None else _whips(assembly, state, bodies, numbers))


def count_again(state: State, bodies: Bodies, numbers: Numbers) -> None:
    """Something has happened that his whips make him count anew: he plans again, and weighs what no deal is worth."""
    state.expected = None
    weigh_no_deal(state, bodies, numbers)


def local_risk(threat: Array, bodies: Bodies, numbers: Numbers) -> Worlds:
    """Share of payroll that towns sharing a union with the state would lay off under a cut of aid, M$/yr, (worlds,)."""
    mayors = bodies.mayors
    assert mayors is not None and numbers.towns is not None
    rows, halls = sorted(mayors.halls.dual_payroll), mayors.halls
    if not rows:
        return np.zeros(len(threat))
    shares = shares_of_cut(halls, numbers.towns.spread)
    feared = mayors.some(rows).layoffs_feared(threat * shares[rows])
    return total(feared) / dual_wages(halls, numbers.towns.payroll_share)


def jobs_at_stake(state: State, numbers: Numbers) -> Worlds:
    """Share of the state's posts on the list in force, (worlds,) or a number; a unit cannot lose more than it has."""
    scale = numbers.unions.list_scale
    most = 1 / np.maximum(scale, TINY)  # by the table, whatever has no posts on it at this scale
    return weighted_mean(np.minimum(state.listed, most), numbers.scenario.units.members) * scale


def means(
    share: Worlds,
    aid_share: Worlds,
    state: State,
    numbers: Numbers,
    *,
    layoffs: Worlds,
    taxes_pass: Worlds = True,
) -> Means:
    """The instruments within a power to cut, as shares of any line and of town aid.

    ``layoffs``: the share of posts on the list that nobody has protected. What is left of the year when the notices
    have run out bounds what they save.
    """
    return means_at_hand(
        numbers.instruments,
        [instrument.needs for instrument in numbers.scenario.sections.instruments],
        state.worlds,
        authority=share * numbers.money.cuttable,
        aid_authority=aid_share * numbers.money.aid_total,
        taxes_pass=taxes_pass,
        reach={"layoffs": layoffs * part_of_year(numbers.scenario)},
        extra_cost={"layoffs": numbers.governor.layoff_standing},
    )


def part_of_year(case: Scenario) -> float:
    """Share of the first budget year that a layoff saves when its notice goes out with the real ones."""
    calendar, threats = case.calendar, in_order_of_date(case.sections.threats)
    notice = calendar.settlement if calendar.window is None else calendar.window.notices
    lead = datetime.timedelta(weeks=threats[-1].lead_weeks if threats else 0)
    return max(year_left(notice, lead, calendar.fiscal_year), LEAST_OF_YEAR)
