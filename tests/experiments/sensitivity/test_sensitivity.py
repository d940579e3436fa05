"""Sensitivity: indices meet analytic values, in theory and in a limiting case of the model; boxes are found again."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pandas as pd
import pytest
from command import call
from scipy.stats import binomtest

from experiments.calibration.page import KEPT
from experiments.paper.reference import numbers_sha256
from experiments.sensitivity.analysis import analyse, write
from experiments.sensitivity.discovery import cases_of, discover
from experiments.sensitivity.factors import LUCK, Factor, factors, run_points, worlds_of
from experiments.sensitivity.indices import sobol_indices
from experiments.sensitivity.prim import Box, find_boxes, judged, p_of_limit, peel
from experiments.statistics.intervals import wilson_interval
from experiments.statistics.sample_sizes import stable_from, worlds_for_difference
from sim import load_scenario
from sim.worlds.blocks import simulate_block

CASE = load_scenario("connecticut-2011")


def by_name(rows):
    return {row["parameter"]: row for row in rows}


def nonsense(rows):
    """Indices that lie below 0 or above 1 by more than their interval."""
    return [
        row
        for row in rows
        for index in ("S1", "ST")
        if row[index] + row[f"{index}_conf"] < 0 or row[index] - row[f"{index}_conf"] > 1
    ]


# --- must show 5: analytic values


def ishigami(unit, a=7.0, b=0.1):
    x = np.pi * (2 * unit - 1)
    return {"y": np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0])}


@pytest.mark.parametrize("independent", [0, 8000])
def test_sobol_indices_of_the_ishigami_function(independent):
    """Ishigami & Homma (1990): V = a^2/8 + b pi^4/5 + b^2 pi^8/18 + 1/2 with a = 7, b = 0.1."""
    first = 0.5 * (1 + 0.1 * np.pi**4 / 5) ** 2
    second, both = 49 / 8, 0.01 * np.pi**8 * (1 / 18 - 1 / 50)
    variance = first + second + both
    expected = {"x1": (first, first + both), "x2": (second, second), "x3": (0.0, both)}
    rows = by_name(sobol_indices(["x1", "x2", "x3"], ishigami, n=2048, seed=1, independent=independent)["y"])
    for name, (s1, st) in expected.items():
        row = rows[name]
        assert row["S1"] == pytest.approx(s1 / variance, abs=0.02), name
        assert row["ST"] == pytest.approx(st / variance, abs=0.02), name
        assert abs(row["S1"] - s1 / variance) <= row["S1_conf"] + 1e-12
        assert abs(row["ST"] - st / variance) <= row["ST_conf"] + 1e-12


@pytest.fixture(scope="module")
def linear_case():
    """Nobody trusts anybody, so no deal; nothing may be cut, so the deficit is the gap less what revenue is usable."""
    settings = {"members.trust": -30, "news.revenue.usable": 0.5}
    settings |= {f"instruments.{name}.allowed": False for name in ("layoffs", "programmes", "aid", "taxes")}
    return CASE.with_settings(settings)


def test_sobol_indices_of_a_linear_limit_of_the_model(linear_case):
    ranges = {"money.gap": (900, 1100), "news.revenue.revenue": (100, 400), "towns.resolve": None}
    found = analyse(linear_case, factors(linear_case, ranges=ranges), worlds=1024 * 6, measures=["deficit"], seed=3)
    variance = np.array([200**2, (0.5 * 300) ** 2]) / 12
    rows = by_name(found.rows)
    for name, part in zip(("gap", "news.revenue.revenue"), variance / variance.sum(), strict=True):
        assert rows[name]["S1"] == pytest.approx(part, abs=0.01 + rows[name]["S1_conf"])
        assert rows[name]["ST"] == pytest.approx(part, abs=0.005)
    for name in ("towns.resolve", LUCK):
        assert rows[name]["ST"] == 0 and abs(rows[name]["S1"]) <= rows[name]["S1_conf"] + 1e-12
    assert not nonsense(found.rows)


def test_morris_effects_of_a_linear_limit_of_the_model_are_its_slopes(linear_case):
    chosen = factors(linear_case, ranges={"money.gap": (900, 1100), "news.revenue.revenue": (100, 400)})
    found = analyse(linear_case, chosen, method="morris", worlds=60, measures=["deficit"], seed=3)
    rows = by_name(found.rows)
    assert rows["gap"]["mu"] == pytest.approx(200) and rows["gap"]["sigma"] == pytest.approx(0, abs=1e-6)
    assert rows["news.revenue.revenue"]["mu"] == pytest.approx(-150)


def test_luck_has_an_index_and_it_is_the_right_one():
    """y = x + noise with the noise known by its world: half of the variance is luck's."""
    noise = np.random.default_rng(0).uniform(size=4096)

    def response(unit):
        return {"y": unit[:, 0] + noise[worlds_of(unit[:, 1])]}

    rows = by_name(sobol_indices(["x", LUCK], response, n=1024, seed=2, independent=1000, unordered=[LUCK])["y"])
    share = noise[:2048].var() / (noise[:2048].var() + 1 / 12)
    for found, expected in (("ST", share), ("S1", 1 - share)):
        row = rows[LUCK if found == "ST" else "x"]
        assert row[found] == pytest.approx(expected, abs=4 / 1.96 * row[f"{found}_conf"])  # four standard errors


def test_indices_of_the_model_are_shares():
    keys = ("members.trust", "leaders.optimism", "governor.speed", "rule.unions_needed", "governor.request_share")
    chosen = factors(CASE, ranges=dict.fromkeys(keys))
    found = analyse(CASE, chosen, worlds=3000, seed=5)
    assert not nonsense(found.rows) and found.runs == 3000
    for measure in ("deal", "posts_lost", "agreed_day"):
        rows = [row for row in found.rows if row["measure"] == measure]
        assert {row["parameter"] for row in rows} == {factor.name for factor in chosen} | {LUCK}
        assert sum(row["S1"] for row in rows) < 1 + sum(row["S1_conf"] for row in rows)
    deal = by_name(row for row in found.rows if row["measure"] == "deal")
    assert deal["trust"]["ST"] > deal["request_share"]["ST"] and deal["trust"]["ST"] - deal["trust"]["ST_conf"] > 0


def test_the_kept_indices_of_the_whole_case_are_shares_and_of_the_shipped_case():
    kept = json.loads((KEPT / "sensitivity.json").read_text())
    again = "run planb sensitivity connecticut-2011 --worlds 300000 --out results/validation"
    assert kept["numbers_sha256"] == numbers_sha256(CASE.with_settings(kept["settings"])), again
    assert set(kept["ranges"]) == {factor.name for factor in factors(CASE)}, again
    rows = [row for row in kept["indices"] if row["S1"] is not None]
    assert not nonsense(rows) and {row["measure"] for row in rows} == {"deal", "posts_lost", "aid", "agreed_day"}
    for measure in kept["measures"]:
        own = [row for row in rows if row["measure"] == measure]
        assert {row["parameter"] for row in own} == {*kept["ranges"], LUCK}
        # no index is larger than one, and the first orders share out one variance
        assert max(row["ST"] - row["ST_conf"] for row in own) < 1
        assert sum(row["S1"] for row in own) < 1 + sum(row["S1_conf"] ** 2 for row in own) ** 0.5


# --- factors and runs


def test_a_whole_number_takes_each_value_evenly_and_a_shared_one_its_levels():
    whole = Factor(key="k", name="k", role="lever", unit="", low=1, high=4, whole=True)
    values = whole.values(np.linspace(0, 1, 4001))
    assert np.bincount(values.astype(int))[1:].tolist() == pytest.approx([1000] * 4, abs=2)
    shared = Factor(key="k", name="k", role="lever", unit="", low=0, high=9, levels=(0, 3, 9))
    assert shared.values(np.array([0, 0.34, 0.99, 1.0])).tolist() == [0, 3, 9, 9]


def test_each_point_is_lived_in_its_own_world():
    chosen = factors(CASE, ranges={"members.trust": None, "calendar.talks.rounds": (4, 40)})
    unit = np.random.default_rng(1).uniform(size=(24, 2))
    worlds = np.arange(24)[::-1] * 3
    answers = run_points(CASE, chosen, unit, worlds, seed=9, measures=["deal", "yes_share_1", "savings"][::2])
    for point in range(0, 24, 5):
        case = CASE.with_settings({"calendar.talks.rounds": int(chosen[1].values(unit[point : point + 1, 1])[0])})
        trust = float(chosen[0].values(unit[point : point + 1, 0])[0])
        alone = simulate_block(case, seed=9, worlds=worlds[point : point + 1], point={"members.trust": trust}).columns
        assert answers["savings"][point] == alone["savings"][0] and answers["deal"][point] == alone["deal"][0]


def test_all_uncertainties_and_numeric_levers_are_factors():
    chosen = {factor.key for factor in factors(CASE)}
    for row in CASE.parameters():
        ranged = row["low"] is not None and row["low"] < row["high"] and row["role"] in ("uncertainty", "lever")
        assert (row["name"] in chosen) == ranged, row["name"]
    assert "members.trust" not in {factor.key for factor in factors(CASE.with_settings({"members.trust": 2}))}


# --- scenario discovery


def planted(seed=0, n=4000):
    points = np.random.default_rng(seed).uniform(size=(n, 6))
    box = (points[:, 1] < 0.3) & (points[:, 4] > 0.6)
    chance = np.where(box, 0.9, 0.05)
    return points, np.random.default_rng(seed + 1).uniform(size=n) < chance, box


def test_a_planted_box_is_found_again():
    points, cases, inside = planted()
    box, quality, p = find_boxes(points, cases)[0]
    assert box.restricted == [1, 4] and max(p.values()) < 1e-6
    assert box.high[1] == pytest.approx(0.3, abs=0.04) and box.low[4] == pytest.approx(0.6, abs=0.05)
    assert quality.density == pytest.approx(0.9, abs=0.08)
    assert quality.coverage == pytest.approx((cases & inside).sum() / cases.sum(), abs=0.1)


def test_a_limit_is_tested_against_the_box_without_it():
    """Of 80 runs with x below one half 20 are cases, of the 30 of them with y below one half 15."""
    x, y = np.r_[np.full(80, 0.25), np.full(40, 0.75)], np.r_[np.full(30, 0.25), np.full(50, 0.75), np.full(40, 0.25)]
    cases = np.r_[np.arange(30) < 15, np.arange(50) < 5, np.arange(40) < 39]
    box = Box(low=np.full(2, -np.inf), high=np.array([0.5, 0.5]))
    found = p_of_limit(box, 1, np.column_stack([x, y]), cases)
    assert found == pytest.approx(binomtest(15, 30, 20 / 80, alternative="greater").pvalue)


def test_nothing_is_found_where_there_is_nothing():
    found = 0
    for seed in range(10):
        points = np.random.default_rng(seed).uniform(size=(1500, 8))
        cases = np.random.default_rng(seed + 50).uniform(size=1500) < 0.2
        found += sum(max(p.values()) < 0.001 for _, _, p in find_boxes(points, cases))
    assert found <= 1


def test_what_is_looked_for_is_the_most_where_many_runs_share_it():
    cases, words = cases_of("posts_lost", np.array([0.0, 10, 20, 222, 222, 222]))
    assert cases.tolist() == [False] * 3 + [True] * 3 and words == "posts lost of 222, the most there is"
    cases, words = cases_of("posts_lost", np.arange(101.0))
    assert cases.sum() == 10 and words == "posts lost above 90"


def test_peeling_only_ever_shrinks_the_box_and_raises_its_density():
    points, cases, _ = planted(4, 1200)
    qualities = [judged(box, points, cases) for box in peel(points, cases)]
    assert qualities[0].coverage == 1 and qualities[0].mass == 1
    assert all(later.inside < sooner.inside for sooner, later in itertools.pairwise(qualities))
    assert all(later.density > sooner.density for sooner, later in itertools.pairwise(qualities))


def test_a_box_is_a_sentence_with_coverage_and_density():
    points, cases, _ = planted()
    chosen = [Factor(key=f"k{i}", name=f"k{i}", role="lever", unit="", low=0, high=10) for i in range(6)]
    found = discover(chosen, points, "deal", (~cases).astype(float))
    sentence = found["boxes"][0]["sentence"]
    assert sentence.startswith("Where k") and "coverage" in sentence and "density" in sentence and "no deal" in sentence
    assert {limit["parameter"] for limit in found["boxes"][0]["limits"]} == {"k1", "k4"}


# --- how many worlds


@pytest.mark.parametrize("share", [0.5, 0.1])
def test_the_variance_of_a_share_is_stable_when_it_should_be(share):
    """The coefficient of variation of a share p has standard error 1 / (2 p sqrt(n)), by the delta method."""
    worlds = np.random.default_rng(1).uniform(size=20_000) < share
    found = stable_from(worlds, tolerance=0.05)
    error = 1 / (2 * share)
    assert 0.2 * (error / 0.05) ** 2 < found < 9 * (error / 0.05) ** 2
    assert stable_from(worlds[:60], tolerance=0.005) is None
    assert stable_from(np.ones(50)) == 2 and stable_from(np.zeros(50)) is None


def test_worlds_for_a_difference_do_what_they_promise():
    rng = np.random.default_rng(2)
    pairs = worlds_for_difference(0.04, 0.10)
    saved = rng.binomial(pairs, 0.07, size=4000)
    lost = rng.binomial(pairs - saved, 0.03 / 0.93)
    seen = np.abs(saved - lost) > 1.96 * np.sqrt(np.maximum(saved + lost, 1))
    assert seen.mean() == pytest.approx(0.8, abs=0.03)
    with pytest.raises(ValueError, match="difference"):
        worlds_for_difference(0.2, 0.1)


def test_every_study_says_what_its_worlds_are_good_for(tmp_path, monkeypatch):
    monkeypatch.setattr("experiments.statistics.sample_sizes.MOST_ROWS", 200)  # of which the variance is looked at
    out = tmp_path / "sweep"
    code, said = call(
        "sweep", "single-union", "--vary", "members.trust=1,2", "--worlds", 300, "--no-chart", "--out", out
    )
    assert code == 0 and "300 worlds give the first point's deal rate to +- 0.0" in said
    found = json.loads((out / "manifest.json").read_text())["replications"]
    deals = pd.read_parquet(out / "runs.parquet").query("point == 0")["deal"]
    low, high = wilson_interval(deals.sum(), 300)
    assert found["half_width"] == pytest.approx((high - low) / 2, abs=1e-4)
    assert found["for_half_width"]["worlds"] == 9600 and "deal" in found["variance_stable_from"]


# --- the command


def test_the_command_writes_numbers_and_figures(tmp_path):
    few = ("--vary", "members.trust", "--vary", "campaign.meetings_per_week=0:20", "--measure", "deal")
    code, said = call("sensitivity", "single-union", *few, "--worlds", 400, "--json", "--out", tmp_path)
    assert code == 0, said
    found = json.loads(said)
    table = pd.read_csv(tmp_path / "sensitivity.csv")
    assert set(table["parameter"]) == {"members.trust", "campaign.meetings_per_week", LUCK}
    assert {"S1", "S1_conf", "ST", "ST_conf"} <= set(table) and found["runs"] == 400
    assert (tmp_path / "figures" / "sobol_deal.pdf").exists() and json.loads(
        (tmp_path / "sensitivity.json").read_text()
    )
    for method in ("morris", "prim"):
        code, said = call("sensitivity", "single-union", "--method", method, *few, "--worlds", 400)
        assert code == 0 and "single-union" in said


def test_the_same_seed_gives_the_same_table(tmp_path):
    chosen = factors(load_scenario("single-union"), ranges={"members.trust": None})
    runs = [
        analyse(load_scenario("single-union"), chosen, worlds=256, measures=["deal"], seed=seed) for seed in (1, 1, 2)
    ]
    write(runs[0], tmp_path)
    assert runs[0].rows == runs[1].rows and runs[0].rows != runs[2].rows


@pytest.mark.parametrize(
    "words, told",
    [
        (("--vary", "members.trst"), "members.trust"),
        (("--vary", "members.trust=3"), "KEY=LOW:HIGH"),
        (("--measure", "dead"), "deal"),
        (("--vary", "members.trust", "--over", "levers"), "give one of them"),
        (("--worlds", 3), "too few"),
        (("--measure", "house_yes", "--vary", "members.trust"), "house_yes"),
    ],
)
def test_wrong_words_are_refused_in_one_line(words, told):
    code, said = call("sensitivity", "single-union", *words)
    assert code == 2 and told in said and "\n" not in said.strip()
