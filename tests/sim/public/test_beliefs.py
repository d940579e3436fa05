"""Beliefs: what an act, a list and a piece of news do to the chance that members give the list."""

from __future__ import annotations

import datetime

import numpy as np
import pytest
from facts import CASE, TWICE, happened, logits, only, played, told

from sim import load_scenario
from sim.public.beliefs import exposure, re_aimed

READ_BACK = 1e-4  # logits: a chance held to 24 bits, read back near 0 or 1
MENU = datetime.date(2011, 5, 6)
LISTED = load_scenario(CASE).units.list_share["may_list_share"]
PRIOR = {"belief.prior": "0.25"}


def believed(settings: dict[str, str], kind: str, **facts: object) -> np.ndarray:
    """Log-odds by unit after such an act, in the worlds where it happened, (worlds, units)."""
    return logits([act["belief"] for acts in played(PRIOR | settings) for act in told(acts, kind, **facts)])


@pytest.mark.parametrize("aim", [0.1, 0.3])
def test_a_list_that_is_re_aimed_keeps_its_length(aim):
    """As many posts are listed as before, more of them in the unit it is aimed at."""
    members = np.array([100.0, 400.0, 500.0])
    listed = np.array([0.1, 0.05, 0.2])
    aimed = re_aimed(listed, members, 1, aim)[:, 0]
    assert aimed @ members == pytest.approx(listed @ members)
    assert aimed[1] > listed[1] and (aimed[[0, 2]] < listed[[0, 2]]).all()


def test_no_unit_has_more_posts_listed_than_members():
    assert re_aimed(np.array([0.5, 0.0]), np.array([1000.0, 10.0]), 1, 0.9)[1, 0] == 1


def test_an_act_speaks_in_full_to_a_unit_that_is_hit_as_the_average_and_not_at_all_to_one_that_is_spared():
    reached = exposure(np.array([[0.0], [0.05], [0.1], [0.25]]), np.ones(4))
    assert reached[:, 0] == pytest.approx([0, 0.5, 1, 1])


def test_whoever_has_no_post_on_the_list_learns_nothing_from_a_threat():
    """The menu's list spares three units, who believe afterwards what they did after the news of 29 April."""
    spared = LISTED == 0
    assert spared.sum() == 3
    threatened = [acts for acts in played({}) if happened(acts, "Threat", name="may_menu")]
    before = np.array([only(acts, "News", name="revenue")["belief"] for acts in threatened])
    after = np.array([only(acts, "Threat", name="may_menu")["belief"] for acts in threatened])
    np.testing.assert_array_equal(after[:, spared], before[:, spared])
    assert (after[:, ~spared] > before[:, ~spared]).all()


def test_a_threat_adds_the_logarithm_of_its_likelihood_ratio():
    """Twice as likely if meant: twice the odds, in units hit at least as the average; less in proportion in others."""
    mild, strong = (believed({"threats.may_menu.believed": value}, "Threat", name="may_menu") for value in ("1", "2"))
    members = load_scenario(CASE).units.members
    expected = np.log(2) * exposure(LISTED[:, None], members)[:, 0]
    np.testing.assert_allclose(strong - mild, np.broadcast_to(expected, mild.shape), atol=READ_BACK)


def test_better_revenue_makes_the_list_less_believed():
    """News with a ratio of one half halves everybody's odds."""
    settings = {"news.revenue.believed": "0.5"}
    halved = believed(settings, "News", name="revenue")
    np.testing.assert_allclose(halved, np.log(0.25 / 0.75) - np.log(2), atol=READ_BACK)


def test_a_deal_at_the_table_ends_the_reason_to_threaten():
    """Acts that are for the case of no deal do not happen where there is one already."""
    early = later = 0
    for acts in played({}):
        agreed = [act.date for act in acts if act.kind == "Offer" and act.facts["accepted"]]
        threatened = [act for act in acts if act.kind == "Threat" and act.facts["name"] == "may_menu"]
        if agreed and agreed[0] < MENU:
            early += 1
            assert not threatened
        else:
            later += 1
            assert len(threatened) == 1
    assert early and later


def test_the_notices_of_july_go_to_the_list_as_it_was_re_aimed_in_june():
    """Posts of the list are exposed there; the unit aimed at takes both acts in full, others less than before."""
    as_it_was, aimed = (
        believed(
            TWICE | {"threats.june_list.aim": aim, "threats.june_list.believed": "1"}, "Threat", name="july_notices"
        )
        for aim in ("0", "0.5")
    )
    target = load_scenario(CASE).units.names.index("NP-4 corrections")
    assert len(as_it_was) == len(aimed) > 5
    np.testing.assert_allclose(aimed[:, target], as_it_was[:, target], atol=READ_BACK)  # in full before and after
    barely = load_scenario(CASE).units.names.index("community college faculty")  # 3 % of their posts, half of it left
    assert (aimed[:, barely] < as_it_was[:, barely] - 10 * READ_BACK).all()
