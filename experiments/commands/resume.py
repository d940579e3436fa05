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
    from experiments.runs.study import find_study, load_study
    from sim.errors import WrongInput

    place = Path(asked)
    if place.is_dir():
        return place
    try:
        find_study(asked)
    except WrongInput:
        raise WrongInput(f"{asked}: no such results folder, nor a study") from None
    place = Path("results") / load_study(asked).name
    if not place.is_dir():
        raise WrongInput(f"{place}: no such results folder; 'planb run {asked}' begins it")
    return place
