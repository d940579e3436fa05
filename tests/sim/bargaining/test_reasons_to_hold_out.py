"""Public demands, what a signature risks, the clock, and why there was no deal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.special import ndtr

from agents.tactics import ALL_TACTICS, Tactic, make_tactic
from sim.bargaining.clock import in_session, times_of_rounds, wants_more_time
from sim.bargaining.commitments import (
    after_taking_back,
    chance_needed,
    floor_after_demand,
    margin_needed,
    stands_firm,
)
from sim.bargaining.impasse import IN_WORDS, Reason, last_offers, spent, why_no_deal
from sim.bargaining.side import Side
from sim.bargaining.talks import Talks

WORLDS = 200


def pie(
    *,
    floors=(0.3, 0.3),
    tactics=("linear", "linear"),
    demands=(None, None),
    price=0.0,
    names=(0.0, 0.0),
    worlds=1,
    **table,
) -> Talks:
    """Talks over one issue: the first gets what the second does not."""
    first, second = (
        Side(
            name=name,
            weights=np.array([way]),
            reservation=floor,
            tactic=make_tactic(tactic),
            demand=ask,
            price=price,
            reputation=reputation,
        )
        for name, way, floor, tactic, ask, reputation in zip(
            ("first", "second"), (1.0, -1.0), floors, tactics, demands, names, strict=True
        )
    )
    return Talks(sides=(first, second), low=np.zeros(1), high=np.ones(1), worlds=worlds, **{"rounds": 20, **table})


@dataclass(frozen=True, slots=True, kw_only=True)
class Timid(Tactic):
    """Shows less than it would take: asks for 0.8, says yes to 0.4."""

    def aspiration(self, moment):
        return np.full_like(moment.reservation, 0.8)

    def accepts_from(self, moment):
        return np.full_like(moment.reservation, 0.4)


@pytest.fixture(autouse=True)
def timid(monkeypatch):
    monkeypatch.setitem(ALL_TACTICS, "timid", Timid)


# --- public demands


@pytest.mark.parametrize("seed", range(5))
def test_the_floor_is_where_a_deal_less_the_price_of_a_broken_word_is_worth_no_deal(seed):
    reservation, demand, price = np.random.default_rng(seed).uniform(0, 1, size=(3, WORLDS))
    floor = floor_after_demand(reservation, demand, price)
    bound = demand > reservation
    assert np.allclose(after_taking_back(floor, demand, price)[bound], reservation[bound])
    assert np.array_equal(floor[~bound], reservation[~bound])
    assert np.array_equal(floor_after_demand(reservation, demand, 0.0), reservation)
    dearer = floor_after_demand(reservation, demand, 2 * price)
    assert (dearer >= floor).all() and (dearer <= np.maximum(demand, reservation)).all()


@pytest.mark.parametrize("seed", range(5))
def test_who_yields_pays_again_in_the_next_crisis_so_the_floor_is_where_a_deal_less_that_is_worth_no_deal(seed):
    reservation, demand, price, name = np.random.default_rng(seed).uniform(0, 1, size=(4, WORLDS))
    floor = floor_after_demand(reservation, demand, price, name)
    assert np.allclose(after_taking_back(floor, demand, price) - name * (1 - floor), reservation)
    assert (floor > floor_after_demand(reservation, demand, price)).all() and (floor < 1).all()
    hopeless = floor_after_demand(np.array([2.0]), 0.5, 0.5, 0.5)
    assert hopeless == 2.0  # nothing on the table beats no deal: no name changes that


def test_who_alone_has_a_name_to_lose_gets_more_and_two_who_have_may_get_nothing():
    """Without a name each takes 0.3; who yields at a cost of 1 asks for (0.3 + 1) / 2, and two such leave no room."""
    shares = [pie(names=(name, 0.0)).hold_all().package[0, 0] for name in (0.0, 0.5, 1.0)]
    assert shares[0] < shares[1] < shares[2]
    both = pie(names=(1.0, 1.0)).hold_all()
    assert not both.agreed[0] and both.sides[0].floor == pytest.approx(0.65)


def test_demands_that_leave_no_room_end_the_talks_and_without_a_price_do_not():
    free, bound = (pie(demands=(0.8, 0.8), price=price).hold_all() for price in (0.0, 1.0))
    assert free.agreed[0] and not bound.agreed[0]
    assert bound.sides[0].floor == bound.sides[1].floor == pytest.approx(0.55)


def test_who_alone_is_bound_gets_more():
    """Schelling: the power to bind oneself."""
    shares = [pie(demands=(0.7, None), price=price).hold_all().package[0, 0] for price in (0.0, 0.5, 2.0)]
    assert shares[0] < shares[1] < shares[2]


def test_two_who_stand_firm_end_with_nothing_and_one_who_gives_way_saves_the_deal():
    dear, cheap = {"price": 0.39}, {"price": 0.01}
    for prices, deal in (((dear, dear), False), ((dear, cheap), True), ((cheap, cheap), True)):
        talks = pie(protocol="simultaneous_demands", rounds=1, floors=(0.0, 0.0))
        for side, price in zip(talks.sides, prices, strict=True):
            side.tactic = make_tactic("commitment", price)
        assert talks.hold_all().agreed[0] == deal
    assert talks.package[0, 0] == pytest.approx(0.5)  # both gave way


def test_a_dearer_word_is_kept_more_often():
    price = np.linspace(0, 0.4, WORLDS)
    firm = stands_firm(price, 0.4, gains=0.3, gives_up=0.2)
    assert not firm[0] and firm[-1] and (np.diff(firm.astype(int)) >= 0).all()


# --- what a signature risks


def test_a_refusal_that_costs_as_much_as_a_deal_brings_asks_for_even_odds():
    assert chance_needed(1.0) == 0.5 and margin_needed(1.0, 0.4) == 0.0
    assert chance_needed(3.0) == 0.75 and chance_needed(0.0) == 0.0


@pytest.mark.parametrize("price", [0.5, 1.0, 2.0, 5.0])
def test_at_the_margin_needed_the_chance_foreseen_is_the_chance_needed(price):
    foreseen = ndtr(margin_needed(price, 0.4) / 0.4)
    assert foreseen == pytest.approx(chance_needed(price))
    worth = foreseen * 1.0 - (1 - foreseen) * price
    assert worth == pytest.approx(0.0, abs=1e-12)


# --- the clock


def test_rounds_crowd_towards_the_deadline_and_evenly_spread_ones_are_the_calendars():
    even, crowded = times_of_rounds(26, 1.0), times_of_rounds(26, 2.0)
    assert np.allclose(even, np.arange(1, 27) / 26)
    assert crowded[-1] == 1.0 and (np.diff(crowded) > 0).all()
    assert (crowded > 0.9).sum() > 2 * (even > 0.9).sum()


def test_talks_that_break_off_resume_as_often_as_the_chances_say():
    """In the long run the share of dates on which they meet is resumes / (breaks off + resumes)."""
    luck = np.random.default_rng(1).uniform(size=(60, 20_000))
    meets = in_session(luck, 0.1, 0.3)
    assert meets[0].all() and in_session(luck, 0.0, 0.0).all()
    share = 0.3 / 0.4
    assert meets[-1].mean() == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / 20_000))


def test_talks_that_do_not_meet_cannot_agree():
    meets = np.ones((20, 2), bool)
    meets[:, 1] = False
    talks = pie(worlds=2, meets=meets).hold_all()
    assert talks.agreed.tolist() == [True, False]


def broken_off(worlds: int = 2, **changed) -> Talks:
    """In the first world they meet in every round; in the second the talks are broken off for rounds 4 to 11."""
    meets = np.ones((20, worlds), bool)
    meets[4:12, 1] = False
    return pie(worlds=worlds, meets=meets, **changed)


@pytest.mark.parametrize("protocol", ["alternating_offers", "simultaneous_demands", "single_text"])
def test_nobody_hears_an_offer_in_a_round_that_is_not_held(protocol):
    """What a side asked and heard, and where the mediator's text stands, stays as it was until they meet again."""
    talks = broken_off(protocol=protocol, tactics=("boulware", "linear"))
    for _ in range(12):
        talks.hold_round()
    for side in talks.sides:
        before = 4 if protocol != "alternating_offers" else 2  # texts put and heard in the first four rounds
        for said in (np.array(side.asked), np.array(side.heard)):
            assert (said[before - 1 :, 1] == said[before - 1, 1]).all()
            assert (said[before:, 0] != said[before - 1, 0]).any()  # where they met things moved


def test_no_concession_is_answered_that_was_never_made():
    """Tit for tat stands where it stood while nobody meets, and answers in one step what it hears when they do."""
    talks = broken_off(tactics=("linear", "relative_tit_for_tat"), floors=(0.0, 0.0))
    asks = [talks.hold_round().aspirations.get("second") for _ in range(16)]
    seconds = np.array([ask for ask in asks if ask is not None])
    assert (seconds[2:6, 1] == seconds[2, 1]).all() and seconds[5, 0] < seconds[2, 0]
    assert talks.agreed_round.tolist() == [10, 12]


def test_nothing_is_learned_of_the_other_while_nobody_meets():
    low, high, own = np.zeros(2), np.ones(2), np.array([3.0, 1.0])
    sides = (
        Side(name="first", weights=own, reservation=0.0, tactic=make_tactic("boulware")),
        Side(
            name="second",
            weights=-np.ones(2),
            reservation=0.9,
            tactic=make_tactic("fixed"),
            believed=np.ones(2),
            learning=0.1,
        ),
    )
    meets = np.ones((20, 2), bool)
    meets[4:12, 1] = False
    talks = Talks(sides=sides, low=low, high=high, rounds=20, worlds=2, meets=meets)
    learned = []
    for _ in range(14):
        talks.hold_round()
        learned.append(np.broadcast_to(sides[1].estimate.learned, (2, 2)).copy())
    assert (learned[11][:, 1] == learned[3][:, 1]).all()
    assert (learned[11][:, 0] != learned[3][:, 0]).any() and (learned[13][:, 1] != learned[11][:, 1]).any()


def test_the_deadline_is_moved_where_what_is_hoped_for_exceeds_the_price():
    assert wants_more_time(0.8, 0.4, 0.5, 0.05) and not wants_more_time(0.8, 0.4, 0.5, 0.15)


def test_after_a_deadline_that_was_moved_the_talks_go_on_there_and_end_elsewhere():
    talks = pie(tactics=("fixed", "fixed"), worlds=2, rounds=4).hold_all()
    assert not talks.agreed.any() and not talks.running
    talks.move_deadline(4, np.array([True, False]))
    for side in talks.sides:
        side.tactic = make_tactic("conceder")
    talks.hold_all()
    assert talks.round > 4 and talks.agreed.tolist() == [True, False]


def test_the_only_round_is_the_last():
    talks = pie(rounds=1, protocol="simultaneous_demands").hold_all()
    assert talks.sides[0].asked[0] == pytest.approx(0.3) and talks.agreed[0]
    assert talks.package[0, 0] == pytest.approx(0.5)


@pytest.mark.parametrize("tactic", ["linear", "boulware", "agenda_setter", "tit_for_tat"])
def test_the_only_offer_asks_for_what_the_other_can_do_without(tactic):
    name = "relative_tit_for_tat" if tactic == "tit_for_tat" else tactic
    talks = pie(tactics=(name, "linear"), protocol="take_it_or_leave_it").hold_all()
    if tactic == "tit_for_tat":  # insists on its ideal until there is something to answer
        assert not talks.agreed[0]
    else:
        assert talks.package[0, 0] == pytest.approx(0.7)


def test_a_mediator_called_late_brings_two_stubborn_sides_together():
    """Both offer less than they would take: neither accepts the other's text, both accept what lies between."""
    outcomes = []
    for start in (None, 10):
        talks = pie(tactics=("timid", "timid"), mediator_from=start).hold_all()
        outcomes.append((bool(talks.agreed[0]), int(talks.agreed_round[0])))
    assert outcomes == [(False, -1), (True, 10)]
    assert talks.package[0, 0] == pytest.approx(0.5)


# --- the last look


def test_before_they_sign_both_take_a_trade_that_serves_both():
    """Each cares for one of two issues and neither knows it of the other: splitting both is worth half to either."""
    random = np.random.default_rng(4)
    own, other = random.uniform(0.1, 1, size=(2, 4, WORLDS))
    blind = np.ones((4, WORLDS))

    def talks(last_look: bool) -> Talks:
        first = Side(name="first", weights=own, reservation=0.3, tactic=make_tactic("linear"), believed=-blind)
        second = Side(name="second", weights=-other, reservation=0.3, tactic=make_tactic("linear"), believed=blind)
        first.learning = second.learning = 0.1
        return Talks(
            sides=(first, second), low=np.zeros(4), high=np.ones(4), rounds=20, worlds=WORLDS, last_look=last_look
        ).hold_all()

    plain, looked = talks(False), talks(True)
    assert np.array_equal(plain.agreed, looked.agreed)
    gained = [
        after.value(looked.package) - before.value(plain.package)
        for before, after in zip(plain.sides, looked.sides, strict=True)
    ]
    assert all((gain >= -1e-9).all() for gain in gained)
    assert (gained[0] + gained[1] > 1e-6).any()


# --- why there was no deal


def test_the_first_reason_that_holds_is_the_reason():
    agreed, zone, demands, all_given = np.array(
        [[1, 1, 1, 1], [0, 0, 0, 0], [0, 1, 0, 1], [0, 1, 1, 0], [0, 1, 1, 1]], dtype=bool
    ).T
    found = why_no_deal(agreed, zone=zone, zone_with_demands=demands, spent=all_given)
    assert found.tolist() == [Reason.DEAL, Reason.NO_ZONE, Reason.DEMANDS, Reason.TIME, Reason.UNSEEN_ZONE]
    assert set(IN_WORDS) == set(Reason)


def test_who_still_had_something_to_give_ran_out_of_time():
    short = pie(tactics=("relative_tit_for_tat", "relative_tit_for_tat"), rounds=3).hold_all()
    assert not short.agreed[0] and not spent(short)[0]
    nothing_left = pie(floors=(0.6, 0.6)).hold_all()
    assert spent(nothing_left)[0]
    away = np.ones((20, 1), bool)
    away[-1] = False
    assert not spent(pie(floors=(0.6, 0.6), meets=away).hold_all())[0]


def test_the_last_offers_say_how_far_apart_and_which_issue_would_have_closed_them():
    """Two issues, the second of little worth to the first: giving that one up would have made the deal."""
    first = Side(
        name="first", weights=np.array([1.0, 0.2]), reservation=0.8, tactic=make_tactic("fixed", {"stand": 1.0})
    )
    second = Side(
        name="second", weights=np.array([-0.5, -1.0]), reservation=0.5, tactic=make_tactic("fixed", {"stand": 0.9})
    )
    talks = Talks(sides=(first, second), low=np.zeros(2), high=np.ones(2), rounds=6, worlds=1).hold_all()
    found = last_offers(talks)
    assert not talks.agreed[0] and found.closing[0] == 1
    assert found.first[:, 0].tolist() == [1, 1]
    assert last_offers(pie(protocol="single_text").hold_all()) is None


def test_no_single_issue_closes_talks_without_a_zone():
    assert last_offers(pie(floors=(0.7, 0.7)).hold_all()).closing[0] == -1
