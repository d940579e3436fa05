"""The fit to a first vote: it finds what is known exactly, recovers simulated truths, and uses nothing it may not."""

from __future__ import annotations

import functools
import json
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import stdtrit

from experiments.calibration import run, simulated, swing
from experiments.calibration.checks import predict, simulation_based_calibration
from experiments.calibration.evidence import Spread, draw_moods, lasting_part, plan
from experiments.calibration.forecast import forecast
from experiments.calibration.importance import effective_size, normalised, resample, sample, tail_index
from experiments.calibration.others import (
    CASES,
    TAILS,
    Case,
    draw_second,
    load_cases,
    log_likelihood_of,
    put_again,
)
from experiments.calibration.posterior import Posterior, fit, spreads, uncertain_keys
from experiments.calibration.posterior_files import MANIFEST, fitted_to, load, save
from experiments.calibration.record import Record, Result, read_held_out, read_record
from experiments.calibration.vote_as_put import first_vote_as_put
from experiments.calibration.votes import VOTES, pairs, read_votes
from sim import load_scenario, simulate_block
from sim.crisis import Crisis
from sim.errors import WrongInput
from sim.scenario.folder import SHIPPED
from sim.scenario.scenario import Scenario

CASE = "connecticut-2011"
UNITS = """union,unit,members,pay_kusd,raise_due_pct,announced_list_share,turnout_base,source
A,clerks,1200,50,3,0.05,0.75,made up
A,guards,900,60,3,0.15,0.75,made up
B,teachers,700,70,3,0.02,0.6,made up
C,nurses,600,70,3,0.08,0.7,made up
D,drivers,300,50,3,0.10,0.7,made up
"""
RECORD = """
[[first_vote]]
of = ["clerks"]
yes = 470
no = 430
source = "made up"
[[first_vote]]
of = ["B"]
share = 0.7
within = 0.02
source = "made up"
[[first_vote]]
of = ["drivers"]
carried = false
source = "made up"
[[first_vote]]
of = ["A"]
carried = false
source = "made up"
[[first_vote]]
of = ["all"]
yes = 1400
no = 1250
within = 0.005
source = "made up"
"""


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    """Four unions and five units with a first vote on record."""
    folder = tmp_path_factory.mktemp("cases") / "city"
    shutil.copytree(SHIPPED / "single-union", folder)
    (folder / "units.csv").write_text(UNITS)
    (folder / "evidence").mkdir()
    (folder / "evidence" / "record.toml").write_text(RECORD)
    return load_scenario(folder)


@pytest.fixture(scope="module")
def fitted(city: Scenario) -> Posterior:
    return fit(city, read_record(city), rounds=(2000, 2000, 3000), rows=800)


@functools.cache
def connecticut() -> Scenario:
    return load_scenario(CASE)


# --- the sampler


def test_importance_sampling_finds_a_normal_posterior():
    """Standard normal prior, data with mean 2 and variance 1/4 in the first of three dimensions: mean 1.6, sd 0.447."""
    from scipy.special import ndtri

    def log_likelihood(uniforms: np.ndarray, first: int) -> np.ndarray:
        return -0.5 * ((ndtri(uniforms[:, 0]) - 2.0) / 0.5) ** 2

    luck = np.random.default_rng(1)
    scores, log_weight = sample(log_likelihood, dimensions=3, rounds=(4000, 4000, 4000), luck=luck)
    weight = normalised(log_weight)
    mean = float(weight @ scores[:, 0])
    deviation = float(np.sqrt(weight @ (scores[:, 0] - mean) ** 2))
    effective = effective_size(log_weight)
    assert effective > 3000 and tail_index(log_weight) < 0.5
    assert mean == pytest.approx(1.6, abs=4 * 0.447 / np.sqrt(effective))
    assert deviation == pytest.approx(np.sqrt(0.2), abs=0.03)
    drawn = scores[resample(log_weight, 4000, luck), 0]
    assert drawn.mean() == pytest.approx(1.6, abs=0.05)


def test_weights_with_a_heavy_tail_are_told_apart():
    luck = np.random.default_rng(2)
    assert tail_index(luck.normal(size=5000) * 0.3) < 0.3
    assert tail_index(1.5 * luck.exponential(size=5000)) > 0.9  # Pareto with index two thirds: no mean


# --- what the record dictates


def test_a_mood_is_found_at_which_a_unit_votes_as_it_did():
    case, worlds = connecticut(), np.arange(64)
    booths = first_vote_as_put(case, read_record(case), seed=3, worlds=worlds, point={})
    for unit, share in ((2, 0.304), (24, 0.902), (9, 0.5)):
        mood = booths.mood_at(unit, np.full(64, share))
        assert booths.chance(unit, mood) == pytest.approx(share, abs=1e-6)
        rise = (booths.chance(unit, mood + 1e-5) - booths.chance(unit, mood - 1e-5)) / 2e-5
        assert booths.slope(unit, mood) == pytest.approx(rise, rel=1e-4)


def test_the_vote_as_put_is_the_vote_of_the_model(city: Scenario):
    """At the model's own moods the booths give the model's own shares of yes, within the chance of ballots."""
    crisis = Crisis(city, worlds=np.arange(200), seed=5)
    crisis.play()
    booths = first_vote_as_put(city, Record(), seed=5, worlds=np.arange(200), point={})
    units = crisis.bodies.units
    moods, ballots = units.mood + units.mood_on_the_day(0), units.benefits[0]
    for unit in range(units.bodies):
        chance = booths.chance(unit, moods[unit])
        off = (ballots.yes_share[unit] - chance) / np.sqrt(chance * (1 - chance) / ballots.cast[unit])
        assert abs(off.mean()) < 4 / np.sqrt(200) and 0.8 < off.std() < 1.2


def test_drawn_moods_agree_with_every_result_of_the_record(city: Scenario):
    record, worlds = read_record(city), 500
    booths = first_vote_as_put(city, record, seed=1, worlds=np.arange(worlds), point={})
    luck = np.random.default_rng(1)
    found = draw_moods(booths, plan(record.first_vote, city), spreads(city, {}, worlds), luck)
    kept = np.isfinite(found.log_weight)
    assert kept.mean() > 0.1
    chance = np.stack([booths.chance(unit, found.mood[unit]) for unit in range(5)])[:, kept]
    assert chance[0].mean() == pytest.approx(470 / 900, abs=0.01)
    assert chance[0].std() == pytest.approx(np.sqrt(0.25 / 900), rel=0.2)
    assert chance[2].mean() == pytest.approx(0.7, abs=0.01)
    assert (chance[4] < 0.5).all()
    ballots = (booths.members * booths.turnout)[:, kept]
    of_a = (ballots[:2] * chance[:2]).sum(axis=0) / ballots[:2].sum(axis=0)
    assert (of_a < 0.5).all()
    of_all = (ballots * chance).sum(axis=0) / ballots.sum(axis=0)
    assert of_all.mean() == pytest.approx(1400 / 2650, abs=0.01) and of_all.std() < 0.02


def test_the_lasting_part_of_a_mood_keeps_its_share_of_the_variance():
    luck = np.random.default_rng(4)
    lasting, passing, shared = (np.full(200_000, part) for part in (0.8, 0.6, 0.5))
    mood = luck.standard_normal((1, 200_000))  # spread 1, of which 0.64 of the variance lasts
    kept = lasting_part(mood, Spread(lasting, passing, shared, np.zeros(1, np.int64)), luck)
    assert kept.std() == pytest.approx(0.8, abs=0.01)
    assert (kept * mood).mean() == pytest.approx(0.64, abs=0.01)


@pytest.mark.parametrize("first", [0.3, 0.6])
def test_a_second_vote_elsewhere_begins_from_the_lasting_part_of_the_first(first: float):
    """Its mood is off the first one's by what passes between votes: twice, with Student's tails."""
    scenario, worlds = load_scenario("new-york-pef-2011"), 20_000
    case = Case(name=scenario.name, scenario=scenario, record=read_record(scenario))
    votes = put_again(case, {}, np.full(worlds, 0.7), seed=3)
    seen = Result(of=("all",), share=first, within=0.01, source="made up")
    drawn = draw_second(votes, 0, seen, np.random.default_rng(5))
    kept = votes.lasting**2 / (votes.lasting**2 + votes.passing**2)
    off = votes.second.mood_at(0, drawn) - kept * votes.first.mood_at(0, np.full(worlds, first))
    scaled = off / (votes.passing * np.sqrt(1 + kept))
    assert kept.mean() > 0.8
    low, middle, high = np.quantile(scaled, [0.25, 0.5, 0.75])
    assert (low, middle, high) == pytest.approx(stdtrit(TAILS, [0.25, 0.5, 0.75]), abs=0.05)


def test_a_share_elsewhere_has_the_density_of_a_share():
    """What a first vote is weighed with adds up to one over all shares, and to the chance of a yes above one half."""
    scenario, worlds = load_scenario("new-york-pef-2011"), 50
    case = Case(name=scenario.name, scenario=scenario, record=read_record(scenario))
    shares = (np.arange(400) + 0.5) / 400
    votes = put_again(case, {}, np.full(worlds, 0.7), seed=3)

    def likelihood(**seen: Any) -> np.ndarray:
        result = Result(of=("all",), source="made up", **seen)
        other = replace(case, record=case.record.model_copy(update={"first_vote": (result,)}))
        return np.exp(log_likelihood_of(other, votes))

    density = np.stack([likelihood(share=share, within=0.01) for share in shares])
    assert density.mean(axis=0) == pytest.approx(1, abs=0.02)
    above = density[shares > 0.5].sum(axis=0) / len(shares)
    assert above == pytest.approx(likelihood(carried=True), abs=0.02)


def test_a_record_that_cannot_be_read_is_named(city: Scenario, tmp_path: Path):
    path = tmp_path / "city" / "evidence" / "record.toml"
    shutil.copytree(city.folder, tmp_path / "city")
    case = load_scenario(tmp_path / "city")
    for wrong, said in {
        '[[first_vote]]\nof = ["clarks"]\nyes = 1\nno = 2\nsource = "x"\n': "no unit or union 'clarks'; .*'clerks'",
        '[[first_vote]]\nof = ["clerks"]\nyes = 1\nsource = "x"\n': "has yes or no but not both",
        '[[first_vote]]\nof = ["clerks"]\nshare = 0.4\nsource = "x"\n': "needs within",
        '[[first_vote]]\nof = ["clerks"]\nyes = 3\nno = 1\ncarried = false\nsource = "x"\n': "contradicts",
        "[deal]\nwage_frieze = 2\n": "wage_freeze",
        "agred = 2024-01-01\n": "agreed",
        "agreed = 2034-01-01\n": "agreed: must lie between .* got 2034-01-01",
        "[deal]\nwage_freeze = 900\n": "deal.wage_freeze: must be from 0 to .* got 900",
        '[[first_vote]]\nof = ["clerks"]\nyes = 900000\nno = 2\nsource = "x"\n': "counts 900002 ballots of .* members",
        '[[first_vote]]\nof = ["clerks"]\ncarried = true\nwithin = 0.1\nsource = "x"\n': "neither of them",
        '[[first_vote]]\nof = ["clerks"]\nballot = "wages"\ncarried = true\nsource = "x"\n': "no ballot on wages apart",
    }.items():
        path.write_text(wrong)
        with pytest.raises(WrongInput, match=said):
            read_record(case)


# --- recovery


def test_simulated_truths_rank_evenly_among_their_posteriors(city: Scenario):
    """Simulation-based calibration (Talts et al. 2018): chi-square by quantity, none below what chance allows."""
    ranks = simulation_based_calibration(
        city, read_record(city), replicates=32, rounds=(500, 800), units=tuple(range(5))
    )
    p_values = ranks.p_values()
    assert len(p_values) >= 15 and min(p_values.values()) > 0.001 / len(p_values)
    halves, nineties = ranks.coverage(0.5), ranks.coverage(0.9)
    assert 0.4 < np.mean(list(halves.values())) < 0.6
    assert 0.84 < np.mean(list(nineties.values())) < 0.96


def test_the_kept_simulation_of_truths_is_of_this_case_and_passes():
    """Ranks of 2011's own parameters and moods: uniform, and recovered within intervals at the intervals' rates."""
    found, ranks = json.loads(simulated.FOUND.read_text()), simulated.kept()
    assert found["fitted_to"] == fitted_to(connecticut()), "run python -m experiments.calibration.simulated"
    assert {key: found[key] for key in simulated.tested(ranks)} == simulated.tested(ranks)
    assert found["replicates"] >= 100 and found["median_effective_size"] > 4 * simulated.DRAWS_A_FIT
    assert found["least_p_value_of_all"] > 0.05
    for recovered in found["recovered"].values():
        assert recovered["low"] <= recovered["nominal"] <= recovered["high"]


@pytest.mark.slow
def test_a_simulated_truth_is_ranked_again_as_it_was_kept():
    again, before = simulated.simulate_truths(connecticut(), replicates=1), simulated.kept()
    assert again.names == before.names
    assert np.abs(again.ranks[0] - before.ranks[0]).max() <= 4  # the last digits may move a few draws
    assert again.effective[0] == pytest.approx(before.effective[0], rel=0.1)


def test_the_posterior_predicts_what_it_was_fitted_to(city: Scenario, fitted: Posterior):
    assert fitted.effective > 100 and fitted.tail < 0.7
    for row in predict(city, read_record(city), fitted, worlds=1500):
        if row.seen is not None:
            assert row.holds(0.9), row.of
        else:
            assert ((row.shares > 0.5) == row.carried).mean() > 0.5, row.of


# --- worlds that live in a posterior


def test_a_posterior_of_an_earlier_version_of_the_case_is_told(city: Scenario, fitted: Posterior, tmp_path: Path):
    from click.testing import CliRunner

    from experiments.commands.command_line import planb

    folder = tmp_path / "city"
    shutil.copytree(city.folder, folder)
    save(fitted, folder, city.units.names, {"fitted_to": fitted_to(city), "diagnostics": _numbers(fitted)})
    words = ["ensemble", str(folder), "--worlds", "5", "--set", "members.trust=1"]
    drawn = [*words, "--set", "case.uncertainties=posterior"]
    tell = "fitted to an earlier version"
    assert tell not in CliRunner().invoke(planb, drawn).output
    units = folder / "units.csv"
    units.write_text(units.read_text().replace(str(int(city.units.members[0])), str(int(city.units.members[0]) + 1)))
    assert tell in CliRunner().invoke(planb, drawn).output and tell not in CliRunner().invoke(planb, words).output


def test_a_world_takes_its_numbers_and_moods_from_one_row(city: Scenario, fitted: Posterior, tmp_path: Path):
    shutil.copytree(city.folder, tmp_path / "city")
    save(fitted, tmp_path / "city", city.units.names, {"fitted_to": fitted_to(city), "diagnostics": _numbers(fitted)})
    case = load_scenario(tmp_path / "city").with_settings({"case.uncertainties": "posterior"})
    assert load(case) is not None
    worlds = np.arange(300)
    values = case.values(7, worlds)
    moods = case.unit_moods(7, worlds, values.members.trust_spread)
    rows = [int(np.argmin(np.abs(fitted.lasting - mood).sum(axis=1))) for mood in moods.T]
    assert moods == pytest.approx(fitted.lasting[rows].T, abs=1e-3)
    for name in ("trust", "trust_spread"):
        assert getattr(values.members, name) == pytest.approx(fitted.column(f"members.{name}")[rows], rel=1e-4)
    assert len(set(rows)) > 150
    block = simulate_block(case, seed=7, worlds=worlds)
    some = np.array([250, 3, 40])
    again = simulate_block(case, seed=7, worlds=some)
    np.testing.assert_array_equal(again.unit_yes, block.unit_yes[..., some])
    pinned = case.with_settings({"members.trust": 1.0})
    assert pinned.values(7, worlds).members.trust == 1.0
    np.testing.assert_array_equal(pinned.unit_moods(7, worlds, values.members.trust_spread), moods)
    wider = case.unit_moods(7, worlds, 2 * values.members.trust_spread)
    np.testing.assert_allclose(wider, 2 * moods)
    anew = case.with_settings({"case.uncertainties": "fitted_numbers"})
    np.testing.assert_array_equal(anew.values(7, worlds).members.trust, values.members.trust)
    assert np.corrcoef(anew.unit_moods(7, worlds, 1.0).ravel(), moods.ravel())[0, 1] < 4 / np.sqrt(moods.size) + 0.1


def test_moods_of_other_units_or_rows_are_refused(city: Scenario, fitted: Posterior, tmp_path: Path):
    folder = tmp_path / "city"
    shutil.copytree(city.folder, folder)
    save(fitted, folder, city.units.names, {})
    path = folder / "posterior_moods.csv"
    whole = path.read_text()
    for text, said in (
        (whole.replace("clerks", "clarks", 1), "unknown parameter 'clarks'"),
        ("\n".join(whole.splitlines()[:5]) + "\n", "has 4 rows, posterior.csv has 800"),
    ):
        path.write_text(text)
        with pytest.raises(WrongInput, match=said):
            load_scenario(folder).with_settings({"case.uncertainties": "posterior"})


def _numbers(posterior: Posterior) -> dict[str, float]:
    return {
        "particles": posterior.particles,
        "effective_size": posterior.effective,
        "pareto_k": posterior.tail,
    }


# --- what may be used


@pytest.fixture
def opened() -> Iterator[list[Path]]:
    """Every file that Python opens while a test runs, by whatever library. A hook cannot be taken away, only muted."""
    files: list[Path] = []
    listening = [True]

    def note(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and listening[0] and isinstance(arguments[0], str | Path):
            files.append(Path(arguments[0]))

    sys.addaudithook(note)
    yield files
    listening[0] = False


def told_of_august(path: Path) -> list[str]:
    """Lines on this case with a day of the second vote or later, save June's told later and the calendar's own."""
    if path.suffix not in (".csv", ".toml", ".json") or (CASE not in path.parts and path != VOTES):
        return []
    later, fine = re.compile(r"2011-08-(1[5-9]|2|3)"), re.compile(r"June's ballots as told|window\.vote = ")
    lines = path.read_text(encoding="utf-8").splitlines()
    own = [line for line in lines if path != VOTES or line.startswith(CASE)]
    return [line for line in own if later.search(line) and not fine.search(line)]


def test_neither_fits_nor_defaults_open_what_a_second_vote_came_to(opened: list[Path]):
    """Of no case: how far people come round is asked of the table of votes, which holds what was over by then."""
    case = connecticut()
    run.calibrate(case, rounds=(60, 60), rows=20)
    posterior, _ = run.posterior_of(case)
    forecast(case, read_record(case), posterior, worlds=50)
    simulate_block(case, seed=1, worlds=np.arange(10))
    simulate_block(case.with_settings({"case.uncertainties": "posterior"}), seed=1, worlds=np.arange(10))
    swing.fit_pairs(swing.over_before(pairs(read_votes()), run.forecast_day(case)), rounds=(100, 100))
    names = {f"{path.parent.parent.name}/{path.name}" for path in opened}
    assert f"{CASE}/record.toml" in names and not any(name.endswith("/held_out.toml") for name in names)
    assert [line for path in set(opened) for line in told_of_august(path)] == []
    read_held_out(case)
    assert f"{CASE}/held_out.toml" in {f"{path.parent.parent.name}/{path.name}" for path in opened}


def test_no_number_of_the_case_has_a_source_later_than_the_forecast():
    """Nothing the press wrote after 22 July 2011 sets a range, a start or a default."""
    later = re.compile(r"2011-(07-(2[3-9]|3)|08|09|1)")
    case = connecticut()
    assert not [row["name"] for row in case.parameters() if later.search(row["source"])]
    assert not later.search(case.table_path("units.csv").read_text(encoding="utf-8"))
    # what was told later of June's ballots is still June's
    told_later = [result for result in read_record(case).first_vote if later.search(result.source)]
    assert {result.of[0] for result in told_later} == {"NP-4 corrections", "UConn-AAUP"}


def test_other_votes_used_were_over_before_the_second_vote_was_to_be_forecast():
    case = connecticut()
    day = run.forecast_day(case)
    assert str(day) == "2011-07-22"
    known = run.cases_known(case)
    assert known and all(case.first_vote < day for case in known)
    assert not any(case.second for case in known)
    kept_out = run.not_used(case, known)
    assert {"new-york-csea-2011", "new-haven-custodians-2011", "new-york-pef-2011", "hawaii-teachers-2012"} <= set(
        kept_out
    )
    assert len(known) + len(kept_out) == len(CASES) + 1  # and the second vote itself


def test_the_shipped_posterior_lists_what_it_used_and_is_of_the_shipped_scenario():
    case = connecticut()
    manifest = json.loads(case.table_path(MANIFEST).read_text())
    assert manifest["fitted_to"] == fitted_to(case), "the case has changed since: run planb calibrate connecticut-2011"
    assert load(case) is not None
    used = manifest["used"]
    assert used["record"]["vote"] == "2011-06-24"
    assert all(cases["first_vote"] < "2011-07-22" for cases in used["other_votes"]["cases"])
    assert [row["name"] for row in manifest["parameters"]] == [entry.key for entry in uncertain_keys(case)]
    found = manifest["diagnostics"]
    assert found["effective_size"] > 1000 and found["pareto_k"] < 0.7
    predicted = manifest["posterior_predictive"]
    assert predicted["inside_90"] >= 0.8 * predicted["known_shares"]


def test_a_setting_that_was_fitted_makes_the_kept_posterior_another_one_s():
    assert load(connecticut().with_settings({"members.step": 3})) is None
    assert load(connecticut().with_settings({"governor.speed": 0.2})) is not None


def test_every_case_on_record_is_read():
    cases = load_cases()
    assert [case.name for case in cases] == list(CASES)
    assert sum(bool(case.second) for case in cases) >= 3
