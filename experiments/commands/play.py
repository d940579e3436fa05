"""``planb play``: one world, told as a dated story."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from experiments.commands import options

if TYPE_CHECKING:
    from experiments.page.setup import Setup
    from sim.scenario.scenario import Scenario


@click.command()
@click.argument("scenario")
@options.seed
@click.option("--world", default=0, show_default=True, type=options.ADDRESS, help="Which world, from 0.")
@options.settings
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write the run as one "
              "file that plays in a browser, from disk and without a server.")  # fmt: skip
@click.option("--film", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write the stage at all "
              "moments of the run as FILE.gif, or FILE.mp4 where ffmpeg is there.")  # fmt: skip
@click.option("--seconds", default=1.0, show_default=True, type=click.FloatRange(0.1, 60), help="Film: a moment that "
              "is told; one in which nothing happens takes a fifth.")  # fmt: skip
@click.option("--width", default=1280, show_default=True, type=click.IntRange(320, 3840), help="Film: pixels.")
@options.as_json
def command(
    scenario: str,
    seed: int,
    world: int,
    settings: tuple[str, ...],
    html: Path | None,
    film: Path | None,
    seconds: float,
    width: int,
    as_json: bool,
) -> None:
    """Tell one world as a dated story."""
    case = options.scenario_with(scenario, settings)
    from experiments.runs.narration import as_text, play

    if html is not None:
        _write_page(html, case, setup_of(case, scenario, seed, world))
        _tell(html, "open it in a browser")
    if film is not None:
        moments = _write_film(film, case, setup_of(case, scenario, seed, world), width=width, seconds=seconds)
        _tell(film, f"{moments} moments")
    played = play(case, seed=seed, world=world)
    options.answer(played, as_text(played), as_json=as_json)


def setup_of(case: Scenario, name: str, seed: int, world: int) -> Setup:
    """What the page shows of a case: a world, with the settings that the command line pins."""
    from experiments.page.setup import Setup, as_text

    pinned = tuple(sorted((key, as_text(value)) for key, value in case.settings.items()))
    return Setup(scenario=name, seed=seed, world=world, settings=pinned)


def _tell(file: Path, words: str) -> None:
    click.echo(f"{file}: {file.stat().st_size / 1000:,.0f} kB; {words}", err=True)


def _write_page(file: Path, case: Scenario, setup: Setup) -> None:
    """The run as one HTML file. Raises `WrongInput` where it cannot be written."""
    from experiments.page.run import record
    from experiments.page.standalone import as_html
    from sim.errors import WrongInput

    try:
        file.write_text(as_html(record(case, setup.seed, setup.world), case, setup), encoding="utf-8")
    except OSError as error:
        raise WrongInput(f"{file}: cannot be written: {error.strerror}") from None


def _write_film(file: Path, case: Scenario, setup: Setup, *, width: int, seconds: float) -> int:
    """The run as a film; how many moments it has. Raises `WrongInput` where it cannot be made or written."""
    from experiments.page.film import require, write_film
    from experiments.page.run import record

    require(file)  # before anything is played
    run = record(case, setup.seed, setup.world)
    return write_film(file, run, width=width, seconds=seconds, comment=setup.command())
