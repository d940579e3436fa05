"""The shipped case with units that have days, meetings or rumours of their own, or with one ballot for all issues."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path

from sim import load_scenario
from sim.scenario.scenario import Scenario


def in_turn(folder: Path, days_before: Sequence[int]) -> Scenario:
    """A copy whose units vote these days before the count, in the order of the table, over and over."""
    return with_columns(folder / "in-turn", votes_days_before=days_before)


def on_one_ballot(copy: Path, ballot: str) -> Scenario:
    """A copy in which every issue is decided on this ballot."""
    shutil.copytree(load_scenario("connecticut-2011").folder, copy)
    file = copy / "scenario.toml"
    file.write_text(re.sub("^ballot = .*$", f'ballot = "{ballot}"', file.read_text("utf-8"), flags=re.M), "utf-8")
    return load_scenario(copy)


def with_columns(copy: Path, **columns: Sequence[float]) -> Scenario:
    """A copy with more columns in the units' table, filled in the order of its rows, over and over."""
    shutil.copytree(load_scenario("connecticut-2011").folder, copy)
    with (copy / "units.csv").open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    with (copy / "units.csv").open("w", encoding="utf-8", newline="") as table:
        writer = csv.DictWriter(table, [*rows[0], *columns])
        writer.writeheader()
        for row, *added in zip(rows, *map(cycle, columns.values()), strict=False):
            writer.writerow(row | dict(zip(columns, added, strict=True)))
    return load_scenario(copy)
