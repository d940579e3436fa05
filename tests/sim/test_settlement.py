"""The end: a deal in force keeps what units accepted, and what is left of the gap is filled within the powers."""

from __future__ import annotations

import numpy as np
import pytest
from facts import CASE, LAST_OFFER, TWICE, happened, only, played, told

from sim import load_scenario

LOOSE = {"rule.unions_needed": "3", "rule.share_needed": "1/3"}
REFUSED_BY_THE_CHAMBERS = {"legislature.agreement": "-8", "rule.unions_needed": "3", "rule.share_needed": "1/3"}
FULLY_PROTECTED = LAST_OFFER | LOOSE | {"members.trust": "0.8", "money.gap": "2500"}  # four years of job security


def units_accepting(acts: list) -> np.ndarray | None:
    """Which units accepted their wages part at the vote that ratified; None where no deal is in force."""
    if not only(acts, "Outcome")["outcome"].startswith("ratified"):
        return None
    vote = next(told(acts, "Result", ratified=True))["vote"]
    ballots = only(acts, "Ballots", vote=vote)
    return 2 * np.array(ballots["own_yes"]) > np.array(ballots["cast"])


def of_units(column: str) -> np.ndarray:
    """A column of the units' table, by union and unit as they vote."""
    case = load_scenario(CASE)
    return np.concatenate([getattr(case.units, column)[rows] for rows in case.unions.units])


def test_a_unit_that_refuses_its_wages_part_loses_its_protection_and_one_that_accepts_keeps_it():
    """Under four years of job security posts go where the wages part was refused, and nowhere else."""
    hit = 0
    for acts in played(FULLY_PROTECTED):
        accepting = units_accepting(acts)
        if accepting is None:
            continue
        lost = np.array(only(acts, "Filling")["posts_by_unit"])
        assert lost[accepting] == pytest.approx(0, abs=1e-6)
        hit += (lost[~accepting] > 1).any()
    assert hit >= 5


def test_a_unit_that_refuses_its_wages_part_keeps_its_raises():
    """The state saves less by that unit's part, by payroll, of what hangs on the wages ballot."""
    partly = 0
    for acts in played(FULLY_PROTECTED):
        accepting = units_accepting(acts)
        if accepting is None:
            continue
        savings, on_wages = only(acts, "Recommendation")["deal"][:2]
        payroll = of_units("pay_kusd") * of_units("members")
        refusing = payroll[~accepting].sum() / payroll.sum()
        assert only(acts, "Filling")["savings"] == pytest.approx(
            savings - on_wages * refusing, rel=1e-3
        )  # whole people
        partly += 0 < refusing < 1
    assert partly >= 5


def test_what_a_deal_saves_beyond_the_gap_fills_nothing():
    in_force = 0
    for acts in played(LAST_OFFER | LOOSE | {"money.gap": "300"}):
        filling = only(acts, "Filling")
        if units_accepting(acts) is not None:
            assert filling["savings"] == pytest.approx(300)
            assert filling["layoffs"] == filling["programmes"] == filling["aid"] == filling["deficit"] == 0
            in_force += 1
    assert in_force > 10


def test_an_agreement_that_the_chambers_refuse_saves_nothing_and_protects_nobody():
    refused = laid_off = 0
    for acts in played(REFUSED_BY_THE_CHAMBERS):
        if only(acts, "Outcome")["outcome"] == "refused_by_legislature":
            refused += 1
            filling = only(acts, "Filling")
            assert filling["savings"] == 0
            laid_off += filling["posts"] > 0
    assert refused >= 20 and laid_off >= 20


def test_a_session_that_never_met_grants_nothing():
    """Members ratified at once, so nobody asked for more power; that the chambers refuse the deal changes nothing."""
    never_met = 0
    for acts in played(REFUSED_BY_THE_CHAMBERS):
        if not happened(acts, "Grant"):
            never_met += 1
            assert only(acts, "Filling")["powers"] == [0.05, 0.0]
    assert never_met >= 20


def test_a_deal_in_force_leaves_the_standing_power_and_a_refusal_what_the_session_granted():
    granted = 0
    for acts in played(TWICE):
        powers = only(acts, "Filling")["powers"]
        if units_accepting(acts) is not None:
            assert powers == [0.05, 0.0]
        else:
            grant = only(acts, "Grant")
            assert powers == pytest.approx([grant["share"], grant["aid"]])
            granted += grant["share"] > 0.05
    assert granted >= 5


def test_revenue_fills_the_gap_as_far_as_it_is_usable():
    usable = {"news.revenue.revenue": "200", "news.revenue.usable": "0.25", "members.trust": "-3"} | LAST_OFFER
    for acts in played(usable):
        assert only(acts, "Filling")["revenue"] == pytest.approx(50)


def test_layoffs_save_what_is_left_of_the_year_when_notices_have_run_out():
    """Notices of 13 July run eight weeks, to 7 September: 298 of the budget year's 366 days are left of 630 M$."""
    most = 630 * 298 / 366
    plenty = {"money.gap": "4000", "members.trust": "-3", "governor.request_share": "0.15"} | LAST_OFFER
    laid_off = [only(acts, "Filling")["layoffs"] for acts in played(plenty)]
    assert max(laid_off) == pytest.approx(most)
    assert min(laid_off) > 0
