"""Options that several commands share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from sim.errors import WrongInput

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario

USUAL_SEED = 2011
SEED = click.IntRange(0, 2**63 - 1)
ADDRESS = click.IntRange(0, 10**12)  # of a world
DEVICES = ("cpu", "gpu", "tpu")  # as JAX calls them
MANY = click.IntRange(1, 10**8)  # worlds of one command; a study takes more, and can be resumed

as_json = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
seed = click.option("--seed", default=USUAL_SEED, show_default=True, type=SEED, help="Seed of all luck.")
_pins = click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Pin a parameter; may be repeated.")
agents = click.option(
    "--agent",
    "agents",
    multiple=True,
    metavar="ROLE=FILE.py:CLASS",
    expose_value=False,
    callback=lambda context, _, given: context.ensure_object(dict).update(agents=given),
    help="A body of your own in the place of ours, or with a day of its own; its file is run.",
)


def settings(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--set`` and ``--agent``."""
    return _pins(agents(command))


record = click.option(
    "--record",
    is_flag=False,
    flag_value=10**9,
    default=None,
    type=click.IntRange(min=1),
    metavar="[N]",
    help="Write what happened in the first N worlds (of every point), or in all, to events.parquet.",
)


def worlds(default: int) -> Callable[[Any], Any]:
    """``--worlds N``: addresses 0 to N - 1."""
    return click.option("--worlds", default=default, show_default=True, type=MANY, help="How many worlds.")


def read_settings(given: tuple[str, ...], option: str = "--set") -> dict[str, str]:
    """``KEY=VALUE`` as the command line gives them. Raises `WrongInput`."""
    settings: dict[str, str] = {}
    for text in given:
        key, equals, value = (part.strip() for part in text.partition("="))
        if not (key and equals and value):
            raise WrongInput(f"{option} {text!r}: write KEY=VALUE")
        if key in settings:
            raise WrongInput(f"{option} {key}: is given twice")
        settings[key] = value
    return settings


def scenario_with(name: str, given: tuple[str, ...]) -> Scenario:
    """A scenario with the command line's settings pinned. Raises `WrongInput`."""
    from sim.scenario.folder import SHIPPED
    from sim.scenario.scenario import load_scenario

    case, named = load_scenario(name), read_agents()
    case = (case.with_plugins(named) if named else case).with_settings(read_settings(given))
    if case.posterior is not None and case.folder.parent != SHIPPED:  # a test watches over those that ship
        from experiments.calibration.posterior_files import outdated

        if outdated(case):
            told = "the posterior was fitted to an earlier version of this case; 'planb calibrate' fits it anew"
            click.echo(f"note: {case.name}: {told}", err=True)
    return case


def is_given(name: str) -> bool:
    """Does the command line say this option, rather than leave it at what is usual?"""
    context = click.get_current_context(silent=True)
    return context is not None and context.get_parameter_source(name) is ParameterSource.COMMANDLINE


def read_agents() -> dict[str, str]:
    """What ``--agent`` named on this command line, by role. Raises `WrongInput`."""
    context = click.get_current_context(silent=True)
    given = (context.find_object(dict) or {}).get("agents", ()) if context is not None else ()
    return read_settings(given, "--agent")


def answer(document: Any, told: str | Iterable[str], *, as_json: bool) -> None:
    """Print a document as JSON, or what is told of it, in one piece or by lines."""
    if as_json:
        print_json(document)
    else:
        click.echo(told if isinstance(told, str) else "\n".join(told))


def print_json(document: Any) -> None:
    """One JSON document; NaN, which JSON does not know, as null, dates and fractions as words."""
    click.echo(json.dumps(_plain(document), indent=2, allow_nan=False, default=str))


def _plain(node: Any) -> Any:
    import numpy as np

    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items()}
    if isinstance(node, (list, tuple, np.ndarray)):
        return [_plain(value) for value in node]
    if isinstance(node, np.generic):
        node = node.item()
    return None if isinstance(node, float) and node != node else node
