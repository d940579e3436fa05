"""Errors a user can mend."""

from __future__ import annotations

import difflib
import operator
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LONGEST = 600  # characters of a message; a file may hold a word of a megabyte
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")  # all but tab and newline


class WrongInput(ValueError):
    """The user's file, key or value is wrong; the message names it and the nearest valid one, on one line."""

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


class ModelFault(Exception):
    """The model, or somebody's own part of it, gave what it must not give; what and where, on one line.

    ``where``: places in the block of the worlds in which it did, (worlds,) of bool; None where all of them are at
    fault. A runner sets exactly these worlds apart.
    """

    def __init__(self, message: str, where: NDArray[np.bool_] | None = None) -> None:
        super().__init__(one_line(message))
        self.where = where

    def at(self, worlds: NDArray[np.int64]) -> ModelFault:
        """The same with the address of the first such world; ``worlds`` are the addresses in the block, (worlds,)."""
        if self.where is None or len(self.where) != len(worlds):
            return self
        return ModelFault(f"{self}; the first is world {worlds[self.where.argmax()]}", self.where)

    def __reduce__(self) -> tuple[type[ModelFault], tuple[str, NDArray[np.bool_] | None]]:
        return type(self), (str(self), self.where)


def whole_number(name: str, given: object, *, least: int, below: int = 2**63) -> int:
    """What a caller gave for a whole number of this name. Raises `WrongInput`."""
    try:
        number = operator.index(given)  # type: ignore[arg-type]
    except TypeError:
        number = below
    if not least <= number < below:
        raise WrongInput(f"{name} must be a whole number, at least {least}, got {given!r}")
    return number


def one_line(text: str) -> str:
    """What may be printed of a text that somebody else wrote: one line, no control characters, not for ever."""
    text = UNSAFE.sub(lambda letter: repr(letter[0])[1:-1], text.replace("\n", "\\n").replace("\t", " "))
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]} ... {text[-LONGEST // 3 :]}"


def nearest(word: str, valid: Iterable[str]) -> str:
    """``; did you mean 'x'?`` for the valid word nearest to this one, or the list of valid ones, or nothing."""
    known = sorted(set(valid))
    close = difflib.get_close_matches(word[:LONGEST], known, n=1, cutoff=0.5)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; valid are {', '.join(known)}" if 0 < len(known) <= 12 else ""
