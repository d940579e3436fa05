"""Progress on stderr: a bar on a terminal, plain lines elsewhere if asked for, nothing otherwise."""

from __future__ import annotations

import sys
import time
from typing import Any

EVERY = 5.0  # seconds between plain lines


class Reporter:
    """Says nothing."""

    def update(self, rows: int, planned: int, failed: int) -> None:
        """So many rows are done, of those planned so far; so many raised."""

    def close(self) -> None:
        """Nothing more will come."""


class InWords(Reporter):
    """Words for how far it is, with the worlds a second of this run, not counting what an earlier one left."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._before: int | None = None

    def words(self, rows: int, planned: int, failed: int) -> str:
        """``1,200 of 4,000 worlds, 300 a second, 9 s left``."""
        if self._before is None:
            self._before = rows
        a_second = (rows - self._before) / max(time.monotonic() - self._start, 1e-9)
        text = f"{rows:,} of {planned:,} worlds"
        if a_second > 0:
            left = max(planned - rows - failed, 0)
            text += f", {a_second:,.0f} a second" + (f", {duration(left / a_second)} left" if left else "")
        return text + (f", {failed:,} failed" if failed else "")


class Lines(InWords):
    """A plain line every few seconds, and one at the end."""

    def __init__(self) -> None:
        super().__init__()
        self._said_at = -EVERY
        self._words = self._said = ""

    def update(self, rows: int, planned: int, failed: int) -> None:
        self._words = self.words(rows, planned, failed)
        if time.monotonic() - self._said_at >= EVERY:
            self._say()

    def close(self) -> None:
        if self._words != self._said:
            self._say()

    def _say(self) -> None:
        self._said_at, self._said = time.monotonic(), self._words
        print(self._words, file=sys.stderr, flush=True)


class Bar(InWords):
    """A bar with rate, time left and failures (rich)."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        super().__init__()
        self._bar: Any = Progress(BarColumn(), TextColumn("{task.description}"), console=Console(stderr=True))
        self._task = self._bar.add_task("", total=None)
        self._bar.start()

    def update(self, rows: int, planned: int, failed: int) -> None:
        words = self.words(rows, planned, failed)
        self._bar.update(self._task, completed=rows, total=planned, description=words)

    def close(self) -> None:
        self._bar.stop()


def duration(seconds: float) -> str:
    """``42 s``, ``3 min 20 s``, ``2 h 05 min``."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def reporter(asked: bool | None = None) -> Reporter:
    """The way to report that suits stderr: a bar on a terminal, lines elsewhere if ``asked``, or silence."""
    if asked is not False and sys.stderr.isatty():
        return Bar()
    return Lines() if asked else Reporter()
