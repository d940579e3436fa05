"""Designs: which points of parameter space a study visits.

A design is data (a TOML table or a Python object of the same words) and makes `Points`: one column a parameter, one
row a point. Points keep the order in which the design lists them; a point is known by its row number.

Designs can be crossed: ``LatinHypercube(...) * Grid(...)`` in Python, a list of tables in TOML, visits every point of
the one at every point of the other.
"""

from __future__ import annotations

import datetime
import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    model_validator,
)

from experiments.runs.values import MOST_VALUES as MOST_POINTS
from experiments.runs.values import Value, parse_value, parse_values
from sim.errors import WrongInput, nearest
from sim.scenario.csv_table import check_parted_by_commas
from sim.scenario.reading import exists
from sim.scenario.schema import in_one_line

MOST_SIZE = 10**15  # of a number in a design, so that whole numbers stay whole


@dataclass(frozen=True, slots=True)
class Points:
    """The points of a study: parameter name -> one value a point, each column of shape (points,).

    Numbers are float64 or int64; words, switches and dates are object columns.
    """

    columns: Mapping[str, NDArray[Any]]
    count: int

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.columns)

    def row(self, point: int) -> dict[str, Value]:
        """One point as plain Python values."""
        return {name: _plain(column[point]) for name, column in self.columns.items()}

    def rows(self, points: NDArray[np.integer]) -> dict[str, NDArray[Any]]:
        return {name: column[points] for name, column in self.columns.items()}


def points_from_columns(columns: Mapping[str, Iterable[Any]]) -> Points:
    """Points of these columns, of equal length; integers stay integers, other numbers become float64."""
    typed = {name: _column(name, list(values)) for name, values in columns.items()}
    lengths = {len(column) for column in typed.values()}
    if len(lengths) > 1:
        raise WrongInput(f"design: columns differ in length: {', '.join(f'{n} {len(c)}' for n, c in typed.items())}")
    count = lengths.pop() if lengths else 1
    if count == 0:
        raise WrongInput("design: has no points")
    return Points(columns=typed, count=count)


class Plain(BaseModel):
    """A schema whose objects may also be written in Python: what is wrong is said on one line, as of a file."""

    def __init__(self, **given: Any) -> None:
        try:
            super().__init__(**given)
        except ValidationError as error:
            raise WrongInput(f"{type(self).__name__}: {in_one_line(error, given, type(self))}") from None

    # what is read from a file is validated without it, so that the line names the file
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]


class Kind(Plain):
    """What all designs share: strict keys, and `points` of a scenario's parameters."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def points(self, scenario: Any) -> Points:
        raise NotImplementedError

    def __mul__(self, other: Kind) -> Crossed:
        """Every point of this design at every point of the other, whose parameters vary faster."""
        if not isinstance(other, Kind):
            return NotImplemented
        return Crossed(of=[*self.factors, *other.factors])

    @property
    def factors(self) -> list[Any]:
        """The designs that are crossed in this one."""
        return [self]

    @property
    def names(self) -> list[str]:
        """The parameters it names; a table, and a sample of all uncertainties, know theirs only with the scenario."""
        keys = [*getattr(self, "ranges", ()), *getattr(self, "vary", ()), *(getattr(self, "_columns", None) or ())]
        listed = getattr(self, "parameters", [])
        return list(dict.fromkeys([*keys, *(listed if isinstance(listed, list) else [f"all {listed}"])]))

    def document(self) -> Any:
        """As it stands in a study file."""
        return {"kind": type(self).model_fields["kind"].default} | self.model_dump(mode="json", exclude_defaults=True)


def _read_values(raw: Any) -> list[Value]:
    if isinstance(raw, str):
        return parse_values(raw)
    raw = raw.tolist() if hasattr(raw, "tolist") else raw  # an array or a column of a data frame
    if not isinstance(raw, Sequence) or not raw:
        raise ValueError(f"write a list of values or 'START:STOP:STEP', got {raw!r}")
    return [parse_value(value) if isinstance(value, str) else value for value in raw]


def _read_range(ends: Any) -> Any:
    if ends == "scenario":
        return None
    if isinstance(ends, Sequence) and not _is_range(ends):
        raise ValueError("a range is [low, high] in numbers; words and single values go under vary")
    if isinstance(ends, Sequence) and not ends[0] < ends[1]:
        raise ValueError(f"a range is [low, high] with low < high, got {list(ends)}")
    return ends


def _power_of_two(n: int) -> int:
    if n & (n - 1):
        below = 2 ** (n.bit_length() - 1)
        raise ValueError(f"n must be a power of two, got {n}; nearest are {below} and {2 * below}")
    return n


Values = Annotated[list[Any], BeforeValidator(_read_values)]
Range = Annotated[tuple[float, float] | None, BeforeValidator(_read_range)]  # None: the scenario's own
PowerOfTwo = Annotated[int, AfterValidator(_power_of_two)]


class Grid(Kind):
    """Every combination of the listed values; the last parameter varies fastest."""

    kind: Literal["grid"] = "grid"
    vary: dict[str, Values] = Field(min_length=1)

    def points(self, scenario: Any) -> Points:
        count = math.prod(len(values) for values in self.vary.values())
        if count > MOST_POINTS:
            raise WrongInput(f"design: the grid has {count:,} points; at most {MOST_POINTS:,}")
        combinations = zip(*itertools.product(*self.vary.values()), strict=True)
        return points_from_columns(dict(zip(self.vary, combinations, strict=True)))


class OneAtATime(Kind):
    """The base case first, then each parameter through its values while the others stay at the scenario's."""

    kind: Literal["one_at_a_time"] = "one_at_a_time"
    vary: dict[str, Values] = Field(min_length=1)

    def points(self, scenario: Any) -> Points:
        known = known_parameters(scenario)
        base = {key: _known(key, known)["value"] for key in self.vary}
        rows = [base] + [base | {key: value} for key, values in self.vary.items() for value in values]
        return points_from_columns({key: [row[key] for row in rows] for key in self.vary})


class ListOfPoints(Kind):
    """The points written out, each with the same keys."""

    kind: Literal["list"] = "list"
    at: list[dict[str, Any]] = Field(min_length=1)

    @property
    def names(self) -> list[str]:
        return list(self.at[0])

    def points(self, scenario: Any) -> Points:
        keys = list(self.at[0])
        for number, row in enumerate(self.at):
            if set(row) != set(keys):
                missing = sorted(set(keys) - set(row))
                odd = min(set(row) - set(keys), default="")
                wrong = f"is not in every point{nearest(odd, missing or keys)}" if odd else "is missing here"
                raise WrongInput(f"design.at[{number}]: key {odd or missing[0]!r} {wrong}")
        return points_from_columns({key: [_word(row[key]) for row in self.at] for key in keys})


class Table(Kind):
    """Points from a CSV or Parquet file, a column a parameter, or a data frame in Python (`Table.of`)."""

    kind: Literal["table"] = "table"
    file: str = ""
    rows: int | None = None
    _columns: dict[str, Any] | None = PrivateAttr(default=None)

    @classmethod
    def of(cls, frame: Any) -> Table:
        """The design of a pandas data frame, or of any mapping of equally long columns."""
        columns = {str(name): list(frame[name]) for name in frame}
        design = cls(rows=len(next(iter(columns.values()), [])))
        design._columns = columns
        return design

    def points(self, scenario: Any) -> Points:
        if self._columns is not None:
            return points_from_columns(self._columns)
        path = Path(self.file)
        if not self.file or not exists(path):
            raise WrongInput(f"design.file: no such table: {self.file!r}")
        return points_from_columns(_read_table(path))


class Sampled(Kind):
    """A design that samples ranges; a range left out is the scenario's own.

    Words, switches, dates and chosen numbers are listed under ``vary``: each listed value comes up equally often.
    """

    ranges: dict[str, Range] = Field(default_factory=dict)
    vary: dict[str, Values] = Field(default_factory=dict)
    parameters: list[str] | Literal["uncertainties", "levers"] = Field(default_factory=list)
    seed: int = Field(default=2011, ge=0, lt=2**32, description="Of the sample")

    @model_validator(mode="after")
    def _something_to_sample(self) -> Sampled:
        if not self.ranges and not self.parameters and not self.vary:
            raise ValueError("needs ranges = { KEY = [low, high] }, vary = { KEY = [a, b] } or parameters = [KEY, ...]")
        twice = [key for key in self.ranges if key in self.vary]
        if twice:
            raise ValueError(f"{twice[0]}: stands under ranges and under vary")
        return self

    def listed(self, scenario: Any) -> dict[str, list[Any]]:
        """The values of parameters that are listed, and of words and switches named without values: all they may be."""
        known, named = known_parameters(scenario), self.parameters if isinstance(self.parameters, list) else []
        found = dict(self.vary)
        for key in [*named, *(key for key, ends in self.ranges.items() if ends is None)]:
            parameter = _known(key, known)
            if isinstance(parameter["value"], bool):
                found.setdefault(key, [False, True])
            elif parameter.get("choices"):
                found.setdefault(key, list(parameter["choices"]))
        return found

    def problem(self, scenario: Any) -> dict[str, Any]:
        """The parameters and their bounds, in the words that SALib uses; of listed values, how many there are."""
        known = known_parameters(scenario)
        ranges, levels = dict(self.ranges), self.listed(scenario)
        if isinstance(self.parameters, str):
            role = {"uncertainties": "uncertainty", "levers": "lever"}[self.parameters]
            chosen = [row["name"] for row in scenario.parameters() if row["role"] == role and row["low"] is not None]
        else:
            chosen = self.parameters
        ranges |= dict.fromkeys([name for name in (*chosen, *levels) if name not in ranges])
        bounds = []
        for key, ends in ranges.items():
            if key in levels:
                bounds.append([0.0, float(len(levels[key]))])
                continue
            parameter = _known(key, known)
            low, high = ends if ends is not None else (parameter["low"], parameter["high"])
            if low is None or high is None or not low < high:
                raise WrongInput(
                    f"design: {key} has no range in the scenario; write ranges = {{ {key!r} = [low, high] }}"
                )
            bounds.append([float(low), float(high)])
        return {"num_vars": len(bounds), "names": list(ranges), "bounds": bounds}

    def scaled(self, scenario: Any, unit: NDArray[np.float64]) -> Points:
        """Points of a sample in the unit cube, shape (points, parameters); whole parameters take each value evenly."""
        problem, known, levels = self.problem(scenario), known_parameters(scenario), self.listed(scenario)
        columns: dict[str, NDArray[Any]] = {}
        for name, (low, high), column in zip(problem["names"], problem["bounds"], unit.T, strict=True):
            if name in levels:
                place = np.minimum((column * len(levels[name])).astype(int), len(levels[name]) - 1)
                columns[name] = _column(name, levels[name])[place]
            elif _known(name, known)["whole"]:
                columns[name] = np.minimum(np.floor(low + column * (high - low + 1)), high).astype(np.int64)
            else:
                columns[name] = low + column * (high - low)
        return Points(columns=columns, count=len(unit))

    def width(self, scenario: Any) -> int:
        return int(self.problem(scenario)["num_vars"])


class LatinHypercube(Sampled):
    """``n`` points, each parameter's range cut into n equal slices with one point in each."""

    kind: Literal["latin_hypercube"] = "latin_hypercube"
    n: int = Field(ge=1, le=MOST_POINTS)

    def points(self, scenario: Any) -> Points:
        from scipy.stats import qmc

        return self.scaled(scenario, qmc.LatinHypercube(self.width(scenario), rng=self.seed).random(self.n))


class Sobol(Sampled):
    """``n`` points of a scrambled Sobol sequence; ``n`` is a power of two, or its balance is lost."""

    kind: Literal["sobol"] = "sobol"
    n: PowerOfTwo = Field(ge=1, le=MOST_POINTS)

    def points(self, scenario: Any) -> Points:
        from scipy.stats import qmc

        return self.scaled(scenario, qmc.Sobol(self.width(scenario), rng=self.seed).random(self.n))


class Saltelli(Sampled):
    """The sample from which SALib computes Sobol indices: ``n`` (parameters + 2) points, twice as many for pairs."""

    kind: Literal["saltelli"] = "saltelli"
    n: PowerOfTwo = Field(ge=2, le=MOST_POINTS)
    second_order: bool = False

    def points(self, scenario: Any) -> Points:
        from SALib.sample import sobol

        unit = _unit_problem(self.problem(scenario))
        sample = sobol.sample(unit, self.n, calc_second_order=self.second_order, seed=self.seed)
        return self.scaled(scenario, sample)


class Morris(Sampled):
    """Trajectories of elementary effects (SALib): ``trajectories`` (parameters + 1) points."""

    kind: Literal["morris"] = "morris"
    trajectories: int = Field(ge=2, le=MOST_POINTS)
    levels: int = Field(default=4, ge=2)

    def points(self, scenario: Any) -> Points:
        from SALib.sample import morris

        unit = _unit_problem(self.problem(scenario))
        sample = morris.sample(unit, self.trajectories, num_levels=self.levels, seed=self.seed)
        return self.scaled(scenario, sample)


Single = Annotated[
    Grid | OneAtATime | ListOfPoints | Table | LatinHypercube | Sobol | Saltelli | Morris, Field(discriminator="kind")
]


class Crossed(Kind):
    """Every combination of the points of several designs; the last design varies fastest."""

    kind: Literal["crossed"] = "crossed"
    of: list[Single] = Field(min_length=1)

    @property
    def factors(self) -> list[Any]:
        return self.of

    @property
    def names(self) -> list[str]:
        return [name for design in self.of for name in design.names]

    def document(self) -> Any:
        return [design.document() for design in self.of]

    def points(self, scenario: Any) -> Points:
        parts = [design.points(scenario) for design in self.of]
        count = math.prod(part.count for part in parts)
        if count > MOST_POINTS:
            raise WrongInput(f"design: the designs crossed have {count:,} points; at most {MOST_POINTS:,}")
        columns: dict[str, NDArray[Any]] = {}
        after = count
        for part in parts:
            after //= part.count
            place = np.arange(count) // after % part.count
            for name, column in part.columns.items():
                if scenario.entry(name).key in {scenario.entry(other).key for other in columns}:
                    raise WrongInput(f"design: {name!r} is varied by two of the designs that are crossed")
                columns[name] = column[place]
        return Points(columns=columns, count=count)


def _listed(raw: Any) -> Any:
    """A list of designs stands for their cross."""
    return {"kind": "crossed", "of": list(raw)} if isinstance(raw, (list, tuple)) else raw


Design = Annotated[Single | Crossed, Field(discriminator="kind"), BeforeValidator(_listed)]


def check_points(points: Points, scenario: Any) -> tuple[str, ...]:
    """Refuse a point that the scenario would refuse, before anything runs; return the names that shape a run.

    Those are words, switches, dates and numbers of the calendar: one value for all rows of a block.

    Raises: WrongInput naming the key, the value and the nearest valid key.
    """
    shaping = tuple(name for name in points.names if not scenario.entry(name).varies)
    for name in shaping:
        for value in dict.fromkeys(points.columns[name].tolist()):
            scenario.check_point({name: value})
    scenario.check_point({name: column for name, column in points.columns.items() if name not in shaping})
    return shaping


def known_parameters(scenario: Any) -> dict[str, dict[str, Any]]:
    """A scenario's parameters by dotted key and by short name."""
    rows = scenario.parameters()
    return {row["name"]: row for row in rows} | {row["short"]: row for row in rows if row.get("short")}


def _known(name: str, known: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    if name not in known:
        raise WrongInput(f"design: unknown parameter {name!r}{nearest(name, known)}")
    return known[name]


def _unit_problem(problem: dict[str, Any]) -> dict[str, Any]:
    """The same parameters on the unit cube, so that whole parameters are scaled by our rule."""
    return {**problem, "bounds": [[0.0, 1.0]] * problem["num_vars"]}


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:20]}... of {len(text)} digits"


def _is_range(ends: Any) -> bool:
    return not isinstance(ends, str) and len(ends) == 2 and all(_kind(end) in ("whole", "number") for end in ends)


def _column(name: str, values: list[Any]) -> NDArray[Any]:
    kinds = {_kind(value) for value in values}
    for value in values:
        if _kind(value) in ("whole", "number") and not -MOST_SIZE < value < MOST_SIZE:
            raise WrongInput(f"design: {name}: must be finite and not beyond {MOST_SIZE:.0e}, got {_short(value)}")
    if kinds <= {"whole"}:
        return np.array(values, dtype=np.int64)
    if kinds <= {"whole", "number"}:
        return np.array(values, dtype=np.float64)
    if len(kinds) > 1 or "other" in kinds:
        odd = next(value for value in values if _kind(value) != _kind(values[0]) or _kind(value) == "other")
        raise WrongInput(f"design: {name} mixes kinds of value, or is no number, word, switch or date: {odd!r}")
    column = np.empty(len(values), dtype=object)
    column[:] = [_plain(value) for value in values]
    return column


def _kind(value: Any) -> str:
    if isinstance(value, (bool, np.bool_)):
        return "switch"
    if isinstance(value, (int, np.integer)):
        return "whole"
    if isinstance(value, (float, np.floating, Decimal, Fraction)):
        return "number"
    if isinstance(value, str):
        return "word"
    return "date" if isinstance(value, datetime.date) else "other"


def _plain(value: Any) -> Value:
    return value.item() if isinstance(value, np.generic) else value


def _word(value: Any) -> Any:
    return parse_value(value) if isinstance(value, str) else value


def _read_table(path: Path) -> dict[str, list[Any]]:
    from pyarrow import ArrowException, csv, parquet

    try:
        table = parquet.read_table(path) if path.suffix == ".parquet" else csv.read_csv(path)
        names, columns = table.column_names, dict(table.to_pydict())  # what fails where a name is no UTF-8
    except (ArrowException, OSError, ValueError) as error:
        raise WrongInput(f"design.file: {path.name} is not a table: {str(error).splitlines()[0]}") from None
    check_parted_by_commas(f"design.file: {path.name}", names)
    for name, values in columns.items():
        if names.count(name) > 1:
            raise WrongInput(f"design.file: {path.name}: column {name!r} appears twice")
        if None in values:
            raise WrongInput(f"design.file: {path.name}: {name} is blank in row {values.index(None) + 1} of the points")
    return columns
