"""A results folder as charts read it: its tables, its varied parameters, its case."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.charts.words import AXIS_LINE, in_lines, label_of
from experiments.statistics.paired_tests import is_share
from sim.errors import WrongInput, nearest

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.scenario import Scenario

RUNS = "runs"
PLAIN_UNITS = ("one of the named", "true or false", "as in the scenario", "share", "ratio", "bodies")  # say nothing new


class Results:
    """The tables in one folder, read column by column when asked for.

    Raises: WrongInput if there is no such folder, or it holds neither runs nor tables.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        if not self.folder.is_dir():
            raise WrongInput(f"{self.folder}: no such results folder")
        tables = [*self.folder.glob("*.csv"), *(self.folder / "tables").glob("*.csv")]
        if not self.path_of(RUNS).is_file() and not tables:
            raise WrongInput(
                f"{self.folder}: is not a results folder; it has no runs.parquet and no tables/*.csv{self.unfinished}"
            )

    def path_of(self, table: str) -> Path:
        """Where a table is: runs.parquet, or tables/NAME.csv, or NAME.csv beside it."""
        if table == RUNS:
            return self.folder / "runs.parquet"
        beside = self.folder / f"{table}.csv"
        return beside if beside.is_file() else self.folder / "tables" / f"{table}.csv"

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The folder's manifest, empty where it has none."""
        path = self.folder / "manifest.json"
        try:
            return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        except ValueError as error:
            raise WrongInput(f"{path}: is damaged: {error}") from None

    @property
    def unfinished(self) -> str:
        """That the study is, and how to go on; nothing where it is not."""
        running = self.manifest.get("state", "complete") != "complete"
        return f"; the study is unfinished: 'planb resume {self.folder}'" if running else ""

    @cached_property
    def parameters(self) -> list[str]:
        """The parameters that differ between points: as the manifest says, else the columns from world to outcome."""
        if "parameters" in self.manifest:
            return list(self.manifest["parameters"])
        names = self.columns(RUNS)
        if not {"world", "outcome"} <= set(names):
            return []
        return [name for name in names[names.index("world") + 1 : names.index("outcome")] if name != "point"]

    @property
    def one_at_a_time(self) -> bool:
        """Does the study's design move one parameter at a time?"""
        design = self.manifest.get("study", {}).get("design")
        return isinstance(design, dict) and design.get("kind") == "one_at_a_time"

    @cached_property
    def measures(self) -> list[str]:
        """Columns of the runs that hold a number or a switch about how a world went."""
        if not self.path_of(RUNS).is_file():
            return []
        import pyarrow.parquet as pq

        kinds = {field.name: str(field.type) for field in pq.read_schema(self.path_of(RUNS))}
        about = {"point", "world", "outcome", *self.parameters}
        return [
            name for name, kind in kinds.items() if name not in about and kind.startswith(("int", "fl", "do", "bo"))
        ]

    @cached_property
    def _units(self) -> dict[str, str]:
        """Units of the columns, as columns.csv has them; nothing where the folder has no such file."""
        path = self.folder / "columns.csv"
        if not path.is_file():
            return {}
        with path.open(encoding="utf-8", newline="") as file:
            return {row["name"]: row["unit"] for row in csv.DictReader(file)}

    def axis(self, parameter: str) -> str:
        """How an axis names a parameter: with its unit, where that is one that can be told apart from others."""
        unit = self._units.get(parameter, "")
        label = f"{label_of(parameter)}, {unit}" if unit and unit not in PLAIN_UNITS else label_of(parameter)
        return in_lines(label, AXIS_LINE)

    def is_share(self, measure: str) -> bool:
        """Is this measure a yes or no wherever it is known?"""
        return is_share(self.table(RUNS, [measure])[measure])

    def matters(self, measure: str) -> float | None:
        """The smallest effect on this measure that the study calls of interest, if it declares one."""
        return self.manifest.get("study", {}).get("matters", {}).get(measure)

    @cached_property
    def scenario(self) -> Scenario | None:
        """The case that was run, None where the folder does not say."""
        if "study" not in self.manifest:
            return None
        from experiments.runs.carried import study_in

        return study_in(self.folder, self.manifest).prepare().scenario

    def columns(self, table: str) -> list[str]:
        """The columns of a table, none where there is no such table."""
        path = self.path_of(table)
        if not path.is_file():
            return []
        if table == RUNS:
            import pyarrow.parquet as pq

            return list(pq.read_schema(path).names)
        return path.open(encoding="utf-8").readline().strip().split(",")

    def runs(self, columns: Sequence[str]) -> pd.DataFrame:
        """These columns of the runs, and ``world`` where there is one. Raises `WrongInput`."""
        return self.table(RUNS, list(dict.fromkeys([*({"world"} & set(self.columns(RUNS))), *columns])))

    def table(self, name: str, columns: Sequence[str]) -> pd.DataFrame:
        """These columns of a table; a CSV whole. Raises: WrongInput if it or one of them is missing."""
        import pandas as pd

        from experiments.runs.manifest import require_sound

        path = self.path_of(name)
        if not path.is_file():
            raise WrongInput(f"{path}: is missing{self.unfinished}")
        there = self.columns(name)
        for column in columns:
            if column not in there:
                raise WrongInput(f"{path}: has no column {column!r}{nearest(column, there)}")
        if path.parent == self.folder:
            require_sound(self.folder, self.manifest, path.name)
        if name == RUNS:
            return pd.read_parquet(path, columns=list(columns), page_checksum_verification=True)
        return pd.read_csv(path)
