"""A played world reads as a dated story: terms and savings, notices, news, campaign, tally, margin, who pays."""

from __future__ import annotations

import datetime
import functools
import re
import shutil
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from experiments.runs.narration import as_text, play
from sim import load_scenario, simulate_block
from sim.bargaining.package import Issue
from sim.crisis import Crisis
from sim.measures.votes import OF_VOTES
from sim.ratification.rule import Rule
from sim.ratification.tally import Tally
from sim.record import Ballots
from sim.scenario.folder import SHIPPED
from sim.scenario.scenario import Scenario
from sim.story.teller import Teller
from sim.story.votes import vote
from sim.wording import issue_in_words, listed, millions, money, moves_in_words

CASE = "connecticut-2011"


def case(**settings: str) -> Scenario:
    return load_scenario(CASE).with_settings({key.replace("__", "."): value for key, value in settings.items()})


@functools.cache
def told(column: str = "late", **settings: str) -> dict[str, Any]:
    """The first world in which this came about: a table's column is true, or the deal came after the May notices."""
    columns = simulate_block(case(**settings), seed=2011, worlds=np.arange(80)).columns
    ordered = (datetime.date(2011, 5, 10) - case().calendar.talks.start).days
    came = columns["agreed_day"] > ordered if column == "late" else columns[column]
    return play(case(**settings), seed=2011, world=int(np.flatnonzero(came)[0]))


def events(story: dict[str, Any], **wanted: Any) -> list[dict[str, Any]]:
    return [event for event in story["events"] if all(event.get(key) == value for key, value in wanted.items())]


def one(story: dict[str, Any], words: str) -> dict[str, Any]:
    found = [event for event in story["events"] if words in event["event"]]
    assert len(found) == 1, [event["event"] for event in found]
    return found[0]


REFUSED = {"leaders__optimism": "2"}  # leaders who hear too much good: members refuse, and vote again


def test_every_event_has_a_date_a_phase_an_actor_and_words():
    for event in told()["events"]:
        assert re.fullmatch(r"2011-\d\d-\d\d", event["date"])
        assert event["phase"] and event["actor"] and event["event"]


def test_an_offer_has_its_savings_and_terms_first_spelled_out_then_as_what_moved():
    offers = [event for event in told()["events"] if "package" in event and "round" in event]
    assert {offer["actor"] for offer in offers} == {"governor", "coalition"}
    assert all("% a year" in offer["event"] and offer["event"].count("; ") == 6 for offer in offers[:2])
    for offer in offers:
        assert f"{millions(abs(offer['savings']))} M$ a year" in offer["event"]
        assert set(offer["package"]) == {issue.name for issue in load_scenario(CASE).issues}
    assert all(": now " in offer["event"] or ": as before" in offer["event"] for offer in offers[2:])


def test_a_side_that_leaps_back_to_all_it_wants_is_told_with_the_cause():
    """An offer that saves a hundred millions less than the same side's last comes from a side that sees no deal."""
    story = told("no_deal_no_zone")
    offers = [event for event in events(story, accepted=False) if event.get("proposer") == "coalition"]
    leaps = [now for before, now in pairwise(offers) if now["savings"] < before["savings"] - 100]
    assert leaps and all(leap["event"].endswith("as it sees no deal that beats none; refused") for leap in leaps)


def test_the_tentative_deal_is_the_offer_that_was_accepted():
    story = told()
    accepted, deal = events(story, accepted=True)[-1], one(story, "tentative deal")
    assert deal["terms"] == accepted["package"] and deal["date"] == accepted["date"]
    assert deal["savings"] == pytest.approx(story["measures"]["deal_savings"])
    assert deal["structural"] == pytest.approx(story["measures"]["structural_savings"])


def test_a_refused_vote_says_by_whom_for_want_of_what_and_by_how_much():
    story = told("ratified_2", **REFUSED)
    vote = events(story, vote=1)[0]
    assert f"{vote['yes']:,.0f} yes, {vote['no']:,.0f} no" in vote["event"]
    by_union = events(story, vote=1)[1]["event"]
    assert all(f"{name} " in by_union for name in vote["unions"])
    verdict = next(event for event in story["events"] if event.get("ratified") is False)
    assert "14 of 15 unions" in verdict["event"] and "80 % of members" in verdict["event"]
    assert verdict["failures"] and all("short" in why for why in verdict["failures"])


def test_units_that_refuse_the_part_on_wages_are_named():
    story = told("ratified_2", calendar__talks__table="last_offer")
    votes = [event for event in story["events"] if "wages_refused" in event]
    assert len(votes) == len([event for event in story["events"] if "unions_yes" in event])
    assert all(unit in event["event"] for event in votes for unit in event["wages_refused"])


def test_threats_news_and_withdrawal_are_told_with_their_numbers():
    story = told()
    assert 0 < one(story, "revenue is re-estimated")["usable"] < 282
    notices = one(story, "orders 4,742 layoff notices")
    assert 0 < notices["expected_share"] < notices["belief"] < 1
    withdrawn = one(story, "May menu")
    assert withdrawn["withdrawn"] == ["may_menu", "may_notices"]


def test_a_campaign_is_told_by_its_first_and_last_week_and_kept_whole():
    story = told("ratified_2", **REFUSED)
    weeks = [event for event in story["events"] if "week" in event]
    assert [event["minor"] for event in weeks] == [False, True, True, False, False, True, False]
    text = as_text(story)
    assert "week 1 of 4" in text and "week 4 of 4" in text and "week 2 of 4" not in text


def test_offers_leak_only_without_a_blackout():
    assert not events(told(), actor="press")
    story = told(calendar__talks__blackout="false")
    leaks = events(story, actor="press")
    assert leaks and all("burden" in leak for leak in leaks)
    assert "they had read of" in one(story, "recommend the deal")["event"]


def test_who_pays_adds_up_to_the_gap():
    story = told("tentative_deal")
    paid = next(event for event in story["events"] if "deficit" in event)
    names = ("savings", "revenue", "layoffs", "programmes", "aid", "taxes", "deficit")
    assert sum(paid[name] for name in names) == pytest.approx(1000, abs=1e-3)


def test_tables_of_their_own_are_told_by_the_leader_s_offers_and_who_settles():
    story = told("tentative_deal", calendar__talks__table="pattern")
    assert "AFSCME Council 4 leads" in story["events"][0]["event"]
    assert "AFSCME Council 4" in {event["actor"] for event in story["events"] if "round" in event}
    settled = [name for event in story["events"] for name in event.get("settled", ())]
    assert len(settled) == len(set(settled)) >= 14


def issue(unit: str, least: float = 0.0) -> Issue:
    source = {"fact": 1, "source": "test"}
    numbers = {"saves": source, "structural": source, "burden": source, "protects": source}
    return Issue.model_validate({"name": "wage_freeze", "unit": unit, "range": [least, 9], "ballot": "wages"} | numbers)


@pytest.mark.parametrize(
    ("unit", "amount", "words"),
    [
        ("years", 2, "2 years of wage freeze"),
        ("years", 1, "1 year of wage freeze"),
        ("years", 0, "no wage freeze"),
        ("share of the list", 0.85, "wage freeze 85 % of the list"),
        ("share of the list", 0, "nothing on wage freeze"),
        ("the offer", 1, "wage freeze 100 % of the offer"),
        ("% a year above the usual", 1.5, "wage freeze 1.5 % a year above the usual"),
        ("% a year above the usual", -1.5, "wage freeze 1.5 % a year below the usual"),
        ("days a year", 5, "5 wage freeze a year"),
        ("points of premium", 3, "wage freeze 3 points of premium"),
    ],
)
def test_an_issue_in_words(unit, amount, words):
    assert issue_in_words(issue(unit, -9.0 if amount < 0 else 0.0), amount, spelled_out=True) == words


def test_small_words():
    assert listed(["a"]) == "a" and listed(["a", "b", "c"]) == "a, b and c"
    assert money(557.4) == "557 M$ a year" and money(-21) == "a package that costs 21 M$ a year"
    assert money(9.42) == "9.4 M$ a year" and money(5) == "5 M$ a year" and money(0.697) == "0.7 M$ a year"
    assert money(-0.0449) == "a package that costs 0.045 M$ a year" and money(1e-9) == "0 M$ a year"
    assert millions(18.7, of=1000) == "19" and millions(0.14, of=0.6) == "0.14"
    issues = (issue("years"),)
    none = issue("years").model_copy(update={"name": "no_layoffs"})
    assert issue_in_words(none, 0, spelled_out=True) == "nothing on no layoffs"
    assert moves_in_words(issues, np.array([2.0]), np.array([2.01])) == "as before"
    assert moves_in_words(issues, np.array([2.0]), np.array([1.0])) == "now 1 year of wage freeze"


def test_the_story_of_a_city_speaks_of_no_state():
    said = [event["event"] for event in play(load_scenario("single-union"), seed=2011, world=0)["events"]]
    assert any(re.fullmatch(r"\d+ posts are lost", words) for words in said)
    assert not any("state" in words for words in said)


def test_amounts_of_a_small_case_are_told_as_finely_as_they_differ(tmp_path):
    shutil.copytree(SHIPPED / "single-union", tmp_path / "small")
    file = tmp_path / "small" / "scenario.toml"
    text = file.read_text(encoding="utf-8").replace("gap = { fact = 6,", "gap = { fact = 0.6,")
    file.write_text(text.replace("saves = { fact = 2.5,", "saves = { fact = 0.23,"), encoding="utf-8")
    said = [event["event"] for event in play(load_scenario(tmp_path / "small"), seed=2011, world=1)["events"]]
    assert "puts an offer worth 0.46 M$ a year to the vote: 2 years of wage freeze" in said
    assert "ratified first vote: of the 0.6 M$ a year, 0.46 from the deal and 0.14 from a deficit that stays" in said


def test_a_council_of_one_chamber_is_told_without_a_senate(tmp_path):
    shutil.copytree(SHIPPED / CASE, tmp_path / "council", ignore=shutil.ignore_patterns("evidence"))
    for table in ("legislators.csv", "district_towns.csv"):
        file = tmp_path / "council" / table
        rows = file.read_text(encoding="utf-8").splitlines(keepends=True)
        file.write_text("".join(row for row in rows if not row.startswith("senate,")), encoding="utf-8")
    council = load_scenario(tmp_path / "council").with_settings({"case.uncertainties": "range"})
    voted = [event["event"] for event in play(council, seed=2011, world=0)["events"] if event["actor"] == "legislature"]
    assert voted[0] == "passes a budget that counts on the savings: 83-67"
    assert re.match(r"(passes|refuses) it by \d+-\d+(, after taking town aid out)?: he may cut", voted[1])


def test_where_unions_sit_apart_the_governor_speaks_for_himself_and_no_number_is_missing():
    apart = case(calendar__talks__table="pattern")
    for world in (4, 8):  # in both the union that leads settles, and there is no deal all the same
        story = play(apart, seed=2011, world=world)
        offers = [event for event in story["events"] if "round" in event]
        actors = {(offer["proposer"], offer["actor"]) for offer in offers}
        assert actors == {("governor", "governor"), ("coalition", "AFSCME Council 4")}
        assert one(story, "the talks end without a deal") and not any("nan" in e["event"] for e in story["events"])


@pytest.mark.parametrize("name, what", [("vermont-2009", "pay"), ("iowa-2009", "posts")])
def test_what_a_list_takes_is_pay_where_it_falls_on_all_alike(name, what):
    case = load_scenario(name).with_settings({"members.trust": -4})
    said = [event["event"] for event in play(case, seed=2011, world=0)["events"]]
    assert any(f"of all {what} would go" in event for event in said)
    assert said[-1].endswith("posts are lost" if what == "posts" else "from a cut of pay")


@pytest.mark.parametrize(("tie", "approving"), [("no", 1), ("yes", 2)])
def test_an_exact_tie_in_a_union_is_told_and_measured_as_the_rule_takes_it(tie, approving):
    """Two of three unions at least; one ties, so one rule is met and the other is not."""
    rule = Rule.read({"at_least": 2, "of": "unions", "tie": tie})
    yes, no = np.array([[7.0], [5.0], [2.0]]), np.array([[3.0], [5.0], [8.0]])
    tally = Tally(names=("a", "b", "c"), members=yes + no, yes_ballots=yes, no_ballots=no)
    nothing = {name: yes[:, :0].T for name in ("unit_yes", "unit_cast", "wages_yes", "wages_cast")}
    common = {"date": datetime.date(2011, 6, 24), "phase": "vote", "where": np.ones(1, bool), "vote": 1}
    rules = {"rule": rule, "revised": None, "rule_changed": np.zeros(1, bool), "held": None, "days_before": None}
    said = Ballots(**common, **rules, **nothing, tally=tally, ratified=rule.carries(tally))
    assert said.ratified[0] == (approving == 2) and said.approving.sum() == approving
    measured = next(measure for measure in OF_VOTES if measure.name == "unions_yes_1")
    assert measured.read(said, None)[0] == approving
    story = Teller(Crisis(case(), seed=1, worlds=np.arange(1)).numbers)
    vote(story, said)
    assert f"{approving} of 3 unions approve" in story.events[0]["event"]
    refused = next(event["event"] for event in story.events if "refused by" in event["event"]).split("refused by")[1]
    assert ("b 50" in refused) == (approving == 1)
