"""``planb play``: one world, told as a dated story."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from experiments.commands import options

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario


@click.command()
@click.argument("scenario")
@options.seed
@click.option("--world", default=0, show_default=True, type=options.ADDRESS, help="Address of the world.")
@options.settings
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write the run as one "
              "file that plays in a browser, from disk and without a server.")  # fmt: skip
@options.as_json
def command(scenario: str, seed: int, world: int, settings: tuple[str, ...], html: Path | None, as_json: bool) -> None:
    """Tell one world as a dated story."""
    case = options.scenario_with(scenario, settings)
    from experiments.runs.narration import as_text, play

    if html is not None:
        _write(html, case, scenario, seed=seed, world=world)
        click.echo(f"{html}: {html.stat().st_size / 1000:,.0f} kB; open it in a browser", err=True)
    played = play(case, seed=seed, world=world)
    if as_json:
        options.print_json(played)
    else:
        click.echo(as_text(played))


def _write(file: Path, case: Scenario, name: str, *, seed: int, world: int) -> None:
    """The run as one HTML file. Raises `WrongInput` where it cannot be written."""
    from experiments.page.run import record
    from experiments.page.setup import Setup, as_text
    from experiments.page.standalone import as_html
    from sim.errors import WrongInput

    pinned = tuple(sorted((key, as_text(value)) for key, value in case.settings.items()))
    setup = Setup(scenario=name, seed=seed, world=world, settings=pinned)
    try:
        file.write_text(as_html(record(case, seed, world), case, setup), encoding="utf-8")
    except OSError as error:
        raise WrongInput(f"{file}: cannot be written: {error.strerror}") from None
