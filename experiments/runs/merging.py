"""Joining the shards of a study, run apart (a job array, several machines), into one folder."""

from __future__ import annotations

import os
import shutil
from contextlib import ExitStack
from pathlib import Path

from experiments.runs import columns
from experiments.runs.carried import FOLDER
from experiments.runs.manifest import differences
from experiments.runs.runner import Outcome, finish
from experiments.runs.store import Folder
from experiments.runs.study import study_of
from sim.errors import WrongInput

SHARED = ("study", "seed", "scenario_sha256", "scenario", "parameters", "code_sha256", "order")


def merge(shards: list[Path], out: Path) -> Outcome:
    """Join the folders of all shards of a study into a new one, and write its table.

    Raises: WrongInput if they are not shards of one study, one is missing, unfinished, given twice or damaged.
    """
    with ExitStack() as stack:
        folders = [stack.enter_context(Folder.open(path)) for path in shards]
        _refuse_misfits(folders)
        first = folders[0]
        manifest = {key: first.manifest[key] for key in SHARED}
        whole = stack.enter_context(Folder.create(out, {**manifest, "shard": None}, first.points()))
        if (first.path / FOLDER).is_dir():
            shutil.copytree(first.path / FOLDER, out / FOLDER, dirs_exist_ok=True)
        if columns.NAME in first.manifest["files"]:
            shutil.copyfile(first.path / columns.NAME, out / columns.NAME)
        whole.save_manifest(files=first.manifest["files"] | whole.manifest["files"])
        for part in (part for folder in folders for part in folder.parts.values()):
            # shards cut by points number their tasks alike
            number = max(whole.parts, default=-1) + 1
            path = out / "parts" / f"part-{number:07d}-{part.path.stem[-16:]}.parquet"
            _link(part.path, path)
            whole.parts[number] = part._replace(path=path, number=number)
        seconds = sum(folder.manifest["seconds"] for folder in folders)
        peak = max(folder.manifest["peak_bytes"] for folder in folders)
        policy = study_of(manifest).policy
        return finish(whole, policy, ran=0, engine=f"{len(folders)} shards", seconds=seconds, peak_bytes=peak)


def _refuse_misfits(folders: list[Folder]) -> None:
    first = folders[0]
    numbers = []
    for folder in folders:
        if folder.shard is None:
            raise WrongInput(f"{folder.path}: is a whole study, not a shard of one")
        for key in SHARED:
            changed = next(differences(first.manifest[key], folder.manifest[key], key), None)
            if changed:
                raise WrongInput(f"{folder.path}: is of another study than {first.path} ({changed})")
        if folder.shard[1] != first.shard[1]:  # type: ignore[index]
            raise WrongInput(
                f"{folder.path}: is shard {folder.manifest['shard']}, but {first.path} is {first.manifest['shard']}"
            )
        if folder.manifest["state"] != "shard complete":
            raise WrongInput(f"{folder.path}: is not finished; run 'planb resume {folder.path}' first")
        if folder.damaged or folder.totals().rows != folder.manifest["rows"]:
            what = folder.damaged[0] if folder.damaged else folder.path / "parts"
            raise WrongInput(f"{what}: is damaged; 'planb resume {folder.path}' runs again what it lacks")
        if folder.shard[0] in numbers:
            raise WrongInput(f"{folder.path}: shard {folder.manifest['shard']} is given twice")
        numbers.append(folder.shard[0])
    count = first.shard[1]  # type: ignore[index]
    missing = sorted(set(range(1, count + 1)) - set(numbers))
    if missing:
        raise WrongInput(f"shard {missing[0]}/{count} is missing; merge needs all {count}")


def _link(source: Path, target: Path) -> None:
    """The same file under a second name, or a copy where the disk cannot do that."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
