"""Rooms: several browsers play one world, each a body of it, and whoever else has the address looks on.

A room is a setup that several people move, and who sits in which seat of it; what follows from the moves is the run by
hand that one person plays alone. Rooms are kept in the server's memory: there are at most so many, each goes when
nobody has been in it for a while, and all go with the server. A room's name opens it, so only its visitors see it.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

from experiments.page.chair import AtTable, play, refuse_unplayable
from experiments.page.hand import Turn
from experiments.page.moments import Snapshot
from experiments.page.run import Run
from experiments.page.score import PLAYED, Row, Score, account, score
from experiments.page.setup import SIDES, Setup, chair_of, seats_of
from sim.errors import WrongInput

MOST = 100  # rooms at a time
KEPT = 2 * 3600.0  # s that a room is kept with nobody in it
AWAY = 60.0  # s after which the seat of somebody who has no page open may be taken by another
LOOK = 5.0  # s, at most, between two looks at who is away


class Seen(NamedTuple):
    """A room as one visitor sees it."""

    setup: Setup  # with the moves so far
    begun: bool
    places: tuple[str, ...]  # what may be played here: governor and coalition, or every body
    seats: tuple[str, ...]  # by place: "you", "taken", "away", "free" or "model"
    may_undo: bool  # the last move was his, and nobody has answered it
    number: int
    board: tuple[Row, ...]  # the rooms that play the same world

    @property
    def mine(self) -> str:
        """The seat he plays, if any."""
        return next((place for place, seat in zip(self.places, self.seats, strict=True) if seat == "you"), "")


class Room:
    """One table. A visitor is known by a key of his browser's, so he keeps his seat when he leaves and comes back.

    Every method is safe to call from any thread.
    """

    def __init__(self, setup: Setup, number: int, name: str, rooms: Rooms, places: tuple[str, ...] = SIDES) -> None:
        self.places = places
        self.luck = replace(setup, chair="", moves=(), change=None, levers=None, step=None)
        self.setup = replace(self.luck, chair="both")
        self.number, self.name, self.rooms = number, name, rooms
        self.sits: dict[str, str] = {}  # seat: key
        self.movers: tuple[tuple[str, bool], ...] = ()  # whose moves they were, and whether the model answered them
        self.round = 0  # of the talks, from 1; 0: they have not begun
        self.score: Score | None = None
        self.others = ""  # the scores of the other seats, in words
        self.over = False
        self.here: Counter[str] = Counter()  # open pages, by key
        self.left: dict[str, float] = {}  # when somebody who sits here closed his last page
        self.empty_since = time.monotonic()

    # --- who sits where

    def take(self, side: str, who: str) -> None:
        """Sit down. When all sit, the talks begin. Raises `WrongInput` where somebody else sits."""
        with self.rooms.changed:
            mine = self._side(who)
            if mine and self.round:
                raise WrongInput(f"you play the {mine}")
            if mine == side:
                return  # he clicked twice
            if self._seat(side, who) not in ("free", "away"):
                raise WrongInput(f"somebody else plays the {side}")
            self.sits.pop(mine, None)
            self.sits[side] = who
            if len(self.sits) == len(self.places) and not self.round:
                self._begin()
            self.rooms.changed.notify_all()

    def leave(self, who: str) -> None:
        """Give the seat up to whoever takes it."""
        with self.rooms.changed:
            self.sits = {side: key for side, key in self.sits.items() if key != who}
            self.rooms.changed.notify_all()

    def begin(self, who: str) -> None:
        """Begin as things are: the model plays the seats that nobody has taken."""
        with self.rooms.changed:
            if self._side(who) and not self.round:
                self._begin()
                self.rooms.changed.notify_all()

    def _begin(self) -> None:
        chair = chair_of(place for place in self.places if place in self.sits)
        self.round, self.setup = 1, replace(self.setup, chair=chair)

    # --- moves

    def move(self, who: str, number: int, text: str) -> None:
        """His seat's next offer, answer or decision, the ``number``th move; one that comes twice is played once.

        Raises `WrongInput` where it is against the rules.
        """
        with self.rooms.changed:
            before, side = self.setup, self._side(who)
        if not side or not self.round or number != len(before.moves) + 1:
            return
        was, turn, _ = play(before)
        if turn is None or turn.chair != side:
            return
        after = replace(before, moves=(*before.moves, text))
        runs, then, failed = play(after)
        if failed:
            raise WrongInput(failed)
        mover = side, _answered(before, turn, was[0].last, runs[0].last)
        worth, others = (score(runs[0]), _others(after, runs[0])) if then is None else (None, "")
        with self.rooms.changed:
            if self.setup is not before or self.sits.get(side) != who:
                return  # a move was taken back meanwhile, or the seat given up
            self.setup, self.movers = after, (*self.movers, mover)
            self.round, self.over = (self.round, True) if then is None else (then.round, False)
            self.score, self.others = worth, others
            self.rooms.changed.notify_all()

    def undo(self, who: str, number: int) -> None:
        """Take back the ``number``th move, if it was his own and the last, and there is somebody yet to answer it."""
        with self.rooms.changed:
            if number == len(self.setup.moves) and self._may_undo(who):
                self.setup = replace(self.setup, moves=self.setup.moves[:-1])
                self.movers = self.movers[:-1]
                self.rooms.changed.notify_all()

    def _may_undo(self, who: str) -> bool:
        return bool(self.movers) and not self.over and self.movers[-1] == (self._side(who), False)

    # --- what is seen

    def seen(self, who: str) -> Seen:
        """The room as this visitor sees it now."""
        with self.rooms.changed:
            seats = tuple(self._seat(place, who) for place in self.places)
            board = self.rooms.board(self.luck)
            return Seen(self.setup, self.round > 0, self.places, seats, self._may_undo(who), self.number, board)

    def watch(self, who: str, gone: threading.Event) -> Iterator[Seen]:
        """What he sees, again whenever it changes, until he is gone; `Rooms.nudge` ends the waiting."""
        before = None
        while not gone.is_set():
            with self.rooms.changed:
                now = self.seen(who)
                if now == before:
                    if not gone.is_set():
                        self.rooms.changed.wait(LOOK)
                    continue
            before = now
            yield now

    @contextmanager
    def visited(self, who: str) -> Iterator[None]:
        """While he has a page of the room open."""
        with self.rooms.changed:
            self.here[who] += 1
            self.rooms.changed.notify_all()
        try:
            yield
        finally:
            with self.rooms.changed:
                self.here[who] -= 1
                if not self.here[who]:
                    del self.here[who]
                    self.empty_since = time.monotonic()
                    if self._side(who):
                        self.left[who] = self.empty_since

    def _side(self, who: str) -> str:
        return next((side for side, key in self.sits.items() if key == who), "")

    def _seat(self, side: str, who: str) -> str:
        if self.round and side not in self.setup.hands:
            return "model"
        holder = self.sits.get(side)
        if holder is None:
            return "free"
        if holder == who:
            return "you"
        return "away" if _for(AWAY, self.left.get(holder)) and not self.here[holder] else "taken"

    @property
    def stale(self) -> bool:
        """Has nobody been here for long?"""
        return not self.here and _for(KEPT, self.empty_since)


class Rooms:
    """The rooms of this server. ``changed`` is the one lock of them all, and tells whoever waits of any change."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.rooms: dict[str, Room] = {}
        self.opened = 0

    def open(self, setup: Setup, *, for_all: bool = False) -> Room:
        """A new room for a setup's world, for two or ``for_all`` of its bodies.

        Raises `WrongInput` where there is nothing to play, or there are too many.
        """
        case = setup.resolved()
        refuse_unplayable(case)
        with self.changed:
            self.rooms = {name: room for name, room in self.rooms.items() if not room.stale}
            if len(self.rooms) >= MOST:
                raise WrongInput(f"{MOST} rooms are open, as many as this server keeps; one closes when nobody uses it")
            self.opened += 1
            room = Room(setup, self.opened, secrets.token_hex(10), self, seats_of(case) if for_all else SIDES)
            self.rooms[room.name] = room
            self.changed.notify_all()
            return room

    def find(self, name: str) -> Room:
        """Raises `WrongInput` where there is none."""
        with self.changed:
            room = self.rooms.get(name)
        if room is None or room.stale:
            raise WrongInput("there is no such room, or it was closed because nobody was in it")
        return room

    def board(self, luck: Setup) -> tuple[Row, ...]:
        """The rooms that play this world, in the order in which they were opened."""
        with self.changed:
            rooms = [room for room in self.rooms.values() if room.luck == luck and not room.stale]
            return tuple(Row(room.number, room.round, room.score, room.others) for room in rooms)

    def nudge(self) -> None:
        """Have everybody look whether he still waits."""
        with self.changed:
            self.changed.notify_all()


def _answered(setup: Setup, turn: Turn, before: Snapshot, after: Snapshot) -> bool:
    """Has the model answered the move of this turn, so that to take it back were to play with knowledge?

    At the table it has where it plays a side, or something is signed; elsewhere where votes have been counted, or
    offers made by such a side.
    """
    if isinstance(turn, AtTable):
        return not set(SIDES) <= set(setup.hands) or any(offer.accepted for offer in after.offers)
    held = [(len(seen.votes), len(seen.roll_calls), len(seen.offers)) for seen in (before, after)]
    return held[0] != held[1]


def _others(setup: Setup, run: Run) -> str:
    """What a run that is over was worth to the seats besides governor and coalition, in words."""
    seats = [seat for seat in setup.hands if seat not in SIDES]
    case = setup.resolved()
    found = [account(seat, run, case, setup.seed, setup.world) for seat in seats]
    return "; ".join(f"{one.seat} {one.cells(PLAYED)[-1]}" for one in found)


def _for(seconds: float, since: float | None) -> bool:
    """Is this moment so long ago?"""
    return since is not None and time.monotonic() - since > seconds


ROOMS = Rooms()
