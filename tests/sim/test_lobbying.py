"""Bodies act on their day: mayors answer what threatens their aid, and are silent before it and after it."""

from __future__ import annotations

import datetime

import numpy as np
import pytest
from facts import CASE, TWICE, case_with, happened, only, played, told
from reference.lobbying import feared_cut
from reference.one_world import numbers_of
from reference.state import Act, OneWorld

from sim import load_scenario
from sim.crisis import Crisis
from sim.record import Lobbying

MENU, REFUSAL, REQUEST = datetime.date(2011, 5, 6), datetime.date(2011, 6, 24), datetime.date(2011, 6, 28)
SINGLE = 1e-6  # of an amount: what single precision rounds it by
LARGER_LIST = {"threats.june_list.aid": str(2 * 54.4)}


def lobbying(acts: list[Act]) -> list[Act]:
    """Every time that mayors spoke up, or fell silent."""
    return [act for act in acts if act.kind == "Lobbying"]


def day_of(kind: str, acts: list[Act]) -> datetime.date | None:
    """When such an act happened first."""
    return next((act.date for act in acts if act.kind == kind), None)


def at_request(acts: list[Act]) -> dict:
    """What mayors do once power over aid is asked for."""
    return [act.facts for act in lobbying(acts) if act.date == REQUEST][-1]


def test_mayors_are_silent_until_the_menu_names_their_aid():
    days = [lobbying(acts)[0].date for acts in played({}) if happened(acts, "Threat", name="may_menu")]
    assert len(days) > 30 and set(days) == {MENU}


def test_the_governor_foresees_what_mayors_would_do_and_legislators_hear_nothing_of_it():
    crisis = Crisis(load_scenario(CASE), worlds=np.arange(20), seed=2011)
    crisis.step()
    assert (crisis.state.foreseen_toll >= 0).all() and (crisis.state.foreseen_toll.max(axis=0) > 0).all()
    assert not crisis.bodies.assembly.members.toll.any()
    assert not crisis.bodies.mayors.effort.any()


def test_every_town_s_effort_is_what_its_balance_leaves_uncovered():
    """On its day, from the amount that the list names; a town whose balance covers its loss lobbies for nobody."""
    case = load_scenario(CASE)
    spoken = 0
    for world, acts in enumerate(played({})):
        if not happened(acts, "Threat", name="may_menu"):
            continue
        said, mayors = lobbying(acts)[0].facts, OneWorld(case, 2011, world).mayors
        loss = [mayor.loss_share(said["threatened"]) for mayor in mayors]
        counted = [mayor.numbers.cushion_counted * mayor.town.cushion_share for mayor in mayors]
        assert [effort > 0 for effort in said["effort"]] == [a > b for a, b in zip(loss, counted, strict=True)]
        assert said["effort"] == pytest.approx([mayor.effort(said["threatened"]) for mayor in mayors], abs=1e-4)
        spoken += 1
    assert spoken > 30


def test_a_menu_shrinks_with_the_revenue_that_is_found():
    """What is found before it, and what is found after it: the part of the gap still open counts."""
    before = 0
    for world, acts in enumerate(played({})):
        if happened(acts, "Threat", name="may_menu"):
            assert lobbying(acts)[0].facts["threatened"] == pytest.approx(482 * left_open(world, {}))
            before += 1
    assert before > 10
    later, day = {"news.revenue.date": "2011-05-12"}, datetime.date(2011, 5, 12)
    seen = 0
    for world, acts in enumerate(played(later)):
        said = [act.facts["threatened"] for act in lobbying(acts) if act.date == MENU or act.date == day]
        if len(said) == 2 and day_of("TentativeDeal", acts) != day:  # which would silence them
            assert said[0] == pytest.approx(482)
            assert said[1] == pytest.approx(482 * left_open(world, later))
            seen += 1
    assert seen > 10


def left_open(world: int, settings: dict[str, str]) -> float:
    """Part of the gap that the revenue found does not fill in this world."""
    numbers = numbers_of(case_with(settings), 2011, world)
    found = numbers.news["revenue"]
    return 1 - found.revenue * found.usable / numbers.money.gap


def test_a_deal_silences_mayors_on_its_day():
    deals = 0
    for acts in played({}):
        day, spoke = day_of("TentativeDeal", acts), lobbying(acts)
        if day is None or not any(act.date <= day and act.facts["threatened"] > 0 for act in spoke):
            continue
        last = [act for act in spoke if act.date <= day][-1]
        assert last.date == day and last.facts["threatened"] == 0 and not any(last.facts["effort"])
        assert not any(last.facts["toll"])
        assert all(act.date >= REFUSAL for act in spoke if act.date > day)
        deals += 1
    assert deals > 20


def test_mayors_speak_up_when_members_refuse_and_are_silent_where_they_ratify():
    refused = ratified = 0
    for world, acts in enumerate(played({}, worlds=120)):
        after = [act for act in lobbying(acts) if act.date >= REFUSAL]
        if happened(acts, "Result", vote=0, ratified=True):
            ratified += 1
            assert not after
        elif happened(acts, "Result", vote=0, ratified=False):
            refused += 1
            assert after[0].date == REFUSAL
            assert after[0].facts["threatened"] == pytest.approx(feared(world, {}))
    assert min(refused, ratified) > 10


def feared(world: int, settings: dict[str, str]) -> float:
    """What is feared of the power asked for in this world, M$/yr."""
    return feared_cut(OneWorld(case_with(settings), 2011, world))


def test_twice_the_aid_on_the_list_of_june_makes_mayors_louder_where_it_exceeds_what_they_feared():
    louder = alike = 0
    pairs = zip(played(TWICE, worlds=120), played(TWICE | LARGER_LIST, worlds=120), strict=True)
    for world, (shipped, larger) in enumerate(pairs):
        if not happened(shipped, "Threat", name="june_list"):
            continue
        fear, named = feared(world, TWICE), 2 * 54.4 * left_open(world, TWICE)
        before, after = at_request(shipped), at_request(larger)
        assert all(a >= b for a, b in zip(after["effort"], before["effort"], strict=True))
        assert after["threatened"] == pytest.approx(max(fear, named))
        if named > fear:
            louder += 1
            assert sum(after["effort"]) > sum(before["effort"]) or max(after["effort"]) == 0
        else:
            alike += 1
            assert after["effort"] == before["effort"]
    assert min(louder, alike) >= 10


def test_a_list_that_names_next_to_no_aid_calms_nobody():
    """Refused in June, mayors fear what a request may bring; the list of 28 June then names half a million."""
    seen: list = []
    case = case_with(TWICE | {"threats.june_list.aid": "0.5"})
    Crisis(case, worlds=np.arange(60), seed=2011, observers=[seen.append]).play()
    spoke = {said.occasion: said for said in seen if isinstance(said, Lobbying)}
    refused = spoke["refusal"].where & (spoke["refusal"].threatened > 0.5)
    assert refused.sum() > 20
    for later in (said for said in seen if isinstance(said, Lobbying) and said.date == REQUEST):
        assert (later.threatened >= spoke["refusal"].threatened - 1e-9)[refused].all()


def test_a_request_without_aid_and_a_deal_ratified_in_august_end_the_lobbying():
    for acts in played({"governor.request_aid": "false"}):
        if happened(acts, "Request"):
            assert at_request(acts)["threatened"] == 0 and not any(at_request(acts)["effort"])
    late = 0
    for acts in played({}):
        if happened(acts, "Result", vote=1, ratified=True):
            assert lobbying(acts)[-1].date == datetime.date(2011, 8, 18)
            assert lobbying(acts)[-1].facts["threatened"] == 0
            late += 1
    assert late > 5


# --- the governor's whips, and what is in force ---------------------------------------------------------------------

STEADY = {
    "legislature.steadiness": "1",
    "legislature.absence": "0",
    "legislature.whip_error": "0",
    "threats.may_menu.aid": "0",  # nothing threatens but the request that he foresees
    "threats.june_list.aid": "0",
    "threats.june_list.list": "may_list_share",
    "legislature.rule": "closed",  # a bill that asks for aid and for jobs, so that some fall
    "legislature.jobs": "10",
    "rule.unions_needed": "15",
}


def test_once_leans_are_known_and_never_waver_the_session_does_what_the_whips_foretell():
    """And before the roll call they were less sure of it."""
    before, after, granted = [], [], []
    for acts in played(STEADY, worlds=120):
        if not happened(acts, "Grant"):
            continue
        first, counted = told(acts, "Plan")
        before.append(first["expected"][0])
        after.append(counted["expected"][0])
        granted.append(only(acts, "Grant")["share"])
    before, after, granted = np.array(before), np.array(after), np.array(granted)
    standing, asked = 0.05, 0.10
    sure = np.abs((after - standing) / (asked - standing) - 0.5) > 0.49
    assert sure.mean() > 0.5 and set(granted[sure]) == {standing, asked}
    np.testing.assert_allclose(after[sure], granted[sure], atol=0.01 * (asked - standing))
    assert np.mean((before - granted) ** 2) > 2 * np.mean((after - granted) ** 2)


def test_a_longer_list_during_the_talks_makes_the_whips_count_fewer_votes():
    longer = {"threats.may_notices.list": "june_list_share", "legislature.jobs": "6"}
    assert jobs_listed("june_list_share") > jobs_listed("may_list_share")
    fell = 0
    for acts in played(longer):
        if happened(acts, "Threat", name="may_notices"):
            _, counted = told(acts, "Plan")
            now = only(acts, "Threat", name="may_notices")["expected"]
            assert now[0] <= counted["expected"][0] * (1 + SINGLE)
            fell += now[0] < counted["expected"][0] - 1e-4
    assert fell > 5


def jobs_listed(which: str) -> float:
    units = load_scenario(CASE).units
    return float(np.sum(np.array(units.list_share[which]) * units.members))


def test_a_tentative_deal_takes_threats_back_on_its_day():
    taken_back = 0
    for acts in played({}):
        day = day_of("TentativeDeal", acts)
        if day is not None and any(act.kind == "Threat" and act.date < day for act in acts):
            assert day_of("Withdrawal", acts) == day
            taken_back += 1
    assert taken_back > 20


def test_a_list_that_was_not_published_takes_nobody_s_post():
    """The list of June comes out where a deal was refused; re-aimed, it changes nothing where there was no deal."""
    compared = 0
    bound = {"leaders.foresee": "rule", "leaders.optimism": "-0.5"}
    pairs = zip(played(bound), played(bound | {"threats.june_list.aim": "0.5"}), strict=True)
    for shipped, re_aimed in pairs:
        if not happened(shipped, "Threat", name="june_list"):
            assert only(shipped, "Filling") == only(re_aimed, "Filling")
            compared += only(shipped, "Filling")["posts"] > 0
    assert compared > 10


def test_an_agreement_speaks_to_both_sides_of_the_aisle():
    """The more it has over other bills, the more members are for it, at last all of them."""
    some, everybody = (votes_on_agreement({"legislature.agreement": extra}) for extra in ("0", "50"))
    assert all(False in votes for votes in some)
    assert all(False not in votes for votes in everybody)


def votes_on_agreement(settings: dict[str, str]) -> list[list[bool | None]]:
    """By seat, wherever an agreement was before the chambers."""
    return [call["votes"] for acts in played(settings) for call in told(acts, "RollCall", question="agreement")]
