"""What turns a world, and the map of two levers: what they say is what the model does."""

from __future__ import annotations

import json
import threading
import xml.etree.ElementTree as ElementTree
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

pytest.importorskip("solara", reason="the page is an extra: pip install 'planb[page]'")

from experiments.commands.command_line import planb
from experiments.explanation.flips import knobs
from experiments.explanation.wording import flip_in_words
from experiments.page import lever_map
from experiments.page.lever_map import axis_of, cell, fill, first_two, held_fixed
from experiments.page.live_ensemble import outcomes
from experiments.page.run import record
from experiments.page.setup import Setup, as_text, from_query
from experiments.page.turning import Turning, search
from experiments.page.views.lever_map import LeverMap, as_table, draw_lever_map, shade, share_of, told_of
from sim.scenario.scenario import load_scenario

CASE = "connecticut-2011"
USUAL = Setup(scenario=CASE)
UNIONS, SHARE = "rules.ratification.all_of.0.at_least", "rules.revised.all_of.1.share"


# --- what turns a world -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case, world, pinned", [(CASE, 4, {}), ("hawaii-2009", 0, {"members.trust": "0.3"})])
def test_every_change_that_is_listed_turns_the_world_as_run_b_and_is_what_explain_says(case, world, pinned):
    setup, seen = Setup(scenario=case, world=world, settings=tuple(pinned.items())), list[Turning]()
    search(setup, show=seen.append, cancelled=threading.Event())
    usual = record(setup.resolved(), setup.seed, world).outcome.startswith("ratified")
    assert seen[-1].over and seen[-1].flips and seen[0].done < seen[-1].done
    for flip in seen[-1].flips:
        other = replace(setup, change=(flip.key, as_text(flip.after))).other
        assert record(other.resolved(), other.seed, world).outcome.startswith("ratified") is not usual, flip
        words = flip_in_words(flip.as_dict())
        if flip.share_of_range == flip.share_of_range:
            assert words.startswith(("raise " if flip.after > flip.before else "lower ") + flip.name)
        else:
            assert words == f"{flip.name}: {flip.after} instead of {flip.before}".replace("True", "true").replace(
                "False", "false"
            )
    if not pinned:
        return
    words = [word for key, value in pinned.items() for word in ("--set", f"{key}={value}")]
    told = json.loads(CliRunner().invoke(planb, ["explain", case, "--world", str(world), *words, "--json"]).output)
    explained = told["flips"]["levers"] + told["flips"]["uncertainties"]
    assert {(one["key"], one["after"]) for one in explained} == {(flip.key, flip.after) for flip in seen[-1].flips}


def test_a_search_that_nobody_waits_for_stops():
    cancelled, seen = threading.Event(), list[Turning]()

    def leave(turning):
        seen.append(turning)
        cancelled.set()

    search(Setup(scenario="hawaii-2009"), show=leave, cancelled=cancelled)
    assert len(seen) == 1 and not seen[0].over


# --- the map ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def few(monkeypatch):
    """Fewer worlds a cell."""
    monkeypatch.setattr(lever_map, "WORLDS", (16, 48))
    monkeypatch.setattr(lever_map, "SIDE", 3)


def filled(setup: Setup) -> tuple[LeverMap, list[dict]]:
    x, y = (axis_of(setup, key) for key in setup.levers[:2])
    shown: list[dict] = []
    fill(replace(setup.alone, world=0), x, y, show=shown.append, cancelled=threading.Event())
    return LeverMap(x, y, shown[-1], lever_map.WORLDS[-1], b_differs=setup.change is not None), shown


def test_a_cell_is_what_a_sweep_of_these_two_levers_counts(few, tmp_path):
    setup = replace(USUAL, seed=5, levers=(UNIONS, "members.trust", "deal"), change=(UNIONS, "12"))
    seen, _ = filled(setup.pin("campaign.meetings_per_week", "10"))
    vary = [word for axis in (seen.x, seen.y) for word in ("--vary", f"{axis.key}={','.join(axis.values)}")]
    words = [*vary, "--set", "campaign.meetings_per_week=10", "--worlds", "48", "--seed", "5"]
    told = CliRunner().invoke(
        planb, ["sweep", CASE, *words, "--no-chart", "--workers", "1", "--out", str(tmp_path / "s")]
    )
    assert told.exit_code == 0, told.output
    runs = pd.read_parquet(tmp_path / "s" / "runs.parquet")
    for column, across in enumerate(seen.x.values):
        for row, up in enumerate(seen.y.values):
            here = runs[(runs[UNIONS] == float(across)) & np.isclose(runs["members.trust"], float(up))]
            mine = seen.cell(column, row)
            assert len(here) == mine.worlds == 48
            assert share_of(mine, "deal") == (here["deal"].sum(), here["deal"].mean())
            assert share_of(mine, "refused")[0] == (here["outcome"] == "refused").sum()


def test_the_cells_of_a_and_b_are_their_ensembles(few):
    setup = replace(USUAL, levers=(UNIONS, SHARE, "deal"), change=(UNIONS, "11"))
    seen, _ = filled(setup)
    assert seen.mark(seen.x.a, seen.y.a) == "A" and seen.mark(seen.x.b, seen.y.b) == "B"
    for each, place in ((setup, (seen.x.a, seen.y.a)), (setup.other, (seen.x.b, seen.y.b))):
        assert seen.cell(*place).outcomes == outcomes(each.resolved(), each.seed, 0, 48)
    pins = (UNIONS, "9"), (SHARE, "2/3")
    assert cell(USUAL, pins, 8, 24) == outcomes(USUAL.pin(*pins[0]).pin(*pins[1]).resolved(), 2011, 8, 24)


def test_an_uncertainty_on_an_axis_is_said_to_be_held_where_worlds_would_draw_their_own():
    trust = axis_of(USUAL, "members.trust")
    assert held_fixed(USUAL, trust).startswith("All worlds of a cell have its trust;")
    assert not held_fixed(replace(USUAL, settings=(("members.trust", "0.5"),)), trust)
    assert not held_fixed(USUAL, axis_of(USUAL, UNIONS))


def test_the_map_is_filled_from_coarse_to_fine_and_few_worlds_come_before_many(few, monkeypatch):
    monkeypatch.setattr("experiments.page.live_ensemble.REDRAW", 0.0)
    setup = replace(USUAL, levers=("governor.tactic", "legislature.rule", "deal"))
    seen, shown = filled(setup)
    sizes = [len(cells) for cells in shown]
    assert sizes[:3] == [1, 2, 3] and sizes[-1] == 2 * len(seen.x.values)
    coarse = shown[4]
    assert {pins[0][1] for pins in coarse} == set(seen.x.values[::3])
    first = next(cells for cells in shown if len(cells) == sizes[-1])
    assert {one.worlds for one in first.values()} == {16}
    assert {one.worlds for one in shown[-1].values()} == {48}
    cancelled = threading.Event()
    cancelled.set()
    fill(USUAL, seen.x, seen.y, show=pytest.fail, cancelled=cancelled)


def test_values_that_cannot_be_are_told_why_and_the_rest_is_counted(few):
    seen, _ = filled(replace(USUAL, levers=(SHARE, UNIONS, "deal")))
    last = len(seen.x.values) - 1
    assert seen.x.values[last] == "1.0" and isinstance(seen.cell(last, 0), str)
    assert "cannot be: " in told_of(seen, last, 0, "deal") and "48 worlds" in told_of(seen, 0, 0, "deal")
    assert as_table(seen, "deal").count("cannot be") == len(seen.y.values)


def test_an_axis_has_every_word_or_the_whole_range_and_what_a_and_b_have(few):
    setup = replace(USUAL, world=3, change=("members.trust", "0.5")).pin("governor.tactic", "linear")
    trust = axis_of(setup, "members.trust")
    numbers = [float(value) for value in trust.values]
    knob = next(knob for knob in knobs(setup.resolved()) if knob.key == "members.trust")
    assert numbers == sorted(numbers) and trust.values[trust.b] == "0.5"
    assert numbers[trust.a] == pytest.approx(
        setup.resolved().numbers(2011, np.array([3]))["members.trust"][0], rel=1e-3
    )
    assert numbers[-1] == knob.high
    tactic, switch = axis_of(setup, "governor.tactic"), axis_of(setup, "calendar.talks.blackout")
    assert tactic.values[tactic.a] == "linear" and len(tactic.values) == 15
    assert switch.values[switch.a] == "true"
    for case in ("single-union", "iowa-2009"):
        scenario = load_scenario(case)
        for knob in knobs(scenario):
            axis_of(Setup(scenario=case), knob.key)
        assert len(set(first_two(Setup(scenario=case))[:2])) == 2


def test_the_picture_says_what_it_shows_and_can_be_read_in_grey(few):
    seen, _ = filled(replace(USUAL, levers=("governor.tactic", "legislature.rule", "deal")))
    for far in (seen, seen._replace(cells={})):
        picture = ElementTree.fromstring(draw_lever_map(far, "deal"))
        tips = [mark.get("data-tip") for mark in picture.iter() if mark.get("data-tip")]
        assert len(tips) == len(seen.x.values) * len(seen.y.values)
    drawn = ElementTree.fromstring(draw_lever_map(seen, "deal")).iter()
    numbers = Counter(f"{100 * one.deals / one.worlds:.0f}" for one in seen.cells.values())
    assert numbers <= Counter(mark.text for mark in drawn if mark.tag.endswith("text"))
    light = [luminance(shade(per_cent)[0]) for per_cent in range(101)]
    assert all(late > early - 1e-3 for early, late in pairwise(light)) and light[-1] > 10 * light[0]
    for per_cent in range(101):
        bright, dark = sorted((luminance(part) for part in shade(per_cent)), reverse=True)
        assert (bright + 0.05) / (dark + 0.05) >= 4.5  # WCAG 2.2, 1.4.3


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_the_address_holds_the_levers():
    setup = replace(USUAL, levers=("members.trust", UNIONS, "refused"), change=("members.trust", "0.5"))
    assert from_query(setup.query(), usual=USUAL, allowed={CASE: CASE}) == setup
    short = from_query("levers=trust,rule.unions_needed", usual=USUAL, allowed={CASE: CASE})
    assert short.levers == ("members.trust", UNIONS, "deal")
    assert setup.other.levers is None and setup.other.settings == (("members.trust", "0.5"),)
