"""A scenario: one folder with ``scenario.toml`` and its tables, read strictly and never changed after loading.

`load_scenario` reads it, `Scenario.with_settings` pins numbers, `Scenario.values` draws for every world what nobody
knows. A key is a dotted path through the file in which an item of a list goes by its ``name``
(``issues.wage_freeze.burden``); short names are declared in ``[names]``.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.tactics import ALL_TACTICS, numbers_of
from sim.bargaining.package import Issue
from sim.errors import WrongInput, nearest
from sim.in_short import InShort
from sim.plugins import SIDES, Plugin, plugin, raw_with
from sim.public.seniority import Seniority
from sim.public.towns import TownHalls
from sim.scenario.draws import columns_in_worlds, moods_in_worlds, numbers_in_worlds
from sim.scenario.entries import Entry, by_name, entries_of_file
from sim.scenario.file import Rules, ScenarioFile, with_usual
from sim.scenario.folder import case_file, sections_of, sections_with, tables_of
from sim.scenario.in_json import hash_of, parameter_rows, resolved
from sim.scenario.numbers import Numbers, Stated
from sim.scenario.points import checked_point, with_pinned
from sim.scenario.reading import read_toml
from sim.scenario.references import check_references
from sim.scenario.seats import Coefficients, Seats
from sim.scenario.sections import Calendar
from sim.scenario.tables import DistrictTowns, Legislators, TownBooks, Unions, Units
from sim.worlds.axis import Worlds
from sim.worlds.randomness import Luck


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Scenario(InShort):
    """One case, resolved: its sections, its tables, and what was pinned after loading."""

    name: str
    folder: Path
    file: str  # for messages
    raw: Mapping[str, Any]  # the file as TOML reads it, with the settings in their places
    settings: Mapping[str, Any]  # what was pinned, by dotted key
    sections: ScenarioFile
    entries: Mapping[str, Entry]  # everything in the file that can be set, by dotted key
    stated: Stated  # the sections as rules meet them
    units: Units
    unions: Unions
    seniority: Seniority
    legislators: Legislators | None = None
    roll_call: Coefficients | None = None  # the fit that says how such seats vote
    town_books: TownBooks | None = None
    district_towns: DistrictTowns | None = None
    seats: Seats = field(default_factory=Seats)  # the same in all worlds; none without a legislature
    town_halls: TownHalls | None = None  # the towns with what is the same in all worlds
    posterior: Mapping[str, NDArray[np.float64]] | None = None
    posterior_moods: NDArray[np.float64] | None = None  # lasting moods of units, logits, (draws, units)
    plugins: Mapping[str, Plugin] = field(default_factory=dict)  # bodies and tactics of a user's own, by role

    # --- what it says

    def in_short(self) -> dict[str, str]:
        """Who is in the case and what was pinned."""
        counts = {"unions": len(self.unions.names), "units": len(self.units.names), "issues": len(self.issues)}
        counts |= {"seats": len(self.legislators.names) if self.legislators else 0}
        counts |= {"towns": len(self.town_books.names) if self.town_books else 0}
        pinned = ", ".join(f"{key} = {value}" for key, value in self.settings.items())
        return {
            "case": self.name,
            "with": ", ".join(f"{count} {thing}" for thing, count in counts.items() if count),
            "parameters": str(len(self.parameters())),
            "pinned": pinned if len(pinned) <= 200 else f"{len(self.settings)} settings",
        }

    @property
    def title(self) -> str:
        """The case in one line."""
        return self.sections.case.title

    @property
    def calendar(self) -> Calendar:
        """Dates of the phases, the same in all worlds."""
        return self.sections.calendar

    @property
    def rules(self) -> Rules:
        """Who must approve what."""
        return self.sections.rules

    @property
    def issues(self) -> tuple[Issue, ...]:
        """What is bargained over."""
        return self.sections.issues

    @property
    def towns(self) -> TownBooks | None:
        """The towns' books, where the case has towns."""
        return self.town_books

    def table_path(self, name: str) -> Path:
        """Where a table of this scenario lies."""
        return self.folder / name

    @property
    def skipped(self) -> tuple[str, ...]:
        """The phases that this case has no body for, in words."""
        missing = {
            "talks (no coalition at the table: the last offer is put to the vote)": self.sections.coalition is None,
            "session and approval (no legislature)": self.legislators is None,
            "lobbying and absorption (no towns)": self.town_books is None,
            "change of the rule and second vote (no window)": self.calendar.window is None,
        }
        return tuple(words for words, absent in missing.items() if absent)

    @property
    def without_effect(self) -> tuple[str, ...]:
        """Pinned numbers of tactics that the side does not play, in words."""
        others, found = set().union(*map(numbers_of, ALL_TACTICS)), []
        for key in self.settings:
            side, _, name = key.partition(".")
            if side in SIDES and name in others:
                tactic, own = self.entries[f"{side}.tactic"].value.value, self.plugins.get(f"{side}.tactic")
                if name not in numbers_of(tactic, None if own is None else own.kind):
                    found.append(f"{key} (of another tactic than {tactic})")
        return tuple(found)

    @property
    def beyond_range(self) -> tuple[str, ...]:
        """Pinned numbers that lie outside the range which the case gives them, in words."""
        return tuple(said for key in self.settings if (said := self.entries[key].beyond_range))

    # --- keys

    @property
    def short_names(self) -> Mapping[str, str]:
        """Short name -> dotted key."""
        return self.sections.names

    def entry(self, key: str) -> Entry:
        """The entry a dotted key or a short name stands for. Raises `WrongInput` with the nearest valid one."""
        full = self.short_names.get(key, key)
        full = by_name(full, self.raw)
        if full in self.entries:
            return self.entries[full]
        below = [known for known in self.entries if known.startswith(full + ".")]
        if below:
            raise WrongInput(f"{self.name}: {key!r} is a section; one of its keys is {below[0]!r}")
        section = full.partition(".")[0]
        if section in type(self.sections).model_fields and not getattr(self.sections, section):
            raise WrongInput(f"{self.name}: {key!r}: this case has no {section}")
        raise WrongInput(f"{self.name}: unknown key {key!r}{nearest(key, [*self.entries, *self.short_names])}")

    def parameters(self) -> list[dict[str, Any]]:
        """One row a parameter: name, short, role, value, low, high, unit, source, meaning, choices, whole, pinned."""
        return parameter_rows(self)

    # --- pinning

    def with_settings(self, settings: Mapping[str, Any]) -> Scenario:
        """The same scenario with these entries pinned, checked as if they had been read from the file.

        Values may be text as the command line gives it. A pinned uncertainty keeps its role and is no longer drawn.
        Raises `WrongInput`.
        """
        if not settings:
            return self
        if not isinstance(settings, Mapping) or not all(isinstance(key, str) for key in settings):
            raise WrongInput(f"settings must be values by key, such as {{'members.trust': 1.2}}, got {settings!r}")
        code = {key: given for key, given in settings.items() if isinstance(given, str) and ".py:" in given}
        if code:
            rest = {key: given for key, given in settings.items() if key not in code}
            return self.with_plugins(code).with_settings(rest)
        raw, pinned = with_pinned(self, settings)
        plain = [entry.value for entry in map(self.entry, settings) if entry.kind == "plain"]
        if not all(isinstance(value, datetime.date) for value in plain):  # such as the name of a table
            return _build(self.name, self.folder, self.file, raw, pinned, self.plugins)
        touched = {str(self.entry(key).place[0]) for key in settings}
        sections = sections_with(self.sections, self.file, raw, touched)
        entries = {**self.entries, **entries_of_file(sections, touched)}
        stated = Stated.of(sections, entries, self.stated, *touched)
        scenario = replace(self, raw=raw, settings=pinned, sections=sections, entries=entries, stated=stated)
        check_references(scenario)
        return scenario

    def with_plugins(self, given: Mapping[str, str]) -> Scenario:
        """The same scenario with bodies or tactics of a user's own, ``FILE.py:CLASS`` by role (`sim.plugins`).

        Runs the files. Raises `WrongInput`.
        """
        plugins = dict(self.plugins) | {role: plugin(role, text) for role, text in given.items()}
        for role in plugins:
            if role.endswith(".tactic") and role.removesuffix(".tactic") not in SIDES:
                raise WrongInput(f"{role}: only {' and '.join(SIDES)} have a tactic")
        return _build(self.name, self.folder, self.file, raw_with(self.raw, plugins), self.settings, plugins)

    # --- points of a design

    def check_point(self, point: Mapping[str, Any]) -> dict[str, Any]:
        """A point by full keys, its numbers as floats or arrays, all within their bounds. Raises `WrongInput`."""
        return checked_point(self, point)

    def structure(self, point: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """A point split in two: what all worlds of a block share (choices, dates, rounds), and its numbers."""
        checked = self.check_point(point)
        shared = {key: value for key, value in checked.items() if not self.entries[key].varies}
        return shared, {key: value for key, value in checked.items() if key not in shared}

    # --- values

    def values(
        self, seed: int, worlds: NDArray[np.int64], point: Mapping[str, Any] | None = None, *, checked: bool = False
    ) -> Numbers:
        """What every parameter is in these worlds: a number, or an array of shape (worlds,).

        An uncertainty is drawn anew in every world, from its own substream of the world's luck, unless it is pinned or
        in the point. ``checked`` says that `check_point` has been over the point, in which all may differ from world to
        world. Raises `WrongInput`.
        """
        return numbers_in_worlds(self, Luck.of(seed, worlds), point or {}, checked=checked)

    def numbers(
        self, seed: int, worlds: NDArray[np.int64], point: Mapping[str, Any] | None = None
    ) -> dict[str, NDArray[np.float64]]:
        """Every number that may differ from world to world, as it is in these worlds: by dotted key, (worlds,)."""
        return columns_in_worlds(self, Luck.of(seed, worlds), point or {})

    def unit_moods(
        self, seed: int, worlds: NDArray[np.int64], spread: Worlds, shared: Worlds = 0.0
    ) -> NDArray[np.float64]:
        """Lasting mood of every unit, logits, (units, worlds): drawn with this standard deviation between units.

        Units of one union have the part ``shared`` of its variance in common. In the worlds of a posterior they come
        from the same row as the parameters, since both were fitted together; a spread of one's own stretches them.
        """
        return moods_in_worlds(self, Luck.of(seed, worlds), spread, shared)

    @cached_property
    def uncertain(self) -> tuple[Entry, ...]:
        """The parameters that are drawn: uncertain, a number that may vary, and not pinned."""
        return tuple(
            entry
            for entry in self.entries.values()
            if entry.is_parameter and entry.value.role == "uncertainty" and entry.key not in self.settings
        )

    # --- for the record

    def as_dict(self) -> dict[str, Any]:
        """The resolved scenario in JSON's types: its sections, its settings and a hash of every table it read."""
        return resolved(self)

    def fingerprint(self) -> str:
        """A hash that is the same exactly when every number, word and table of the scenario is."""
        return hash_of({**self.as_dict(), "scenario": ""})


def load_scenario(name_or_path: str | Path) -> Scenario:
    """Read a scenario that ships by its name, or any by its folder or file.

    Raises `WrongInput` with one line that names file, key and value, and the nearest valid key.
    """
    path = case_file(name_or_path)
    return _build(path.parent.name, path.parent, path.name, with_usual(path.name, read_toml(path)), {}, {})


def _build(
    name: str,
    folder: Path,
    file: str,
    raw: Mapping[str, Any],
    settings: Mapping[str, Any],
    plugins: Mapping[str, Plugin],
) -> Scenario:
    """Check the sections, read the tables they name, and check each against the others."""
    sections = sections_of(file, raw, plugins)
    entries = entries_of_file(sections)
    scenario = Scenario(
        name=name,
        folder=folder,
        file=file,
        raw=raw,
        settings=settings,
        plugins=plugins,
        sections=sections,
        entries=entries,
        stated=Stated.of(sections, entries),
        **tables_of(folder, file, sections),
    )
    check_references(scenario)
    return scenario
