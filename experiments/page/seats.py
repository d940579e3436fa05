"""Who plays by hand sees this: his chair, the seats of a room, and at the end what it was all worth."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from html import escape
from typing import Any, cast
from urllib.parse import urlencode

import solara

from experiments.page.cards import head
from experiments.page.chair import AtTable, offer_as_move, play
from experiments.page.hand import Turn
from experiments.page.room import Room, Seen
from experiments.page.run import Run, record
from experiments.page.score import (
    account,
    as_table,
    board_table,
    decided_rows,
    in_words,
    offer_rows,
    score,
)
from experiments.page.setup import SIDES, TOKEN, Go, Setup
from experiments.page.widgets import Chair, Offers, SeatChoice, Share
from sim.errors import WrongInput

Show = Callable[[int], None]  # the run after so many steps


@solara.component
def YourChair(
    setup: Setup, turn: Turn | None, run: Run, go: Go, error: str, set_error: Callable[[str], None], show: Show
) -> None:
    """One person plays by hand; every move is a new setup, so it can be taken back."""

    def move(number: int, text: str) -> None:
        if number != len(setup.moves) + 1:  # it came twice
            return
        new = replace(setup, moves=(*setup.moves, text))
        _, _, failed = play(new)
        if failed:
            set_error(failed)
        else:
            go(new)

    def undo(number: int) -> None:
        if number == len(setup.moves):
            go(replace(setup, moves=setup.moves[:-1]))

    heading = f"You sit in the {setup.chair}'s chair" if setup.chair in SIDES else f"You are the {setup.chair}"
    if len(setup.hands) > 1:
        heading = f"{len(setup.hands)} seats are played here" if turn is None else f"The {turn.chair}'s turn"
    with solara.Div(classes=["planb-single"]):
        Chair(
            heading=heading,
            turn=None if turn is None else turn.as_dict(),
            issues=_issues(run),
            moves=len(setup.moves),
            undo=bool(setup.moves),
            leave="Leave the chair",
            verdict=_how_it_ended(run),
            error=error,
            event_offer=lambda given: move(given["number"], offer_as_move(given["package"])),
            event_answer=lambda given: move(given["number"], given["said"]),
            event_undo=lambda given: undo(given["number"]),
            event_leave=lambda *_: go(replace(setup, chair="", moves=())),
        )
        if turn is None:
            Debrief(setup, run, show)


@solara.component
def Debrief(setup: Setup, run: Run, show: Show) -> None:
    """What a play that is over was worth, and who offered what; ``show`` has the player below show that day again."""
    case, seed, world = setup.resolved(), setup.seed, setup.world
    played, models = score(run), score(record(case, seed, world))
    others = [seat for seat in setup.hands if seat not in SIDES]
    accounts = solara.use_memo(lambda: [account(seat, run, case, seed, world) for seat in others], [setup])
    if played is None:
        return
    with solara.Div(classes=["planb-card", "planb-debrief"]):
        about = "Points over no deal; 100 lie between a side's worst package and its ideal."
        head("The score", f"{about} {in_words(played)}")
        solara.HTML(tag="div", unsafe_innerHTML=as_table(played, models))
        for found in accounts:
            head(f"The {found.seat}", f"More than without a deal: {found.unit}.")
            solara.HTML(tag="div", unsafe_innerHTML=found.as_table())
        Offers(rows=offer_rows(run), decided=decided_rows(run), event_goto=show)


def use_seen(room: Room, me: str) -> Seen:
    """The room as this visitor sees it, kept up to date: a thread of the visitor's own waits for changes."""
    _, redraw = solara.use_state(cast(Seen | None, None))

    def start() -> Callable[[], None]:
        gone = threading.Event()

        def work() -> None:
            with room.visited(me):
                for now in room.watch(me, gone):
                    redraw(now)

        threading.Thread(target=work, daemon=True).start()

        def stop() -> None:
            gone.set()
            room.rooms.nudge()

        return stop

    solara.use_effect(start, [room, me])
    return room.seen(me)


@solara.component
def Seats(room: Room, me: str, seen: Seen, turn: Turn | None, run: Run, show: Show) -> None:
    """The seats of a room, and the visitor's own part in its talks."""
    error, set_error = solara.use_state("")

    def attempt(act: Callable[[], None]) -> None:
        try:
            act()
            set_error("")
        except WrongInput as wrong:
            set_error(str(wrong))

    def moved(given: dict[str, Any], text: str) -> None:
        attempt(lambda: room.move(me, given["number"], text))

    over = bool(run.outcome)
    with solara.Div(classes=["planb-single", "planb-room"]):
        skipped_to = {} if over else {"id": "planb-player", "tabindex": "-1"}  # a player comes when it is over
        solara.HTML(tag="p", classes=["planb-seated"], unsafe_innerHTML=_seated(seen), attributes=skipped_to)
        if not over:
            Sitting(room, me, seen, attempt)
        if seen.begun and seen.mine and not over:
            Chair(
                heading=f"You play the {seen.mine}",
                turn=turn.as_dict() if turn is not None and turn.chair == seen.mine else None,
                issues=_issues(run),
                moves=len(seen.setup.moves),
                undo=seen.may_undo,
                leave="",
                verdict="" if turn is None else _waiting(turn),
                error=error,
                event_offer=lambda given: moved(given, offer_as_move(given["package"])),
                event_answer=lambda given: moved(given, given["said"]),
                event_undo=lambda given: room.undo(me, given["number"]),
                event_leave=lambda *_: None,
            )
        elif error:
            solara.Error(error)
        elif seen.begun and turn is not None:
            solara.HTML(tag="p", classes=["planb-chair"], unsafe_innerHTML=_waiting(turn))
        if over:
            solara.HTML(tag="p", classes=["planb-chair"], unsafe_innerHTML=_how_it_ended(run))
            Debrief(seen.setup, run, show)
            Board(seen)


@solara.component
def Sitting(room: Room, me: str, seen: Seen, attempt: Callable[[Callable[[], None]], None]) -> None:
    """To sit down and get up, and the address that lets others in.

    The buttons keep their places, so that the second click of a double click meets nothing else.
    """
    closed = [seat not in ("free", "away") or (seen.begun and bool(seen.mine)) for seat in seen.seats]
    for_two = seen.places == SIDES
    with solara.Div(classes=["planb-buttons"]):
        if not for_two:
            seats = [{"name": seat, "closed": shut} for seat, shut in zip(seen.places, closed, strict=True)]
            SeatChoice(seats=seats, event_take=lambda seat: attempt(partial(room.take, seat, me)))
        for side, shut in zip(SIDES, closed, strict=True) if for_two else ():
            sit = partial(attempt, partial(room.take, side, me))
            solara.Button(f"Play the {side}", on_click=sit, disabled=shut, outlined=True)
        begin, get_up = partial(attempt, partial(room.begin, me)), partial(attempt, partial(room.leave, me))
        waits = bool(seen.mine) and not seen.begun
        alone = "Begin against the model" if for_two else "Begin; the model plays the rest"
        solara.Button(alone, on_click=begin, disabled=not waits, outlined=True)
        solara.Button("Give up my seat", on_click=get_up, disabled=not seen.mine, outlined=True)
    carried = {"token": os.environ.get(TOKEN, ""), "room": room.name}
    query = urlencode({name: text for name, text in carried.items() if text})
    Share(lines=[{"label": "address to hand on", "text": query, "query": True}])


@solara.component
def Board(seen: Seen) -> None:
    """How the class is doing, where there is more than one room."""
    if len(seen.board) > 1:
        with solara.Div(classes=["planb-card"]):
            head("The class", "Every room of this server that plays this world; points over no deal.")
            solara.HTML(tag="div", unsafe_innerHTML=board_table(seen.board, seen.number))


SEATS = {
    "you": "you",
    "taken": "somebody else",
    "away": "somebody who is away, so the seat may be taken",
    "free": "nobody yet",
    "model": "the model",
}


def _seated(seen: Seen) -> str:
    seats = list(zip(seen.places, seen.seats, strict=True))
    two = seen.places == SIDES
    rest = [] if two else ["everybody else: <b>the model</b>" if seen.begun else "all other seats: <b>nobody yet</b>"]
    named = [(place, seat) for place, seat in seats if two or seat != ("model" if seen.begun else "free")]
    who = "; ".join([f"{escape(place)}: <b>{SEATS[seat]}</b>" for place, seat in named] + rest)
    begins = "when both seats are taken" if two else "when somebody who sits says so"
    begins = "" if seen.begun else f" The talks begin {begins}."
    return f"<b>Room {seen.number}.</b> {who[0].upper()}{who[1:]}.{begins}"


def _waiting(turn: Turn) -> str:
    if not isinstance(turn, AtTable):
        return f"{turn.date}: it is for the {escape(turn.chair)} to decide something. It comes here by itself."
    act = "to make an offer" if turn.kind == "offer" else "to answer what is on the table"
    return (
        f"Round {turn.round} of {turn.rounds}, {turn.date}: it is for the {turn.chair} {act}. It comes here by itself."
    )


def _issues(run: Run) -> list[dict[str, Any]]:
    return [
        {"name": issue.name, "unit": issue.unit, "low": issue.range[0], "high": issue.range[1]}
        for issue in run.last.case.issues
    ]


def _how_it_ended(run: Run) -> str:
    deal = next((offer for offer in run.last.offers if offer.accepted), None)
    verdict = "The talks ended without a deal. " if deal is None else f"Agreed in round {deal.round}. "
    return verdict + f"How it went on: {run.outcome.replace('_', ' ')}."
