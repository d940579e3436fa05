"""The case that a results folder carries, file and tables, so that the folder is enough wherever it is taken."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.runs.study import Study, study_of
from sim.errors import WrongInput

FOLDER = "scenario"
SHAPES = "*.geojson"  # of towns, which maps draw and no number depends on


def carry(scenario: Any, folder: Path) -> list[Path]:
    """Copy a case into a results folder, under its own name; the copies. None for a case that is no file."""
    source = Path(scenario.folder)
    if not (source / scenario.file).is_file():
        return []
    target = folder / FOLDER / str(scenario.name)
    target.mkdir(parents=True, exist_ok=True)
    names = [scenario.file, *scenario.as_dict()["tables"], *(path.name for path in source.glob(SHAPES))]
    for name in names:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, target / name)
    return [target / name for name in names]


def study_in(folder: Path, manifest: Mapping[str, Any], agents: Mapping[str, str] | None = None) -> Study:
    """The study of a results folder, put to the case that the folder carries.

    A folder never has code run: files of the user's own, ``FILE.py:CLASS`` by role, are named anew in ``agents``.

    Raises: WrongInput if one is not.
    """
    study, named = study_of(manifest), agents or {}
    for role, file in files_named(manifest).items():
        if role not in named:
            raise WrongInput(
                f"{folder}: was run with {role} = {file}, and a folder never has a file run; if you trust it, name it "
                f"again: planb resume {folder} --agent {role}={file}"
            )
    carried = sorted((folder / FOLDER).glob("*/*.toml"))
    changes = {"set": {**study.set, **named}} | ({"scenario": str(carried[0])} if carried else {})
    return study.model_copy(update=changes)


def files_named(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Files of the user's own that a study was run with, by role."""
    settings = manifest["study"].get("set", {})
    return {role: value for role, value in settings.items() if isinstance(value, str) and ".py:" in value}
