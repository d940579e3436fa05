"""Bargaining theory as limiting cases of the shipped tactics, protocols and measures.

Named by the ids of the table of benchmarks (T01 ... T21): closed forms met to the tolerance that the arithmetic, the
number of rounds or the sample size gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from agents.members import Appeal, Mix, yes_probability
from agents.tactics import make_tactic
from agents.tactics.time_dependent import concession
from sim import load_scenario
from sim.bargaining.commitments import after_taking_back
from sim.bargaining.efficiency import Bend, kalai_smorodinsky_point, nash_point, scaled_bend, with_corner
from sim.bargaining.frontier import Frontier
from sim.bargaining.package import Pieces
from sim.bargaining.side import Side
from sim.bargaining.talks import Talks
from sim.public.seniority import band_risk
from sim.worlds.axis import Worlds

SELLER, BUYER = "seller", "buyer"
PATIENT = {"patience": 0.9, "others_patience": 0.9}


def divide_a_pie(
    tactic: str,
    *,
    rounds: int,
    worlds: int = 1,
    seller: Worlds = 0.0,
    buyer: Worlds = 0.0,
    sellers: Mapping[str, Worlds] | None = None,
    buyers: Mapping[str, Worlds] | None = None,
    **table: Any,
) -> Talks:
    """Talks over one issue: the seller gets what the buyer does not.

    ``seller`` and ``buyer``: what no deal is worth to them; ``sellers`` and ``buyers``: the numbers of their tactics.
    """
    seats = ((SELLER, 1.0, seller, sellers), (BUYER, -1.0, buyer, buyers))
    sides = tuple(
        Side(name=name, weights=np.array([sign]), reservation=no_deal, tactic=make_tactic(tactic, numbers))
        for name, sign, no_deal, numbers in seats
    )
    return Talks(sides=sides, low=np.zeros(1), high=np.ones(1), rounds=rounds, worlds=worlds, **table)


def line(high: float = 1.0, low: float = 0.0) -> Bend:
    """The frontier x1 + x2 = 1 with x1 from ``low`` to ``high``, in one world."""
    return Bend(np.array([[low], [high]]), np.array([[1 - low], [1 - high]]))


# --- T01, T02: solutions on the frontier


@pytest.mark.parametrize("power, own", [(0.5, 0.55), (0.25, 0.375), (1.0, 0.9)])
def test_t01_the_nash_point_shares_the_surplus_by_bargaining_power(power, own):
    point = nash_point(line(), 0.2, 0.1, power=power)
    assert point.own[0] == pytest.approx(own, abs=1e-12)
    assert point.other[0] == pytest.approx(1 - own, abs=1e-12)


def test_t01_two_who_fear_a_breakdown_land_on_the_nash_point():
    """Binmore, Rubinstein, Wolinsky (1986): without discounting, as the chance of a breakdown goes to zero."""
    breakdown = 0.005
    numbers = {"patience": 1.0, "others_patience": 1.0, "breakdown": breakdown}
    talks = divide_a_pie(
        "backward_induction", rounds=1500, seller=0.2, buyer=0.1, sellers=numbers, buyers=numbers
    ).hold_all()
    assert talks.agreed_round[0] == 0
    assert talks.package[0, 0] == pytest.approx(0.55, abs=breakdown)


def test_t02_the_kalai_smorodinsky_point_keeps_the_ratio_of_the_ideal_gains():
    point = kalai_smorodinsky_point(line(low=0.5), 0.0, 0.0)  # x2 is at most 0.5
    assert point.own[0] == pytest.approx(2 / 3, abs=1e-12)


# --- T03, T04, T05: alternating offers


@pytest.mark.parametrize("first, second, share", [(0.9, 0.9, 0.5263), (0.95, 0.9, 0.6897)])
def test_t03_rubinstein_with_a_long_horizon(first, second, share):
    talks = divide_a_pie(
        "backward_induction",
        rounds=400,
        sellers={"patience": first, "others_patience": second},
        buyers={"patience": second, "others_patience": first},
    ).hold_all()
    assert talks.agreed_round[0] == 0
    assert talks.package[0, 0] == pytest.approx(share, abs=5e-5)


@pytest.mark.parametrize("rounds, share", [(1, 1.0), (2, 0.1), (3, 0.91), (10, 0.3428), (11, 0.6915)])
def test_t04_finite_alternating_offers(rounds, share):
    talks = divide_a_pie("backward_induction", rounds=rounds, sellers=PATIENT, buyers=PATIENT).hold_all()
    assert talks.agreed_round[0] == 0
    assert talks.package[0, 0] == pytest.approx(share, abs=5e-5)


@pytest.mark.parametrize("option, share", [(0.0, 0.4737), (0.3, 0.4737), (0.47, 0.4737), (0.5, 0.5), (0.7, 0.7)])
def test_t05_an_outside_option_matters_only_when_it_beats_waiting(option, share):
    talks = divide_a_pie("backward_induction", rounds=400, buyer=option, sellers=PATIENT, buyers=PATIENT).hold_all()
    assert 1 - talks.package[0, 0] == pytest.approx(share, abs=5e-5)


# --- T12, T13: concession by the clock


@pytest.mark.parametrize("speed, conceded", [(0.2, 0.03125), (1.0, 0.5), (5.0, 0.8706)])
def test_t12_concession_at_half_time(speed, conceded):
    assert concession(0.5, speed) == pytest.approx(conceded, abs=5e-5)
    talks = divide_a_pie("time_dependent", rounds=3, seller=0.2, sellers={"speed": speed})
    talks.round = 1
    asked = talks.sides[0].tactic.aspiration(talks.moment(talks.sides[0]))
    assert asked[0] == pytest.approx(1 - 0.8 * conceded, abs=5e-5)


@pytest.mark.parametrize("speed", [0.3, 1.0, 3.0])
def test_t13_two_concession_curves_cross_where_the_formula_says(speed):
    """Employer from 2000 down to 1400, union from 0 up to 1700: at 87 % of the way, at 1478."""
    employer_first, employer_last, union_first, union_last = 2000.0, 1400.0, 0.0, 1700.0
    rounds = 4001
    talks = divide_a_pie(
        "time_dependent",
        rounds=rounds,
        seller=employer_last / employer_first,
        buyer=1 - union_last / employer_first,
        sellers={"speed": speed},
        buyers={"speed": speed},
    ).hold_all()
    crossing = (employer_first - union_first) / ((employer_first - employer_last) + (union_last - union_first))
    value = union_first + crossing * (union_last - union_first)
    assert value == pytest.approx(1478, abs=0.5)
    steepest = max(1, 1 / speed) * union_last / (rounds - 1)  # conceded in one round, in money
    assert employer_first * talks.package[0, 0] == pytest.approx(value, abs=2 * steepest)
    assert talks.agreed_round[0] / (rounds - 1) == pytest.approx(crossing**speed, abs=3 / rounds)


def test_t13_no_agreement_without_a_zone():
    talks = divide_a_pie("linear", rounds=200, seller=0.7, buyer=0.35).hold_all()
    assert not talks.agreed[0]


# --- T14: private information


def test_t14_the_linear_equilibrium_of_the_sealed_bid():
    worlds = 100_000
    random = np.random.default_rng(14)
    value, cost = random.uniform(size=(2, worlds))
    talks = divide_a_pie(
        "sealed_bid", rounds=1, worlds=worlds, seller=cost, buyer=1 - value, protocol="simultaneous_demands"
    ).hold_all()
    margin = np.abs(value - cost - 0.25) > 1e-6
    assert (talks.agreed == (value - cost >= 0.25))[margin].all()
    trades = np.sqrt(9 / 32 * 23 / 32 / worlds)  # standard error
    assert talks.agreed.mean() == pytest.approx(9 / 32, abs=4 * trades)
    gains = np.where(talks.agreed, value - cost, 0)
    assert gains.mean() == pytest.approx(9 / 64, abs=4 * gains.std() / np.sqrt(worlds))
    lost = gains - 27 / 32 * np.maximum(value - cost, 0)  # a share of what there was to gain, trade by trade
    assert lost.mean() == pytest.approx(0, abs=4 * lost.std() / np.sqrt(worlds))


def test_t29_no_threshold_that_nobody_subsidises_loses_less():
    """Myerson, Satterthwaite: of rules to trade at a distance the equilibrium's is the first that pays for itself."""
    value, cost = np.random.default_rng(29).uniform(size=(2, 200_000))
    left = (2 * value - 1) - 2 * cost
    error = 4 * left.std() / np.sqrt(len(left))
    for apart, pays in ((0.15, False), (0.2, False), (0.3, True), (0.35, True)):
        trade = value - cost >= apart
        assert (np.where(trade, left, 0.0).mean() > 0) == pays
    talks = divide_a_pie(
        "sealed_bid", rounds=1, worlds=200_000, seller=cost, buyer=1 - value, protocol="simultaneous_demands"
    ).hold_all()
    assert np.where(talks.agreed, left, 0.0).mean() == pytest.approx(0.0, abs=error)


# --- T30, T31: commitments


@pytest.mark.parametrize("seed", range(6))
def test_t30_neither_does_better_than_by_the_demand_of_the_equilibrium(seed):
    """Muthoo (1996): shares (1 + k1) and (1 + k2) over their sum, each a best reply to the other."""
    prices = np.random.default_rng(seed).uniform(0.05, 3, 2)
    shares = (1 + prices) / (2 + prices.sum())
    demands = np.linspace(0.0, 1.0, 4001)
    for own, other in ((0, 1), (1, 0)):
        x = np.stack([np.zeros_like(demands), np.ones_like(demands)])
        chain = with_corner(with_corner(Bend(x, 1 - x), demands), 1 - shares[other])
        worth = nash_point(
            Bend(
                after_taking_back(chain.own, demands, prices[own]),
                after_taking_back(chain.other, shares[other], prices[other]),
            ),
            0.0,
            0.0,
        ).own
        assert np.nanmax(worth) == pytest.approx(shares[own], abs=1e-3)
        assert demands[worth >= np.nanmax(worth) - 1e-9].max() == pytest.approx(shares[own], abs=1e-3)


@pytest.mark.parametrize("stand", [0.55, 0.7, 0.95])
@pytest.mark.parametrize("dearest", [0.1, 0.5, 2.0])
def test_t31_two_stand_firm_at_once_as_often_as_crawford_says(stand, dearest):
    worlds = 20_000
    prices = dearest * np.random.default_rng(31).uniform(size=(2, worlds))
    numbers = [{"stand": stand, "others_stand": stand, "dearest": dearest, "price": price} for price in prices]
    talks = divide_a_pie(
        "commitment",
        rounds=1,
        worlds=worlds,
        sellers=numbers[0],
        buyers=numbers[1],
        protocol="simultaneous_demands",
    ).hold_all()
    firm = max(0.0, 1 - 2 * (1 - stand) / (1 + 2 * dearest))
    assert 1 - talks.agreed.mean() == pytest.approx(firm**2, abs=4 * np.sqrt(firm**2 * (1 - firm**2) / worlds) + 1e-9)


# --- T32, T33: solutions on concave pieces


@pytest.mark.parametrize("seed", range(6))
def test_t32_t33_the_points_on_a_pie_of_concave_worth_are_those_of_the_first_order_conditions(seed):
    """u2 rises by s up to c of the pie and so from there that all is worth 1; u1 is the share itself."""
    random = np.random.default_rng(seed)
    cut = random.uniform(0.1, 0.9)
    slope = random.uniform(1.0, 1.0 / cut)
    flat = (1 - slope * cut) / (1 - cut)
    frontier = Frontier(
        np.ones(2),
        np.array([-flat, -slope]),
        np.zeros(1),
        np.ones(1),
        pieces=Pieces(np.zeros(1), np.ones(1), ([1 - cut],)),
    )
    bend = scaled_bend(frontier, 1)
    # x u2(1 - x) is largest at 1/2 on the steep piece, at 1/(2 flat) on the mild one, or at the bend between them
    steep, mild = 0.5, 1 / (2 * flat) if flat > 0 else np.inf
    nash = steep if steep > 1 - cut else min(mild, 1 - cut)
    assert nash_point(bend, 0.0, 0.0).own[0] == pytest.approx(nash, abs=1e-9)
    even = slope / (1 + slope)  # x = slope (1 - x)
    even = even if even >= 1 - cut else 1 / (1 + flat)  # x = 1 - flat x
    assert kalai_smorodinsky_point(bend, 0.0, 0.0).own[0] == pytest.approx(even, abs=1e-9)


# --- T15: war of attrition


def test_t15_a_stand_off_lasts_half_the_prize_over_its_cost_and_ends_at_a_constant_rate():
    prize, cost, step = 10.0, 1.0, 0.05  # a round lasts a twentieth of the unit of time
    worlds, rounds = 4000, 1000
    luck = np.random.default_rng(15).uniform(size=(3, rounds, worlds))
    numbers = {"waiting_cost": cost / prize * step}
    talks = divide_a_pie(
        "war_of_attrition", rounds=rounds, worlds=worlds, luck=luck, sellers=numbers, buyers=numbers
    ).hold_all()
    assert talks.agreed.mean() > 0.999
    lasted = step * (talks.agreed_round[talks.agreed] + 0.5)
    mean = prize / (2 * cost)
    assert lasted.mean() == pytest.approx(mean, abs=4 * mean / np.sqrt(worlds))
    for share in (0.25, 0.5, 0.75):  # exponential: as many are over by each quantile as should be
        by_then = -mean * np.log(1 - share)
        assert (lasted <= by_then).mean() == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / worlds) + 0.005)


# --- T16, T17, T18: the deadline


def test_t16_agreements_bunch_at_the_deadline():
    """Two Boulwares with a zone of agreement of any width; laboratory: 30 to 50 % in the last 4 % of the time."""
    worlds, rounds = 2000, 100
    seller, buyer = np.random.default_rng(16).uniform(0.2, 0.6, size=(2, worlds))
    talks = divide_a_pie("boulware", rounds=rounds, worlds=worlds, seller=seller, buyer=buyer).hold_all()
    when = talks.agreed_round[talks.agreed] / rounds
    last, middle = (when >= 0.96).mean(), ((when >= 0.48) & (when < 0.52)).mean()
    assert 0.3 <= last <= 0.5 and last > 5 * middle


@pytest.mark.parametrize("tactic", ["random_absolute_tit_for_tat", "relative_tit_for_tat", "averaged_tit_for_tat"])
def test_t17_less_time_breaks_more_talks_and_leaves_offers_and_terms_alone(tactic):
    """Answering in kind takes its time whatever the deadline, so less of it cuts more talks short."""
    worlds, lengths = 2000, (8, 16, 32, 64)
    random = np.random.default_rng(17)
    seller, buyer = random.uniform(0.2, 0.5, size=(2, worlds))
    steps = random.uniform(0.02, 0.3, size=(2, worlds))
    luck = random.uniform(size=(3, max(lengths), worlds))
    table = [
        divide_a_pie(
            tactic,
            rounds=rounds,
            worlds=worlds,
            seller=seller,
            buyer=buyer,
            luck=luck,
            sellers={"first_step": steps[0]},
            buyers={"first_step": steps[1]},
        ).hold_all()
        for rounds in lengths
    ]
    breakdowns = [(~talks.agreed).mean() for talks in table]
    at_the_last_moment = [(talks.agreed_round[talks.agreed] >= talks.rounds - 2).mean() for talks in table]
    assert (np.diff(breakdowns) < 0).all() and (np.diff(at_the_last_moment) < 0).all()
    for shorter, longer in pairwise(table):
        assert longer.agreed[shorter.agreed].all()  # the same talks, cut short
        assert np.array_equal(shorter.sides[0].asked[:4], longer.sides[0].asked[:4])
        assert shorter.package[0, shorter.agreed].mean() == pytest.approx(
            longer.package[0, longer.agreed].mean(), abs=0.03
        )


def optimists(rounds: int, *, breakdown: float, last_round: np.ndarray | None, worlds: int = 500) -> Talks:
    """Both think they will have the word in 70 % of the rounds, and know it of each other (Yildiz 2003)."""
    luck = np.random.default_rng(18).uniform(size=(3, rounds, worlds))
    numbers = {"patience": 0.995, "others_patience": 0.995, "optimism": 0.2, "breakdown": breakdown}
    return divide_a_pie(
        "backward_induction",
        rounds=rounds,
        worlds=worlds,
        protocol="random_recognition",
        luck=luck,
        sellers=numbers,
        buyers=numbers,
        last_round=last_round,
    ).hold_all()


def test_t18_optimists_wait_for_a_firm_deadline_and_not_for_a_random_one():
    firm = optimists(20, breakdown=0.0, last_round=None)
    assert firm.agreed.all() and (firm.agreed_round == 19).all()
    worlds, hazard = 500, 1 / 20
    ends = np.random.default_rng(180).geometric(hazard, worlds) - 1
    random = optimists(120, breakdown=hazard, last_round=ends, worlds=worlds)
    assert random.agreed.all() and (random.agreed_round == 0).all()


# --- T21: a certain loss against a layoff lottery

SHARP = 1e7  # logits a dollar of expected loss: nothing but money counts
DEAL, LAYOFF = 3_000.0, 60_000.0  # dollars


SINGLE = 1e-7  # shares of yes come from appeals in single precision


def share_of_yes(risk: np.ndarray, band_share: np.ndarray) -> float:
    """Of members who lose DEAL for sure with a yes, and LAYOFF with the chance of their band with a no."""
    appeal = Appeal(certain=np.array(-SHARP * DEAL), protection=SHARP * LAYOFF)
    return float(yes_probability(appeal, risk, Mix(band_share, np.ones((1, 1)), (0.0,)))[0])


@pytest.mark.parametrize(("chance", "yes"), [(0.0, 0.0), (0.0499, 0.0), (0.0501, 1.0), (1.0, 1.0)])
def test_t21_a_member_votes_yes_when_the_layoff_is_likelier_than_the_price_of_the_deal(chance, yes):
    """The threshold is p* = k / L = 0.05, and the response a step."""
    assert share_of_yes(np.array([[chance]]), np.ones(1)) == pytest.approx(yes, abs=SINGLE)


@pytest.mark.parametrize("listed", [0.02, 0.06, 0.15, 0.3])
def test_t21_under_strict_seniority_the_yes_share_is_a_cut_off_rank(listed):
    """Who has years enough not to be reached by the list is sure of the post and votes no."""
    bands = load_scenario("connecticut-2011").seniority
    risk = band_risk(listed, bands, strict=1.0)
    reached = bands.share[(risk[:, 0] > DEAL / LAYOFF)]
    found = share_of_yes(risk, bands.share)
    assert found == pytest.approx(reached.sum(), abs=SINGLE)
    assert found == pytest.approx(bands.share[: len(reached)].sum(), abs=SINGLE)  # the most junior, and nobody else
