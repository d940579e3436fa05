"""Votes on record: the table is read strictly, and what is fitted to it finds known truths."""

from __future__ import annotations

import csv
import datetime
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import chdtrc, expit, stdtr
from scipy.stats import binom

from experiments.calibration import first_votes as first
from experiments.calibration import swing
from experiments.calibration.importance import near_mode
from experiments.calibration.page import KEPT
from experiments.calibration.page import VOTES as VOTES_KEPT
from experiments.calibration.scores import reliability
from experiments.calibration.terms import Posterior, design
from experiments.calibration.votes import VOTES, Vote, first_votes, pairs, read_votes
from experiments.paper import committed
from sim.errors import WrongInput

TODAY = datetime.date(2000, 1, 1)
A_VOTE = Vote(
    id="x",
    case="x",
    body="x",
    unit="",
    first_day=TODAY,
    last_day=TODAY,
    kind="concession",
    share=0.6,
    cast=None,
    within=0.0,
    turnout=None,
    carried=True,
    layoffs=None,
    leaders="unknown",
    change="unknown",
    pressure="unknown",
    last_word="unknown",
    collected="series",
    previous=None,
)


@pytest.fixture
def kept() -> dict:
    """Out-of-sample scores as they are committed; tests/experiments/paper/test_results_fresh.py makes a part again."""
    return json.loads((KEPT / VOTES_KEPT).read_text(encoding="utf-8"))


# --- the table


def test_the_table_holds_what_was_collected():
    votes = read_votes()
    assert len(pairs(votes)) == 28 and len(first_votes(votes)) > 120
    assert sum(pair.swing > 0 for pair in pairs(votes)) == 26  # the two that fell are of one body
    assert {pair.second.case for pair in pairs(votes) if pair.swing < 0} == {"nova-scotia-teachers-2015"}


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("grade", "D", "line 2: grade = 'D': is none of A, B, C"),
        ("collected", "serie", "did you mean 'series'"),
        ("date", "2001-13", "date = '2001-13': is no year"),
        ("share", "1", "share = 1"),
        ("yes", "9", "make"),
        ("no", "", "has yes or no but not both"),
        ("previous", "ireland-nise/1", "no such vote; did you mean 'ireland-nice/1'"),
        ("previous", "ireland-nice/1", "is of another case, or no earlier"),
        ("source", "", "source is blank"),
    ],
)
def test_a_row_that_cannot_be_is_named(tmp_path: Path, column: str, cell: str, said: str):
    with VOTES.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    rows[0][column] = cell
    with pytest.raises(WrongInput, match=said):
        read_votes(_written(tmp_path, rows))


def test_a_vote_that_is_kept_out_is_refused_by_the_reader(tmp_path: Path):
    with VOTES.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    late = next(row for row in rows if row["case"] == "connecticut-2011") | {"id": "late", "date": "2011-08-17"}
    with pytest.raises(WrongInput, match=r"votes of connecticut-2011 from 2011-07-22 .* are kept out"):
        read_votes(_written(tmp_path, [*rows, late]))


def _written(folder: Path, rows: list[dict[str, str]]) -> Path:
    path = folder / "votes.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.DictWriter(file, list(rows[0]))
        out.writeheader()
        out.writerows(rows)
    return path


# --- a posterior whose prior is far off


def test_the_normal_at_the_mode_of_a_normal_posterior_is_that_posterior():
    """Prior normal, data with mean 3 and variance 1/99: mean 2.97, variance 0.01, widened by a tenth."""
    from scipy.special import ndtri

    found = near_mode(lambda u, number: -0.5 * 99 * (ndtri(u) - 3.0)[:, 0] ** 2, 2)
    assert found.mean == pytest.approx([2.97, 0.0], abs=1e-3)
    assert found.root[0, 0] == pytest.approx(1.1 * 0.1, rel=0.02)


# --- coming round


def test_the_regression_finds_the_weights_it_was_made_with():
    """A thousand pairs with known weights: each within four standard errors, which n gives."""
    luck = np.random.default_rng(1)
    terms = np.column_stack([np.ones(1000), luck.integers(0, 2, (1000, len(swing.TERMS) - 1))]).astype(float)
    truth = np.array([0.5, 0.3, 1.2, 0.4, 0.2, -0.5, 0.1, 0.2, 0.6])
    before = luck.normal(0, 1, 1000)
    after = swing.expected(truth[None], terms, before)[0] + truth[-1] * luck.standard_t(swing.TAILS, 1000)
    found = swing.fit_swing(terms, before, after)
    assert found.effective > 500 and found.tail < 0.7
    # an error's standard deviation is 0.6 x sqrt(2); a term's is halved again by half of the pairs having it
    error = 4 * 0.6 * np.sqrt(2) * 2 / np.sqrt(1000)
    assert np.abs(np.median(found.parameters, axis=0) - truth)[:-2].max() < error
    assert found.column(swing.SPREAD).mean() == pytest.approx(0.6, rel=0.1)


def test_truths_rank_evenly_among_the_draws_of_their_fits():
    """Simulation-based calibration on the pairs' own design (Talts et al. 2018), 96 records, chi-square by weight."""
    own = pairs(read_votes())
    terms, before = design(swing.TERMS, own), np.array([np.log(p.first.share / (1 - p.first.share)) for p in own])
    luck, ranks = np.random.default_rng(3), []
    for number in range(96):
        truth = swing.prior(luck.random((1, len(swing.NAMES))))
        drawn = truth[0, -1] * luck.standard_t(swing.TAILS, len(own))
        after = swing.expected(truth, terms, before)[0] + drawn
        found = swing.fit_swing(terms, before, after, rows=63, rounds=(1000, 2000), seed=number)
        ranks.append((found.parameters < truth).sum(axis=0))
    counts = np.stack([np.bincount(np.array(column) // 8, minlength=8) for column in np.transpose(ranks)])
    p_values = chdtrc(7, ((counts - 12) ** 2 / 12).sum(axis=1))
    assert p_values.min() > 0.001 / len(swing.NAMES)


def test_every_reason_to_come_round_raises_the_forecast_or_leaves_it():
    found = swing.fit_pairs(pairs(read_votes()))
    pair = next(pair for pair in pairs(read_votes()) if pair.second.change == "same")
    calm = replace(pair, second=replace(pair.second, change="same", pressure="none", last_word="no"))
    plain = swing.forecast(found, calm)
    for reason in ({"change": "clearer"}, {"change": "better"}, {"pressure": "begun"}, {"last_word": "yes"}):
        assert (swing.forecast(found, replace(calm, second=replace(calm.second, **reason))) >= plain - 1e-12).all(), (
            reason
        )
    better = swing.forecast(found, replace(calm, second=replace(calm.second, change="better")))
    assert better.mean() > plain.mean() + 0.1


def test_pairs_left_out_are_forecast_at_least_as_well_as_by_the_mean_swing(kept: dict):
    """Each pair without itself. Intervals keep their rates as 28 pairs in 22 bodies allow (binomial, 99 %)."""
    found = kept["pairs"]["left_out"]
    assert (found["votes"], found["cases"]) == (28, 22)
    assert found["less"]["no_change"]["crps"]["high"] < 0
    assert found["less"]["mean_swing"]["crps"]["mean"] < 0
    held = found["coverage"]["terms"]
    assert abs(held["in_50"] - 0.5) < 2.58 * np.sqrt(0.25 / 22) and held["in_90"] > 0.9 - 2.58 * np.sqrt(0.09 / 22)


def test_a_dated_forecast_knows_only_pairs_that_were_over():
    own = pairs(read_votes())
    day = datetime.date(2011, 7, 22)
    known = swing.over_before(own, day)
    assert known and max(pair.second.last_day for pair in known) < day
    assert [row["id"] for row in swing.leave_out(own, dated=True)] == [p.second.id for p in own][-23:]


# --- first votes


def test_a_hierarchy_recovers_the_spreads_it_was_made_with():
    luck, votes = np.random.default_rng(2), []
    for case in range(80):
        scale = np.sqrt(4 / luck.chisquare(first.TAILS))
        level = 0.5 + scale * 0.8 * luck.standard_normal()
        for unit in range(4):
            share = float(expit(level + scale * 0.5 * luck.standard_normal()))
            votes.append(replace(A_VOTE, id=f"{case}/{unit}", case=str(case), kind="contract", share=share))
    found = first.fit_first(votes)
    medians = dict(zip(first.NAMES, np.median(found.parameters, axis=0), strict=True))
    # spreads of 80 cases and of 240 further units: standard errors near a tenth and a twentieth of them
    assert medians["any"] == pytest.approx(0.5, abs=4 * 0.8 * np.sqrt(2 / 80))
    assert medians["case_spread"] == pytest.approx(0.8, rel=0.4)
    assert medians["unit_spread"] == pytest.approx(0.5, rel=0.2)


def test_refusals_that_were_written_up_for_it_say_nothing_of_how_often_votes_are_refused():
    """Forty votes taken as they come, and forty known because they were refused: the base rate stays."""
    luck = np.random.default_rng(5)
    fair = [
        replace(A_VOTE, id=str(n), case=str(n), kind="contract", share=float(expit(0.6 + 0.7 * luck.standard_normal())))
        for n in range(40)
    ]
    lost = [
        replace(vote, id=f"lost {n}", case=f"lost {n}", share=share, carried=False, collected="story")
        for n, vote in enumerate(fair)
        if (share := float(expit(-abs(0.7 * luck.standard_normal()) - 0.05)))
    ]
    alone, both = (np.median(first.fit_first(votes).parameters[:, 0]) for votes in (fair, fair + lost))
    naive = np.median(first.fit_first(fair + [replace(v, collected="series") for v in lost]).parameters[:, 0])
    assert abs(both - alone) < 0.25 < alone - naive


def test_the_base_rate_counts_no_vote_that_is_known_because_it_was_refused():
    taken = [replace(A_VOTE, id=str(n), share=share, carried=share > 0.5) for n, share in enumerate((0.7, 0.6, 0.4))]
    lost = [replace(A_VOTE, id=f"lost {n}", share=0.1, carried=False, collected="story") for n in range(5)]
    found = first.base_rate(taken + lost, None, approved=True)
    assert found["brier"] == pytest.approx((1 - (2 + 1) / (3 + 2)) ** 2)
    assert first.base_rate(taken + lost, 0.6, approved=True) == first.base_rate(taken, 0.6, approved=True)


def test_tallies_that_are_out_draw_the_forecast_of_a_further_unit_of_the_case():
    found = first.fit_first([vote for vote in first_votes(read_votes()) if vote.kind != "referendum"])
    others = [replace(A_VOTE, id=str(n), share=0.9) for n in range(3)]
    alone, after = first.forecast(found, A_VOTE), first.forecast(found, A_VOTE, others)
    assert after.mean() > alone.mean() + 0.1 and after.std() < alone.std()


CASE_SPREAD, UNIT_SPREAD = 0.8, 0.6  # logits


def believed(*means: float) -> Posterior:
    """As many rows as means of any vote, logits, with these spreads."""
    rows = [[mean, *[0.0] * (len(first.TERMS) - 1), CASE_SPREAD, UNIT_SPREAD] for mean in means]
    return Posterior(names=first.NAMES, prior=first.prior, parameters=np.array(rows), effective=1.0, tail=0.0)


def to_come(found: Posterior, *cases: str, before: Sequence[Vote] = ()) -> list[first.Ahead]:
    """A vote of a unit of each of these cases, all forecast from one fit."""
    units = [replace(A_VOTE, id=str(n), case=case, kind="contract") for n, case in enumerate(cases)]
    return [first.Ahead(vote=vote, before=before, found=found) for vote in units]


def test_outcomes_drawn_for_a_band_hang_together_as_the_forecasts_have_it():
    """An elliptical pair about even odds agrees with chance 1/2 + arcsin(correlation) / pi, whatever its tails."""
    outcomes = first.outcomes_alike(to_come(believed(0.0), "a", "a", "b"), draws=40_000)
    correlation = CASE_SPREAD**2 / (CASE_SPREAD**2 + UNIT_SPREAD**2)
    of_one_case = 0.5 + np.arcsin(correlation) / np.pi
    error = 3.3 * 0.5 / np.sqrt(40_000)
    assert (outcomes[:, 0] == outcomes[:, 1]).mean() == pytest.approx(of_one_case, abs=error)
    assert (outcomes[:, 0] == outcomes[:, 2]).mean() == pytest.approx(0.5, abs=error)
    # of one fit: where nobody knows whether votes are won at all, cases are won and lost together
    likely = stdtr(first.TAILS, 1.0 / np.hypot(CASE_SPREAD, UNIT_SPREAD))
    outcomes = first.outcomes_alike(to_come(believed(1.0, -1.0), "a", "b"), draws=40_000)
    agree = likely**2 + (1 - likely) ** 2
    assert (outcomes[:, 0] == outcomes[:, 1]).mean() == pytest.approx(agree, abs=error)


def test_outcomes_drawn_for_a_band_are_as_likely_as_was_said_also_after_tallies_are_out():
    known = [
        replace(A_VOTE, id=f"known {n}", case="a", kind="contract", share=share) for n, share in enumerate((0.7, 0.8))
    ]
    found = believed(*np.linspace(-0.5, 0.5, 1000))
    turns = to_come(found, "a", "b", before=known)
    said = [row["model"]["probability"] for row in first.forecasts(turns)]
    drawn = first.outcomes_alike(turns, draws=40_000).mean(axis=0)
    assert said[0] > said[1] + 0.2
    # a forecast is the share of its own thousand rows
    assert drawn == pytest.approx(said, abs=3.3 * 0.5 * (1 / np.sqrt(40_000) + 1 / np.sqrt(1000)))


def test_nine_in_ten_curves_of_a_right_hierarchy_lie_wholly_inside_their_band():
    """A hundred sets of votes as the forecaster has them, drawn without his code: to within a binomial's 99.9 %."""
    means, luck, inside = (-0.4, 1.6), np.random.default_rng(6), 0
    cases = [case for case in "abcdefgh" for _ in range(6)]
    turns = to_come(believed(*means), *cases)
    said = np.full(len(turns), np.mean(stdtr(first.TAILS, np.array(means) / np.hypot(CASE_SPREAD, UNIT_SPREAD))))
    said += np.repeat(np.linspace(-0.02, 0.02, 8), 6)  # so that there is a curve to draw
    alike = first.outcomes_alike(turns, draws=1000)
    for _ in range(100):
        level = means[luck.integers(2)]
        happened = []
        for _ in range(8):
            tails = np.sqrt(first.TAILS / luck.chisquare(first.TAILS))
            own = level + tails * CASE_SPREAD * luck.standard_normal()
            happened += [own + tails * UNIT_SPREAD * luck.standard_normal() > 0 for _ in range(6)]
        inside += reliability(said, np.array(happened), alike=alike).inside == 1
    assert binom(100, 0.9).ppf(0.0005) <= inside <= binom(100, 0.9).ppf(0.9995)


def test_votes_that_were_not_selected_are_forecast_better_than_by_the_base_rate(kept: dict):
    """Dated, with what was over before; the test of reliability allows for votes that hang together."""
    found = kept["first_votes"]["not_selected"]
    for own in (found, found["units"], found["whole_bodies"], found["each_case_once"]):
        assert own["less"]["base_rate"]["brier"]["mean"] < 0
    assert found["votes"] > 80 and found["scores"]["model"]["brier"]["mean"] < 0.25
    assert found["reliability"]["p_value"] > 0.05 and found["reliability"]["resolution"] > 0.05
    assert found["reliability"]["inside"] == 1


def test_scores_by_case_and_by_bin_are_of_the_votes_that_are_kept(kept: dict):
    found = kept["first_votes"]["not_selected"]
    fair = [row for row in kept["first_votes"]["rows"] if not row["selected"]]
    for groups in (found["by_case"], found["bins"]):
        assert sum(group["votes"] for group in groups) == len(fair) == found["votes"]
    own = [row["model"]["brier"] for row in fair if row["case"] == "connecticut-2011"]
    (june,) = (row for row in found["by_case"] if row["case"] == "connecticut-2011")
    assert june["model"]["brier"] == pytest.approx(np.mean(own), abs=1e-4) and june["votes"] == len(own)


def test_a_kept_forecast_that_comes_out_otherwise_now_is_named(kept: dict, monkeypatch: pytest.MonkeyPatch):
    kept["pairs"]["left_out"]["rows"][-1]["terms"]["q50"] += 0.1
    monkeypatch.setattr(committed, "_read", lambda name: kept)
    assert committed.stale_votes() == f"{kept['pairs']['left_out']['rows'][-1]['id']} is forecast otherwise"
    kept["votes_sha256"] = "of another table"
    assert committed.stale_votes() == "the table of votes changed"
