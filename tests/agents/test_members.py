"""Members: what makes a yes likelier, who turns out, and that the same people vote twice."""

from __future__ import annotations

import csv
import shutil

import numpy as np
import pytest
from facts import CASE, LAST_OFFER, NO_BANDS, THREATENED, logits, only, played, watched

from sim import load_scenario
from sim.ratification.ballots import Electorate

ROUNDING = 1e-4  # logits: a chance held to 24 bits, read back near 0 or 1


def chances(settings: dict[str, str], *, ballot: int = 0) -> np.ndarray:
    """Of a yes at the first vote, (worlds, units); 0 the benefits ballot, 1 the wages ballot."""
    return np.array([only(acts, "Ballots", vote=0)["chances"] for acts in played(settings)])[..., ballot]


def test_resentment_bred_by_threats_lowers_every_unit_s_chance_of_a_yes():
    """Of the same deal, under the same threats, believed as much."""
    calm, resentful = (chances(THREATENED | {"members.reactance": value}) for value in ("0", "0.3"))
    assert (resentful < calm).all()


def test_weary_members_say_yes_less_often_in_every_unit():
    fresh, weary = (chances(LAST_OFFER | {"members.fatigue": value}) for value in ("0", "0.6"))
    assert (weary < fresh).all()


def test_what_the_terms_cost_on_benefits_is_no_matter_on_the_wages_ballot():
    """On the second ballot a unit decides on its own wages and protection, and weighs only these."""
    cheap, dear = ({"issues.pension.burden": value} for value in ("0.005", "0.04"))
    benefits = [chances(LAST_OFFER | burden, ballot=0) for burden in (cheap, dear)]
    wages = [chances(LAST_OFFER | burden, ballot=1) for burden in (cheap, dear)]
    assert (benefits[1] < benefits[0]).all()
    np.testing.assert_array_equal(wages[0], wages[1])


def test_what_it_costs_in_wages_is_weighed_on_both_ballots():
    for ballot in (0, 1):
        light, heavy = (chances(LAST_OFFER | {"issues.wage_freeze.burden": b}, ballot=ballot) for b in ("0.04", "0.08"))
        assert (heavy < light).all()


@pytest.fixture
def shared_payrolls(tmp_path):
    """The shipped case, but clerks share all of their union with the towns, correction officers a quarter."""
    folder = tmp_path / "shared"
    shutil.copytree(load_scenario(CASE).folder, folder)
    with (folder / "units.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["municipal_share"] = {"NP-3 clerical": "1", "NP-4 corrections": "0.25"}.get(row["unit"], "0")
    with (folder / "units.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return load_scenario(folder)


def test_solidarity_weighs_by_how_far_a_unit_shares_its_union_with_the_towns(shared_payrolls):
    """Four times as far, four times the logits; whoever shares nothing is not moved."""
    told = []
    for weight in ("0", "1"):
        case = shared_payrolls.with_settings(LAST_OFFER | NO_BANDS | {"members.solidarity": weight})
        told.append(logits([only(acts, "Ballots", vote=0)["chances"] for acts in watched(case)])[..., 0])
    moved = told[1] - told[0]
    names = [case.units.names[row] for rows in case.unions.units for row in rows]
    clerks, officers = names.index("NP-3 clerical"), names.index("NP-4 corrections")
    assert (moved[:, officers] > 10 * ROUNDING).any()
    np.testing.assert_allclose(moved[:, clerks], 4 * moved[:, officers], atol=5 * ROUNDING)
    others = np.delete(moved, [clerks, officers], axis=1)
    np.testing.assert_allclose(others, 0, atol=ROUNDING)


def test_turnout_rises_where_posts_are_at_risk_and_nowhere_else():
    habit, drawn = (
        np.array(
            [only(acts, "Ballots", vote=0)["turnout"] for acts in played(LAST_OFFER | {"members.turnout_stakes": s})]
        )
        for s in ("0", "1")
    )
    case = load_scenario(CASE)
    listed = np.concatenate([case.units.list_share["may_list_share"][rows] for rows in case.unions.units])
    assert (drawn[:, listed > 0] > habit[:, listed > 0]).all()
    np.testing.assert_array_equal(drawn[:, listed == 0], habit[:, listed == 0])


def test_the_same_people_vote_again():
    """Whoever said yes says yes again where the chance of a yes has risen, and whoever voted votes again."""
    rng = np.random.default_rng(3)
    worlds, members = 400, 200.0
    voters = Electorate(np.full(worlds, members), rng.integers(0, 65_536, size=(8, worlds), dtype=np.uint16))
    first, second = np.sort(rng.uniform(0.2, 0.8, size=(2, worlds)), axis=0)
    voters.turn_out(0.7)
    before = voters.vote(first)
    voters.vote(first)  # on wages
    voters.turn_out(0.75)
    after = voters.vote(second)
    assert (after.cast >= before.cast).all()
    assert (after.yes >= before.yes).all()
    voters.vote(second)
