"""Every body's seat without a browser: whoever decides as the model would gets the model's run, others another."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("solara", reason="the page is an extra: pip install 'planb[page]'")

from experiments.page.chair import offer_as_move, play, play_by_hand
from experiments.page.hand import Hand, Question
from experiments.page.room import Rooms
from experiments.page.run import record, without_deal
from experiments.page.score import PLAYED, account, board_table, costs, decided_rows
from experiments.page.setup import HEADS, LEADER, MAYORS, Setup, from_query, seats_of
from sim.acts.beliefs import burden_of
from sim.bargaining.package import value_of
from sim.crisis import Crisis
from sim.errors import WrongInput
from sim.measures import MEASURES
from sim.scenario.scenario import load_scenario
from sim.story import first

CASE = "connecticut-2011"
LARGEST, SMALL = LEADER + "AFSCME Council 4", LEADER + "4Cs"
HOUSE, SENATE = HEADS.values()
CLOSED = {"legislature.rule": "closed"}  # the chambers may not strike aid from the bill, so that some of it is cut


@pytest.fixture(scope="module")
def case():
    return load_scenario(CASE)


def own(question: Question) -> str:
    return question.own


def played(case, world, seats, say=own, *, most=40):
    """A world in which ``say`` answers every question: the run, the questions and the moves."""
    moves, asked = [], []
    for _ in range(most):
        run, turn = play_by_hand(case, 2011, world, chairs=seats, moves=moves)
        if turn is None:
            return run, asked, moves
        asked.append(turn)
        moves.append(say(turn))
    raise AssertionError("it does not come to an end")


def saying(**answers):
    """The model's own answers but these, by a word of what the question is about."""
    return lambda question: next((text for word, text in answers.items() if word in question.about), question.own)


def same(run, other) -> bool:
    measures = all(np.array_equal(run.measures[name], other.measures[name], equal_nan=True) for name in other.measures)
    return measures and (run.outcome, run.last.events, run.pay) == (other.outcome, other.last.events, other.pay)


# --- the model's own decisions ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("world", [1, 3, 5])  # no deal, a deal at the second vote and one at the first
@pytest.mark.parametrize("seats", [[LARGEST], [SMALL], [HOUSE, SENATE], [MAYORS], [LARGEST, SMALL, HOUSE, MAYORS]])
def test_whoever_decides_as_the_model_would_gets_the_models_own_run(case, seats, world):
    run, asked, _ = played(case, world, seats)
    assert same(run, record(case, 2011, world))
    assert {turn.chair for turn in asked} == {seat for seat in seats if seat not in HEADS.values() or world != 1}
    assert all(row["own"] == "the same" for row in decided_rows(run)) and len(run.decided) == len(asked)


def test_everybody_at_once_by_hand_is_still_the_models_own_run(case):
    """Offers are kept to six digits, so what follows from them is the same to the last but a few."""
    short = case.with_settings({"calendar.talks.rounds": "6"})
    usual, seats = record(short, 2011, 3), ["governor", "coalition", LARGEST, SMALL, HOUSE, SENATE, MAYORS]
    offers = iter(usual.last.offers)

    def say(turn) -> str:
        if turn.kind == "offer":
            return offer_as_move(next(offers).package)
        if turn.kind == "answer":
            return "yes" if usual.last.offers[turn.round - 1].accepted else "no"
        return turn.own

    run, asked, _ = played(short, 3, seats, say)
    assert run.outcome == usual.outcome == "ratified_second_vote" and {turn.chair for turn in asked} == set(seats)
    assert run.last.offers[-1].savings == pytest.approx(usual.last.offers[-1].savings, abs=0.2)
    assert len([turn for turn in asked if turn.kind in ("offer", "answer")]) == 2 * len(usual.last.offers)


@pytest.mark.parametrize("world", range(6))
def test_the_same_where_aid_is_cut_and_the_rule_is_foreseen(case, world):
    harder = case.with_settings(CLOSED | {"leaders.foresee": "rule", "governor.walks_out": "0.3"})
    run, _, _ = played(harder, world, [SMALL, SENATE, MAYORS])
    assert same(run, record(harder, 2011, world))


def test_every_prefix_of_the_moves_stops_at_the_next_question_so_a_move_is_taken_back_wholly(case):
    seats = [SMALL, HOUSE, MAYORS]
    _, asked, moves = played(case, 3, seats, saying(yes="20", lobbying="0", waiving="no"))
    for move in range(len(moves)):
        run, turn = play_by_hand(case, 2011, 3, chairs=seats, moves=moves[:move])
        assert turn == asked[move] and not run.outcome and len(run.decided) == move
    assert {turn.chair for turn in asked} == set(seats)


def test_a_body_of_a_users_own_is_what_sits_where_nobody_does(tmp_path, case):
    """And what it would say is the model's own in its place."""
    file = tmp_path / "loud.py"
    file.write_text(
        "from agents.mayor import Mayor\n\n\nclass Loud(Mayor):\n"
        "    def lobby(self, loss_share, here=None):\n        return super().lobby(loss_share, here) * 0 + 0.5\n"
    )
    loud = case.with_plugins({"mayor": f"{file}:Loud"})
    run, asked, _ = played(loud, 3, [MAYORS])
    assert same(run, record(loud, 2011, 3)) and not same(run, record(case, 2011, 3))
    assert "at 50.0 % of their full effort" in asked[0].knows[-1]


def test_bodies_are_asked_while_a_day_is_played_and_never_afterwards():
    hand, seen = Hand((), ()), []

    def act(*given):
        seen.append(hand.act)
        raise ValueError

    with pytest.raises(ValueError):
        hand.during(act)(None, None, None, None)
    assert seen == [act] and hand.act is None


# --- what each decision moves -----------------------------------------------------------------------------------------


def test_a_leader_without_whom_nothing_is_ratified_can_keep_all_from_signing(case):
    strict = case.with_settings({"leaders.foresee": "rule"})
    assert record(strict, 2011, 2).outcome == "ratified_second_vote"
    held, asked, _ = played(strict, 2, [LARGEST], saying(yes="1"))
    assert not held.measures["tentative_deal"] and held.outcome == "no_zone_of_agreement"
    assert "enough for it to be ratified by at least 14 of 15 unions" in asked[0].stake


def test_what_a_leader_tells_the_others_moves_his_own_union_alone_and_stands_until_he_is_asked_again(case):
    """World 3: the largest union is expected to refuse; told to agree, leaders sign for less."""
    usual, told = record(case, 2011, 3), played(case, 3, [LARGEST], saying(yes="99"))[0]
    assert told.measures["coalition_utility"] < usual.measures["coalition_utility"]
    once = itertools.count()
    at_first, _, _ = played(case, 3, [LARGEST], lambda turn: "99" if next(once) == 0 else turn.own)

    def moved(step: int) -> list[float]:
        pairs = zip(at_first.at(step).leanings, usual.at(step).leanings, strict=True)
        return [shown.goodwill - heard.goodwill for shown, heard in pairs]

    assert moved(8)[0] > 3 and not any(moved(8)[1:])
    assert not any(moved(16))  # on 29 April he has said what he hears


def test_a_leader_who_lets_no_new_rule_take_effect_at_once_keeps_the_old_one(case):
    """All fifteen must waive the notice; in world 2 the deal stands or falls with it."""
    assert record(case, 2011, 2).outcome == "ratified_second_vote"
    run, _, _ = played(case, 2, [SMALL], saying(waiving="no"))
    assert run.outcome == "refused" and not run.measures["rule_changed"]
    patient = case.with_settings({"rules.waiver.at_least": "14"})
    assert played(patient, 2, [SMALL], saying(waiving="no"))[0].measures["rule_changed"]  # the others still waive it
    usual, against = record(case, 2011, 3), played(case, 3, [SMALL], saying(rule="no", waiving="yes"))[0]
    favour = [next(event["in_favour"] for event in run.last.events if "in_favour" in event) for run in (usual, against)]
    assert favour[1] == favour[0] - 1 and against.measures["rule_changed"]


def test_a_leaders_campaign_brings_his_members_round(case):
    usual, run = record(case, 2011, 3), played(case, 3, [SMALL], saying(rule="no", waiving="yes"))[0]
    shares = [[union.yes_share for union in seen.last.votes[1].unions] for seen in (usual, run)]
    mine = [name for name, _ in run.last.case.unions].index("4Cs")
    assert shares[1][mine] < shares[0][mine]
    others = [row for row in range(len(shares[0])) if row != mine]
    assert max(abs(shares[0][row] - shares[1][row]) for row in others) < 0.05  # they hear of it, if anything


def test_the_head_of_a_chamber_calls_a_vote_or_lets_silence_do(case):
    hostile = case.with_settings({"legislature.agreement": "-6"})
    killed, asked, _ = played(hostile, 5, [HOUSE])
    assert asked[-1].own == "yes" and killed.outcome == "refused_by_legislature"
    spared, _, _ = played(hostile, 5, [HOUSE, SENATE], saying(vote="no"))
    assert spared.outcome == "ratified_first_vote" and spared.last.roll_calls[-1].verdict == "it stands by silence"
    called, asked, _ = played(case, 5, [HOUSE], saying(vote="yes"))
    assert asked[-1].own == "no" and called.outcome == "ratified_first_vote"  # most are for it


def test_mayors_who_keep_silent_are_not_heard_and_none_is_louder_than_he_can_be(case):
    usual = record(case, 2011, 3)
    silent, asked, _ = played(case, 3, [MAYORS], saying(lobbying="0"))
    loud, _, _ = played(case, 3, [MAYORS], saying(lobbying="300"))
    spoke = [step for step, seen in enumerate(usual.snapshots) if seen.chorus > 0]
    for step in spoke:
        assert silent.at(step).chorus == 0 and max(loud.at(step).efforts) <= 1
        assert loud.at(step).chorus > usual.at(step).chorus
    assert len(asked) == 2 and asked[0].date == "6 May" and asked[1].date == "24 June"


def test_towns_find_what_they_lose_in_the_order_they_are_told(case):
    """World 5 without a deal: aid is cut by 106 M$."""
    cut = case.with_settings(CLOSED | {"governor.walks_out": "1", "governor.returns": "0"})
    ends = {order: played(cut, 5, [MAYORS], saying(towns=order))[0] for order in ("own", "layoffs last", "taxes last")}
    assert same(ends["own"], record(cut, 2011, 5)) and ends["own"].measures["aid"] > 50
    layoffs, taxes = ends["layoffs last"].measures, ends["taxes last"].measures
    assert layoffs["local_layoffs"] < ends["own"].measures["local_layoffs"] > 0
    assert layoffs["local_layoffs"] < taxes["local_layoffs"] and taxes["local_taxes"] < layoffs["local_taxes"]
    means = [
        "reserves_drawn",
        "town_deferral",
        "town_concessions",
        *("local_layoffs", "local_taxes", "town_unabsorbed"),
    ]
    for end in ends.values():
        assert sum(end.measures[name] for name in means) == pytest.approx(end.measures["aid"])


# --- what is asked, and what is no answer -----------------------------------------------------------------------------


def test_a_question_says_what_the_body_knows_and_not_what_the_model_would_do(case):
    _, asked, _ = played(case, 5, [LARGEST, HOUSE, MAYORS])
    for turn in asked:
        assert turn.asks.endswith("?") and turn.stake and turn.until and turn.knows and "own" not in turn.as_dict()
        assert all(line.endswith(".") for line in turn.knows)
    first, last = asked[0], asked[-1]
    heard = record(case, 2011, 5).at(1).leanings[0]
    assert f"expect {100 * heard.risk:.1f} % of their posts" in first.knows[-1]
    assert "16,123 of all" in str(first.knows) and "talks end on 27 May" in first.until
    call = record(case, 2011, 5).last.roll_calls[-1]
    seats = record(case, 2011, 5).last.case.seats
    votes = [vote for seat, vote in zip(seats, call.votes, strict=True) if (seat.chamber, seat.party) == ("house", "D")]
    here, no = len(votes) - votes.count("absent"), votes.count("no")
    assert f"Of the {here} members of your majority who are there, {no} would vote it down." in last.knows


def test_nobody_is_asked_what_does_not_come_up(case):
    """A leader after the deal, a head of a chamber without one, towns that lose nothing."""
    _, asked, _ = played(case, 1, [SMALL, HOUSE, MAYORS])
    assert {turn.about for turn in asked} == {"members who would say yes, as told", "lobbying against the cut of aid"}
    early = case.with_settings({"governor.speed": "3", "coalition.speed": "3"})  # agreed on 12 March
    assert [turn.date for turn in played(early, 2, [SMALL])[1]] == ["2 March", "18 July", "18 July"]
    doubtful = case.with_settings({"governor.threatens": "when it pays"})
    run, asked, _ = played(doubtful, 3, [SMALL])
    assert same(run, record(doubtful, 2011, 3))
    assert [turn.date for turn in asked[:3]] == ["2 March", "29 April", "7 May"]  # he may threaten, or only wonder


@pytest.mark.parametrize(
    "moves, says",
    [
        (["x"], "move 1: must be a number from 1 to 99, got 'x'"),
        (["0.5"], "move 1: must be a number from 1 to 99"),
        (["nan"], "move 1: must be a number"),
        (["40", "40", "40", "40", "40", "maybe"], "move 6: must be one of yes, no"),
        (["40"] * 5 + ["yes", "yes", "no"], "move 8: 'no' comes after the end"),
    ],
)
def test_what_is_no_answer_is_refused_by_its_number(case, moves, says):
    with pytest.raises(WrongInput, match=says):
        play_by_hand(case, 2011, 3, chairs=[LARGEST], moves=moves)


def test_an_address_names_its_seats_in_the_order_of_the_case(case):
    allowed = {CASE: CASE}
    setup = Setup(scenario=CASE, world=3, chair=f"{LARGEST};{HOUSE};{MAYORS}", moves=("40.5", "taxes last"))
    assert from_query(setup.query(), usual=Setup(scenario=CASE), allowed=allowed) == setup
    assert setup.hands == (LARGEST, HOUSE, MAYORS)
    mixed = from_query("chair=mayors;coalition;governor;mayors", usual=setup, allowed=allowed)
    assert mixed.hands == ("governor", "coalition", MAYORS)
    assert from_query("chair=coalition;governor", usual=setup, allowed=allowed).chair == "both"
    amiss = "chair=leader of AFSME Council 4"
    with pytest.raises(WrongInput, match=f"is not at the table; did you mean '{LARGEST}'"):
        from_query(amiss, usual=setup, allowed=allowed)
    assert len(seats_of(case)) == 2 + 15 + 2 + 1
    assert seats_of(load_scenario("single-union")) == ("governor", "coalition", LEADER + "City Employees")


# --- what it was worth ------------------------------------------------------------------------------------------------

EVERY_KIND = [LARGEST, SMALL, HOUSE, SENATE, MAYORS]


@pytest.mark.parametrize("world", [1, 2, 3, 5])
def test_scores_add_up_to_what_is_shown_and_no_play_beats_the_best(case, world):
    cut = case.with_settings(CLOSED)
    for seat, scenario in itertools.product(EVERY_KIND, (case, cut)):
        run = record(scenario, 2011, world)
        found = account(seat, run, scenario, 2011, world)
        plays = list(found.rows)
        assert plays[0] == "no deal" and found.cells(plays[1]) == found.cells(plays[2])  # it is the model's own play
        assert set(found.cells("no deal")) == {f"{0:.{found.digits}f}"}
        for name in plays:
            *parts, together = map(float, found.cells(name))
            assert sum(parts) == pytest.approx(together, abs=1e-9)
        assert len(plays) == 4  # in these worlds there is a package that the governor prefers to none
        assert sum(found.rows[plays[3]].values()) >= sum(found.rows[PLAYED].values()) - 1e-9


def test_a_leaders_score_is_what_the_deal_takes_from_his_members_and_the_posts_they_lose(case):
    """Union by union they add up to the measures of all members, where every unit accepts its part on wages."""
    run, none = record(case, 2011, 3), without_deal(case, 2011, 3)
    members = np.array([size for _, size in run.last.case.unions])
    taken, gone = np.array(run.pay).T
    assert members @ taken / members.sum() == pytest.approx(run.measures["deal_burden"], rel=0.02)
    assert not gone.any() and run.measures["posts_lost"] == 0
    numbers = case.values(2011, np.array([3]), {})
    taken, gone = np.array(none.pay).T
    posts = members @ gone * first(numbers.unions.members_scale) / first(numbers.members.loss_if_laid_off)
    assert not taken.any() and posts == pytest.approx(none.measures["posts_lost"], rel=0.01)


@pytest.mark.parametrize("seat", [LARGEST, SMALL])
def test_the_best_deal_for_a_union_is_what_a_search_among_packages_finds(case, seat):
    """Every issue at an end or a bend, one of them anywhere between; the governor has at least what no deal leaves."""
    run, none, crisis = (
        record(case, 2011, 3),
        without_deal(case, 2011, 3),
        Crisis(case, worlds=np.array([3]), seed=2011),
    )
    rows, union = crisis.numbers.rows, crisis.bodies.unions.name.index(seat.removeprefix(LEADER))
    low, high, pieces = crisis.state.low, crisis.state.high, rows.pieces
    ends = [
        sorted({low[issue], high[issue], *map(first, pieces.start[pieces.issue == issue])}) for issue in range(len(low))
    ]
    corners = np.array(list(itertools.product(*ends))).T
    found = []
    for issue in range(len(low)):
        packages = np.repeat(corners, 60, axis=1)
        packages[issue] = np.tile(np.linspace(low[issue], high[issue], 60), corners.shape[1])
        worth = value_of(pieces.rows(packages), crisis.bodies.governor.weights)
        packages = packages[:, worth >= run.measures["reservation_savings"]]
        deal = burden_of(packages, crisis.numbers)
        pay = deal.benefits_burden + deal.wages_burden * crisis.bodies.leaders.wage_factor[union]
        found.append(-100 * (pay - none.pay[union][1] * deal.protection).min())
    best = sum(list(account(seat, run, case, 2011, 3).rows.values())[-1].values())
    assert max(found) - 1e-6 <= best <= max(found) + 0.05


def test_the_towns_score_is_their_measures_and_the_chambers_are_its_majoritys_losing_votes(case):
    cut = case.with_settings(CLOSED)
    none = without_deal(cut, 2011, 5)
    assert costs(MAYORS, none) == {
        "laid off": none.measures["local_layoffs"],
        "raised in taxes": none.measures["local_taxes"],
        "left open": none.measures["town_unabsorbed"],
    }
    assert none.measures["local_layoffs"] > 0 and {"local_layoffs", "local_taxes"} <= {one.name for one in MEASURES}
    found = costs(SENATE, none)
    (call,) = [call for call in none.last.roll_calls if call.about == "authority"]
    rows = [row for row, seat in enumerate(none.last.case.seats) if (seat.chamber, seat.party) == ("senate", "D")]
    assert found == {"on the power to cut": sum(call.votes[row] == ("no" if call.carried else "yes") for row in rows)}


# --- rooms for all ----------------------------------------------------------------------------------------------------

WORLD = Setup(scenario=CASE, world=2)


def test_in_a_room_for_all_anybody_who_sits_begins_and_the_model_plays_the_rest(case):
    room = Rooms().open(WORLD, for_all=True)
    assert room.places == seats_of(case) and set(room.seen("ann").seats) == {"free"}
    room.take(SMALL, "ann")
    room.take(MAYORS, "bob")
    room.take(MAYORS, "bob")  # he clicked twice
    room.begin("eve")  # she does not sit
    assert not room.seen("eve").begun and room.seen("ann").mine == SMALL
    room.begin("bob")
    seen = room.seen("eve")
    assert seen.begun and seen.setup.hands == (SMALL, MAYORS)
    assert sorted(set(seen.seats)) == ["model", "taken"] and seen.seats.count("taken") == 2
    with pytest.raises(WrongInput, match="somebody else plays the governor"):
        room.take("governor", "eve")
    room.leave("bob")
    room.take(MAYORS, "eve")  # his seat is for another person, not for the model
    assert room.seen("eve").mine == MAYORS


def test_each_decides_his_own_and_takes_back_what_nobody_has_answered(case):
    """What offers or votes of the model's have followed a word, the word stands: else one would try again, knowing."""
    room, undone = Rooms().open(WORLD, for_all=True), []
    room.take(SMALL, "ann")
    room.take(MAYORS, "bob")
    room.begin("ann")
    runs, turn, _ = play(room.seen("ann").setup)
    while turn is not None:
        number, (mine, other) = len(room.setup.moves) + 1, ("ann", "bob") if turn.chair == SMALL else ("bob", "ann")
        text = "no" if turn.about == "waiving the notice" else turn.own
        room.move(other, number, text)  # it is not his to decide
        assert len(room.setup.moves) == number - 1
        room.move(mine, number, text)
        assert len(room.setup.moves) == number and not room.seen(other).may_undo
        if room.seen(mine).may_undo:
            undone.append((turn.date, turn.about))
            room.undo(other, number)
            room.undo(mine, number)
            assert play(room.setup) == (runs, turn, "")
            room.move(mine, number, text)
        runs, turn, _ = play(room.setup)
    assert undone == [
        ("6 May", "members who would say yes, as told"),
        ("6 May", "lobbying against the cut of aid"),
        ("18 July", "the new rule, and a campaign for the deal"),
    ]
    assert runs[0].outcome == "refused" and "4Cs" in room.others and "mayors 0" in room.others
    assert room.others in board_table(room.rooms.board(room.luck), 1)


def test_what_is_signed_stays_signed_while_somebody_else_has_yet_to_decide():
    room = Rooms().open(replace(WORLD, world=3), for_all=True)
    for seat, who in ((HOUSE, "ann"), ("governor", "bob"), ("coalition", "eve")):
        room.take(seat, who)
    room.begin("eve")
    room.move("bob", 1, "0,0,0,0,5,1.5")  # all that labour wants
    room.move("eve", 2, "no")
    assert room.seen("eve").may_undo
    room.undo("eve", 2)
    room.move("eve", 2, "yes")
    assert play(room.setup)[1].chair == HOUSE and not room.seen("eve").may_undo
    room.undo("eve", 2)
    assert room.setup.moves[-1] == "yes" and not room.over


def test_with_both_sides_at_the_table_a_leaders_word_can_be_taken_back_until_somebody_moves():
    room = Rooms().open(replace(WORLD, world=3), for_all=True)
    for seat, who in ((SMALL, "ann"), ("governor", "bob"), ("coalition", "eve")):
        room.take(seat, who)
    room.begin("eve")
    room.move("ann", 1, "30")
    assert room.seen("ann").may_undo and not room.seen("bob").may_undo
    room.undo("ann", 1)
    room.move("ann", 1, "60")
    room.move("bob", 2, "2,1.5,1.5,1,1.5,-2.5")
    assert not room.seen("ann").may_undo and room.seen("bob").may_undo
    turn = play(room.seen("eve").setup)[1]
    assert (turn.chair, turn.kind) == ("coalition", "answer") and "of 15 leaders expect" in turn.forecast
