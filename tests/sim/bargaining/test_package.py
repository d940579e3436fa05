"""Packages and their frontier: the best offer is a knapsack, checked against a linear programme."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from sim.bargaining.frontier import Frontier
from sim.bargaining.package import Issue, scale, value_of

WORLDS = 7


def some_frontier(seed: int, issues: int = 6, *, common: bool = False) -> tuple[Frontier, np.ndarray, np.ndarray]:
    """Random weights over random bounds; opposed on every issue unless ``common``."""
    random = np.random.default_rng(seed)
    low = random.uniform(-2, 1, issues)
    high = low + random.uniform(0.5, 3, issues)
    own = random.normal(size=(issues, WORLDS)) * 100
    other = -np.sign(own) * random.exponential(size=(issues, WORLDS))
    if common:
        other *= random.choice([-1.0, 0.0, 1.0], size=other.shape)
        own *= random.choice([0.0, 1.0], size=own.shape, p=[0.2, 0.8])
    return Frontier(own, other, low, high), low, high


@pytest.mark.parametrize("seed", range(10))
def test_the_owner_gets_exactly_what_it_aspires_to(seed):
    frontier, low, high = some_frontier(seed)
    aspiration = np.random.default_rng(seed).uniform(0, 1, WORLDS)
    package = frontier.offer(aspiration)
    assert np.allclose(frontier.own_value(package), aspiration, atol=1e-9)
    assert (package >= low[:, None] - 1e-9).all() and (package <= high[:, None] + 1e-9).all()


@pytest.mark.parametrize("common", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_no_package_within_the_bounds_gives_the_other_more(seed, common):
    frontier, low, high = some_frontier(seed, common=common)
    aspiration = np.random.default_rng(seed).uniform(0, 1, WORLDS)
    package = frontier.offer(aspiration)
    own, other = np.broadcast_to(frontier.own, package.shape), np.broadcast_to(frontier.other, package.shape)
    needed = frontier.scale.back(aspiration)
    for world in range(WORLDS):
        best = linprog(
            -other[:, world], A_ub=-own[None, :, world], b_ub=-needed[world], bounds=list(zip(low, high, strict=True))
        )
        assert value_of(package, other)[world] == pytest.approx(-best.fun, abs=1e-6)


@pytest.mark.parametrize("common", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_corner_points_are_monotone_and_the_frontier_is_concave(seed, common):
    frontier, *_ = some_frontier(seed, common=common)
    own, other = frontier.corners()
    gained, lost = np.diff(own, axis=0), -np.diff(other, axis=0)
    assert (gained >= -1e-9).all() and (lost >= -1e-9).all()
    price = np.where(gained > 1e-9, lost / np.maximum(gained, 1e-9), np.inf)  # of a unit of gain
    assert (price[1:] >= price[:-1] - 1e-9).all()
    assert np.allclose(own[-1], frontier.scale.ideal) and np.allclose(other[0], frontier.others_scale.ideal)


@pytest.mark.parametrize("common", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_what_is_left_when_the_other_gets_its_due_is_the_frontier_read_the_other_way(seed, common):
    frontier, *_ = some_frontier(seed, common=common)
    floor = frontier.own_value(frontier.offer(np.zeros(WORLDS)))
    aspiration = floor + (1 - floor) * np.random.default_rng(seed).uniform(0.01, 1, WORLDS)
    for_other = frontier.others_value(frontier.offer(aspiration))
    assert np.allclose(frontier.own_when_other_gets(for_other), aspiration, atol=1e-7)
    assert (frontier.own_when_other_gets(1.1) == -np.inf).all()


def test_a_block_gives_bit_for_bit_what_its_worlds_give_one_by_one():
    frontier, low, high = some_frontier(3, common=True)
    aspiration = np.linspace(0, 1, WORLDS)
    block = frontier.offer(aspiration)
    for world in range(WORLDS):
        alone = Frontier(frontier.own[:, world], frontier.other[:, world : world + 1], low, high)
        assert np.array_equal(alone.offer(aspiration[world : world + 1])[:, 0], block[:, world])


def test_weights_may_be_the_same_in_all_worlds():
    frontier = Frontier(np.array([2.0, 1.0]), np.array([-1.0, -1.0]), np.zeros(2), np.ones(2))
    assert np.allclose(frontier.offer(np.array([0.5, 5 / 6])), [[0.75, 1.0], [0.0, 0.5]])


def test_a_side_that_cares_for_nothing_leaves_the_other_its_ideal():
    frontier = Frontier(np.zeros(2), np.array([1.0, -1.0]), np.zeros(2), np.ones(2))
    assert np.allclose(frontier.offer(np.array([0.3])), [[1.0], [0.0]])


def test_the_scale_runs_from_the_worst_package_to_the_ideal_one():
    ruler = scale(np.array([2.0, -3.0]), np.zeros(2), np.array([1.0, 2.0]))
    assert (ruler.worst, ruler.ideal) == (-6.0, 2.0)
    assert ruler.of(-2.0) == 0.5 and ruler.back(0.5) == -2.0


def test_an_issue_whose_range_runs_backwards_is_refused():
    fact = {"fact": 0.5, "source": "made up"}
    with pytest.raises(ValueError, match="low < high"):
        Issue(
            name="pay", unit="%", range=(3, 0), ballot="wages", saves=fact, structural=fact, burden=fact, protects=fact
        )
