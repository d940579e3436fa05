"""Paired comparisons: test and interval agree, families hold together, and verdicts claim no more than they carry."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import bootstrap, ttest_rel
from statsmodels.stats.contingency_tables import mcnemar

from experiments.statistics.paired_tests import (
    is_share,
    paired_difference,
    paired_mean_difference,
    together,
    verdict_of,
)
from sim.wording import p_words


def pairs(seed, worlds=600, change=0.1):
    luck = np.random.default_rng(seed)
    before = luck.random(worlds) < 0.5
    return before, np.where(luck.random(worlds) < change, ~before, before)


@pytest.mark.parametrize("seed", range(4))
def test_a_difference_of_shares_has_mcnemars_p_and_the_interval_of_the_bootstrap(seed):
    before, after = pairs(seed)
    found = paired_difference(before, after)
    table = [[int((before & after).sum()), found.lost], [found.gained, int((~before & ~after).sum())]]
    assert found.p_value == pytest.approx(mcnemar(table, exact=False, correction=False).pvalue)
    resampled = bootstrap((after.astype(float) - before,), np.mean, rng=np.random.default_rng(seed), n_resamples=4000)
    # the ends of a bootstrap of 4000 are known to about 3 % of the interval's length
    ends = tuple(resampled.confidence_interval)
    assert (found.low, found.high) == pytest.approx(ends, abs=0.05 * (found.high - found.low))


@pytest.mark.parametrize("gained", range(0, 16))
@pytest.mark.parametrize("lost", (0, 2, 9))
def test_the_interval_excludes_zero_exactly_where_the_test_rejects(gained, lost):
    before, after = np.zeros(80, bool), np.zeros(80, bool)
    after[:gained], before[gained : gained + lost] = True, True
    found = paired_difference(before, after)
    assert (found.low > 0 or found.high < 0) == (found.p_value < 0.05)
    assert found.low <= found.difference <= found.high


@pytest.mark.parametrize("gained, lost, alike", [(12, 2, 36), (3, 0, 20), (40, 55, 100)])
def test_the_score_statistic_is_the_normal_quantile_at_either_end(gained, lost, alike):
    """Tango's definition, with the likeliest cells under a difference found by search instead of in closed form."""
    n = gained + lost + alike
    found = paired_difference([0] * gained + [1] * lost + [1] * alike, [1] * gained + [0] * lost + [1] * alike)
    for end, z in ((found.low, 1.959964), (found.high, -1.959964)):

        def unlikely(q, d=end):  # q: share of worlds that lose
            cells = np.maximum([q + d, q, 1 - 2 * q - d], 1e-300)
            return -np.dot((gained, lost, alike), np.log(cells))

        q = minimize_scalar(
            unlikely, bounds=(max(0, -end), (1 - end) / 2), method="bounded", options={"xatol": 1e-12}
        ).x
        assert (gained - lost - n * end) / np.sqrt(n * (2 * q + end * (1 - end))) == pytest.approx(z, rel=1e-3)


@pytest.mark.parametrize("worlds", [1, 50, 1000])
def test_where_no_world_changes_the_interval_keeps_the_width_of_the_score_test(worlds):
    found, squared = paired_difference(np.ones(worlds), np.ones(worlds)), 1.959964**2
    assert found.high == pytest.approx(squared / (worlds + squared), rel=1e-4) and found.low == pytest.approx(
        -found.high
    )
    assert found.p_value == 1


def test_a_difference_of_means_is_students():
    luck = np.random.default_rng(1)
    before = luck.normal(800, 50, 400)
    after = before + luck.normal(1, 10, 400)
    found, expected = paired_mean_difference(before, after), ttest_rel(after, before)
    assert found.p_value == pytest.approx(expected.pvalue)
    assert (found.low, found.high) == pytest.approx(tuple(expected.confidence_interval()))
    after[:100] = np.nan
    assert paired_mean_difference(before, after).n == 300


@pytest.mark.parametrize("pairs", [0, 1])
def test_one_pair_or_none_shows_no_difference_of_means(pairs):
    found = paired_mean_difference(np.zeros(pairs), np.ones(pairs))
    assert found.p_value == 1 and not found.clear


def test_comparisons_together_err_at_all_in_one_of_twenty():
    """Changes that do nothing, 12 at once and going together: some interval misses zero in 5 % of 600 studies."""
    luck, missed = np.random.default_rng(3), 0
    for _ in range(600):
        shared = luck.normal(size=(200, 1))
        changes = 0.6 * shared + luck.normal(size=(200, 12))
        level = together(changes).confidence
        found = [paired_mean_difference(np.zeros(200), column, level) for column in changes.T]
        missed += any(row.low > 0 or row.high < 0 for row in found)
    assert abs(missed / 600 - 0.05) < 3 * np.sqrt(0.05 * 0.95 / 600)


def test_changes_that_go_together_cost_less_than_as_many_that_do_not():
    luck = np.random.default_rng(5)
    alone = luck.normal(size=(500, 10))
    alike = luck.normal(size=(500, 1)) + 0.1 * alone
    assert together(alike).confidence < together(alone).confidence <= 1 - 0.05 / 10 + 0.001


@pytest.mark.parametrize("p", [0.2, 0.04, 0.004])
def test_adjusted_p_and_adjusted_interval_tell_the_same(p):
    family = together(np.random.default_rng(7).normal(size=(400, 8)))
    assert (family.adjusted(p) < 0.05) == (p < 1 - family.confidence)
    assert family.adjusted(p) >= p


@pytest.mark.parametrize(
    "low, high, said",
    [
        (0.02, 0.05, "raises"),
        (-0.05, -0.02, "lowers"),
        (-0.005, 0.009, "no effect that matters"),
        (0.001, 0.009, "no effect that matters"),  # clear, and too small to care
        (-0.02, 0.05, "unclear"),
        (0.002, 0.05, "raises"),
    ],
)
def test_a_verdict_is_read_from_the_interval(low, high, said):
    assert verdict_of(low, high, 0.01) == said


def test_p_is_never_written_as_zero():
    assert p_words(0.0) == p_words(1e-300) == "p < 0.001" and p_words(0.0312) == "p = 0.031"


def test_a_share_is_a_yes_or_no_wherever_it_is_known():
    assert is_share(np.array([True, False])) and is_share(np.array([1.0, np.nan, 0.0]))
    assert not is_share(np.array([0.5, 1.0])) and not is_share(np.array(["yes"]))
