"""``planb explain``: why a world failed and what single change turns it; but-for shares of an ensemble."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from experiments.commands import options

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario

SEARCHED = 4096  # worlds among which the first failure is looked for
AT_ONCE = 256  # of these


@click.command()
@click.argument("target", metavar="SCENARIO|DIR")
@click.argument("run", required=False)
@options.seed
@click.option("--world", type=options.ADDRESS, help="Which world, from 0; the first that failed unless given.")
@click.option("--worlds", type=options.MANY, help="Explain the failures among so many worlds instead.")
@options.settings
@options.as_json
def command(
    target: str,
    run: str | None,
    seed: int,
    world: int | None,
    worlds: int | None,
    settings: tuple[str, ...],
    as_json: bool,
) -> None:
    """Say why a world ended as it did: SCENARIO --world K, or DIR RUN of a results folder (POINT:WORLD or a row).

    With --worlds N: of the failures among N worlds, how many each single change would have saved.
    """
    from experiments.explanation.but_for import explain_ensemble
    from experiments.explanation.one_world import explain_world
    from experiments.explanation.wording import ensemble_as_text, world_as_text

    check_words(target, run, world, worlds, settings)
    with progress() as tick:
        if run is not None:
            from experiments.runs.replay import find_run

            found = find_run(Path(target), run)
            said = explain_world(found.scenario, seed=found.seed, world=found.world, point=found.point, tick=tick)
        elif worlds is not None:
            said = explain_ensemble(options.scenario_with(target, settings), seed=seed, worlds=worlds, tick=tick)
        else:
            case = options.scenario_with(target, settings)
            chosen = world if world is not None else first_failure(case, seed=seed)
            said = explain_world(case, seed=seed, world=chosen, tick=tick)
    told = ensemble_as_text(said) if worlds is not None else world_as_text(said)
    options.answer(said, told, as_json=as_json)


def check_words(target: str, run: str | None, world: int | None, worlds: int | None, settings: tuple[str, ...]) -> None:
    """Raises `WrongInput` where the words given do not go together."""
    from sim.errors import WrongInput

    folder = (Path(target) / "manifest.json").exists()
    if run is None and folder:
        raise WrongInput(f"{target}: is a results folder; name a run of it: planb explain {target} POINT:WORLD")
    if run is not None and not folder:
        raise WrongInput(f"{target}: is no results folder (no manifest.json); for a scenario write --world {run}")
    if run is not None and (world is not None or worlds is not None or settings):
        raise WrongInput("--world, --worlds and --set go with a scenario; a run of a folder has its own")
    if run is not None and options.is_given("seed"):
        raise WrongInput("--seed goes with a scenario; a run of a folder has its own")
    if world is not None and worlds is not None:
        raise WrongInput("--world explains one world, --worlds an ensemble; give one of them")


def first_failure(case: Scenario, *, seed: int) -> int:
    """The first world of this seed without a deal. Raises `WrongInput` where all of the first many have one."""
    import numpy as np

    from sim.errors import WrongInput
    from sim.worlds.blocks import blocks, simulate_block

    for ids in blocks(SEARCHED, AT_ONCE):
        deal = simulate_block(case, seed=seed, worlds=ids).columns["deal"]
        if not deal.all():
            return int(ids[np.argmin(deal)])
    raise WrongInput(f"{case.name}: all of the first {SEARCHED:,} worlds have a deal; name one with --world")


@contextmanager
def progress() -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr where that is a terminal: ``tick(done, total)``."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    with click.progressbar(length=1000, file=sys.stderr, show_pos=False) as bar:
        yield lambda done, total: bar.update(max(0, 1000 * done // max(total, 1) - bar.pos))
