"""Cuts at least political cost: exact, within every limit, and adding up."""

from __future__ import annotations

import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from sim.public.cuts import (
    Means,
    affordable,
    means_at_hand,
    political_cost,
    posts_by_unit,
    posts_lost,
    reservation_savings,
    water_fill,
    within_authority,
    year_left,
)
from sim.scenario.scenario import load_scenario

NAMES = ("layoffs", "programmes", "aid", "taxes")
NEEDS = ("authority", "authority", "authority_over_aid", "chambers")
SAVED_A_POST = 455 / 4742  # M$/yr
FISCAL_YEAR = datetime.date(2011, 7, 1)
EIGHT_WEEKS = datetime.timedelta(weeks=8)


def some_means(seed: int, worlds: int = 40) -> Means:
    """Instruments of all kinds: dear and cheap, steep and flat, some without any capacity."""
    rng = np.random.default_rng(seed)
    shape = (len(NAMES), worlds)
    cap = rng.uniform(0, 600, shape) * (rng.random(shape) > 0.2)
    return Means(NAMES, rng.uniform(0, 2.5, shape), rng.uniform(1e-5, 0.02, shape), cap)


def some_need(seed: int, worlds: int = 40) -> np.ndarray:
    return np.random.default_rng(seed + 1).uniform(0, 2000, worlds)


seeds = st.integers(min_value=0, max_value=2**32 - 2)


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_the_money_adds_up_and_no_capacity_is_exceeded(seed):
    means, need = some_means(seed), some_need(seed)
    filled = water_fill(means, need)
    assert_allclose(filled.amounts.sum(axis=0) + filled.deficit, need, rtol=1e-9)
    assert np.all(filled.amounts >= 0) and np.all(filled.amounts <= means.cap)
    assert np.all(filled.deficit >= 0)
    # a deficit is reported only where everything else is used up
    short = filled.deficit > 1e-6
    assert_allclose(filled.amounts[:, short], means.cap[:, short], rtol=1e-9)


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_marginal_costs_are_equal_where_an_instrument_is_used_in_part(seed):
    """Karush-Kuhn-Tucker: used in part, its marginal cost is the level; unused, above it; exhausted, below it."""
    means, need = some_means(seed), some_need(seed)
    filled = water_fill(means, need)
    marginal = means.cost + means.slope * filled.amounts
    slack = 1e-6
    part = (filled.amounts > slack) & (filled.amounts < means.cap - slack)
    level = np.broadcast_to(filled.level, marginal.shape)
    assert_allclose(marginal[part], level[part], atol=1e-7)
    in_play = (filled.deficit < slack) & (need > slack)
    unused = (filled.amounts <= 0) & (means.cap > 0) & in_play
    exhausted = (filled.amounts >= means.cap) & (means.cap > 0) & in_play
    assert np.all(marginal[unused] >= level[unused] - 1e-7)
    assert np.all(marginal[exhausted] <= level[exhausted] + 1e-7)


@settings(max_examples=40, deadline=None)
@given(seeds, st.floats(min_value=0, max_value=300))
def test_a_larger_gap_takes_no_less_from_any_instrument(seed, more):
    means, need = some_means(seed), some_need(seed)
    before, after = water_fill(means, need), water_fill(means, need + more)
    assert np.all(after.amounts >= before.amounts - 1e-7)
    assert np.all(after.deficit >= before.deficit - 1e-7)
    assert np.all(after.level >= before.level - 1e-9)


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_the_authority_binds_cuts_together_and_aid_alone(seed):
    means, need = some_means(seed), some_need(seed)
    rng = np.random.default_rng(seed + 2)
    authority, over_aid = (
        rng.uniform(0, 1200, need.size),
        rng.uniform(0, 300, need.size) * (rng.random(need.size) > 0.4),
    )
    limited = within_authority(means, NEEDS, authority=authority, aid_authority=over_aid)
    filled = water_fill(limited, need)
    assert np.all(filled.amounts[:3].sum(axis=0) <= authority * (1 + 1e-9) + 1e-9)
    assert np.all(filled.of("aid") <= over_aid + 1e-9)
    # no other way within the limits is cheaper, as long as a deficit is dearer than any cut
    best = political_cost(means, filled, deficit_cost=100.0)
    for trial in range(20):
        cuts = rng.random((3, need.size)) * means.cap[:3]
        cuts[2] = np.minimum(cuts[2], over_aid)
        cuts *= np.minimum(1, np.minimum(authority, need) / np.maximum(cuts.sum(axis=0), 1e-9)) * (
            1 - 0.1 * (trial % 3)
        )
        tax = np.minimum(means.cap[3], need - cuts.sum(axis=0)) * rng.random(need.size) ** (trial % 2)
        amounts = np.vstack([cuts, tax])
        other = filled._replace(amounts=amounts, deficit=need - amounts.sum(axis=0))
        assert np.all(political_cost(means, other, deficit_cost=100.0) >= best - 1e-6)


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_what_a_cost_buys_is_the_inverse_of_what_a_gap_costs(seed):
    means, need = some_means(seed), some_need(seed)
    spent = political_cost(means, water_fill(means, need), deficit_cost=6.0)
    assert_allclose(affordable(means, spent, deficit_cost=6.0), need, rtol=1e-7, atol=1e-6)


@pytest.mark.parametrize("capacity", [1e-12, 1e-9, 1e-6])
def test_an_instrument_as_good_as_none_leaves_what_a_budget_affords(capacity):
    """What is beyond all capacities is a deficit, also where one of them is a fraction of a dollar."""
    means, budget = some_means(7), np.full(40, 5000.0)
    without, hardly = (means._replace(cap=np.where([[1], [1], [1], [0]], means.cap, last)) for last in (0.0, capacity))
    assert_allclose(
        affordable(hardly, budget, deficit_cost=6.0), affordable(without, budget, deficit_cost=6.0), rtol=1e-7
    )


def without_layoffs(means: Means) -> Means:
    return means._replace(cap=means.cap * [[name != "layoffs"] for name in means.names])


def test_a_governor_is_indifferent_at_his_reservation_savings():
    means = some_means(7, worlds=400)
    gap = np.full(400, 900.0)
    no_layoffs = within_authority(without_layoffs(means), NEEDS, authority=300.0, aid_authority=0.0)
    least = reservation_savings(gap, no_layoffs, means, standing=100.0, deficit_cost=5.0)
    broken = political_cost(means, water_fill(means, gap), deficit_cost=5.0) + 100
    with_deal = political_cost(no_layoffs, water_fill(no_layoffs, gap - least), deficit_cost=5.0)
    inside = (least > 0) & (least < gap)
    assert inside.any()
    assert_allclose(with_deal[inside], broken[inside], rtol=1e-7)
    assert np.all(with_deal[least == 0] <= broken[least == 0] + 1e-6)


def test_a_costlier_rupture_makes_him_content_with_less():
    means, gap = some_means(8, worlds=200), np.full(200, 900.0)
    cheap, dear = (
        reservation_savings(gap, without_layoffs(means), means, standing=standing, deficit_cost=5.0)
        for standing in (0.0, 200.0)
    )
    assert np.all(dear <= cheap) and (dear < cheap).any()


def test_one_world_alone_gets_the_same_to_the_last_bit():
    means, need = some_means(9, worlds=33), some_need(9, worlds=33)
    together = water_fill(within_authority(means, NEEDS, authority=500.0, aid_authority=50.0), need)
    for world in range(33):
        one = slice(world, world + 1)
        alone = Means(NAMES, means.cost[:, one], means.slope[:, one], means.cap[:, one])
        filled = water_fill(within_authority(alone, NEEDS, authority=500.0, aid_authority=50.0), need[one])
        assert np.array_equal(filled.amounts[:, 0], together.amounts[:, world])


# --- layoffs ------------------------------------------------------------------------------------------------------


def test_t28_one_layoff_saves_about_96_000_dollars_a_year():
    assert pytest.approx(95_950, abs=5) == SAVED_A_POST * 1e6
    shipped = load_scenario("connecticut-2011").sections.money.layoff_saves.value
    assert shipped * 1e6 == pytest.approx(95_500, rel=0.01)
    assert posts_lost(455.0, saved_a_post=shipped) == pytest.approx(4742, rel=0.001)


def test_a_notice_saves_what_is_left_of_the_year_when_it_bites():
    assert year_left(datetime.date(2011, 5, 1), EIGHT_WEEKS, FISCAL_YEAR) == 1
    assert year_left(datetime.date(2011, 7, 13), EIGHT_WEEKS, FISCAL_YEAR) == pytest.approx(298 / 366)
    assert year_left(datetime.date(2012, 6, 1), EIGHT_WEEKS, FISCAL_YEAR) == 0


def test_the_refused_54_million_of_aid_becomes_570_posts_in_a_full_year_and_up_to_1000_in_what_is_left_of_one():
    """Aid out, 54.4 M$ more must come from elsewhere; where that is layoffs, the later the notice the more posts.

    The chambers gave the power until 30 September. A notice on its last day bites eight weeks later, when six tenths of
    the fiscal year are left: "up to 1,000 more jobs" is the arithmetic of waiting until the power ends.
    """
    means = Means(
        names=NAMES,
        cost=np.array([[1.0], [0.5], [0.6], [2.0]]),
        slope=np.full((4, 1), 0.001),
        cap=np.array([[700.0], [300.0], [54.4], [0.0]]),
    )
    need = np.array([700.7])
    asked = within_authority(means, NEEDS, authority=750.0, aid_authority=54.4)
    granted = within_authority(means, NEEDS, authority=750.0, aid_authority=0.0)
    more = water_fill(granted, need).of("layoffs") - water_fill(asked, need).of("layoffs")
    assert more == pytest.approx(54.4)
    full_year = posts_lost(more[0], saved_a_post=SAVED_A_POST)
    assert full_year == pytest.approx(567, abs=1)
    july = year_left(datetime.date(2011, 7, 13), EIGHT_WEEKS, FISCAL_YEAR)
    assert posts_lost(more[0], saved_a_post=SAVED_A_POST, year_left=july) == pytest.approx(696, abs=1)
    last_day = year_left(datetime.date(2011, 9, 30), EIGHT_WEEKS, FISCAL_YEAR)
    assert last_day == pytest.approx(0.6, abs=0.01)
    assert 900 < posts_lost(more[0], saved_a_post=SAVED_A_POST, year_left=last_day) <= 1000


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_posts_follow_the_list_and_never_exceed_the_members(seed):
    rng = np.random.default_rng(seed)
    listed, members = rng.uniform(1, 300, (12, 1)), rng.uniform(200, 900, (12, 30))
    posts = rng.uniform(0, 4000, 30)
    lost = posts_by_unit(posts, listed, members)
    assert_allclose(lost.sum(axis=0), np.minimum(posts, members.sum(axis=0)), rtol=1e-9)
    assert np.all(lost <= members * (1 + 1e-12))
    # units with members to spare lose in proportion to what is listed
    rate = lost / listed
    spare = lost < members - 1e-6
    for world in range(30):
        if spare[:, world].any():
            assert_allclose(rate[spare[:, world], world], rate[spare[:, world], world][0], rtol=1e-6)


# --- the case -----------------------------------------------------------------------------------------------------


def test_taxes_are_used_only_where_they_are_allowed_and_pass():
    scenario = load_scenario("connecticut-2011")
    worlds = np.arange(64)
    needs = [instrument.needs for instrument in scenario.sections.instruments]

    def taxes(allowed: bool, passed: bool) -> np.ndarray:
        case = scenario.with_settings({"instruments.taxes.allowed": allowed})
        value = case.values(3, worlds, {})
        means = means_at_hand(
            value.instruments, needs, 64, authority=400.0, aid_authority=0.0, taxes_pass=np.full(64, passed)
        )
        return water_fill(means, np.full(64, 900.0)).of("taxes")

    assert taxes(True, True).min() > 0
    assert not taxes(True, False).any() and not taxes(False, True).any()


def test_layoffs_cost_this_governor_extra_so_he_uses_fewer():
    scenario = load_scenario("connecticut-2011")
    value = scenario.values(3, np.arange(64), {})
    needs = [instrument.needs for instrument in scenario.sections.instruments]

    def layoffs(extra: float) -> np.ndarray:
        means = means_at_hand(
            value.instruments, needs, 64, authority=600.0, aid_authority=0.0, extra_cost={"layoffs": extra}
        )
        return water_fill(means, np.full(64, 400.0)).of("layoffs")

    assert layoffs(1.0).mean() < layoffs(0.0).mean()
