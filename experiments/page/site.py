"""Runs of the cases as static files: a page a world, and one that lists them; any web server or a disk will do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from importlib.metadata import version
from pathlib import Path

from experiments.page.run import Run, record
from experiments.page.setup import Setup
from experiments.page.standalone import as_html
from sim.errors import WrongInput
from sim.scenario.scenario import load_scenario

INDEX = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Budget bargaining under threat</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ margin: 0 auto; padding: 8px 14px 40px; max-width: 760px; font: 16px/1.5 system-ui, sans-serif; }}
h1 {{ font-size: 24px; }} h2 {{ font-size: 17px; margin: 14px 0 0; }} ul {{ margin: 2px 0; }}
a {{ display: inline-block; padding: 2px 0; }}
</style>
</head>
<body>
<main>
<h1>Budget bargaining under threat</h1>
<p>Recorded runs, day by day. Seed {seed}; planb {version}.</p>
{cases}
</main>
</body>
</html>
"""


def write_site(
    out: Path, cases: Iterable[str], *, worlds: int, seed: int, tell: Callable[[str], object] = lambda _: None
) -> list[Path]:
    """The first worlds of every case into a new or empty folder; ``tell`` is told of each file. Returns the paths.

    Raises: WrongInput where the folder holds something or cannot be written.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()):
            raise WrongInput(f"{out}: is not empty; name a new folder")
        written, sections = [], []
        for case in cases:
            scenario = load_scenario(case)
            links = []
            for world in range(worlds):
                run = record(scenario, seed, world)
                file = out / f"{case}-{world}.html"
                file.write_text(as_html(run, scenario, Setup(scenario=case, seed=seed, world=world)), encoding="utf-8")
                links.append(_link(file.name, world, run))
                written.append(file)
                tell(file.name)
            sections.append(f"<h2>{escape(scenario.title)}</h2>\n<ul>\n{''.join(links)}</ul>")
        index = INDEX.format(seed=seed, version=escape(version("planb")), cases="\n".join(sections))
        (out / "index.html").write_text(index, encoding="utf-8")
    except OSError as error:
        raise WrongInput(f"{out}: cannot be written: {error.strerror}") from None
    return [out / "index.html", *written]


def _link(file: str, world: int, run: Run) -> str:
    how = run.outcome.replace("_", " ") if run.outcome else "not played to its end"
    return f'<li><a href="{escape(file)}">World {world}</a>: {escape(how)}</li>\n'
