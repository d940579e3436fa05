"""The page's own parts in the browser: what reacts there at once lives in ``vue/``, everything else in Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import solara

Event = Callable[..., None]


@solara.component_vue("vue/picture.vue")
def Picture(svg: str, title: str, file: str = "", credit: str = "") -> None:
    """A view's SVG: marks say their tip when pointed at or walked to.

    ``file`` names it when it is saved, and ``credit`` is the line it then bears.
    """


@solara.component_vue("vue/transport.vue")
def Transport(
    step: int,
    dates: list[str],
    told: list[int],
    said: str,
    server: str,
    narrow: bool,
    event_goto: Event,
    event_narrow: Event,
) -> None:
    """Play, step, rewind. The browser keeps the pace, so nobody plays on when it is gone.

    ``told``: how much has been told by each date, so that a day that brings nothing passes quickly. ``said``: what this
    step brought, for who hears the page. ``server``: which start of the server this is. ``narrow``:
    was the page last drawn for a narrow screen? Where that is wrong, it says so.
    """


@solara.component_vue("vue/controls.vue")
def Controls(
    groups: list[dict[str, Any]], event_pin: Event, event_unpin: Event, event_contrast: Event, event_change: Event
) -> None:
    """All settings, grouped; a wrong one is refused beside its field."""


@solara.component_vue("vue/chair.vue")
def Chair(
    heading: str,
    turn: dict[str, Any] | None,
    issues: list[dict[str, Any]],
    moves: int,
    undo: bool,
    leave: str,
    verdict: str,
    error: str,
    event_offer: Event,
    event_answer: Event,
    event_undo: Event,
    event_leave: Event,
) -> None:
    """What somebody who plays by hand sees and does.

    ``moves`` there have been, and ``undo``: may the last be taken back? ``leave``: what getting up is called. Without a
    turn of his the ``verdict`` is told.
    """


@solara.component_vue("vue/seat_choice.vue")
def SeatChoice(seats: list[dict[str, Any]], event_take: Event) -> None:
    """All seats of a room, and a button that takes the one that is chosen; some are closed."""


@solara.component_vue("vue/offers.vue")
def Offers(rows: list[dict[str, Any]], decided: list[dict[str, Any]], event_goto: Event) -> None:
    """What each side offered, in points, and what others decided; a button shows the day."""


@solara.component_vue("vue/share.vue")
def Share(lines: list[dict[str, Any]]) -> None:
    """Lines to copy: the command line, the address of this moment."""


@solara.component_vue("vue/story.vue")
def Story(html: str) -> None:
    """The story, scrolled to its latest line."""


@solara.component_vue("vue/turns.vue")
def Turns(rows: list[dict[str, Any]], event_choose: Event) -> None:
    """Changes in words, each a button; told which by its place."""


@solara.component_vue("vue/choose.vue")
def Choose(label: str, value: str, groups: dict[str, dict[str, str]], event_choose: Event) -> None:
    """A list to choose from: by group, value -> words."""


@solara.component_vue("vue/folded.vue")
def Folded(summary: str, html: str) -> None:
    """What can be unfolded, and stays so while it is written anew."""


@solara.component_vue("vue/named.vue")
def Named() -> None:
    """Gives a name to what Mesa's own page leaves without one, for who hears the page."""
