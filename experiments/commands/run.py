"""``planb run``: a study file, or a study that ships, into a results folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from experiments.commands import options as shared
from experiments.commands._running import draw_charts, free_folder, options, running, tell


@click.command()
@click.argument("study")
@click.option("--out", type=click.Path(path_type=Path), help="Results folder; results/NAME unless taken.")
@click.option("--shard", metavar="I/N", help="Only the I-th of N parts; join them with 'planb merge'.")
@click.option("--precision", type=float, metavar="H", help="Until each point's deal rate is known to +- H.")
@shared.record
@click.option("--worlds", type=click.IntRange(1), help="Worlds a point, instead of what the study says.")
@running
def command(
    study: str,
    out: Path | None,
    shard: str | None,
    precision: float | None,
    record: int | None,
    worlds: int | None,
    progress: bool | None,
    as_json: bool,
    **limits: Any,
) -> None:
    """Run STUDY (a TOML file or the name of one that ships)."""
    from experiments.paper.write_up import paper_of, write_up
    from experiments.runs.progress import reporter
    from experiments.runs.runner import parse_shard, run
    from experiments.runs.study import load_study
    from sim.errors import WrongInput

    if worlds is not None and precision is not None:
        raise WrongInput("--worlds and --precision are two rules for the same thing; give one")
    chosen = options(**limits, shard=parse_shard(shard) if shard else None)
    asked = load_study(study).with_rule(worlds=worlds, half_width=precision)
    if record is not None:
        asked = asked.model_copy(update={"record": min(record, asked.policy.most_worlds)})
    suffix = f"-shard-{shard.replace('/', '-of-')}" if shard else ""
    folder = out or free_folder(asked.name + suffix)
    outcome = run(asked, folder, options=chosen, report=reporter(progress))
    paper = paper_of(study)
    if paper is not None and outcome.state == "complete":
        write_up(folder, asked, paper)
    draw_charts(outcome, asked, as_json=as_json)
    tell(outcome, asked, as_json=as_json)
