"""``planb check``: is a scenario or study right, without running it?"""

from __future__ import annotations

import tomllib
from pathlib import Path

import click

from experiments.commands import options
from sim.errors import WrongInput


@click.command()
@click.argument("file")
@options.as_json
def command(file: str, as_json: bool) -> None:
    """Validate a scenario or study (a FILE, a folder, or a name that ships) without running it."""
    found = _study(file) if _is_study(file) else _scenario(file)
    if as_json:
        options.print_json({"file": file, "right": True, **found})
    else:
        click.echo(f"{file}: {found['words']}")


def _is_study(file: str) -> bool:
    """A study says which scenario it is put to; a scenario file never does."""
    from experiments.runs.study import shipped_studies
    from sim.scenario.scenario import shipped_scenarios

    path = Path(file)
    if not path.is_file():
        return not path.is_dir() and file not in shipped_scenarios() and file in shipped_studies()
    if path.suffix == ".py":
        return True
    try:
        return "scenario" in tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return False


def _scenario(file: str) -> dict[str, object]:
    from sim.scenario.scenario import load_scenario

    if not file.strip():
        raise WrongInput("name a scenario, a study or a file")
    scenario = load_scenario(file)
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
    return {
        "kind": "study",
        "name": prepared.study.name,
        "points": points,
        "words": f"a study, and right: {_counted(points, 'point')} of {prepared.scenario.name}",
    }


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'s' * (number != 1)}"
