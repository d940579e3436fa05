"""Bodies and tactics of a user's own, from a file of theirs: loaded by name, with numbers declared like any other.

A file is run only because somebody named it just now (``--agent``, ``--set``, a script, a study): a scenario or a
folder of results says what was used, by name and hash, and never has it run.
"""

from __future__ import annotations

import datetime
import difflib
import hashlib
import runpy
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import create_model

from agents.body import Body
from agents.tactics.tactic import Tactic
from sim.errors import WrongInput, nearest, one_line
from sim.scenario.parameters import Parameter, Section, choice, number
from sim.scenario.schema import section_in

ROLES = {  # what may be put in whose place, and the section that holds its numbers
    "governor": "governor",
    "coalition": "coalition",
    "leader": "leaders",
    "union": "members",
    "unit": "members",
    "legislator": "legislature",
    "chamber": "legislature",
    "mayor": "towns",
}
S = TypeVar("S", bound=Section)
SIDES = ("governor", "coalition")  # whose tactic may come from a file
OWN = "__of_a_user__"  # stands in the globals of their files


def parameter(
    start: float, *, unit: str, meaning: str, source: str, low: float | None = None, high: float | None = None
) -> Any:
    """A number that a plug-in declares: an uncertainty where it has a range, else a lever.

    In a body: ``numbers = {"patience": parameter(...)}``, read as ``self.preferences.patience``; in a tactic, which is
    a dataclass, a field: ``kept: Worlds = parameter(...)``.
    """
    if low is None or high is None:
        raw: dict[str, Any] = {"lever": start, "source": source}
    else:
        raw = {"uncertainty": [low, high], "start": start, "source": source}
    return field(default=start, metadata={"raw": raw, "unit": unit, "meaning": meaning})


@dataclass(frozen=True, slots=True)
class Plugin:
    """A class in a user's file, in the place of a body, as a body of its own, or as a side's tactic."""

    role: str  # of `ROLES`, ``governor.tactic``, or a new body's own
    path: str
    name: str
    sha256: str  # of the file

    @property
    def kind(self) -> Any:
        """The class itself; every process runs the file once. Raises `WrongInput`."""
        return _class(self.path, self.name, self.sha256)

    @property
    def section(self) -> str:
        """Where its numbers stand in a scenario."""
        return ROLES.get(self.role, self.role.removesuffix(".tactic"))

    @property
    def numbers(self) -> Mapping[str, Any]:
        """What it declares, by name, as `parameter` made it."""
        kind = self.kind
        declared = dict(getattr(kind, "numbers", {}))
        if is_dataclass(kind):
            declared |= {item.name: item for item in fields(kind) if "raw" in item.metadata}
        return declared


def plugin(role: str, text: str) -> Plugin:
    """From ``FILE.py:CLASS``. Raises `WrongInput` naming file, class and the nearest one there is."""
    path, _, name = text.rpartition(":")
    file = Path(path)
    if not name or file.suffix != ".py":
        raise WrongInput(f"{role}: {text!r} must be FILE.py:CLASS")
    if not file.is_file():
        raise WrongInput(f"{role}: no file {path}")
    found = Plugin(role, str(file.resolve()), name, hashlib.sha256(file.read_bytes()).hexdigest())
    wanted = Tactic if role.endswith(".tactic") else Body
    if not (isinstance(found.kind, type) and issubclass(found.kind, wanted)):
        raise WrongInput(f"{role}: {name} in {file.name} is no {wanted.__module__}.{wanted.__name__}")
    _refuse_misspelt(f"{role}: {file.name}: {name}", found.kind)
    if wanted is Body and role not in ROLES and getattr(found.kind, "act", None) is Body.act:
        raise WrongInput(
            f"{role}: is none of our roles ({', '.join(ROLES)}), and {name} has no act() for a day of its own"
            f"{nearest(role, ROLES)}"
        )
    return found


def _refuse_misspelt(where: str, kind: type) -> None:
    """A method that nobody asks, since its name is nearly that of one which is asked, would change nothing."""
    known = [name for base in kind.__mro__[1:] for name in vars(base) if name[0] != "_"]
    for name, made in vars(kind).items():
        if name[0] != "_" and name not in known and callable(made):
            for meant in difflib.get_close_matches(name, known, n=1, cutoff=0.8):
                raise WrongInput(
                    f"{where}.{name}: nobody asks that; did you mean {meant!r}? (a helper's name begins with _)"
                )


@cache
def _class(path: str, name: str, sha256: str) -> Any:
    file = Path(path)
    if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != sha256:
        raise WrongInput(f"{path}: is not there any more, or has changed since it was named")
    try:
        namespace = runpy.run_path(path, {OWN: True}, run_name=file.stem)
    except Exception as error:
        why = theirs(error) or f"{type(error).__name__}: {error}"
        raise WrongInput(f"{file.name}: cannot be run: {why}") from None
    if name not in namespace:
        raise WrongInput(f"{file.name}: defines no {name!r}{nearest(name, [n for n in namespace if n[0] != '_'])}")
    return namespace[name]


def theirs(error: BaseException) -> str:
    """What was raised where in a user's own file, on one line; nothing where none of theirs had been asked.

    ``Court.act: ZeroDivisionError: division by zero (court.py, line 12)``: what was asked, and the last line of theirs.
    """
    frames = [step for step in traceback.walk_tb(error.__traceback__) if OWN in step[0].f_globals]
    if not frames:
        return ""
    asked, (last, line) = frames[0][0].f_code, frames[-1]
    what, code = traceback.format_exception_only(error)[-1].strip(), last.f_code
    within = "" if code is asked else f", in {code.co_qualname}"
    of = "" if asked.co_name == "<module>" else f"{asked.co_qualname}: "
    return one_line(f"{of}{what} ({Path(code.co_filename).name}, line {line}{within})")


def with_numbers_of(schema: type[S], plugins: Mapping[str, Plugin]) -> type[S]:
    """The schema of a scenario file with what the plug-ins declare, in their sections or in one of their own."""
    if not plugins:
        return schema
    added: dict[str, Any] = {}
    for section in dict.fromkeys(plugin.section for plugin in plugins.values()):
        own = [plugin for plugin in plugins.values() if plugin.section == section]
        known = schema.model_fields.get(section)
        base = Section if known is None else _section_of(known.annotation)
        extra: dict[str, Any] = {}
        for one in own:
            for name, declared in one.numbers.items():
                says = declared.metadata
                extra[name] = (Parameter, number(says["unit"], says["meaning"], default=None, validate_default=False))
            if one.role.endswith(".tactic"):
                from agents.tactics import ALL_TACTICS

                extra["tactic"] = (Parameter, choice("How the side concedes", (*ALL_TACTICS, word_of(one))))
            if known is None:
                extra["date"] = (datetime.date, ...)
        added[section] = (create_model(base.__name__, __base__=base, **extra), ... if known is None else known.default)
    return create_model(schema.__name__, __base__=schema, **added)


def _section_of(annotation: Any) -> type[Section]:
    found = section_in(annotation)
    assert found is not None
    return found  # type: ignore[return-value]


def raw_with(raw: Mapping[str, Any], plugins: Mapping[str, Plugin]) -> dict[str, Any]:
    """A scenario's file with the plug-ins' own numbers where it says nothing of them. Raises `WrongInput`."""
    filled = dict(raw)
    for one in plugins.values():
        says = dict(filled.get(one.section) or {})
        if one.role in ROLES and one.section not in filled:
            raise WrongInput(f"{one.role}: this case has no [{one.section}]")
        for name, declared in one.numbers.items():
            says.setdefault(name, dict(declared.metadata["raw"]))
        if one.role.endswith(".tactic"):
            says["tactic"] = {"lever": word_of(one), "source": "a file of the user's own"}
        elif one.role not in ROLES and "date" not in says:
            date = getattr(one.kind, "date", None)
            if date is None:
                raise WrongInput(f"{one.role}: say on which day it acts: [{one.role}] date = ... in the scenario")
            says["date"] = date
        filled[one.section] = says
    return filled


def word_of(one: Plugin) -> str:
    """How a tactic from a file is called in a scenario: file and class."""
    return f"{Path(one.path).name}:{one.name}"
