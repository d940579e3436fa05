"""``planb check``: is a scenario or study right? What passes here runs under every command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from experiments.commands import options
from sim.errors import ModelFault, WrongInput

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from sim.scenario.scenario import Scenario

PLAYED = 64  # worlds; nothing of them is kept
POINTS = 8  # of a study, from the first to the last, that share these worlds


@click.command()
@click.argument("file")
@options.as_json
def command(file: str, as_json: bool) -> None:
    """Validate a scenario or study (a FILE, a folder, or a name that ships), and play 64 worlds of it."""
    if not file.strip():
        raise WrongInput("name a scenario, a study or a file")
    found = _study(file) if _is_study(file) else _scenario(file)
    options.answer({"file": file, "right": True, **found}, f"{file}: {found['words']}", as_json=as_json)


def _is_study(file: str) -> bool:
    """A study says which scenario it is put to; a scenario file never does."""
    from experiments.runs.study import shipped_studies
    from sim.scenario.folder import shipped_scenarios
    from sim.scenario.reading import exists, is_folder, read_toml

    path = Path(file)
    if not exists(path):
        return not is_folder(path) and file not in shipped_scenarios() and file in shipped_studies()
    return path.suffix == ".py" or "scenario" in read_toml(path)


def _scenario(file: str) -> dict[str, object]:
    from experiments.commands.show import describe, told
    from sim.scenario.scenario import load_scenario

    scenario = load_scenario(file)
    described = describe(scenario)
    list(told(described))
    _play(scenario, {}, PLAYED)
    parameters, fingerprint = len(scenario.parameters()), scenario.fingerprint()
    things = [(parameters, "parameter"), (len(scenario.unions.names), "union"), (len(scenario.issues), "issue")]
    counted = ", ".join(_counted(number, thing) for number, thing in things)
    return {
        "kind": "scenario",
        "name": scenario.name,
        "parameters": parameters,
        "fingerprint": fingerprint,
        "words": f"a scenario, and right: {counted}; fingerprint {fingerprint[:12]}",
    }


def _study(file: str) -> dict[str, object]:
    from experiments.runs.study import check_measures, load_study
    from sim.worlds.blocks import simulate_block

    prepared = load_study(file).prepare()
    check_measures(prepared, simulate_block)
    points = prepared.points.count
    tried = sorted({round(place * (points - 1) / (POINTS - 1)) for place in range(POINTS)})
    for point in tried:
        _play(prepared.scenario, prepared.points.row(point), max(1, PLAYED // len(tried)))
    return {
        "kind": "study",
        "name": prepared.study.name,
        "points": points,
        "words": f"a study, and right: {_counted(points, 'point')} of {prepared.scenario.name}",
    }


def _play(scenario: Scenario, point: Mapping[str, Any], worlds: int) -> None:
    """Play some worlds to the end. Raises `WrongInput` where the model gives what it must not."""
    import numpy as np

    from sim.worlds.blocks import simulate_block

    shared, numbers = scenario.structure(point)
    try:
        simulate_block(scenario.with_settings(shared), seed=options.USUAL_SEED, worlds=np.arange(worlds), point=numbers)
    except ModelFault as error:
        raise WrongInput(f"{scenario.name}: {error}") from None


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'s' * (number != 1)}"
