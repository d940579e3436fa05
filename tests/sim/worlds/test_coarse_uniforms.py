"""Coarse uniforms: a world's luck is the same in any block, and is uniform."""

from __future__ import annotations

import numpy as np
import pytest

from sim.worlds.randomness import Stream, coarse, uniform_at


@pytest.mark.parametrize("worlds", [[5], [3, 4, 5, 6], [9, 5, 731_204, 5], [5, 0]])
def test_world_five_is_the_same_in_any_block(worlds):
    alone = uniform_at(coarse(2011, Stream.MAYORS, np.array([5]), 169))[:, 0]
    block = uniform_at(coarse(2011, Stream.MAYORS, np.array(worlds), 169))
    assert block.shape == (169, len(worlds))
    for place in np.flatnonzero(np.array(worlds) == 5):
        assert np.array_equal(block[:, place], alone)


def test_seeds_streams_and_worlds_differ():
    def drawn(seed, stream, world):
        return uniform_at(coarse(seed, stream, np.array([world]), 32)).ravel()

    base = drawn(1, Stream.MAYORS, 0)
    for other in (drawn(2, Stream.MAYORS, 0), drawn(1, Stream.TOWN_UNIONS, 0), drawn(1, Stream.MAYORS, 1)):
        assert not np.array_equal(base, other)


def test_they_are_uniform_and_never_reach_an_end():
    """Share below each tenth, within four and a half standard errors of 320,000 draws; neighbours are uncorrelated."""
    drawn = uniform_at(coarse(7, Stream.MAYORS, np.arange(20_000), 16))
    assert 0 < drawn.min() < 1e-4 and 1 - 1e-4 < drawn.max() < 1
    for tenth in np.linspace(0.1, 0.9, 9):
        assert (drawn < tenth).mean() == pytest.approx(tenth, abs=4.5 * np.sqrt(tenth * (1 - tenth) / drawn.size))
    assert np.abs(np.corrcoef(drawn) - np.eye(16)).max() < 5 / np.sqrt(20_000)


def test_the_numbers_of_a_known_world_never_change():
    drawn = uniform_at(coarse(2011, Stream.MAYORS, np.array([0]), 4)).ravel()
    assert np.array_equal(np.round(drawn * 65_536 - 0.5), [45_869, 24_746, 7_209, 24_844])
