"""``planb validate``: the model against the patterns on record."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Any

import click

from experiments.commands import options
from sim.wording import percent


@click.command()
@click.argument("scenario", required=False)
@options.worlds(2000)
@options.seed
@click.option("--leave-out/--no-leave-out", default=True, help="Also forecast each other case from earlier votes.")
@click.option("--out", type=click.Path(path_type=Path), help="Keep validation.json and votes.json in this folder.")
@click.option("--page", type=click.Path(path_type=Path), help="Write all of it as a page into this file.")
@options.as_json
def command(
    scenario: str | None, worlds: int, seed: int, leave_out: bool, out: Path | None, page: Path | None, as_json: bool
) -> None:
    """Check named patterns, and say of each whether it was fitted or forecast.

    With a scenario only its own patterns; without one all cases that ship, the second vote of 2011 forecast and scored,
    each other case forecast from what was over before it, and what votes on record say without the model.
    """
    from experiments.calibration.page import places, write_document
    from experiments.calibration.validation import validate
    from experiments.paper.documents import filled
    from sim.errors import WrongInput

    if page is not None and (scenario is not None or not leave_out):
        raise WrongInput("--page: is about all cases that ship; name no scenario and leave cases out")
    case = options.scenario_with(scenario, ()) if scenario else None
    tell = partial(click.echo, err=True) if sys.stderr.isatty() else (lambda said: None)
    document = validate(case, worlds=worlds, seed=seed, leave_out=leave_out, tell=tell)
    if out is not None:
        write_document(document, out)
    if page is not None:
        page.write_text(filled("validation", places(document)), encoding="utf-8")
    options.answer(document, as_text(document), as_json=as_json)


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
    lines += [f"{kind}: {found['passed']} of {found['of']} pass" for kind, found in document["passed"].items()]
    if "forecast" in document:
        lines += ["", *second_vote_as_text(document["forecast"])]
    for vote, found in document.get("cases", {}).items():
        lines += ["", f"{vote} votes of the cases that ship, each from what was over before"]
        lines += [_voted(row) for row in found["rows"]]
        lines += ["", *compared_as_text(found)]
    if "votes" in document:
        pairs, firsts = document["votes"]["pairs"], document["votes"]["first_votes"]
        lines += ["", "pairs of votes on record, each left out in turn", *compared_as_text(pairs["left_out"])]
        lines += ["", "the same by date", *compared_as_text(pairs["dated"])]
        lines += ["", "first votes on record by date, not selected for how they came out"]
        lines += [*compared_as_text(firsts["not_selected"]), "", "all of them", *compared_as_text(firsts["all"])]
    return lines


def _voted(row: dict[str, Any]) -> str:
    seen = f"{row['seen']:.3f}" if row["seen"] is not None else ("yes" if row["approved"] else "no")
    ends = "".join(f"{row['model'][key]:>7.2f}" for key in ("q05", "q25", "q50", "q75", "q95"))
    return f"  {row['vote_of'][:45]:<46}{seen:>7}{ends}  P(yes) {row['model']['probability']:.2f}"


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
        lines += ["", *compared_as_text(score)]
    return lines


def _row(row: dict[str, Any]) -> str:
    span = "" if row["low"] is None else f"{_number(row['low'])} to {_number(row['high'])}"
    record, found = _number(row["record"]), _number(row["found"])
    head = f"  {row['words']:<32}{row['kind']:<10}"
    score = "" if row["score"] is None else f"{row['score']:.2f}"
    end = f"{score:>6}  {'pass' if row['passes'] else 'FAIL'}"
    if len(record) > 15 or len(found) > 11:
        return f"{head}{record}; found {found} {end}"
    return f"{head}{record:>16}{found:>12}  {span:<18}{end}"


def _number(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.3f}" if abs(value) < 2 else f"{value:,.0f}"


def compared_as_text(found: dict[str, Any]) -> list[str]:
    """Mean scores by forecaster with 90 % intervals over cases, differences, and how often intervals held."""
    keys = {"brier": "Brier", "log_score": "log score", "crps": "CRPS of the share"}
    first = next(iter(found["scores"]))
    rows = found["scores"] | {f"{first} less {name}": means for name, means in found["less"].items()}
    known = [key for key in keys if key in found["scores"][first]]
    lines = [f"  {found['votes']} votes of {found['cases']} cases".ljust(38) + "".join(f"{keys[k]:>26}" for k in known)]
    for title, means in rows.items():
        cells = "".join(f"{means[k]['mean']:>+9.3f} [{means[k]['low']:+.3f}, {means[k]['high']:+.3f}]" for k in known)
        lines.append(f"  {title.replace('_', ' '):<36}{cells}")
    for name, held in found.get("coverage", {}).items():
        if name != "votes":
            lines.append(
                f"  {name.replace('_', ' ')}: inside 50 % {percent(held['in_50'])}, "
                f"inside 90 % {percent(held['in_90'])}"
            )
    return lines
