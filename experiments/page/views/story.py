"""The story so far, in the very words of ``planb play``."""

from __future__ import annotations

import datetime
from html import escape

from experiments.page.moments import Snapshot
from experiments.page.svg import day


def tell(snapshot: Snapshot) -> str:
    """An ordered list, latest at the end; what happened on the last day is marked."""
    items = []
    for event in snapshot.events:
        date = datetime.date.fromisoformat(event["date"])
        today = ' class="today"' if date == snapshot.date else ""
        items.append(
            f'<li{today}><time datetime="{event["date"]}">{day(date)}</time> '
            f"<b>{escape(event['actor'])}</b> <span>{escape(event['event'])}</span></li>"
        )
    if not items:
        return '<p class="quiet">Nothing has happened yet.</p>'
    return f'<ol class="story">{"".join(items)}</ol>'
