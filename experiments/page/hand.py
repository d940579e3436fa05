"""Whoever plays by hand: the turns that come to him, and the moves that are handed out in their order.

What was played is a list of moves, so a run by hand is a value like any other. Without a next move the run stops and
says whose turn it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from experiments.page.run import Decided, Watched
from sim.bodies import Bodies
from sim.crisis import Act
from sim.errors import WrongInput
from sim.scenario.numbers import Numbers
from sim.state import Happenings, State
from sim.worlds.randomness import Luck


@dataclass(frozen=True, kw_only=True)
class Turn:
    """Something that somebody has to decide."""

    chair: str  # whose turn it is
    kind: str  # "offer", "answer", "number" or "choice"
    round: int  # of the talks, from 1
    rounds: int
    date: str
    package: tuple[float, ...] = ()  # the amounts that are asked for, as a first idea, or on the table

    def as_dict(self) -> dict[str, Any]:
        """For the browser."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Question(Turn):
    """A decision of a body other than an offer or an answer to one: a number, or one of a few things."""

    about: str  # in a few words, for the list of what was decided
    asks: str
    knows: tuple[str, ...]  # what the body knows that is to decide, in sentences
    stake: str
    until: str  # how long it stands, and what comes next
    own: str  # what the model's own body would say
    choices: tuple[tuple[str, str], ...] = ()  # what may be said, and in words
    fields: tuple[dict[str, Any], ...] = ()  # of a number: its name, unit, low and high

    def as_dict(self) -> dict[str, Any]:
        """For the browser, which is not told what the model would choose."""
        told = asdict(self)
        del told["own"]
        return told

    def refuse(self, number: int, text: str) -> None:
        """Raises `WrongInput` where that is no answer."""
        said = [value for value, _ in self.choices]
        if self.choices:
            if text not in said:
                raise WrongInput(f"move {number}: must be one of {', '.join(said)}, got {text!r}")
            return
        low, high = self.fields[0]["low"], self.fields[0]["high"]
        try:
            fits = low <= float(text) <= high
        except ValueError:
            fits = False
        if not fits:
            raise WrongInput(f"move {number}: must be a number from {low:g} to {high:g}, got {text!r}")

    def is_own(self, text: str) -> bool:
        """Is it what the model's own body would say?"""
        return text == self.own if self.choices else float(text) == float(self.own)

    def in_words(self, text: str) -> str:
        """An answer as a list of decisions has it."""
        return dict(self.choices)[text] if self.choices else f"{float(text):g} {self.fields[0]['unit']}"


class YourTurn(Exception):
    """The run waits for a move."""

    def __init__(self, turn: Turn) -> None:
        super().__init__(turn.kind)
        self.turn = turn


class Hand:
    """The moves of whoever sits in these seats, each taken when its turn comes."""

    def __init__(self, seats: Sequence[str], moves: Sequence[str]) -> None:
        self.seats, self.left = tuple(seats), iter(enumerate(moves, start=1))
        self.watched: Watched | None = None
        self.act: Act | None = None  # that is played now
        self.about = ""  # the threat or the news that it is about
        self.decided: list[Decided] = []
        self._said: dict[tuple[str, str], tuple[Question, str]] = {}  # by seat and decision, until it is asked again
        self._asked: set[tuple[str, str, int]] = set()

    def next(self, turn: Callable[[], Turn]) -> tuple[int, str]:
        """The next move, by its number. Raises `YourTurn` when there is none left."""
        for move in self.left:
            return move
        raise YourTurn(turn())

    def during(self, act: Act) -> Act:
        """The same act; while it is played bodies may be asked."""
        return partial(self._play, act)

    def _play(self, act: Act, state: State, bodies: Bodies, numbers: Numbers, luck: Luck) -> Happenings:
        plain: Any = act
        self.act, self.about = (plain.func, plain.keywords.get("name", "")) if isinstance(act, partial) else (act, "")
        try:
            return act(state, bodies, numbers, luck)
        finally:
            self.act = None

    def asked_today(self, seat: str, decision: str) -> bool:
        """Has he been asked this already on this day?"""
        assert self.watched is not None
        return (seat, decision, self.watched.crisis.steps) in self._asked

    def ask(self, seat: str, decision: str, question: Question) -> None:
        """Have him decide; it stands until he is asked again. Raises `YourTurn`, or `WrongInput`."""
        assert self.watched is not None
        crisis = self.watched.crisis
        self._asked.add((seat, decision, crisis.steps))
        number, text = self.next(lambda: question)
        question.refuse(number, text)
        self._said[seat, decision] = question, text
        said, own = question.in_words(text), question.in_words(question.own)
        self.decided.append(Decided(crisis.steps + 1, crisis.state.date, seat, question.about, said, own))

    def said(self, seat: str, decision: str) -> tuple[str, str] | None:
        """What he said last, and what the model's own body would have; None where they do not differ."""
        question, text = self._said.get((seat, decision), (None, ""))
        return None if question is None or question.is_own(text) else (text, question.own)
