"""``planb calibrate``: from the record before the second vote to a posterior."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from experiments.commands import options


@click.command()
@click.argument("scenario", default="connecticut-2011")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Folder; the scenario's own unless named."
)
@click.option("--rows", default=1000, show_default=True, type=click.IntRange(1), help="Rows of the posterior's tables.")
@click.option("--particles", type=click.IntRange(100), help="Draws weighed in all; 90,000 unless named.")
@click.option("--other-votes/--no-other-votes", default=True, help="Votes elsewhere as evidence on members in general.")
@click.option("--leave-out", is_flag=True, help="Also expect each unit's result from all others.")
@click.option("--simulate", default=0, type=click.IntRange(0), help="Also fit this many simulated records.")
@options.seed
@options.settings
@options.as_json
def command(
    scenario: str,
    out: Path | None,
    rows: int,
    particles: int | None,
    other_votes: bool,
    leave_out: bool,
    simulate: int,
    seed: int,
    settings: tuple[str, ...],
    as_json: bool,
) -> None:
    """Fit a scenario's uncertainties to its first vote on record, and save rows to draw worlds from.

    Writes posterior.csv, posterior_moods.csv, posterior_first_vote.csv and posterior.json, which lists everything that
    entered the fit. Worlds draw from it with --set case.uncertainties=posterior.
    """
    case = options.scenario_with(scenario, settings)
    from experiments.calibration.posterior import ROUNDS
    from experiments.calibration.posterior_files import save
    from experiments.calibration.run import calibrate

    rounds = ROUNDS if particles is None else tuple(max(particles * size // sum(ROUNDS), 20) for size in ROUNDS)
    posterior, manifest = calibrate(
        case,
        seed=seed,
        rows=rows,
        rounds=rounds,
        other_votes=other_votes,
        leave_out=leave_out,
        replicates=simulate,
        tell=lambda said: click.echo(said, err=True),
    )
    folder = out if out is not None else case.folder
    written = save(posterior, folder, case.units.names, manifest)
    told = [*as_text(manifest), "", f"written to {folder}: {', '.join(path.name for path in written)}"]
    options.answer(manifest, told, as_json=as_json)


def as_text(manifest: dict[str, Any]) -> list[str]:
    """Parameters, diagnostics and how the record fits, as lines to read."""
    found = manifest["diagnostics"]
    cases = manifest["used"]["other_votes"]["cases"]
    lines = [
        f"{manifest['scenario']}: {manifest['used']['record']['results']} results of the first vote and "
        f"{len(cases)} other cases",
        f"{found['particles']:,} particles, effective {found['effective_size']:,.0f}, Pareto k {found['pareto_k']:.2f} "
        f"({'fine' if found['pareto_k'] < 0.7 else 'not to be trusted: take more particles'})",
        "",
        f"{'parameter':<32}{'range':>16}{'5 %':>9}{'50 %':>9}{'95 %':>9}  narrowed to",
    ]
    lines += [_parameter(row) for row in manifest["parameters"]]
    for key, title in (
        ("prior_predictive", "as the prior would have it"),
        ("posterior_predictive", "as the posterior has it"),
        ("units_left_out", "each expected from all others"),
    ):
        if key in manifest:
            lines += ["", f"results of the first vote, {title}", *_predicted(manifest[key])]
    if "simulation_based_calibration" in manifest:
        ranks = manifest["simulation_based_calibration"]
        lines += [
            "",
            f"simulation-based calibration: {ranks['replicates']} simulated records, "
            f"{len(ranks['quantities'])} quantities",
            f"least p-value {ranks['least_p_value']:.3f}, furthest from uniform {ranks['furthest_from_uniform']:.3f}",
        ]
    return lines


def _parameter(row: dict[str, Any]) -> str:
    span = f"{row['low']:g} to {row['high']:g}"
    ends = "".join(f"{row[key]:>9.3g}" for key in ("q05", "q50", "q95"))
    return f"{row['name']:<32}{span:>16}{ends}  {row['narrowed_to']:.0%}"


def _predicted(found: dict[str, Any]) -> list[str]:
    lines = [f"{'':<44}{'seen':>7}{'5 %':>8}{'25 %':>8}{'50 %':>8}{'75 %':>8}{'95 %':>8}  carries"]
    for row in found["results"]:
        name = row["of"] if row["ballot"] == "benefits" else f"{row['of']} (wages)"
        seen = {None: "", True: "yes", False: "no"}[row["carried"]] if row["seen"] is None else f"{row['seen']:.3f}"
        shares = "".join(f"{row[key]:>8.3f}" for key in ("q05", "q25", "q50", "q75", "q95"))
        lines.append(f"{name[:43]:<44}{seen:>7}{shares}  {row['expected_to_carry']:.2f}")
    known = found["known_shares"]
    lines.append(f"inside 50 %: {found['inside_50']} of {known}; inside 90 %: {found['inside_90']} of {known}")
    return lines
