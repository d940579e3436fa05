"""A manifest: what is needed to repeat a study, and to notice that something is no longer what it was."""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from experiments.runs.files import file_sha256, readable, write_atomically
from sim.errors import WrongInput

NAME, OWN, TABLE = "manifest.json", "manifest_sha256", "runs.parquet"
FORMAT = 2  # of a results folder; a change that older code would misread takes a new number
PACKAGES = ("planb", "numpy", "scipy", "mesa", "pyarrow", "pydantic", "SALib")
IDENTITY = ("format", "planb", "study", "scenario_sha256", "points_sha256", "code_sha256", "order", "shard")


def provenance() -> dict[str, Any]:
    """Versions, commit and machine: what a reader needs to get the same numbers again."""
    return {
        "planb": metadata.version("planb"),
        "packages": {name: version_of(name) for name in PACKAGES},
        "python": platform.python_version(),
        "platform": platform.platform(),
        **_commit(),
    }


def read_manifest(path: Path) -> dict[str, Any]:
    """The manifest of a results folder.

    Raises: WrongInput if there is none, it cannot be read, it was changed, or its format is another than ours.
    """
    file = path / NAME
    if not file.exists():
        raise WrongInput(f"{path}: no such results folder (it has no {NAME})")
    try:
        with readable(file):
            text = file.read_bytes()
        manifest = json.loads(text.decode())
    except (ValueError, OSError) as error:
        raise WrongInput(f"{file}: is damaged: {error}") from None
    found = manifest.get("format") if isinstance(manifest, dict) else None
    if found != FORMAT:
        raise WrongInput(f"{file}: format {found!r} is of another version of planb; this one reads format {FORMAT}")
    own = str(manifest.get(OWN, ""))
    if len(own) != 64 or hashlib.sha256(text.replace(own.encode(), b"0" * 64)).hexdigest() != own:
        raise WrongInput(f"{file}: was edited after it was written{_edit(path, manifest)}; put it back")
    return manifest


def write_manifest(path: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Write it with a hash of itself (in whose place stand zeros while it is taken); what was written."""
    written = {key: value for key, value in manifest.items() if key != OWN} | {OWN: "0" * 64}
    text = (json.dumps(written, indent=2, default=str, ensure_ascii=False) + "\n").encode()
    written[OWN] = hashlib.sha256(text).hexdigest()
    head, _, tail = text.rpartition(b"0" * 64)
    write_atomically(path / NAME, head + written[OWN].encode() + tail)
    return written


def hashes_of(folder: Path, files: list[Path]) -> dict[str, dict[str, Any]]:
    """Bytes and SHA-256 of some files by their name in the folder."""
    return {
        path.relative_to(folder).as_posix(): {"bytes": path.stat().st_size, "sha256": file_sha256(path)}
        for path in files
    }


def changed_files(folder: Path, manifest: Mapping[str, Any]) -> dict[str, str]:
    """Files that are not as the manifest says: what is wrong with each."""
    wrong = {}
    for name, known in manifest["files"].items():
        path = folder / name
        if not path.is_file():
            wrong[name] = "is missing"
        elif path.stat().st_size != known["bytes"]:
            wrong[name] = f"has {path.stat().st_size:,} bytes, not {known['bytes']:,}"
        elif file_sha256(path) != known["sha256"]:
            wrong[name] = "was changed"
    return wrong


def table_of(path: Path, manifest: dict[str, Any]) -> Any:
    """A folder's table to read from, once it is sure that it is unchanged; its pages are checked as they are read.

    Raises: WrongInput if it is missing or was changed.
    """
    from pyarrow import parquet

    require_sound(path, manifest, TABLE)
    return parquet.ParquetFile(path / TABLE, page_checksum_verification=True)


def require_sound(path: Path, manifest: dict[str, Any], name: str) -> None:
    """Raises: WrongInput if a file of a results folder is not what its manifest says."""
    known = manifest.get("files", {}).get(name)
    file = path / name
    if not file.is_file():
        raise WrongInput(f"{file}: is missing; 'planb resume {path}' makes it again")
    about = file.stat()
    if known and _sha256(file, about.st_mtime_ns, about.st_size, about.st_ino) != known["sha256"]:
        raise WrongInput(f"{file}: was changed since it was written; 'planb resume {path}' makes it again")


@cache
def _sha256(file: Path, changed: int, size: int, number: int) -> str:
    """Taken once a process, unless the file changes."""
    return file_sha256(file)


def identity(manifest: Mapping[str, Any]) -> str:
    """What makes the rows of a study what they are; points.parquet keeps it beside the manifest."""
    return json.dumps({key: manifest.get(key) for key in IDENTITY}, sort_keys=True, default=str)


def _edit(path: Path, manifest: Mapping[str, Any]) -> str:
    """The first thing that other files remember otherwise, if they can still be read."""
    known = {"points.parquet": identity(manifest)}
    known["runs.parquet"] = json.dumps({key: manifest.get(key) for key in ("table_sha256", "rows")})
    for name, after in known.items():
        before = _footer(path / name)
        change = None if before is None else next(differences(before, json.loads(after)), None)
        if change:
            return f" ({change})"
    return ""


def _footer(path: Path) -> Any:
    """What planb wrote in the footer of a table, None where that cannot be read."""
    try:
        from pyarrow import parquet

        return json.loads(parquet.read_metadata(path).metadata[b"planb"])
    except Exception:  # a damaged footer may raise anything, and this only helps to word a message
        return None


def differences(before: Any, after: Any, key: str = "") -> Iterator[str]:
    """Where two nested documents differ, as ``dotted.key: before -> after``."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in dict.fromkeys([*before, *after]):
            yield from differences(before.get(name), after.get(name), f"{key}.{name}".lstrip("."))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for place, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from differences(old, new, f"{key}.{place}")
    elif before != after:
        yield f"{key}: {_short(before)} -> {_short(after)}"


def as_json(document: Any) -> Any:
    """The document as JSON would give it back, so that two can be compared."""
    return json.loads(json.dumps(document, default=str))


def _commit() -> dict[str, Any]:
    """The commit this code is at, if it runs from a clone."""
    root = Path(__file__).parents[2]

    def git(*words: str) -> str | None:
        command = ["git", "--no-optional-locks", "-C", str(root), *words]  # killed, it must not leave the clone locked
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=10)
        except (OSError, subprocess.SubprocessError):
            return None
        return done.stdout.strip() if done.returncode == 0 else None

    commit = git("rev-parse", "HEAD") if (root / ".git").exists() else None
    return {"commit": commit, "uncommitted_changes": bool(git("status", "--porcelain", "-uno")) if commit else None}


def version_of(package: str) -> str | None:
    """The version of a package, None where it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _short(value: Any) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 60 else text[:57] + "..."
