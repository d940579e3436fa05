"""A compiled crisis is the model's own: the same worlds, the same ends."""

import itertools
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

jax = pytest.importorskip("jax")

from agents.tactics import ALL_TACTICS  # noqa: E402
from sim import load_scenario, simulate, simulate_block  # noqa: E402
from sim.accelerator.compiled import Compiled  # noqa: E402
from sim.accelerator.tracing import traced_block  # noqa: E402
from sim.bargaining.protocols import ALL_PROTOCOLS  # noqa: E402
from sim.errors import ModelFault, WrongInput  # noqa: E402

WORLDS = np.arange(10, 1510)
# A count of ballots is a quantile in single precision, rounded to a whole ballot. With 24 bits and a thousand ballots
# one in 2**14 lies so near to a half that sums in another order turn it; a world has some 130 such counts.
A_BALLOT_OFF = 130 / 2**14  # of the worlds
CASES = {
    "one union": ("single-union", {}),
    "a vote by unit": ("washington-2011", {}),
    "a council of one chamber": ("new-haven-custodians-2011", {}),
    "everybody": ("connecticut-2011", {"calendar.talks.rounds": 3}),
}


def same(one, other):
    """Column by column: in which worlds they agree, amounts to one part in a million, (columns, worlds)."""
    agree = {}
    for name, column in one.columns.items():
        assert other.columns[name].dtype == column.dtype, name
        if column.dtype.kind == "f":
            agree[name] = np.isclose(other.columns[name], column, rtol=1e-6, atol=1e-5, equal_nan=True)
        else:
            agree[name] = other.columns[name] == column
    return agree


@pytest.mark.slow
@pytest.mark.parametrize(("name", "settings"), CASES.values(), ids=CASES.keys())
def test_every_world_ends_as_it_does_without_a_compiler(name, settings):
    case = load_scenario(name).with_settings(settings)
    block, expected = Compiled(case, len(WORLDS)).block(7, WORLDS), simulate_block(case, seed=7, worlds=WORLDS)
    agree = same(expected, block)
    everywhere = np.logical_and.reduce(list(agree.values()))
    assert everywhere.mean() >= 1 - A_BALLOT_OFF, {name: int((~column).sum()) for name, column in agree.items()}
    assert agree["outcome"].mean() > 1 - A_BALLOT_OFF / 5
    assert agree["agreed_round"].all() and agree["tentative_deal"].all()  # no ballots yet
    for by_place in ("unit_posts", "town_loss", "town_mills", "town_layoffs"):
        np.testing.assert_allclose(getattr(block, by_place), getattr(expected, by_place), rtol=1e-2, atol=1e-3)
    for by_vote in ("unit_yes", "union_yes"):
        seen, known = getattr(block, by_vote), getattr(expected, by_vote)
        assert seen.shape == known.shape and seen.dtype == known.dtype
        assert np.isclose(seen, known, atol=1e-5, equal_nan=True).mean() > 1 - A_BALLOT_OFF


def test_seed_worlds_and_numbers_are_given_at_the_run():
    case = load_scenario("single-union")
    crisis = Compiled(case, 300, given=("members.trust",))
    for seed, first, trust in ((1, 0, 0.2), (9, 4000, 1.5)):
        worlds = np.arange(first, first + 300)
        expected = simulate_block(case, seed=seed, worlds=worlds, point={"members.trust": trust})
        agree = same(expected, crisis.block(seed, worlds, {"members.trust": trust}))
        assert all(column.all() for column in agree.values())


def test_worlds_that_are_left_over_are_run_by_numpy():
    runs = simulate("single-union", worlds=4097 + 4096, seed=3, device="cpu")
    assert [len(block.columns["world"]) for block in runs.blocks] == [2731, 2731, 2731]
    runs = simulate("single-union", worlds=2731 * 3 + 2, seed=3, device="cpu")
    assert [len(block.columns["world"]) for block in runs.blocks] == [2731, 2731, 2731, 2]
    assert runs.table["world"].tolist() == list(range(2731 * 3 + 2))
    assert (
        runs.table["outcome"].tolist()
        == simulate("single-union", worlds=2731 * 3 + 2, seed=3).table["outcome"].tolist()
    )


def test_what_cannot_be_compiled_is_refused(tmp_path):
    with pytest.raises(WrongInput, match="device: JAX finds no 'tpu' here"):
        simulate("single-union", worlds=10, device="tpu")
    with pytest.raises(WrongInput, match=r"members\.trust: on a device it is one for all worlds"):
        simulate("single-union", worlds=10, device="cpu", point={"members.trust": np.ones(10)})
    (tmp_path / "own.py").write_text(
        "from agents.tactics.time_dependent import Boulware\n\nclass Mine(Boulware):\n    name = 'mine'\n"
    )
    own = load_scenario("single-union").with_plugins({"governor.tactic": f"{tmp_path}/own.py:Mine"})
    with pytest.raises(WrongInput, match="code of your own"):
        simulate(own, worlds=10, device="cpu")


def traced(name, settings):
    """A case noted as it would be compiled, its columns by name; nothing is run."""
    case = load_scenario(name).with_settings(settings)
    with jax.enable_x64(True):
        return jax.eval_shape(
            lambda: traced_block(case, 50, {}, lambda draw: jax.numpy.empty((draw.rows, 50), draw.dtype))
        )["columns"]


PROTOCOLS, TACTICS = itertools.cycle(ALL_PROTOCOLS), iter([*ALL_TACTICS, "trade_off"])
WAYS = [
    {"governor.tactic": one, "coalition.tactic": other, "calendar.talks.protocol": next(PROTOCOLS)}
    for one, other in zip(TACTICS, TACTICS, strict=False)
]
WAYS += [
    {"calendar.talks.table": "pattern"},
    {"legislature.request": "anticipated", "legislature.rule": "closed"},
    {"legislature.approval": "vote"},
]


@pytest.mark.slow
@pytest.mark.parametrize("settings", WAYS, ids=lambda one: ", ".join(one.values()))
def test_every_tactic_protocol_and_way_of_the_legislature_can_be_compiled(settings):
    columns = traced("connecticut-2011", {"calendar.talks.rounds": 2} | settings)
    assert {column.shape for column in columns.values()} == {(50,)}


def test_a_compiled_column_that_cannot_be_right_is_refused(monkeypatch):
    block = simulate_block(load_scenario("single-union"), seed=1, worlds=np.arange(9))
    broken = replace(block, columns=block.columns | {"savings": np.full(9, np.inf)})
    compiled = SimpleNamespace(worlds=9, block=lambda *_: broken)
    monkeypatch.setattr("sim.accelerator.compiled.compiled_for", lambda *_: compiled)
    with pytest.raises(ModelFault, match="column savings"):
        simulate("single-union", worlds=9, device="cpu")
