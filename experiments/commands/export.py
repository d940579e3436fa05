"""``planb export``: results for others."""

from __future__ import annotations

from pathlib import Path

import click

from experiments.commands import options as shared


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--as", "kind", type=click.Choice(["csv", "comses", "rocrate"]), required=True)
@click.option("--out", type=click.Path(path_type=Path), help="What to write; beside the folder, or runs.csv in it.")
@shared.as_json
def command(folder: Path, kind: str, out: Path | None, as_json: bool) -> None:
    """Write a finished FOLDER as one CSV table, a package for CoMSES, or an RO-Crate."""
    from experiments.runs.export import export

    written = export(folder, kind, out)
    shared.answer({"written": str(written)}, str(written), as_json=as_json)
