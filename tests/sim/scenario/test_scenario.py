"""A scenario is read strictly, never changes, and gives every world its own numbers."""

from __future__ import annotations

import datetime
import json
import math
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import WrongInput
from sim.scenario.folder import shipped_scenarios
from sim.scenario.parameters import Parameter
from sim.scenario.scenario import Scenario, load_scenario
from sim.worlds.randomness import NUMBERS_A_STEP, Stream, one_uniform_each

CASE = load_scenario("connecticut-2011")
WORLDS = np.arange(200, dtype=np.int64)
ROWS = {row["name"]: row for row in CASE.parameters()}
NUMBERS = sorted(key for key, entry in CASE.entries.items() if entry.kind == "parameter" and entry.varies)
OPEN = sorted(key for key in NUMBERS if CASE.entries[key].value.role == "uncertainty")


def number_at(values: object, key: str) -> object:
    """Follow a dotted key through the values."""
    for step in key.split("."):
        values = values[step] if isinstance(values, dict) else getattr(values, step)
    return values


# --- the case that ships ------------------------------------------------------------------------------------------


def test_connecticut_is_fifteen_unions_in_thirty_two_units() -> None:
    assert len(CASE.unions.names) == 15
    assert len(CASE.units.names) == 32
    assert CASE.units.members.sum() == 51_672
    assert CASE.unions.members.sum() == CASE.units.members.sum()
    assert sorted(np.concatenate(CASE.unions.units)) == list(range(32))


def test_afscme_alone_holds_more_than_a_fifth() -> None:
    afscme = CASE.unions.names.index("AFSCME Council 4")
    assert CASE.unions.members[afscme] / CASE.unions.members.sum() > 0.2


def test_the_chambers_and_the_towns_are_whole() -> None:
    seats, towns, pairs = CASE.legislators, CASE.towns, CASE.district_towns
    assert seats is not None and towns is not None and pairs is not None
    chamber, party = np.array(seats.chamber), np.array(seats.party)
    assert [np.sum((chamber == c) & (party == p)) for c in ("house", "senate") for p in "DR"] == [99, 52, 22, 14]
    assert len(towns.names) == 169
    np.testing.assert_allclose(np.bincount(pairs.seat, weights=pairs.weight), np.ones(187))


def test_june_results_are_evidence_and_not_in_the_tables_a_run_reads() -> None:
    header = (CASE.folder / "units.csv").read_text().splitlines()[0]
    assert "yes" not in header and "result" not in header
    assert (CASE.folder / "evidence" / "june_2011.csv").is_file()


def test_criminal_justice_takes_the_list_shares_of_its_local() -> None:
    own, local = (CASE.units.names.index(f"{unit} (Local 749)") for unit in ("criminal justice", "JN-7 judicial"))
    for share in CASE.units.list_share.values():
        assert share[own] == share[local]


def test_every_parameter_has_role_unit_source_and_meaning() -> None:
    for row in CASE.parameters():
        assert row["role"] in ("fact", "lever", "uncertainty")
        for column in ("unit", "source", "meaning"):
            assert row[column], f"{row['name']} has no {column}"
        if row["role"] == "uncertainty":
            assert row["low"] < row["high"]


def test_the_deal_of_2011_is_on_the_table_and_worth_what_was_claimed() -> None:
    """Two frozen years, the whole lists: 801 M$ a year, 1,602 M$ over two years."""
    saves = {issue.name: issue.saves.value for issue in CASE.issues}
    deal = 2 * saves["wage_freeze"] + saves["pension"] + saves["health"] + saves["other_savings"]
    assert deal == pytest.approx(801.1, abs=0.5)


@pytest.mark.parametrize("name", shipped_scenarios())
def test_what_ships_is_right(name: str) -> None:
    scenario = load_scenario(name)
    json.dumps(scenario.as_dict())
    json.dumps(scenario.parameters())
    scenario.values(1, WORLDS[:5])


# --- one's own luck -----------------------------------------------------------------------------------------------


def test_an_uncertainty_is_drawn_within_its_range_and_differs_between_worlds() -> None:
    values = CASE.values(2011, WORLDS)
    for key in OPEN:
        drawn = number_at(values, key)
        assert drawn.shape == WORLDS.shape
        assert ROWS[key]["low"] <= drawn.min() < drawn.max() <= ROWS[key]["high"]


@pytest.mark.parametrize("key", OPEN)
def test_draws_are_uniform(key: str) -> None:
    """Mean and variance of 4,000 uniforms within five standard errors."""
    u = one_uniform_each(7, Stream.UNCERTAINTY, [key], np.arange(4000))[0]
    assert abs(u.mean() - 0.5) < 5 * math.sqrt(1 / 12 / 4000)
    assert abs(u.var() - 1 / 12) < 5 * math.sqrt((1 / 80 - 1 / 144) / 4000)


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=12), st.integers(0, 2**40))
@settings(max_examples=30, deadline=None)
def test_a_world_has_the_same_numbers_in_any_block(worlds: list[int], seed: int) -> None:
    together = CASE.values(seed, np.array(worlds))
    for place, world in enumerate(worlds):
        alone = CASE.values(seed, np.array([world]))
        for key in OPEN[::9]:
            assert number_at(together, key)[place] == number_at(alone, key)[0]


def test_a_substream_is_the_generator_advanced_to_its_world() -> None:
    key = np.array([5, Stream.UNCERTAINTY + (zlib.crc32(b"members.trust") << 8)], dtype=np.uint64)
    bits = np.random.Philox(key=key)
    bits.advance(1000 // NUMBERS_A_STEP)
    expected = np.random.Generator(bits).random(8)
    drawn = one_uniform_each(5, Stream.UNCERTAINTY, ["members.trust"], np.arange(1000, 1008))[0]
    np.testing.assert_array_equal(drawn, expected)


def test_no_two_parameters_share_a_substream() -> None:
    assert len({zlib.crc32(key.encode()) for key in CASE.entries}) == len(CASE.entries)


def test_pinning_one_number_moves_no_other() -> None:
    free, pinned = CASE.values(3, WORLDS), CASE.with_settings({"members.trust": 1.0}).values(3, WORLDS)
    in_point = CASE.values(3, WORLDS, {"trust": 1.0})
    assert pinned.members.trust == in_point.members.trust == 1.0
    for key in OPEN:
        if key != "members.trust":
            np.testing.assert_array_equal(number_at(free, key), number_at(pinned, key))
            np.testing.assert_array_equal(number_at(free, key), number_at(in_point, key))


def test_at_the_start_every_world_is_alike() -> None:
    values = CASE.with_settings({"case.uncertainties": "start"}).values(1, WORLDS)
    for key in NUMBERS:
        assert number_at(values, key) == ROWS[key]["value"]


def without_posterior(folder: Path) -> Path:
    """A case before anybody has fitted anything."""
    for table in folder.glob("posterior*"):
        table.unlink()
    return folder


def test_a_posterior_gives_each_world_one_of_its_rows(tmp_path: Path, copied: Callable[[], Path]) -> None:
    folder = without_posterior(copied())
    (folder / "posterior.csv").write_text("members.trust,fear\n1.1,0.2\n1.3,0.4\n")
    scenario = load_scenario(folder).with_settings({"case.uncertainties": "posterior"})
    values = scenario.values(9, WORLDS)
    pairs = set(zip(values.members.trust, values.belief.prior, strict=True))
    assert pairs == {(1.1, 0.2), (1.3, 0.4)}
    assert values.members.sensitivity.shape == WORLDS.shape  # no column: drawn from its range


def test_a_posterior_that_is_not_there_is_asked_for_in_vain(copied: Callable[[], Path]) -> None:
    with pytest.raises(WrongInput, match=r"posterior.csv"):
        load_scenario(without_posterior(copied()))


def test_a_posterior_may_not_name_what_is_no_parameter(copied: Callable[[], Path]) -> None:
    folder = copied()
    (folder / "posterior.csv").write_text("members.turst\n1.1\n")
    with pytest.raises(WrongInput, match=r"posterior.csv: unknown parameter 'members.turst'; .*'members.trust'"):
        load_scenario(folder).with_settings({"case.uncertainties": "posterior"})


@pytest.fixture
def copied(tmp_path: Path) -> Callable[[], Path]:
    """A copy of the shipped folder that a test may add to."""

    def copy() -> Path:
        return Path(
            shutil.copytree(CASE.folder, tmp_path / "copy", ignore=shutil.ignore_patterns("evidence", "*.geojson"))
        )

    return copy


# --- settings -----------------------------------------------------------------------------------------------------


@given(st.sampled_from(NUMBERS), st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_what_is_set_is_what_comes_out(key: str, place: float) -> None:
    row, parameter = ROWS[key], CASE.entries[key].value
    low = row["low"] if row["low"] is not None else row["value"]
    high = row["high"] if row["high"] is not None else row["value"]
    value = min(max(low + place * (high - low), parameter.at_least), parameter.at_most)
    value = round(value) if parameter.whole else value
    as_text = CASE.with_settings({key: repr(value)})
    assert number_at(as_text.values(1, WORLDS[:3]), key) == value
    assert as_text.fingerprint() == CASE.with_settings({key: value}).fingerprint()
    after = {r["name"]: r for r in as_text.parameters()}
    assert after[key] == row | {"value": value, "pinned": True}
    assert {k: r for k, r in after.items() if k != key} == {k: r for k, r in ROWS.items() if k != key}


@given(st.permutations(["members.trust", "governor.tactic", "calendar.session", "rule.unions_needed"]))
@settings(max_examples=10, deadline=None)
def test_the_order_of_settings_does_not_matter(order: list[str]) -> None:
    wanted = {
        "members.trust": "1.5",
        "governor.tactic": "linear",
        "calendar.session": "2011-07-05",
        "rule.unions_needed": "8",
    }
    one_by_one = CASE
    for key in order:
        one_by_one = one_by_one.with_settings({key: wanted[key]})
    assert one_by_one.fingerprint() == CASE.with_settings(wanted).fingerprint()


def test_settings_of_every_kind() -> None:
    changed = CASE.with_settings(
        {
            "members.loss_aversion": "2.2",
            "governor.tactic": "linear",
            "calendar.talks.deadline": "2011-05-20",
            "rules.ratification.all_of.0.at_least": "8",
            "rule.share_needed": "2/3",
            "issues.wage_freeze.burden": 0.05,
            "calendar.talks.blackout": "false",
            "calendar.talks.rounds": "12",
        }
    )
    values = changed.values(1, WORLDS)
    assert values.members.loss_aversion == 2.2
    assert values.governor.tactic == "linear"
    assert changed.calendar.talks.deadline == datetime.date(2011, 5, 20)
    assert values.issues["wage_freeze"].burden == 0.05
    assert values.calendar.talks.blackout is False
    assert values.calendar.talks.rounds == 12 and isinstance(values.calendar.talks.rounds, int)
    words = "at least 8 of 15 unions, and unions holding at least two thirds of members"
    assert changed.rules.ratification.words(15) == values.rules.ratification.words(15) == words


def test_a_setting_may_leave_the_plausible_range_but_not_what_makes_sense() -> None:
    assert CASE.with_settings({"members.loss_aversion": 4}).values(1, WORLDS).members.loss_aversion == 4
    with pytest.raises(WrongInput, match=r"members.loss_aversion: must be at least 1 ratio, got 0.5"):
        CASE.with_settings({"members.loss_aversion": 0.5})


def test_a_setting_reads_its_own_section_anew_and_leaves_the_case_as_it_was():
    before = CASE.as_dict()
    changed = CASE.with_settings({"members.trust": 1, "rule.unions_needed": 9})
    assert changed.sections.members is not CASE.sections.members and changed.sections.rules is not CASE.sections.rules
    assert changed.sections.towns is CASE.sections.towns and changed.town_halls is CASE.town_halls
    for key in ("members.trust", "rules.ratification.all_of.0.at_least"):
        assert changed.entries[key] != CASE.entries[key]
    assert list(changed.entries) == list(CASE.entries)
    assert CASE.as_dict() == before


def test_a_word_that_says_who_is_in_a_table_has_the_tables_read_anew():
    across = CASE.with_settings({"legislature.governors_party": "R"})
    assert [seat.of_governors_party for seat in across.seats] == [not seat.of_governors_party for seat in CASE.seats]


def test_what_a_file_leaves_out_may_still_be_set() -> None:
    """A tactic's own numbers are not in the file until somebody wants them."""
    assert CASE.values(1, WORLDS).governor.stand is None
    changed = CASE.with_settings({"governor.tactic": "fixed", "governor.stand": "0.9"})
    assert changed.values(1, WORLDS).governor.stand == 0.9
    assert changed.with_settings({"governor.stand": 0.8}).sections.governor.stand.value == 0.8
    with pytest.raises(WrongInput, match=r"governor.stand: must be from 0 to 1 share, got 2"):
        CASE.with_settings({"governor.stand": 2})
    shared, numbers = CASE.structure({"governor.stand": 0.9, "trust": 1})
    assert shared == {"governor.stand": 0.9} and set(numbers) == {"members.trust"}


def test_a_list_item_may_be_named_by_its_place() -> None:
    assert CASE.entry("issues.0.burden").key == "issues.wage_freeze.burden"


def test_the_original_is_left_as_it_was() -> None:
    before = CASE.fingerprint()
    CASE.with_settings({"members.trust": 1, "rule.unions_needed": 9, "threats.may_menu.date": "2011-05-08"})
    assert CASE.fingerprint() == before == load_scenario("connecticut-2011").fingerprint()


# --- points of a design -------------------------------------------------------------------------------------------


def test_a_point_may_give_every_world_its_own_number() -> None:
    needed = WORLDS % 15 + 1
    values = CASE.values(1, WORLDS, {"rule.unions_needed": needed, "loss_aversion": 1 + WORLDS / 100})
    np.testing.assert_array_equal(values.rules.ratification.thresholds()["all_of.0.at_least"], needed)
    np.testing.assert_array_equal(values.members.loss_aversion, 1 + WORLDS / 100)


def test_a_point_is_split_into_what_worlds_share_and_what_they_do_not() -> None:
    point = {"governor.tactic": "linear", "calendar.talks.rounds": 8, "trust": 1, "rule.share_needed": 0.5}
    shared, numbers = CASE.structure(point)
    assert shared == {"governor.tactic": "linear", "calendar.talks.rounds": 8}
    assert set(numbers) == {"members.trust", "rules.ratification.all_of.1.share"}


@pytest.mark.parametrize(
    ("point", "says"),
    [
        ({"members.turst": 1}, "'members.trust'"),
        ({"trust": 1, "members.trust": 2}, "given twice"),
        ({"members.loss_aversion": 0.1}, "at least 1"),
        ({"members.loss_aversion": np.array([2, 0.1])}, "at least 1"),
        ({"members.loss_aversion": np.array([2, np.nan])}, "finite"),
        ({"rule.unions_needed": np.array([8, 16])}, "16 of 15"),
        ({"rule.unions_needed": 7.5}, "whole"),
        ({"rule.share_needed": np.array([0.5, 1.5])}, "1.5"),
        ({"governor.tactic": np.array(["linear", "conceder"])}, "one for all worlds"),
        ({"governor.tactic": "linnear"}, "'linear'"),
        ({"trust": np.ones(3)}, "3 values for 200 worlds"),
        ({"governor.tactic": "linear"}, "with_settings"),
    ],
)
def test_a_wrong_point_is_refused_before_anything_runs(point: dict[str, object], says: str) -> None:
    with pytest.raises(WrongInput) as refused:
        CASE.values(1, WORLDS, point)
    assert says in str(refused.value) and "\n" not in str(refused.value)


# --- for the record -----------------------------------------------------------------------------------------------


def test_a_fingerprint_changes_with_a_number_a_source_or_a_table(copied: Callable[[], Path]) -> None:
    folder = copied()
    seen = {CASE.fingerprint()}
    assert load_scenario(folder).fingerprint() in seen  # the same case in another place
    for file, before, after in [
        ("scenario.toml", "start = 7500", "start = 7600"),
        ("scenario.toml", "consensus revenue estimate", "the revenue estimate"),
        ("units.csv", "NP-3 clerical,4500", "NP-3 clerical,4501"),
    ]:
        path = folder / file
        path.write_text(path.read_text().replace(before, after, 1))
        seen.add(load_scenario(folder).fingerprint())
    assert len(seen) == 4


def test_a_parameter_is_frozen() -> None:
    parameter = CASE.sections.money.gap
    assert isinstance(parameter, Parameter)
    with pytest.raises(ValueError, match="frozen"):
        parameter.value = 2
    with pytest.raises(AttributeError):
        CASE.name = "another"  # type: ignore[misc]


def test_a_case_without_towns_is_a_case(copied: Callable[[], Path]) -> None:
    folder = copied()
    text = (folder / "scenario.toml").read_text()
    (folder / "scenario.toml").write_text(text[: text.index("[towns]")] + text[text.index("[[instruments]]") :])
    (folder / "legislators.csv").unlink()
    scenario: Scenario = load_scenario(folder)
    assert scenario.towns is None and scenario.legislators is None
    assert scenario.values(1, WORLDS[:2]).towns is None


def test_a_case_without_a_legislature_needs_no_session(copied: Callable[[], Path]) -> None:
    folder = copied()
    text = (folder / "scenario.toml").read_text()
    before, after = text.split("[legislature]")
    (folder / "scenario.toml").write_text(before + after[after.index("[[instruments]]") :])
    (folder / "legislators.csv").unlink()
    scenario = load_scenario(folder)
    assert scenario.legislators is None and scenario.seats == () and scenario.district_towns is None
    assert scenario.towns is not None and scenario.town_halls is not None


# --- the smallest case --------------------------------------------------------------------------------------------

SMALLEST = load_scenario("single-union")


def test_the_smallest_case_fits_on_a_page_and_has_one_union() -> None:
    assert len((SMALLEST.folder / "scenario.toml").read_text().splitlines()) < 40
    assert SMALLEST.unions.names == ("City Employees",)
    sections = SMALLEST.sections
    assert sections.coalition is sections.legislature is sections.towns is sections.calendar.window is None


def test_what_a_file_leaves_out_is_usual_and_what_it_says_goes_before() -> None:
    assert SMALLEST.sections.money.gap.value == 6  # its own
    assert SMALLEST.sections.members.sensitivity.value == 6  # usual
    assert SMALLEST.calendar.talks.rounds.value == 12  # usual, beside dates of its own


def test_usual_numbers_are_a_parameter_or_none_of_it(tmp_path: Path) -> None:
    """A fact in the file does not keep the range of a usual uncertainty of the same name."""
    folder = tmp_path / "own"
    shutil.copytree(SMALLEST.folder, folder)
    path = folder / "scenario.toml"
    path.write_text(path.read_text() + '\n[members]\ntrust = { fact = 1.5, source = "a survey" }\n')
    trust = load_scenario(folder).sections.members.trust
    assert (trust.role, trust.value, trust.low, trust.source) == ("fact", 1.5, None, "a survey")


def test_the_smallest_case_runs_from_last_offer_to_vote() -> None:
    from sim.worlds.blocks import simulate_block

    columns = simulate_block(SMALLEST, seed=1, worlds=WORLDS).columns
    assert columns["tentative_deal"].all() and not columns["ratified_2"].any()
    np.testing.assert_array_equal(columns["deal"], columns["ratified_1"])
    np.testing.assert_allclose(columns["deal_savings"], 2 * 2.5)
    assert 0 < columns["deal"].mean() < 1


def test_a_number_of_a_tactic_that_is_not_played_is_named_as_without_effect() -> None:
    pinned = {"governor.scarce": 3, "coalition.speed": 0.4, "members.trust": 1, "governor.demands": 0.9}
    assert CASE.with_settings(pinned).without_effect == ("governor.scarce (of another tactic than time_dependent)",)
    played = CASE.with_settings(pinned | {"governor.tactic": "resource_dependent", "coalition.tactic": "boulware"})
    assert played.without_effect == ("coalition.speed (of another tactic than boulware)",)


def test_a_number_beyond_the_range_of_its_case_is_named_and_taken() -> None:
    pinned = CASE.with_settings({"members.trust": 9, "rule.unions_needed": 15, "governor.tactic": "linear", "gap": 3})
    assert pinned.beyond_range == ("members.trust = 9 (0 to 3.5 logits)",)
    assert (pinned.numbers(2011, np.arange(3))["members.trust"] == 9).all()
    assert CASE.with_settings({"members.trust": 3.5}).beyond_range == () == CASE.beyond_range


def test_a_case_is_read_without_what_only_running_it_takes():
    code = "import sys; from sim import load_scenario; load_scenario('connecticut-2011'); print(*sys.modules)"
    read = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "sim.crisis" not in read and not {"scipy", "pandas", "matplotlib", "mesa"} & set(read)


def test_a_date_is_set_as_if_the_file_said_it_without_reading_a_table_anew():
    dates = [key for key, entry in CASE.entries.items() if isinstance(entry.value, datetime.date)]
    assert len(dates) > 10
    for key in dates:
        later = CASE.entries[key].value + datetime.timedelta(days=1)
        try:
            moved = CASE.with_settings({key: later})
        except WrongInput:  # it would come after what must follow it
            continue
        anew = CASE.with_settings({key: later, "case.title": CASE.title})
        assert moved.units is CASE.units and anew.units is not CASE.units
        assert moved.entries[key].value == later and moved.calendar == anew.calendar
        assert moved.as_dict() | {"settings": 0} == anew.as_dict() | {"settings": 0}
