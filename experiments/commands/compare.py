"""``planb compare``: which rows of two results folders differ, and by how much."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from experiments.commands import options as shared


@click.command()
@click.argument("a", metavar="A", type=click.Path(path_type=Path))
@click.argument("b", metavar="B", type=click.Path(path_type=Path))
@shared.as_json
def command(a: Path, b: Path, as_json: bool) -> None:
    """Hold the tables of two results folders A and B against each other; exit 1 if any row differs."""
    from experiments.runs.comparing import compare

    found = compare(a, b)
    shared.answer(found, in_words(found), as_json=as_json)
    sys.exit(0 if found["same"] else 1)


def in_words(found: dict[str, Any]) -> list[str]:
    """What differs, one thing a line."""
    lines = [f"{found['rows_in_both']:,} rows in both, {found['rows_that_differ']:,} of them differ"]
    for side in "ab":
        if found[f"rows_only_in_{side}"] or found[f"columns_only_in_{side}"]:
            columns = ", ".join(found[f"columns_only_in_{side}"]) or "none"
            lines.append(f"only in {found[side]}: {found[f'rows_only_in_{side}']:,} rows; columns: {columns}")
    for name, by in found["columns"].items():
        most = f", by at most {by['at_most']:g} ({by['at_most_relative']:.2g} of it)" if "at_most" in by else ""
        blank = f"; {by['one_is_blank']:,} blank on one side" if "one_is_blank" in by else ""
        lines.append(f"  {name}: {by['rows']:,} row{'s' * (by['rows'] != 1)}{most}{blank}")
    if found["first"]:
        lines.append(f"first rows: {', '.join(found['first'])}")
    if not found["same_exact_hash"] and found["same_rounded_hash"]:
        lines.append("the rounded hashes are equal: last digits only, as between processors")
    return lines + [f"{fact}" for fact in found["facts_that_differ"]]
