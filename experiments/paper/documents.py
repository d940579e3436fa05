"""One engine for the documents that are made from code and results: templates whose places are filled.

    python -m experiments.paper.documents [--check]

makes every committed result that is stale (`experiments.paper.committed`) and then every document. Studies are written
up each time: their runs are kept, and a check of samples cannot see a change of wording.

In ``templates/NAME.md`` ``{{PLACE}}`` stands for a table, a sentence or a number, and ``{{PLACE:.1%}}`` says how a
number is written; docs/NAME.md is the template with all of them in their place. ``DOCUMENTS`` lists every such document
with who fills it; tests read the same list.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from sim.errors import WrongInput, nearest

TEMPLATES = Path(__file__).with_name("templates")
DOCS = Path(__file__).parents[2] / "docs"
PLACE = re.compile(r"\{\{([\w.-]+)(?::[^{}]+)?\}\}")
HEAD = "<!-- Made by `make documents` from experiments/paper/templates/{name}.md; change that, not this. -->\n\n"

# whose ``places()`` says what stands where
DOCUMENTS = {
    "connecticut-2011": "experiments.paper.report",
    "odd": "experiments.paper.odd_tables",
    "theory": "experiments.paper.theory_table",
    "validation": "experiments.calibration.page",
}


def template(name: str) -> str:
    """The text of a template."""
    return (TEMPLATES / f"{name}.md").read_text(encoding="utf-8")


def filled(name: str, places: Mapping[str, Any] | None = None) -> str:
    """A document with everything in its place; ``places`` unless its own module is to say.

    Raises: WrongInput for a place that nothing fills.
    """
    if places is None:
        own: Callable[[], Mapping[str, Any]] = import_module(DOCUMENTS[name]).places
        places = own()

    def fill(found: re.Match[str]) -> str:
        if found[1] not in places:
            raise WrongInput(f"{name}.md: nothing fills {found[1]!r}{nearest(found[1], places)}")
        _, _, written = found[0].strip("{}").partition(":")
        return format(places[found[1]], written)

    return HEAD.format(name=name) + PLACE.sub(fill, template(name))


def stale(name: str) -> bool:
    """Is a document no longer what its template, the code and the results say?"""
    path = DOCS / f"{name}.md"
    return not path.is_file() or path.read_text(encoding="utf-8") != filled(name)


def table(head: Sequence[str], cells: Iterable[Sequence[str]]) -> str:
    """A table in Markdown; a column whose heading ends in ``>`` stands right."""
    sides = ["---:" if name.endswith(">") else "---" for name in head]
    return "\n".join([rows([[name.removesuffix(">") for name in head], sides]), rows(cells)])


def rows(cells: Iterable[Sequence[str]]) -> str:
    """Rows of a table in Markdown; a bar inside a cell would end it."""
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in cells)


def cells(found: Iterable[Mapping[str, Any]], *formats: str) -> Iterator[list[str]]:
    """A row of each of what was found; a format a column, such as ``{share:.1%}`` or ``{model[brier]:.3f}``."""
    return ([written.format_map(one) for written in formats] for one in found)


def by_path(found: Mapping[str, Any], under: str) -> dict[str, Any]:
    """Everything in nested results as places: ``UNDER.NAME.NAME``."""
    places: dict[str, Any] = {}
    for name, value in found.items():
        path = f"{under}.{name}"
        places |= by_path(value, path) if isinstance(value, Mapping) else {path: value}
    return places


def write(name: str) -> str:
    """Write a document; its path in words."""
    (DOCS / f"{name}.md").write_text(filled(name), encoding="utf-8")
    return f"docs/{name}.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Make stale results, then stale documents; with --check only name them, and return 1 if there are any."""
    from experiments.paper.committed import COMMITTED

    parser = argparse.ArgumentParser(description="Make every committed result and generated document current.")
    parser.add_argument("--check", action="store_true", help="only say what is stale; exit 1 if anything is")
    check = parser.parse_args(arguments).check
    found = 0
    for result in COMMITTED:
        why = result.stale()
        found += bool(why)
        if why:
            print(f"{result.name}: {why}{'' if check else f'; made anew ({result.takes})'}", flush=True)
        if not check and (why or result.each_time):
            result.make()
    for name in DOCUMENTS:
        if stale(name):
            found += 1
            print(f"docs/{name}.md: stale" if check else f"{write(name)}: written", flush=True)
    return int(check and found > 0)


if __name__ == "__main__":
    sys.exit(main())
