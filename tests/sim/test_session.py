"""The session: theory in its limiting cases, the roll calls of 2011 in its distributions, and its procedure."""

from __future__ import annotations

import chance
import numpy as np
import pytest
from chambers import (
    expected_passage,
    hold_session,
    largest_scope,
    quiet_chambers,
    real_chambers,
    rows_of,
    vote_on_agreement,
    vote_on_budget,
)

from agents.chamber import HAIR
from agents.governor import Request
from sim.acts.session import taxes_would_pass
from sim.bargaining.agenda_setting import gridlock_interval, majority, pivot, price_of_majority, setter_proposal
from sim.crisis import Crisis
from sim.public.aid import threatened_aid
from sim.record import Happening, RollCall
from sim.scenario.scenario import load_scenario
from sim.story import Story

WORLDS = np.arange(600)
WITH_AID = Request(share=0.10, aid_scope=1.0)
WITHOUT_AID = Request(share=0.10, aid_scope=0.0)
NOTHING_MISHEARD = np.zeros((2, 1))
POSTS_LISTED = 0.118  # 5,466 of 46,290 posts, 28 June 2011


def central(counts: np.ndarray, share: float = 0.95) -> tuple[float, float]:
    low, high = np.quantile(counts, [(1 - share) / 2, (1 + share) / 2])
    return float(low), float(high)


# --- theory in its limiting cases ---------------------------------------------------------------------------------


@pytest.mark.parametrize("reversion, passes", [(-2.0, 1.0), (-0.4, 0.4), (0.5, 0.5), (-1.0, 1.0), (0.0, 0.0)])
def test_t08_romer_rosenthal_setter(reversion, passes):
    """Median at 0, setter at 1: |Q| >= s gives s, -s < Q < 0 gives -Q, 0 <= Q < s gives Q."""
    assert setter_proposal(1.0, 0.0, reversion) == pytest.approx(passes)


@pytest.mark.parametrize("reversion, passes", [(-2.0, 1.0), (-0.4, 0.4), (0.5, 0.5)])
def test_t08_the_anticipating_governor_is_a_romer_rosenthal_setter(reversion, passes):
    """Closed rule, no noise: what he asks for is the setter's best, it passes, and a little more would not.

    Policy runs from the reversion Q (aid spared, scope 0) to his ideal s = 1 (scope 1); the median's ideal is 0.
    """
    ideals = np.array([-0.6, -0.3, 0.0, 0.3, 0.6])[:, None]
    # a member indifferent between the reversion and its mirror image 2 m - Q bears the way from one to the other
    bears = 2 * (ideals - reversion) / (1.0 - reversion)
    chambers = quiet_chambers(bears, bears)
    chambers.members.toll = np.ones_like(chambers.members.support)
    scope = largest_scope(chambers, NOTHING_MISHEARD)
    assert reversion + scope * (1.0 - reversion) == pytest.approx(passes, abs=2 * HAIR)
    if reversion < 0:  # at 0.5 the median wants less than the reversion and the governor more
        assert hold_session(chambers, Request(share=0.1, aid_scope=scope), standing_share=0.05).passed.all()
    beyond = Request(share=0.1, aid_scope=scope + 2 * HAIR)
    if scope[0] < 1 - 2 * HAIR:
        assert not hold_session(chambers, beyond, standing_share=0.05).passed.any()


@pytest.mark.parametrize("seed", range(8))
def test_t09_no_bill_passes_for_a_status_quo_in_the_gridlock_interval(seed):
    """Two chambers with medians apart: between them every move makes one median worse off, outside some move passes."""
    rng = np.random.default_rng(seed)
    house, senate = rng.normal(-0.3, 1, 151), rng.normal(0.5, 1, 35)
    medians = np.array([[np.median(house)], [np.median(senate)]])
    low, high = gridlock_interval(medians)
    bills = np.linspace(-4, 4, 161)

    def passes(status_quo: float) -> np.ndarray:
        def gain(ideals: np.ndarray) -> np.ndarray:
            # strictly better: indifference counts as yes, so a hair is taken from everybody's gain
            return np.abs(status_quo - ideals[:, None]) - np.abs(bills - ideals[:, None]) - 1e-9

        chambers = quiet_chambers(gain(house), gain(senate))
        return hold_session(chambers, WITHOUT_AID, standing_share=0.05).passed

    for status_quo in np.linspace(low[0] + 1e-6, high[0] - 1e-6, 5):
        assert not passes(status_quo).any()
    assert passes(low[0] - 0.3).any() and passes(high[0] + 0.3).any()


@pytest.mark.parametrize(
    "members, quota, discount, keeps",
    [(3, 2, 1.0, 2 / 3), (151, 76, 1.0, 0.5033), (36, 19, 1.0, 0.5), (101, 51, 0.8, 1 - 0.8 * 50 / 101)],
)
def test_t06_baron_ferejohn_closed_rule(members, quota, discount, keeps):
    """The proposer buys the cheapest votes at what each expects from waiting, and keeps the rest of the dollar."""
    assert majority(members) == quota
    value = 1 / members  # with equal recognition; checked to be what a member expects below
    forgone = np.full((members, 1), discount * value)
    forgone[0] = 0.0  # the proposer's own vote
    price = price_of_majority(forgone, quota)
    assert 1 - price == pytest.approx(keeps, abs=5e-5)
    expected = (1 / members) * (1 - price) + ((quota - 1) / members) * discount * value
    expected += (1 - discount) * 0  # nobody outside the coalition is paid, and the first proposal passes
    if discount == 1.0:
        assert expected == pytest.approx(value)
    # the shipped session: with that many favours to give the bill passes at once, with a little less it fails
    for favours, passed in ((price[0] * (1 + HAIR), True), (price[0] * (1 - HAIR), False)):
        chambers = quiet_chambers(-forgone, np.empty((0, 1)), favours=favours)
        result = hold_session(chambers, WITHOUT_AID, standing_share=0.05)
        assert result.passed.all() == passed
        if passed:
            assert result.house.yes[0] == quota  # a minimal winning coalition, and nobody beyond it


@pytest.mark.parametrize("tie_breaker, passed", [(True, True), (False, False)])
def test_favours_buy_a_tie_where_somebody_breaks_it_for_the_governor(tie_breaker, passed):
    """One of four is for the bill. The next costs 0.3 and the one after 0.7 together, of 0.35 there is to give."""
    senate = np.array([[1.0], [-0.3], [-0.4], [-0.5]])
    chambers = quiet_chambers(np.empty((0, 1)), senate, favours=0.35, tie_breaker=tie_breaker)
    result = hold_session(chambers, WITHOUT_AID, standing_share=0.05)
    assert result.passed.all() == passed and result.senate.yes[0] == (2 if passed else 1)


def test_the_pivot_of_an_odd_chamber_is_its_median():
    points = np.random.default_rng(1).normal(size=(151, 20))
    assert np.array_equal(pivot(points, majority(151)), np.median(points, axis=0))
    quotas = np.arange(1, 21)
    one_by_one = [pivot(points[:, [world]], int(quotas[world]))[0] for world in range(20)]
    assert np.array_equal(pivot(points, quotas), one_by_one)


# --- the roll calls of 2011 ---------------------------------------------------------------------------------------


def test_the_budget_of_may_lies_within_the_fitted_distribution():
    result = vote_on_budget(real_chambers(worlds=WORLDS, legislature__recall=False))
    for counts, real in (
        (result.house.yes, 83),
        (result.house.no, 67),
        (result.senate.yes, 19),
        (result.senate.no, 17),
    ):
        low, high = central(counts)
        assert low <= real <= high
        assert high - low > 3  # an interval that says something is open
    assert np.mean(result.carried) > 0.5


def test_where_members_are_known_by_their_votes_the_roll_call_is_the_recorded_one():
    result = vote_on_budget(real_chambers(worlds=WORLDS[:50]))
    # Terry Backer was absent
    assert set(result.house.yes) == {83} and set(result.house.no) == {67}
    assert set(result.senate.yes) == {19} and set(result.senate.no) == {17}


@pytest.mark.parametrize("recall", [True, False])
def test_the_first_of_july_lies_within_the_distribution_fitted_on_may(recall):
    """Town aid protected: house 78-56, senate 21-14. No number of the fit or the session is taken from that night."""
    chambers = real_chambers(worlds=WORLDS, legislature__recall=recall)
    result = hold_session(chambers, WITHOUT_AID, standing_share=0.05, jobs=POSTS_LISTED)
    for counts, real in (
        (result.house.yes, 78),
        (result.house.no, 56),
        (result.senate.yes, 21),
        (result.senate.no, 14),
    ):
        low, high = central(counts)
        assert low <= real <= high, (low, real, high)
    assert np.mean(result.passed) > 0.6


def test_with_town_aid_the_request_is_struck_or_refused_in_most_worlds():
    chambers = real_chambers(worlds=WORLDS)
    asked = hold_session(chambers, WITH_AID, standing_share=0.05, jobs=POSTS_LISTED)
    spared = np.mean(asked.struck | ~asked.passed)
    assert spared > 0.5
    without = hold_session(chambers, WITHOUT_AID, standing_share=0.05, jobs=POSTS_LISTED)
    assert np.mean(without.passed) > 0.5
    # and never more power with aid in the request than without it
    assert np.mean(asked.passed) <= np.mean(without.passed)


def struck_or_refused(**changes) -> float:
    chambers = real_chambers(worlds=WORLDS[:300], **changes)
    result = hold_session(chambers, WITH_AID, standing_share=0.05)
    return float(np.mean(result.struck | ~result.passed))


def test_louder_mayors_larger_cuts_and_weaker_loyalty_spare_aid_more_often():
    as_it_is = struck_or_refused()
    assert struck_or_refused(towns__resolve=0.0) <= as_it_is <= struck_or_refused(legislature__lobbying=6.0)
    assert struck_or_refused(threat_scale=0.2) < as_it_is < struck_or_refused(threat_scale=2.0)
    assert struck_or_refused(legislature__exposure=0.0, legislature__lobbying=0.0) < as_it_is
    assert struck_or_refused(legislature__follow=3.0) < as_it_is


# --- procedure ----------------------------------------------------------------------------------------------------


def test_if_nothing_passes_the_standing_power_is_left_and_aid_is_exempt():
    against = quiet_chambers(np.full((3, 2), -1.0), np.full((3, 2), 1.0))
    result = hold_session(against, WITH_AID, standing_share=0.05)
    assert not result.passed.any() and result.aid_spared.all()
    assert np.all(result.authority_share == 0.05) and np.all(result.aid_scope == 0)
    assert np.all(result.house.no == 3) and np.all(result.senate.yes == 3)


def test_striking_aid_takes_a_majority_of_each_chamber():
    fond, wary = np.full((3, 1), 2.0), np.full((3, 1), 2.0)
    chambers = quiet_chambers(fond, wary, rule="open", follow=0.5)
    chambers.members.toll = np.zeros_like(chambers.members.support)
    chambers.members.toll[rows_of(chambers, "senate")] = 1.0
    result = hold_session(chambers, WITH_AID, standing_share=0.05)
    assert not result.struck.any() and not result.aid_spared.any()
    assert result.strike_senate.yes == 3 and result.strike_house.yes == 0
    chambers.members.toll[:] = 0.0
    chambers.members.toll[rows_of(chambers, "house")] = 1.0
    result = hold_session(chambers, WITH_AID, standing_share=0.05)
    assert not result.struck.any() and not result.aid_spared.any()
    chambers.members.toll[:] = 1.0
    result = hold_session(chambers, WITH_AID, standing_share=0.05)
    assert result.struck.all() and result.passed.all() and result.aid_spared.all()
    assert result.authority_share == 0.10


def test_under_a_closed_rule_nothing_is_struck():
    chambers = real_chambers(worlds=WORLDS[:100], legislature__rule="closed")
    result = hold_session(chambers, WITH_AID, standing_share=0.05)
    assert not result.struck.any() and not result.strike_house.yes.any()
    assert np.array_equal(result.aid_spared, ~result.passed)


def test_a_tie_fails_unless_the_lieutenant_breaks_it_in_the_senate():
    tied, safe = np.array([[1.0], [-1.0]]), np.ones((3, 1))
    for house, senate, tie_breaker, passes in (
        (safe, tied, False, False),
        (safe, tied, True, True),
        (tied, safe, True, False),
    ):
        chambers = quiet_chambers(house, senate, tie_breaker=tie_breaker)
        assert hold_session(chambers, WITHOUT_AID, standing_share=0.05).passed.all() == passes


def test_an_agreement_is_deemed_approved_where_a_vote_would_tie():
    tied = np.array([[1.0], [-1.0]])
    assert vote_on_agreement(quiet_chambers(tied, tied, approval="deemed")).carried.all()
    assert not vote_on_agreement(quiet_chambers(tied, tied, approval="vote")).carried.any()
    lost = np.array([[1.0], [-1.0], [-1.0]])
    assert not vote_on_agreement(quiet_chambers(tied, lost, approval="deemed")).carried.any()


def test_a_majority_party_that_is_for_an_agreement_calls_no_vote_on_it():
    """Three against of five, but two of the majority party's three are in favour: by silence it stands."""
    divided = np.array([[1.0], [1.0], [-1.0], [-1.0], [-1.0]])
    for approval, carried in (("deemed", True), ("vote", False)):
        chambers = quiet_chambers(divided, np.ones((3, 1)), approval=approval)
        chambers.members.of_governors_party[rows_of(chambers, "house")[3:]] = False
        result = vote_on_agreement(chambers)
        assert result.carried.all() == carried and result.called.all() == (not carried)


def test_an_agreement_that_outlives_the_vote_called_against_it_does_not_stand_by_silence():
    """The majority party of a chamber is against, and loses to its few dissenters and the governor's own."""
    settings = {"legislature.governors_party": "R", "legislature.agreement": 1, "legislature.recall": False}
    record: list[Happening] = []
    case = load_scenario("connecticut-2011").with_settings(settings)
    crisis = Crisis(case, worlds=np.arange(120), seed=2011, observers=[record.append])
    crisis.play()
    democrats, house = np.array([[not seat.of_governors_party, seat.chamber == "house"] for seat in case.seats]).T
    called = 0
    for call in (said for said in record if isinstance(said, RollCall) and said.question == "agreement"):
        for world in np.flatnonzero(call.where & call.carried):
            parties = [democrats & chamber & call.here[:, world] for chamber in (house, ~house)]
            against = any(2 * (party & ~call.yes[:, world]).sum() > party.sum() for party in parties)
            called += against
            story = Story(crisis.numbers, record, place=int(world))
            (said,) = (event for event in story.events if "the agreement" in event["event"] and "approved" in event)
            assert ("calls no vote" in said["event"]) == (not against) == bool(call.silent[world])
    assert called >= 3


def test_a_dearer_tax_passes_in_fewer_worlds():
    chambers = real_chambers(worlds=WORLDS[:300], legislature__tax_aversion=0.1)
    small, large = taxes_would_pass(chambers, 100.0), taxes_would_pass(chambers, 3000.0)
    assert np.all(large <= small) and large.mean() < small.mean()


def test_one_chamber_is_enough():
    alone = quiet_chambers(np.ones((49, 1)), np.empty((0, 1)))
    assert hold_session(alone, WITHOUT_AID, standing_share=0.05).passed.all()
    assert largest_scope(alone, NOTHING_MISHEARD) == pytest.approx(1)


def test_the_whip_count_expects_what_the_session_then_does():
    """Normal approximation against the roll calls themselves, seats known and leans not."""
    chambers = real_chambers(worlds=WORLDS, legislature__recall=False, legislature__absence=0.02)
    misread = np.zeros((2, len(WORLDS)))
    for request in (WITH_AID, WITHOUT_AID):
        expected = expected_passage(chambers, request, standing_share=0.05, misread=misread)
        result = hold_session(chambers, request, standing_share=0.05)
        for chances, happened in (
            (expected.passes, result.passed),
            (expected.share, result.authority_share),
            (expected.struck, result.struck),
        ):
            assert np.mean(chances) == pytest.approx(np.mean(happened), abs=chance.of_mean(happened - chances))


def test_an_anticipating_governor_asks_for_what_passes():
    settings = {"legislature__rule": "closed", "legislature__steadiness": 1.0, "legislature__absence": 0.0}
    chambers = real_chambers(worlds=WORLDS[:200], **settings)
    misread = np.zeros((2, 200))
    scope = largest_scope(chambers, misread)
    asked = hold_session(chambers, Request(share=0.1, aid_scope=scope), standing_share=0.05)
    greedy = hold_session(chambers, WITH_AID, standing_share=0.05)
    # he passes all he can: whenever the bill without aid could pass with seats in hand
    assert np.all(asked.passed >= greedy.passed)
    assert asked.passed[scope > 0].all()
    assert np.mean(asked.aid_scope) > 0


def test_what_towns_fear_is_a_part_of_what_the_power_allows():
    assert threatened_aid(0.1, 2800.0, feared=1.0) == pytest.approx(280)
    assert threatened_aid(0.1, 2800.0, feared=0.2) == pytest.approx(56)  # about the 54.4 M$ that was listed


def test_a_whip_count_of_many_worlds_is_that_of_each():
    draw, some = np.random.default_rng(5), slice(1400, 1410)
    house, senate, toll = draw.normal(size=(101, 1500)), draw.normal(size=(21, 1500)), draw.uniform(size=(122, 1))

    def expected(here: slice):
        chambers = quiet_chambers(house[:, here], senate[:, here])
        chambers.members.toll = toll  # the same in all worlds
        misread = np.zeros((2, chambers.members.lean.shape[-1]))
        return expected_passage(chambers, WITH_AID, standing_share=0.05, misread=misread)

    for whole, part in zip(expected(slice(None)), expected(some), strict=True):
        assert np.array_equal(whole[some], part)


def test_the_same_worlds_come_out_the_same_in_any_block():
    together = hold_session(real_chambers(worlds=np.arange(12)), WITH_AID, standing_share=0.05)
    for worlds in (np.array([7]), np.array([11, 3])):
        apart = hold_session(real_chambers(worlds=worlds), WITH_AID, standing_share=0.05)
        for name, whole in vars(together).items():
            assert np.array_equal(np.asarray(whole)[..., worlds], getattr(apart, name)), name


def test_the_request_of_june_is_the_shipped_one():
    case = load_scenario("connecticut-2011").sections
    assert case.governor.request_share.value == 0.10 and case.governor.request_aid.value is True
    assert case.money.standing_authority.value == 0.05
