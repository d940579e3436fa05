"""Files that somebody wrote: read as text, or refused in one line; and what no file of this model may hold."""

from __future__ import annotations

import datetime
import math
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sim.errors import UNSAFE, WrongInput

LARGEST_FILE = 200e6  # bytes; the largest table that ships has a quarter of a million
LONGEST_TEXT, LONGEST_KEY = 20_000, 200  # characters
DEEPEST = 40  # tables and lists within each other; a rule seldom goes beyond four
YEARS = (1800, 2200)
LARGEST = 1e12  # of any number; each parameter has its own, narrower limits


def exists(path: Path) -> bool:
    """Is there a file? No, too, where the system cannot even be asked for a name so long or so odd."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    """Likewise of a folder."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def read_text(path: Path) -> str:
    """The text of a file in UTF-8, with or without the byte-order mark that Excel and Notepad put before it."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise WrongInput(f"{path.name}: is larger than {LARGEST_FILE / 1e6:g} MB")
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        if isinstance(error, WrongInput):
            raise
        raise WrongInput(f"{path.name}: cannot be read as text in UTF-8: {error}") from None


def read_toml(path: Path, *, begins: str = "a scenario begins with [case]") -> dict[str, Any]:
    """A TOML file that holds nothing implausible. Raises `WrongInput`."""
    text = read_text(path)
    if not text.strip():
        raise WrongInput(f"{path.name}: is empty; {begins}")
    try:
        document = tomllib.loads(text)
    except RecursionError:
        raise WrongInput(f"{path.name}: is nested more than {DEEPEST} deep") from None
    except ValueError as error:
        hint = "; what { } closed takes no more keys: write them inside" if "immutable namespace" in str(error) else ""
        # also whole numbers of thousands of digits, which Python does not read
        raise WrongInput(f"{path.name}: is not TOML: {error}{hint}") from None
    for key, wrong in _implausible(document):
        raise WrongInput(f"{path.name}: {key}: {wrong}")
    return document


def _implausible(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Where a document holds what no file of this model may hold, and what that is."""
    nodes: list[tuple[str, int, Any]] = [("", 0, document)]
    while nodes:
        key, depth, node = nodes.pop()
        if isinstance(node, (dict, list)):
            if depth >= DEEPEST:
                yield key, f"is nested more than {DEEPEST} deep"
            for name, part in node.items() if isinstance(node, dict) else enumerate(node):
                step = part.get("name", name) if isinstance(node, list) and isinstance(part, dict) else name
                below = f"{key}.{step}".removeprefix(".")
                if wrong := wrong_text(str(name), LONGEST_KEY):
                    yield below, f"as a key {wrong}"
                nodes.append((below, depth + 1, part))
        elif wrong := wrong_value(node):
            yield key, wrong


def wrong_value(value: Any) -> str:
    """What no file of this model may hold in a single value, in words; nothing where it is fine."""
    if isinstance(value, str):
        try:
            return wrong_value(datetime.date.fromisoformat(value))  # a date in quotes is a date
        except ValueError:
            return wrong_text(value)
    if isinstance(value, datetime.date) and not YEARS[0] <= value.year <= YEARS[1]:
        return f"must be a date in the years {YEARS[0]} to {YEARS[1]}, got {value}"
    if isinstance(value, (int, float)) and not (abs(value) <= LARGEST and math.isfinite(value)):
        return f"must be a finite number no larger than {LARGEST:g}, got {value!r}"
    return ""


def wrong_text(text: str, longest: int = LONGEST_TEXT) -> str:
    """What is wrong with a text: its length, or characters that would act on a terminal instead of being read."""
    if len(text) > longest:
        return f"has {len(text):,} characters; at most {longest:,}"
    found = UNSAFE.search(text)
    return f"holds the control character {found[0]!r}" if found else ""
