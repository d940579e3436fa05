"""``planb status``: how far a results folder has come."""

from __future__ import annotations

import json
from pathlib import Path

import click

from experiments.commands import options as shared


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@shared.as_json
def command(folder: Path, as_json: bool) -> None:
    """Say how far FOLDER has come; it may be running."""
    from experiments.runs.status import status

    found = status(folder)
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        width = max(len(name) for name in found)
        click.echo("\n".join(f"{name.replace('_', ' '):<{width}}  {value}" for name, value in found.items()))
