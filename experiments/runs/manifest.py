"""A manifest: what is needed to repeat a study, and to notice that something is no longer what it was."""

from __future__ import annotations

import json
import platform
import subprocess
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from sim.errors import WrongInput

FORMAT = 1  # of a results folder; a change that older code would misread takes a new number
PACKAGES = ("planb", "numpy", "scipy", "mesa", "pyarrow", "pydantic", "SALib")
IDENTITY = ("format", "planb", "study", "scenario_sha256", "points_sha256", "code_sha256", "order", "shard")


def provenance() -> dict[str, Any]:
    """Versions, commit and machine: what a reader needs to get the same numbers again."""
    return {
        "planb": metadata.version("planb"),
        "packages": {name: _version(name) for name in PACKAGES},
        "python": platform.python_version(),
        "platform": platform.platform(),
        **_commit(),
    }


def read_manifest(path: Path) -> dict[str, Any]:
    """The manifest of a results folder.

    Raises: WrongInput if there is none, it cannot be read, or its format is another than this program's.
    """
    file = path / "manifest.json"
    if not file.exists():
        raise WrongInput(f"{path}: no such results folder (it has no manifest.json)")
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise WrongInput(f"{file}: is damaged: {error}") from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        found = manifest.get("format") if isinstance(manifest, dict) else None
        raise WrongInput(f"{file}: format {found!r} is of another version of planb; this one reads format {FORMAT}")
    return manifest


def identity(manifest: Mapping[str, Any]) -> str:
    """What makes the rows of a study what they are; the ledger keeps it beside the manifest."""
    return json.dumps({key: manifest.get(key) for key in IDENTITY}, sort_keys=True, default=str)


def refuse_edits(path: Path, manifest: Mapping[str, Any], kept: Mapping[str, str]) -> None:
    """Raises: WrongInput with the first difference between the manifest and what the ledger kept of it."""
    if "identity" not in kept:
        raise WrongInput(f"{path / 'ledger.sqlite'}: is damaged: it does not say of which study it is")
    before, after = json.loads(kept["identity"]), json.loads(identity(manifest))
    if "table_sha256" in kept and manifest["state"] == "complete":
        before["table_sha256"], after["table_sha256"] = kept["table_sha256"], manifest.get("table_sha256")
    changed = next(differences(before, after), None)
    if changed:
        raise WrongInput(f"{path / 'manifest.json'}: was edited after the study began ({changed}); put it back")


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
        try:
            done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, timeout=10)
        except (OSError, subprocess.SubprocessError):
            return None
        return done.stdout.strip() if done.returncode == 0 else None

    commit = git("rev-parse", "HEAD") if (root / ".git").exists() else None
    return {"commit": commit, "uncommitted_changes": bool(git("status", "--porcelain", "-uno")) if commit else None}


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _short(value: Any) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 60 else text[:57] + "..."
