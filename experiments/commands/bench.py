"""``planb bench``: measure speed side by side with what a user would pick instead."""

from __future__ import annotations

from pathlib import Path

import click

from experiments.commands import options


@click.command()
@click.argument("scenario", default="connecticut-2011")
@click.option("--quick", is_flag=True, help="One short round, to see that it runs; the figures mean little.")
@click.option("--long", is_flag=True, help="Also up to ten million worlds through the runner: a quarter of an hour.")
@click.option("--out", default="docs/performance.md", show_default=True, help="Where the report goes.",
              type=click.Path(path_type=Path, dir_okay=False))  # fmt: skip
@click.option(
    "--device",
    type=click.Choice(options.DEVICES),
    help="Measure only the model compiled for this device (extra [jax]) beside NumPy's blocks; no report is written.",
)
@options.as_json
def command(scenario: str, quick: bool, long: bool, out: Path, device: str | None, as_json: bool) -> None:
    """Measure speed side by side with what a user would pick instead.

    A quick run writes no report unless --out names a file.
    """
    case = options.scenario_with(scenario, ())
    if device is not None:
        from experiments.bench.device import as_lines, on_device

        speeds = on_device(case, device, quick=quick)
        return options.answer([speed._asdict() for speed in speeds], as_lines(speeds), as_json=as_json)
    from experiments.bench.report import as_text, keep, measure, places
    from experiments.paper.documents import filled

    report = measure(case, quick=quick, long=long)
    named = options.is_given("out")
    if named or not quick:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(filled("performance", places(report)), encoding="utf-8")
    if not named and not quick:
        keep(report)
    options.answer(report, as_text(report), as_json=as_json)
