"""``planb validate``: the model against the patterns on record."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from experiments.commands import options

if TYPE_CHECKING:
    from sim.scenario import Scenario


@click.command()
@click.argument("scenario", required=False)
@options.worlds(2000)
@options.seed
@click.option("--leave-out/--no-leave-out", default=True, help="Also forecast each other case from all the rest.")
@options.as_json
def command(scenario: str | None, worlds: int, seed: int, leave_out: bool, as_json: bool) -> None:
    """Check named patterns, and say of each whether it was fitted or forecast.

    With a scenario only its own patterns; without one all cases that ship, and each other case forecast from the rest,
    scored beside two naive forecasts.
    """
    from experiments.calibration.others import CASES

    names = [scenario] if scenario else ["connecticut-2011", *CASES]
    cases = [options.scenario_with(name, ()) for name in names]
    tell = _tell if sys.stderr.isatty() else (lambda said: None)
    tables: list[dict[str, Any]] = []
    for case in cases:
        tell(f"{case.name}: {worlds:,} worlds")
        tables.append({"scenario": case.name, "patterns": check(case, worlds=worlds, seed=seed)})
    document: dict[str, Any] = {"worlds": worlds, "seed": seed, "scenarios": tables}
    if scenario is None and leave_out:
        tell("forecasting each other case from all the rest")
        document["left_out"] = left_out(cases[0], seed=seed)
    document["passed"] = sum(row["passes"] for table in tables for row in table["patterns"])
    document["of"] = sum(len(table["patterns"]) for table in tables)
    if as_json:
        options.print_json(document)
    else:
        click.echo("\n".join(as_text(document)))


def _tell(said: str) -> None:
    click.echo(said, err=True)


def check(case: Scenario, *, worlds: int, seed: int) -> list[dict[str, Any]]:
    """Every pattern of a scenario, as rows."""
    from dataclasses import asdict

    from experiments.calibration.patterns import Evidence, patterns_of
    from experiments.calibration.run import posterior_for_checks

    runs = Evidence(case, posterior_for_checks(case, seed=seed), worlds=worlds, seed=seed)
    return [
        {"name": pattern.name, "words": pattern.words, "kind": pattern.kind, **asdict(pattern.look(runs))}
        for pattern in patterns_of(case)
    ]


def left_out(case: Scenario, *, seed: int) -> dict[str, Any]:
    """Each other case forecast from this one's first vote and from all the rest."""
    from experiments.calibration.held_out import leave_cases_out
    from experiments.calibration.record import read_record

    return leave_cases_out(case, read_record(case), seed=seed)


def as_text(document: dict[str, Any]) -> list[str]:
    """Tables to read."""
    lines = []
    for table in document["scenarios"]:
        lines += [
            table["scenario"],
            f"  {'pattern':<32}{'kind':<10}{'record':>16}{'found':>12}  {'90 % of worlds':<18}{'score':>6}",
        ]
        lines += [_row(row) for row in table["patterns"]]
        lines.append("")
    lines.append(f"{document['passed']} of {document['of']} patterns pass")
    if "left_out" in document:
        lines += ["", *left_out_as_text(document["left_out"])]
    return lines


def _row(row: dict[str, Any]) -> str:
    span = "" if row["low"] is None else f"{_number(row['low'])} to {_number(row['high'])}"
    record, found = _number(row["record"]), _number(row["found"])
    head = f"  {row['words']:<32}{row['kind']:<10}"
    end = f"{row['score']:>6.2f}  {'pass' if row['passes'] else 'FAIL'}"
    if len(record) > 15 or len(found) > 11:
        return f"{head}{record}; found {found} {end}"
    return f"{head}{record:>16}{found:>12}  {span:<18}{end}"


def _number(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.3f}" if abs(value) < 2 else f"{value:,.0f}"


def left_out_as_text(found: dict[str, Any]) -> list[str]:
    """Each vote forecast from the other cases, with the scores of three forecasters."""
    lines = [
        "each other case forecast from Connecticut's first vote and all other cases",
        f"  {'vote':<46}{'seen':>7}{'5 %':>7}{'25 %':>7}{'50 %':>7}{'75 %':>7}{'95 %':>7}"
        "   P(yes): model, no change, swing",
    ]
    for row in found["rows"]:
        seen = f"{row['yes_share']:.3f}" if row["yes_share"] is not None else ("yes" if row["approved"] else "no")
        ends = "".join(f"{row[key]:>7.2f}" for key in ("q05", "q25", "q50", "q75", "q95"))
        chances = "  ".join(f"{row[name]['probability']:.2f}" for name in ("model", "no_change", "uniform_swing"))
        lines.append(f"  {row['vote_of'][:45]:<46}{seen:>7}{ends}   {chances}")
    coverage = found["coverage"]
    inside = "; ".join(f"{held['inside']} of {held['of']} inside {level} %" for level, held in coverage.items())
    lines += ["", f"  {inside}", "", f"  {'mean scores, 90 % interval':<30}{'Brier':>24}{'log score':>24}"]
    for title, scores in (("all votes", found["scores"]), *((f"vote {v}", s) for v, s in found["by_vote"].items())):
        for name, means in scores.items():
            cells = "".join(f"{m['mean']:>9.3f} [{m['low']:.3f}, {m['high']:.3f}]" for m in means.values())
            lines.append(f"  {title + ', ' + name.replace('_', ' '):<30}{cells}")
    return lines
