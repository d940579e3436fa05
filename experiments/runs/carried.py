"""The case that a results folder carries, file and tables, so that the folder is enough wherever it is taken."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.runs.study import Study, study_of

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


def study_in(folder: Path, manifest: Mapping[str, Any]) -> Study:
    """The study of a results folder, put to the case that the folder carries."""
    study = study_of(manifest)
    carried = sorted((folder / FOLDER).glob("*/*.toml"))
    return study.model_copy(update={"scenario": str(carried[0])}) if carried else study
