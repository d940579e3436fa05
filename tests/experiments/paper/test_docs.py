"""The pages on bargaining and on rules say what the program does: their rules, keys and paths are tried."""

from __future__ import annotations

import re
import shlex
import shutil
import textwrap
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

from sim import load_scenario, simulate
from sim.ratification.rule import Rule

ROOT = Path(__file__).parents[3]
RULES = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
OWN = (ROOT / "docs" / "your-own-case.md").read_text(encoding="utf-8")
BARGAINING = (ROOT / "docs" / "bargaining.md").read_text(encoding="utf-8")
CASE = load_scenario("connecticut-2011")
EXAMPLES = re.findall(r"```toml\n(.*?)```\n> ([^\n]*)\n", RULES, flags=re.DOTALL)


def commands(page: str) -> list[str]:
    return re.findall(r"^ *(planb (?:ensemble|sweep|play) connecticut-2011 .*)$", page, flags=re.MULTILINE)


@pytest.mark.parametrize(("toml", "words"), EXAMPLES, ids=[words for _, words in EXAMPLES])
def test_every_rule_on_the_page_is_read_and_said_back_in_these_words(toml, words):
    assert Rule.read(tomllib.loads(toml)).words(15) == words


def test_every_rule_on_the_page_has_its_words():
    assert len(EXAMPLES) == RULES.count("```toml") >= 8


def test_the_rule_of_june_is_the_rule_of_the_scenario():
    june = next(toml for toml, _ in EXAMPLES if toml.startswith("all_of"))
    assert Rule.read(tomllib.loads(june)) == CASE.rules.ratification


@pytest.mark.parametrize("command", commands(RULES) + commands(BARGAINING))
def test_the_settings_of_every_command_are_taken(command):
    words = shlex.split(command)
    for flag, given in pairwise(words):
        if flag in ("--set", "--vary"):
            key, values = given.split("=")
            for value in values.split(":")[:1] if ":" in values else values.split(","):
                CASE.with_settings({key: value})


def test_keys_columns_and_files_that_the_page_names_exist():
    named = set(re.findall(r"`([\w./]+)[^`]*`", BARGAINING))
    files = {name for name in named if "/" in name}
    assert files and all((ROOT / name).exists() for name in files)
    sections = {key.split(".")[0] for key in CASE.entries}
    keys = {name for name in named - files if "." in name and name.split(".")[0] in sections and "NAME" not in name}
    assert len(keys) > 10
    for key in keys:
        CASE.entry(key)


def test_the_pages_link_to_each_other_and_to_what_exists():
    for page in (RULES, BARGAINING):
        for target in re.findall(r"\]\((\w[\w.-]*\.md)\)", page):
            assert (ROOT / "docs" / target).exists(), target


def test_the_window_of_the_guide_makes_a_second_vote_possible(tmp_path):
    (window,) = re.findall(r"^    \[calendar\.window\]\n(?:    .*\n)+", OWN, flags=re.MULTILINE)
    shutil.copytree(ROOT / "sim" / "scenarios" / "single-union", tmp_path / "own")
    file = tmp_path / "own" / "scenario.toml"
    file.write_text(file.read_text(encoding="utf-8") + "\n" + textwrap.dedent(window), encoding="utf-8")
    outcomes = simulate(load_scenario(str(tmp_path / "own")), worlds=200, seed=2011).table["outcome"]
    assert {"ratified_second_vote", "refused"} <= set(outcomes)


def test_a_council_made_as_the_guide_says_grants_or_refuses_the_power_to_cut(tmp_path):
    guide = OWN[OWN.index("### A council or a legislature") :]
    (said,) = re.findall(r"^    \[calendar\]\n(?:    .*\n|\n(?=    \[))+", guide, flags=re.MULTILINE)
    (seats,) = re.findall(r"^    chamber,district,.*\n(?:    .*\n)+", guide, flags=re.MULTILINE)
    section, keys = "", []
    for line in textwrap.dedent(said).splitlines():
        section = line.strip("[]") if line.startswith("[") else section
        keys += [f"{section}.{line}"] if " = " in line else []
    ships = ROOT / "sim" / "scenarios"
    shutil.copytree(ships / "single-union", tmp_path / "own")
    for table in ("roll_call_coefficients.csv", "roll_call_covariance.csv"):
        shutil.copy(ships / "connecticut-2011" / table, tmp_path / "own")
    (tmp_path / "own" / "legislators.csv").write_text(textwrap.dedent(seats), encoding="utf-8")
    theirs = (ships / "connecticut-2011" / "scenario.toml").read_text(encoding="utf-8")
    (legislature,) = re.findall(r"^\[legislature\]\n(?:.+\n)+", theirs, flags=re.MULTILINE)
    file = tmp_path / "own" / "scenario.toml"
    own = file.read_text(encoding="utf-8")
    file.write_text("\n".join(keys) + f"\n{own}\n{legislature}", encoding="utf-8")
    runs = simulate(load_scenario(tmp_path / "own"), worlds=400, seed=2011).table
    assert set(runs["request_passed"].dropna()) == {0, 1} and runs["senate_yes"].max() == 0
    powers = runs.groupby("request_passed")["authority_share"].max()
    assert powers[0] == pytest.approx(0.02) and powers[1] == pytest.approx(0.1)
    cut = runs[runs["outcome"] == "refused"].groupby("request_passed")["layoffs"].max()
    assert cut[0] < 2 < cut[1]  # of a gap of 6 M$ a year; without leave a fiftieth of 80


def test_leaders_who_look_ahead_do_under_a_stricter_rule_what_the_page_says():
    laxer, stricter = (
        simulate(CASE.with_settings({"leaders.foresee": "rule", "rule.unions_needed": needed}), worlds=2000).table
        for needed in (11, 14)
    )
    said = re.search(r"sign in (\d+) % of worlds\s+instead of (\d+) %", BARGAINING)
    for run, share in zip((stricter, laxer), said.groups(), strict=True):
        assert abs(100 * run["tentative_deal"].mean() - float(share)) < 1
    smaller = stricter["deal_savings"] < laxer["deal_savings"]
    both = stricter["tentative_deal"] & laxer["tentative_deal"]
    assert abs(smaller[both].mean() - 2 / 3) < 0.04 and "two of three of those in which they sign either" in BARGAINING
    for column, said in (
        ("deal_burden", r"members ([\d.]+) % of a\s+year's pay instead of ([\d.]+) %"),
        ("governor_surplus_share", r"larger for it, (\d+) % instead of (\d+) %"),
    ):
        for run, told in zip((stricter, laxer), re.search(said, BARGAINING).groups(), strict=True):
            assert 100 * run[column][both].mean() == pytest.approx(float(told), rel=0.02), column
    saved = stricter["ratified_1"].astype(bool) & laxer["tentative_deal"] & ~laxer["ratified_1"].astype(bool)
    assert 0.005 < saved.mean() < 0.015 and "one world of a hundred" in BARGAINING


@pytest.mark.parametrize(
    "foresee, said", [("rule", r"(702) instead of (626) M"), ("majority", r"(702) instead of (719) M")]
)
def test_divided_unions_give_up_what_the_page_says(foresee, said):
    divided, together = (
        simulate(CASE.with_settings({"leaders.foresee": foresee, "calendar.talks.table": table}), worlds=800).table
        for table in ("pattern", "coalition")
    )
    both = divided["tentative_deal"] & together["tentative_deal"]
    for run, savings in zip((divided, together), re.search(said, BARGAINING).groups(), strict=True):
        assert abs(run["deal_savings"][both].mean() - float(savings)) < 10
    if foresee == "majority":
        shares = re.search(r"in (\d+) % of worlds instead of (\d+) %: a majority", BARGAINING).groups()
        for run, share in zip((divided, together), shares, strict=True):
            assert abs(100 * run["tentative_deal"].mean() - float(share)) < 3
