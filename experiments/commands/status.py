"""``planb status``: how far a results folder has come."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from experiments.commands import options as shared
from sim.errors import WrongInput


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--verify", "checked", is_flag=True, help="Also check every file, as 'planb verify --rows 0' does.")
@shared.as_json
def command(folder: Path, checked: bool, as_json: bool) -> None:
    """Say how far FOLDER has come; it may be running."""
    from experiments.runs.checking import verify
    from experiments.runs.status import status

    checks = verify(folder, rows=0) if checked else None
    try:
        found = status(folder)
    except WrongInput:
        if checks is None or checks["sound"]:
            raise
        found = {"folder": str(folder), "state": checks["state"]}  # the rest stands in what is damaged
    if checks:
        found |= {"sound": checks["sound"], "checks": checks["checks"]}
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        width = max(len(name) for name in found)
        shown = {name: value for name, value in found.items() if name != "checks" and value is not None}
        for check in found.get("checks", ()):
            shown[check["check"]] = check["found"] if check["sound"] else f"DAMAGED: {check['found']}"
        click.echo("\n".join(f"{name.replace('_', ' '):<{width}}  {value}" for name, value in shown.items()))
    sys.exit(1 if checks and not checks["sound"] else 0)
