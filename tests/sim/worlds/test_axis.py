"""Sums over rows: world by world, and never over worlds."""

from __future__ import annotations

import numpy as np
import pytest

from sim.worlds.axis import weighted_sum


def test_a_weighted_sum_is_over_rows_in_each_world():
    rows = np.array([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]])
    np.testing.assert_array_equal(weighted_sum(rows, np.array([1.0, 0.5, 2.0])), [8.0, 80.0])


def test_rows_without_worlds_are_refused_and_not_taken_for_one_row():
    with pytest.raises(ValueError, match=r"\(rows, worlds\), got \(3,\)"):
        weighted_sum(np.array([1.0, 2.0, 3.0]), np.array([1.0, 0.5, 2.0]))
