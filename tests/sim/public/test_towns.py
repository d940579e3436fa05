"""The towns: who lobbies, who absorbs what, and that every dollar of a cut is found somewhere."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from towns import absorb, absorb_in_town, lobby, make_mayors, threatened_local_risk

from agents.mayor import concession_chance, lobbying, weight_together
from sim.errors import WrongInput
from sim.public.aid import loss_in_districts, loss_per_head, shares_of_cut
from sim.public.towns import INSTRUMENTS, Limits, MedianTown, Town, TownHalls, Towns, reluctance, towns_of
from sim.scenario.parameters import Parameter
from sim.scenario.tables import read_district_towns, read_legislators, read_towns

CASE = Path(__file__).parents[3] / "sim" / "scenarios" / "connecticut-2011"
SOURCE = {"source": "test"}
START = {
    "resolve": 20.0,
    "resolve_spread": 0.3,
    "cushion_counted": 0.4,
    "together": 1.0,
    "spread": 0.0,
    "reserve_floor": 0.02,
    "deferrable": 0.4,
    "payroll_share": 0.65,
    "concession_share": 0.02,
    "bargain_goodwill": -0.5,
    "bargain_fear": 20.0,
    "layoff_share": 0.03,
    "post_cost": 0.075,
    "tax_cap": 1.0,
}
MONEY = (*INSTRUMENTS, "unabsorbed")


def section(**changes) -> Towns:
    return Towns(**{name: {"fact": amount, **SOURCE} for name, amount in START.items()}, **changes)


def values(**changes) -> SimpleNamespace:
    return SimpleNamespace(**(START | changes))


@pytest.fixture(scope="module")
def legislators():
    return read_legislators(CASE / "legislators.csv")


@pytest.fixture(scope="module")
def halls(legislators) -> TownHalls:
    books = read_towns(CASE / "towns.csv")
    pairs = read_district_towns(CASE / "district_towns.csv", legislators, books)
    return TownHalls.of(towns_of(books), section(dual_payroll=["New Haven"]), pairs=pairs, seats=len(legislators.names))


@pytest.fixture(scope="module")
def town(halls):
    return {town.name: town for town in halls.towns}


def mayors_of(halls, worlds, **changes):
    return make_mayors(halls, value=values(**changes), seed=2011, worlds=worlds)


# --- the record


def test_all_169_towns_have_books(town):
    assert len(town) == 169
    assert sum(one.population for one in town.values()) == pytest.approx(3.58e6, rel=0.01)
    assert sum(one.aid for one in town.values()) == pytest.approx(2912, abs=1)


@pytest.mark.parametrize(("name", "aid_share"), [("Hartford", 0.48), ("New Haven", 0.47), ("Stamford", 0.08)])
def test_dependence_on_aid_is_as_on_record(town, name, aid_share):
    assert town[name].aid_share == pytest.approx(aid_share, abs=0.006)


def test_new_havens_free_balance_is_about_the_hole_its_mayor_planned_for(town):
    assert town["New Haven"].free_balance == pytest.approx(10, abs=0.25)


def test_a_negative_balance_is_no_cushion(town):
    assert town["West Haven"].free_balance < 0
    assert town["West Haven"].cushion_share == 0


@pytest.mark.parametrize(
    ("field", "amount"),
    [("budget", 0.0), ("population", -1.0), ("grand_list", 0.0), ("aid", 600.0), ("free_balance", np.nan)],
)
def test_a_town_whose_books_cannot_be_is_refused_by_name(town, field, amount):
    with pytest.raises(WrongInput, match=rf"Hartford.*{field}"):
        replace(town["Hartford"], **{field: amount})


def test_every_seat_has_its_towns(halls, legislators):
    everywhere = halls.districts.average(np.ones((169, 1)))
    assert everywhere.shape == (187, 1)
    assert np.allclose(everywhere, 1)
    assert all(halls.districts.average(town[:, None]).any() for town in np.eye(169)), "each town votes in some seat"


# --- lobbying


def test_a_mayor_is_silent_while_the_balance_covers_the_loss():
    assert np.array_equal(lobbying(np.array([0.01, 0.02, 0.03]), 0.02, resolve=20.0) > 0, [False, False, True])


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 100))
def test_effort_is_a_share_and_rises_with_the_loss(loss, more, cushion, resolve):
    effort = lobbying(np.array([loss, loss + more]), cushion, resolve=resolve)
    assert 0 <= effort[0] <= effort[1] <= 1


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 5))
def test_mayors_together_weigh_more_than_apart(first, second, together):
    """Two mayors of halves of the state who vote in the same seat."""

    def felt(a, b):
        return (a + b) / 2 * weight_together((a + b) / 2, together=together)

    assert felt(first, second) >= felt(first, 0) + felt(0, second) - 1e-12
    assert felt(first, second) <= 1 + together


def test_hartfords_legislators_hear_more_than_stamfords(halls, legislators):
    worlds = np.arange(64)
    heard = lobby(mayors_of(halls, worlds), halls, np.full(64, 291.0), value=values())
    seats = {
        name: np.flatnonzero(halls.districts.average(np.eye(169)[place][:, None])[:, 0] == 1)
        for place, name in ((row, one.name) for row, one in enumerate(halls.towns))
        if name in ("Hartford", "Stamford")
    }
    assert heard.loss_share[seats["Hartford"]].min() > 4 * heard.loss_share[seats["Stamford"]].max()
    assert heard.felt[seats["Hartford"]].mean() > 2 * heard.felt[seats["Stamford"]].mean()
    assert 0 <= heard.felt.min() <= heard.felt.max() <= 1 + START["together"]


def test_lobbying_rises_with_the_threat_in_every_seat(halls):
    worlds = np.arange(8)
    mayors = mayors_of(halls, worlds)
    efforts = [lobby(mayors, halls, np.full(8, threat), value=values()).felt for threat in (0.0, 54.4, 291.0, 482.0)]
    assert not efforts[0].any()
    assert all((more >= less).all() for less, more in pairwise(efforts))


def test_the_more_mayors_sing_along_the_more_each_is_heard(halls):
    threat, worlds = np.full(8, 291.0), np.arange(8)
    apart, together = (
        lobby(mayors_of(halls, worlds), halls, threat, value=values(together=amount)) for amount in (0.0, 2.0)
    )
    assert np.array_equal(apart.chorus, together.chorus)
    assert np.allclose(together.felt, apart.felt * (1 + 2 * apart.chorus))


def test_without_a_legislature_mayors_lobby_nobody_and_towns_still_absorb(halls):
    alone = TownHalls.of(halls.towns, section())
    worlds, cut = np.arange(3), np.full(3, 54.4)
    mayors = mayors_of(alone, worlds)
    assert lobby(mayors, alone, cut, value=values()).felt.shape == (0, 3)
    assert absorb(mayors, alone, cut, value=values(), seed=1, worlds=worlds).town_loss.sum() == pytest.approx(54.4)


# --- who loses how much


def test_a_cut_falls_on_towns_as_aid_does_and_adds_up(halls, town):
    shares = shares_of_cut(halls, 0.0)
    assert sum(shares) == pytest.approx(1)
    for share, one in zip(shares, halls.towns, strict=True):
        assert share == pytest.approx(one.aid / 2912.2, rel=1e-3)


def test_spread_evenly_every_head_loses_the_same(halls):
    per_head = [share / one.population for share, one in zip(shares_of_cut(halls, 1.0), halls.towns, strict=True)]
    assert max(per_head) == pytest.approx(min(per_head))
    assert shares_of_cut(halls, np.array([0.3, 0.7])).sum(axis=0) == pytest.approx(1)


def test_districts_lose_what_their_towns_lose(halls):
    threat, spread = np.array([0.0, 54.4, 291.0]), np.array([0.0, 0.5, 1.0])
    pairs = zip(shares_of_cut(halls, spread), halls.towns, strict=True)
    by_town = np.stack([threat * share / one.budget for share, one in pairs])
    assert np.allclose(loss_in_districts(halls, threat, spread=spread), halls.districts.average(by_town))


def test_loss_per_head_follows_from_what_towns_lose(halls, town):
    loss = np.array([one.aid for one in halls.towns]) * 54.4 / 2912.2
    per_head = loss_per_head(halls, loss)
    assert per_head["Hartford"] == pytest.approx(40.8, abs=0.1)
    assert per_head["Hartford"] > 5 * per_head["Stamford"]


# --- one town finds the money


towns = st.builds(
    Town,
    name=st.just("Anytown"),
    population=st.floats(500, 150_000),
    budget=st.floats(2, 600),
    aid=st.just(1.0),
    free_balance=st.floats(-20, 60),
    grand_list=st.floats(90, 40_000),
    tax_burden=st.floats(5, 40),
    income=st.floats(20_000, 250_000),
    school_share=st.floats(0, 1),
    rating=st.sampled_from(["", "Aaa", "Aa2", "A1", "Baa1"]),
)
orders = st.permutations(INSTRUMENTS)
limits = st.builds(
    Limits,
    reserve_floor=st.floats(0, 0.2),
    deferrable=st.floats(0, 1),
    concessions=st.floats(0, 0.05),
    layoffs=st.floats(0, 0.05),
    tax_cap=st.floats(0, 3),
    goodwill=st.floats(-3, 3),
    fear=st.floats(0, 100),
    post_cost=st.floats(0.05, 0.1),
)


def reach(one: Town, loss, limit: Limits) -> dict:
    return {
        "reserves": max(one.free_balance - limit.reserve_floor * one.budget, 0),
        "deferral": limit.deferrable * loss,
        "concessions": limit.concessions * one.budget,
        "layoffs": limit.layoffs * one.budget,
        "taxes": limit.tax_cap * one.grand_list / 1000,
    }


@settings(max_examples=200, deadline=None)
@given(towns, orders, limits, st.lists(st.floats(0, 100), min_size=1, max_size=6), st.floats(0, 1))
def test_every_dollar_is_found_and_no_instrument_is_overdrawn(one, order, limit, losses, luck):
    loss = np.array(losses)
    done = absorb_in_town(loss, one, order, limits=limit, luck=luck)
    assert np.allclose(sum(getattr(done, name) for name in MONEY), loss, rtol=1e-12, atol=1e-12)
    for name, cap in reach(one, loss, limit).items():
        assert (getattr(done, name) >= 0).all()
        assert (getattr(done, name) <= cap * (1 + 1e-12)).all()
    assert (done.unabsorbed >= 0).all()


@settings(max_examples=100, deadline=None)
@given(towns, orders, limits, st.floats(0, 100), st.floats(0, 50), st.sampled_from([0.0, 1.0]))
def test_a_larger_loss_draws_no_less_on_any_instrument(one, order, limit, loss, more, luck):
    """At one outcome of the town's own bargain; rounding of a remainder may cost a trillionth."""
    done = absorb_in_town(np.array([loss, loss + more]), one, order, limits=limit, luck=luck)
    for name in MONEY:
        less, greater = getattr(done, name)
        assert greater >= less - 1e-9


@settings(max_examples=50, deadline=None)
@given(towns, orders, limits)
def test_the_order_of_preference_is_kept(one, order, limit):
    """What comes later is touched only when what comes before is used up, or one's own unions have refused."""
    loss = np.linspace(0, 30, 40)
    done = absorb_in_town(loss, one, order, limits=limit, luck=0.0)
    caps = reach(one, loss, limit)
    for before, after in pairwise(order):
        touched = getattr(done, after) > 0
        assert np.allclose(getattr(done, before)[touched], np.broadcast_to(caps[before], loss.shape)[touched])


def test_unions_concede_the_readier_the_more_is_at_stake():
    chance = concession_chance(np.array([0.0, 0.01, 0.05]), goodwill=-0.5, fear=30.0)
    assert (np.diff(chance) > 0).all()
    assert 0 < chance[0] < chance[-1] < 1


def test_refused_concessions_become_layoffs(town):
    order = ("concessions", "layoffs", "reserves", "deferral", "taxes")
    agreed, refused = (
        absorb_in_town(np.array([5.0]), town["New Haven"], order, limits=Limits.of(values()), luck=luck)
        for luck in (0.0, 1.0)
    )
    assert agreed.concessions == 5 and not agreed.layoffs
    assert refused.layoffs == 5 and not refused.concessions


# --- orders of preference


def test_a_poor_highly_taxed_city_does_not_tax_and_a_rich_suburb_does(halls, town):
    usual = MedianTown.of(halls.towns)
    order = dict(zip((one.name for one in halls.towns), halls.orders, strict=True))
    assert order["Hartford"][-1] == order["New Haven"][-1] == "taxes"
    assert order["Greenwich"][0] == order["Weston"][0] == "taxes"
    assert reluctance(town["West Haven"], usual)["reserves"] == max(reluctance(town["West Haven"], usual).values())


def test_a_stated_order_replaces_the_derived_one(town):
    stated = ("layoffs", "taxes", "reserves", "deferral", "concessions")
    halls = TownHalls.of([town["New Haven"], town["Hartford"]], section(order={"New Haven": stated}))
    assert halls.orders[0] == stated
    assert halls.orders[1] != stated


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"order": {"New Heaven": INSTRUMENTS}}, "New Heaven.*did you mean 'New Haven'"),
        ({"order": {"New Haven": ("taxes",)}}, "must name reserves, deferral"),
        ({"dual_payroll": ["Hartfort"]}, "Hartfort.*did you mean 'Hartford'"),
    ],
)
def test_a_town_that_does_not_exist_is_refused_with_the_nearest(town, changes, message):
    with pytest.raises(WrongInput, match=message):
        TownHalls.of([town["New Haven"], town["Hartford"]], section(**changes))


# --- the whole state


def test_the_state_finds_every_dollar_and_worlds_without_a_cut_lose_nothing(halls):
    worlds = np.arange(40)
    cut = np.where(worlds % 2, 20.0 * worlds, 0.0)
    hit = absorb(mayors_of(halls, worlds), halls, cut, value=values(), seed=2011, worlds=worlds)
    assert np.allclose(sum(getattr(hit, name) for name in MONEY), cut, rtol=1e-12)
    assert hit.town_loss.sum() == pytest.approx(cut.mean())
    assert all(not column[cut == 0].any() for column in hit.columns.values())
    assert hit.town_posts.sum() == pytest.approx(hit.posts.mean())


def test_nothing_is_touched_where_no_world_cuts(halls):
    worlds = np.arange(5)
    hit = absorb(mayors_of(halls, worlds), halls, np.zeros(5), value=values(), seed=2011, worlds=worlds)
    assert not any(column.any() for column in hit.columns.values())
    assert not hit.town_loss.any()


def varied(worlds: np.ndarray) -> SimpleNamespace:
    """Numbers that differ from world to world and belong to the world."""
    return values(**{name: START[name] * (1 + 0.01 * (worlds % 7)) for name in ("resolve", "deferrable", "tax_cap")})


def test_a_block_equals_its_worlds_one_by_one(halls):
    worlds = np.array([7, 3, 731_204, 8, 9, 3])
    cut = np.array([54.4, 0.0, 291.0, 482.0, 10.0, 100.0])
    mayors = make_mayors(halls, value=varied(worlds), seed=2011, worlds=worlds)
    block = absorb(mayors, halls, cut, value=varied(worlds), seed=2011, worlds=worlds)
    felt = lobby(mayors, halls, cut, value=varied(worlds))
    risk = threatened_local_risk(mayors, halls, cut, value=varied(worlds))
    for place in range(len(worlds)):
        one = worlds[[place]]
        alone = make_mayors(halls, value=varied(one), seed=2011, worlds=one)
        single = absorb(alone, halls, cut[[place]], value=varied(one), seed=2011, worlds=one)
        for name, column in single.columns.items():
            assert column[0] == block.columns[name][place], name
        assert np.array_equal(lobby(alone, halls, cut[[place]], value=varied(one)).felt[:, 0], felt.felt[:, place])
        assert threatened_local_risk(alone, halls, cut[[place]], value=varied(one))[0] == risk[place]


def test_what_the_mayors_were_handed_comes_back_unchanged(halls):
    worlds, cut = np.arange(4), np.full(4, 54.4)
    handed = varied(worlds)
    before = {name: np.copy(amount) for name, amount in vars(handed).items()}
    mayors = mayors_of(halls, worlds)
    lobby(mayors, halls, cut, value=handed)
    absorb(mayors, halls, cut, value=handed, seed=1, worlds=worlds)
    assert np.array_equal(cut, np.full(4, 54.4))
    assert all(np.array_equal(before[name], amount) for name, amount in vars(handed).items())


def test_a_citys_layoffs_reach_the_union_it_shares_with_the_state(halls):
    worlds, threat = np.arange(400), np.full(400, 291.0)
    mayors = mayors_of(halls, worlds)
    feared = threatened_local_risk(mayors, halls, threat, value=values())
    happened = absorb(mayors, halls, threat, value=values(), seed=2011, worlds=worlds).local_risk
    assert 0 < feared[0] <= START["layoff_share"]
    # four standard errors of the mean of what happens, at the chance that is feared
    assert happened.mean() == pytest.approx(feared.mean(), abs=4 * happened.std() / np.sqrt(400))
    without = replace(halls, dual_payroll=frozenset())
    assert not threatened_local_risk(mayors, without, threat, value=values()).any()


@pytest.mark.parametrize("name", [name for name in START if name not in ("resolve_spread",)])
def test_each_number_reaches_the_towns(halls, name):
    worlds, cut = np.arange(64), np.full(64, 291.0)

    def run(amount):
        value = values(**{name: amount})
        mayors = make_mayors(halls, value=value, seed=2011, worlds=worlds)
        hit = absorb(mayors, halls, cut, value=value, seed=2011, worlds=worlds)
        heard = lobby(mayors, halls, cut, value=value)
        return np.concatenate([*hit.columns.values(), heard.felt.ravel()])

    assert not np.array_equal(run(START[name]), run(START[name] * 1.25 + 0.05))


def test_the_shipped_scenario_has_a_source_for_every_number():
    from sim.scenario.scenario import load_scenario

    towns = load_scenario("connecticut-2011").sections.towns
    sources = [number.source for _, number in towns if isinstance(number, Parameter)]
    assert len(sources) > 10 and all(sources)
    assert "New Haven" in towns.dual_payroll
