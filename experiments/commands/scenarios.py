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
    if as_json:
        options.print_json({"scenarios": cases})
        return
    width = max(len(case["name"]) for case in cases)
    for case in cases:
        click.echo(f"{case['name']:<{width}}  {case['title']}")
