"""``planb replay``: the story of exactly one run of a results folder, held against its row."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from experiments.commands import options


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("run")
@options.as_json
def command(folder: Path, run: str, as_json: bool) -> None:
    """Tell the story of RUN, POINT:WORLD or a row of runs.parquet counted from 0; exit 1 if its row is another."""
    from experiments.runs.narration import as_text, play
    from experiments.runs.replay import Runs

    runs = Runs(folder)
    again = runs.again(runs.find(run))
    found = again.run
    played = play(found.scenario, seed=found.seed, world=found.world, point=found.point)
    said = {
        **played,
        "point": found.number,
        "parameters": {**found.scenario.settings, **found.point},
        "row": again.columns,
        "equals_the_row": None if again.kept is None else not again.differ,
        "differ": list(again.differ),
        "same_code": again.same_code,
    }
    options.answer(said, [as_text(played), "", verdict(said)], as_json=as_json)
    sys.exit(1 if again.differ else 0)


def verdict(said: dict) -> str:
    """Which run this was, and whether it came out as the folder has it."""
    from experiments.explanation.wording import settings_in_words

    values = settings_in_words(said["parameters"])
    which = f"point {said['point']}, world {said['world']}" + (f" ({values})" if values else "")
    if said["equals_the_row"] is None:
        return f"{which}: the folder keeps no row of this run"
    if said["equals_the_row"]:
        return f"{which}: every column equals the row in runs.parquet"
    code = "" if said["same_code"] else "; the model's code changed since the study was run"
    return f"{which}: differs from the row in {', '.join(said['differ'])}{code}"
