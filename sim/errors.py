"""Errors a user can mend."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class WrongInput(ValueError):
    """The user's file, key or value is wrong; the message names it and the nearest valid one, on one line."""


def nearest(word: str, valid: Iterable[str]) -> str:
    """``; did you mean 'x'?`` for the valid word nearest to this one, or the list of valid ones, or nothing."""
    known = sorted(set(valid))
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; valid are {', '.join(known)}" if 0 < len(known) <= 12 else ""
