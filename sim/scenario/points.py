"""What somebody puts in the place of a case's own entries: a setting, or the numbers of a point of a design."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.errors import WrongInput
from sim.scenario.entries import Entry, as_in_the_file, parsed, put
from sim.scenario.parameters import outside

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario


def with_pinned(scenario: Scenario, settings: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The case's file with these settings in their places, and all that is pinned by full key. Raises `WrongInput`."""
    raw = dict(scenario.raw)
    pinned = dict(scenario.settings)
    for key, given in settings.items():
        entry = scenario.entry(key)
        value = _setting(scenario, entry, given)
        pinned[entry.key] = value
        raw = put(raw, entry.place, as_in_the_file(entry, value))
    return raw, pinned


def checked_point(scenario: Scenario, point: Mapping[str, Any]) -> dict[str, Any]:
    """A point by full keys, its numbers as floats or arrays, all within their bounds. Raises `WrongInput`."""
    checked: dict[str, Any] = {}
    for key, given in point.items():
        entry = scenario.entry(key)
        if entry.key in checked:
            raise WrongInput(f"{scenario.name}: {entry.key!r} is given twice")
        if not entry.varies:
            if np.ndim(given) > 0:
                raise WrongInput(f"{scenario.name}: {entry.key}: is one for all worlds of a block, got an array")
            checked[entry.key] = _setting(scenario, entry, given.item() if isinstance(given, np.generic) else given)
        else:
            checked[entry.key] = _numbers(scenario, entry, given)
    settings = {key: value for key, value in checked.items() if not scenario.entries[key].varies}
    if settings:
        scenario.with_settings(settings)
    return checked


def _setting(scenario: Scenario, entry: Entry, given: Any) -> Any:
    """A setting's value in the type of its entry. Raises `WrongInput`."""
    try:
        return parsed(entry, given)
    except ValueError as error:
        raise WrongInput(f"{scenario.name}: {entry.key}: {error}") from None


def _numbers(scenario: Scenario, entry: Entry, given: Any) -> Any:
    """A number, or an array with one a world, within the entry's bounds."""
    if np.ndim(given) == 0:
        value = _setting(scenario, entry, given.item() if isinstance(given, (np.generic, np.ndarray)) else given)
        least = most = float(value)
    else:
        value = np.asarray(given)
        if value.dtype.kind not in "iuf" or value.ndim != 1 or not np.all(np.isfinite(value)):
            odd = next((one for one in value.flat if not isinstance(one, float) or not np.isfinite(one)), given)
            raise WrongInput(f"{scenario.name}: {entry.key}: must be finite numbers ({entry.unit}), got {odd!r}")
        least, most = float(value.min()), float(value.max())
    low, high, whole = entry.bounds()
    for amount in (least, most):
        if wrong := outside(amount, low, high, entry.unit):
            raise WrongInput(f"{scenario.name}: {entry.key}: {wrong}, got {amount:g}")
    if whole and np.any(np.asarray(value, dtype=float) % 1 != 0):
        raise WrongInput(f"{scenario.name}: {entry.key}: must be whole, got {given!r}")
    bodies = len(scenario.unions.names)
    if entry.kind == "threshold" and whole and most > bodies:
        raise WrongInput(f"{scenario.name}: {entry.key}: asks for {most:g} of {bodies} unions")
    return value
