"""The shipped case with units that vote on days of their own."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path

from sim import load_scenario
from sim.scenario.scenario import Scenario


def in_turn(folder: Path, days_before: Sequence[int]) -> Scenario:
    """A copy whose units vote these days before the count, in the order of the table, over and over."""
    copy = folder / "in-turn"
    shutil.copytree(load_scenario("connecticut-2011").folder, copy)
    with (copy / "units.csv").open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    with (copy / "units.csv").open("w", encoding="utf-8", newline="") as table:
        writer = csv.DictWriter(table, [*rows[0], "votes_days_before"])
        writer.writeheader()
        writer.writerows(row | {"votes_days_before": days} for row, days in zip(rows, cycle(days_before), strict=False))
    return load_scenario(copy)
