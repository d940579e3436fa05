"""An array whose numbers are not known yet does what NumPy's does, to the type."""

import numpy as np
import pytest

jax = pytest.importorskip("jax")

from sim.accelerator.functions import TracedNumPy  # noqa: E402
from sim.accelerator.places import AsksForNumbers  # noqa: E402
from sim.accelerator.traced import Traced, plain  # noqa: E402

ROWS, WORLDS = 4, 7
RNG = np.random.default_rng(1)
AMOUNTS = RNG.normal(size=(ROWS, WORLDS))
SINGLE = AMOUNTS.astype(np.float32)
COUNTS = RNG.integers(0, 9, size=(ROWS, WORLDS)).astype(np.int32)


def compiled(rule, *arrays):
    """What a rule gives when it is traced and compiled."""

    def traced(*unknown):
        found = rule(TracedNumPy(), *map(Traced, unknown))
        return jax.numpy.asarray(plain(found))

    with jax.enable_x64(True):
        return np.asarray(jax.jit(traced)(*arrays))


def a_row_put_into_the_whole(np, rows):
    rows = rows.copy()
    for row in list(rows)[1:]:
        row -= rows[0]
    rows[-1] = 1.0
    rows[1:3, 2] += 5.0
    return rows


def some_worlds_picked_and_put_back(np, rows):
    here = np.flatnonzero(rows[0] > 0)
    better = rows[1][here] > rows[2][here]
    rows = rows.copy()
    rows[:, here[better]] = -rows[:, here][:, better]
    rows[3][rows[3] < 0] = 0.0
    return rows


def put_where_a_mask_says(np, rows):
    into = np.zeros(rows.shape)
    np.copyto(into, rows, where=rows > 0)
    np.maximum(into, 0.5, out=into)
    return np.add(into, 1.0, out=into, where=rows[0] > 0)


RULES = {
    "a row is a view": a_row_put_into_the_whole,
    "places": some_worlds_picked_and_put_back,
    "out and where": put_where_a_mask_says,
    "sums and extremes": lambda np, rows: np.stack([rows.sum(axis=0), rows.min(axis=0), np.maximum.reduce(rows)]),
    "running sums": lambda np, rows: np.add.accumulate(rows, axis=0),
    "order": lambda np, rows: np.take_along_axis(rows, np.argsort(rows, axis=0, kind="stable"), axis=0),
    "a count of what is true": lambda np, rows: np.add.reduce((rows > 0).view(np.uint8), axis=0, dtype=np.uint8),
    "choice": lambda np, rows: np.where(rows > 0, rows, np.nan),
    "bounds": lambda np, rows: np.clip(rows, -0.5, rows[0]),
    "rows by place": lambda np, rows: rows.take(np.array([2, 0, 2]), axis=0) + np.take(rows, [1], axis=0),
    "a new axis": lambda np, rows: rows[:, None, :] * rows[None, ..., 1:2],
    "known until something unknown is put in": lambda np, rows: _filled(np, rows),
    "of a list": lambda np, rows: np.asarray([rows[0], rows[1], 2.0 * rows[2]]),
}


def _filled(np, rows):
    made = np.ones((2, rows.shape[-1]))
    made[0] = 3.0
    if made[0].all():  # known, so it may be asked
        made[1] = rows[0]
    return made


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
@pytest.mark.parametrize("rows", [AMOUNTS, SINGLE], ids=["double", "single"])
def test_what_a_rule_makes_of_a_traced_array_is_what_it_makes_of_numpy_s(rule, rows):
    expected, found = rule(np, rows), compiled(rule, rows)
    assert found.dtype == expected.dtype
    np.testing.assert_allclose(found, expected, rtol=1e-6 if rows.dtype == np.float32 else 1e-14)


@pytest.mark.parametrize("other", [AMOUNTS, SINGLE, COUNTS, 2, 0.5], ids=["double", "single", "whole", "2", "0.5"])
@pytest.mark.parametrize("one", [AMOUNTS, SINGLE, COUNTS, AMOUNTS > 0], ids=["double", "single", "whole", "true"])
def test_types_meet_as_numpy_has_them_meet(one, other):
    """JAX alone would keep whole numbers times single precision in single precision."""
    both = [one] if np.ndim(other) == 0 else [one, other]

    def rule(np, first, second=other):
        return first * second + np.where(first > 0, second, 1)

    expected, found = rule(np, *both), compiled(rule, *both)
    assert found.dtype == expected.dtype
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_whether_something_holds_in_any_world_is_not_known_so_it_may():
    seen = []
    compiled(
        lambda np, rows: seen.append([(rows > 99).any(), (rows < 99).all(), (rows > 99).any(axis=1)]) or rows, AMOUNTS
    )
    (any_world, all_worlds, by_row) = seen[0]
    assert any_world is True and all_worlds is False and by_row.tolist() == [True] * ROWS


@pytest.mark.parametrize(
    "rule",
    [
        lambda np, rows: rows if rows[0, 0] > 0 else -rows,
        lambda np, rows: rows * float(rows.sum()),
        lambda _, rows: rows + np.asarray(rows),
        lambda _, rows: np.zeros(WORLDS).__iadd__(rows[0]),
        lambda np, rows: rows.view(np.int64),
    ],
    ids=["a branch", "a number", "NumPy's own", "into a known array", "bits"],
)
def test_a_rule_that_looks_at_numbers_is_told_so(rule):
    with pytest.raises(AsksForNumbers):
        compiled(rule, AMOUNTS)
