"""``planb show``: a scenario in words."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sim.scenario import Scenario

WIDTH = 110


@click.command()
@click.argument("scenario")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Pin a parameter before showing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def command(scenario: str, settings: tuple[str, ...], as_json: bool) -> None:
    """A scenario in words: issues, rule, power, who can block, parameters with roles and sources."""
    from sim.scenario import load_scenario, read_settings

    case = load_scenario(scenario).with_settings(read_settings(settings))
    described = describe(case)
    if as_json:
        click.echo(json.dumps(described, indent=2))
    else:
        click.echo("\n".join(told(described)))


def describe(scenario: Scenario) -> dict[str, Any]:
    """Everything `show` tells, in JSON's types."""
    members = scenario.unions.members
    return {
        "scenario": scenario.name,
        "title": scenario.title,
        "about": " ".join(scenario.sections.case.about.split()),
        "calendar": [{"phase": key, "date": str(date)} for key, date in scenario.calendar.dated()],
        "issues": [
            {"name": issue.name, "unit": issue.unit, "range": list(issue.range), "ballot": issue.ballot}
            for issue in scenario.issues
        ],
        "rules": _rules(scenario),
        "unions": [
            {"name": name, "members": float(count), "weight": float(count / members.sum())}
            for name, count in zip(scenario.unions.names, members, strict=True)
        ],
        "parameters": scenario.parameters(),
    }


def _rules(scenario: Scenario) -> dict[str, str]:
    rules = scenario.rules
    found = {name: getattr(rules, name) for name in type(rules).model_fields}
    bodies = len(scenario.unions.names)
    return {name: rule.words(bodies) for name, rule in found.items() if rule is not None}


def told(described: dict[str, Any]) -> Iterator[str]:
    """The same as lines of text."""
    yield described["title"]
    yield from textwrap.wrap(described["about"], WIDTH)
    yield from _heading("Calendar")
    yield from (f"  {row['date']}  {row['phase']}" for row in described["calendar"])
    yield from _heading("Issues")
    for issue in described["issues"]:
        low, high = issue["range"]
        yield f"  {issue['name']:<16} {low:g} to {high:g} {issue['unit']}; on the {issue['ballot']} ballot"
    yield from _heading("Rules")
    for name, words in described["rules"].items():
        yield from _paragraph(f"{name}: {words}")
    yield from _heading("Unions")
    for union in described["unions"]:
        yield f"  {union['name']:<28} {union['members']:>8,.0f} members  {union['weight']:6.1%}"
    yield from _heading("Parameters")
    for row in described["parameters"]:
        yield from _parameter(row)


def _heading(words: str) -> Iterator[str]:
    yield ""
    yield words


def _paragraph(words: str) -> list[str]:
    return textwrap.wrap(words, WIDTH, initial_indent="  ", subsequent_indent="    ")


def _parameter(row: dict[str, Any]) -> Iterator[str]:
    limits = "" if row["low"] is None else f" [{row['low']:g}, {row['high']:g}]"
    options = f" ({', '.join(row['choices'])})" if row["choices"] else ""
    short = f" (also {row['short']})" if row["short"] else ""
    pinned = ", pinned" if row["pinned"] else ""
    yield f"  {row['name']}{short}: {row['role']}{pinned}, {_written(row['value'])}{limits} {row['unit']}{options}"
    yield from textwrap.wrap(
        f"{row['meaning']}. Source: {row['source']}", WIDTH, initial_indent="      ", subsequent_indent="      "
    )


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)
