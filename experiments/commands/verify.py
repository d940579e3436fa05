"""``planb verify``: is a results folder still what it was?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from experiments.commands import options as shared


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--rows", type=click.IntRange(0), default=8, show_default=True, help="Rows to simulate again.")
@shared.as_json
def command(folder: Path, rows: int, as_json: bool) -> None:
    """Check every file of DIR by its hash, the table and summary by their rows, and some rows by running them again.

    Exit 1 if anything is not what it was; nothing is written.
    """
    from experiments.runs.checking import verify

    found = verify(folder, rows=rows)
    shared.answer(found, in_words(found), as_json=as_json)
    sys.exit(0 if found["sound"] else 1)


def in_words(found: dict[str, Any]) -> str:
    """A line a check, and the verdict."""
    lines = [f"{c['check']:<8} {'sound  ' if c['sound'] else 'DAMAGED'}  {c['found']}" for c in found["checks"]]
    verdict = "sound" if found["sound"] else f"damaged; 'planb resume {found['folder']}' mends what can be mended"
    return "\n".join([*lines, f"{found['folder']}: {found['state']}, {verdict}"])
