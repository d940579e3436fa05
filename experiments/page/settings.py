"""The settings at the side: what is changed there is checked at once, and what is wrong changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import cast

import solara

from experiments.page import fields
from experiments.page.setup import Go, Setup, whole
from experiments.page.widgets import Controls
from sim.errors import WrongInput


@solara.component
def Settings(setup: Setup, allowed: dict[str, str], go: Go) -> None:
    """The controls; what is wrong stays beside its field and changes nothing."""
    refused, set_refused = solara.use_state(cast(dict[str, tuple[str, str]], {}))
    scenario = setup.resolved()
    drawn = solara.use_memo(
        lambda: fields.numbers_drawn(scenario, setup.seed, setup.world),
        [setup.scenario, setup.seed, setup.world, setup.settings],
    )

    def attempt(key: str, text: str, change: Callable[[], Setup]) -> None:
        try:
            new = change()
            new.resolved()
            if new.other is not None:
                new.other.resolved()
        except WrongInput as error:
            set_refused({**refused, key: (text, _without_place(str(error), scenario.name, key))})
            return
        set_refused({known: told for known, told in refused.items() if known != key})
        go(new)

    def pin(given: dict[str, str]) -> None:
        key, text = given["key"], given["value"]
        if key in fields.LUCK:
            attempt(key, text, lambda: _luck(setup, key, text))
        else:
            attempt(key, text, lambda: setup.pin(key, text or None))

    def contrast(key: str) -> None:
        if setup.change is not None and setup.change[0] == key:
            go(replace(setup, change=None))
            return
        rows = fields.groups(scenario, setup, drawn, allowed, {})
        row = next(row for group in rows for row in group["rows"] if row["key"] == key)
        other = fields.contrast_to(row)
        attempt(key + "@B", other, lambda: replace(setup, change=(key, other), chair="", moves=()))

    def change(given: dict[str, str]) -> None:
        key, text = given["key"], given["value"]
        attempt(key + "@B", text, lambda: replace(setup, change=(key, text)))

    Controls(
        groups=fields.groups(scenario, setup, drawn, allowed, refused),
        event_pin=pin,
        event_unpin=lambda key: attempt(key, "", lambda: setup.pin(key, None)),
        event_contrast=contrast,
        event_change=change,
    )


def _luck(setup: Setup, key: str, text: str) -> Setup:
    """Another case, seed, world or chair; another case has other settings, and other luck other moves."""
    if key == "@scenario":
        return Setup(scenario=text, seed=setup.seed, world=setup.world)
    if key == "@chair":
        return replace(setup, chair="" if text == "nobody" else text, moves=(), change=None)
    number = whole(key.strip("@"), text)
    return replace(setup, moves=(), seed=number) if key == "@seed" else replace(setup, moves=(), world=number)


def _without_place(message: str, scenario: str, key: str) -> str:
    """The message without what the place beside the field says already."""
    for head in (f"{scenario}: ", "scenario.toml: ", f"{key}: "):
        message = message.removeprefix(head)
    return message
