"""``planb resume``: go on with an interrupted study."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from experiments.commands import options as shared
from experiments.commands._running import draw_charts, options, running, tell

if TYPE_CHECKING:
    from experiments.paper.write_up import Paper


@click.command()
@click.argument("folder", metavar="DIR|STUDY")
@click.option("--retry", is_flag=True, help="Also run rows again that raised.")
@click.option("--accept-changed-code", is_flag=True, help="Go on although the model's code is another than before.")
@shared.agents
@running
def command(
    folder: str, retry: bool, accept_changed_code: bool, progress: bool | None, as_json: bool, **limits: Any
) -> None:
    """Run what DIR still lacks, and parts that were damaged; nothing else. A STUDY stands for results/NAME."""
    from experiments.paper.write_up import write_up
    from experiments.runs.manifest import read_manifest
    from experiments.runs.progress import reporter
    from experiments.runs.runner import resume
    from experiments.runs.study import study_of

    chosen = options(**limits, retry=retry, accept_changed_code=accept_changed_code, agents=shared.read_agents())
    place = folder_of(folder)
    outcome = resume(place, options=chosen, report=reporter(progress))
    study = study_of(read_manifest(place))
    paper = paper_for(folder, read_manifest(place)) if outcome.state == "complete" else None
    if paper is not None:
        write_up(place, study, paper)
    draw_charts(outcome, study, as_json=as_json)
    tell(outcome, study, as_json=as_json)


def paper_for(asked: str, manifest: Mapping[str, Any]) -> Paper | None:
    """What is to be said of a folder: by the study that was named, else by one that ships and has the same points."""
    from experiments.paper.write_up import paper_of
    from experiments.runs.study import load_study, shipped_studies

    name = asked if not Path(asked).is_dir() else manifest["study"]["name"].replace("-", "_")
    if name == asked or name in shipped_studies():
        same = load_study(name).document()["design"] == manifest["study"]["design"]
        return paper_of(name) if same else None
    return None


def folder_of(asked: str) -> Path:
    """A results folder by its path, or by the study that was run into it. Raises `WrongInput`."""
    from experiments.runs.manifest import read_manifest
    from experiments.runs.study import find_study, load_study
    from sim.errors import WrongInput

    place = Path(asked)
    if place.is_dir():
        return place
    try:
        find_study(asked)
    except WrongInput:
        raise WrongInput(f"{asked}: no such results folder, nor a study") from None
    study = load_study(asked)
    place = Path("results") / study.name
    if not place.is_dir():
        raise WrongInput(f"{place}: no such results folder; 'planb run {asked}' begins it")
    said, begun = without_paths(study.document()), without_paths(read_manifest(place)["study"])
    changed = [key for key in sorted({*said, *begun} - FROM_THE_SHELL) if said.get(key) != begun.get(key)]
    if changed:
        raise WrongInput(
            f"{place}: was begun with another {changed[0]} than {asked} says now; 'planb resume {place}' goes on as it "
            f"was begun, 'planb run {asked}' begins anew"
        )
    return place


FROM_THE_SHELL = {"worlds", "precision", "contour", "record"}  # may have been given to 'planb run'


def without_paths(said: Any) -> Any:
    """What a study says, its files by their names alone: a path is relative to where the command was given."""
    if isinstance(said, Mapping):
        files = {key: Path(said[key]).name for key in ("scenario", "file") if isinstance(said.get(key), str)}
        return {key: without_paths(value) for key, value in said.items()} | files
    return [without_paths(value) for value in said] if isinstance(said, list) else said
