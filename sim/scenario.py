"""A scenario: one folder with ``scenario.toml`` and its tables, read strictly and never changed after loading.

`load_scenario` reads it, `Scenario.with_settings` pins numbers, `Scenario.values` draws for every world what nobody
knows. A key is a dotted path through the file in which an item of a list goes by its ``name``
(``issues.wage_freeze.burden``); short names are declared in ``[names]``.
"""

from __future__ import annotations

import copy
import datetime
import hashlib
import json
import re
import tomllib
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field, ValidationError, model_validator

from sim.beliefs import Belief, News, Threat
from sim.campaign import Campaign
from sim.cuts import Instrument
from sim.errors import WrongInput, nearest
from sim.members import Members
from sim.package import Issue
from sim.parameters import ROLES, Parameter, Section, limits_in_words
from sim.randomness import Luck, one_uniform_each, uniforms
from sim.rule import Rule
from sim.seats import Coefficients, Seat, aid_dependence, read_coefficients, seats_of
from sim.sections import Calendar, Case, Coalition, Governor, Leaders, Money, UnionTables
from sim.seniority import Seniority
from sim.session import Legislature
from sim.tables import (
    DistrictTowns,
    Legislators,
    TownBooks,
    Unions,
    Units,
    read_district_towns,
    read_legislators,
    read_posterior,
    read_seniority,
    read_towns,
    read_units,
)
from sim.towns import TownHalls, Towns, towns_of

SHIPPED = Path(__file__).parent / "scenarios"
FILE = "scenario.toml"
USUAL = SHIPPED / "usual.toml"
POSTERIOR = "posterior.csv"


class Rules(Section):
    """Who must approve what. A case without a second vote has no rules for it."""

    ratification: Rule = Field(description="Members' ballots on a tentative deal, counted by union")
    revised: Rule | None = Field(default=None, description="Likewise on a revised deal, once leaders changed the rule")
    amendment: Rule | None = Field(default=None, description="Leaders' vote on changing the rule")
    waiver: Rule | None = Field(default=None, description="Leaders' vote on waiving the notice period of a change")


class ScenarioFile(Section):
    """What ``scenario.toml`` may say. A section that is left out is a body or a phase the case does not have."""

    case: Case
    names: dict[str, str] = Field(default_factory=dict, description="Short names for keys of this file")
    calendar: Calendar
    money: Money
    issues: tuple[Issue, ...] = Field(min_length=1)
    members: Members
    belief: Belief
    campaign: Campaign
    leaders: Leaders
    governor: Governor
    coalition: Coalition | None = None
    threats: tuple[Threat, ...] = ()
    news: tuple[News, ...] = ()
    unions: UnionTables
    rules: Rules
    legislature: Legislature | None = None
    instruments: tuple[Instrument, ...] = ()
    towns: Towns | None = None

    @model_validator(mode="after")
    def _items_have_names_of_their_own(self) -> ScenarioFile:
        for key in NAMED_LISTS:
            names = [item.name for item in getattr(self, key)]
            for name in names:
                if not re.fullmatch(r"[A-Za-z_]\w*", name):
                    raise ValueError(f"{key}.name = {name!r} must be one word of letters, digits and _")
                if names.count(name) > 1:
                    raise ValueError(f"{key}.name = {name!r} appears twice")
        return self


NAMED_LISTS = ("issues", "threats", "news", "instruments")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a scenario file that can be set: a parameter, a threshold of a rule, or a plain word or date."""

    key: str
    place: tuple[str | int, ...]  # where it stands in the file as TOML reads it
    value: Any  # a `Parameter`, or the plain value
    kind: str  # "parameter", "threshold", "plain", or "open": a parameter that the file leaves out

    @property
    def varies(self) -> bool:
        """May it differ from world to world? All worlds share the calendar, so its numbers may not."""
        if self.kind == "parameter":
            return self.value.is_number and not self.key.startswith("calendar.")
        return self.kind == "threshold"

    def bounds(self) -> tuple[float, float, bool]:
        """Least and most that makes sense, and whether it must be whole."""
        if self.kind == "parameter":
            return self.value.at_least, self.value.at_most, self.value.whole
        whole = self.key.endswith(".at_least")
        return (1.0, np.inf, True) if whole else (0.0, 1.0, False)


class Values(SimpleNamespace):
    """A scenario's sections with a number, or an array of shape (worlds,), in the place of every parameter.

    Lists of named things are dicts by name; the rules carry the thresholds of each world.
    """


@dataclass(frozen=True, eq=False, kw_only=True)
class Scenario:
    """One case, resolved: its sections, its tables, and what was pinned after loading."""

    name: str
    folder: Path
    file: str  # for messages
    raw: Mapping[str, Any]  # the file as TOML reads it, with the settings in their places
    settings: Mapping[str, Any]  # what was pinned, by dotted key
    sections: ScenarioFile
    units: Units
    unions: Unions
    seniority: Seniority
    legislators: Legislators | None = None
    roll_call: Coefficients | None = None  # the fit that says how such seats vote
    town_books: TownBooks | None = None
    district_towns: DistrictTowns | None = None
    posterior: Mapping[str, NDArray[np.float64]] | None = None

    # --- what it says

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

    @cached_property
    def seats(self) -> tuple[Seat, ...]:
        """Who sits in the chambers, the same in all worlds; none where the case has no legislature."""
        if self.legislators is None or self.sections.legislature is None:
            return ()
        dependence = None
        if self.town_books is not None and self.district_towns is not None:
            dependence = aid_dependence(self.town_books, self.district_towns, len(self.legislators.names))
        party = self.sections.legislature.governors_party
        return tuple(seats_of(self.legislators, governors_party=party, dependence=dependence))

    @cached_property
    def town_halls(self) -> TownHalls | None:
        """The towns with what is the same in all worlds. Raises `WrongInput` for a town the table does not have."""
        if self.town_books is None or self.sections.towns is None:
            return None
        seats = 0 if self.legislators is None else len(self.legislators.names)
        return TownHalls.of(towns_of(self.town_books), self.sections.towns, pairs=self.district_towns, seats=seats)

    def table_path(self, name: str) -> Path:
        """Where a table of this scenario lies."""
        return self.folder / name

    # --- keys

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """Everything in the file that can be set, by dotted key."""
        return {entry.key: entry for entry in _entries(self.sections, (), ())}

    @property
    def short_names(self) -> Mapping[str, str]:
        """Short name -> dotted key."""
        return self.sections.names

    def entry(self, key: str) -> Entry:
        """The entry a dotted key or a short name stands for. Raises `WrongInput` with the nearest valid one."""
        full = self.short_names.get(key, key)
        full = _by_name(full, self.raw)
        if full in self.entries:
            return self.entries[full]
        below = [known for known in self.entries if known.startswith(full + ".")]
        if below:
            raise WrongInput(f"{self.name}: {key!r} is a section; one of its keys is {below[0]!r}")
        raise WrongInput(f"{self.name}: unknown key {key!r}{nearest(key, [*self.entries, *self.short_names])}")

    def parameters(self) -> list[dict[str, Any]]:
        """One row a parameter: name, short, role, value, low, high, unit, source, meaning, choices, whole, pinned."""
        short = {full: name for name, full in self.short_names.items()}
        rows = []
        for entry in self.entries.values():
            if entry.kind == "parameter":
                row = entry.value.model_dump(exclude={"at_least", "at_most"})
            elif entry.kind == "threshold":
                row = _threshold_row(entry, len(self.unions.names))
            else:
                continue
            head = {"name": entry.key, "short": short.get(entry.key, "")}
            rows.append(head | row | {"pinned": entry.key in self.settings})
        return rows

    # --- pinning

    def with_settings(self, settings: Mapping[str, Any]) -> Scenario:
        """The same scenario with these entries pinned, checked as if they had been read from the file.

        Values may be text as the command line gives it. A pinned uncertainty keeps its role and is no longer drawn.
        Raises `WrongInput`.
        """
        if not settings:
            return self
        raw = copy.deepcopy(dict(self.raw))
        pinned = dict(self.settings)
        for key, given in settings.items():
            entry = self.entry(key)
            value = self._read(entry, given)
            pinned[entry.key] = value
            _put(raw, entry.place, _as_in_the_file(entry, value))
        return _build(self.name, self.folder, self.file, raw, pinned)

    def _read(self, entry: Entry, given: Any) -> Any:
        """A setting's value in the type of its entry."""
        try:
            return _parsed(entry, given)
        except ValueError as error:
            raise WrongInput(f"{self.name}: {entry.key}: {error}") from None

    # --- points of a design

    def check_point(self, point: Mapping[str, Any]) -> dict[str, Any]:
        """A point by full keys, its numbers as floats or arrays, all within their bounds. Raises `WrongInput`."""
        checked: dict[str, Any] = {}
        for key, given in point.items():
            entry = self.entry(key)
            if entry.key in checked:
                raise WrongInput(f"{self.name}: {entry.key!r} is given twice")
            if not entry.varies:
                if np.ndim(given) > 0:
                    raise WrongInput(f"{self.name}: {entry.key}: is one for all worlds of a block, got an array")
                checked[entry.key] = self._read(entry, given.item() if isinstance(given, np.generic) else given)
            else:
                checked[entry.key] = self._numbers(entry, given)
        settings = {key: value for key, value in checked.items() if not self.entries[key].varies}
        if settings:
            self.with_settings(settings)
        return checked

    def _numbers(self, entry: Entry, given: Any) -> Any:
        if np.ndim(given) == 0:
            value = self._read(entry, given.item() if isinstance(given, (np.generic, np.ndarray)) else given)
            least = most = float(value)
        else:
            value = np.asarray(given)
            if value.dtype.kind not in "iuf" or value.ndim != 1 or not np.all(np.isfinite(value)):
                raise WrongInput(f"{self.name}: {entry.key}: must be finite numbers, one a world")
            least, most = float(value.min()), float(value.max())
        low, high, whole = entry.bounds()
        for amount in (least, most):
            if not low <= amount <= high:
                raise WrongInput(f"{self.name}: {entry.key}: must be {limits_in_words(low, high)}, got {amount:g}")
        if whole and np.any(np.asarray(value, dtype=float) % 1 != 0):
            raise WrongInput(f"{self.name}: {entry.key}: must be whole, got {given!r}")
        bodies = len(self.unions.names)
        if entry.kind == "threshold" and whole and most > bodies:
            raise WrongInput(f"{self.name}: {entry.key}: asks for {most:g} of {bodies} unions")
        return value

    def structure(self, point: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """A point split in two: what all worlds of a block share (choices, dates, rounds), and its numbers."""
        checked = self.check_point(point)
        shared = {key: value for key, value in checked.items() if not self.entries[key].varies}
        return shared, {key: value for key, value in checked.items() if key not in shared}

    def structure_key(self, point: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
        """Points with the same key may share a block."""
        found = ((self.entry(key), value) for key, value in point.items())
        return tuple(sorted((entry.key, str(value)) for entry, value in found if not entry.varies))

    # --- values

    def values(
        self, seed: int, worlds: NDArray[np.int64], point: Mapping[str, Any] | None = None, *, checked: bool = False
    ) -> Values:
        """What every parameter is in these worlds: a number, or an array of shape (worlds,).

        An uncertainty is drawn anew in every world, from its own substream of the world's luck, unless it is pinned or
        in the point. ``checked`` says that `check_point` has been over the point. Raises `WrongInput`.
        """
        given = dict(point or {}) if checked else self.check_point(point or {})
        for key, value in given.items():
            if not self.entries[key].varies:
                raise WrongInput(f"{self.name}: {key!r} is one for all worlds; use with_settings for it")
            if np.ndim(value) == 1 and len(value) != len(worlds):
                raise WrongInput(f"{self.name}: {key}: has {len(value)} values for {len(worlds)} worlds")
        numbers: dict[str, Any] = self._drawn(seed, np.asarray(worlds, dtype=np.int64), given)
        return _values(self.sections, "", numbers | given)

    def _drawn(self, seed: int, worlds: NDArray[np.int64], given: Mapping[str, Any]) -> dict[str, NDArray[np.float64]]:
        mode = self.sections.case.uncertainties
        if mode == "start":
            return {}
        numbers: dict[str, NDArray[np.float64]] = {}
        if mode == "posterior" and self.posterior is not None:
            draws = len(next(iter(self.posterior.values())))
            row = (uniforms(seed, Luck.POSTERIOR, worlds, 1)[0] * draws).astype(np.int64)
            numbers = {key: column[row] for key, column in self.posterior.items() if key not in given}
        open_ = [entry for entry in self._uncertain if entry.key not in given and entry.key not in numbers]
        if not open_:
            return numbers
        drawn = one_uniform_each(seed, Luck.UNCERTAINTY, [entry.key for entry in open_], worlds)
        low = np.array([entry.value.low for entry in open_])[:, None]
        high = np.array([entry.value.high for entry in open_])[:, None]
        whole = np.array([entry.value.whole for entry in open_])
        drawn *= high - low + whole[:, None]
        drawn += low
        drawn[whole] = np.floor(drawn[whole])
        numbers |= {entry.key: row for entry, row in zip(open_, drawn, strict=True)}
        return numbers

    @cached_property
    def _uncertain(self) -> tuple[Entry, ...]:
        """The parameters that are drawn: uncertain, a number that may vary, and not pinned."""
        return tuple(
            entry
            for entry in self.entries.values()
            if _is_parameter(entry) and entry.value.role == "uncertainty" and entry.key not in self.settings
        )

    # --- for the record

    def as_dict(self) -> dict[str, Any]:
        """The resolved scenario in JSON's types: its sections, its settings and a hash of every table it read."""
        return {
            "scenario": self.name,
            "settings": {key: _plain(value) for key, value in self.settings.items()},
            "sections": _plain(self.sections),
            "tables": {name: _file_hash(self.folder / name) for name in self._tables},
        }

    @property
    def _tables(self) -> list[str]:
        names = [self.sections.unions.table, self.sections.unions.seniority]
        if self.sections.legislature is not None:
            names += [self.sections.legislature.table, self.sections.legislature.coefficients]
            names.append(self.sections.legislature.covariance)
        if self.sections.towns is not None:
            names.append(self.sections.towns.table)
            if self.district_towns is not None:
                names.append(self.sections.towns.districts)
        if self.posterior is not None:
            names.append(POSTERIOR)
        return names

    def fingerprint(self) -> str:
        """A hash that is the same exactly when every number, word and table of the scenario is."""
        text = json.dumps({**self.as_dict(), "scenario": ""}, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


# --- loading ------------------------------------------------------------------------------------------------------


def shipped_scenarios() -> list[str]:
    """Names of the cases that ship."""
    return sorted(folder.name for folder in SHIPPED.iterdir() if (folder / FILE).is_file())


def load_scenario(name_or_path: str | Path) -> Scenario:
    """Read a scenario that ships by its name, or any by its folder or file.

    Raises `WrongInput` with one line that names file, key and value, and the nearest valid key.
    """
    path = _find(name_or_path)
    return _build(path.parent.name, path.parent, path.name, _with_usual(path.name, _read_toml(path)), {})


def _find(name_or_path: str | Path) -> Path:
    if str(name_or_path) in shipped_scenarios():
        return SHIPPED / str(name_or_path) / FILE
    path = Path(name_or_path)
    if path.is_dir():
        if (path / FILE).is_file():
            return (path / FILE).resolve()
        raise WrongInput(f"{path}: holds no {FILE}")
    if path.is_file():
        return path.resolve()
    raise WrongInput(f"no scenario {str(name_or_path)!r}{nearest(str(name_or_path), shipped_scenarios())}")


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongInput(f"{path.name}: cannot be read as text in UTF-8: {error}") from None
    if not text.strip():
        raise WrongInput(f"{path.name}: is empty; a scenario begins with [case]")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WrongInput(f"{path.name}: is not TOML: {error}") from None


def _with_usual(file: str, raw: dict[str, Any]) -> dict[str, Any]:
    """The file with the sections it asks for filled up from ``usual.toml``; what it says itself goes before."""
    case = raw.get("case")
    asked = case.get("usual", ()) if isinstance(case, Mapping) else ()
    if not asked or not isinstance(asked, list):
        return raw
    usual = _read_toml(USUAL)
    for section in asked:
        if section not in usual:
            raise WrongInput(
                f"{file}: case.usual: no section {section!r} in {USUAL.name}{nearest(str(section), usual)}"
            )
    return raw | {section: _filled(raw.get(section, {}), usual[section]) for section in asked}


def _filled(own: Any, usual: Any) -> Any:
    """A table of the file with the usual keys it does not have; a parameter is taken whole."""
    if not isinstance(own, Mapping) or not isinstance(usual, Mapping) or set(usual) & set(ROLES):
        return own
    return {**usual, **{key: _filled(value, usual[key]) if key in usual else value for key, value in own.items()}}


def _build(name: str, folder: Path, file: str, raw: Mapping[str, Any], settings: Mapping[str, Any]) -> Scenario:
    """Check the sections, read the tables they name, and check each against the others."""
    try:
        sections = ScenarioFile.model_validate(raw)
    except ValidationError as error:
        raise WrongInput(f"{file}: {_first_error(error, raw)}") from None
    units, unions = read_units(folder / sections.unions.table)
    legislators = roll_call = town_books = district_towns = posterior = None
    if sections.legislature is not None:
        chambers = sections.legislature
        legislators = read_legislators(folder / chambers.table)
        roll_call = read_coefficients(folder / chambers.coefficients, folder / chambers.covariance)
    if sections.towns is not None:
        town_books = read_towns(folder / sections.towns.table)
        if legislators is not None:
            district_towns = read_district_towns(folder / sections.towns.districts, legislators, town_books)
    if sections.case.uncertainties == "posterior":
        posterior = _read_posterior(folder / POSTERIOR, sections)
    scenario = Scenario(
        name=name,
        folder=folder,
        file=file,
        raw=raw,
        settings=settings,
        sections=sections,
        units=units,
        unions=unions,
        seniority=read_seniority(folder / sections.unions.seniority),
        legislators=legislators,
        roll_call=roll_call,
        town_books=town_books,
        district_towns=district_towns,
        posterior=posterior,
    )
    _check_references(scenario)
    return scenario


def _read_posterior(path: Path, sections: ScenarioFile) -> dict[str, NDArray[np.float64]]:
    """Draws by full key; a column may bear a short name."""
    known = {entry.key for entry in _entries(sections, (), ()) if entry.varies}
    columns = read_posterior(path, known | set(sections.names))
    return {sections.names.get(name, name): column for name, column in columns.items()}


def _check_references(scenario: Scenario) -> None:
    """What one part of the file says of another must be there."""
    sections, file, calendar = scenario.sections, scenario.file, scenario.calendar
    _check_acts(scenario)
    try:
        _ = scenario.town_halls  # its record refuses books that cannot be and towns that the table does not have
    except WrongInput as error:
        raise WrongInput(f"{file}: {error}") from None
    for threat in sections.threats:
        lists = scenario.units.list_share
        if threat.list not in lists:
            raise WrongInput(
                f"{file}: threats.{threat.name}.list: no column {threat.list!r} in {sections.unions.table}"
                f"{nearest(threat.list, lists)}"
            )
        if threat.aim_at and threat.aim_at not in scenario.units.names:
            raise WrongInput(
                f"{file}: threats.{threat.name}.aim_at: no unit {threat.aim_at!r} in {sections.unions.table}"
                f"{nearest(threat.aim_at, scenario.units.names)}"
            )
    for name in type(sections.rules).model_fields:
        rule = getattr(sections.rules, name)
        if rule is not None:
            try:
                rule.check_bodies(scenario.unions.names)
            except WrongInput as error:
                raise WrongInput(f"{file}: rules.{name}.{error}") from None
    if sections.legislature is not None and calendar.session is None:
        raise WrongInput(f"{file}: calendar.session is missing: [legislature] has to meet on a day")
    if sections.rules.amendment is not None and sections.rules.revised is None:
        raise WrongInput(f"{file}: rules.revised is missing: rules.amendment changes the rule to it")
    for issue in sections.issues:
        _check_last_offer(file, issue, bargained=sections.coalition is not None)
    for short, full in sections.names.items():
        if full not in scenario.entries:
            raise WrongInput(f"{file}: names.{short}: unknown key {full!r}{nearest(full, scenario.entries)}")
        if short in scenario.entries:
            raise WrongInput(f"{file}: names.{short}: is already a key of its own")
    for entry in scenario.entries.values():
        parameter = entry.value
        if _is_parameter(entry) and parameter.role == "uncertainty" and not entry.varies:
            raise WrongInput(f"{file}: {entry.key}: cannot be an uncertainty, because all worlds share it")


def _check_last_offer(file: str, issue: Issue, *, bargained: bool) -> None:
    """Without a coalition nobody bargains, and every issue has an amount in the employer's last offer."""
    low, high = issue.range
    if issue.last_offer is None:
        if not bargained:
            raise WrongInput(f"{file}: issues.{issue.name}.last_offer is missing: without [coalition] nobody bargains")
    elif not low <= float(issue.last_offer.value) <= high:
        raise WrongInput(
            f"{file}: issues.{issue.name}.last_offer: must be from {low:g} to {high:g} {issue.unit}, "
            f"got {issue.last_offer.value!r}"
        )


def _check_acts(scenario: Scenario) -> None:
    """Threats and news fall between the first round and the settlement; what follows a refusal comes after the vote."""
    calendar = scenario.calendar
    for kind, acts in (("threats", scenario.sections.threats), ("news", scenario.sections.news)):
        for act in acts:
            earliest = calendar.first_vote if act.when == "refused" else calendar.talks.start
            if not earliest <= act.date <= calendar.settlement:
                raise WrongInput(
                    f"{scenario.file}: {kind}.{act.name}.date: must lie between {earliest} and {calendar.settlement}, "
                    f"got {act.date}"
                )


# --- walking the file ---------------------------------------------------------------------------------------------


@cache
def spellings(model: type[BaseModel]) -> tuple[tuple[str, str], ...]:
    """A section's fields, each with how the file spells it (``from`` is no name in Python)."""
    return tuple((field, info.alias or field) for field, info in model.model_fields.items())


def _entries(node: Any, key: tuple[str, ...], place: tuple[str | int, ...]) -> Iterator[Entry]:
    """Everything that can be set below a section, in the order of the schema."""
    if isinstance(node, Parameter):
        yield Entry(".".join(key), place, node, "parameter")
    elif isinstance(node, Rule):
        for path, value in node.thresholds().items():
            steps = tuple(int(step) if step.isdigit() else step for step in path.split("."))
            yield Entry(".".join((*key, path)), (*place, *steps), value, "threshold")
    elif isinstance(node, BaseModel):
        for field, name in spellings(type(node)):
            if getattr(node, field) is None and section_in(type(node).model_fields[field].annotation) is Parameter:
                yield Entry(".".join((*key, name)), (*place, name), None, "open")
            if not (name == "names" and not key) and field != "name":
                yield from _entries(getattr(node, field), (*key, name), (*place, name))
    elif isinstance(node, tuple) and node and isinstance(node[0], BaseModel):
        for row, item in enumerate(node):
            yield from _entries(item, (*key, item.name), (*place, row))
    elif isinstance(node, (str, bool, int, float, datetime.date)):
        yield Entry(".".join(key), place, node, "plain")


def _values(node: Any, key: str, numbers: Mapping[str, Any]) -> Any:
    """The same tree with numbers in the place of parameters."""
    if isinstance(node, Parameter):
        return numbers.get(key, node.value)
    if isinstance(node, Rule):
        own = {name[len(key) + 1 :]: value for name, value in numbers.items() if name.startswith(key + ".")}
        return node.with_thresholds(own) if own else node
    if isinstance(node, BaseModel):
        prefix = f"{key}." if key else ""
        spelled = spellings(type(node))
        return Values(**{field: _values(getattr(node, field), prefix + name, numbers) for field, name in spelled})
    if isinstance(node, tuple) and node and isinstance(node[0], BaseModel):
        return {item.name: _values(item, f"{key}.{item.name}", numbers) for item in node}
    return {} if node == () and key in NAMED_LISTS else node


def _by_name(key: str, raw: Mapping[str, Any]) -> str:
    """A key in which a list's item goes by its place (``issues.0.burden``), by the item's name."""
    steps = key.split(".")
    if len(steps) > 1 and steps[0] in NAMED_LISTS and steps[1].isdigit() and int(steps[1]) < len(raw.get(steps[0], ())):
        steps[1] = raw[steps[0]][int(steps[1])]["name"]
    return ".".join(steps)


def _put(raw: Any, place: tuple[str | int, ...], value: Any) -> None:
    for step in place[:-1]:
        raw = raw[step] if isinstance(step, int) else raw.setdefault(step, {})
    raw[place[-1]] = value


def _as_in_the_file(entry: Entry, value: Any) -> Any:
    """A setting as the schema reads it."""
    if entry.kind == "open":
        return {"lever": value, "source": "a setting"}
    return entry.value.model_copy(update={"value": value}) if _is_parameter(entry) else value


def _is_parameter(entry: Entry) -> bool:
    return entry.kind == "parameter"


def _parsed(entry: Entry, given: Any) -> Any:
    """A value of the entry's own type. Raises ValueError saying what was expected."""
    current = entry.value.value if _is_parameter(entry) else entry.value
    if isinstance(given, str):
        given = given.strip()
    if isinstance(current, bool):
        words = {"true": True, "false": False}
        if isinstance(given, bool) or str(given).lower() in words:
            return given if isinstance(given, bool) else words[given.lower()]
        raise ValueError(f"must be true or false, got {given!r}")
    if entry.kind == "threshold" and not entry.key.endswith(".at_least"):
        return given
    if entry.kind == "open":
        return _finite(given, "")
    if isinstance(current, datetime.date):
        return given if isinstance(given, datetime.date) else _date(given)
    if isinstance(current, str):
        options = entry.value.choices if _is_parameter(entry) else ()
        if options and given not in options:
            raise ValueError(f"must be one of {', '.join(options)}, got {given!r}{nearest(str(given), options)}")
        return str(given)
    return _one_number(entry, given)


def _date(given: Any) -> datetime.date:
    try:
        return datetime.date.fromisoformat(str(given))
    except ValueError:
        raise ValueError(f"must be a date such as 2011-05-31, got {given!r}") from None


def _one_number(entry: Entry, given: Any) -> float | int:
    unit = entry.value.unit if _is_parameter(entry) else "bodies"
    number = _finite(given, unit)
    low, high, whole = entry.bounds()
    if not low <= number <= high:
        raise ValueError(f"must be {limits_in_words(low, high)} {unit}, got {given!r}")
    if whole and number != int(number):
        raise ValueError(f"must be a whole number ({unit}), got {given!r}")
    return int(number) if whole else number


def _finite(given: Any, unit: str) -> float:
    """A number, also one written as a fraction."""
    try:
        number = float(Fraction(given)) if isinstance(given, str) and "/" in given else float(given)
        if isinstance(given, bool) or not np.isfinite(number):
            raise ValueError
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        raise ValueError(f"must be a finite number{f' ({unit})' if unit else ''}, got {given!r}") from None
    return number


def _threshold_row(entry: Entry, bodies: int) -> dict[str, Any]:
    whole = entry.key.endswith(".at_least")
    rule = entry.key.split(".")[1]
    what = "Bodies that must approve" if whole else "Share that must be reached"
    return {
        "role": "lever",
        "value": int(entry.value) if whole else float(entry.value),
        "low": 1 if whole else 0.01,
        "high": bodies if whole else 1.0,
        "unit": "bodies" if whole else "share",
        "source": f"the case's {rule} rule",
        "meaning": f"{what} under the {rule} rule",
        "choices": (),
        "whole": whole,
    }


def _plain(node: Any) -> Any:
    """JSON's types only."""
    if isinstance(node, Parameter):
        kept = {"role": node.role, "value": node.value, "unit": node.unit, "source": node.source}
        return kept | ({"low": node.low, "high": node.high} if node.low is not None else {})
    if isinstance(node, Rule):
        return {"words": node.words(), **{path: str(value) for path, value in node.thresholds().items()}}
    if isinstance(node, BaseModel):
        return {name: _plain(getattr(node, field)) for field, name in spellings(type(node))}
    if isinstance(node, Mapping):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, (tuple, list)):
        return [_plain(item) for item in node]
    if isinstance(node, (datetime.date, Fraction)):
        return str(node)
    return node


def _file_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


# --- saying what is wrong -----------------------------------------------------------------------------------------


def _first_error(error: ValidationError, raw: Mapping[str, Any]) -> str:
    """The error a user should see first, on one line: a misspelt key before the gap it leaves."""
    found = sorted(error.errors(), key=lambda e: e["type"] != "extra_forbidden")
    first = found[0]
    key = _spelled(first["loc"], raw)
    given = first.get("input")
    if first["type"] == "extra_forbidden":
        *above, last = first["loc"]
        return f"unknown key {key!r}{nearest(str(last), _keys_at(tuple(above)))}"
    if first["type"] == "missing":
        return f"{key} is missing"
    message = " ".join(first["msg"].removeprefix("Value error, ").split())
    if first["type"] == "value_error":
        # a rule names the rest of the key itself
        joined = "." if re.match(r"[\w.]+: ", message) and first["loc"] and first["loc"][0] == "rules" else ": "
        return f"{key}{joined}{message}" if key else message
    if first["type"].startswith("date"):
        return f"{key}: must be a date such as 2011-05-31, got {given!r}"
    if first["type"] == "literal_error":
        options = re.findall(r"'([^']*)'", message)
        return f"{key}: must be one of {', '.join(options)}, got {given!r}{nearest(str(given), options)}"
    return f"{key}: {message[0].lower()}{message[1:]}, got {_short(given)}"


def _short(given: Any) -> str:
    text = " ".join(repr(given).split())
    return text if len(text) <= 60 else text[:57] + "..."


def _spelled(location: Iterable[str | int], raw: Any) -> str:
    """A place in the file as a dotted key, list items by name where they have one."""
    steps = []
    for step in location:
        name = step
        try:
            raw = raw[step]
            if isinstance(step, int) and isinstance(raw, Mapping):
                name = raw.get("name", step)
        except (KeyError, IndexError, TypeError):
            raw = None
        steps.append(str(name))
    return ".".join(steps)


def _keys_at(location: tuple[str | int, ...]) -> list[str]:
    """The keys that a section of the schema has."""
    model: Any = ScenarioFile
    for step in location:
        if isinstance(step, int):
            continue
        fields = {name: model.model_fields[field] for field, name in spellings(model)}
        model = section_in(fields[step].annotation) if step in fields else None
        if model is None:
            return []
    return [name for _, name in spellings(model)]


def section_in(annotation: Any) -> type[BaseModel] | None:
    """The section in ``X``, ``X | None`` or ``tuple[X, ...]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if typing.get_origin(annotation) in (typing.Union, types.UnionType, tuple):
        return next((found for part in typing.get_args(annotation) if (found := section_in(part))), None)
    return None
