"""``planb sweep``: a grid straight from the shell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from experiments.commands import options as shared
from experiments.commands._running import draw_charts, free_folder, options, running, tell

USUAL = 1000  # worlds a point


@click.command()
@click.argument("scenario")
@click.option(
    "--vary", multiple=True, required=True, metavar="KEY=START:STOP:STEP|KEY=a,b,c", help="A parameter and its values."
)
@click.option("--worlds", type=click.IntRange(1), help=f"Worlds a point; {USUAL} unless --precision is given.")
@click.option("--precision", type=float, metavar="H", help="Instead: until each deal rate is known to +- H.")
@shared.seed
@shared.settings
@click.option("--out", type=click.Path(path_type=Path), help="Results folder; results/SCENARIO-sweep unless taken.")
@click.option("--chart/--no-chart", default=True, show_default=True, help="Draw the deal rate, or its map over two.")
@running
def command(
    scenario: str,
    vary: tuple[str, ...],
    worlds: int | None,
    precision: float | None,
    seed: int,
    settings: tuple[str, ...],
    out: Path | None,
    chart: bool,
    progress: bool | None,
    as_json: bool,
    **limits: Any,
) -> None:
    """Run SCENARIO on a grid; write runs.parquet, summary.csv, manifest.json and a map or curve."""
    from experiments.runs.progress import reporter
    from experiments.runs.runner import run
    from experiments.runs.study import study_from
    from experiments.runs.values import parse_vary
    from sim.errors import WrongInput
    from sim.scenario.scenario import load_scenario

    grid: dict[str, Any] = {}
    whole = {row[name]: row["whole"] for row in load_scenario(scenario).parameters() for name in ("name", "short")}
    for text in vary:
        key, values = parse_vary(text, whole=whole)
        if key in grid:
            raise WrongInput(f"--vary {key}: is given twice")
        grid[key] = values
    if worlds is not None and precision is not None:
        raise WrongInput("--worlds and --precision are two rules for the same thing; give one")
    stopping = {"worlds": worlds or USUAL} if precision is None else {"precision": {"half_width": precision}}
    design = {"kind": "grid", "vary": grid}
    charts = [{1: "deal_rate", 2: "deal_map"}[len(grid)]] if chart and len(grid) <= 2 else []
    pinned = shared.read_agents() | shared.read_settings(settings)
    study = study_from(
        {"name": "sweep", "scenario": scenario, "seed": seed, "set": pinned, "design": design, "charts": charts}
        | stopping,
        where="sweep",
    )
    folder = out or free_folder(f"{Path(scenario).stem}-sweep")
    outcome = run(study, folder, options=options(**limits), report=reporter(progress))
    draw_charts(outcome, study, as_json=as_json)
    tell(outcome, study, as_json=as_json)
