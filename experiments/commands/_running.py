"""What the commands that run studies share: their options, and how they tell how it ended."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from experiments.commands import options as shared

if TYPE_CHECKING:
    from experiments.runs.loop import Options
    from experiments.runs.runner import Outcome
    from experiments.runs.study import Study

RUNNING = (
    click.option("--workers", type=click.IntRange(1, 1024), help="Processes; as many as cores when it is worth it."),
    click.option("--dask", metavar="ADDRESS", help="Run on the workers of this Dask scheduler (extra 'dask')."),
    click.option("--block", type=click.IntRange(1), help="Worlds run at once; for speed and memory, not results."),
    click.option("--time-limit", "seconds", type=click.FloatRange(0.1), metavar="S", help="Seconds a block may take."),
    click.option("--memory-limit", "memory", type=click.FloatRange(0.2), metavar="GB", help="Of a process (Linux)."),
    click.option("--progress/--no-progress", default=None, help="Plain lines where stderr is no terminal; or nothing."),
    shared.as_json,
)


def running(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of RUNNING on a command, which may take those that `options` understands as ``**limits``."""
    for option in reversed(RUNNING):
        command = option(command)
    return command


def options(**given: Any) -> Options:
    from experiments.runs.loop import Options

    if given.get("memory") is not None:
        given["memory"] = int(given["memory"] * 1e9)
    return Options(**{name: value for name, value in given.items() if value is not None})


def free_folder(name: str) -> Path:
    """``results/NAME``, or with the first number behind it that is not taken."""
    path, number = Path("results") / name, 1
    while path.exists():
        number += 1
        path = Path("results") / f"{name}-{number}"
    return path


def draw_charts(outcome: Outcome, study: Study, *, as_json: bool) -> None:
    """Draw the charts that a study names; one that cannot be drawn is told, and keeps no other from being drawn."""
    from sim.errors import WrongInput

    for kind in study.charts if outcome.state == "complete" else ():
        from experiments.charts.kinds import draw_kind

        try:
            files = draw_kind(outcome.folder, kind)
        except WrongInput as error:
            click.echo(f"planb: {error}", err=True)
        else:
            if not as_json:
                click.echo(f"chart: {files[0].with_suffix('.png')}")


def tell(outcome: Outcome, study: Study, *, as_json: bool) -> None:
    """Say how it ended; exit with 1 if it is not complete, or if rows failed and the study minds."""
    from experiments.runs.carried import files_named, study_in
    from experiments.runs.idle import idle_parameters
    from experiments.runs.manifest import read_manifest
    from experiments.statistics.sample_sizes import in_words

    finished = outcome.state in ("complete", "shard complete")
    manifest, idle = read_manifest(outcome.folder), []
    if outcome.state == "complete":
        ran = study_in(outcome.folder, manifest, files_named(manifest))
        idle = idle_parameters(outcome.folder, lambda: ran.prepare().scenario)
    if as_json:
        shared.print_json(asdict(outcome) | {"idle": [found._asdict() for found in idle]})
    else:
        click.echo(f"{outcome.folder}: {outcome.state}, {outcome.rows:,} worlds; {outcome.why}")
        if outcome.table_sha256 and outcome.rows:
            click.echo(f"table sha256 {outcome.table_sha256}")
            if happenings := manifest.get("happenings"):
                click.echo(
                    f"events.parquet: {happenings:,} happenings in the first {study.record:,} worlds of every point"
                )
            enough = manifest.get("replications")
            if enough:
                click.echo(in_words(enough))
        for found in idle:
            click.echo(f"note: {found.words}")
    if outcome.failed_rows:
        click.echo(f"planb: {causes(outcome)}", err=True)
    sys.exit(0 if finished and (outcome.failed_rows == 0 or study.on_failure == "keep") else 1)


def causes(outcome: Outcome) -> str:
    """How many worlds have no result, the commonest cause, and where all are told."""
    where = outcome.folder / "failures.jsonl"
    counts: Counter[str] = Counter()
    for line in where.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        counts[entry["error"]] += entry["count"]
    text = f"{outcome.failed_rows:,} worlds failed"
    if outcome.lost_rows:
        text += f", of which {outcome.lost_rows:,} were lost and are tried again by 'planb resume {outcome.folder}'"
    [(error, count)] = counts.most_common(1)
    most = "" if count == outcome.failed_rows else f"{count:,} of them: "
    return f"{text} ({most}{error}); why, and how to replay them: {where}"
