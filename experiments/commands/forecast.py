"""``planb forecast``: a second vote from the first, the new list and the terms as revised."""

from __future__ import annotations

from typing import Any

import click

from experiments.commands import options
from experiments.commands.validate import compared_as_text


@click.command()
@click.argument("scenario", default="connecticut-2011")
@options.worlds(4000)
@options.seed
@options.settings
@click.option("--score", is_flag=True, help="Beside it what happened, where evidence/held_out.toml says so.")
@options.as_json
def command(scenario: str, worlds: int, seed: int, settings: tuple[str, ...], score: bool, as_json: bool) -> None:
    """Forecast the second vote of a scenario by unit, union and rule, given how the first one went.

    Takes the posterior that lies with the scenario if it was fitted to this very scenario, else fits one first. What
    the first vote was stands in evidence/record.toml; see docs/your-own-case.md.
    """
    given = options.read_settings(settings)
    case = options.scenario_with(scenario, ())
    from experiments.calibration.forecast import as_document, forecast
    from experiments.calibration.record import read_record
    from experiments.calibration.run import posterior_of

    record = read_record(case)
    posterior, fitted = posterior_of(case, seed=seed, tell=lambda said: click.echo(said, err=True))
    found = forecast(case.with_settings(given), record, posterior, worlds=worlds, seed=seed)
    document = {**as_document(found, case), "settings": given, "posterior": fitted}
    if score:
        document["score"] = _score(found, case)
    if as_json:
        options.print_json(document)
    else:
        click.echo("\n".join(as_text(document)))


def _score(found: Any, case: Any) -> dict[str, Any]:
    from experiments.calibration.dated import score_second_vote
    from experiments.calibration.record import HELD_OUT, read_held_out
    from sim.errors import WrongInput

    held_out = read_held_out(case)
    if held_out is None:
        raise WrongInput(f"{case.name}: holds no {HELD_OUT}, so there is nothing to score with")
    return score_second_vote(found, case, held_out)


def as_text(document: dict[str, Any]) -> list[str]:
    """The forecast as lines to read."""
    shares = document["yes_share"]
    lines = [
        f"{document['scenario']}: the second vote, {document['worlds']:,} worlds; posterior {document['posterior']}",
        "",
        f"yes, of all ballots: {shares['q50']:.1%} (50 % of worlds {shares['q25']:.1%} to {shares['q75']:.1%}, "
        f"90 % {shares['q05']:.1%} to {shares['q95']:.1%})",
    ]
    for name, rule in document["ratified"].items():
        lines.append(f"ratified with probability {rule['probability']:.3f} under the {name} rule: {rule['words']}")
    if len(document["ratified"]) > 1:
        lines.append(f"leaders change the rule in time with probability {document['rule_changed']:.2f}")
    for title in ("unions", "units"):
        if title == "units" and len(document["units"]) == len(document["unions"]) == 1:
            continue
        lines += ["", f"{title:<42}{'first':>7}{'5 %':>8}{'25 %':>8}{'50 %':>8}{'75 %':>8}{'95 %':>8}  approves"]
        for name, row in document[title].items():
            ends = "".join(f"{row[key]:>8.3f}" for key in ("q05", "q25", "q50", "q75", "q95"))
            lines.append(f"{name[:41]:<42}{row['first_vote']:>7.3f}{ends}  {row['approves']:.2f}")
    if "score" in document:
        lines += ["", *score_as_text(document["score"])]
    return lines


def score_as_text(score: dict[str, Any]) -> list[str]:
    """Scores beside those of the naive forecasts, with 90 % intervals over bodies."""
    lines = compared_as_text(score)
    for rule, scored in score.get("ratified", {}).items():
        lines.append(f"  ratified, {rule} rule: probability {scored['probability']:.3f}, Brier {scored['brier']:.3f}")
    return lines
