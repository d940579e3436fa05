"""``planb report``: a results folder as one file to read and to pass on."""

from __future__ import annotations

import gzip
from pathlib import Path

import click

from experiments.commands import options as shared


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), is_flag=False, flag_value="", default="",
              metavar="[FILE]", help="Where to write it; DIR/report.html unless a FILE is named.")  # fmt: skip
@shared.as_json
def command(folder: Path, html: Path, as_json: bool) -> None:
    """Write a finished DIR as one HTML file: verdicts, charts, tables, settings, sources and how it was drawn.

    It opens from disk, asks nobody, and has no script. A folder that does not verify is refused.
    """
    from experiments.paper.folder_report import report_on

    report = report_on(folder)
    file = html if html.name else folder / "report.html"
    file.write_text(report.html, encoding="utf-8")
    packed = len(gzip.compress(report.html.encode()))
    document = {"written": str(file), "packed_bytes": packed, "charts": report.charts, "failed": report.failed}
    told = f"{file}: {', '.join(report.charts) or 'no chart'}; {packed / 1000:,.0f} kB packed, open it in a browser"
    shared.answer(document, told, as_json=as_json)
    for kind, why in report.failed.items():
        click.echo(f"planb: chart {kind}: not drawn: {why}", err=True)
