"""Explanations: every stated change, applied and replayed, does what it says; a replayed run equals its row."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest
from command import call

from experiments.explanation.anatomy import STAGES, anatomy, stages, witnessed
from experiments.explanation.but_for import Change, holm, mcnemar, paired
from experiments.explanation.flips import knobs, readable, smallest_flips
from experiments.explanation.line_search import smallest_turns
from experiments.explanation.offers import nearest_offers, votes_on
from experiments.explanation.one_world import explain_world
from experiments.explanation.replays import Replays
from experiments.explanation.wording import settings_in_words, world_as_text
from experiments.runs.manifest import hashes_of, read_manifest, write_manifest
from sim import load_scenario
from sim.errors import WrongInput
from sim.outcomes import OUTCOMES, REFUSED, REFUSED_BY_LEGISLATURE
from sim.ratification.tally import Tally
from sim.worlds.blocks import simulate_block

CASE = load_scenario("connecticut-2011")
OF_RANGES = CASE.with_settings({"case.uncertainties": "range"})  # where whole numbers, such as of unions, turn more
SEED = 2011
FAILURES = 200


@pytest.fixture(scope="module")
def failing() -> Replays:
    """The first 200 worlds without a deal."""
    return first_failures(CASE)


def first_failures(case) -> Replays:
    worlds: list[int] = []
    for start in range(0, 40_000, 2_000):
        ids = np.arange(start, start + 2_000)
        deal = simulate_block(case, seed=SEED, worlds=ids).columns["deal"]
        worlds += ids[~deal].tolist()
        if len(worlds) >= FAILURES:
            break
    return Replays(scenario=case, seed=SEED, worlds=np.array(worlds[:FAILURES]))


@pytest.fixture(scope="module")
def flips(failing):
    """Smallest changes in them: all levers with numbers that worlds need not share, and two uncertainties."""
    chosen = [knob for knob in knobs(CASE, ["lever"]) if knob.is_number and CASE.entry(knob.key).varies]
    chosen += [knob for knob in knobs(CASE, ["uncertainty"]) if knob.key in ("members.trust", "leaders.optimism")]
    return smallest_flips(failing, chosen, scan=4)


def outcomes(flips, values, case=CASE):
    """Deal or not of each flip's world with these values, lived again without any of the code under test."""
    found = np.zeros(len(flips), bool)
    for key in {flip.key for flip in flips}:
        own = [i for i, flip in enumerate(flips) if flip.key == key]
        worlds = np.array([flips[i].world for i in own])
        point = {key: np.array([float(values[i]) for i in own])}
        found[own] = simulate_block(case, seed=SEED, worlds=worlds, point=point).columns["deal"]
    return found


# --- must show 6


def test_every_stated_change_turns_its_world(failing, flips):
    assert len(failing.worlds) == FAILURES and not failing.deal.any()
    assert len({flip.world for flip in flips}) > FAILURES // 2
    assert outcomes(flips, [flip.after for flip in flips]).all()


def test_half_a_stated_change_turns_nothing_where_the_response_is_monotone(flips):
    monotone = [flip for flip in flips if flip.monotone and isinstance(flip.after, float)]
    assert len(monotone) > 100
    halves = [flip.before + (flip.after - flip.before) / 2 for flip in monotone]
    assert not outcomes(monotone, halves).any()
    counts = [knob for knob in knobs(OF_RANGES, ["lever"]) if knob.whole and OF_RANGES.entry(knob.key).varies]
    turned = smallest_flips(first_failures(OF_RANGES), counts, scan=4)
    whole = [flip for flip in turned if flip.monotone and isinstance(flip.after, int)]
    assert len(whole) > 50
    steps = [flip.before + int((flip.after - flip.before) / 2) for flip in whole]
    assert not outcomes(whole, steps, OF_RANGES).any()


def test_where_the_response_is_not_monotone_it_says_so(failing, flips):
    assert all(flip.monotone or flip.up_to is not None for flip in flips)
    assert not any(flip.half_turns and flip.monotone for flip in flips)


def test_a_failing_world_is_the_same_among_failures_as_among_all(failing):
    """Few of them vote once or twice, most of all worlds do: how many must not matter to any."""
    among_all = simulate_block(CASE, seed=SEED, worlds=np.arange(600)).columns
    place = np.flatnonzero(~among_all["deal"])
    alone = simulate_block(CASE, seed=SEED, worlds=place).columns
    for name, column in among_all.items():
        assert np.array_equal(column[place], alone[name], equal_nan=True), name


def test_a_change_of_nothing_changes_nothing(failing):
    place = np.arange(40)
    for key in ("members.trust", "campaign.meetings_per_week", "rules.ratification.all_of.1.share"):
        again = failing.deals(place, np.full(40, key, dtype=object), failing.base[key][place])
        assert np.array_equal(again, failing.deal[place])


def test_a_changed_word_turns_its_world(failing):
    few = failing.among(np.arange(60))
    chosen = [knob for knob in knobs(CASE, ["lever"]) if knob.key in ("leaders.foresee", "governor.threatens")]
    found = smallest_flips(few, chosen)
    assert found
    for flip in found[:6]:
        case = CASE.with_settings({flip.key: flip.after})
        assert simulate_block(case, seed=SEED, worlds=np.array([flip.world])).columns["deal"][0]


def test_what_a_word_does_to_all_worlds_is_not_run_again_for_some_of_them():
    every = Replays(scenario=CASE, seed=SEED, worlds=np.arange(300))
    every.deals_with("governor.tactic", "conceder")
    some = every.among(np.flatnonzero(~every.deal))
    known = some.deals_with("governor.tactic", "conceder")
    assert some.ran == 0
    case = CASE.with_settings({"governor.tactic": "conceder"})
    assert np.array_equal(known, simulate_block(case, seed=SEED, worlds=some.worlds).columns["deal"])
    assert 0 < known.sum() < len(known)


def test_a_world_with_a_deal_is_told_what_would_have_broken_it():
    worlds = Replays(scenario=CASE, seed=SEED, worlds=np.arange(30))
    fine = worlds.among(np.flatnonzero(worlds.deal)[:8])
    found = smallest_flips(fine, [knob for knob in knobs(CASE) if knob.name == "rule.unions_needed"], scan=15)
    found += smallest_flips(fine, [knob for knob in knobs(CASE) if knob.key == "members.trust"])
    assert found and not outcomes(found, [flip.after for flip in found]).any()


@pytest.mark.parametrize(
    "setting",
    [{}, {"legislature.approval": "vote"}, {"coalition.tactic": "fixed"}, {"case.uncertainties": "start"}],
)
def test_a_replay_that_stops_where_the_deal_is_decided_ends_as_the_crisis_does(setting):
    case, worlds = CASE.with_settings(setting), np.arange(300)
    ends = simulate_block(case, seed=SEED, worlds=worlds).columns["deal"]
    assert np.array_equal(Replays(scenario=case, seed=SEED, worlds=worlds).deal, ends)
    for world in range(12):
        assert Replays(scenario=case, seed=SEED, worlds=np.array([world])).deal[0] == ends[world]


@pytest.mark.parametrize("approval", ["deemed", "vote"])
def test_so_many_more_votes_as_are_said_would_have_let_an_agreement_stand(approval):
    """A tie is enough where silence approves, and in the senate, where the lieutenant breaks it."""
    settings = {"legislature.approval": approval, "legislature.agreement": -2.2, "case.uncertainties": "range"}
    model = witnessed(CASE.with_settings(settings), seed=SEED, worlds=np.arange(300))
    refused = np.flatnonzero(model.outcome == REFUSED_BY_LEGISLATURE)
    even = 0
    for place in refused.tolist():
        said, short = anatomy(model, place)["legislature"], 0
        for name in ("house", "senate"):
            yes, no, turned = (said[name][key] for key in ("yes", "no", "votes_short"))
            tie_stands = approval == "deemed" or name == "senate"

            def stands(more, yes=yes, no=no, tie_stands=tie_stands):
                return yes + more >= no - more if tie_stands else yes + more > no - more

            assert stands(turned) and not (turned and stands(turned - 1))
            short, even = short + turned, even + (turned > 0 and (no - yes) % 2 == 0)
        assert short > 0
    assert len(refused) > 10 and even > 3


def test_a_point_of_a_replay_holds_nothing_that_all_worlds_share():
    with pytest.raises(WrongInput, match=r"'coalition.tactic' is one for all worlds; use with_settings"):
        Replays(scenario=CASE, seed=SEED, worlds=np.arange(2), point={"coalition.tactic": "fixed"})


# --- the search along a ray


def test_the_search_finds_a_threshold_to_within_a_hundredth_of_it():
    limits = np.array([0.003, 0.08, 0.5, 0.999, 2.0])
    found = smallest_turns(lambda ray, step: step >= limits[ray], 5, whole=np.zeros(5, int))
    assert np.all(found.step[:4] >= limits[:4])
    assert np.all(found.step[:4] <= 1.011 * limits[:4])
    assert found.monotone[:4].all() and np.isnan(found.step[4]) and not found.monotone[4]


@pytest.mark.parametrize("limit", range(1, 56))
def test_on_a_whole_ray_the_first_step_that_turns_is_found_exactly(limit):
    found = smallest_turns(lambda ray, step: np.round(step * 55) >= limit, 1, whole=np.array([55]), scan=6)
    assert round(found.step[0] * 55) == limit and found.monotone[0]


def test_a_window_is_found_and_not_called_monotone():
    found = smallest_turns(
        lambda ray, step: ((step > 0.11) & (step < 0.14)) | (step > 0.3), 1, whole=np.zeros(1, int), scan=12
    )
    # the scan lands on 1/3; half of what it finds lies beside the window or is searched in its place
    assert 0.11 < found.step[0] <= 0.32
    inside = smallest_turns(lambda ray, step: (step > 0.2) & (step < 0.6), 1, whole=np.zeros(1, int), scan=10)
    assert not inside.monotone[0] and inside.last[0] == pytest.approx(0.5)


def test_stated_values_are_short_and_no_smaller_than_the_change():
    start, exact, end = (
        np.array([22.0, 0.8, 1.077123, 5.0]),
        np.array([29.6543, 0.7391, 1.2791, 4.9]),
        np.array([60.0, 0.0, 3.5, 0.0]),
    )
    said = readable(start, exact, end, np.zeros(4, bool))
    assert said.tolist() == pytest.approx([29.7, 0.739, 1.28, 4.9])
    assert np.all(np.abs(said - start) >= np.abs(exact - start) - 1e-12)


# --- what decided a world


@pytest.fixture(scope="module")
def seen(failing):
    return witnessed(CASE, seed=SEED, worlds=failing.worlds)


def test_the_stage_follows_from_the_outcome(failing, seen):
    kept = simulate_block(CASE, seed=SEED, worlds=failing.worlds).columns["outcome"]
    assert np.array_equal(seen.outcome, kept)
    for place, stage in enumerate(stages(seen)):
        outcome = OUTCOMES[seen.outcome[place]]
        assert ("refused by the members" in STAGES[stage]) == (outcome == "refused")
        assert ("at the table" in STAGES[stage]) == outcome.startswith("no_")


def test_where_no_leader_votes_on_the_rule_nobody_is_said_to_keep_it():
    twice = load_scenario("los-angeles-2011")
    model = witnessed(twice, seed=SEED, worlds=np.arange(120))
    refused = np.flatnonzero(model.outcome == REFUSED)
    assert len(refused) >= 3
    assert {STAGES[stage] for stage in stages(model)[refused]} == {
        "refused by the members, and again at the second vote"
    }


def test_a_vote_in_one_union_is_told_by_its_ballots_once():
    """What is short of half of the ballots is as many as had to be cast otherwise, and no unions are counted."""
    code, said = call("explain", "iowa-2009", "--world", 4)
    assert code == 0 and re.search(r"vote 1: [\d.]+ % yes; refused\n", said)
    assert re.search(r"  failed: [\d,]+ of the [\d,]+ ballots needed, [\d,]+ short\n", said)
    assert "unions approve" not in said and "under the whole rule" not in said
    assert " of 2 unions approve" in call("explain", "los-angeles-2011", "--world", 4)[1]
    assert "unions of" not in call("ensemble", "iowa-2009", "--worlds", 20)[1]


def test_the_ballots_named_are_enough_and_one_fewer_is_not(seen):
    refused = np.flatnonzero(seen.outcome == REFUSED)
    assert len(refused) >= 10
    for place in refused[:30]:
        vote = anatomy(seen, int(place))["votes"][0]
        assert vote["failed_conditions"] and vote["pivotal_body"]
        turn, tally = vote["fewest_ballots"], seen.ballots[0].tally.world(place)
        assert sum(turn["bodies"].values()) + turn["anywhere"] == turn["ballots"]
        if turn["anywhere"]:
            continue
        rule = seen.ballots[0].rule_at(int(place))
        assert rule.carries(turned(tally, turn["bodies"]))[0]
        for name in turn["bodies"]:
            assert not rule.carries(turned(tally, turn["bodies"] | {name: turn["bodies"][name] - 1}))[0]


def turned(tally: Tally, bodies: dict[str, int]) -> Tally:
    more = np.array([[bodies.get(name, 0)] for name in tally.names])
    return Tally(
        names=tally.names,
        members=tally.members,
        yes_ballots=tally.yes_ballots + more,
        no_ballots=tally.no_ballots - more,
    )


# --- the nearest offer


def test_the_nearest_offer_passes_in_its_world(failing, seen):
    refused = np.flatnonzero(seen.outcome == REFUSED)[:1]
    talks_failed = np.flatnonzero(seen.outcome != REFUSED)[:1]
    told = 0
    for place in [*refused, *talks_failed]:
        said = nearest_offers(failing, int(place))
        for offer in [said["nearest"], *said["single_issues"], said["frontier"]]:
            if offer is None:
                continue
            package = np.array([[offer["package"][issue.name]] for issue in CASE.issues])
            assert votes_on(failing, int(place), package)["deal"][0]
            assert offer["governor_prefers_it"] and offer["distance"] >= said["nearest"]["distance"]
            told += 1
        if place in refused:
            assert said["agreed"] and not said["last"]["ratified"]
    assert told


def test_the_deal_itself_put_to_the_vote_ends_as_it_did(failing, seen):
    place = int(np.flatnonzero(seen.outcome == REFUSED)[0])
    last = nearest_offers(failing, place)["last"]
    package = np.array([[last["package"][issue.name]] for issue in CASE.issues])
    again = votes_on(failing, place, package)
    kept = simulate_block(CASE, seed=SEED, worlds=failing.worlds[place : place + 1]).columns
    for name in ("outcome", "yes_share_1", "unions_yes_1", "yes_share_2", "deal_savings", "posts_lost"):
        assert np.array_equal(again[name], kept[name], equal_nan=True), name


# --- but-for shares


def test_mcnemar_and_holm_as_in_the_textbook():
    assert mcnemar(10, 0) == pytest.approx(2 * 0.5**10)
    assert mcnemar(7, 3) == pytest.approx(0.34375)  # 2 P(Bin(10, 1/2) <= 3)
    assert mcnemar(0, 0) == 1 and mcnemar(4, 4) == 1
    assert holm([0.01, 0.04, 0.03, 0.005]).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_saved_and_lost_are_counted_world_by_world():
    worlds = np.arange(400)
    replays = Replays(scenario=CASE, seed=SEED, worlds=worlds)
    by_key = {knob.key: knob for knob in knobs(CASE)}
    tried = [
        Change(by_key["rules.ratification.all_of.0.at_least"], 8.0),
        Change(by_key["members.trust"], 1.0),
        Change(by_key["leaders.foresee"], "majority"),
        Change(by_key["calendar.window.last_word"], 0.75),  # one for all worlds, and no whole number
    ]
    for change, row in zip(tried, paired(replays, tried), strict=True):
        case = CASE.with_settings({change.knob.key: change.value})
        after = simulate_block(case, seed=SEED, worlds=worlds).columns["deal"]
        assert row["saved"] == (after & ~replays.deal).sum() and row["lost"] == (~after & replays.deal).sum()
        assert row["saved_share"]["of"] + row["lost_share"]["of"] == 400
        assert row["saved_share"]["low"] <= row["saved_share"]["share"] <= row["saved_share"]["high"]


def test_an_ensemble_is_explained():
    code, said = call("explain", "single-union", "--worlds", 120, "--json")
    assert code == 0, said
    found = json.loads(said)
    failures = found["failures"]["n"]
    assert 0 < failures < 120 and sum(row["n"] for row in found["anatomy"]["stages"]) == failures
    assert all(row["saved"] <= failures for row in found["levers"] + found["uncertainties"])
    assert any(row["saved"] for row in found["levers"]) and {"p", "p_holm", "net"} <= set(found["levers"][0])
    assert "lost" not in found["uncertainties"][0]
    assert call("explain", "single-union", "--worlds", 60)[0] == 0


# --- the commands


def test_explain_and_replay_a_run_of_a_folder(tmp_path):
    out = tmp_path / "sweep"
    vary = ("--vary", "rules.ratification.share=0.4,0.6", "--vary", "members.trust=0.5,1")
    code, said = call("sweep", "single-union", *vary, "--worlds", 25, "--seed", 5, "--no-chart", "--out", out)
    assert code == 0, said
    table = pd.read_parquet(out / "runs.parquet")
    for row in range(0, len(table), 7):
        code, said = call("replay", out, row, "--json")
        again = json.loads(said)
        assert code == 0 and again["equals_the_row"] is True
        assert (again["point"], again["world"]) == (table["point"][row], table["world"][row])
        for name, value in again["row"].items():
            kept = table[name][row]
            assert (value is None and pd.isna(kept)) or value == kept, name
        assert again["outcome"] == table["outcome"][row] and again["events"]
    failed = table[~table["deal"]].iloc[0]
    run = f"{failed['point']}:{failed['world']}"
    code, said = call("explain", out, run, "--json")
    assert code == 0, said
    found = json.loads(said)
    values = {key: failed[key] for key in ("rules.ratification.share", "members.trust")}
    here = explain_world(load_scenario("single-union"), seed=5, world=int(failed["world"]), point=values)
    assert found["outcome"] == here["outcome"] == failed["outcome"]
    assert found["flips"]["levers"] and len(found["flips"]["levers"]) == len(here["flips"]["levers"])
    assert call("explain", out, run)[1].startswith("single-union, world")
    code, said = call("explain", out, run, "--seed", 6)
    assert code == 2 and "a run of a folder has its own" in said
    assert call("replay", out, run)[1].rstrip().endswith("every column equals the row in runs.parquet")


def test_a_row_that_was_changed_is_noticed(tmp_path):
    out = tmp_path / "sweep"
    assert call("sweep", "single-union", "--vary", "members.trust=1", "--worlds", 9, "--no-chart", "--out", out)[0] == 0
    table = pd.read_parquet(out / "runs.parquet")
    table.loc[3, "yes_share_1"] += 1
    table.to_parquet(out / "runs.parquet")
    code, said = call("replay", out, "0:3")
    assert code == 2 and "runs.parquet: was changed since it was written" in said
    manifest = read_manifest(out)
    write_manifest(out, manifest | {"files": manifest["files"] | hashes_of(out, [out / "runs.parquet"])})
    code, said = call("replay", out, "0:3")
    assert code == 1 and "differs from the row in yes_share_1" in said
    assert call("replay", out, "0:4")[0] == 0


@pytest.mark.parametrize(
    "words, told",
    [
        (("explain", "conecticut-2011"), "conecticut-2011"),
        (("explain", "single-union", "3"), "no results folder"),
        (("explain", "single-union", "--world", 3, "--worlds", 5), "one of them"),
        (("replay", "nowhere", "3:4"), "no such results folder"),
    ],
)
def test_wrong_words_are_refused_in_one_line(words, told):
    code, said = call(*words)
    assert code == 2 and told in said and "\n" not in said.strip()


def test_of_many_settings_the_first_are_named_and_the_others_counted():
    few, many = {"members.trust": 1.23456, "rule": True}, {f"a{k}": k for k in range(50)}
    assert settings_in_words(few) == "members.trust = 1.235, rule = true"
    assert settings_in_words(many).endswith("a7 = 7 and 42 more (--json)")


def test_how_far_the_sides_were_apart_is_told_as_two_amounts():
    table = {"agreed": False, "governors_no_deal_value": 9.42, "most_the_leaders_could_carry": 10.0, "apart": 362.4}
    said = {"scenario": "city", "world": 1, "seed": 5, "settings": {}, "point": {}, "outcome": "refused", "deal": False}
    none = {"votes": [], "flips": {"levers": [], "uncertainties": []}, "turn_nothing": {"lever": []}}
    council = {"house": {"yes": 4, "no": 5, "votes_short": 1}, "senate": {"yes": 0, "no": 0, "votes_short": 1}}
    told = world_as_text({**said, **none, "stage": "x", "table": table, "legislature": council, "nearest_offer": None})
    assert "no deal is worth 9.4 M$ a year to the governor" in told
    assert "leaders expect to carry is worth 10 M$, 362 M$ a year apart" in told
    assert "the legislature: House 4-5, 1 vote short\n" in told  # a council has no senate
