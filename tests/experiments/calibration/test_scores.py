"""Scores are their formulas, are proper, and tell reliable forecasts from others."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, ndtri
from scipy.stats import binom, norm

from experiments.calibration.scores import (
    bins,
    brier,
    compared,
    crps,
    holds,
    log_score,
    mean_with_interval,
    reliability,
    scored,
    share_log_score,
    width,
)


def test_scores_are_their_formulas():
    said, happened = np.array([0.9, 0.2, 0.5]), np.array([True, True, False])
    assert brier(said, happened) == pytest.approx([0.01, 0.64, 0.25])
    assert log_score(said, happened) == pytest.approx(-np.log([0.9, 0.2, 0.5]))
    assert log_score(np.array([1.0]), np.array([False]))[0] == pytest.approx(-np.log(0.005))


def test_an_honest_forecast_scores_best_on_average():
    """Both scores are proper: with a true chance of 0.7 nothing scores better than to say 0.7."""
    luck = np.random.default_rng(1)
    happened = luck.random(200_000) < 0.7
    for score in (brier, log_score):
        means = {p: score(np.full(len(happened), p), happened).mean() for p in (0.5, 0.6, 0.7, 0.8, 0.9)}
        assert min(means, key=lambda p: means[p]) == 0.7


def test_the_interval_of_a_mean_score_holds_it():
    found = mean_with_interval(np.array([0.1, 0.2, 0.4, 0.3, 0.2]))
    assert found["low"] < found["mean"] < found["high"]
    assert found["mean"] == pytest.approx(0.24)


def test_votes_of_one_case_stand_or_fall_together():
    """Ten votes of two cases are two draws, not ten: the interval is that of the cases."""
    values = np.repeat([0.1, 0.5], 5)
    alone, together = mean_with_interval(values), mean_with_interval(values, ["a"] * 5 + ["b"] * 5)
    assert together["mean"] == alone["mean"] == pytest.approx(0.3)
    assert (together["low"], together["high"]) == pytest.approx((0.1, 0.5))
    assert alone["low"] > 0.15 and alone["high"] < 0.45


def test_a_difference_of_scores_is_paired():
    half = np.full(9, 0.5)
    rows = [
        {"case": str(i)} | {name: scored(half, None, True, probability=q) for name, q in (("a", p), ("b", p - 0.1))}
        for i, p in enumerate((0.4, 0.9))
    ]
    found = compared(rows, ("a", "b"))["less"]["b"]["brier"]
    assert found["mean"] == pytest.approx(np.mean([0.6**2 - 0.7**2, 0.1**2 - 0.2**2])) and found["high"] < 0


# --- shares


def crps_normal(mean: float, deviation: float, seen: float) -> float:
    """The score of a normal distribution, in closed form. Source: Gneiting & Raftery (2007), eq. 22."""
    z = (seen - mean) / deviation
    density = np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)
    return float(deviation * (z * (2 * norm.cdf(z) - 1) + 2 * density - 1 / np.sqrt(np.pi)))


@pytest.mark.parametrize("seen", [-1.0, 0.4, 2.5])
def test_the_score_of_a_sample_is_that_of_the_distribution_it_was_drawn_from(seen: float):
    """Evenly spaced quantiles of a normal: within their spacing of the closed form."""
    quantiles = 0.3 + 1.2 * ndtri((np.arange(4000) + 0.5) / 4000)
    assert crps(quantiles, seen) == pytest.approx(crps_normal(0.3, 1.2, seen), abs=0.002)


def test_the_score_of_a_number_is_its_error():
    assert crps(np.array([0.4]), 0.55) == pytest.approx(0.15)
    assert crps_normal(0.4, 1e-9, 0.55) == pytest.approx(0.15)


def test_the_closed_form_is_the_integral_of_squared_differences():
    """Gneiting & Raftery (2007), eq. 20: the integral of (F(x) - [x >= seen])^2."""
    x = np.linspace(-12, 12, 200_001)
    integral = np.trapezoid((norm.cdf(x, 0.3, 1.2) - (x >= 0.9)) ** 2, x)
    assert crps_normal(0.3, 1.2, 0.9) == pytest.approx(integral, abs=1e-4)


def test_an_honest_share_scores_best_on_average():
    """Proper: with truths normal about 0.2 logits and a spread of 0.6, no other mean or spread scores better."""
    luck, grid = np.random.default_rng(4), ndtri((np.arange(199) + 0.5) / 199)
    truths = expit(0.2 + 0.6 * luck.standard_normal(800))
    for score in (crps, share_log_score):
        means = {
            (mean, spread): np.mean([score(expit(mean + spread * grid), seen) for seen in truths])
            for mean in (-0.1, 0.2, 0.5)
            for spread in (0.35, 0.6, 1.0)
        }
        assert min(means, key=lambda key: means[key]) == (0.2, 0.6), score


def test_the_density_of_a_share_is_that_of_its_log_odds():
    """A large normal sample: the density at its middle is 1 / (spread x root of two pi), less what the kernels blur."""
    sample = expit(0.7 * ndtri((np.arange(5000) + 0.5) / 5000))
    assert share_log_score(sample, 0.5) == pytest.approx(-norm.logpdf(0.0, 0.0, 0.7), abs=0.03)


def test_an_interval_holds_what_lies_between_its_quantiles():
    sample = np.arange(1000) / 1000
    assert holds(sample, 0.74, 0.5) and not holds(sample, 0.76, 0.5) and holds(sample, 0.76, 0.9)
    assert width(sample, 0.5) == pytest.approx(0.5, abs=0.001)


# --- reliability


def test_the_parts_of_the_brier_score_add_up_to_it():
    """Brier = miscalibration - resolution + uncertainty (Dimitriadis, Gneiting & Jordan 2021, eq. 5)."""
    luck = np.random.default_rng(2)
    said = luck.random(300)
    happened = luck.random(300) < said**2
    found = reliability(said, happened)
    parts = found.miscalibration - found.resolution + found.uncertainty
    assert parts == pytest.approx(brier(said, happened).mean())
    assert min(found.miscalibration, found.resolution) >= 0
    assert (np.diff(found.happened) >= -1e-12).all()


def test_reliable_forecasts_stay_in_their_band_and_others_leave_it():
    luck = np.random.default_rng(3)
    said = luck.random(400)
    honest = reliability(said, luck.random(400) < said)
    wrong = reliability(said, luck.random(400) < 0.5 + 0.2 * (said - 0.5))
    assert honest.p_value > 0.05 and wrong.p_value < 0.01
    assert honest.inside == 1 and wrong.inside < 0.7


def test_nine_in_ten_honest_curves_lie_wholly_inside_their_band():
    """A hundred honest sets of votes that hang together by fives: 90 wholly inside, to within a binomial's 99.9 %."""
    luck = np.random.default_rng(8)
    inside = []
    for _ in range(100):
        said = np.repeat(luck.random(20), 5)
        together = lambda draws, p=said: np.repeat(luck.random((draws, 20)), 5, axis=1) < p  # noqa: E731
        inside.append(reliability(said, together(1)[0], alike=together(400)).inside == 1)
    assert binom(100, 0.9).ppf(0.0005) <= sum(inside) <= binom(100, 0.9).ppf(0.9995)


def test_the_band_of_a_bin_is_where_nine_in_ten_honest_counts_lie():
    """Of 50 forecasts of 0.3 the counts are binomial: their 5 and 95 % quantiles, to one count."""
    luck = np.random.default_rng(4)
    said = np.concatenate([np.full(50, 0.3), np.full(10, 0.95)])
    low, sure = bins(said, np.repeat([True, False], [20, 40]), luck.random((4000, 60)) < said)
    assert (low["votes"], low["said"], low["happened"]) == (50, pytest.approx(0.3), pytest.approx(0.4))
    assert [50 * low[end] for end in ("low", "high")] == pytest.approx(binom(50, 0.3).ppf([0.05, 0.95]), abs=1)
    assert (sure["from"], sure["happened"]) == (0.8, 0.0) and sure["low"] > 0


def test_so_much_miscalibration_is_as_rare_by_chance_as_is_said():
    """Of a hundred sets of honest forecasts ten or so have a p-value below 0.1 (binomial, 99.9 %)."""
    luck = np.random.default_rng(6)
    said = luck.random((100, 80))
    found = [reliability(p, luck.random(80) < p, draws=200).p_value for p in said]
    assert np.sum(np.array(found) < 0.1) <= 21


def test_a_forecast_that_never_changes_has_no_resolution():
    happened = np.array([True, False, True, True])
    found = reliability(np.full(4, 0.75), happened)
    assert found.resolution == pytest.approx(0) and found.miscalibration == pytest.approx(0)
    assert found.uncertainty == pytest.approx(0.75 * 0.25)
