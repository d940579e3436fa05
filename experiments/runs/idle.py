"""Swept parameters that changed no world's outcome, and why: a sweep that shows a flat line should say so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.runs.manifest import read_manifest, table_of
from sim.ratification.conditions import AtLeast, Leaf, Share, join
from sim.wording import listed

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.scenario import Scenario

MOST_ROWS = 200_000  # looked at: the first worlds of every point
MOST_NAMED = 4  # measures that it moves
RULE = "rules.ratification."
TALLIES = ("unions_yes_1", "yes_share_1", "bloc_share_1")
COLUMN_OF = {("members", "bloc"): "bloc_share_1", ("ballots", "per_capita"): "yes_share_1"}
ROUNDING = 1e-6  # of a share as it is stored


class Idle(NamedTuple):
    """A parameter that made no difference to how any world ended."""

    parameter: str
    worlds: int  # distinct ones in which points that differ in nothing else were compared
    why: str  # in words, empty where the runs do not tell

    @property
    def words(self) -> str:
        """In a sentence."""
        why = f": {self.why}" if self.why else ""
        return f"{self.parameter} changed the outcome of none of {self.worlds:,} worlds{why}"


def idle_parameters(folder: Path, case: Callable[[], Scenario]) -> list[Idle]:
    """Those among the varied parameters of a finished folder; none where no two points differ in one parameter only.

    ``case`` reads what was run; it is asked only where there is something to say.
    """
    names = read_manifest(folder)["parameters"]
    runs = _first_worlds(folder, names) if names else None
    if runs is None or runs.empty:
        return []
    found = []
    for name in names:
        others = [other for other in names if other != name]
        cells = runs.groupby([*others, "world"], sort=False, observed=True)
        values, outcomes = cells[name].nunique(), cells["outcome"].nunique()
        compared = values > 1
        if compared.any() and (outcomes[compared] == 1).all():
            worlds = int(runs["world"].nunique())
            in_them = runs[cells[name].transform("nunique") > 1]  # what differs otherwise says nothing about this one
            why = _why(case(), in_them, name, names) or _moved(folder, name, others, worlds)
            found.append(Idle(name, worlds, why))
    return found


def _first_worlds(folder: Path, names: list[str]) -> pd.DataFrame | None:
    """Rows of as many first worlds as fit, with what a vote's conditions are read from."""
    import pandas as pd

    file = table_of(folder, read_manifest(folder))
    there = set(file.schema_arrow.names)
    if not {"point", "world", "outcome", *names} <= there:
        return None
    points = max(int(read_manifest(folder)["order"]["points"]), 1)
    worlds = max(MOST_ROWS // points, 1)
    columns = ["point", "world", "outcome", *names, *(name for name in TALLIES if name in there)]
    return pd.read_parquet(
        folder / "runs.parquet", columns=columns, filters=[("world", "<", worlds)], page_checksum_verification=True
    )


def _moved(folder: Path, name: str, others: list[str], worlds: int) -> str:
    """Which measures the parameter moves although the outcome stays."""
    import pandas as pd

    runs = pd.read_parquet(folder / "runs.parquet", filters=[("world", "<", worlds)], page_checksum_verification=True)
    measures = runs.drop(columns=["point", "outcome", name]).select_dtypes(["number", "bool"])
    measures = measures.drop(columns=["world", *others], errors="ignore").astype(float)
    cells = measures.groupby([runs[key] for key in (*others, "world")], sort=False, observed=True)
    moved = (cells.max() != cells.min()) & cells.count().gt(0)
    names = moved.columns[moved.any()].tolist()
    if not names:
        return "it moves nothing else either"
    more = [f"{len(names) - MOST_NAMED} more"] if names[MOST_NAMED:] else []
    return f"it moves {listed(names[:MOST_NAMED] + more)}"


def _why(scenario: Scenario, runs: pd.DataFrame, name: str, names: list[str]) -> str:
    """Of a threshold of the rule of ratification: that its condition always held, or which others failed with it."""
    rule, key = scenario.rules.ratification, scenario.entry(name).key
    varied = {scenario.entry(other).key: other for other in names}
    if not key.startswith(RULE) or not set(TALLIES) <= set(runs.columns):
        return ""
    votes, bodies = runs.dropna(subset=[*TALLIES]), len(scenario.unions.names)
    met = {}
    for path, leaf in rule.condition.leaves():
        threshold = join(path, leaf.threshold or "")
        needed = varied.get(RULE + threshold)
        met[threshold] = leaf, _holds(leaf, votes, None if needed is None else votes[needed], bodies)
    own = met.pop(key.removeprefix(RULE), (None, None))[1]
    if own is None or votes.empty:
        return ""
    if own.all():
        return f"its condition held in every first vote, at {votes[name].max():g} as at {votes[name].min():g}"
    decides = [
        leaf.words(bodies, rule.noun) for leaf, held in met.values() if held is not None and not held[~own].any()
    ]
    return f"wherever its condition failed, {listed(f'“{words}”' for words in decides)} failed too" if decides else ""


def _holds(leaf: Leaf, votes: pd.DataFrame, needed: Any, bodies: int) -> NDArray[np.bool_] | None:
    """In which first votes a condition held, as far as the columns of the runs tell; None where they do not."""
    exactly = isinstance(leaf, AtLeast) or (isinstance(leaf, Share) and leaf.exactly_enough)
    least: Any = needed
    if isinstance(leaf, AtLeast):
        have, least = votes["unions_yes_1"], leaf.at_least if needed is None else needed
    elif isinstance(leaf, Share) and not leaf.share.varies:
        least = float(leaf.share.value) if needed is None else needed
        column = COLUMN_OF.get((leaf.of, leaf.count or ""))
        if column is None and leaf.of not in ("unions", "bodies"):
            return None
        have = votes["unions_yes_1"] / bodies if column is None else votes[column]
    else:
        return None
    margin = have.to_numpy(float) - np.asarray(least, float)
    return margin > -ROUNDING if exactly else margin > ROUNDING
