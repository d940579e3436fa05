"""What every tactic keeps to. A new file in agents/tactics is covered as soon as it is in the list."""

from __future__ import annotations

import importlib
import inspect
import re
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from agents.tactics import ALL_TACTICS, make_tactic
from agents.tactics.numbers import Bargainer
from sim.bargaining.side import Side
from sim.bargaining.talks import Talks
from sim.errors import WrongInput

WORLDS, ROUNDS, ISSUES = 6, 12, 4
EVERY_TACTIC = pytest.mark.parametrize("name", ALL_TACTICS)


def numbers_of(name: str, random: np.random.Generator) -> dict[str, np.ndarray]:
    """Every number of a tactic's, different in each world and not far from its default."""
    return {
        field.name: np.clip(field.default * random.uniform(0.8, 1.0, WORLDS), 0, None)
        for field in fields(ALL_TACTICS[name])
        if isinstance(field.default, float)
    }


def some_talks(name: str, against: str, seed: int, world: int | None = None, *, protocol="alternating_offers") -> Talks:
    """Talks of the tactic (first side) against another in random worlds, or in one of them alone."""
    random = np.random.default_rng(seed)
    own, other = random.uniform(0.1, 1, size=(2, ISSUES, WORLDS))
    reservation = random.uniform(0, 0.6, size=(2, WORLDS))
    reservation[0, -1] = 1.2  # a world in which nothing beats no deal
    luck = random.uniform(size=(3, ROUNDS, WORLDS))
    numbers = numbers_of(name, random)
    pick = slice(None) if world is None else slice(world, world + 1)
    sides = (
        Side(
            name="us",
            weights=own[:, pick],
            reservation=reservation[0, pick],
            tactic=make_tactic(name, {key: value[pick] for key, value in numbers.items()}),
        ),
        Side(name="them", weights=-other[:, pick], reservation=reservation[1, pick], tactic=make_tactic(against)),
    )
    return Talks(
        sides=sides,
        low=np.zeros(ISSUES),
        high=np.arange(1.0, ISSUES + 1),
        rounds=ROUNDS,
        worlds=WORLDS if world is None else 1,
        protocol=protocol,
        luck=luck[:, :, pick],
    )


def held(talks: Talks) -> Talks:
    """Every round held, also after all worlds have agreed."""
    while talks.round < talks.rounds:
        talks.hold_round()
    return talks


@EVERY_TACTIC
@pytest.mark.parametrize("against", ["linear", "random_absolute_tit_for_tat", "conceder"])
@pytest.mark.parametrize("protocol", ["alternating_offers", "simultaneous_demands", "random_recognition"])
def test_never_asks_for_less_than_no_deal_is_worth_nor_for_more_than_its_ideal(name, against, protocol):
    talks = held(some_talks(name, against, seed=1, protocol=protocol))
    us = talks.sides[0]
    for asked in us.asked:
        assert np.shape(asked) == (WORLDS,)
        assert (asked >= us.reservation - 1e-9).all()
        assert (asked <= np.maximum(1.0, us.reservation) + 1e-9).all()


@EVERY_TACTIC
def test_makes_no_deal_worse_than_none(name):
    for seed in range(3):
        talks = some_talks(name, "linear", seed).hold_all()
        for side in talks.sides:
            value = side.value(talks.package)[talks.agreed]
            assert (value >= side.reservation[talks.agreed] - 1e-6).all()
        assert not talks.agreed[-1]


@EVERY_TACTIC
def test_what_it_proposes_is_worth_what_it_asks_for_and_within_the_bounds(name):
    talks = some_talks(name, "linear", seed=2)
    us = talks.sides[0]
    while talks.round < talks.rounds:
        record = talks.hold_round()
        assert (record.package >= -1e-9).all() and (record.package <= talks.high[:, None] + 1e-9).all()
        if record.proposer == "us":
            assert np.allclose(us.value(record.package), np.minimum(record.aspirations["us"], 1.0), atol=1e-6)


@EVERY_TACTIC
def test_never_raises_its_demand_if_it_promises_so(name):
    if not ALL_TACTICS[name].never_rises:
        pytest.skip("answers what it hears, or reasons about the end: promises nothing")
    asked = np.array(held(some_talks(name, "random_absolute_tit_for_tat", seed=3)).sides[0].asked)
    assert (np.diff(asked, axis=0) <= 1e-12).all()


def test_who_has_given_in_holds_out_no_more():
    """In a war of attrition, also where the other misjudges what no deal is worth to it and asks for more yet."""
    worlds, rounds = 200, 40
    sides = [
        Side(
            name=name,
            weights=np.array([way]),
            reservation=0.3,
            believed_reservation=0.1,
            tactic=make_tactic("war_of_attrition", {"waiting_cost": 0.05}),
        )
        for name, way in (("us", 1.0), ("them", -1.0))
    ]
    luck = np.random.default_rng(7).uniform(size=(3, rounds, worlds))
    talks = Talks(sides=tuple(sides), low=np.zeros(1), high=np.ones(1), rounds=rounds, worlds=worlds, luck=luck)
    for side in held(talks).sides:
        asked = np.array(side.asked)
        assert set(np.unique(asked.round(9))) <= {0.3, 0.9, 1.0}  # 1: it never had its say
        assert (np.diff(asked, axis=0) <= 0).all() and (asked[-1] == 0.3).mean() > 0.5


@EVERY_TACTIC
def test_a_block_of_worlds_equals_the_worlds_one_by_one(name):
    block = some_talks(name, "linear", seed=4).hold_all()
    for world in range(WORLDS):
        alone = some_talks(name, "linear", seed=4, world=world).hold_all()
        assert alone.agreed_round[0] == block.agreed_round[world]
        assert np.array_equal(alone.package[:, 0], block.package[:, world], equal_nan=True)


@EVERY_TACTIC
def test_what_it_was_handed_comes_back_unchanged(name):
    talks = some_talks(name, "linear", seed=5)
    for _ in range(5):
        talks.hold_round()
    moment = talks.moment(talks.sides[0])
    handed = [moment.reservation, moment.others_reservation, moment.last_offer, moment.uniform]
    handed += [*moment.asked, *moment.heard, moment.frontier.own, moment.frontier.other]
    before = [array.copy() for array in handed]
    tactic = talks.sides[0].tactic
    tactic.offer(tactic.aspiration(moment), moment)
    tactic.accepts_from(moment)
    assert all(np.array_equal(was, now) for was, now in zip(before, handed, strict=True))


@EVERY_TACTIC
def test_draws_only_if_it_says_so(name):
    if ALL_TACTICS[name].draws:
        pytest.skip("draws")
    first, second = some_talks(name, "linear", seed=6), some_talks(name, "linear", seed=6)
    second.luck = None
    assert np.array_equal(first.hold_all().package, second.hold_all().package, equal_nan=True)


@EVERY_TACTIC
def test_says_whose_idea_it_is(name):
    tactic = ALL_TACTICS[name]
    told = f"{inspect.getmodule(tactic).__doc__} {tactic.__doc__}"
    assert re.search(r"Sources?: .*\(\d{4}\)", told, flags=re.DOTALL)


@EVERY_TACTIC
def test_a_scenario_can_give_its_numbers(name):
    own = {field.name for field in fields(ALL_TACTICS[name]) if field.name != "window"}  # a length, not a number
    assert own <= set(Bargainer.model_fields)


def test_a_number_that_a_scenario_leaves_out_keeps_its_default():
    assert make_tactic("fixed", {"stand": None, "speed": 2.0}).stand == 0.8
    assert make_tactic("fixed", {"stand": 0.5}).stand == 0.5


def test_an_unknown_tactic_is_refused_with_the_nearest_known():
    with pytest.raises(WrongInput, match="boulware"):
        make_tactic("boulwar")


def test_the_page_on_tactics_adds_one_in_under_twenty_lines(tmp_path, monkeypatch):
    """Does what docs/tactics.md says: a file, and a line in the list; the suite then covers it."""
    page = (Path(__file__).parents[2] / "docs" / "tactics.md").read_text()
    example = re.search(r"```python\n(# agents/tactics/(\w+)\.py\n.*?)```", page, flags=re.DOTALL)
    assert len(example.group(1).strip().splitlines()) < 20
    (tmp_path / f"{example.group(2)}.py").write_text(example.group(1))
    monkeypatch.syspath_prepend(tmp_path)
    name, new = re.search(r'^ +"(\w+)": (\w+),$', page, flags=re.MULTILINE).groups()
    monkeypatch.setitem(ALL_TACTICS, name, getattr(importlib.import_module(example.group(2)), new))
    test_never_asks_for_less_than_no_deal_is_worth_nor_for_more_than_its_ideal(name, "linear", "alternating_offers")
    test_makes_no_deal_worse_than_none(name)
    test_never_raises_its_demand_if_it_promises_so(name)
    test_a_block_of_worlds_equals_the_worlds_one_by_one(name)
    test_says_whose_idea_it_is(name)
