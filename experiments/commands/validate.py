"""``planb validate``: the model against the patterns on record."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from experiments.commands import options


@click.command()
@click.argument("scenario", required=False)
@options.worlds(2000)
@options.seed
@click.option("--leave-out/--no-leave-out", default=True, help="Also forecast each other case from all the rest.")
@click.option("--out", type=click.Path(path_type=Path), help="Keep validation.json in this folder.")
@click.option("--page", type=click.Path(path_type=Path), help="Write all of it as a page into this file.")
@options.as_json
def command(
    scenario: str | None,
    worlds: int,
    seed: int,
    leave_out: bool,
    out: Path | None,
    page: Path | None,
    as_json: bool,
) -> None:
    """Check named patterns, and say of each whether it was fitted or forecast.

    With a scenario only its own patterns; without one all cases that ship, the second vote of 2011 forecast and scored,
    and each other case forecast from the rest, scored beside two naive forecasts.
    """
    from experiments.calibration.page import places, write_document
    from experiments.calibration.validation import validate
    from experiments.paper.documents import filled
    from sim.errors import WrongInput

    if page is not None and (scenario is not None or not leave_out):
        raise WrongInput("--page: is about all cases that ship; name no scenario and leave cases out")
    case = options.scenario_with(scenario, ()) if scenario else None
    tell = _tell if sys.stderr.isatty() else (lambda said: None)
    document = validate(case, worlds=worlds, seed=seed, leave_out=leave_out, tell=tell)
    if out is not None:
        write_document(document, out)
    if page is not None:
        page.write_text(filled("validation", places(document)), encoding="utf-8")
    if as_json:
        options.print_json(document)
    else:
        click.echo("\n".join(as_text(document)))


def _tell(said: str) -> None:
    click.echo(said, err=True)


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
    if "forecast" in document:
        lines += ["", *second_vote_as_text(document["forecast"])]
    if "left_out" in document:
        lines += ["", *left_out_as_text(document["left_out"])]
    return lines


def second_vote_as_text(found: dict[str, Any]) -> list[str]:
    """The second vote by union as forecast, and its scores."""
    lines = [
        "the second vote of 2011, forecast from the first",
        f"  {'union':<42}{'first':>7}{'5 %':>7}{'25 %':>7}{'50 %':>7}{'75 %':>7}{'95 %':>7}  approves",
    ]
    for name, row in found["unions"].items():
        ends = "".join(f"{row[key]:>7.2f}" for key in ("q05", "q25", "q50", "q75", "q95"))
        lines.append(f"  {name[:41]:<42}{row['first_vote']:>7.2f}{ends}  {row['approves']:.2f}")
    lines += [f"  ratified with {row['probability']:.3f} under: {row['words']}" for row in found["ratified"].values()]
    if "score" in found:
        score = found["score"]
        lines += ["", *scores_as_text({"unions in August": score["scores"]}, score["model_less"])]
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
    groups = {"all votes": found["scores"]} | {f"vote {vote}": means for vote, means in found["by_vote"].items()}
    return [*lines, "", f"  {inside}", "", *scores_as_text(groups, found["model_less"])]


def scores_as_text(groups: dict[str, Any], model_less: dict[str, Any]) -> list[str]:
    """Mean scores by forecaster, and the model's less those of the naive ones."""
    lines = [f"  {'mean scores, 90 % interval':<36}{'Brier':>24}{'log score':>26}"]
    rows = {f"{title}, {name}": means for title, scores in groups.items() for name, means in scores.items()}
    rows |= {f"model less {name}": means for name, means in model_less.items()}
    for title, means in rows.items():
        cells = "".join(f"{m['mean']:>+9.3f} [{m['low']:+.3f}, {m['high']:+.3f}]" for m in means.values())
        lines.append(f"  {title.replace('_', ' '):<36}{cells}")
    return lines
