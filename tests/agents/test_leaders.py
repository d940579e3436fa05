"""Leaders: what they expect to carry home, and how they vote on changing the rule."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from facts import CASE, TWICE, happened, only, played, told

from sim import load_scenario

NOBODY_AT_RISK = TWICE | {"leaders.risk_weight": "0"}


def leaders_in_favour(settings: dict[str, str]) -> list[set[int]]:
    """Who votes for changing the rule, in the worlds in which that came up."""
    return [
        {union for union, favours in enumerate(only(acts, "Amendment")["favour"]) if favours}
        for acts in played(settings)
        if happened(acts, "Amendment")
    ]


def test_a_leader_whose_own_members_are_at_risk_is_readier_to_change_the_rule():
    """The ballots and the risks are the same; what differs is how much the risk weighs."""
    without, weighed = leaders_in_favour(NOBODY_AT_RISK), leaders_in_favour(TWICE | {"leaders.risk_weight": "2"})
    assert len(without) == len(weighed) > 10
    assert all(few <= many for few, many in zip(without, weighed, strict=True))
    assert any(few < many for few, many in zip(without, weighed, strict=True))


def test_a_leader_follows_his_own_members_and_the_members_of_all_unions():
    """With no weight on risk: for the change where both said yes, against it where both said no."""
    alike = 0
    for acts in played(NOBODY_AT_RISK):
        if not happened(acts, "Amendment"):
            continue
        ballots, favour = only(acts, "Ballots", vote=0), only(acts, "Amendment")["favour"]
        majority = 2 * sum(ballots["yes"]) > sum(ballots["cast"])
        yes, cast = by_union(ballots["yes"]), by_union(ballots["cast"])
        for union, favours in enumerate(favour):
            own = 2 * yes[union] > cast[union]
            if own == majority and 2 * yes[union] != cast[union]:
                assert favours is own
                alike += 1
    assert alike > 100


def by_union(amounts: list[float]) -> list[float]:
    """Of units, summed by union."""
    starts = np.cumsum([0, *(len(rows) for rows in load_scenario(CASE).unions.units)])
    return [sum(amounts[start:end]) for start, end in pairwise(starts)]


def test_the_more_optimistic_the_leaders_the_more_they_sign_away():
    """What labour holds out for is the least that its leaders expect to carry home; optimism lowers it."""
    wary, hopeful = (
        np.array([only(acts, "Opening")["reservations"][0] for acts in played({"leaders.optimism": value})])
        for value in ("0", "1.2")
    )
    assert (hopeful <= wary).all() and (hopeful < wary).mean() > 0.5


def test_leaders_who_look_to_the_rule_hold_out_for_more_than_those_content_with_a_majority():
    """All fifteen unions are harder to carry than the unions of most members."""
    majority, rule = (
        np.array([only(acts, "Opening")["reservations"][0] for acts in played(TWICE | {"leaders.foresee": value})])
        for value in ("majority", "rule")
    )
    assert (rule >= majority).all() and (rule > majority).mean() > 0.5


def test_a_collegial_leader_lets_a_change_take_effect_that_he_votes_against():
    for acts in played(NOBODY_AT_RISK | {"leaders.collegiality": "5"}):
        for vote in told(acts, "Amendment"):
            assert vote["changed"] is (sum(vote["favour"]) >= 10)


def test_without_everybody_s_waiver_a_change_comes_too_late():
    """Leaders without any collegiality waive the notice only where they favour the change: then all must favour it."""
    votes = [v for acts in played(NOBODY_AT_RISK | {"leaders.collegiality": "0"}) for v in told(acts, "Amendment")]
    assert any(10 <= sum(vote["favour"]) < 15 for vote in votes)
    for vote in votes:
        assert vote["changed"] is all(vote["favour"])
