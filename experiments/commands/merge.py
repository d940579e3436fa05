"""``planb merge``: the shards of a study into one folder."""

from __future__ import annotations

from pathlib import Path

import click

from experiments.commands import options as shared
from experiments.commands._running import tell


@click.command()
@click.argument("shards", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The folder to make.")
@shared.as_json
def command(shards: tuple[Path, ...], out: Path, as_json: bool) -> None:
    """Join all SHARDS of one study, run with --shard I/N, and write its table."""
    from experiments.runs.manifest import read_manifest
    from experiments.runs.merging import merge
    from experiments.runs.study import study_of

    outcome = merge(list(shards), out)
    tell(outcome, study_of(read_manifest(out)), as_json=as_json)
