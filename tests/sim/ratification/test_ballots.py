"""Counts of ballots: close to the exact quantile, and the same people give the same answer."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr
from scipy.stats import binom

from sim.ratification.ballots import DRAWS_A_UNIT, Cohort, Electorate, binomial_count
from sim.worlds.randomness import Stream, coarse

SCORES = np.linspace(-5, 5, 1001)
CHANCES = np.array([1e-9, 1e-6, 1e-4, 1e-3, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.999, 1 - 1e-6])[:, None]


def test_nobody_is_counted_at_chance_zero_and_everybody_at_chance_one():
    for people in (0.0, 1.0, 30.0, 5000.0):
        everybody, never = np.full(len(SCORES), people), np.zeros(len(SCORES))
        assert not binomial_count(SCORES, everybody, never).any()
        np.testing.assert_array_equal(binomial_count(SCORES, everybody, never + 1), everybody)


def test_a_count_is_within_one_vote_of_the_exact_quantile_and_two_in_the_farthest_tails():
    for people in (1, 5, 30, 300, 3000):
        exact = np.maximum(binom.ppf(ndtr(SCORES), people, CHANCES), 0)
        off = np.abs(binomial_count(SCORES + 0 * CHANCES, np.full(exact.shape, people), CHANCES + 0 * SCORES) - exact)
        assert off[:, np.abs(SCORES) < 4].max() <= 1
        assert off[:, np.abs(SCORES) < 4.5].max() <= 2


def test_the_same_people_asked_the_same_question_give_the_same_answer():
    people, chance = np.full(len(SCORES), 300.0), np.full(len(SCORES), 0.4)
    asked = Cohort(people)
    first = asked.count_yes(chance, SCORES)
    np.testing.assert_array_equal(asked.count_yes(chance, SCORES[::-1]), first)
    np.testing.assert_array_equal(asked.count_yes(chance, SCORES), first)


def test_nobody_joins_where_turnout_does_not_rise():
    worlds = np.arange(2000)
    luck = coarse(2011, Stream.BALLOTS, worlds, DRAWS_A_UNIT)
    voters = Electorate(np.full(len(worlds), 400.0), luck)
    voters.turn_out(0.6)
    first = voters.vote(np.full(len(worlds), 0.5))
    voters.turn_out(0.6)
    np.testing.assert_array_equal(voters.vote(np.full(len(worlds), 0.5)), first)
