"""``planb play``: one world, told as a dated story."""

from __future__ import annotations

import click

from experiments.commands import options


@click.command()
@click.argument("scenario")
@options.seed
@click.option("--world", default=0, show_default=True, type=options.ADDRESS, help="Address of the world.")
@options.settings
@options.as_json
def command(scenario: str, seed: int, world: int, settings: tuple[str, ...], as_json: bool) -> None:
    """Tell one world as a dated story."""
    case = options.scenario_with(scenario, settings)
    from experiments.runs.narration import as_text, play

    played = play(case, seed=seed, world=world)
    if as_json:
        options.print_json(played)
    else:
        click.echo(as_text(played))
