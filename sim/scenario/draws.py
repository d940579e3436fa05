"""What nobody knows, drawn for every world from ranges or from the posterior: uncertain parameters, lasting moods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import WrongInput, whole_number
from sim.scenario.numbers import Numbers
from sim.scenario.sections import FITTED
from sim.worlds.axis import Worlds
from sim.worlds.randomness import Luck, Stream, with_common_part

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario


def numbers_in_worlds(scenario: Scenario, luck: Luck, point: Mapping[str, Any], *, checked: bool) -> Numbers:
    """What every parameter is in these worlds; see `Scenario.values`. Raises `WrongInput`."""
    whole_number("seed", luck.seed, least=0)
    whole_number("world", int(np.min(luck.worlds, initial=0)), least=0)
    given = dict(point) if checked else scenario.check_point(point)
    for key, value in () if checked else given.items():
        if not scenario.entries[key].varies:
            raise WrongInput(f"{scenario.name}: {key!r} is one for all worlds; use with_settings for it")
        if np.ndim(value) == 1 and len(value) != len(luck.worlds):
            raise WrongInput(f"{scenario.name}: {key}: has {len(value)} values for {len(luck.worlds)} worlds")
    numbers: dict[str, Any] = _drawn(scenario, luck, given)
    return Numbers.of(scenario, numbers | given)


def columns_in_worlds(scenario: Scenario, luck: Luck, point: Mapping[str, Any]) -> dict[str, NDArray[np.float64]]:
    """Every number that may differ from world to world, by dotted key, (worlds,). Raises `WrongInput`."""
    given = scenario.check_point(point)
    known = {**_drawn(scenario, luck, given), **given}
    found = {}
    for key, entry in scenario.entries.items():
        if entry.varies:
            usual = entry.value.value if entry.is_parameter else entry.value
            found[key] = np.array(np.broadcast_to(np.asarray(known.get(key, usual), dtype=float), len(luck.worlds)))
    return found


def _drawn(scenario: Scenario, luck: Luck, given: Mapping[str, Any]) -> dict[str, NDArray[np.float64]]:
    """What is drawn in these worlds, by full key, (worlds,): all that is uncertain and not ``given``."""
    mode = scenario.sections.case.uncertainties
    if mode == "start":
        return {}
    numbers: dict[str, NDArray[np.float64]] = {}
    if mode in FITTED and scenario.posterior is not None:
        row = _posterior_row(scenario.posterior, luck)
        fixed = given.keys() | scenario.settings.keys()
        numbers = {key: np.take(column, row) for key, column in scenario.posterior.items() if key not in fixed}
    open_ = [entry for entry in scenario.uncertain if entry.key not in given and entry.key not in numbers]
    if not open_:
        return numbers
    drawn = luck.one_uniform_each(Stream.UNCERTAINTY, [entry.key for entry in open_])
    low = np.array([entry.value.low for entry in open_])[:, None]
    high = np.array([entry.value.high for entry in open_])[:, None]
    whole = np.array([entry.value.whole for entry in open_])
    drawn *= high - low + whole[:, None]
    drawn += low
    drawn[whole] = np.floor(drawn[whole])
    numbers |= {entry.key: row for entry, row in zip(open_, drawn, strict=True)}
    return numbers


def moods_in_worlds(scenario: Scenario, luck: Luck, spread: Worlds, shared: Worlds) -> NDArray[np.float64]:
    """Lasting mood of every unit, logits, (units, worlds); see `Scenario.unit_moods`."""
    if scenario.posterior_moods is not None and scenario.posterior is not None:
        row = _posterior_row(scenario.posterior, luck)
        fitted = scenario.posterior.get("members.trust_spread")
        stretched = 1.0 if fitted is None else spread / np.maximum(np.take(fitted, row), 1e-6)
        return np.ascontiguousarray(np.take(scenario.posterior_moods, row, axis=0).T) * stretched
    unions = len(scenario.unions.names)
    own = luck.normals(Stream.UNITS, len(scenario.units.names))
    common = luck.normals(Stream.UNION_MOODS, 3 * unions)[:unions]
    return with_common_part(own, common[scenario.units.union], shared) * spread


def _posterior_row(posterior: Mapping[str, NDArray[np.float64]], luck: Luck) -> NDArray[np.int64]:
    """Which draw of the posterior each world lives in, (worlds,)."""
    draws = len(next(iter(posterior.values())))
    return (luck.uniforms(Stream.POSTERIOR, 1)[0] * draws).astype(np.int64)
