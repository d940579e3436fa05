"""A results folder for others: plain tables, or a package for an archive of models or data."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from experiments.runs.checking import require_finished
from experiments.runs.files import file_sha256
from sim.errors import WrongInput

ROOT = Path(__file__).parents[2]
ABOUT = {
    "manifest.json": (
        "What is needed to repeat the study: scenario, seeds, versions, hash of the table",
        "application/json",
    ),
    "points.parquet": ("The design: a row a point", "application/vnd.apache.parquet"),
    "columns.csv": ("What every column means: name, unit, meaning, kind, when it is blank", "text/csv"),
    "runs.parquet": ("The runs: a row a world", "application/vnd.apache.parquet"),
    "runs.csv": ("The runs: a row a world", "text/csv"),
    "events.parquet": (
        "What happened in the first worlds of every point: a row a happening, with who, when and its amounts",
        "application/vnd.apache.parquet",
    ),
    "summary.csv": ("Rates and intervals: a row a point", "text/csv"),
    "contour.csv": ("Where the deal rate crosses the level asked for", "text/csv"),
    "failures.jsonl": ("Runs that raised, with the command that replays them", "application/jsonl"),
}


FORMULA = (r"\A([=+@\t\r-])", r"'\1")  # what a spreadsheet would run it shows when an apostrophe stands before it


def export(folder: Path, kind: str, out: Path | None = None) -> Path:
    """Write a finished folder as ``csv``, ``comses`` or ``rocrate``; returns what was written.

    Raises: WrongInput if the study is not complete, the folder is not what it was, or the target exists.
    """
    manifest = require_finished(folder)
    if kind == "csv":
        return to_csv(folder, out or folder / "runs.csv")
    target = out or folder.with_name(f"{folder.name}-{kind}.zip")
    if target.exists():
        raise WrongInput(f"{target}: exists already; choose another --out")
    return to_comses(folder, manifest, target) if kind == "comses" else to_rocrate(folder, manifest, target)


def to_csv(folder: Path, target: Path) -> Path:
    """runs.parquet as text, for R, Stata and spreadsheets; a field is empty where a phase did not happen."""
    import pyarrow
    from pyarrow import compute, csv, parquet

    runs = parquet.ParquetFile(folder / "runs.parquet", page_checksum_verification=True)
    writer = None
    for group in range(runs.num_row_groups):
        table = runs.read_row_group(group)
        for place, field in enumerate(table.schema):
            column = table.column(place)
            if pyarrow.types.is_dictionary(field.type) or pyarrow.types.is_string(field.type):
                words = compute.replace_substring_regex(column.cast(pyarrow.string()), *FORMULA)
                table = table.set_column(place, field.name, words)
            elif pyarrow.types.is_floating(field.type):
                known = compute.if_else(compute.is_nan(column), pyarrow.scalar(None, field.type), column)
                table = table.set_column(place, field.name, known)
        if writer is None:
            writer = csv.CSVWriter(target, table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()
    return target


def to_rocrate(folder: Path, manifest: dict[str, Any], target: Path) -> Path:
    """A zip that is an RO-Crate 1.1: the folder's files and a description that machines read."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as crate:
        files = list(_results(folder))
        crate.writestr("ro-crate-metadata.json", json.dumps(_crate(folder, manifest, files), indent=2))
        for path in files:
            crate.write(path, path.relative_to(folder).as_posix())
    return target


def to_comses(folder: Path, manifest: dict[str, Any], target: Path) -> Path:
    """A zip in the layout of the CoMSES Model Library: code, data, docs, results, and codemeta.json."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("codemeta.json", json.dumps(codemeta(manifest), indent=2))
        for package in ("sim", "agents", "experiments"):
            for path in sorted((ROOT / package).rglob("*")):
                if path.is_file() and "__pycache__" not in path.parts:
                    archive.write(path, f"code/{path.relative_to(ROOT).as_posix()}")
        for name in ("pyproject.toml", "README.md", "LICENSE", "CITATION.cff"):
            if (ROOT / name).is_file():
                archive.write(ROOT / name, f"code/{name}")
        for path in sorted((ROOT / "docs").rglob("*.md")):
            archive.write(path, f"docs/{path.relative_to(ROOT / 'docs').as_posix()}")
        for path in _results(folder):
            archive.write(path, f"results/{path.relative_to(folder).as_posix()}")
    return target


def codemeta(manifest: dict[str, Any]) -> dict[str, Any]:
    """The software that made these results, in the words of CodeMeta 3."""
    return {
        "@context": "https://w3id.org/codemeta/3.0",
        "@type": "SoftwareSourceCode",
        "name": "planb",
        "version": manifest["planb"],
        "description": metadata.metadata("planb")["Summary"],
        "license": "https://spdx.org/licenses/MIT",
        "programmingLanguage": f"Python {manifest['python']}",
        "softwareRequirements": [f"{name}=={version}" for name, version in manifest["packages"].items() if version],
        "identifier": manifest["commit"] or manifest["code_sha256"],
    }


def _crate(folder: Path, manifest: dict[str, Any], files: list[Path]) -> dict[str, Any]:
    study = manifest["study"]
    described = [_file(folder, path) for path in files]
    software = {
        "@id": "#planb",
        "@type": "SoftwareApplication",
        "name": "planb",
        "version": manifest["planb"],
        "identifier": manifest["commit"] or manifest["code_sha256"],
    }
    action = {
        "@id": "#run",
        "@type": "CreateAction",
        "name": f"Run of the study {study['name']}",
        "endTime": manifest["finished"],
        "instrument": {"@id": "#planb"},
        "result": [{"@id": entry["@id"]} for entry in described],
    }
    dataset = {
        "@id": "./",
        "@type": "Dataset",
        "name": study["name"],
        "description": study.get("question") or f"{manifest['rows']:,} simulated worlds of {study['scenario']}",
        "datePublished": manifest["finished"],
        "license": {"@id": "https://spdx.org/licenses/MIT"},
        "hasPart": [{"@id": entry["@id"]} for entry in described],
        "mentions": [{"@id": "#run"}],
    }
    descriptor = {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        "about": {"@id": "./"},
    }
    licence = {"@id": "https://spdx.org/licenses/MIT", "@type": "CreativeWork", "name": "MIT License"}
    graph = [descriptor, dataset, licence, software, action, *described]
    return {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph}


def _file(folder: Path, path: Path) -> dict[str, Any]:
    name = path.relative_to(folder).as_posix()
    other = "The case that was run" if name.startswith("scenario/") else "A figure, the numbers in it, or its caption"
    description, media = ABOUT.get(name, (other, ""))
    entry = {"@id": name, "@type": "File", "name": name, "description": description, "sha256": file_sha256(path)}
    return entry | {"contentSize": str(path.stat().st_size)} | ({"encodingFormat": media} if media else {})


def _results(folder: Path) -> Iterator[Path]:
    yield from (folder / name for name in ABOUT if (folder / name).is_file())
    for below in ("scenario", "figures"):
        yield from (path for path in sorted((folder / below).rglob("*")) if path.is_file())
