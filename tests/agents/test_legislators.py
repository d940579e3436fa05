"""Legislators: one seat's rule, and what the recorded roll call says of all of them."""

from __future__ import annotations

import csv

import chance
import numpy as np
import pytest
from chambers import real_chambers

from agents.legislator import later_lean, lean, lean_given_vote, support, towns_toll, wants_aid_struck
from experiments.calibration import roll_call
from sim.errors import WrongInput
from sim.scenario.scenario import load_scenario
from sim.scenario.seats import COVARIATES, Seat, read_coefficients
from sim.worlds.randomness import Luck


def seat(**changes) -> Seat:
    usual = {
        "name": "A. Member",
        "chamber": "house",
        "district": 1,
        "of_governors_party": True,
        "governor_share": 0.5,
        "own_margin": 0.15,
        "district_opinion": -0.29,
        "aid_dependence": 0.24,
    }
    return Seat(**(usual | changes))


COEFFICIENTS = {
    "constant": -1.5,
    "party": 6.0,
    "senate": -0.3,
    "governor_share": 1.6,
    "own_margin": 0.4,
    "district_opinion": -0.2,
    "aid_dependence": 0.1,
}


def for_the_bill(member: Seat, loyalty: float = 1.0) -> float:
    return float(support([member], COEFFICIENTS, loyalty=loyalty)[0, 0])


def test_a_middling_seat_votes_by_the_party_line_alone():
    assert for_the_bill(seat()) == pytest.approx(-1.5 + 3.0, rel=1e-6)
    assert for_the_bill(seat(of_governors_party=False)) == pytest.approx(-1.5 - 3.0)
    assert for_the_bill(seat(), loyalty=0) == for_the_bill(seat(of_governors_party=False), loyalty=0)


def test_ten_points_more_for_the_governor_are_worth_the_estimated_logits():
    assert for_the_bill(seat(governor_share=0.6)) - for_the_bill(seat()) == pytest.approx(1.6, rel=1e-6)


def test_a_safe_seat_follows_the_own_side():
    safe, risky = seat(own_margin=0.3), seat(own_margin=0.01)
    assert for_the_bill(safe) > for_the_bill(risky)
    across = {"of_governors_party": False}
    assert for_the_bill(seat(own_margin=0.3, **across)) < for_the_bill(seat(own_margin=0.01, **across))
    # a margin that is not on record, as in the senate, counts as a middling one
    assert for_the_bill(seat(own_margin=None)) == for_the_bill(seat())


def test_the_lean_is_logistic():
    luck = (np.arange(100_000) + 0.5) / 100_000
    drawn = lean(luck)
    assert np.mean(drawn > -1.3) == pytest.approx(1 / (1 + np.exp(-1.3)), abs=1e-4)
    assert drawn.std() == pytest.approx(np.pi / np.sqrt(3), rel=0.01)


def test_a_lean_drawn_to_fit_a_vote_casts_it_and_is_otherwise_as_before():
    luck = (np.arange(20_000) + 0.5) / 20_000
    bill = np.full(20_000, 0.7)
    for_it, against = (lean_given_vote(luck, bill, vote) for vote in ("yea", "nay"))
    assert np.all(bill + for_it >= -1e-9) and np.all(bill + against <= 1e-9)
    assert np.array_equal(lean_given_vote(luck, bill, "absent"), lean(luck))
    # mixed by the chance of each vote the two give back the logistic
    yea = 1 / (1 + np.exp(-0.7))
    below = yea * np.mean(for_it < 1.0) + (1 - yea) * np.mean(against < 1.0)
    assert below == pytest.approx(1 / (1 + np.exp(-1.0)), abs=1e-3)


def test_a_new_day_changes_a_lean_and_not_how_far_leans_are_spread():
    rng = np.random.default_rng(5)
    old, mood = lean(rng.random(200_000)), lean(rng.random(200_000))
    later = later_lean(old, mood, steadiness=0.8)
    # a logistic's standard deviation is known to within sqrt((4.2 - 1) / 4 n) of it, 4.2 being its kurtosis
    spread = chance.STANDARD_ERRORS * np.sqrt((4.2 - 1) / (4 * len(old)))
    assert later.std() == pytest.approx(np.pi / np.sqrt(3), rel=spread)
    assert np.corrcoef(old, later)[0, 1] == pytest.approx(0.8, abs=chance.of_correlation(0.8, len(old)))


def test_the_rest_of_a_lean_has_nothing_to_do_with_what_is_foretold_and_the_spread_it_is_given():
    """Of everybody who comes to a special session, at a steadiness of 0.8 in every world."""
    members = real_chambers(worlds=np.arange(400), legislature__steadiness=0.8, legislature__absence=0.0).members
    foretold, spread = members.leaning(known=True)
    members.come()
    rest = (members.lean_today - foretold) / spread
    draws = rest.size
    assert np.corrcoef(rest.ravel(), foretold.ravel())[0, 1] == pytest.approx(0, abs=chance.of_correlation(0.0, draws))
    within = chance.STANDARD_ERRORS * np.sqrt((4.2 - 1) / (4 * draws))
    assert rest.std() == pytest.approx(np.pi / np.sqrt(3), rel=within)


def test_before_the_recorded_roll_call_nothing_is_known_of_a_lean():
    nothing, spread = real_chambers(worlds=np.arange(2)).members.leaning(known=False)
    assert not np.any(nothing) and np.all(spread == 1)


def test_a_member_strikes_aid_where_the_towns_lose_more_than_the_side_pulls():
    nothing = np.zeros(3)
    toll = towns_toll(np.array([0.0, 0.02, 0.05]), np.array([0.0, 0.1, 0.6]), exposure=40.0, lobbying=1.0)
    assert toll == pytest.approx([0.0, 0.9, 2.6])
    assert list(wants_aid_struck(toll, nothing, 1.0, follow=1.0)) == [False, False, True]
    assert list(wants_aid_struck(toll, nothing, -1.0, follow=1.0)) == [True, True, True]


def test_the_same_member_comes_to_every_roll_call_of_a_day_or_to_none():
    chambers = real_chambers(worlds=np.arange(200), legislature__absence=0.1)
    members = chambers.members
    chambers.meet(special=True)
    here, mind = members.here.copy(), members.lean_today.copy()
    chambers.meet(special=True)
    assert np.array_equal(members.here, here) and np.array_equal(members.lean_today, mind)
    # four standard errors of a share of 187 x 200 members
    assert np.mean(here) == pytest.approx(0.9, abs=4 * np.sqrt(0.09 / here.size))


# --- the fit ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def recorded():
    seats = roll_call.seats_that_voted(roll_call.SCENARIO)
    return seats, roll_call.design_matrix(seats), np.array([float(s.recorded_vote == "yea") for s in seats])


def test_t25_the_seats_are_the_recorded_ones(recorded):
    seats, _, yea = recorded
    house = np.array([s.chamber == "house" for s in seats])
    assert (yea[house].sum(), (1 - yea[house]).sum()) == (83, 67)
    assert (yea[~house].sum(), (1 - yea[~house]).sum()) == (19, 17)
    own = np.array([s.of_governors_party for s in seats])
    assert (1 - yea[own]).sum() == 18 and yea[~own].sum() == 0


def test_t25_who_breaks_ranks_is_ranked_by_the_district(recorded):
    """AUC of the governor's 2010 share alone among house Democrats is 0.78 by the benchmark's account."""
    seats, _, yea = recorded
    rows = [row for row, s in enumerate(seats) if s.chamber == "house" and s.of_governors_party]
    share = np.array([seats[row].governor_share for row in rows])
    assert roll_call.auc(-share, yea[rows] == 0) == pytest.approx(0.78, abs=0.04)


def test_members_left_out_of_the_fit_are_ranked_with_an_auc_of_at_least_three_quarters(recorded):
    seats, design, yea = recorded
    sd = roll_call.prior_sd(design)
    own = np.array([s.of_governors_party for s in seats])
    folded = [roll_call.folded(design, yea, sd, folds=5, seed=seed)[own] for seed in range(3)]
    assert np.mean([roll_call.auc(-chance, yea[own] == 0) for chance in folded]) >= 0.75


def test_the_shipped_coefficients_are_what_the_fit_finds(recorded):
    _, design, yea = recorded
    found = roll_call.fit(design, yea, roll_call.prior_sd(design))
    shipped = load_scenario("connecticut-2011").roll_call
    assert shipped.mean == pytest.approx(found.mean, abs=1e-4)
    assert shipped.root @ shipped.root.T == pytest.approx(found.covariance, abs=1e-4)


def test_the_fit_is_the_mode_of_the_posterior(recorded):
    """At the mode the pull of the data and of the prior cancel."""
    _, design, yea = recorded
    sd = roll_call.prior_sd(design)
    found = roll_call.fit(design, yea, sd)
    gradient = design.T @ (yea - found.yes_probability(design)) - found.mean / sd**2
    assert np.abs(gradient).max() < 1e-9


def test_every_world_draws_coefficients_of_its_own_from_the_fit():
    fitted = load_scenario("connecticut-2011").roll_call
    drawn = fitted.drawn(Luck(3, np.arange(20_000)))
    stacked = np.stack([drawn[name] for name in COVARIATES])
    covariance, n = fitted.root @ fitted.root.T, stacked.shape[1]
    variances = np.diag(covariance)
    off = chance.STANDARD_ERRORS * np.sqrt(variances / n)
    assert (np.abs(stacked.mean(axis=1) - fitted.mean) < off).all()
    off = chance.STANDARD_ERRORS * np.sqrt((np.outer(variances, variances) + covariance**2) / n)
    assert (np.abs(np.cov(stacked) - covariance) < off).all()
    alone = fitted.drawn(Luck(3, np.array([1234])))
    assert all(alone[name][0] == drawn[name][1234] for name in COVARIATES)


def test_coefficients_of_another_model_are_refused(tmp_path):
    folder = roll_call.SCENARIO
    with (folder / "roll_call_coefficients.csv").open(encoding="utf-8") as file:
        rows = list(csv.reader(file))
    rows[4][0] = "governors_share"
    wrong = tmp_path / "roll_call_coefficients.csv"
    with wrong.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    with pytest.raises(WrongInput, match="governor_share"):
        read_coefficients(wrong, folder / "roll_call_covariance.csv")


def test_a_covariance_that_is_none_is_refused(tmp_path):
    folder = roll_call.SCENARIO
    text = (folder / "roll_call_covariance.csv").read_text(encoding="utf-8").splitlines()
    row = text[1].split(",")
    text[1] = ",".join([row[0], "-" + row[1], *row[2:]])
    wrong = tmp_path / "roll_call_covariance.csv"
    wrong.write_text("\n".join(text) + "\n", encoding="utf-8")
    with pytest.raises(WrongInput, match="positive definite"):
        read_coefficients(folder / "roll_call_coefficients.csv", wrong)
