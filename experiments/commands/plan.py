"""``planb plan``: what a study would cost."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import click

from experiments.commands import options as shared


@click.command()
@click.argument("study")
@click.option("--workers", type=click.IntRange(1, 1024), help="Processes to plan for; as many as cores.")
@shared.as_json
def command(study: str, workers: int | None, as_json: bool) -> None:
    """Validate STUDY and print points, runs, and time and disk estimated from a short pilot; nothing is written."""
    from experiments.runs.status import plan
    from experiments.runs.study import check_measures, load_study
    from sim.worlds.blocks import simulate_block

    prepared = load_study(study).prepare()
    check_measures(prepared, simulate_block)
    planned = plan(prepared, workers=workers)
    shared.answer(planned, as_text(planned), as_json=as_json)
    for error in dict.fromkeys(planned["pilot_failures"]):
        click.echo(f"planb: the pilot raised {error}; the estimates are off", err=True)
    sys.exit(1 if planned["pilot_failures"] else 0)


def as_text(planned: dict[str, Any]) -> Iterator[str]:
    """What is run, what it costs, and what it is good for."""
    from experiments.statistics.sample_sizes import in_words

    how = "" if planned["runs_are"] == "exact" else "at most "
    yield f"{planned['study']}: {planned['question'] or planned['scenario']}"
    yield f"{planned['points']:,} points, {how}{planned['worlds_a_point']:,} worlds each: {how}{planned['runs']:,} runs"
    yield (
        f"about {planned['time']} on {planned['workers']} workers at {planned['worlds_a_second_a_core']:,} worlds "
        f"a second each, and {planned['bytes'] / 1e6:,.1f} MB"
    )
    yield in_words(planned["replications"])
    if planned["blocks_differ_by"]:
        yield f"blocks are cut by {', '.join(planned['blocks_differ_by'])}"
