"""`planb bench` runs and says what it promised. The figures themselves are for quiet machines."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from command import call

from experiments.bench import talks
from experiments.bench.contest import Contestant, contest, ratio
from experiments.bench.floor import BareFloor, Floor, needs
from experiments.bench.growth import enlarged
from sim import load_scenario, simulate_block
from sim.bargaining.talks_alone import talks_alone
from sim.worlds.randomness import Luck, Stream

CASE = "connecticut-2011"


def test_contestants_take_turns_and_a_ratio_is_the_median_over_rounds():
    turns = []
    pair = [Contestant(name=name, run=lambda name=name: turns.append(name) or 1) for name in ("one", "other")]
    contest(pair, rounds=2, seconds=0.0)
    assert turns == ["one", "other"] * 3  # the first time does not count
    assert ratio({"a": [2, 9, 30], "b": [1, 3, 5]}, "a", "b") == 3


def test_the_floor_draws_what_the_model_draws_and_no_more(monkeypatch):
    """Counted by hand in `needs`, counted at the tap here: as many numbers, but for second votes that are not held."""
    drawn = {}
    for name in ("normals", "coarse", "one_uniform_each"):
        draw = getattr(Luck, name)

        def counted(luck, stream, *rest, draw=draw, **more):
            result = draw(luck, stream, *rest, **more)
            drawn[Stream(stream)] = drawn.get(Stream(stream), 0) + result.size
            return result

        monkeypatch.setattr(Luck, name, counted)
    case, worlds = load_scenario(CASE), 200
    needed = needs(case, simulate_block(case, seed=1, worlds=np.arange(worlds)))
    assert drawn[Stream.UNCERTAINTY] == needed.uniforms * worlds
    coarse = sum(drawn[stream] for stream in (Stream.LEGISLATORS, Stream.MAYORS, Stream.TOWN_UNIONS))
    streams = (Stream.UNITS, Stream.LEADERS, Stream.BALLOTS, Stream.VOTE_MOOD, Stream.COEFFICIENTS, Stream.WHIPS)
    assert 0.5 * coarse < needed.coarse * worlds <= coarse
    normals = sum(drawn.get(stream, 0) for stream in streams)  # moods of units come with the posterior
    assert 0.4 * normals < needed.normals * worlds <= normals
    assert Floor(needed, worlds).run() == BareFloor(needed, worlds).run() == worlds


def test_a_case_may_be_made_larger(tmp_path):
    case = load_scenario(CASE)
    larger = enlarged(case.folder, tmp_path / "larger", units=2, unions=3, legislators=2, towns=2)
    assert len(larger.unions.names) == 3 * len(case.unions.names)
    assert len(larger.units.names) == 6 * len(case.units.names)
    assert len(larger.seats) == 2 * len(case.seats)
    assert len(larger.town_halls.towns) == 2 * len(case.town_halls.towns)
    simulate_block(larger, seed=1, worlds=np.arange(2))


def test_plain_mesa_holds_the_same_talks():
    """Side by side they must do the same chore: the offer on which two sides settle is the same in both."""
    for seed in range(12):
        plain = talks.TwoNegotiators(seed)
        while plain.running:
            plain.step()
        ours = talks_alone(1, talks.ROUNDS, seed=seed, issues=talks.ISSUES)
        assert plain.agreed and ours.agreed[0]
        assert plain.turn - 1 == ours.agreed_round[0]


@pytest.mark.slow
def test_planb_bench_prints_its_ratios_and_writes_its_report(tmp_path):
    """As a user starts it, whose processes inherit nothing of a test's path."""
    page, command = tmp_path / "performance.md", Path(sys.executable).with_name("planb")
    words = [str(command), "bench", "--quick", "--json", "--out", str(page)]
    run = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=True)
    ratios = json.loads(run.stdout)["ratios"]
    assert set(ratios) == {
        *("mesa_one_agent_a_member", "single_world", "floor", "bare_floor", "two_cores", "negmas"),
        *("one_world", "worlds_64", "explain", "talks_negmas", "talks_mesa", "unions_2000"),
    }
    assert ratios["mesa_one_agent_a_member"] > 1 and ratios["single_world"] > 1
    text = page.read_text()
    assert "one agent a member" in text and str(tmp_path) not in text


def test_a_case_compiled_for_a_device_is_measured_beside_numpy_s_blocks():
    pytest.importorskip("jax")
    code, said = call("bench", "single-union", "--device", "cpu", "--quick", "--json")
    assert code == 0, said
    (speed,) = json.loads(said)
    assert speed["worlds"] == 256 and speed["compile_seconds"] > 0
    assert speed["with_luck"] > 0 and speed["alone"] > 0 and speed["against_numpy"] > 0
