"""People in browsers of their own at one table, and whoever looks on; one person's moves taken back one by one."""

from __future__ import annotations

import re

import pytest
from page_server import Server, let_threads_end
from page_visit import Visit, act, axe_finds, chair, click_twice
from playwright.sync_api import Locator, expect

pytestmark = pytest.mark.browser
ALL_LABOUR_WANTS = ("0", "0", "0", "0", "5", "1.5")


def link(of: Visit) -> str:
    return of.page.locator("[data-shared='address to hand on']").inner_text()


def button(of: Visit, name: str) -> Locator:
    return of.page.get_by_role("button", name=name, exact=True)


def demand(of: Visit, package: tuple[str, ...]) -> None:
    for issue, amount in enumerate(package):
        chair(of).locator(f"#o-{issue}").fill(amount)


@pytest.fixture
def table(server, person):
    """Both sides of world 3, seated, and a third who looks on."""
    ann = person(server.url + "?world=3")
    button(ann, "Open a room for two").click()
    button(ann, "Play the governor").click()
    expect(ann.page.locator(".planb-seated")).to_contain_text("Governor: you; coalition: nobody yet")
    bob, eve = person(link(ann)), person(link(ann))
    button(bob, "Play the coalition").click()
    expect(chair(ann)).to_contain_text("Round 1 of 26")
    return ann, bob, eve


def test_two_browsers_play_to_the_end_while_a_third_looks_on(table, person, server):
    ann, bob, eve = table
    expect(chair(ann)).to_contain_text("worth 1.00 to you")  # a first offer starts from one's ideal
    expect(chair(bob)).to_contain_text("it is for the governor to make an offer")
    expect(chair(eve)).to_contain_text("it is for the governor to make an offer")
    for name in ("Play the governor", "Play the coalition", "Begin against the model", "Give up my seat"):
        expect(button(eve, name)).to_be_disabled()
    for seen in table:  # what either would do without a deal is not said while they talk
        expect(seen.page.locator("ol.story")).to_contain_text("needs 1,000 M$ a year and opens talks")
        expect(seen.page.locator("#app")).not_to_contain_text("sooner cut")
        expect(seen.page.locator(".planb-stage, .planb-view-utility")).to_have_count(0)
    act(ann, "This is my offer")
    expect(chair(bob)).to_contain_text("The governor puts this on the table")  # nothing was reloaded
    expect(chair(bob)).to_contain_text(re.compile(r"worth 0\.1\d to you"))
    expect(eve.page.locator(".planb-room form")).to_have_count(0)
    act(bob, "Refuse")
    expect(eve.page.locator("ol.story")).to_contain_text("; refused")
    expect(chair(bob)).to_contain_text("Round 2 of 26")

    ann.page.reload()  # she leaves, and comes back with the same address
    expect(ann.page.locator(".planb-seated")).to_contain_text("Governor: you; coalition: somebody else")
    demand(bob, ALL_LABOUR_WANTS)
    act(bob, "This is my offer")
    expect(chair(ann)).to_contain_text("The coalition puts this on the table")
    act(ann, "Accept")
    for seen in table:
        expect(seen.page.locator(".planb-room")).to_contain_text("Agreed in round 2")
        expect(seen.page.locator(".planb-stage svg")).to_be_visible()  # and now everything is shown
        expect(seen.page.locator(".planb-view-utility svg")).to_be_visible()
        assert seen.complaints == [] and seen.outside == []
    scores = [seen.page.locator(".planb-scores").inner_text() for seen in table]
    assert scores[0] == scores[1] == scores[2]
    rows = [row.inner_text().split("\t") for row in eve.page.locator(".planb-scores tbody tr").all()]
    assert [row[0].split(",")[0] for row in rows] == [
        "no deal",
        "this play",
        "the model's own play of this world",
        "the best for both together",
    ]
    for _, governor, coalition, together, _ in rows:
        assert int(governor) + int(coalition) == int(together)
    assert rows[0][1:] == ["0", "0", "0", "0 %"] and int(rows[1][1]) < 0 < int(rows[1][2]) and rows[3][4] == "100 %"
    eve.page.locator("summary", has_text="Offer by offer").click()
    expect(eve.page.locator(".planb-debrief details tbody tr")).to_have_count(2)
    eve.page.locator(".planb-debrief details tbody button").first.click()  # the player shows it again
    expect(eve.page.locator(".planb-date")).to_contain_text("7 March")
    kept = eve.page.locator("[data-shared='address']").inner_text()
    again = person(kept)  # holds the moves, so it outlives the room
    assert "room=" not in kept and again.page.locator(".planb-scores").inner_text() == scores[0]
    assert again.complaints == []


def check(seen: Visit) -> None:
    """Nothing for axe to mend, in light and dark, and it fits a phone."""
    for scheme in ("light", "dark"):
        seen.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        seen.page.reload()
        seen.page.wait_for_selector(".planb-chair")
        seen.page.wait_for_selector(".planb-picture")
        met, broken = axe_finds(seen.page, resultTypes=["violations"])
        assert met > 15 and broken == []
    seen.page.set_viewport_size({"width": 390, "height": 844})
    assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_axe_finds_nothing_to_mend_in_a_room_and_it_fits_a_phone(table):
    ann, bob, eve = table
    check(ann)
    demand(ann, ALL_LABOUR_WANTS)
    act(ann, "This is my offer")
    act(bob, "Accept")
    expect(eve.page.locator(".planb-scores")).to_be_visible()
    check(eve)
    eve.page.locator("summary", has_text="Offer by offer").click()
    assert eve.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_double_click_at_any_interval_sends_one_move_and_signs_nothing(table):
    """From 0 to 600 ms: on what sends, on what chooses an answer, and on the seats."""
    ann, bob, eve = table
    for turn, wait in enumerate(range(0, 601, 60)):
        offers, answers = (ann, bob) if turn % 2 == 0 else (bob, ann)
        chair(offers).get_by_label("This is my offer").check()
        click_twice(offers.page, chair(offers).locator("button[type=submit]"), wait)
        expect(chair(answers)).to_contain_text("puts this on the table")
        click_twice(answers.page, chair(answers).get_by_label("Accept", exact=True), wait)
        expect(eve.page.locator(".planb-room")).to_contain_text(f"Round {turn + 1} of 26")  # not answered
        chair(answers).get_by_label("Refuse", exact=True).check()
        click_twice(answers.page, chair(answers).locator("button[type=submit]"), wait)
        # who has refused is the next to offer, and the form is there where the answer was: nothing of it was sent
        expect(chair(answers)).to_contain_text(f"Round {turn + 2} of 26")
        expect(chair(answers)).to_contain_text("your turn to make an offer")
        lines = [line for line in eve.story() if line.endswith(("; refused", "; accepted"))]
        assert [line.rpartition("; ")[2] for line in lines] == ["refused"] * (turn + 1)
    expect(eve.page.locator(".planb-room")).not_to_contain_text("Agreed")


LEADER = "leader of 4Cs"


@pytest.fixture
def assembly(server, person):
    """A room for all in world 3: a leader, the mayors, and a third who looks on."""
    ann = person(server.url + "?world=3")
    button(ann, "Open a room for all").click()
    bob, eve = person(link_of_a_room(ann)), person(link(ann))
    for seen, seat in ((ann, LEADER), (bob, "mayors")):
        seen.page.get_by_label("Seat", exact=True).select_option(seat)
        click_twice(seen.page, button(seen, "Take this seat"), 150)
    expect(eve.page.locator(".planb-seated")).to_contain_text(
        "Leader of 4Cs: somebody else; mayors: somebody else; all other seats: nobody yet"
    )
    return ann, bob, eve


def link_of_a_room(of: Visit) -> str:
    expect(of.page.locator(".planb-room")).to_be_visible()
    return link(of)


def test_a_leader_and_the_mayors_decide_in_two_browsers_while_a_third_looks_on(assembly, person):
    ann, bob, eve = assembly
    taken = eve.page.locator("#planb-seat option", has_text="mayors")
    expect(taken).to_be_disabled()
    button(bob, "Begin; the model plays the rest").click()
    expect(chair(ann)).to_contain_text("You play the leader of 4Cs")
    expect(chair(ann)).to_contain_text(re.compile(r"What you hear yourself: \d\d\.\d of 100 would"))
    expect(chair(eve)).to_contain_text("2 March: it is for the leader of 4Cs to decide something")
    send = chair(ann).locator("button[type=submit]")
    chair(ann).locator("#o-0").fill("100")
    expect(chair(ann).locator(".planb-error")).to_contain_text("must be from 1 to 99")
    for day, wait in (("29 April", 0), ("6 May", 450)):  # a double click, quick or slow, decides once
        chair(ann).locator("#o-0").fill("70")
        chair(ann).get_by_label("This is my decision").check()
        click_twice(ann.page, send, wait)
        expect(eve.page.locator(".planb-room")).to_contain_text(f"{day}: it is for the leader")
        expect(send).to_be_disabled()
    act(ann, "This is my decision")
    expect(chair(bob)).to_contain_text("Today the governor publishes a menu of cuts and layoffs.")
    chair(bob).locator("#o-0").fill("0")
    act(bob, "This is my decision")
    expect(chair(ann)).to_contain_text("7 May")
    button(bob, "Take back the last move").click()  # nobody has answered it
    expect(chair(bob)).to_contain_text("6 May")
    expect(chair(bob).locator("#o-0")).to_have_value("100")
    chair(bob).locator("#o-0").fill("200")
    act(bob, "This is my decision")
    for day in ("7 May", "10 May"):
        expect(chair(ann)).to_contain_text(f"{day}. How many of 100")
        act(ann, "This is my decision")
    expect(chair(bob)).to_contain_text("24 June")
    expect(button(ann, "Take back the last move")).to_be_disabled()  # offers and a vote have followed
    act(bob, "This is my decision")
    expect(chair(ann)).to_contain_text("Do you vote for the new rule")
    chair(ann).get_by_label("Yes", exact=True).check()
    click_twice(ann.page, send, 300)
    expect(chair(ann)).to_contain_text("May a new rule take effect at once?")  # the second click met what was not said
    click_twice(ann.page, chair(ann).get_by_label("No", exact=True), 300)  # says it, and decides nothing
    expect(chair(ann)).to_contain_text("May a new rule take effect at once?")
    act(ann, "Yes")
    for seen in (ann, bob, eve):
        expect(seen.page.locator(".planb-account")).to_have_count(2)
        assert seen.complaints == [] and seen.outside == []
    tables = [seen.page.locator(".planb-debrief").inner_text() for seen in (ann, bob, eve)]
    assert tables[0] == tables[1] == tables[2]
    for row in eve.page.locator(".planb-account tbody tr").all():
        *parts, together = map(float, row.inner_text().split("\t")[1:])
        assert sum(parts) == pytest.approx(together, abs=1e-6)
    eve.page.locator("summary", has_text="Decision by decision").click()
    rows = [row.inner_text().split("\t") for row in eve.page.locator(".planb-decided tbody tr").all()]
    assert len(rows) == 9 and rows[3][1:] == [
        "mayors",
        "lobbying against the cut of aid",
        "200 % of their own effort",
        "100 % of their own effort",
    ]
    eve.page.locator(".planb-decided button").nth(3).click()  # the player shows what came of it
    expect(eve.page.locator(".planb-date")).to_contain_text("6 May")
    again = person(eve.page.locator("[data-shared='address']").inner_text())
    expect(again.page.locator(".planb-account")).to_have_count(2)
    assert (
        again.page.locator(".planb-account").first.inner_text() == ann.page.locator(".planb-account").first.inner_text()
    )


def test_axe_finds_nothing_where_seats_are_chosen_or_something_is_decided_and_the_keyboard_is_enough(assembly):
    ann, bob, _ = assembly
    button(bob, "Begin; the model plays the rest").click()
    expect(chair(ann)).to_contain_text("2 March")
    check(ann)
    check(bob)  # who waits
    field = chair(ann).locator("#o-0")
    field.focus()
    ann.page.keyboard.press("ControlOrMeta+a")
    ann.page.keyboard.type("62.5")
    for key in ("Tab", "ArrowRight", "Tab", "Space", "Tab", "Enter"):  # the slider, the word, the button
        ann.page.keyboard.press(key)
    expect(chair(ann)).to_contain_text("29 April")


@pytest.mark.parametrize("wait", [0, 150, 300, 450, 600])
def test_a_double_click_takes_a_seat_and_begins_nothing(server, person, wait):
    ann = person(server.url + "?world=3")
    button(ann, "Open a room for two").click()
    expect(ann.page.locator(".planb-room")).to_be_visible()
    click_twice(ann.page, button(ann, "Play the governor"), wait)
    expect(ann.page.locator(".planb-seated")).to_contain_text("Governor: you; coalition: nobody yet")
    expect(chair(ann)).to_have_count(0)
    click_twice(ann.page, button(ann, "Begin against the model"), wait)
    expect(ann.page.locator(".planb-seated")).to_contain_text("Governor: you; coalition: the model")
    expect(chair(ann)).to_contain_text("Round 1 of 26")
    chair(ann).get_by_label("This is my offer").check()
    click_twice(ann.page, chair(ann).locator("button[type=submit]"), wait)  # the model answers and offers at once
    expect(chair(ann)).to_contain_text("Round 2 of 26")
    expect(chair(ann)).to_contain_text("The coalition puts this on the table")
    expect(button(ann, "Take back the last move")).to_be_disabled()  # it was answered


def test_in_a_room_a_move_is_taken_back_until_it_is_answered(table):
    ann, bob, _ = table
    undo = button(ann, "Take back the last move")
    expect(undo).to_be_disabled()
    before = chair(ann).inner_text()
    act(ann, "This is my offer")
    expect(chair(bob)).to_contain_text("The governor puts this on the table")
    expect(button(bob, "Take back the last move")).to_be_disabled()
    undo.click()
    expect(chair(bob)).to_contain_text("it is for the governor to make an offer")
    expect(chair(ann)).to_contain_text("your turn to make an offer")
    assert chair(ann).inner_text() == before
    act(ann, "This is my offer")
    act(bob, "Refuse")
    expect(chair(ann)).to_contain_text("it is for the coalition to make an offer")
    expect(undo).to_be_disabled()
    expect(button(bob, "Take back the last move")).to_be_enabled()


def test_alone_every_move_can_be_taken_back_and_all_is_as_it_was(server, person):
    seen = person(server.url + "?world=3&chair=governor")
    before = []
    for say in ("This is my offer", "Refuse", "This is my offer", "Refuse", "This is my offer", "Accept"):
        before.append((chair(seen).inner_text(), seen.story()))
        act(seen, say)
        expect(seen.page.locator("ol.story li")).not_to_have_count(len(before[-1][1]))
    expect(seen.page.locator(".planb-scores")).to_be_visible()  # signed, and over
    for told, story in reversed(before):
        button(seen, "Take back the last move").click()
        expect(seen.page.locator("ol.story li")).to_have_count(len(story))
        expect(seen.page.locator(".planb-scores")).to_have_count(0)
        assert (chair(seen).inner_text(), seen.story()) == (told, story)
    expect(button(seen, "Take back the last move")).to_be_disabled()
    assert seen.complaints == []


def test_a_room_that_is_not_there_is_told_in_a_sentence_and_a_published_page_has_none(server, person):
    seen = person(server.url + "?room=none")
    expect(seen.page.locator(".v-alert")).to_contain_text("there is no such room")
    expect(seen.page.locator("#app")).not_to_contain_text("Traceback")
    button(seen, "Show the usual case").click()
    expect(seen.page.locator(".planb-transport")).to_be_visible()
    single = person(server.url + "?scenario=single-union")
    expect(button(single, "Mesa's own view")).to_be_visible()
    expect(button(single, "Open a room for two")).to_have_count(0)  # nobody bargains there
    published = Server("--published")
    try:
        fixed = person(published.url)
        expect(button(fixed, "Open a room for two")).to_have_count(0)
        expect(person(published.url + "?room=none").page.locator(".v-alert")).to_contain_text("cannot be shown")
    finally:
        published.stop()


def test_the_address_that_is_handed_on_carries_the_token_and_the_class_sees_all_rooms(person):
    """As beyond loopback: whoever has the room's address needs no other."""
    asks = (
        "import sys; from experiments.page import guard, server; from experiments.page.setup import Setup; "
        "port = int(sys.argv[-1]); ours = guard.doors('127.0.0.1', port, token='open-sesame'); "
        "server.serve(Setup(scenario='connecticut-2011', world=3), host='127.0.0.1', port=port, doors=ours)"
    )
    server = Server(start=("-c", asks))
    try:
        ann = person(server.url + "?token=open-sesame")
        button(ann, "Open a room for two").click()
        address = link(ann)
        assert re.fullmatch(re.escape(server.url) + r"\?token=open-sesame&room=[0-9a-f]{20}", address)
        bob = person(address)
        assert "token" not in bob.page.url  # the cookie keeps it
        button(ann, "Play the governor").click()
        button(bob, "Play the coalition").click()
        other = person(server.url + "?token=open-sesame")
        button(other, "Open a room for two").click()
        button(other, "Play the governor").click()
        button(other, "Begin against the model").click()
        board = ann.page.locator(".planb-board tbody tr")
        expect(board).to_have_count(2)
        demand(other, ALL_LABOUR_WANTS)
        act(other, "This is my offer")
        expect(other.page.locator(".planb-scores")).to_be_visible()
        expect(board.nth(1)).to_contain_text("%")  # it came by itself
        expect(board.nth(0)).to_contain_text("room 1, this one")
        assert address.partition("room=")[2] not in other.page.locator("#app").inner_html()
    finally:
        server.stop()


def test_visitors_of_a_room_take_their_threads_along_when_they_go(server, chromium):
    process = pytest.importorskip("psutil").Process(server.process.pid)
    first = Visit(chromium.new_context(), server.url)
    button(first, "Open a room for two").click()
    address = link(first)
    first.close()
    assert server.comes_to_rest()
    alone, contexts = process.num_threads(), [chromium.new_context() for _ in range(6)]
    for context in contexts:
        Visit(context, address, wait=False).page.wait_for_selector(".planb-room")
    assert process.num_threads() >= alone + 6  # one each that waits for moves
    for context in contexts:
        context.close()
    assert server.comes_to_rest()
    let_threads_end(process, most=alone + 3, before=alone)
