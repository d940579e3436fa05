"""``planb show``: a scenario in words."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from experiments.commands import options
from experiments.runs.values import written

if TYPE_CHECKING:
    from sim.ratification.rule import Rule
    from sim.scenario.scenario import Scenario

WIDTH = 110


@click.command()
@click.argument("scenario")
@options.settings
@click.option("--measures", is_flag=True, help="The columns of its table of results instead: unit, meaning, source.")
@options.as_json
def command(scenario: str, settings: tuple[str, ...], measures: bool, as_json: bool) -> None:
    """A scenario in words: issues, rule, power, who can block, parameters with roles and sources."""
    case = options.scenario_with(scenario, settings)
    if measures:
        from sim.measures import described_measures

        rows = described_measures(case)
        lines = (f"{row['name']} ({row['unit']}): {row['meaning']}" for row in rows)
        options.answer({"scenario": case.name, "measures": rows}, lines, as_json=as_json)
    else:
        described = describe(case)
        options.answer(described, told(described), as_json=as_json)


def describe(scenario: Scenario) -> dict[str, Any]:
    """Everything `show` tells, in JSON's types."""
    return {
        "scenario": scenario.name,
        "title": scenario.title,
        "about": " ".join(scenario.sections.case.about.split()),
        "fingerprint": scenario.fingerprint(),
        "calendar": [{"phase": key, "date": str(date)} for key, date in scenario.calendar.dated()],
        "issues": [
            {"name": issue.name, "unit": issue.unit, "range": list(issue.range), "ballot": issue.ballot}
            for issue in scenario.issues
        ],
        "rules": rules_in_words(scenario),
        "power": {name: _power(scenario, rule) for name, rule in _ballot_rules(scenario)},
        "parameters": scenario.parameters(),
    }


def rules_in_words(scenario: Scenario) -> dict[str, str]:
    """Every rule of the case; where members vote, also what a tie means."""
    rules, bodies = scenario.rules, len(scenario.unions.names)
    found = {name: getattr(rules, name) for name in type(rules).model_fields}
    words = {name: rule.words(bodies) for name, rule in found.items() if rule is not None}
    ties = {name: f"; {rule.tie_words()}" for name, rule in _ballot_rules(scenario)}
    return {name: said + ties.get(name, "") for name, said in words.items()}


def _ballot_rules(scenario: Scenario) -> Iterator[tuple[str, Rule]]:
    """The rules under which members vote."""
    yield "ratification", scenario.rules.ratification
    if scenario.rules.revised is not None:
        yield "revised", scenario.rules.revised


def _power(scenario: Scenario, rule: Rule) -> dict[str, Any]:
    """Exact voting power of every union, taken to vote as one, and who can block."""
    from sim.errors import WrongInput
    from sim.ratification.power import analyse_power

    try:
        power = analyse_power(rule, scenario.unions.names, scenario.unions.members)
    except WrongInput as error:
        return {"not_computed": str(error)}
    unions = zip(
        power.names, scenario.unions.members, power.weight_share, power.banzhaf, power.shapley_shubik, strict=True
    )
    return {
        "winning_coalitions": power.winning,
        "coalitions": 2 ** len(power.names),
        "blockers": list(power.blockers),
        "smallest_block": power.smallest_block,
        "unions": [
            {
                "name": name,
                "members": float(members),
                "weight": float(weight),
                "banzhaf": float(banzhaf),
                "shapley_shubik": float(shapley),
            }
            for name, members, weight, banzhaf, shapley in unions
        ],
    }


def told(described: dict[str, Any]) -> Iterator[str]:
    """The same as lines of text."""
    yield described["title"]
    yield from textwrap.wrap(described["about"], WIDTH)
    yield from _heading("Calendar")
    yield from (f"  {row['date']}  {row['phase']}" for row in described["calendar"])
    yield from _heading("Issues")
    apart = len({issue["ballot"] for issue in described["issues"]}) > 1
    for issue in described["issues"]:
        (low, high), ballot = issue["range"], f"; on the {issue['ballot']} ballot" if apart else ""
        yield f"  {issue['name']:<16} {low:g} to {high:g} {issue['unit']}{ballot}"
    yield from _heading("Rules")
    for name, words in described["rules"].items():
        yield from _paragraph(f"{name}: {words}")
    for name, power in described["power"].items():
        yield from _heading(f"Power under the {name} rule")
        yield from _power_table(power)
    yield from _heading("Parameters")
    for row in described["parameters"]:
        yield from _parameter(row)


def _heading(words: str) -> Iterator[str]:
    yield ""
    yield words


def _paragraph(words: str) -> list[str]:
    return textwrap.wrap(words, WIDTH, initial_indent="  ", subsequent_indent="    ")


def _power_table(power: dict[str, Any]) -> Iterator[str]:
    if "not_computed" in power:
        yield from _paragraph(f"not computed: {power['not_computed']}")
        return
    wide = max(28, *(len(union["name"]) for union in power["unions"]))
    yield f"  {'union':<{wide}} {'members':>8}  {'weight':>7} {'Banzhaf':>8} {'Shapley-Shubik':>15}"
    for union in power["unions"]:
        yield (
            f"  {union['name']:<{wide}} {union['members']:>8,.0f}  {union['weight']:7.1%} {union['banzhaf']:8.1%} "
            f"{union['shapley_shubik']:15.1%}"
        )
    blockers = ", ".join(power["blockers"]) or "nobody"
    yield from _paragraph(
        f"{power['winning_coalitions']:,} of {power['coalitions']:,} coalitions of unions carry it. "
        f"Alone can block: {blockers}. The fewest unions that can block: {power['smallest_block']}."
    )


def _parameter(row: dict[str, Any]) -> Iterator[str]:
    limits = "" if row["low"] is None else f" [{row['low']:g}, {row['high']:g}]"
    unit = f" {row['unit']}"
    if row["choices"]:
        unit = f" (one of {', '.join(row['choices'])})"
    elif isinstance(row["value"], bool):
        unit = f" ({row['unit']})"
    short = f" (also {row['short']})" if row["short"] else ""
    pinned = ", pinned" if row["pinned"] else ""
    yield f"  {row['name']}{short}: {row['role']}{pinned}, {written(row['value'])}{limits}{unit}"
    yield from textwrap.wrap(
        f"{row['meaning'].rstrip('.?')}{'?' if row['meaning'].endswith('?') else '.'} Source: {row['source']}",
        WIDTH,
        initial_indent="      ",
        subsequent_indent="      ",
    )
