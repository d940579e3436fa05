"""The talks of the crisis: when there was anything to sign."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from facts import only, played

from sim import load_scenario, simulate_block
from sim.acts.beliefs import terms_of
from sim.acts.table import tell_both_sides
from sim.crisis import Crisis
from sim.errors import WrongInput
from sim.record import Offer

# ideally 7 years and shares at 1 M$ and 7.5 at 0.1, of which the lasting part counts at most twice: under 20 M$
LITTLE_TO_SAVE = {f"issues.{name}.saves": "1" for name in ("wage_freeze", "pension", "health", "other_savings")} | {
    f"issues.{name}.saves": "-0.1" for name in ("job_security", "later_raises")
}
# talks that break off often, and a deadline that may be moved by a fortnight
MOVABLE = {
    "calendar.talks.deadline": "2011-05-13",
    "calendar.talks.extension": "14",
    "governor.walks_out": "0.4",
    "governor.returns": "0.3",
}
EAGER = {"leaders.optimism": "10"}  # they expect to carry anything home


def test_there_is_no_zone_of_agreement_where_no_deal_is_worth_more_to_the_governor_than_any_package():
    """Packages that save next to nothing, and broken talks that cost him nothing: leaders would sign, he never does."""
    settings = LITTLE_TO_SAVE | EAGER | {"governor.standing": "0", "governor.layoff_standing": "0"}
    for acts in played(settings):
        assert only(acts, "Opening")["floor"] > 20  # M$/yr
        assert not only(acts, "Deadline")["in_zone"]
        assert only(acts, "Outcome")["outcome"] == "no_zone_of_agreement"


def test_a_deadline_is_moved_only_without_a_deal_and_brings_some_that_the_first_would_not_have():
    """Against the same worlds with a deadline that stands: what was signed by then is the same, more comes later."""
    movable, firm = MOVABLE, {key: value for key, value in MOVABLE.items() if key != "calendar.talks.extension"}
    late = 0
    for moved, stood in zip(played(movable, worlds=200), played(firm, worlds=200), strict=True):
        deal = only(stood, "Deadline")["agreed"]
        extended = [act for act in moved if act.kind == "Extension"]
        assert not (extended and deal)
        if deal or not extended:
            assert only(moved, "Deadline")["agreed"] == deal
        late += only(moved, "Deadline")["agreed"] and not deal
    assert late >= 3


def test_a_name_to_keep_ends_talks_because_both_had_bound_themselves():
    """The same worlds without a name and with one: deals are lost, most because both had bound themselves."""
    case, worlds = load_scenario("connecticut-2011"), np.arange(200)
    proud = case.with_settings({f"{side}.reputation": 2 for side in ("governor", "coalition")})
    before, after = (simulate_block(one, seed=2011, worlds=worlds).columns for one in (case, proud))
    lost = before["tentative_deal"] & ~after["tentative_deal"]
    assert lost.sum() > 20 and not (after["tentative_deal"] & ~before["tentative_deal"]).any()
    assert 2 * after["no_deal_demands"][lost].sum() > lost.sum()


def test_what_members_have_read_of_their_offers_keeps_leaders_from_signing():
    """The same worlds with a blackout and without: leaks lose deals and win none."""
    case, worlds = load_scenario("connecticut-2011"), np.arange(400)
    silent, read = (
        simulate_block(
            case.with_settings({"calendar.talks.blackout": blackout, "members.leaked_reference": 0.3}),
            seed=2011,
            worlds=worlds,
        ).columns["tentative_deal"]
        for blackout in (True, False)
    )
    assert (silent & ~read).sum() >= 3 and not (read & ~silent).any()


@pytest.mark.parametrize("protocol", ["alternating_offers", "random_recognition", "simultaneous_demands"])
def test_the_press_reads_what_labour_puts_on_the_table_whoever_the_protocol_lets_speak(protocol):
    """The average burden of its own offers: every other round's, those that a coin let it make, or all of them."""
    settings = {"calendar.talks.blackout": False, "calendar.talks.protocol": protocol}
    case, read, rounds = load_scenario("connecticut-2011").with_settings(settings), np.zeros(60), np.zeros(60)
    crisis = Crisis(case, worlds=np.arange(60), seed=2011)
    while not crisis.state.talks_over:
        (offer,) = [said for said in crisis.step() if isinstance(said, Offer)] or [None]
        talks = crisis.state.talks
        text = talks.table.side("coalition").last_text
        if offer is None or text is None:
            continue
        speaks = offer.round % 2 == 1 or protocol == "simultaneous_demands"  # the governor opens
        if protocol == "random_recognition":
            speaks = talks.luck[2, offer.round] >= 0.5
        terms = terms_of(text, crisis.numbers)
        spoke = offer.where & speaks
        read += np.where(spoke, terms.benefits_burden + terms.wages_burden, 0.0)
        rounds += spoke
    assert (rounds > 0).mean() > 0.9
    assert crisis.state.leaks == pytest.approx(rounds)
    assert crisis.state.leaked == pytest.approx(read)


def test_who_is_hardly_wrong_about_the_other_offers_what_who_is_right_does():
    """One offer to take or leave, to a side whose demand was made in public: it must know of the demand either way."""
    case = load_scenario("connecticut-2011").with_settings({"calendar.talks.protocol": "take_it_or_leave_it"})
    right, hardly_wrong = (
        simulate_block(
            case.with_settings({f"{side}.misjudges": error for side in ("governor", "coalition")}),
            seed=2011,
            worlds=np.arange(400),
        ).columns["tentative_deal"]
        for error in (0, 1e-6)
    )
    assert right.mean() > 0.5 and (right != hardly_wrong).mean() < 0.02


def test_unions_apart_have_a_zone_where_as_many_as_the_rule_asks_for_could_settle():
    """If all fifteen are needed, leaders who would be content with a majority of members change nothing of that."""
    case = load_scenario("connecticut-2011").with_settings(
        {"calendar.talks.table": "pattern", "rule.unions_needed": 15, "leaders.optimism": 1}
    )
    worlds = np.arange(300)
    rule, most = (
        simulate_block(case.with_settings({"leaders.foresee": foresee}), seed=2011, worlds=worlds).columns
        for foresee in ("rule", "majority")
    )
    assert np.array_equal(rule["in_zone"], most["in_zone"]) and 0 < rule["in_zone"].mean() < 0.9
    for columns in (rule, most):
        assert np.array_equal(columns["no_deal_no_zone"], ~columns["tentative_deal"] & ~columns["in_zone"])
        assert columns["no_deal_demands"].any()


def test_nobody_moves_a_deadline_at_a_price_above_all_there_is_to_win():
    acts = played(MOVABLE | {"calendar.talks.extension_price": "1"})
    assert not any(act.kind == "Extension" for world in acts for act in world)


@pytest.mark.parametrize(
    "settings, told",
    [
        ({"calendar.talks.extension": "7"}, "talks.extension = 2011-06-03"),  # leaders recommend on the deadline
        ({"calendar.talks.extension_price": "0.1"}, "talks.extension, which is not set"),
        (MOVABLE | {"calendar.talks.table": "pattern"}, "only where talks.table = coalition"),
    ],
)
def test_a_deadline_that_cannot_be_moved_is_refused(settings, told):
    with pytest.raises(WrongInput, match=told):
        load_scenario("connecticut-2011").with_settings(settings)


def test_who_meets_again_has_heard_of_all_that_has_happened_since():
    """The list of 6 May and the news of the day after: each side's floor at the next round is what it then is."""
    crisis = Crisis(load_scenario("connecticut-2011"), worlds=np.arange(40), seed=1)
    crisis.until(date(2011, 5, 9))
    state, told = crisis.state, (crisis.state, crisis.bodies, crisis.numbers)
    talking, sides, labour = ~state.agreed, state.talks.sides, state.talks.sides[1]
    before = labour.reservation
    offer = next(said for said in crisis.step() if isinstance(said, Offer))
    assert (offer.reservations[labour.name] != before)[talking].any()
    tell_both_sides(*told)
    for side in sides:
        assert np.array_equal(side.reservation, offer.reservations[side.name])
