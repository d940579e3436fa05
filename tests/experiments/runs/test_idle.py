"""A swept parameter that made no difference is named, with the condition that made it idle."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner

from experiments.runs.designs import Grid, LatinHypercube, OneAtATime
from experiments.runs.idle import idle_parameters
from experiments.runs.runner import run
from experiments.runs.study import Study
from sim import load_scenario

SHARE, UNIONS, TRUST = "rule.share_needed", "rule.unions_needed", "members.trust"


def idle(place, design, **settings):
    case = load_scenario("connecticut-2011").with_settings(settings)
    run(Study(name="s", scenario="connecticut-2011", worlds=200, set=settings, design=design), place, workers=1)
    return {found.parameter: found.why for found in idle_parameters(place, lambda: case)}


@pytest.mark.parametrize(
    "settings, design, expected",
    [
        ({}, Grid(vary={SHARE: [0.5, 0.6, 0.7]}), {SHARE: "wherever its condition failed, “at least 14 of 15 unions”"}),
        ({SHARE: 0.95}, Grid(vary={UNIONS: [10, 11]}), {UNIONS: "failed, “unions holding at least 95 % of members”"}),
        ({UNIONS: 1}, Grid(vary={SHARE: [0.01, 0.02]}), {SHARE: "held in every first vote, at 0.02 as at 0.01"}),
        ({}, Grid(vary={"towns.spread": [0.0, 1.0]}), {"towns.spread": "it moves "}),
        ({}, OneAtATime(vary={SHARE: [0.5, 0.6], TRUST: [1.0]}), {SHARE: "at least 14 of 15"}),
        ({}, Grid(vary={SHARE: [0.5, 0.95]}), {}),
        ({}, LatinHypercube(ranges={SHARE: (0.5, 0.6), TRUST: None}, n=5), {}),  # no two points differ in one alone
    ],
)
def test_what_changed_nothing_is_named_with_what_decides(tmp_path, settings, design, expected):
    found = idle(tmp_path / "r", design, **settings)
    assert found.keys() == expected.keys()
    for name, words in expected.items():
        assert words in found[name] and not re.search(r" and .* and \d+ more", found[name])


def test_the_sweep_says_so(tmp_path):
    from experiments.commands.sweep import command

    quiet = ["--worlds", "100", "--workers", "1", "--no-progress", "--no-chart"]
    words = ["connecticut-2011", "--vary", f"{SHARE}=0.5,0.6", *quiet]
    result = CliRunner().invoke(command, [*words, "--out", str(tmp_path / "a")])
    assert f"note: {SHARE} changed the outcome of none of 100 worlds: " in result.stdout
    result = CliRunner().invoke(command, [*words, "--out", str(tmp_path / "b"), "--json"])
    assert json.loads(result.stdout)["idle"][0]["parameter"] == SHARE
