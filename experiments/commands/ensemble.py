"""``planb ensemble``: shares of outcomes with intervals, vote distributions, who pays."""

from __future__ import annotations

from pathlib import Path

import click

from experiments.commands import options
from sim.wording import percent


@click.command()
@click.argument("scenario")
@options.worlds(10_000)
@options.seed
@options.settings
@options.record
@click.option(
    "--device",
    type=click.Choice(options.DEVICES),
    help="Compile the model for this device first (extra [jax]): for a million worlds and more on a graphics card.",
)
@options.as_json
def command(
    scenario: str,
    worlds: int,
    seed: int,
    settings: tuple[str, ...],
    record: int | None,
    device: str | None,
    as_json: bool,
) -> None:
    """Run many worlds and say how often a deal succeeds, who votes for it and who pays."""
    case = options.scenario_with(scenario, settings)
    from experiments.runs.ensemble import run_ensemble
    from experiments.runs.events import NAME, first_worlds, write_events
    from experiments.runs.progress import reporter
    from sim.errors import WrongInput

    events, report = Path(NAME), reporter()
    if record is not None and events.exists():
        raise WrongInput(f"{NAME}: is here already; move it, or work in another folder")
    try:
        found = run_ensemble(
            case, worlds=worlds, seed=seed, device=device, tick=lambda done: report.update(done, worlds, 0)
        )
    finally:
        report.close()
    if record is not None:
        kept = min(record, worlds)
        rows = write_events(events, first_worlds(case, kept), seed=seed)
        click.echo(f"{events}: {rows:,} happenings of {kept:,} worlds", err=True)
    summary = found.as_dict()
    options.answer(summary, as_text(summary), as_json=as_json)


DRAWN = {
    "range": "uncertainties drawn from their ranges",
    "start": "uncertainties at their start",
    "posterior": "uncertainties and moods drawn from the posterior",
    "fitted_numbers": "uncertainties drawn from the posterior, moods anew",
}


def as_text(summary: dict) -> str:
    """Outcome shares with their intervals, the two votes, and the money, as lines to read."""
    drawn = DRAWN[summary["uncertainties"]]
    lines = [f"{summary['scenario']}: {summary['worlds']:,} worlds of seed {summary['seed']}, {drawn}"]
    lines += [f"skipped: {phase}" for phase in summary["skipped"]]
    lines += [f"without effect: {setting}" for setting in summary["without_effect"]]
    lines += [f"outside its range: {setting}" for setting in summary["beyond_range"]]
    lines.append("")
    lines.append(f"{'outcome':<24}{'share':>8}   95 % Wilson interval")
    lines += _shares(summary["outcomes"], 24)
    if summary["table"]:
        lines += ["", "at the table", *_shares(summary["table"], max(map(len, summary["table"])))]
    for vote in summary["votes"]:
        if vote["yes_share"]["mean"] is not None:
            shares, unions = vote["yes_share"], len(vote["unions"])
            approving = f", {vote['unions_yes']['mean']:.1f} unions of {unions}" if unions > 1 else ""
            lines += [
                "",
                f"vote {vote['vote']}, where it is held: yes {percent(shares['mean'], 1)} of ballots "
                f"(90 % of these worlds {percent(shares['q05'], 1)} to {percent(shares['q95'], 1)}){approving}",
            ]
    lines += ["", "who pays, M$ a year      mean      5 %     95 %"]
    for name in ("savings", "revenue", "layoffs", "programmes", "aid", "taxes", "deficit"):
        if name in summary["measures"]:
            amount = summary["measures"][name]
            lines.append(f"{name:<20}{amount['mean']:>9.1f}{amount['q05']:>9.1f}{amount['q95']:>9.1f}")
    return "\n".join(lines)


def _shares(shares: dict, width: int) -> list[str]:
    return [
        f"{name:<{width}}{share['share']:>8.3f}   [{share['low']:.3f}, {share['high']:.3f}]"
        for name, share in shares.items()
    ]
