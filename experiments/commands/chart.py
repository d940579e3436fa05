"""``planb chart``: figures from a results folder."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from experiments.commands import options as shared
from sim.errors import WrongInput


def list_kinds(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    """Print every kind with what it shows, and stop."""
    if not wanted or context.resilient_parsing:
        return
    from experiments.charts.kinds import CHARTS

    for kind, chart in CHARTS.items():
        click.echo(f"{kind:<14}{chart.shows}")
    context.exit()


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.argument("kinds", nargs=-1, metavar="[KIND ...]")
@click.option("--kind", "more_kinds", multiple=True, metavar="KIND", help="A kind of chart; may be repeated.")
@click.option("--list", is_flag=True, is_eager=True, expose_value=False, callback=list_kinds, help="List the kinds.")
@click.option("--x", metavar="KEY", help="Varied parameter to the right; the first unless named.")
@click.option("--y", metavar="KEY", help="Varied parameter upward, in a map.")
@click.option("--by", metavar="KEY", help="A line or bar for each value of this varied parameter.")
@click.option(
    "--measure", metavar="NAME", help="What to show: a column of the runs, or a measure of a sensitivity analysis."
)
@click.option("--vote", type=click.IntRange(1, 2), default=1, show_default=True, help="First or second vote.")
@click.option("--band", type=click.Choice(["pointwise", "simultaneous"]), default="pointwise", show_default=True)
@click.option("--base", type=click.IntRange(0), default=0, show_default=True, help="Point that others are paired with.")
@click.option("--run", metavar="POINT:WORLD", help="Play this run again for the charts of one world.")
@click.option("--preset", default="single", show_default=True, help="single (89 mm), double (183 mm) or slides.")
@shared.as_json
def command(
    folder: Path, kinds: tuple[str, ...], more_kinds: tuple[str, ...], run: str | None, as_json: bool, **chosen: Any
) -> None:
    """Draw charts from results in DIR into DIR/figures: the kinds named, or all that DIR has the numbers for.

    Every figure is saved as PDF, SVG and PNG, with the numbers in it (CSV) and a caption (TXT).
    """
    from experiments.charts.form import preset_named
    from experiments.charts.kinds import CHARTS, Options, chart_named, draw_kind, drawable, require_heeded
    from experiments.charts.results import Results

    options = Options(**chosen)
    preset_named(options.preset)
    wanted = [chart_named(kind.replace("-", "_")).kind for kind in (*kinds, *more_kinds)]
    require_heeded(wanted or list(CHARTS), options)
    results = Results(folder)
    if run is not None:
        play_again(folder, run)
    able, lacking = (wanted, {}) if wanted else drawable(results, options)
    drawn: dict[str, list[str]] = {}
    failed: dict[str, str] = {}
    for kind in dict.fromkeys(able):
        try:
            drawn[kind] = [str(path) for path in draw_kind(results, kind, options)]
        except WrongInput as error:
            lacking[kind] = str(error)
        except Exception as error:  # one kind that fails does not keep the others from being drawn
            failed[kind] = f"{type(error).__name__}: {' '.join(str(error).split())}"
        else:
            if not as_json:
                click.echo(f"{kind}: {Path(drawn[kind][0]).with_suffix('.png')} (pdf, svg, csv, txt)")
    if as_json:
        shared.print_json({"charts": drawn, "not_drawn": lacking, "failed": failed})
    elif lacking and not wanted:
        click.echo(f"not drawn: {', '.join(lacking)}; name one to hear why")
    for reason in lacking.values() if wanted else list(lacking.values())[: not drawn]:
        click.echo(f"planb: {reason}", err=True)
    for kind, reason in failed.items():
        click.echo(f"planb: chart {kind}: failed: {reason}", err=True)
    sys.exit(1 if failed else 2 if lacking and (wanted or not drawn) else 0)


def play_again(folder: Path, run: str) -> None:
    """Write the tables of one run of the folder."""
    from experiments.charts.chart_data import write_run_tables
    from experiments.runs.replay import find_run

    found = find_run(folder, run)
    write_run_tables(folder, scenario=found.scenario, seed=found.seed, world=found.world, point=found.point)
