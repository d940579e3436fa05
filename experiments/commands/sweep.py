"""``planb sweep``: a grid straight from the shell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from experiments.commands import options as shared
from experiments.commands._running import free_folder, options, running, tell, told_in_one_line


@click.command()
@click.argument("scenario")
@click.option(
    "--vary", multiple=True, required=True, metavar="KEY=START:STOP:STEP|KEY=a,b,c", help="A parameter and its values."
)
@click.option("--worlds", type=click.IntRange(1), default=1000, show_default=True, help="Worlds a point.")
@click.option("--precision", type=float, metavar="H", help="Instead: until each deal rate is known to +- H.")
@shared.seed
@shared.settings
@click.option("--out", type=click.Path(path_type=Path), help="Results folder; results/SCENARIO-sweep unless taken.")
@click.option("--chart/--no-chart", default=True, show_default=True, help="Draw the deal rate, or its map over two.")
@running
def command(
    scenario: str,
    vary: tuple[str, ...],
    worlds: int,
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
    stopping = {"worlds": worlds} if precision is None else {"precision": {"half_width": precision}}
    design = {"kind": "grid", "vary": grid}
    pinned = shared.read_agents() | shared.read_settings(settings)
    study = study_from(
        {"name": "sweep", "scenario": scenario, "seed": seed, "set": pinned, "design": design} | stopping,
        where="sweep",
    )
    folder = out or free_folder(f"{Path(scenario).stem}-sweep")
    with told_in_one_line():
        chosen = options(**limits)
        outcome = run(study, folder, options=chosen, report=reporter(progress))
    if chart and outcome.state == "complete" and outcome.rows and len(grid) <= 2:
        from experiments.charts.kinds import draw_kind

        files = draw_kind(folder, "deal_rate" if len(grid) == 1 else "deal_map")
        if not as_json:
            click.echo(f"chart: {files[0].with_suffix('.png')}")
    tell(outcome, study, as_json=as_json)
