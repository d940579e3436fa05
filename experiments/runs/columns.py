"""What every column of a results folder means: ``columns.csv``, which lies in the folder from the start.

A row a column: name, unit, meaning, kind, and when it is blank. ``kind`` is ``key`` (which row it is), ``parameter``
(what the study varies), ``measure`` (what came of it) or ``summary`` (columns that only summary.csv has).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from experiments.runs.files import disk, write_atomically
from experiments.runs.manifest import hashes_of
from experiments.runs.store import Folder
from experiments.runs.study import Prepared
from sim.measures import described_measures
from sim.outcomes import OUTCOMES

NAME = "columns.csv"
FIELDS = ("name", "unit", "meaning", "kind", "blank")
KEYS = (
    ("point", "number", "Point of the design: its row in points.parquet, from 0"),
    ("world", "address", "World: the same address has the same luck in every point"),
)
COUNTS = (
    ("n", "worlds", "Worlds of the point that have a row in runs.parquet"),
    ("failed", "worlds", "Worlds of the point that have none, see failures.jsonl"),
    ("deals", "worlds", "Worlds with a deal among the n"),
    ("deal_rate", "share of worlds", "deals / n"),
    ("low", "share of worlds", "Lower end of the 95 % Wilson interval of the deal rate"),
    ("high", "share of worlds", "Upper end of the 95 % Wilson interval of the deal rate"),
)
STOPPED = ("stopped", "word", "Why the point has no more worlds: precise, cap or failures")


def described_columns(prepared: Prepared) -> Iterator[dict[str, str]]:
    """Every column that runs.parquet will have, in its order, then those of summary.csv alone."""
    study = prepared.study
    described = {row["name"]: row for row in described_measures(prepared.scenario)}
    kept = [described[name] for name in study.measures or described]
    yield from (_row(*key, "key") for key in KEYS)
    yield from _parameters(prepared)
    for row in kept:
        yield _row(row["name"], row["unit"], row["meaning"], "measure", row["blank"])
    yield from (_row(*count, "summary") for count in COUNTS)
    if study.precision is not None:
        yield _row(*STOPPED, "summary")
    for outcome in OUTCOMES if "outcome" in (study.measures or described) else ():
        yield _row(outcome, "share of worlds", f"Worlds of the n that end as {outcome}", "summary")
    for row in kept:
        if row["name"] not in ("outcome", "deal"):
            unit = "share of worlds" if row["unit"] == "true or false" else row["unit"]
            where = " where it is not blank" if row["blank"] else ""
            yield _row(f"mean_{row['name']}", unit, f"Mean of {row['name']}{where}", "summary")


def keep_columns(folder: Folder, prepared: Prepared) -> None:
    """Write them, unless they lie in the folder as they were written."""
    path = folder.path / NAME
    known = folder.manifest["files"].get(NAME)
    if known and path.is_file() and hashes_of(folder.path, [path])[NAME] == known:
        return
    text = io.StringIO()
    table = csv.DictWriter(text, FIELDS, lineterminator="\n")
    table.writeheader()
    table.writerows(described_columns(prepared))
    with disk(folder.path):
        write_atomically(path, text.getvalue().encode())
    folder.save_manifest(files=folder.files([NAME]))


def _parameters(prepared: Prepared) -> Iterator[dict[str, str]]:
    """What the study varies; of an entry of the scenario that is no parameter, such as a date, only where it stands."""
    known = {row["name"]: row for row in prepared.scenario.parameters()}
    for name in prepared.points.names:
        key = prepared.scenario.entry(name).key
        about = known.get(key, {"unit": "as in the scenario", "meaning": f"{key} of the scenario"})
        yield _row(name, about["unit"], about["meaning"], "parameter")


def _row(name: str, unit: str, meaning: str, kind: str, blank: str = "") -> dict[str, str]:
    return dict(zip(FIELDS, (name, unit, " ".join(meaning.split()), kind, blank), strict=True))
