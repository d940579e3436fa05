"""Runs of the cases as static files: a page a world, and one that lists them; any web server or a disk will do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from importlib.metadata import version
from pathlib import Path

from experiments.page.one_file import fill
from experiments.page.run import Run, record
from experiments.page.setup import Setup
from experiments.page.standalone import as_html
from sim.errors import WrongInput
from sim.scenario.scenario import load_scenario

TEMPLATE = Path(__file__).with_name("site.html")


def write_site(
    out: Path, cases: Iterable[str], *, worlds: int, seed: int, tell: Callable[[str], object] = lambda _: None
) -> list[Path]:
    """The first worlds of every case into a new or empty folder; ``tell`` is told of each file. Returns the paths.

    Raises: WrongInput where the folder holds something; OSError where it cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    if any(out.iterdir()):
        raise WrongInput(f"{out}: is not empty; name a new folder")
    written, sections = [], []
    for case in cases:
        scenario = load_scenario(case)
        links = []
        for world in range(worlds):
            run = record(scenario, seed, world)
            file = out / f"{scenario.name}-{world}.html"
            file.write_text(as_html(run, scenario, Setup(scenario=case, seed=seed, world=world)), encoding="utf-8")
            links.append(_link(file.name, world, run))
            written.append(file)
            tell(file.name)
        sections.append(f"<section><h2>{escape(scenario.title)}</h2><ul>{''.join(links)}</ul></section>")
    parts = {
        "title": "Budget bargaining under threat",
        "credit": escape(f"Recorded runs, day by day. Seed {seed}; planb {version('planb')}."),
        "cases": "\n".join(sections),
    }
    index = out / "index.html"
    index.write_text(fill(TEMPLATE, parts), encoding="utf-8")
    return [index, *written]


def _link(file: str, world: int, run: Run) -> str:
    how = run.outcome.replace("_", " ") if run.outcome else "not played to its end"
    return f'<li><a href="{escape(file)}">World {world}</a>: {escape(how)}</li>'
