"""What every file has that stands alone in a browser: one look in light and dark, and tables; no request, ever."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from experiments.page.fields import told
from sim.scenario.scenario import Scenario

STYLE = Path(__file__).with_name("one_file.css")


def fill(template: Path, parts: Mapping[str, str]) -> str:
    """The template with a part, which is HTML already, in the place of every ``{{name}}``; ``{{style}}`` is ours."""
    known = {"style": STYLE.read_text(encoding="utf-8"), **parts}
    return re.sub(r"\{\{(\w+)\}\}", lambda found: known[found[1]], template.read_text(encoding="utf-8"))


def table(head: Sequence[str], rows: Iterable[Sequence[object]], classes: str = "") -> str:
    """A table of words; the first cell of a row names it."""
    columns = "".join(f"<th scope='col'>{escape(word)}</th>" for word in head)
    body = "".join(
        f"<tr><th scope='row'>{escape(str(first))}</th>{''.join(f'<td>{escape(str(cell))}</td>' for cell in rest)}</tr>"
        for first, *rest in rows
    )
    named = f" class='{classes}'" if classes else ""
    return f"<table{named}><thead><tr>{columns}</tr></thead><tbody>{body}</tbody></table>"


def settings_table(scenario: Scenario, values: Mapping[str, Any]) -> str:
    """Every parameter with its source; ``values``: what to show in the place of the case's own."""
    rows = (
        (row["name"], row["role"], told(values.get(row["name"], row["value"])), row["unit"], row["source"])
        for row in scenario.parameters()
    )
    return table(("parameter", "role", "value", "unit", "source"), rows)
