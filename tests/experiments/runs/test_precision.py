"""Only as many worlds as the question needs: intervals as narrow as asked, honest ones, and the line found cheaply."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from statsmodels.stats.proportion import proportion_confint
from toy_crisis import Block, ToyScenario, simulate_block

from experiments.runs.designs import Grid, points_from_columns
from experiments.runs.loop import Options
from experiments.runs.policies import Contour, Precision, contour_line
from experiments.runs.runner import resume, run
from experiments.runs.store import Folder
from experiments.runs.study import Study
from experiments.runs.task_order import Progress
from experiments.statistics.intervals import (
    normal_quantile,
    wilson_half_width,
    wilson_interval,
    worlds_at_least,
    worlds_at_most,
)
from sim.errors import WrongInput
from sim.worlds.randomness import uniforms

HERE = Options(workers=1, model=simulate_block, load=lambda name: ToyScenario())


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95, 0.99])
def test_wilson_is_the_textbook_wilson(confidence):
    for n in (1, 7, 100, 10_000):
        yes = np.unique(np.linspace(0, n, 9).astype(int))
        low, high = wilson_interval(yes, n, confidence)
        expected = [proportion_confint(count, n, 1 - confidence, method="wilson") for count in yes]
        assert np.allclose(np.transpose([low, high]), expected, atol=1e-12)


def test_nothing_seen_says_nothing():
    assert wilson_interval(0, 0) == (0.0, 1.0)
    assert normal_quantile(0.95) == pytest.approx(norm.ppf(0.975))


@pytest.mark.parametrize("half_width", [0.3, 0.1, 0.02, 0.003])
def test_the_bounds_on_how_many_worlds_are_sharp(half_width):
    least, most = worlds_at_least(half_width), worlds_at_most(half_width)
    assert wilson_half_width(0, least) <= half_width < wilson_half_width(0, least - 1) or least == 1
    assert wilson_half_width(most / 2, most) <= half_width * (1 + 1e-9)
    assert wilson_half_width((most - 1) / 2, most - 1) > half_width


def test_every_interval_is_within_the_bound_and_each_point_stops_at_its_own_n(tmp_path):
    study = Study(
        name="p", scenario=ToyScenario(), precision=Precision(half_width=0.04), design=Grid(vary={"rate": "0:1:0.1"})
    )
    outcome = run(study, tmp_path / "r", options=HERE)
    summary = pd.read_csv(outcome.folder / "summary.csv")
    assert ((summary["high"] - summary["low"]) / 2 <= 0.04 + 1e-9).all()
    assert (summary["stopped"] == "precise").all()
    assert summary["n"].nunique() > 4
    assert summary["n"].iloc[0] == worlds_at_least(0.04)
    assert summary["n"].max() <= worlds_at_most(0.04)
    assert outcome.why == "11 of 11 points reached a half-width of 0.04"
    assert resume(outcome.folder, options=HERE).ran_now == 0


def test_a_cap_stops_what_stays_wide_and_says_so(tmp_path):
    precision = Precision(half_width=0.02, cap=300)
    study = Study(name="p", scenario=ToyScenario(), precision=precision, design=Grid(vary={"rate": [0, 0.5]}))
    outcome = run(study, tmp_path / "r", options=HERE)
    summary = pd.read_csv(outcome.folder / "summary.csv")
    assert summary["stopped"].tolist() == ["precise", "cap"]
    assert summary["n"].tolist() == [worlds_at_least(0.02), 300]
    assert outcome.why == "1 of 2 points stopped at the cap of 300 worlds, 1 of 2 points reached a half-width of 0.02"


@pytest.mark.parametrize("half_width", [0.1, 0.05])
@pytest.mark.parametrize("rate", [0.02, 0.1, 0.3, 0.5, 0.9])
def test_intervals_cover_the_known_rate_about_as_often_as_they_say(rate, half_width):
    """The stopping rule alone, on 4,000 independent sequences: its bias costs at most a point or two of coverage.

    Wilson's interval itself, at a fixed n, covers between 93.5 and 97 % for such rates; 1.1 % is three standard errors.
    """
    sequences, rng = 4_000, np.random.default_rng(2011)
    policy = Precision(half_width=half_width)
    points = points_from_columns({"rate": [rate] * sequences})
    zero = np.zeros(sequences, np.int64)
    so_far = Progress(zero.copy(), zero.copy(), zero.copy())
    while stages := policy.next_stages(points, so_far):
        for stage in stages:
            so_far.deals[stage.points] += rng.binomial(stage.end - stage.first, rate, len(stage.points))
            so_far.n[stage.points] += stage.end - stage.first
            so_far.asked[stage.points] = stage.end
    low, high = wilson_interval(so_far.deals, so_far.n)
    coverage = np.mean((low <= rate) & (rate <= high))
    assert coverage >= 0.935 - 0.011
    assert ((high - low) / 2 <= half_width * (1 + 1e-9)).all()


def separately(scenario, *, seed, worlds, point):
    """Each point has worlds of its own, all with the same known rate."""
    deal = np.empty(len(worlds), bool)
    for luck in np.unique(point["luck"]):
        own = point["luck"] == luck
        deal[own] = uniforms(seed + int(luck), 98, worlds[own], 1)[0] < 0.3
    return Block({"world": worlds, "outcome": np.where(deal, 0, 2).astype(np.int8), "deal": deal})


def test_coverage_holds_through_the_runner(tmp_path):
    design = Grid(vary={"luck": "1:300:1"})
    study = Study(name="p", scenario=ToyScenario(), precision=Precision(half_width=0.1), design=design)
    outcome = run(study, tmp_path / "r", options=Options(workers=1, model=separately))
    summary = pd.read_csv(outcome.folder / "summary.csv")
    coverage = ((summary["low"] <= 0.3) & (summary["high"] >= 0.3)).mean()
    assert abs(coverage - 0.95) < 3 * np.sqrt(0.95 * 0.05 / 300) + 0.01


def hilly(scenario, *, seed, worlds, point):
    """Deals become likelier from one corner of the map to the other, along a curve."""
    x, y = np.asarray(point["rate"]), np.asarray(point["luck"])
    chance = 1 / (1 + np.exp(-8 * (y / 32 - 0.3 - 0.4 * np.sin(2.5 * x))))
    deal = uniforms(seed, 98, worlds, 1)[0] < chance
    return Block({"world": worlds, "outcome": np.where(deal, 0, 2).astype(np.int8), "deal": deal})


def test_the_contour_finds_the_line_with_a_third_of_the_worlds(tmp_path):
    grid = Grid(vary={"rate": "0:1:0.03125", "luck": "0:32:1"})
    options = Options(workers=1, model=hilly)
    full = run(Study(name="full", scenario=ToyScenario(), worlds=100, design=grid), tmp_path / "f", options=options)
    study = Study(name="line", scenario=ToyScenario(), contour=Contour(worlds=100), design=grid)
    thrifty = run(study, tmp_path / "c", options=options)
    assert thrifty.rows <= full.rows / 3
    lines = []
    for outcome in (full, thrifty):
        with Folder.open(outcome.folder) as folder:
            lines.append(contour_line(folder.points(), folder.progress()))
    whole, found = ({tuple(place) for place in np.round(line, 9)} for line in lines)
    assert found <= whole  # the very same crossings, with the very same worlds
    missed = whole - found  # only stray ones, noise far from the line
    truth = lambda x: 32 * (0.3 + 0.4 * np.sin(2.5 * x))  # noqa: E731
    error = [max(abs(y - truth(x)) for x, y in line) for line in (whole, found)]
    assert error[1] <= error[0]
    assert len(missed) <= 0.05 * len(whole)
    written = pd.read_csv(thrifty.folder / "contour.csv")
    assert {tuple(place) for place in np.round(written.to_numpy(), 6)} == {tuple(np.round(place, 6)) for place in found}


def test_a_contour_needs_a_grid_of_two_numbers(tmp_path):
    for vary in ({"rate": [0, 1]}, {"rate": [0, 1], "tactic": ["mild", "firm"]}, {"rate": [0], "luck": [0, 1]}):
        study = Study(name="c", scenario=ToyScenario(), contour=Contour(worlds=5), design=Grid(vary=vary))
        with pytest.raises(WrongInput, match="contour: needs"):
            run(study, tmp_path / "r" / "-".join(vary), options=HERE)


def test_looks_grow_and_end_at_the_most():
    policy = Precision(half_width=0.01)
    assert policy.looks[0] == worlds_at_least(0.01)
    assert policy.looks[-1] == policy.most_worlds == worlds_at_most(0.01)
    assert all(1 < b / a <= 1.26 for a, b in itertools.pairwise(policy.looks[:-1]))
