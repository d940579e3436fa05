"""What no deal would bring: what the governor may expect to be allowed to cut, and what that costs him."""

from __future__ import annotations

import datetime

import numpy as np

from agents.chamber import Expectation
from sim.bodies import Bodies
from sim.public.aid import dual_wages, loss_in_districts, shares_of_cut, threatened_aid
from sim.public.cuts import Means, means_at_hand, year_left
from sim.record import Lobbying
from sim.scenario.numbers import Numbers
from sim.scenario.scenario import Scenario
from sim.state import State, today
from sim.worlds.axis import Array, Worlds, single, total, weighted_mean


def weigh_no_deal(state: State, bodies: Bodies, numbers: Numbers) -> None:
    """The governor works out what no deal is worth to him, as the gap and his expectations now are."""
    if state.expected is None:
        plan_request(state, bodies, numbers)
        assert state.expected is not None
        expected = state.expected
        state.without_deal = means(expected.share, expected.aid_share, state, numbers, layoffs=1.0)
        state.with_deal = means(numbers.money.standing_authority, 0.0, state, numbers, layoffs=0.0)
    assert state.with_deal is not None and state.without_deal is not None
    left = np.maximum(state.gap - state.revenue, 0.0)
    bodies.governor.weigh_no_deal(left, state.with_deal, state.without_deal, deficit_cost=numbers.money.deficit_cost)


def plan_request(state: State, bodies: Bodies, numbers: Numbers) -> None:
    """What the governor would ask for, how loud the mayors would be, and what he expects the chambers to grant."""
    governor, assembly, worlds = bodies.governor, bodies.assembly, state.worlds
    if assembly is None or numbers.legislature is None:
        # no body to ask: the employer's announced plan is the default
        request = governor.request(None)
        share = np.broadcast_to(request.share, worlds)
        state.request = request
        state.expected = Expectation(np.ones(worlds), np.zeros(worlds), share, share * request.aid_scope)
    else:
        feared = numbers.legislature.feared
        threat = threatened_aid(numbers.governor.request_share, numbers.money.aid_total, feared=feared)
        mayors_speak(np.broadcast_to(threat, worlds), state, bodies)
        asked = assembly.asked(jobs=jobs_at_stake(state, numbers))
        state.request = governor.request(assembly, margin=numbers.legislature.margin, asked=asked)
        standing = np.broadcast_to(numbers.money.standing_authority, worlds)
        state.expected = governor.expects(state.request, assembly, standing_share=standing, asked=asked)
    if bodies.mayors is not None:
        state.local_risk = local_risk(state.expected.aid_share * numbers.money.aid_total, bodies, numbers)
        state.weighed = None  # leaders hear it of members who share their union with the towns


def mayors_speak(threat: Array, state: State, bodies: Bodies) -> Lobbying | None:
    """Mayors lobby against a threatened cut of aid, M$/yr, (worlds,), and the legislators of their towns hear them."""
    mayors = bodies.mayors
    if mayors is None:
        return None
    threat, spread = single(threat), single(mayors.preferences.spread)
    effort = mayors.lobby(threat * (shares_of_cut(mayors.halls, spread) / single(mayors.budget)))
    felt, chorus = mayors.heard(effort)
    state.chorus = chorus.astype(float)
    if bodies.assembly is not None:
        bodies.assembly.members.hear_towns(loss_in_districts(mayors.halls, threat, spread=spread), felt)
    return Lobbying(**today(state), threatened=threat, effort=effort, chorus=state.chorus)


def local_risk(threat: Array, bodies: Bodies, numbers: Numbers) -> Worlds:
    """Share of payroll that towns sharing a union with the state would lay off under a cut of aid, M$/yr, (worlds,)."""
    mayors = bodies.mayors
    assert mayors is not None and numbers.towns is not None
    rows, halls = sorted(mayors.halls.dual_payroll), mayors.halls
    if not rows:
        return np.zeros(len(threat))
    shares = shares_of_cut(halls, numbers.towns.spread)
    feared = [mayors.one(row).layoffs_feared(threat * shares[row]) for row in rows]
    return total(feared) / dual_wages(halls, numbers.towns.payroll_share)


def jobs_at_stake(state: State, numbers: Numbers) -> Worlds:
    """Share of the state's posts on the list in force, (worlds,) or a number."""
    return weighted_mean(state.listed, numbers.scenario.units.members) * numbers.unions.list_scale


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
    calendar = case.calendar
    leads = [threat.lead_weeks for threat in case.sections.threats]
    notice = calendar.settlement if calendar.window is None else calendar.window.notices
    lead = datetime.timedelta(weeks=leads[-1] if leads else 0)
    return max(year_left(notice, lead, calendar.fiscal_year), 0.05)
