"""``planb status``: how far a results folder has come."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
    shared.answer(found, in_words(found), as_json=as_json)
    sys.exit(1 if checks and not checks["sound"] else 0)


def in_words(found: dict[str, Any]) -> Iterator[str]:
    """A line a fact, and one a check."""
    width = max(len(name) for name in found)
    shown = {name: value for name, value in found.items() if name != "checks" and value is not None}
    for check in found.get("checks", ()):
        shown[check["check"]] = check["found"] if check["sound"] else f"DAMAGED: {check['found']}"
    yield from (f"{name.replace('_', ' '):<{width}}  {value}" for name, value in shown.items())
