"""Columns of the table of results worked out again from what happened: units, denominators, who counts."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

from sim import load_scenario
from sim.acts.beliefs import terms_of
from sim.crisis import Crisis
from sim.record import (
    Absorption,
    Ballots,
    Filling,
    Happening,
    Lobbying,
    Offer,
    RollCall,
    TentativeDeal,
    Threatened,
    Withdrawal,
)

WORLDS = 120
# nothing fitted, so that some refuse; a text is signed as it was put, so that its worth is on record
SETTINGS = {
    "case.uncertainties": "range",
    "calendar.talks.last_look": False,
    "legislature.rule": "closed",
    "legislature.exposure": 20,
    "members.trust": 1.0,
}
CASE = load_scenario("connecticut-2011").with_settings(SETTINGS)


@functools.cache
def played() -> tuple[Crisis, list[Happening]]:
    record: list[Happening] = []
    crisis = Crisis(CASE, worlds=np.arange(WORLDS), seed=2011, observers=[record.append])
    crisis.play()
    return crisis, record


def happened(kind: type[Happening], **which: Any) -> list[Any]:
    return [one for one in played()[1] if isinstance(one, kind) and all(getattr(one, k) == v for k, v in which.items())]


def column(name: str) -> np.ndarray:
    return played()[0].measures.block().columns[name]


def same(name: str, expected: Any) -> None:
    found = np.asarray(column(name), float)
    assert np.ptp(found[np.isfinite(found)]) > 0, "the same in all worlds: nothing is tested"
    np.testing.assert_allclose(found, np.asarray(expected, float), rtol=1e-5, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("vote", [1, 2])
def test_votes_are_added_up_from_the_ballots_of_units(vote):
    (said,) = happened(Ballots, vote=vote)
    unions = np.arange(len(CASE.unions.names))[:, None] == CASE.units.union
    of_units = (said.unit_yes, said.unit_cast, played()[0].bodies.units.members)
    yes, cast, members = (unions @ np.asarray(amounts, float) for amounts in of_units)
    approve, blank = 2 * yes > cast, np.where(said.where, 0, np.nan)
    same(f"unions_yes_{vote}", approve.sum(axis=0) + blank)
    same(f"yes_share_{vote}", yes.sum(axis=0) / np.maximum(cast.sum(axis=0), 1) + blank)
    same(f"bloc_share_{vote}", (members * approve).sum(axis=0) / members.sum(axis=0) + blank)
    same(f"turnout_{vote}", cast.sum(axis=0) / members.sum(axis=0) + blank)
    if vote == 1:
        rule = (approve.sum(axis=0) >= 14) & (5 * (members * approve).sum(axis=0) >= 4 * members.sum(axis=0))
        same("ratified_1", said.where & rule)
        same("leaders_surprised", column("leaders_expected") & ~rule)


def test_the_deal_is_that_of_its_day_and_its_worth_that_of_the_text():
    day, share = np.full(WORLDS, np.nan), np.full(WORLDS, np.nan)
    for deal in happened(TentativeDeal):
        day[deal.where] = (deal.date - CASE.calendar.talks.start).days
    for offer in happened(Offer):
        gains = [offer.values[side] - offer.reservations[side] for side in ("governor", "coalition")]
        share = np.where(offer.accepted, np.clip(gains[0] / (gains[0] + gains[1]), 0, 1), share)
    same("agreed_day", day)
    same("governor_surplus_share", share)


def test_last_offers_are_the_last_that_each_side_made():
    savings = dict.fromkeys(("governor", "coalition"), np.full(WORLDS, np.nan))
    for offer in happened(Offer):
        made = terms_of(offer.package, played()[0].numbers).savings
        savings[offer.proposer] = np.where(offer.where, made, savings[offer.proposer])
    apart = savings["governor"] - savings["coalition"]
    same("last_offers_apart", np.where(column("tentative_deal"), np.nan, apart))


def test_threats_cost_what_issuing_and_withdrawing_them_cost():
    same("threat_cost", sum(np.where(act.where, act.cost, 0.0) for act in happened(Threatened) + happened(Withdrawal)))


def test_the_session_is_counted_seat_by_seat_where_it_meets():
    (bill,), blank = happened(RollCall, question="authority"), np.where(column("ratified_1"), np.nan, 0)
    house = np.array([seat.chamber == "house" for seat in CASE.seats])
    counts = [(bill.here & (bill.yes == yes))[chamber].sum(axis=0) for chamber in (house, ~house) for yes in (1, 0)]
    passed = (counts[0] > counts[1]) & (counts[2] >= counts[3])  # the lieutenant breaks the senate's tie
    for name, count in zip(("house_yes", "house_no", "senate_yes", "senate_no"), counts, strict=True):
        same(name, count + blank)
    same("request_passed", passed + blank)
    same("aid_spared", ~passed + blank)  # all of it is asked for, and nothing may be struck


def test_mayors_and_towns_are_weighed_by_their_people():
    people = np.array([[town.population] for town in CASE.town_halls.towns])
    (asked,) = happened(Lobbying, occasion="request")
    same("chorus", np.where(asked.where, (asked.effort * people).sum(axis=0) / people.sum(), 0))
    (towns,) = happened(Absorption)
    rise, posts = np.zeros(WORLDS), np.zeros(WORLDS)
    grand_list = np.array([[town.grand_list] for town in CASE.town_halls.towns])
    rise[towns.here] = (1000 * towns.taxes / grand_list * people).sum(axis=0) / people.sum()
    posts[towns.here] = (towns.layoffs / 0.075).sum(axis=0)  # M$ a local post
    same("mill_rise_mean", rise)
    same("local_layoffs_posts", posts)


def test_posts_lost_save_what_is_left_of_the_year_and_the_money_adds_up():
    (end,) = happened(Filling)
    left = (366 - 12 - 8 * 7) / 366  # of the year from 1 July 2011: notices of 13 July, eight weeks ahead
    same("posts_lost", column("layoffs") / (0.09595 * left))
    np.testing.assert_allclose(end.unit_posts.sum(axis=0), column("posts_lost"), rtol=1e-6)
    payers = ("savings", "revenue", "layoffs", "programmes", "aid", "taxes", "deficit")
    np.testing.assert_allclose(sum(column(name) for name in payers), 1000)
