"""One run as one file: the player with all its moments, stage, cards, story, settings and sources; asks nobody."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Callable
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import Any

from experiments.page.fields import numbers_drawn
from experiments.page.moments import Snapshot
from experiments.page.one_file import fill, settings_table
from experiments.page.run import Run
from experiments.page.setup import Setup
from experiments.page.svg import day
from experiments.page.views import VIEWS
from experiments.page.views.calendar import draw_calendar
from experiments.page.views.stage import draw_narrow_stage, draw_stage
from sim.scenario.scenario import Scenario

TEMPLATE = Path(__file__).with_name("player.html")
MARK = re.compile(r"<(\w+)\b[^>]*>.*?</\1>", re.DOTALL)  # pictures are flat: no mark holds another of its kind


def as_html(run: Run, scenario: Scenario, setup: Setup) -> str:
    """The file, a few hundred kB: marks that many moments share are kept once, and all of it is packed."""
    last = run.last
    marks: dict[str, int] = {}
    pictures = {
        "stage": _picture("The stage", "", draw_stage, run, marks),
        "narrow": _picture("The stage", "", draw_narrow_stage, run, marks),
        "calendar": _picture("Calendar", "", draw_calendar, run, marks),
    }
    for view in VIEWS:
        if view.needs(last.case):
            pictures[view.name] = _picture(view.title, view.about, view.draw, run, marks)
    document = {
        "marks": list(marks),
        "dates": [f"{day(snapshot.date)} {snapshot.date.year}" for snapshot in run.snapshots],
        "told": run.told,
        "story": [
            f"<li><time>{escape(event['date'])}</time><b>{escape(event['actor'])}</b> {escape(event['event'])}</li>"
            for event in last.events
        ],
        "pictures": pictures,
    }
    packed = base64.b64encode(gzip.compress(json.dumps(document).encode(), mtime=0)).decode()
    parts = {
        "title": escape(last.case.title),
        "credit": escape(f"{setup.scenario}, seed {setup.seed}, world {setup.world}; planb {version('planb')}"),
        "outcome": escape(f"Outcome: {run.outcome.replace('_', ' ')}." if run.outcome else "Not played to its end."),
        "command": escape(setup.command()),
        "settings": settings_table(scenario, numbers_drawn(scenario, setup.seed, setup.world)),
        "packed": packed,
    }
    return fill(TEMPLATE, parts)


def _picture(
    title: str, about: str, draw: Callable[[Snapshot], str], run: Run, marks: dict[str, int]
) -> dict[str, Any]:
    """A picture at every moment: its marks, as places in the list of all there are.

    After the first moment what is kept is where it differs from the one before, ``[place, mark, ...]``, or all of it
    anew where marks were added or taken away, behind a -1.
    """
    moments: list[list[int]] = []
    before: list[int] = []
    for seen in run.snapshots:
        now = [marks.setdefault(part, len(marks)) for mark in _split(draw(seen)) for part in _without_tip(mark)]
        changes = [-1, *now]
        if len(now) == len(before):
            changed = [place for place, mark in enumerate(now) if mark != before[place]]
            changes = [number for place in changed for number in (place, now[place])]
        moments.append(changes)
        before = now
    return {"title": title, "about": about, "moments": moments}


def _without_tip(mark: str) -> tuple[str, ...]:
    """A mark before, in and after its tip: what many moments share is kept once."""
    before, tip, after = mark.partition(' data-tip="')
    if not tip:
        return (mark,)
    words, end, rest = after.partition('"')
    return before + tip, words, end + rest


def _split(svg: str) -> list[str]:
    """A picture's head, its marks, and its end."""
    head, closed, body = svg.partition(">")
    body = body.removesuffix("</svg>")
    marks = [found[0] for found in MARK.finditer(body)]
    assert sum(map(len, marks)) == len(body), "a picture is a flat list of marks"
    return [head + closed, *marks, "</svg>"]
