"""The table of what moves the chambers on town aid."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from experiments.paper.town_aid import Row, rows_of, write


def test_a_row_a_point_counts_only_the_worlds_that_met():
    nan = np.nan
    columns = {
        "point": np.array([0, 0, 0, 0, 1, 1, 1, 1]),
        "governor.request_share": np.array([0.1] * 4 + [0.15] * 4),
        "request_passed": np.array([1, 0, nan, nan, 1, 1, 1, nan]),
        "aid_struck": np.array([1, 0, nan, nan, 0, 0, 1, nan]),
        "aid_spared": np.array([1, 1, nan, nan, 0, 0, 1, nan]),
    }
    base, point = rows_of(columns, {"governor.request_share": 0.1}, ["governor.request_share"])
    assert (base.varied, base.sessions, base.struck, base.refused, base.spared) == ("as it is", 2, 0.5, 0.5, 1.0)
    assert (point.varied, point.value, point.sessions) == ("governor.request_share", 0.15, 3)
    assert point.spared == pytest.approx(1 / 3) and point.refused == 0
    assert point.spared_low < 1 / 3 < point.spared_high


def test_the_table_is_written_as_csv(tmp_path):
    write([Row("as it is", np.nan, 2, 0.5, 0.5, 1.0, 0.34, 1.0)], tmp_path / "tables" / "town_aid.csv")
    with (tmp_path / "tables" / "town_aid.csv").open(encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert row["varied"] == "as it is" and float(row["spared"]) == 1.0
