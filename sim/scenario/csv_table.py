"""A table in CSV, read strictly: a header that must be so, each cell of its column's kind and within its limits."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, SupportsIndex

import numpy as np
from numpy.typing import NDArray

from sim.errors import WrongInput, nearest
from sim.scenario.parameters import limits_in_words
from sim.scenario.reading import LARGEST, exists, is_folder, read_text, wrong_text

FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What one column of a table holds. ``blank`` says that a cell may be empty (numbers are then NaN)."""

    kind: Literal["text", "number", "truth"] = "number"
    at_least: float = -LARGEST
    at_most: float = LARGEST
    whole: bool = False
    blank: bool = False
    optional: bool = False


TEXT = Column(kind="text")
REMARK = Column(kind="text", blank=True, optional=True)
SHARE = Column(at_least=0, at_most=1)
AMOUNT = Column(at_least=0)
PEOPLE = Column(at_least=1, at_most=1e8, whole=True)
NUMBER = Column(at_least=1, at_most=1e6, whole=True)  # of a district


class Table:
    """Columns of one CSV file by name: text as tuples of strings, numbers as float arrays to read, shape (rows,)."""

    def __init__(
        self, file: str, lines: tuple[int, ...], text: Mapping[str, tuple[str, ...]], numbers: Mapping[str, NDArray]
    ) -> None:
        """``lines``: of the file, on which each row begins, (rows,)."""
        self.file, self.lines, self.text, self.numbers = file, lines, dict(text), dict(numbers)

    def __len__(self) -> int:
        return len(self.lines)

    def where(self, row: SupportsIndex) -> str:
        """File and line of a row, in words: rows are counted from 0, lines as an editor shows them."""
        return f"{self.file} line {self.lines[row]}"


def read_table(path: Path, columns: Mapping[str, Column], *, ending: Mapping[str, Column] | None = None) -> Table:
    """Read a CSV file whose header must be these columns, or columns with one of these endings.

    Raises `WrongInput`, naming file, line, column, value and the nearest valid column.
    """
    return Table(path.name, *_columns(path, _text(path), tuple(columns.items()), tuple((ending or {}).items())))


def _text(path: Path) -> str:
    if not exists(path):
        others = [other.name for other in path.parent.glob("*.csv")] if is_folder(path.parent) else []
        raise WrongInput(f"{path.name}: table is missing from {path.parent.name}{nearest(path.name, others)}")
    return read_text(path)


# a case is read anew for every setting, and nearly always from the same text: three quarters of the time it took
@lru_cache(maxsize=64)
def _columns(
    path: Path, content: str, columns: tuple[tuple[str, Column], ...], ending: tuple[tuple[str, Column], ...]
) -> tuple[tuple[int, ...], dict[str, tuple[str, ...]], dict[str, NDArray]]:
    header, rows, lines = _rows(path, content)
    kinds = _kinds(path, header, dict(columns), dict(ending))
    text: dict[str, tuple[str, ...]] = {}
    numbers: dict[str, NDArray] = {}
    for place, name in enumerate(header):
        cells = [row[place].strip() for row in rows]
        if kinds[name].kind == "text":
            text[name] = tuple(
                _word(path, line, name, cell, kinds[name]) for line, cell in zip(lines, cells, strict=True)
            )
        else:
            numbers[name] = _amounts(path, lines, name, cells, kinds[name])
            numbers[name].flags.writeable = False  # every case that reads this text has the same array
    return lines, text, numbers


def _header(content: str) -> list[str]:
    with suppress(csv.Error):
        return next(([name.strip() for name in row] for row in csv.reader(io.StringIO(content, newline="")) if row), [])
    return []


def check_parted_by_commas(file: str, header: Sequence[str]) -> None:
    """Raises `WrongInput` where the one cell of a header holds the marks by which other programs part cells."""
    for mark, name in ((";", "semicolons"), ("\t", "tabs")):
        if len(header) == 1 and mark in header[0]:
            raise WrongInput(f"{file}: its cells are parted by {name}; save it with commas")


def _rows(path: Path, content: str) -> tuple[list[str], list[list[str]], tuple[int, ...]]:
    """Header, rows, and the line on which each row begins: blank lines are passed over, and a cell may hold a break."""
    reader = csv.reader(io.StringIO(content, newline=""), strict=True)
    begin, found = 1, list[tuple[int, list[str]]]()
    try:
        for row in reader:
            found += [(begin, row)] if row else []
            begin = reader.line_num + 1
    except csv.Error as error:
        raise WrongInput(f"{path.name} line {begin}: is not a CSV table in UTF-8: {error}") from None
    if not found:
        raise WrongInput(f"{path.name}: is empty; a table has a header and at least one row")
    header, rows = [name.strip() for name in found[0][1]], [row for _, row in found[1:]]
    lines = tuple(line for line, _ in found[1:])
    if not rows:
        raise WrongInput(f"{path.name}: has a header but no rows")
    check_parted_by_commas(path.name, header)
    if "" in header:
        raise WrongInput(f"{path.name}: column {header.index('') + 1} of its header has no name")
    for line, row in zip(lines, rows, strict=True):
        if len(row) != len(header):
            raise WrongInput(f"{path.name} line {line}: has {len(row)} cells, the header has {len(header)}")
    return header, rows, lines


def _kinds(
    path: Path, header: list[str], columns: Mapping[str, Column], ending: Mapping[str, Column]
) -> dict[str, Column]:
    missing = [name for name, column in columns.items() if name not in header and not column.optional]
    unknown = [name for name in header if name not in columns and not name.endswith(tuple(ending))]
    doubled = [name for name in header if header.count(name) > 1]
    if doubled:
        raise WrongInput(f"{path.name}: column {doubled[0]!r} appears twice")
    if unknown:
        valid = missing or [name for name in columns if name not in header] or list(columns)
        raise WrongInput(f"{path.name}: unknown column {unknown[0]!r}{nearest(unknown[0], valid)}")
    if missing:
        raise WrongInput(f"{path.name}: column {missing[0]!r} is missing")
    return {
        name: columns[name] if name in columns else next(c for end, c in ending.items() if name.endswith(end))
        for name in header
    }


def _word(path: Path, line: int, name: str, cell: str, column: Column) -> str:
    if not cell and not column.blank:
        raise WrongInput(f"{path.name} line {line}: {name} is blank")
    if not column.optional and cell.startswith(FORMULA):  # a name that results repeat: a spreadsheet would run it
        raise WrongInput(f"{path.name} line {line}: {name} begins like a formula of a spreadsheet: {cell!r}")
    if wrong := wrong_text(cell) or ("holds a line break" if "\n" in cell else ""):
        raise WrongInput(f"{path.name} line {line}: {name} {wrong}")
    return cell


def _amounts(path: Path, lines: Sequence[int], name: str, cells: Sequence[str], column: Column) -> NDArray[np.float64]:
    """A column of numbers, (rows,); cell by cell unless all are plainly right, so that the wrong one is named."""
    if column.kind == "number" and not column.whole and all(cells):
        with suppress(ValueError):
            amounts = np.array([float(cell) for cell in cells])
            if np.isfinite(amounts).all() and column.at_least <= amounts.min() and amounts.max() <= column.at_most:
                return amounts
    one_by_one = [_number(path, line, name, cell, column) for line, cell in zip(lines, cells, strict=True)]
    return np.array(one_by_one, dtype=float)


def _number(path: Path, line: int, name: str, cell: str, column: Column) -> float:
    if column.kind == "truth":
        if cell not in ("True", "False"):
            raise WrongInput(f"{path.name} line {line}: {name} must be True or False, got {cell!r}")
        return float(cell == "True")
    if not cell and column.blank:
        return math.nan
    try:
        amount = float(cell)
    except ValueError as error:
        raise WrongInput(f"{path.name} line {line}: {name} must be a number, got {cell!r}") from error
    if not math.isfinite(amount) or not column.at_least <= amount <= column.at_most:
        limits = limits_in_words(column.at_least, column.at_most)
        raise WrongInput(f"{path.name} line {line}: {name} must be {limits}, got {cell!r}")
    if column.whole and amount != int(amount):
        raise WrongInput(f"{path.name} line {line}: {name} must be a whole number, got {cell!r}")
    return amount


def read_posterior(path: Path, valid: Mapping[str, Column]) -> dict[str, NDArray[np.float64]]:
    """Draws of a posterior, a column a parameter, each within the parameter's own limits; shape (draws,) each."""
    header = _header(_text(path))
    for name in header:
        if name not in valid:
            raise WrongInput(f"{path.name}: unknown parameter {name!r}{nearest(name, valid)}")
    return read_table(path, {name: valid[name] for name in header}).numbers
