"""``planb scenarios``: the cases that ship."""

from __future__ import annotations

import click

from experiments.commands import options


@click.command()
@options.as_json
def command(as_json: bool) -> None:
    """List the cases that ship."""
    from sim.scenario.folder import shipped_scenarios
    from sim.scenario.scenario import load_scenario

    cases = [{"name": name, "title": load_scenario(name).title} for name in shipped_scenarios()]
    width = max(len(case["name"]) for case in cases)
    lines = (f"{case['name']:<{width}}  {case['title']}" for case in cases)
    options.answer({"scenarios": cases}, lines, as_json=as_json)
