"""What is on record of a case's votes: the deal that was struck, and how its members voted on it.

A scenario that has been voted on keeps a file ``evidence/record.toml`` in its folder. The model never reads it; it is
what `planb calibrate` fits to and what `planb forecast` conditions on. What happened at a second vote stands in a file
of its own, ``evidence/held_out.toml``, which only the scoring of forecasts opens.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationError, model_validator

from sim.errors import WrongInput, nearest
from sim.scenario.file import read_toml
from sim.scenario.parameters import Section
from sim.scenario.scenario import Scenario
from sim.scenario.schema import in_one_line

Kind = TypeVar("Kind", bound=Section)

RECORD = "evidence/record.toml"
HELD_OUT = "evidence/held_out.toml"
ALL = "all"  # every unit of the case
MOST_BALLOTS = 1.25  # of the members in the table, whose numbers may be estimates


class Result(Section):
    """How some members voted: counts where they are known, or a share, or only whether they approved."""

    of: tuple[str, ...] = Field(min_length=1, description="Units or unions, added up; or all")
    ballot: Literal["benefits", "wages"] = "benefits"
    yes: float | None = Field(default=None, ge=0)
    no: float | None = Field(default=None, ge=0)
    share: float | None = Field(default=None, gt=0, lt=1, description="Share of yes, where counts are not known")
    within: float = Field(default=0.0, ge=0, le=0.5, description="Standard deviation of the share besides chance")
    carried: bool | None = Field(default=None, description="Did they approve? For a union, the union as a whole")
    source: str = Field(min_length=1)

    @model_validator(mode="after")
    def _says_something(self) -> Result:
        if (self.yes is None) != (self.no is None):
            raise ValueError("has yes or no but not both")
        if self.yes is not None and self.share is not None:
            raise ValueError("has counts and a share; give one of them")
        if self.yes is None and self.share is None and self.carried is None:
            raise ValueError("has neither counts nor a share nor carried")
        if self.yes_share is None and self.within:
            raise ValueError("has within, which says how far a share or counts may be off, and neither of them")
        if self.share is not None and self.within == 0:
            raise ValueError("has a share without counts, so it needs within")
        if self.cast is not None and self.cast == 0:
            raise ValueError("counts no ballots")
        counted = self.carried is not None and self.yes_share is not None and self.within == 0
        if counted and self.carried != (float(self.yes_share or 0) > 0.5):
            raise ValueError(f"carried = {str(self.carried).lower()} contradicts {self.yes:g} to {self.no:g}")
        return self

    @property
    def label(self) -> str:
        """Whose result it is, in words."""
        return ", ".join(self.of)

    @property
    def cast(self) -> float | None:
        """Ballots counted, where that is known."""
        return None if self.yes is None or self.no is None else self.yes + self.no

    @property
    def yes_share(self) -> float | None:
        """Share of yes, where it is known."""
        if self.yes is not None and self.cast:
            return self.yes / self.cast
        return self.share

    @property
    def approved(self) -> bool | None:
        """Whether they approved, said or counted."""
        if self.carried is not None or self.yes_share is None:
            return self.carried
        return self.yes_share > 0.5


class Record(Section):
    """``record.toml``: the deal and the first vote on it; what the second vote was to be about."""

    agreed: datetime.date | None = Field(default=None, description="Day of the tentative deal; else the deadline")
    deal: dict[str, float] = Field(default_factory=dict, description="Amounts by issue; else the last offer")
    revised: dict[str, float] = Field(default_factory=dict, description="Amounts that a second vote had otherwise")
    first_vote: tuple[Result, ...] = ()


class HeldOut(Section):
    """``held_out.toml``: how the second vote went. No fit and no default reads it."""

    second_vote: tuple[Result, ...] = ()
    ratified: bool | None = None


def has_record(scenario: Scenario) -> bool:
    return scenario.table_path(RECORD).is_file()


def read_record(scenario: Scenario) -> Record:
    """The record of a scenario, checked against its issues, units and unions. Raises `WrongInput`."""
    path = scenario.table_path(RECORD)
    if not path.is_file():
        raise WrongInput(f"{scenario.name}: holds no {RECORD}, so no vote is on record; see docs/your-own-case.md")
    record = _read(path, Record)
    issues = {issue.name: issue for issue in scenario.issues}
    for table in ("deal", "revised"):
        for name, amount in getattr(record, table).items():
            if name not in issues:
                raise WrongInput(f"{path.name}: {table}.{name}: no such issue{nearest(name, issues)}")
            (low, high), unit = issues[name].range, issues[name].unit
            if not low <= amount <= high:
                raise WrongInput(
                    f"{path.name}: {table}.{name}: must be from {low:g} to {high:g} {unit}, got {amount:g}"
                )
    for issue in scenario.issues:
        if issue.name not in record.deal and issue.last_offer is None:
            raise WrongInput(f"{path.name}: deal.{issue.name} is missing")
    start, vote = scenario.calendar.talks.start, scenario.calendar.first_vote
    if record.agreed is not None and not start <= record.agreed <= vote:
        raise WrongInput(f"{path.name}: agreed: must lie between {start} and {vote}, got {record.agreed}")
    _check_bodies(path, record.first_vote, scenario)
    for row, result in enumerate(record.first_vote):
        members = float(scenario.units.members[units_of(result, scenario)].sum())
        if result.cast is not None and result.cast > MOST_BALLOTS * members:
            raise WrongInput(f"{path.name}: result {row + 1}: counts {result.cast:g} ballots of {members:g} members")
    return record


def read_held_out(scenario: Scenario) -> HeldOut | None:
    """What the second vote came to, where it is on record."""
    path = scenario.table_path(HELD_OUT)
    if not path.is_file():
        return None
    held_out = _read(path, HeldOut)
    _check_bodies(path, held_out.second_vote, scenario)
    return held_out


def units_of(result: Result, scenario: Scenario) -> NDArray[np.int64]:
    """Rows of the units a result is about, in the order of the table."""
    rows: set[int] = set()
    for name in result.of:
        if name == ALL:
            rows.update(range(len(scenario.units.names)))
        elif name in scenario.units.names:
            rows.add(scenario.units.names.index(name))
        else:
            rows.update(int(row) for row in scenario.unions.units[scenario.unions.names.index(name)])
    return np.array(sorted(rows), dtype=np.int64)


def _read(path: Path, kind: type[Kind]) -> Kind:
    raw = read_toml(path)
    try:
        return kind.model_validate(raw)
    except ValidationError as error:
        raise WrongInput(f"{path.name}: {in_one_line(error, raw, kind)}") from None


def _check_bodies(path: Path, results: tuple[Result, ...], scenario: Scenario) -> None:
    known = [*scenario.units.names, *scenario.unions.names, ALL]
    one_vote = len({issue.ballot for issue in scenario.issues}) == 1
    for row, result in enumerate(results):
        if result.ballot == "wages" and one_vote:
            raise WrongInput(f"{path.name}: result {row + 1}: ballot: this case has no ballot on wages apart")
        for name in result.of:
            if name not in known:
                raise WrongInput(f"{path.name}: result {row + 1}: no unit or union {name!r}{nearest(name, known)}")
