"""Progress on stderr: a bar on a terminal, plain lines elsewhere if asked for, nothing otherwise."""

from __future__ import annotations

import sys
import time
from typing import Any, Protocol

EVERY = 5.0  # seconds between plain lines


class Reporter(Protocol):
    def update(self, rows: int, planned: int, failed: int) -> None:
        """So many rows are done, of those planned so far; so many raised."""

    def close(self) -> None: ...


class Silent:
    def update(self, rows: int, planned: int, failed: int) -> None:
        pass

    def close(self) -> None:
        pass


class Lines:
    """A plain line every few seconds, and one at the end."""

    def __init__(self) -> None:
        self._rate = Rate()
        self._said_at = -EVERY
        self._words = self._said = ""

    def update(self, rows: int, planned: int, failed: int) -> None:
        self._rate.update(rows)
        self._words = self._rate.words(rows, planned, failed)
        if time.monotonic() - self._said_at >= EVERY:
            self._say()

    def close(self) -> None:
        if self._words != self._said:
            self._say()

    def _say(self) -> None:
        self._said_at, self._said = time.monotonic(), self._words
        print(self._words, file=sys.stderr, flush=True)


class Bar:
    """A bar with rate, time left and failures (rich)."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        self._rate = Rate()
        self._bar: Any = Progress(BarColumn(), TextColumn("{task.description}"), console=Console(stderr=True))
        self._task = self._bar.add_task("", total=None)
        self._bar.start()

    def update(self, rows: int, planned: int, failed: int) -> None:
        self._rate.update(rows)
        words = self._rate.words(rows, planned, failed)
        self._bar.update(self._task, completed=rows, total=planned, description=words)

    def close(self) -> None:
        self._bar.stop()


class Rate:
    """Worlds a second of this run, not counting what an earlier one left."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._before: int | None = None
        self._a_second = 0.0

    def update(self, rows: int) -> None:
        if self._before is None:
            self._before = rows
        self._a_second = (rows - self._before) / max(time.monotonic() - self._start, 1e-9)

    def words(self, rows: int, planned: int, failed: int) -> str:
        text = f"{rows:,} of {planned:,} worlds"
        if self._a_second > 0:
            left = max(planned - rows - failed, 0)
            text += f", {self._a_second:,.0f} a second" + (f", {duration(left / self._a_second)} left" if left else "")
        return text + (f", {failed:,} failed" if failed else "")


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
    return Lines() if asked else Silent()
