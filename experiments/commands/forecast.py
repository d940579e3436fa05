"""``planb forecast``: a first vote from what a case says, a second from how the first one went."""

from __future__ import annotations

from typing import Any

import click

from experiments.commands import options
from experiments.commands.ensemble import DRAWN
from experiments.commands.validate import compared_as_text
from sim.wording import percent


@click.command()
@click.argument("scenario", default="connecticut-2011")
@options.worlds(4000)
@options.seed
@options.settings
@click.option("--score", is_flag=True, help="Beside it what happened, where evidence/held_out.toml says so.")
@click.option("--reasons/--no-reasons", default=True, show_default=True, help="Also without each reason in turn.")
@options.as_json
def command(
    scenario: str, worlds: int, seed: int, settings: tuple[str, ...], score: bool, reasons: bool, as_json: bool
) -> None:
    """Forecast a vote of a scenario by unit, union and rule, with and without each reason for how it goes.

    The second vote, given how the first one went, where the case has a window for one and a first vote on record
    (evidence/record.toml, see docs/your-own-case.md); else the first. A second vote takes the posterior that lies with
    the scenario if it was fitted to this very scenario, else fits one first.
    """
    given = options.read_settings(settings)
    case = options.scenario_with(scenario, ())
    from experiments.calibration import forecast as forecasts
    from experiments.calibration.record import has_record, read_record

    second = case.calendar.window is not None and has_record(case)
    if second:
        from experiments.calibration.run import posterior_of

        posterior, fitted = posterior_of(case, seed=seed, tell=lambda said: click.echo(said, err=True))
        record = read_record(case)

        def forecast(less: dict[str, Any]) -> Any:
            return forecasts.forecast(case.with_settings(given | less), record, posterior, worlds=worlds, seed=seed)
    else:
        fitted = ""

        def forecast(less: dict[str, Any]) -> Any:
            return forecasts.forecast_first(case.with_settings(given | less), worlds=worlds, seed=seed)

    found = forecast({})
    drawn = case.with_settings(given).sections.case.uncertainties
    asked = {"uncertainties": drawn, "worlds_run": worlds}
    document = {**forecasts.as_document(found, case), "settings": given, "posterior": fitted, **asked}
    if reasons:
        document["without"] = {
            name: forecasts.without(found, forecast(less))
            for name, less in forecasts.reasons(case, 2 if second else 1).items()
        }
    if score:
        document["score"] = _score(found, case)
    options.answer(document, as_text(document), as_json=as_json)


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
    held, run = document["worlds"], document["worlds_run"]
    if document["vote"] == 2:
        about = f"the second vote, {held:,} worlds; posterior {document['posterior']}"
    else:
        where = f"{held:,} worlds" if held == run else f"in those {held:,} of {run:,} worlds in which there is a deal"
        about = f"the first vote, {where}; {DRAWN[document['uncertainties']]}"
    lines = [
        f"{document['scenario']}: {about}",
        "",
        f"yes, of all ballots: {percent(shares['q50'], 1)} (50 % of worlds {percent(shares['q25'], 1)} to "
        f"{percent(shares['q75'], 1)}, "
        f"90 % {percent(shares['q05'], 1)} to {percent(shares['q95'], 1)})",
    ]
    for name, rule in document["ratified"].items():
        lines.append(f"ratified with probability {rule['probability']:.3f} under the {name} rule: {rule['words']}")
    if "rule_changed" in document and len(document["ratified"]) > 1:
        lines.append(f"leaders change the rule in time with probability {document['rule_changed']:.2f}")
        lines.append(f"ratified with probability {document['ratified_in_all']:.3f} under the rule that then stands")
    if "without" in document:
        lines += ["", f"{'without':<28}{'yes':>7}{'less by':>9}  ratified ({', '.join(document['ratified'])})"]
        for name, row in document["without"].items():
            chances = ", ".join(f"{chance:.3f}" for chance in row["ratified"].values())
            lines.append(f"{name:<28}{row['yes_share']:>7.3f}{row['less']:>+9.3f}  {chances}")
    before = "first" if document["vote"] == 2 else ""
    for title in ("unions", "units"):
        if title == "units" and len(document["units"]) == len(document["unions"]) == 1:
            continue
        lines += ["", f"{title:<42}{before:>7}{'5 %':>8}{'25 %':>8}{'50 %':>8}{'75 %':>8}{'95 %':>8}  approves"]
        for name, row in document[title].items():
            first = f"{row['first_vote']:.3f}" if before else ""
            ends = "".join(f"{row[key]:>8.3f}" for key in ("q05", "q25", "q50", "q75", "q95"))
            lines.append(f"{name[:41]:<42}{first:>7}{ends}  {row['approves']:.2f}")
    if "score" in document:
        lines += ["", *score_as_text(document["score"])]
    return lines


def score_as_text(score: dict[str, Any]) -> list[str]:
    """Scores beside those of the naive forecasts, with 90 % intervals over bodies."""
    lines = compared_as_text(score)
    for rule, scored in score.get("ratified", {}).items():
        lines.append(f"  ratified, {rule} rule: probability {scored['probability']:.3f}, Brier {scored['brier']:.3f}")
    return lines
