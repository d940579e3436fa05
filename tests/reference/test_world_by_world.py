"""The model in many worlds at once comes to what the rules of this folder come to: world by world, act by act.

In double precision amounts agree to a millionth, and every vote is the same. The model moves votes in single precision;
how many ballots that turns is counted, and bounded by what rounding to 24 bits can do.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
import pytest
from turns import in_turn, on_one_ballot, with_columns

from reference.crisis import play
from reference.observe import watch
from reference.settings import SETTINGS
from reference.state import Act
from sim import load_scenario
from sim.scenario.folder import shipped_scenarios
from sim.scenario.scenario import Scenario

SEED = 2011
WORLDS = 30
CLOSE = 1e-6  # of an amount, or of one where it is smaller
OTHER_CASES = [name for name in shipped_scenarios() if name != "connecticut-2011"]

VOTED_TWICE = ["as shipped", "no change of the rule", "every union at its own table, and all are needed"]

# What single precision does to a count of ballots: its mean, at most as many as there are people, is rounded some times
# to 24 bits (2 x 2^-24 of it), and so are the logits behind it (eight or less, some six additions, in either direction:
# 1e-6, of which at most a quarter reaches the chance). A count turns where that shift crosses a whole number.
SHIFT = 2 * 2**-24 + 0.25e-6  # ballots a person
CARRIED_ON = 2  # a count that has turned may turn the next of the same people


@functools.cache
def case_of(setting: str) -> Scenario:
    return load_scenario("connecticut-2011").with_settings(SETTINGS[setting].values)


@functools.cache
def by_the_rules(setting: str) -> list[list[Act]]:
    return [play(case_of(setting), seed=SEED, world=world) for world in range(WORLDS)]


def differences(expected: Any, found: Any, path: str = "") -> list[str]:
    """Where two accounts of an act part: amounts by more than a millionth, anything else at all."""
    if isinstance(expected, dict):
        return [line for name in expected for line in differences(expected[name], found[name], f"{path}.{name}")]
    if isinstance(expected, (list, tuple)):
        if found is None or len(expected) != len(found):
            return [f"{path}: {expected!r} by the rules, {found!r} by the model"]
        pairs = enumerate(zip(expected, found, strict=True))
        return [line for i, (one, other) in pairs for line in differences(one, other, f"{path}[{i}]")]
    if isinstance(expected, float):
        same = found is not None and math.isclose(expected, found, rel_tol=CLOSE, abs_tol=CLOSE)
    else:
        same = expected == found
    return [] if same else [f"{path}: {expected!r} by the rules, {found!r} by the model"]


def parted(expected: list[Act], found: list[Act]) -> list[str]:
    """The first act in which two accounts of a world part, and how; none where they agree to the end."""
    for act, other in zip(expected, found, strict=False):
        if (act.date, act.kind) != (other.date, other.kind):
            return [f"{act.date} {act.kind} by the rules, {other.date} {other.kind} by the model"]
        if lines := differences(act.facts, other.facts):
            return [f"{act.date} {act.kind}{line}" for line in lines[:5]]
    return [] if len(expected) == len(found) else [f"{len(expected)} acts by the rules, {len(found)} by the model"]


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_act_of_every_world_is_what_the_rules_say(setting):
    seen = watch(case_of(setting), seed=SEED, worlds=np.arange(WORLDS), double=True)
    for world, (expected, found) in enumerate(zip(by_the_rules(setting), seen, strict=True)):
        assert not parted(expected, found), f"world {world}"


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_setting_reaches_the_corner_it_is_set_for(setting):
    assert sum(map(SETTINGS[setting].reached, by_the_rules(setting))) >= 3


@pytest.mark.parametrize("setting", VOTED_TWICE)
def test_so_it_is_where_units_vote_on_days_of_their_own(tmp_path, setting):
    """A third of the units each votes ten and five days before the count, and who votes later goes by what is out."""
    case = in_turn(tmp_path, [10, 5, 0]).with_settings(SETTINGS[setting].values | {"members.others_yes": "1.5"})
    seen = watch(case, seed=SEED, worlds=np.arange(WORLDS), double=True)
    for world in range(WORLDS):
        assert not parted(play(case, seed=SEED, world=world), seen[world]), f"world {world}"


@pytest.mark.parametrize("setting", ["as shipped", "no change of the rule"])
def test_so_it_is_where_units_have_meetings_and_rumours_of_their_own(tmp_path, setting):
    """No meetings, as many as the others' and three times as many; rumours that do not reach a unit, or reach all."""
    ratios = {"meetings_ratio": [0, 1, 3], "rumours_ratio": [1, 0, 40, 2]}
    case = with_columns(tmp_path / "apart", **ratios).with_settings(SETTINGS[setting].values)
    seen = watch(case, seed=SEED, worlds=np.arange(WORLDS), double=True)
    for world in range(WORLDS):
        assert not parted(play(case, seed=SEED, world=world), seen[world]), f"world {world}"


@pytest.mark.parametrize("ballot", ["benefits", "wages"])
@pytest.mark.parametrize("setting", VOTED_TWICE)
def test_so_it_is_where_all_of_a_deal_is_decided_on_one_ballot(tmp_path, setting, ballot):
    """There is one vote, which binds every unit, or of which each decides for itself whether it bears its part."""
    case = on_one_ballot(tmp_path / f"on-{ballot}", ballot).with_settings(SETTINGS[setting].values)
    seen = watch(case, seed=SEED, worlds=np.arange(WORLDS // 3), double=True)
    for world in range(WORLDS // 3):
        assert not parted(play(case, seed=SEED, world=world), seen[world]), f"world {world}"


@pytest.mark.parametrize("name", OTHER_CASES)
def test_so_it_is_in_the_other_cases_that_ship(name):
    """One employer's last offer, one or two unions, often without a legislature, towns or a second vote."""
    case = load_scenario(name)
    seen = watch(case, seed=SEED, worlds=np.arange(WORLDS), double=True)
    for world, found in enumerate(seen):
        assert not parted(play(case, seed=SEED, world=world), found), f"world {world}"


def counts_of(acts: list[Act]) -> list[tuple[str, int, int]]:
    """Every count of ballots: of what, how many people could have voted, how many did or said yes."""
    found = []
    for act in acts:
        if act.kind != "Ballots":
            continue
        for what in ("cast", "yes", "own_yes"):
            found += [(what, int(of), int(n)) for of, n in zip(act.facts["cast"], act.facts[what], strict=True)]
    return found


@pytest.mark.parametrize("setting", VOTED_TWICE)
def test_single_precision_turns_a_ballot_here_and_there_and_nothing_else(setting):
    seen = watch(case_of(setting), seed=SEED, worlds=np.arange(WORLDS), double=False)
    turned, expected = 0, 0.0
    for rules, model in zip(by_the_rules(setting), seen, strict=True):
        assert [(act.date, act.kind) for act in rules] == [(act.date, act.kind) for act in model]
        assert [a.facts["votes"] for a in rules if a.kind == "RollCall"] == [
            a.facts["votes"] for a in model if a.kind == "RollCall"
        ]
        assert rules[-1].facts["outcome"] == model[-1].facts["outcome"]
        for (_, people, count), (_, _, other) in zip(counts_of(rules), counts_of(model), strict=True):
            assert abs(count - other) <= 1
            turned += count != other
            expected += CARRIED_ON * SHIFT * people
    assert turned <= expected + 4 * math.sqrt(expected) + 1
