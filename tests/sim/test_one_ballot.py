"""A deal that is decided on one ballot is voted on once: nothing else is told, cast or decides."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from facts import LAST_OFFER, only, watched
from played import played
from turns import on_one_ballot

from experiments.runs.narration import play
from sim import load_scenario, simulate
from sim.record import Ballots, Filling, Recommendation
from sim.scenario.scenario import Scenario

WORLDS = np.arange(300)
EASY = {"members.trust": "0.8", "rule.unions_needed": "8", "rule.share_needed": "0.5"}  # some units refuse what carries

FULLY_PROTECTED = LAST_OFFER | {"issues.job_security.last_offer": "4", "money.gap": "2500"}  # four years of it


def ratified(record: list) -> np.ndarray:
    """In which worlds a vote ratified, (worlds,)."""
    return np.any([said.where & said.ratified for said in record if isinstance(said, Ballots)], axis=0)


def test_the_smallest_case_never_ratifies_a_deal_that_saves_nothing():
    runs = simulate("single-union", worlds=2000, seed=2011).table
    deals = runs[runs["deal"]]
    assert len(deals) > 500 and (deals["savings"] > 0).all() and (deals["posts_lost"] == 0).any()


@pytest.mark.parametrize("name", ["single-union", "iowa-2009", "new-york-pef-2011"])
def test_one_ballot_is_told_as_one_vote(name: str):
    case = load_scenario(name)
    crisis, record = played(case, worlds=WORLDS)
    assert not crisis.bodies.units.wages
    assert all(said.wages_yes is None for said in record if isinstance(said, Ballots))
    for world in range(8):
        events = play(case, seed=2011, world=world)["events"]
        assert not any("part on wages" in event["event"] or "wages_refused" in event for event in events)


def test_a_deal_with_nothing_on_wages_protects_every_unit_once_it_is_ratified():
    """Connecticut 2009 promised no layoffs: no post is lost by a ballot on wages that the case does not have."""
    _, record = played(load_scenario("connecticut-2009"), worlds=WORLDS)
    (filling,) = (said for said in record if isinstance(said, Filling))
    kept = ratified(record)
    assert kept.any() and not filling.unit_posts[:, kept].any()


def one_ballot(folder: Path, ballot: str) -> Scenario:
    return on_one_ballot(folder / "one", ballot).with_settings(EASY)


def test_a_unit_that_refuses_a_deal_all_on_wages_keeps_its_raises(tmp_path: Path):
    """It bears nothing where others ratify, by its ballot on the deal; where all is on benefits it is bound."""
    case = one_ballot(tmp_path, "wages")
    partly = 0
    for acts in watched(case):
        outcome, vote = only(acts, "Outcome")["outcome"], {"ratified_first_vote": 0, "ratified_second_vote": 1}
        if outcome not in vote:
            continue
        ballots = only(acts, "Ballots", vote=vote[outcome])
        refused = 2 * np.array(ballots["yes"]) <= np.array(ballots["cast"])
        columns = {name: getattr(case.units, name) for name in ("pay_kusd", "members")}
        payroll = columns["pay_kusd"] * columns["members"]
        savings = min(only(acts, "Recommendation")["deal"][0] * (1 - payroll[refused].sum() / payroll.sum()), 1600)
        assert only(acts, "Filling")["savings"] == pytest.approx(savings, rel=1e-3)  # whole people
        partly += 0 < refused.sum() < len(refused)
    assert partly >= 5


def test_units_are_bound_and_protected_by_a_deal_all_on_benefits(tmp_path: Path):
    """Under four years of job security nobody loses a post, those who refused no more than others."""
    case = one_ballot(tmp_path, "benefits").with_settings(FULLY_PROTECTED)
    _, record = played(case, worlds=np.arange(60))
    kept = ratified(record)
    (filling,) = (said for said in record if isinstance(said, Filling))
    (put,) = (said for said in record if isinstance(said, Recommendation))
    refused = [said.unit_yes_share <= 0.5 for said in record if isinstance(said, Ballots)]
    assert np.any(refused, axis=0)[:, kept].any()
    np.testing.assert_allclose(filling.savings[kept], put.deal.savings[kept])
    np.testing.assert_allclose(filling.unit_posts[:, kept], 0, atol=1e-6)


def test_units_that_refuse_a_deal_all_on_wages_are_told_where_it_is_ratified(tmp_path: Path):
    case = one_ballot(tmp_path, "wages")
    told = [event for world in range(12) for event in play(case, seed=2011, world=world)["events"]]
    lost = [event["event"] for event in told if event.get("wages_refused")]
    assert lost and all("keep their raises and lose their protection" in words for words in lost)
