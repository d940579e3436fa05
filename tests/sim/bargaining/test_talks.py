"""Talks: the machine around the tactics, the estimate of the other side, efficiency, and tables side by side."""

from __future__ import annotations

import numpy as np
import pytest

from agents.tactics import make_tactic
from sim.bargaining.efficiency import (
    efficiency,
    egalitarian_point,
    kalai_smorodinsky_point,
    nash_point,
    scaled_bend,
    utilitarian_point,
)
from sim.bargaining.estimates import Estimate, guess
from sim.bargaining.frontier import Frontier
from sim.bargaining.luck import luck_of_talks
from sim.bargaining.package import value_of
from sim.bargaining.pattern import PatternBargaining
from sim.bargaining.protocols import ALL_PROTOCOLS
from sim.bargaining.side import Side
from sim.bargaining.talks import Talks
from sim.bargaining.talks_alone import talks_alone
from sim.errors import WrongInput
from sim.worlds.randomness import Luck

ISSUES, WORLDS = 4, 40
LOW, HIGH = np.zeros(ISSUES), np.arange(1.0, ISSUES + 1)


def two_sides(
    seed: int = 0, tactics=("linear", "linear"), *, reservation=(0.3, 0.3), worlds: int = WORLDS, **second
) -> tuple[Side, Side]:
    """A governor and a coalition with opposed random weights."""
    random = np.random.default_rng(seed)
    own, other = random.uniform(0.1, 1, size=(2, ISSUES, worlds))
    return (
        Side(name="governor", weights=own, reservation=reservation[0], tactic=make_tactic(tactics[0])),
        Side(name="coalition", weights=-other, reservation=reservation[1], tactic=make_tactic(tactics[1]), **second),
    )


def table(sides: tuple[Side, Side], rounds: int = 20, worlds: int = WORLDS, **rules) -> Talks:
    return Talks(sides=sides, low=LOW, high=HIGH, rounds=rounds, worlds=worlds, **rules)


LUCK = np.random.default_rng(1).uniform(size=(3, 20, WORLDS))


def test_a_side_takes_what_it_would_itself_ask_for_next():
    """A dollar between two who give up an eleventh of it a round.

    The sixth offer leaves the other 5/11: less than the 6/11 it asks for now, no less than it would ask for next.
    """
    ends = (np.ones(1), -np.ones(1))
    sides = tuple(
        Side(name=name, weights=end, reservation=0.0, tactic=make_tactic("linear"))
        for name, end in zip(("governor", "coalition"), ends, strict=True)
    )
    talks = Talks(sides=sides, low=np.zeros(1), high=np.ones(1), rounds=12, worlds=1).hold_all()
    assert talks.agreed_round[0] == 5
    assert talks.package[0, 0] == pytest.approx(5 / 11)  # to the governor, who answers


# --- what holds under every protocol


@pytest.mark.parametrize("protocol", ALL_PROTOCOLS)
def test_a_deal_beats_no_deal_for_both_and_passes_their_tests(protocol):
    def cheap(package, here=None):
        return package[0] <= 0.6

    sides = two_sides(tactics=("agenda_setter", "conceder"), acceptable=cheap)
    talks = table(sides, protocol=protocol, luck=LUCK).hold_all()
    for side in talks.sides:
        assert (side.value(talks.package)[talks.agreed] >= side.reservation[talks.agreed] - 1e-9).all()
    assert (talks.package[0, talks.agreed] <= 0.6).all()
    assert np.isnan(talks.package[:, ~talks.agreed]).all() and (talks.agreed_round[~talks.agreed] == -1).all()


@pytest.mark.parametrize("protocol", ALL_PROTOCOLS)
def test_late_conceders_who_have_a_zone_find_it(protocol):
    tactics = ("agenda_setter", "linear") if protocol == "take_it_or_leave_it" else ("boulware", "linear")
    talks = table(two_sides(tactics=tactics), protocol=protocol, luck=LUCK).hold_all()
    assert talks.agreed.all()
    both = Frontier(talks.sides[0].weights, talks.sides[1].weights, LOW, HIGH)
    assert np.isfinite(efficiency(both, talks.package, 0.3, 0.3).to_nash).all()


@pytest.mark.parametrize("protocol", ALL_PROTOCOLS)
def test_no_zone_no_deal(protocol):
    sides = two_sides(reservation=(0.9, 0.9))
    assert not table(sides, protocol=protocol, luck=LUCK).hold_all().agreed.any()


@pytest.mark.parametrize("protocol", ALL_PROTOCOLS)
def test_a_block_equals_its_worlds_one_by_one(protocol):
    tactics = ("random_absolute_tit_for_tat", "trade_off")
    block = table(two_sides(tactics=tactics), protocol=protocol, luck=LUCK).hold_all()
    for world in (0, 17, WORLDS - 1):
        sides = two_sides(tactics=tactics)
        for side in sides:
            side.weights = side.weights[:, world : world + 1]
        alone = table(sides, worlds=1, protocol=protocol, luck=LUCK[:, :, world : world + 1]).hold_all()
        assert np.array_equal(alone.package[:, 0], block.package[:, world], equal_nan=True)


# --- the machine


def test_the_opener_is_a_lever():
    records = [table(two_sides(), opener=opener).hold_round() for opener in ("governor", "coalition")]
    assert [record.proposer for record in records] == ["governor", "coalition"]
    with pytest.raises(WrongInput, match="governor"):
        table(two_sides(), opener="governer")


def test_rounds_can_be_held_one_by_one_and_say_what_happened():
    talks = table(two_sides())
    record = talks.hold_round()
    assert (record.round, record.proposer, talks.round) == (0, "governor", 1)
    assert np.allclose(record.values["governor"], 1.0) and np.allclose(record.package, HIGH[:, None])
    assert record.live.all() and not record.accepted.any()
    while talks.running:
        record = talks.hold_round()
    assert talks.agreed.all() and not talks.live.any()


def test_worlds_that_have_agreed_are_left_alone():
    talks = table(two_sides(tactics=("conceder", "linear"), reservation=(np.linspace(0, 0.6, WORLDS), 0.3)))
    while not talks.agreed.any():
        talks.hold_round()
    early, package = talks.agreed.copy(), talks.package.copy()
    talks.hold_all()
    assert early.sum() < WORLDS and talks.agreed.all()
    assert np.array_equal(talks.package[:, early], package[:, early])


def test_a_breakdown_that_nobody_saw_coming_ends_the_talks_there():
    last = np.arange(WORLDS) % 20
    free = table(two_sides()).hold_all()
    talks = table(two_sides(), last_round=last).hold_all()
    assert np.array_equal(talks.agreed, free.agreed_round <= last)


def test_news_moves_what_a_side_will_take():
    talks, surprised = table(two_sides()), table(two_sides())
    for _ in range(5):
        talks.hold_round()
        surprised.hold_round()
    surprised.table.update("coalition", reservation=0.1)  # a threat believed
    talks.hold_all()
    surprised.hold_all()
    governor = talks.sides[0]
    assert (governor.value(surprised.package) > governor.value(talks.package)).all()


def test_new_weights_change_the_packages_that_are_offered():
    talks = table(two_sides())
    talks.hold_round()
    assert talks.table.side("governor").believed is None  # it knows the coalition's weights, also the new ones
    talks.table.update("coalition", weights=-np.ones((ISSUES, WORLDS)))
    assert np.array_equal(talks.table.side("governor").frontier.other, -np.ones((ISSUES, WORLDS)))


def test_a_side_can_be_played_by_hand():
    talks = table(two_sides(worlds=1), worlds=1)
    talks.propose({"governor": [0.0, 2.0, 3.0, 4.0]})
    record = talks.answer()
    assert record.package[:, 0].tolist() == [0, 2, 3, 4] and not record.accepted[0]
    proposal = talks.propose()
    assert proposal.proposer == "coalition"
    record = talks.answer({"governor": True})
    assert record.accepted[0] and talks.agreed[0] and np.array_equal(talks.package, proposal.package)


def test_an_offer_by_hand_must_lie_within_the_bounds():
    talks = table(two_sides(worlds=1), worlds=1)
    with pytest.raises(WrongInput, match="issue 1"):
        talks.propose({"governor": [0.0, 2.5, 3.0, 4.0]})
    with pytest.raises(WrongInput, match="4 issues"):
        talks.propose({"governor": [0.0]})
    with pytest.raises(WrongInput, match="not at the table"):
        talks.propose({"mayor": [0.0, 2.0, 3.0, 4.0]})
    with pytest.raises(WrongInput, match="no text"):
        talks.answer()


def test_the_agenda_setter_leaves_the_other_just_what_no_deal_is_worth():
    sides = two_sides(tactics=("agenda_setter", "linear"))
    talks = table(sides, protocol="take_it_or_leave_it").hold_all()
    assert talks.agreed.all() and np.allclose(sides[1].value(talks.package), 0.3)


def test_the_mediator_ends_near_the_middle_of_what_both_hold_out_for():
    talks = table(
        two_sides(tactics=("boulware", "boulware"), reservation=(0.4, 0.4)), protocol="single_text"
    ).hold_all()
    assert talks.agreed.all()
    first, second = (side.value(talks.package) for side in talks.sides)
    assert np.abs(first - second).max() < 0.15


def test_the_luck_of_a_round_does_not_depend_on_how_many_there_are():
    worlds = np.array([3, 8, 5], dtype=np.int64)
    assert np.array_equal(luck_of_talks(Luck(1, worlds), 9)[:, :4], luck_of_talks(Luck(1, worlds), 4))
    assert np.array_equal(luck_of_talks(Luck(1, worlds), 4)[:, :, 1], luck_of_talks(Luck(1, worlds[1:2]), 4)[:, :, 0])


def test_talks_that_draw_need_luck():
    with pytest.raises(WrongInput, match="luck"):
        table(two_sides(tactics=("war_of_attrition", "linear")))


def test_talks_alone_come_to_an_end():
    talks = talks_alone(64, 40)
    assert talks.agreed.all() and 0 < talks.agreed_round.mean() < 39


# --- the estimate of the other side


def importance(weights: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """How much of a side's scale each issue spans, shares that add up to 1, (issues, worlds)."""
    swing = np.abs(weights.reshape(len(low), -1)) * (high - low)[:, None]
    return swing / swing.sum(axis=0)


def test_insight_runs_from_equal_importance_to_the_truth():
    own, truth = np.ones(ISSUES), -np.array([1.0, 4.0, 0.5, 0.2])
    blind, wise = (guess(own, truth, LOW, HIGH, insight) for insight in (0.0, 1.0))
    assert np.allclose(importance(blind, LOW, HIGH), 1 / ISSUES)
    assert np.allclose(importance(wise, LOW, HIGH)[:, 0], importance(truth, LOW, HIGH)[:, 0])
    assert (np.sign(blind[:, 0]) == np.sign(truth)).all()


def test_concessions_give_away_what_matters():
    """A linear conceder gives first what it cares for least; a listener ends nearer to the truth than it began."""
    sides = two_sides(seed=5, tactics=("linear", "linear"), reservation=(0.0, 0.0))
    blind = guess(-sides[1].weights, sides[0].weights, LOW, HIGH, 0.0)
    talks = table(sides, rounds=40)
    estimate = Estimate(blind, LOW, HIGH, rate=0.1)
    truth = importance(sides[0].weights, LOW, HIGH)
    sides[0].believed = guess(sides[0].weights, sides[1].weights, LOW, HIGH, 0.0)  # concedes in its own order
    talks.table.update("governor", believed=sides[0].believed)
    for _ in range(24):
        record = talks.hold_round()
        if record.proposer == "governor":
            estimate.hear(record.package)
    before = np.abs(importance(blind, LOW, HIGH) - truth).sum(axis=0)
    after = np.abs(importance(estimate.weights, LOW, HIGH) - truth).sum(axis=0)
    assert after.mean() < 0.8 * before.mean()
    assert (np.sign(estimate.weights) == np.sign(sides[0].weights)).all()


def test_learning_brings_deals_nearer_to_the_frontier():
    def lost(learning: float) -> float:
        sides = two_sides(seed=6, tactics=("boulware", "linear"), worlds=400)
        for side, other in (sides, sides[::-1]):
            side.believed = guess(side.weights, other.weights, LOW, HIGH, 0.0)
        sides[0].learning = learning
        talks = table(sides, rounds=60, worlds=400).hold_all()
        both = Frontier(sides[0].weights, sides[1].weights, LOW, HIGH)
        return float(np.nanmean(efficiency(both, talks.package, 0.3, 0.3).to_frontier))

    assert lost(0.03) < 0.75 * lost(0.0)


def test_an_offer_that_repeats_the_last_one_tells_nothing():
    estimate = Estimate(np.ones(2), np.zeros(2), np.ones(2), rate=0.1)
    package = np.array([[0.5], [0.5]])
    assert not estimate.hear(package)
    estimate.hear(package.copy())
    assert np.allclose(importance(estimate.weights, np.zeros(2), np.ones(2)), 0.5)


# --- efficiency


@pytest.mark.parametrize("seed", range(4))
def test_the_points_of_theory_are_the_best_on_a_fine_grid_of_the_frontier(seed):
    random = np.random.default_rng(seed)
    own, other = random.uniform(0.1, 1, size=(2, ISSUES, 3))
    frontier = Frontier(own, -other, LOW, HIGH)
    no_deal = random.uniform(0, 0.5, size=(2, 3))
    grid = np.linspace(0, 1, 4001)
    bend = scaled_bend(frontier, 3)
    points = (
        nash_point(bend, *no_deal),
        kalai_smorodinsky_point(bend, *no_deal),
        egalitarian_point(bend, *no_deal),
        utilitarian_point(bend, *no_deal),
    )
    for world in range(3):
        alone = Frontier(own[:, world], -other[:, world], LOW, HIGH)
        first = grid - no_deal[0, world]
        second = alone.others_value(alone.offer(grid)) - no_deal[1, world]
        fine = (first >= 0) & (second >= 0)
        goals = (
            first * second,
            -np.abs(first / first[fine].max() - second / second[fine].max()),
            -np.abs(first - second),
            first + second,
        )
        for goal, point in zip(goals, points, strict=True):
            best = np.flatnonzero(fine)[np.argmax(goal[fine])]
            assert point.own[world] == pytest.approx(grid[best], abs=2e-3)
            assert point.other[world] == pytest.approx(second[best] + no_deal[1, world], abs=5e-3)


def test_a_deal_on_the_frontier_loses_nothing_and_one_inside_does():
    frontier = Frontier(np.array([2.0, 1.0]), np.array([-1.0, -2.0]), np.zeros(2), np.ones(2))
    best, middling = np.array([[1.0], [0.0]]), np.array([[0.5], [0.5]])
    on, inside = efficiency(frontier, best, 0.0, 0.0), efficiency(frontier, middling, 0.0, 0.0)
    assert on.to_frontier[0] == on.to_nash[0] == on.to_egalitarian[0] == on.to_kalai_smorodinsky[0] == 0
    assert inside.to_frontier[0] == pytest.approx(0.25 / np.hypot(1, 0.5))  # from x + 2 y = 2
    assert on.gains_realised[0] == 1 and inside.gains_realised[0] == pytest.approx(0.75)
    assert on.surplus_share[0] == 0.5


def test_without_a_zone_there_is_no_point_and_without_a_deal_no_measure():
    frontier = Frontier(np.array([1.0]), np.array([-1.0]), np.zeros(1), np.ones(1))
    assert np.isnan(nash_point(scaled_bend(frontier, 1), 0.7, 0.7).own[0])
    assert np.isnan(efficiency(frontier, np.array([[np.nan]]), 0.2, 0.2)).all()


# --- each union at its own table


def pattern(tactics=("linear", "linear"), *, followers=3, follower_reservation=0.3, wait=None) -> PatternBargaining:
    tables = [table(two_sides(seed=9, tactics=tactics))]
    tables += [
        table(two_sides(seed=9, tactics=("boulware", "boulware"), reservation=(0.3, follower_reservation)))
        for _ in range(followers)
    ]
    return PatternBargaining(tables, leader=0, wait=wait)


def test_followers_wait_for_the_leader_and_settle_on_its_terms():
    tables = pattern().hold_all()
    leader = tables.leader
    assert tables.agreed.all()
    for follower in tables.followers:
        assert (follower.agreed_round >= leader.agreed_round).all()
        assert np.allclose(follower.package, leader.package)


def test_a_follower_whose_talks_are_broken_off_takes_no_pattern_until_they_meet_again():
    tables = pattern(followers=1)
    (follower,) = tables.followers
    follower.meets = np.ones((tables.rounds, WORLDS), bool)
    follower.meets[2:, 0] = False  # for good
    follower.meets[2:-1, 1] = False  # until the last round
    tables.hold_all()
    assert not follower.agreed[0] and follower.agreed[1:].all()
    assert follower.agreed_round[1] >= tables.rounds - 1


def test_a_follower_that_does_better_without_a_deal_refuses_the_pattern():
    tables = pattern(follower_reservation=0.95).hold_all()
    assert tables.leader.agreed.all() and not tables.agreed.any()


def test_followers_who_wait_no_longer_talk_for_themselves():
    tables = pattern(tactics=("fixed", "fixed"), wait=10).hold_all()
    assert not tables.leader.agreed.any()
    assert all(follower.agreed.all() and (follower.agreed_round >= 10).all() for follower in tables.followers)


def test_value_is_added_up_issue_by_issue():
    assert value_of(np.array([[1.0], [2.0]]), np.array([[10.0], [100.0]]))[0] == 210
