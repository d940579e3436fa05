"""``planb resume``: go on with an interrupted study."""

from __future__ import annotations

from pathlib import Path

import click

from experiments.commands import options as shared
from experiments.commands._running import options, running, tell, told_in_one_line


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--retry", is_flag=True, help="Also run rows again that raised.")
@click.option("--accept-changed-code", is_flag=True, help="Go on although the model's code is another than before.")
@shared.agents
@running
def command(
    folder: Path,
    retry: bool,
    accept_changed_code: bool,
    workers: int | None,
    dask: str | None,
    block: int | None,
    seconds: float | None,
    memory: float | None,
    progress: bool | None,
    as_json: bool,
) -> None:
    """Run what FOLDER still lacks, and parts that were damaged; nothing else."""
    from experiments.runs.manifest import read_manifest
    from experiments.runs.progress import reporter
    from experiments.runs.runner import resume
    from experiments.runs.study import study_of

    chosen = options(
        workers=workers,
        dask=dask,
        block=block,
        seconds=seconds,
        memory=memory,
        retry=retry,
        accept_changed_code=accept_changed_code,
        agents=shared.read_agents(),
    )
    with told_in_one_line():
        outcome = resume(folder, options=chosen, report=reporter(progress))
    tell(outcome, study_of(read_manifest(folder)), as_json=as_json)
