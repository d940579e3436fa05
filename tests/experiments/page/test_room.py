"""Rooms without a browser: who may sit, move and take back; and scores that are the table's own measures."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest

pytest.importorskip("solara", reason="the page is an extra: pip install 'planb[page]'")

from experiments.page import room as rooms_module
from experiments.page.chair import offer_as_move, play, play_by_hand
from experiments.page.room import MOST, Room, Rooms
from experiments.page.run import record
from experiments.page.score import Gains, Score, as_table, board_table, offer_rows, score
from experiments.page.setup import Setup
from sim.errors import WrongInput
from sim.scenario.scenario import load_scenario

WORLD = Setup(scenario="connecticut-2011", world=3)
NEVER, ALL_LABOUR_WANTS = "3,1.5,1.5,1,0,-2.5", "0,0,0,0,5,1.5"


@pytest.fixture(scope="module")
def case():
    return load_scenario("connecticut-2011")


@pytest.fixture
def room() -> Room:
    """A room in which ann plays the governor and bob the coalition."""
    room = Rooms().open(WORLD)
    room.take("governor", "ann")
    room.take("coalition", "bob")
    return room


# --- scores -----------------------------------------------------------------------------------------------------------


def test_scores_of_deals_that_stand_are_the_measures_of_efficiency_and_add_up(case):
    """Gains realised and the governor's part of them, world by world, from the same deal and the same frontier."""
    stood = 0
    for world in range(25):
        run = record(case, 2011, world)
        found = score(run)
        if not run.outcome.startswith("ratified"):
            continue
        stood += 1
        together = found.gains.governor + found.gains.coalition
        assert found.part == pytest.approx(run.measures["gains_realised"], abs=1e-9)
        assert found.gains.governor / together == pytest.approx(run.measures["governor_surplus_share"], abs=1e-9)
        no_deal = run.last.table.no_deal
        assert found.gains.governor + no_deal[0] == pytest.approx(run.measures["governor_utility"])
        assert found.gains.coalition + no_deal[1] == pytest.approx(run.measures["coalition_utility"])
        governor, coalition, both = found.gains.points
        assert governor + coalition == both and abs(both - 100 * together) <= 1
    assert stood > 15


def test_without_a_deal_and_with_one_that_was_turned_down_both_have_what_no_deal_leaves(case):
    refused = score(record(case, 2011, 52))  # signed, and refused by the members
    assert refused.signed and not refused.stands and refused.gains == Gains(0.0, 0.0) and refused.part == 0.0
    never = score(record(case, 2011, 32))
    assert not never.signed and never.gains == Gains(0.0, 0.0)
    nothing = score(record(case, 2011, 1))  # no package beats no deal for both
    assert nothing.best is None and nothing.part is None and "–" in as_table(nothing, refused)


def test_whoever_signs_away_more_than_no_deal_costs_has_less_than_nothing(case):
    run, _ = play_by_hand(case, 2011, 3, chairs=("governor",), moves=[ALL_LABOUR_WANTS])
    found = score(run)
    assert run.outcome.startswith("ratified") and found.gains.governor < 0 < found.gains.coalition
    (row,) = offer_rows(run)
    assert (row["by"], row["answer"]) == ("governor", "accepted")
    assert row["governor"] <= found.gains.points[0] <= row["governor"] + 3  # before they sign both look for a trade
    assert run.at(row["step"]).offers and not run.at(row["step"] - 1).offers


# --- seats and moves --------------------------------------------------------------------------------------------------


def test_talks_begin_when_both_sit_and_a_third_looks_on():
    room = Rooms().open(WORLD)
    room.take("coalition", "ann")
    room.take("governor", "ann")  # she would rather
    assert room.seen("ann").seats == ("you", "free") and not room.seen("ann").begun
    room.move("ann", 1, NEVER)  # too early
    room.take("coalition", "bob")
    assert room.seen("ann").seats == ("you", "taken") and room.seen("bob").seats == ("taken", "you")
    seen = room.seen("eve")
    assert seen.seats == ("taken", "taken") and seen.begun and seen.setup.moves == ()
    for act in (lambda: room.take("governor", "eve"), lambda: room.take("governor", "bob")):
        with pytest.raises(WrongInput, match=r"somebody else plays|you play the coalition"):
            act()
    room.move("eve", 1, NEVER)
    assert room.seen("eve").setup.moves == ()


def test_only_whose_turn_it_is_moves_and_a_move_that_comes_twice_is_played_once(room):
    room.move("bob", 1, NEVER)
    assert room.seen("bob").setup.moves == ()
    room.move("ann", 1, NEVER)
    room.move("ann", 1, NEVER)
    room.move("ann", 2, "yes")  # it is not for her to answer her own
    assert room.seen("ann").setup.moves == (NEVER,)
    with pytest.raises(WrongInput, match="move 2: an answer is yes or no"):
        room.move("bob", 2, "perhaps")
    room.move("bob", 2, "no")
    assert room.seen("ann").setup.moves == (NEVER, "no") and room.round == 2


def test_a_player_takes_back_his_own_last_move_until_it_is_answered(room):
    room.move("ann", 1, NEVER)
    assert room.seen("ann").may_undo and not room.seen("bob").may_undo and not room.seen("eve").may_undo
    before = play(room.seen("ann").setup)
    room.undo("bob", 1)
    room.undo("ann", 2)  # there is no such move
    assert room.seen("ann").setup.moves == (NEVER,)
    room.undo("ann", 1)
    assert room.seen("ann").setup.moves == () and play(room.seen("ann").setup)[1].chair == "governor"
    room.move("ann", 1, NEVER)
    assert play(room.seen("ann").setup) == before
    room.move("bob", 2, "no")
    room.undo("ann", 1)
    room.undo("ann", 2)
    assert room.seen("ann").setup.moves == (NEVER, "no") and not room.seen("ann").may_undo
    room.undo("bob", 2)
    assert room.seen("bob").setup.moves == (NEVER,)


def test_what_is_signed_stays_signed_and_everybody_sees_the_score(room):
    room.move("ann", 1, ALL_LABOUR_WANTS)
    room.move("bob", 2, "yes")
    seen = room.seen("eve")
    runs, turn, _ = play(seen.setup)
    assert turn is None and seen.board[0].score == score(runs[0])
    room.undo("bob", 2)
    assert room.seen("bob").setup.moves == (ALL_LABOUR_WANTS, "yes") and not room.seen("bob").may_undo


def test_a_side_that_is_not_taken_is_played_by_the_model(case):
    room = Rooms().open(WORLD)
    room.begin("ann")  # she does not sit
    assert not room.seen("ann").begun
    room.take("governor", "ann")
    room.begin("ann")
    assert room.seen("ann").seats == ("you", "model")
    with pytest.raises(WrongInput, match="somebody else plays the coalition"):
        room.take("coalition", "bob")
    room.move("ann", 1, NEVER)
    _, turn, _ = play(room.seen("ann").setup)
    assert (turn.round, turn.kind, turn.chair) == (2, "answer", "governor")  # it has refused, and made an offer
    assert turn == play_by_hand(case, 2011, 3, chairs=("governor",), moves=[NEVER])[1]
    assert not room.seen("ann").may_undo  # it was answered


def test_a_seat_is_kept_by_who_comes_back_given_up_by_who_says_so_and_free_when_he_is_long_away(room, monkeypatch):
    monkeypatch.setattr(rooms_module, "AWAY", 0.02)
    with room.visited("bob"), room.visited("eve"):
        with room.visited("ann"):
            room.move("ann", 1, NEVER)
        assert room.seen("bob").seats == ("taken", "you")
        time.sleep(0.03)
        assert room.seen("bob").seats == ("away", "you") and room.seen("ann").seats == ("you", "taken")
        with room.visited("ann"):
            assert room.seen("bob").seats == ("taken", "you")
        time.sleep(0.03)
        room.take("governor", "eve")
        assert room.seen("ann").seats == ("taken", "taken") and room.seen("eve").may_undo
        room.leave("bob")
        assert room.seen("ann").seats == ("taken", "free")
        room.take("coalition", "ann")
        room.move("ann", 2, "no")
        assert room.seen("eve").setup.moves == (NEVER, "no")


def test_whoever_waits_is_told_of_a_move_at_once_and_can_go(room):
    seen, gone, told = [], threading.Event(), threading.Event()

    def look() -> None:
        for now in room.watch("bob", gone):
            seen.append(now)
            told.set()

    watching = threading.Thread(target=look)
    watching.start()
    assert told.wait(2)
    told.clear()
    started = time.monotonic()
    room.move("ann", 1, NEVER)
    assert told.wait(2) and seen[-1].setup.moves == (NEVER,)
    gone.set()
    room.rooms.nudge()
    watching.join(2)
    assert not watching.is_alive() and time.monotonic() - started < 2 and len(seen) == 2


def test_moves_that_cross_are_played_once_and_never_both(room):
    """Both sides' browsers send at the same moment, often: the list of moves stays one that the rules allow."""
    for number in range(1, 13):
        both = [
            threading.Thread(target=room.move, args=(who, number, text))
            for who in ("ann", "bob")
            for text in [NEVER if number % 2 else "no"] * 2
        ]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        assert len(room.seen("ann").setup.moves) == number
    assert play(room.seen("ann").setup)[2] == ""


# --- how many, and for how long ---------------------------------------------------------------------------------------


def test_there_are_only_so_many_rooms_and_one_that_nobody_uses_makes_way(monkeypatch):
    rooms = Rooms()
    names = {rooms.open(WORLD).name for _ in range(MOST)}
    assert len(names) == MOST and min(map(len, names)) >= 16
    with pytest.raises(WrongInput, match="as many as this server keeps"):
        rooms.open(WORLD)
    one = rooms.find(min(names))
    with one.visited("ann"):
        monkeypatch.setattr(rooms_module, "KEPT", 0.0)
        time.sleep(0.01)
        assert rooms.open(WORLD).number == MOST + 1
        assert rooms.find(one.name) is one and len(rooms.rooms) == 2
    time.sleep(0.01)
    for name in (one.name, "", "no such"):
        with pytest.raises(WrongInput, match="no such room"):
            rooms.find(name)


def test_a_board_lists_the_rooms_of_the_same_world():
    rooms = Rooms()
    shown = replace(WORLD, step=7, levers=("members.trust", "governor.speed", "deal"))
    first, _, third = rooms.open(WORLD), rooms.open(replace(WORLD, world=4)), rooms.open(shown)
    third.take("governor", "ann")
    third.begin("ann")
    third.move("ann", 1, ALL_LABOUR_WANTS)
    board = first.seen("eve").board
    assert [(row.number, row.round) for row in board] == [(1, 0), (3, 1)]
    assert isinstance(board[1].score, Score) and "not begun" in board_table(board, 1)
    assert f"<td>{board[1].score.gains.points[2]}</td>" in board_table(board, 1)


def test_where_nobody_bargains_there_is_no_room():
    with pytest.raises(WrongInput, match="nobody bargains"):
        Rooms().open(Setup(scenario="single-union"))


def test_the_address_of_what_was_played_holds_both_sides_moves(case):
    moves = (offer_as_move([3, 1.5, 1.5, 1, 0, -2.5]), "no", ALL_LABOUR_WANTS, "yes")
    setup = replace(WORLD, chair="both", moves=moves)
    assert "chair=both" in setup.query() and setup.hands == ("governor", "coalition")
    assert play(setup)[0][0].outcome
