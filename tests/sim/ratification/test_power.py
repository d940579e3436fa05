"""Voting power: the published tables, and every count against plain enumeration."""

from __future__ import annotations

import itertools
import time
import tracemalloc
from fractions import Fraction
from math import comb, factorial

import numpy as np
import pytest
from coalition_of_2011 import JULY, OLD, members_by
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import WrongInput
from sim.ratification.decision_diagram import Game, winning_diagram
from sim.ratification.enumeration import Enumeration
from sim.ratification.power import (
    _counted_by_diagram,
    analyse_power,
    critical_bodies,
    describe_power,
    fewest_ballots,
    simple_game,
)
from sim.ratification.rule import Rule, Tally


def weighted(quota: int, of: int) -> Rule:
    """A quota of votes: so many of so many."""
    return Rule.read({"share": f"{quota}/{of}", "of": "members", "count": "bloc", "exactly_enough": True})


# --- published tables ---------------------------------------------------------------------------------------------


def test_un_security_council():
    """Nine of fifteen and no veto: Shapley-Shubik 0.1963 and 0.0019, Banzhaf 0.1669 and 0.0165.

    Source: Straffin (1993), Game Theory and Strategy; Felsenthal & Machover (1998).
    """
    permanent = ["China", "France", "Russia", "UK", "US"]
    names = permanent + [f"elected {i}" for i in range(10)]
    rule = Rule.read({"all_of": [{"at_least": 9, "of": "bodies"}, {"veto": permanent}]})
    power = analyse_power(rule, names, np.ones(15, dtype=int))
    assert power.shapley_shubik == (Fraction(421, 2145),) * 5 + (Fraction(4, 2145),) * 10
    assert [round(float(power.shapley_shubik[i]), 4) for i in (0, 5)] == [0.1963, 0.0019]
    assert power.swings == (848,) * 5 + (84,) * 10
    assert [round(float(power.banzhaf[i]), 4) for i in (0, 5)] == [0.1669, 0.0165]
    assert power.winning == 848  # everybody permanent, and four or more of ten
    assert power.minimal_winning == 210  # and exactly four of ten
    assert power.blockers == tuple(permanent)
    assert (power.smallest_block, power.smallest_blocks) == (1, 5)


def test_eec_council_of_1958_in_which_luxembourg_had_a_vote_and_no_power():
    """Twelve of 4, 4, 4, 2, 2, 1: Banzhaf 5/21, 1/7 and 0; Shapley-Shubik 7/30, 3/20 and 0. Source: Brams (1976)."""
    names = ["Germany", "France", "Italy", "Belgium", "Netherlands", "Luxembourg"]
    power = analyse_power(weighted(12, 17), names, [4, 4, 4, 2, 2, 1])
    assert power.banzhaf == (Fraction(5, 21),) * 3 + (Fraction(1, 7),) * 2 + (0,)
    assert power.shapley_shubik == (Fraction(7, 30),) * 3 + (Fraction(3, 20),) * 2 + (0,)
    assert power.winning == 14
    assert power.minimal_winning_listed == (
        ("Germany", "France", "Italy"),
        *[(*pair, "Belgium", "Netherlands") for pair in itertools.combinations(names[:3], 2)],
    )


def test_fifty_forty_nine_one():
    """The member with one vote is as strong as the one with 49. Source: Brams, in Encyclopaedia Britannica."""
    power = analyse_power(weighted(51, 100), ["A", "B", "C"], [50, 49, 1])
    assert power.banzhaf == (Fraction(3, 5), Fraction(1, 5), Fraction(1, 5))
    assert power.shapley_shubik == (Fraction(2, 3), Fraction(1, 6), Fraction(1, 6))
    assert power.blockers == ("A",)


def test_us_federal_legislature_in_small_and_a_rule_of_two_ways():
    """Two chambers and a president, or two thirds of both chambers over his veto, with chambers of three.

    One way needs the president and two in each chamber (4 * 4 coalitions), the other everybody in both (one more).
    """
    president, house, senate = ["P"], ["h1", "h2", "h3"], ["s1", "s2", "s3"]
    names = president + house + senate

    def some(chamber: list[str]) -> dict:
        return {"any_of": [{"veto": list(pair)} for pair in itertools.combinations(chamber, 2)]}

    over_his_veto = {"veto": house + senate}
    rule = Rule.read({"any_of": [{"all_of": [{"veto": president}, some(house), some(senate)]}, over_his_veto]})
    power = analyse_power(rule, names, np.ones(7, dtype=int))
    assert power.winning == 4 * 4 + 1
    assert power.minimal_winning == 3 * 3 + 1
    assert power.blockers == ()
    assert power.smallest_block == 2


def test_eu_council_of_27_under_the_treaty_of_nice():
    """255 of 345 votes, 14 of 27 states, 62 % of people: few coalitions win, and the population clause hardly matters.

    Votes: Declaration 20 of the treaty; populations in thousands: Bilbao et al. (2002), EJOR 143. The number that win
    without the population clause is counted a second way, by generating functions as there.
    """
    votes = [29, 29, 29, 29, 27, 27, 14, 13, *[12] * 5, *[10] * 3, *[7] * 5, *[4] * 5, 3]
    people = [
        82038,
        59247,
        58966,
        57612,
        39394,
        38667,
        22489,
        15760,
        10533,
        10290,
        10213,
        10092,
        9980,
        8854,
        8230,
        8082,
    ]
    people += [5393, 5313, 5160, 3744, 3701, 2439, 1978, 1446, 752, 429, 379]
    coalitions = np.zeros((28, 346), dtype=np.int64)  # by states and votes
    coalitions[0, 0] = 1
    for own in votes:
        coalitions[1:, own:] += coalitions[:-1, :-own].copy()
    rows = np.array([votes, [1] * 27, people])
    quotas = np.array([255, 14, -(-62 * sum(people) // 100)])
    double = winning_diagram(Game(("all_of", (0, 1)), rows[:2], quotas[:2])).completions()[0].sum()
    triple = winning_diagram(Game(("all_of", (0, 1, 2)), rows, quotas)).completions()[0].sum()
    assert double == coalitions[14:, 255:].sum() == 2_718_758
    assert 0 < double - triple < 20
    assert round(triple / 2**27, 3) == 0.020  # the two per cent found by Felsenthal & Machover (2001) and others


# --- Connecticut 2011 ---------------------------------------------------------------------------------------------


def test_t11_under_the_old_rule_afscme_is_the_only_single_blocker():
    members = members_by("union")
    power = analyse_power(Rule.read(OLD), list(members), list(members.values()))
    assert power.blockers == ("AFSCME Council 4",)
    assert power.winning == 15  # all, or all but one other than AFSCME
    assert power.minimal_winning == 14
    assert all(len(coalition) == 14 and "AFSCME Council 4" in coalition for coalition in power.minimal_winning_listed)
    rows = describe_power(Rule.read(OLD), list(members), list(members.values()))
    assert [row.name for row in rows if row.can_block_alone] == ["AFSCME Council 4"]
    assert sum(row.banzhaf for row in rows) == pytest.approx(1)
    assert sum(row.shapley_shubik for row in rows) == pytest.approx(1)
    assert rows[0].shapley_shubik == pytest.approx(2 / 15)  # pivotal last, or last but one with one other to come


def test_under_the_rule_of_july_nobody_blocks_alone_and_coalitions_that_win_are_many():
    members = members_by("union")
    old, july = (analyse_power(Rule.read(raw), list(members), list(members.values())) for raw in (OLD, JULY))
    assert july.blockers == ()
    assert july.winning > 500 * old.winning
    assert july.smallest_block == 3
    assert all("AFSCME Council 4" in block for block in july.smallest_blocks_listed)


@pytest.mark.parametrize(
    "needed, approval, expected, digits",
    [
        (14, "0.9", 0.5490, 4),
        (8, "0.9", 0.999966, 6),
        (14, "0.8", 0.1671, 4),
        (8, "0.8", 0.9958, 4),
        (14, "0.5733", 0.00289, 5),
        (8, "0.5733", 0.7192, 4),
    ],
)
def test_t10_k_of_n_exactly(needed, approval, expected, digits):
    power = analyse_power(Rule.read({"at_least": needed, "of": "unions"}), [f"u{i}" for i in range(15)], [3] * 15)
    assert round(float(power.chance(Fraction(approval))), digits) == expected


# --- any rule, against enumeration --------------------------------------------------------------------------------


@st.composite
def games(draw: st.DrawFn) -> tuple[dict, list[int]]:
    bodies = draw(st.integers(2, 8))
    names = [f"b{i}" for i in range(bodies)]
    share = st.builds(
        lambda share, of, count: {"share": share, "of": of, "count": count, "exactly_enough": True},
        st.sampled_from(["1/3", "1/2", "2/3", "4/5", "1"]),
        st.sampled_from(["members", "ballots"]),
        st.sampled_from(["bloc", "per_capita"]),
    )
    leaf = st.one_of(
        st.builds(lambda k: {"at_least": k, "of": "unions"}, st.integers(1, bodies)),
        share,
        st.builds(lambda v: {"veto": v}, st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True)),
        st.just({"quorum": "1/2", "of": "members"}),
    )
    tree = st.recursive(
        leaf,
        lambda part: st.builds(
            lambda kind, parts: {kind: parts},
            st.sampled_from(["all_of", "any_of"]),
            st.lists(part, min_size=1, max_size=3),
        ),
        max_leaves=6,
    )
    return draw(tree), draw(st.lists(st.integers(1, 30), min_size=bodies, max_size=bodies))


@settings(max_examples=150, deadline=None)
@given(games())
def test_every_count_agrees_with_plain_enumeration(game):
    raw, members = game
    rule, n = Rule.read(raw), len(members)
    names = [f"b{i}" for i in range(n)]
    coalitions = list(itertools.product([False, True], repeat=n))
    approves = np.array(coalitions).T
    weight = np.array(members)
    yes = np.where(approves, weight[:, None], 0)
    tally = Tally(names=names, members=weight, yes_ballots=yes, no_ballots=weight[:, None] - yes)
    wins = dict(zip(coalitions, rule.carries(tally).tolist(), strict=True))
    assert simple_game(rule, names, weight).wins(approves).tolist() == list(wins.values())

    def without(coalition, body):
        return tuple(inside and i != body for i, inside in enumerate(coalition))

    power = analyse_power(rule, names, members)
    assert power.winning == sum(wins.values())
    critical = {c: [i for i in range(n) if c[i] and wins[c] and not wins[without(c, i)]] for c in coalitions}
    assert power.swings == tuple(sum(i in found for found in critical.values()) for i in range(n))
    for i in range(n):
        orders = sum(factorial(sum(c) - 1) * factorial(n - sum(c)) for c, found in critical.items() if i in found)
        assert power.shapley_shubik[i] == Fraction(orders, factorial(n))
    minimal = {
        tuple(names[i] for i in range(n) if c[i])
        for c in coalitions
        if wins[c] and all(not wins[without(c, i)] for i in range(n) if c[i])
    }
    assert power.minimal_winning == len(minimal)
    assert set(power.minimal_winning_listed) == minimal
    blocks = [c for c in coalitions if not wins[tuple(not inside for inside in c)]]
    assert power.blockers == tuple(names[i] for i in range(n) if any(sum(c) == 1 and c[i] for c in blocks))
    smallest = min((sum(c) for c in blocks), default=0)
    smallest_blocks = {tuple(names[i] for i in range(n) if c[i]) for c in blocks if sum(c) == smallest}
    assert (power.smallest_block, power.smallest_blocks) == (smallest, len(smallest_blocks))
    assert set(power.smallest_blocks_listed) == smallest_blocks


@settings(max_examples=60, deadline=None)
@given(games())
def test_one_by_one_and_by_diagram_count_the_same(game):
    raw, members = game
    members = [*members, 3, 5, 7][: max(len(members), 3)]
    names = [f"b{i}" for i in range(len(members))]
    played = simple_game(Rule.read(raw), names, np.array(members))
    by_diagram, one_by_one = _counted_by_diagram(played), Enumeration(played).counted(listed=100)
    for field in ("by_size", "containing", "minimal", "losing_size", "losing"):
        assert getattr(one_by_one, field) == getattr(by_diagram, field)
    for field in ("minimal_listed", "losing_listed"):
        assert set(getattr(one_by_one, field)) == set(getattr(by_diagram, field))
    costs = np.arange(1, len(members) + 1)
    cheapest, diagrams = Enumeration(played).cheapest(costs), winning_diagram(played).cheapest(costs)
    assert (cheapest is None) == (diagrams is None)
    assert cheapest is None or (diagrams is not None and cheapest[0] == diagrams[0] == costs[list(cheapest[1])].sum())


def test_the_double_majority_over_raw_populations_of_27_states():
    # Eurostat, population on 1 January 2019 of the 27 (demo_pjan), Germany first
    people = [83019213, 67012883, 60359546, 46937060, 37972812, 19414458, 17282163, 11455519, 10724599]
    people += [10649800, 10276617, 10230185, 9772756, 8858775, 7000039, 5806081, 5517919, 5450421, 4904240]
    people += [4076246, 2794184, 2080908, 1919968, 1324820, 875899, 613894, 493559]
    majority = {"share": "65/100", "of": "members", "count": "bloc", "exactly_enough": True}
    rule = Rule.read({"all_of": [{"at_least": 15, "of": "unions"}, majority]})
    tracemalloc.start()
    power = analyse_power(rule, [f"state {i}" for i in range(27)], people)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 500e6  # a diagram of them takes gigabytes
    assert sum(power.banzhaf) == sum(power.shapley_shubik) == 1
    assert (np.diff([float(own) for own in power.shapley_shubik]) <= 0).all()
    # a blocking minority by population needs 35 %: Germany, France and one large state more
    assert power.smallest_block == 3 and ("state 0", "state 1", "state 2") in power.smallest_blocks_listed


@pytest.mark.parametrize("bodies", [50, 51, 77])
def test_beyond_fifty_bodies_counts_stay_exact(bodies):
    power = analyse_power(Rule.read({"at_least": 26, "of": "unions"}), [f"u{i}" for i in range(bodies)], [9] * bodies)
    assert power.winning == sum(comb(bodies, size) for size in range(26, bodies + 1))
    assert set(power.swings) == {comb(bodies - 1, 25)}
    assert set(power.shapley_shubik) == {Fraction(1, bodies)}


def test_what_cannot_be_computed_exactly_is_refused_in_one_line():
    rule = Rule.read({"share": "1/2", "of": "members", "count": "bloc", "exactly_enough": True})
    weights = np.random.default_rng(1).integers(10**6, 10**8, 40)
    with pytest.raises(WrongInput, match="too many different coalitions"):
        analyse_power(rule, [f"u{i}" for i in range(40)], weights)
    with pytest.raises(WrongInput, match="at most 100 bodies"):
        analyse_power(rule, [f"u{i}" for i in range(101)], [1] * 101)


# --- in a given result, and limits --------------------------------------------------------------------------------


def test_in_june_nobody_alone_could_have_turned_the_result_under_the_old_rule():
    yes, no = np.full((15, 1), 60), np.full((15, 1), 40)
    members = members_by("union")
    names = list(members)
    for refusing in ("AFSCME Council 4", "CEUI", "CSPU", "IBPO Local 731"):
        yes[names.index(refusing)], no[names.index(refusing)] = 45, 55
    tally = Tally(names=names, members=np.array(list(members.values())), yes_ballots=yes, no_ballots=no)
    assert critical_bodies(Rule.read(OLD), tally) == []
    turn = fewest_ballots(Rule.read(OLD), tally)
    assert turn.ballots == 18 and len(turn.bodies) == 3 and turn.bodies["AFSCME Council 4"] == 6
    yes[names.index("CEUI")], no[names.index("CEUI")] = 55, 45
    yes[names.index("CSPU")], no[names.index("CSPU")] = 55, 45
    assert critical_bodies(Rule.read(OLD), tally)[0].name == "AFSCME Council 4"


def test_power_is_that_of_one_rule_and_not_of_many_worlds():
    rule = Rule.read({"at_least": 1, "of": "unions"}).with_thresholds({"at_least": np.array([1, 2, 3])})
    with pytest.raises(ValueError, match=r"rule\.world"):
        analyse_power(rule, ["A", "B", "C"], [1, 1, 1])
    assert analyse_power(rule.world(2), ["A", "B", "C"], [1, 1, 1]).winning == 1


@pytest.mark.alone
@pytest.mark.parametrize("seed", [1, 2])
def test_thirty_four_bodies_of_uneven_size_take_seconds_not_2_to_the_34(seed):
    weights = np.random.default_rng(seed).lognormal(6.5, 1, 34).astype(int) + 1
    rule = Rule.read({"all_of": [{"at_least": 18, "of": "units"}, JULY["all_of"][1]]})
    start = time.process_time()
    power = analyse_power(rule, [f"unit {i}" for i in range(34)], weights)
    assert time.process_time() - start < 10
    assert sum(power.shapley_shubik) == 1
    assert sum(power.banzhaf) == 1
    order = np.argsort(weights)
    assert (np.diff(np.array(power.swings)[order]) >= 0).all()  # never less power for more weight
    assert power.chance(Fraction(1, 2)) == Fraction(power.winning, 2**34)


def test_the_units_of_2011_under_two_thirds_of_both():
    members = members_by("unit")
    two_thirds = [
        {"share": "2/3", "of": "units", "exactly_enough": True},
        {"share": "2/3", "of": "members", "count": "bloc", "exactly_enough": True},
    ]
    power = analyse_power(Rule.read({"all_of": two_thirds}), list(members), list(members.values()))
    assert sum(power.shapley_shubik) == 1
    assert power.blockers == ()
    assert 0 < power.winning < 2 ** len(members)
