"""``planb sensitivity``: which parameters an outcome depends on, and where in their space it happens."""

from __future__ import annotations

from pathlib import Path

import click

from experiments.commands import options
from experiments.commands.explain import progress
from sim.errors import WrongInput

ROLES = {"all": ("uncertainty", "lever"), "uncertainties": ("uncertainty",), "levers": ("lever",)}


@click.command()
@click.argument("scenario")
@click.option("--method", type=click.Choice(["morris", "sobol", "prim"]), default="sobol", show_default=True)
@click.option("--worlds", type=options.MANY, help="Worlds in all; 75000 (sobol), 10000 (morris), 8000 (prim).")
@click.option("--measure", default="deal,posts_lost,aid,agreed_day", show_default=True, help="Measures, by commas.")
@click.option("--over", type=click.Choice(list(ROLES)), default="all", show_default=True, help="What is varied.")
@click.option("--vary", multiple=True, metavar="KEY[=LOW:HIGH]", help="Vary only these; may be repeated.")
@options.seed
@options.settings
@click.option("--out", type=click.Path(path_type=Path), help="Write sensitivity.csv and figures into this folder.")
@options.as_json
def command(
    scenario: str,
    method: str,
    worlds: int | None,
    measure: str,
    over: str,
    vary: tuple[str, ...],
    seed: int,
    settings: tuple[str, ...],
    out: Path | None,
    as_json: bool,
) -> None:
    """Vary all uncertainties and numeric levers over their ranges: Morris screening, Sobol indices, or PRIM boxes."""
    if vary and over != "all":
        raise WrongInput("--vary and --over both say what is varied; give one of them")
    case = options.scenario_with(scenario, settings)
    from experiments.sensitivity.analysis import analyse, as_text, write
    from experiments.sensitivity.factors import factors

    chosen = factors(case, ROLES[over], ranges=ranges_of(vary))
    measures = tuple(dict.fromkeys(name.strip() for name in measure.split(",") if name.strip()))
    with progress() as tick:
        found = analyse(case, chosen, method=method, worlds=worlds, measures=measures, seed=seed, tick=tick)
    written = [] if out is None else write(found, out)
    shown = [path for path in written if path.suffix == ".png" or path.name == "sensitivity.csv"]
    told = [as_text(found), *(f"written: {path}" for path in shown)]
    document = found.as_dict() | {"written": [str(path) for path in written]}
    options.answer(document, told, as_json=as_json)


def ranges_of(vary: tuple[str, ...]) -> dict[str, tuple[float, float] | None]:
    """``KEY`` or ``KEY=LOW:HIGH``. Raises `WrongInput`."""
    ranges: dict[str, tuple[float, float] | None] = {}
    for text in vary:
        key, equals, ends = (part.strip() for part in text.partition("="))
        if key in ranges:
            raise WrongInput(f"--vary {key}: is given twice")
        if not equals:
            ranges[key] = None
            continue
        try:
            low, high = (float(end) for end in ends.split(":"))
        except ValueError:
            raise WrongInput(f"--vary {text!r}: write KEY or KEY=LOW:HIGH") from None
        ranges[key] = (low, high)
    return ranges
