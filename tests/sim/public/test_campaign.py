"""The campaign: meetings inform and correct, outsiders misinform, each at its own rate and in its own weeks."""

from __future__ import annotations

import numpy as np
import pytest
from facts import LAST_OFFER, TWICE, played, told

from sim.public.campaign import AT_FIRST, Information, clarify, one_week


def shares(settings: dict[str, str], vote: int) -> np.ndarray:
    """Unaware, informed, misinformed in the first unit, (worlds, weeks, 3), before the first or the second vote."""
    weeks = ([w["information"][0] for w in told(acts, "CampaignWeek", vote=vote)] for acts in played(settings))
    return np.array([found for found in weeks if found])


def test_whoever_has_been_to_a_meeting_is_not_misled_that_week():
    everybody = one_week(AT_FIRST, meetings=1.0, reach=1.0, misinform=0.5, correction=0.0)
    assert everybody.informed == 1 and everybody.misinformed == 0


def test_a_false_belief_gives_way_only_as_far_as_it_can_be_corrected():
    misled = Information(unaware=0.0, informed=0.0, misinformed=1.0)
    kept = one_week(misled, meetings=10.0, reach=0.2, misinform=0.1, correction=0.0)
    freed = one_week(misled, meetings=10.0, reach=0.2, misinform=0.1, correction=1.0)
    assert kept.misinformed == 1
    assert freed.informed == pytest.approx(1 - 0.8**10)


def test_nobody_is_lost_in_a_campaign():
    now = AT_FIRST
    for _ in range(6):
        now = one_week(now, meetings=7.0, reach=0.03, misinform=0.1, correction=0.4)
        assert sum(now) == pytest.approx(1)
    assert sum(clarify(now, 0.3)) == pytest.approx(1)


def test_a_clarified_text_disarms_its_part_of_the_false_claims():
    before = Information(unaware=0.2, informed=0.5, misinformed=0.3)
    assert clarify(before, 1.0) == pytest.approx((0.2, 0.8, 0.0))
    assert clarify(before, 0.0) == before
    assert clarify(before, 0.25).misinformed == pytest.approx(0.225)


def test_each_campaign_runs_at_its_own_rate():
    """Without meetings before the second vote nobody learns the terms then; before the first vote they did."""
    second = shares(TWICE | LAST_OFFER | {"campaign.second_meetings_per_week": "0"}, vote=1)
    assert second.shape[1] == 3  # weeks from 22 July to 18 August
    np.testing.assert_allclose(second[:, 1:, 1], second[:, :1, 1].repeat(second.shape[1] - 1, axis=1), atol=1e-12)
    first = shares(TWICE | LAST_OFFER | {"campaign.second_meetings_per_week": "0"}, vote=0)
    assert (np.diff(first[..., 1], axis=1) > 0).all()


def test_four_weeks_go_by_before_the_first_vote():
    assert shares(LAST_OFFER, vote=0).shape[1] == 4
