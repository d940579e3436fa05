"""``planb scenarios``: the cases that ship."""

from __future__ import annotations

import json

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def command(as_json: bool) -> None:
    """List the cases that ship."""
    from sim.scenario import load_scenario, shipped_scenarios

    cases = [{"name": name, "title": load_scenario(name).title} for name in shipped_scenarios()]
    if as_json:
        click.echo(json.dumps({"scenarios": cases}, indent=2))
        return
    width = max(len(case["name"]) for case in cases)
    for case in cases:
        click.echo(f"{case['name']:<{width}}  {case['title']}")
