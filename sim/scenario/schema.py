"""What a schema lets a file say, and what a user is told who got it wrong: pydantic's errors in one line."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, Tag, ValidationError

from sim.errors import nearest

LONGEST = 60  # characters of a value that is told
KINDS = {  # what pydantic calls the type of an error: what the file must hold instead
    "tuple_type": "a list",
    "list_type": "a list",
    "string_type": "text in quotation marks",
    "float_type": "a number",
    "float_parsing": "a number",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
}


@cache
def spellings(model: type[BaseModel]) -> tuple[tuple[str, str], ...]:
    """A section's fields, each with how the file spells it (``from`` is no name in Python)."""
    return tuple((field, info.alias or field) for field, info in model.model_fields.items())


def section_in(annotation: Any) -> type[BaseModel] | None:
    """The section in ``X``, ``X | None`` or ``tuple[X, ...]``."""
    return next((model for _, model in _sections(annotation)), None)


def in_one_line(error: ValidationError, raw: Any, model: type[BaseModel]) -> str:
    """The error a user should see first: a misspelt key before the gap it leaves; with the nearest valid word."""
    first = min(error.errors(include_url=False), key=lambda e: e["type"] != "extra_forbidden")
    steps, valid, kinds = _places(first["loc"], raw, model)
    key, given, message = ".".join(steps), first.get("input"), " ".join(first["msg"].split())
    message = message.removeprefix("Value error, ")
    match first["type"]:
        case "extra_forbidden":
            return f"unknown key {key!r}{nearest(steps[-1], valid)}"
        case "missing":
            return f"{key} is missing"
        case "value_error":
            # a rule names the rest of the key itself
            joined = "." if re.match(r"[\w.]+: ", message) and steps[:1] == ["rules"] else ": "
            return f"{key}{joined}{message}" if key else message
        case "union_tag_invalid":
            kind = str(first["ctx"]["tag"])
            return f"{key}.kind: unknown {steps[0]} {kind!r}{nearest(kind, kinds)}"
        case "union_tag_not_found":
            return f"{key}: says no kind; valid are {', '.join(kinds)}"
        case "literal_error":
            options = re.findall(r"'([^']*)'", message)
            guess = nearest(str(given), options)
            return f"{key}: must be one of {', '.join(options)}, got {given!r}{guess * guess.startswith('; did')}"
        case kind if kind.startswith("date"):
            return f"{key}: must be a date such as 2011-05-31, got {given!r}"
        case "too_short":
            return f"{key}: needs {first['ctx']['min_length']} at least, got {_short(given)}"
        case kind if kind in KINDS:
            return f"{key}: must be {KINDS[kind]}, got {_short(given)}"
    message = message.replace("Input should be", "must be")
    return f"{key}: {message[0].lower()}{message[1:]}, got {_short(given)}"


def _short(given: Any) -> str:
    text = " ".join(repr(given).split())
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def _places(
    location: tuple[str | int, ...], raw: Any, model: type[BaseModel]
) -> tuple[list[str], list[str], list[str]]:
    """A place in the file as its keys, list items by name where they have one; the keys that are valid at the last
    step, and the kinds of section that may stand there.

    pydantic also names which kind of a union it tried: that is no key, and left out.
    """
    annotation: Any = model
    steps: list[str] = []
    valid: list[str] = []
    for step in location:
        tags = dict(_sections(annotation))
        if step in tags:
            annotation = tags[step]
            continue
        if isinstance(step, str) and isinstance(raw, (list, tuple)):  # a list that stands for a table
            annotation = _field(annotation, step)
            continue
        name: str | int = step
        try:
            raw = raw[step]
            if isinstance(step, int) and isinstance(raw, Mapping):
                name = raw.get("name", step)
        except (KeyError, IndexError, TypeError):
            raw = None
        steps.append(str(name))
        valid = _keys(annotation)
        if not isinstance(step, int):
            annotation = _field(annotation, step)
    kinds = [
        str(model.model_fields["kind"].default) for _, model in _sections(annotation) if "kind" in model.model_fields
    ]
    return steps, valid, kinds


def _keys(annotation: Any) -> list[str]:
    return [name for _, model in _sections(annotation) for _, name in spellings(model)]


def _field(annotation: Any, step: str) -> Any:
    """What the schema says of a key below a section; nothing where it has no such key."""
    for _, model in _sections(annotation):
        for field, name in spellings(model):
            if name == step:
                return model.model_fields[field].annotation
    return None


def _sections(annotation: Any, tag: str | None = None) -> Iterator[tuple[str | None, type[BaseModel]]]:
    """The sections that may stand here, each with the word by which pydantic tells it from the others."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        kind = annotation.model_fields.get("kind")
        yield tag or (None if kind is None else kind.default), annotation
    elif typing.get_origin(annotation) is typing.Annotated:
        inner, *metadata = typing.get_args(annotation)
        yield from _sections(inner, next((str(item.tag) for item in metadata if isinstance(item, Tag)), None))
    elif typing.get_origin(annotation) in (typing.Union, types.UnionType, tuple, list):
        for part in typing.get_args(annotation):
            yield from _sections(part)
