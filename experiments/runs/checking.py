"""Is a results folder still what it was, and does it say what its rows say? Nothing is written."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.runs.carried import files_named
from experiments.runs.events import NAME as EVENTS
from experiments.runs.manifest import changed_files, read_manifest, require_sound, table_of
from experiments.runs.parts import columns_of
from experiments.runs.recorded import check_again
from experiments.runs.replay import Runs
from experiments.runs.results_table import SummaryFile
from experiments.runs.store import Folder
from experiments.runs.table_hash import TableDigest
from experiments.runs.task_order import spread_over
from experiments.runs.tasks import MODEL, code_sha256
from sim.errors import WrongInput

REPLAYED = 8  # rows, unless another number is asked for


def verify(path: Path, *, rows: int = REPLAYED, model: Any = MODEL, load: Any = None) -> dict[str, Any]:
    """Hold a folder against itself: every file's hash, the table's, the summary, and some rows simulated again.

    Raises: WrongInput if it is no results folder or its manifest is damaged.
    """
    checks: list[dict[str, Any]] = []

    def check(name: str, look: Callable[[], str]) -> None:
        """``look`` says what it found; it raises where that is wrong."""
        try:
            checks.append({"check": name, "sound": True, "found": look()})
        except (WrongInput, OSError, ValueError, KeyError, TypeError) as error:  # ArrowInvalid is a ValueError
            checks.append({"check": name, "sound": False, "found": " ".join(str(error).split())})

    with Folder.open(path) as folder:
        check("files", lambda: _files(folder))
        if not folder.complete:
            check("parts", lambda: _parts(folder))
        if folder.manifest.get("table_sha256"):
            check("table", lambda: _table_again(folder))
            check("summary", lambda: _summary_again(folder))
            if rows:
                check("replay", lambda: _rows_again(folder, rows, model, load))
            if folder.manifest.get("happenings"):
                check("record", lambda: _record_again(folder, rows, model, load))
        state = folder.manifest["state"]
    return {"folder": str(path), "state": state, "sound": all(c["sound"] for c in checks), "checks": checks}


def require_finished(path: Path) -> dict[str, Any]:
    """The manifest of a folder that is complete, and whose files, table and summary are what they were.

    Raises: WrongInput if it is not.
    """
    manifest = read_manifest(path)
    if manifest["state"] != "complete":
        raise WrongInput(f"{path}: is {manifest['state']}, not complete; 'planb resume {path}' goes on with it")
    for check in verify(path, rows=0)["checks"]:
        if not check["sound"]:
            raise WrongInput(f"{path}: {check['check']}: {check['found']}; 'planb resume {path}' mends what it can")
    return manifest


def _files(folder: Folder) -> str:
    wrong = changed_files(folder.path, folder.manifest)
    if wrong:
        raise WrongInput("; ".join(f"{name} {what}" for name, what in wrong.items()))
    known = {folder.path / name for name in [*folder.manifest["files"], "manifest.json", ".lock"]}
    parts = folder.path / "parts"
    others = [p for p in folder.path.rglob("*") if p.is_file() and p not in known and parts not in p.parents]
    drawn = f"; {len(others)} made from them later (figures, pages) are not covered" if others else ""
    return f"{len(known) - 1} files are as they were written{drawn}"


def _parts(folder: Folder) -> str:
    if folder.damaged:
        raise WrongInput(f"{len(folder.damaged)} damaged, first {folder.damaged[0].name}")
    return f"{len(folder.parts)} finished parts are as they were written"


def _table_again(folder: Folder) -> str:
    digest, rounded = TableDigest(), TableDigest(rounded=True)
    points = folder.points()
    for columns in _columns(folder):
        for name, values in points.rows(columns["point"]).items():
            if not np.array_equal(columns[name], values):
                raise WrongInput(f"column {name} is not what points.parquet says")
            columns[name] = values
        digest.update(columns)
        rounded.update(columns)
    for name, found in (("table_sha256", digest), ("rounded_sha256", rounded)):
        if folder.manifest["rows"] and found.hexdigest() != folder.manifest[name]:
            raise WrongInput(f"{name} of the rows is {found.hexdigest()}, not {folder.manifest[name]}")
    if digest.rows != folder.manifest["rows"]:
        raise WrongInput(f"{digest.rows:,} rows, not {folder.manifest['rows']:,}")
    return f"{digest.rows:,} rows have the hashes that the manifest gives"


def _columns(folder: Folder, *, without: Collection[str] = ()) -> Iterator[dict[str, NDArray[Any]]]:
    """The table row group by row group."""
    file = table_of(folder.path, folder.manifest)
    for group in range(file.num_row_groups):
        yield columns_of(file.read_row_group(group), without)


def _summary_again(folder: Folder) -> str:
    """The summary anew from the rows: counts must be the same, shares and means as far as their digits go."""
    import pandas as pd

    require_sound(folder.path, folder.manifest, "summary.csv")
    kept, asked = pd.read_csv(folder.path / "summary.csv"), np.zeros(folder.order.points, np.int64)
    asked[kept["point"]] = kept["n"] + kept["failed"]
    with tempfile.TemporaryDirectory() as scratch:
        sums = SummaryFile(Path(scratch) / "summary.csv", folder.points(), asked, next(_measures(folder), {}))
        sums.begin_chunk(np.arange(folder.order.points))
        for columns in _measures(folder):
            sums.add(columns)
        sums.end_chunk()
        sums.close()
        anew = pd.read_csv(sums.path)
    for name in anew.columns:
        a, b = anew[name], kept[name]
        same = np.allclose(a, b, rtol=1e-5, equal_nan=True) if a.dtype.kind == "f" else a.equals(b)
        if not same:
            raise WrongInput(f"column {name} is not what the rows give")
    return f"{len(kept):,} points: counts, rates, intervals and means are what the rows give"


def _measures(folder: Folder) -> Iterator[dict[str, NDArray[Any]]]:
    """The table piece by piece, without the parameters of its points."""
    for columns in _columns(folder, without=folder.manifest["parameters"]):
        if len(columns["point"]):
            yield columns


def _rows_again(folder: Folder, rows: int, model: Any, load: Any) -> str:
    """Simulate rows spread over the table again; every column must be the same to the bit."""
    if why := _cannot_replay(folder):
        return f"no row replayed: {why}"
    runs, total = Runs(folder.path, model=model, load=load), int(folder.manifest["rows"])
    wanted = spread_over(total, rows)
    for row in wanted:
        again = runs.again(runs.find(str(row)))
        if again.differ:
            where = f"point {again.run.number}, world {again.run.world}"
            raise WrongInput(f"{where}: {', '.join(again.differ)} come out otherwise")
    return f"{len(wanted)} rows simulated again are the same to the bit"


def _record_again(folder: Folder, rows: int, model: Any, load: Any) -> str:
    """The record is of the table's worlds, and some of them happen again."""
    require_sound(folder.path, folder.manifest, EVENTS)
    replayed = rows and not _cannot_replay(folder)
    runs = Runs(folder.path, model=model, load=load) if replayed else None
    return check_again(folder.path, folder.manifest["study"]["record"], runs, rows)


def _cannot_replay(folder: Folder) -> str:
    """Why no world of a folder can be run again, or nothing."""
    if folder.manifest["code_sha256"] != code_sha256():
        return "the model's code is another than the one that ran"
    named = files_named(folder.manifest).values()
    return f"the study was run with {', '.join(named)}, which a folder never has run" if named else ""
