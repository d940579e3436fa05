"""``planb site``: recorded runs as static files."""

from __future__ import annotations

from pathlib import Path

import click

from experiments.commands import options


@click.command()
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.option("--case", "cases", multiple=True, metavar="NAME", help="A case; may be repeated. All that ship if none.")
@click.option("--worlds", default=1, show_default=True, type=click.IntRange(1, 100), help="How many worlds of each.")
@options.seed
@options.as_json
def command(out: Path, cases: tuple[str, ...], worlds: int, seed: int, as_json: bool) -> None:
    """Write runs as a folder of pages that need no server."""
    from experiments.page.site import write_site
    from sim.scenario.folder import shipped_scenarios

    chosen = cases or shipped_scenarios()
    written = write_site(out, chosen, worlds=worlds, seed=seed, tell=lambda name: click.echo(name, err=True))
    told = f"{out / 'index.html'}: {len(written) - 1} runs; open it in a browser"
    options.answer({"files": [str(path) for path in written]}, told, as_json=as_json)
