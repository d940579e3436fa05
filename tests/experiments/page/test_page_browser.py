"""The page in a real headless Chromium: what a visitor does, and that what he sees is what ``planb play`` tells."""

from __future__ import annotations

import json
import re
import socket
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from page_server import Server
from page_visit import Visit, act, axe_finds, click_twice
from playwright.sync_api import TimeoutError as NotInTime
from playwright.sync_api import expect

from experiments.commands.command_line import planb
from experiments.page import compare
from experiments.page.mesa_page import COLLECTED
from experiments.page.run import record
from experiments.runs.narration import play
from sim.scenario.scenario import load_scenario

pytestmark = pytest.mark.browser
CASE = "connecticut-2011"
END, BACK = "To the end", "One step back"
SMALLEST_WORDS = """(svg) => Math.min(...[...svg.querySelectorAll("text")]
  .map((text) => parseFloat(getComputedStyle(text).fontSize) * svg.getScreenCTM().a))"""  # height, px


# --- files, and what is told ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def run_file(tmp_path_factory):
    """World 4 as one file."""
    out = tmp_path_factory.mktemp("file") / "run.html"
    assert CliRunner().invoke(planb, ["play", CASE, "--world", "4", "--html", str(out)]).exit_code == 0
    return out


@pytest.fixture(scope="module")
def report_file(tmp_path_factory):
    """The report of a small sweep."""
    folder = tmp_path_factory.mktemp("sweep") / "rule"
    vary = ["--vary", "rule.unions_needed=8,14", "--vary", "members.trust=0.2,2", "--worlds", "40"]
    assert CliRunner().invoke(planb, ["sweep", CASE, *vary, "--out", str(folder)]).exit_code == 0
    assert CliRunner().invoke(planb, ["report", str(folder), "--html"]).exit_code == 0
    return folder / "report.html"


def told(world: int = 0, seed: int = 2011, **settings):
    scenario = load_scenario(CASE).with_settings({key.replace("__", "."): value for key, value in settings.items()})
    return play(scenario, seed=seed, world=world)


def funnel_when_past(seen: Visit, worlds: int) -> tuple[float, int]:
    """Width of the deal rate's interval, in points, and the worlds it rests on, once these are more than ``worlds``."""
    read = r"""([least]) => {
      const said = document.querySelector(".planb-view-funnel svg").textContent;
      const found = said.match(/of ([\d,]+) worlds \(95.% interval ([\d.]+).% to ([\d.]+).%\)/);
      const worlds = found ? +found[1].replace(",", "") : 0;
      return worlds > least ? [found[3] - found[2], worlds] : null;
    }"""
    width, seen_worlds = seen.page.wait_for_function(read, arg=[worlds], timeout=60_000).json_value()
    return width, seen_worlds


# --- watching ---------------------------------------------------------------------------------------------------------


def test_the_page_loads_without_a_complaint_and_without_asking_anybody_outside(visit):
    seen = visit()
    for name in ("offers", "utility", "unions", "money", "funnel"):
        expect(seen.page.locator(f".planb-view-{name} svg")).to_be_visible()
    early, few = funnel_when_past(seen, 0)
    late, many = funnel_when_past(seen, 4 * few)
    assert late < early and many > few  # the interval grows tighter as worlds come in
    assert seen.complaints == [] and seen.outside == []


def test_played_to_the_end_it_tells_what_planb_play_tells_and_scrubbed_back_it_forgets(visit):
    seen = visit("?world=4&step=30")
    seen.page.get_by_label("Pace").select_option("fast")
    seen.press("Play")
    expect(seen.page.locator(".planb-date")).to_contain_text("30 September 2011", timeout=60_000)
    expect(seen.page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    expected = told(world=4)
    full = [event["event"] for event in expected["events"]]
    assert seen.outcome() == expected["outcome"] and seen.story() == full
    vote = [event for event in expected["events"] if "unions_yes" in event][-1]
    expect(seen.page.locator(".planb-view-unions svg")).to_contain_text(f"{vote['yes']:,.0f} yes")

    scrubber = seen.page.get_by_label("Date")
    scrubber.fill("12")
    expect(seen.page.locator(".planb-date")).to_contain_text("April 2011")
    expect(seen.page.locator(".planb-verdict")).to_contain_text("under way")
    expect(seen.page.locator("ol.story li span")).not_to_have_count(len(full))
    early = seen.story()
    assert 0 < len(early) < len(full) and early == full[: len(early)]
    scrubber.press("ArrowRight")
    expect(seen.page.locator("ol.story li")).to_have_count(len(early) + 1)
    seen.press(BACK)
    expect(seen.page.locator("ol.story li")).to_have_count(len(early))
    assert seen.complaints == []


def test_marks_say_what_they_are_to_mouse_and_keyboard_and_figures_can_be_saved(visit, tmp_path):
    seen = visit("?step=60")
    seen.page.locator(".planb-stage [data-tip^='Hartford:']").hover()
    expect(seen.page.locator(".planb-stage .planb-tip")).to_contain_text("Its mayor wants")
    stage = seen.page.locator(".planb-stage .planb-svg")
    stage.focus()
    stage.press("ArrowRight")
    expect(seen.page.locator(".planb-stage .planb-tip")).to_contain_text("The governor. Wants")
    with seen.page.expect_download() as saving:
        seen.page.get_by_label("Save Who fills the gap as SVG").click()
    assert saving.value.suggested_filename == "money.svg"
    saving.value.save_as(tmp_path / "money.svg")
    text = (tmp_path / "money.svg").read_text(encoding="utf-8")
    assert text.startswith("<svg") and "The gap of" in text
    assert f"connecticut-2011, seed 2011, world 0, 2011-09-30; planb {version('planb')}</text></svg>" in text


@pytest.mark.parametrize("width, height", [(1366, 768), (390, 844)])
def test_the_stage_can_be_read_from_the_first_day_on(visit, width, height):
    seen = visit("?world=7", width=width, height=height)
    stage = seen.page.locator(".planb-stage svg, .planb-stage-narrow svg")
    expect(stage).to_be_visible()
    if width > 1000:  # all of it above the fold
        assert stage.bounding_box()["y"] + stage.bounding_box()["height"] <= height
    assert stage.evaluate(SMALLEST_WORDS) >= 11
    for name in ("Governor", "Coalition", "AFSCME Council 4", "School administrators", "House", "Senate", "towns"):
        expect(stage).to_contain_text(name)
    # a stranger asks: who decides next, what is at stake, who is for it, what just happened, how often does it end so
    expect(stage).to_contain_text("Next to decide, 2 Mar")
    expect(stage).to_contain_text("At stake")
    expect(seen.page.locator(".planb-often")).to_contain_text("of 2,000 worlds end with a deal", timeout=60_000)
    for _ in range(2):  # at once, and none is lost
        seen.press("One step on")
    second = record(load_scenario(CASE), 2011, 7).at(2).date  # drawn anew in every world
    expect(seen.page.locator(".planb-date")).to_contain_text(f"{second.day} {second:%B %Y}")
    expect(stage).to_contain_text("of 15 would say yes")


def test_a_tablet_shows_everything_without_scrolling_sideways(visit):
    seen = visit("?world=4&step=60&change=rule.unions_needed=15", width=820, height=1180)
    expect(seen.page.locator(".planb-view-unions svg")).to_have_count(2)
    expect(seen.page.locator(".planb-find")).to_be_hidden()
    seen.press("Settings")
    expect(seen.page.locator(".planb-find")).to_be_visible()
    assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    # once all is drawn to the width that is left, no words are too small to be read, nor beyond the edge
    measured = """() => {
      const words = [...document.querySelectorAll(".planb-svg text")].filter((text) => text.textContent);
      const scale = (text) => text.ownerSVGElement.getScreenCTM().a;
      const height = words.map((text) => parseFloat(getComputedStyle(text).fontSize) * scale(text));
      const out = words.filter((text) => {
        const [mine, all] = [text.getBoundingClientRect(), text.ownerSVGElement.getBoundingClientRect()];
        return mine.left < all.left - 1 || mine.right > all.right + 1;
      });
      return [Math.min(...height), out.map((text) => text.textContent)];
    }"""
    with suppress(NotInTime):  # told below, with what was measured
        seen.page.wait_for_function(f"() => (({measured})())[0] >= 11", timeout=10_000)
    smallest, beyond = seen.page.evaluate(measured)
    assert smallest >= 11 and beyond == []


# --- changing ---------------------------------------------------------------------------------------------------------


def test_a_slider_changes_the_model_and_going_back_changes_it_back(visit):
    seen = visit("?step=60")
    seen.unfold("Levers: campaign")
    slider = seen.row("campaign.meetings_per_week").get_by_label("slider")
    slider.focus()
    slider.press("End")
    seen.page.wait_for_url("**meetings_per_week=60**")
    expected = told(campaign__meetings_per_week=60)
    expect(seen.page.locator("[data-shared='command line']")).to_contain_text("campaign.meetings_per_week=60")
    usual = {event["event"] for event in told()["events"]}
    other = next(event["event"] for event in expected["events"] if event["event"] not in usual)
    expect(seen.page.locator("ol.story")).to_contain_text(other)
    assert seen.story() == [event["event"] for event in expected["events"]]
    seen.page.go_back()
    expect(seen.page.locator("ol.story")).not_to_contain_text(other)


def test_a_reload_shows_the_same_moment(visit):
    seen = visit("?world=4")
    seen.page.get_by_label("Date").fill("19")
    seen.page.wait_for_url("**step=19**")
    date = seen.page.locator(".planb-date").inner_text()
    seen.page.reload()
    expect(seen.page.locator(".planb-date")).to_have_text(date)
    expect(seen.page.locator(".planb-restarted")).to_have_count(0)


def test_a_walk_writes_the_address_now_and_then_and_in_the_end(visit):
    """A browser writes an address, and asks for the icons again, in more time than it takes to draw a step."""
    seen = visit("?world=4")
    seen.page.evaluate(
        "window.written = []; const write = history.replaceState.bind(history);"
        "history.replaceState = (state, unused, url) => {"
        " window.written.push(performance.now()); write(state, unused, url); }"
    )
    seen.page.evaluate(STEP_AND_DRAW, 20)
    seen.page.wait_for_url("**step=20**")
    written = np.array(seen.page.evaluate("window.written"))
    assert len(written) >= 1 and (np.diff(written) > 450).all()  # ms; twice a second at most
    seen.close()


MARKS = """() => {
  const told = (node) => node.nodeType !== Node.ELEMENT_NODE ? node.nodeValue : [node.nodeName,
    [...node.attributes].map((one) => one.name + "=" + one.value).sort(), [...node.childNodes].map(told)];
  const cards = ["stage", "view-offers", "view-utility", "view-unions", "view-money"];
  return cards.map((card) => [...document.querySelectorAll(".planb-" + card + " svg")].map(told));
}"""


def test_a_picture_renewed_step_by_step_is_the_picture_drawn_at_once(visit):
    """Forward over offers, threats, a deal and the ballot, and back over all of it to the middle of the talks."""
    walked = visit("?world=4")
    walked.page.evaluate(STEP_AND_DRAW, 41)
    for step in (41, 20):
        walked.page.get_by_label("Date").fill(str(step))
        at_once = visit(f"?world=4&step={step}")
        dates = [seen.page.locator(".planb-date").inner_text() for seen in (walked, at_once)]
        assert dates[0] == dates[1]
        expected = at_once.page.evaluate(MARKS)
        assert all(expected), "every card that is named has a picture"
        same = f"(wanted) => JSON.stringify(({MARKS})()) === JSON.stringify(wanted)"
        walked.page.wait_for_function(same, arg=expected)
        at_once.close()


def test_it_can_be_enlarged_has_a_language_and_the_first_tab_leads_to_the_player(visit):
    seen = visit()
    assert seen.page.evaluate("document.documentElement.lang") == "en"
    assert "user-scalable" not in seen.page.locator("meta[name=viewport]").get_attribute("content")
    seen.page.keyboard.press("Tab")
    expect(seen.page.locator(".planb-skip")).to_be_focused()
    seen.page.keyboard.press("Enter")
    seen.page.keyboard.press("Tab")  # at the beginning going back is not possible, so Play is next
    expect(seen.page.get_by_role("button", name="Play", exact=True)).to_be_focused()
    seen.press("One step on")
    expect(seen.page.locator(".planb-unseen")).to_contain_text("2 March 2011")


def test_main_buttons_can_be_read_when_pointed_at(visit):
    seen = visit()
    play = seen.page.get_by_role("button", name="Play", exact=True)
    play.hover()
    ink, paper = play.evaluate("(e) => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]")
    assert contrast(ink, paper) >= 4.5  # WCAG 2.2, 1.4.3


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours as WCAG has it."""

    def luminance(colour: str) -> float:
        parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_axe_finds_nothing_to_mend_in_light_and_dark(browser, server, run_file, report_file):
    small = "scenario=hawaii-2009"
    where = ["?chair=governor", f"?{small}&step=60&change=rules.ratification.share=0.6", f"mesa?{small}"]
    with browser.browser.new_page(color_scheme="light", reduced_motion="reduce") as page:
        page.set_viewport_size({"width": 1366, "height": 768})
        for url in [*(server.url + query for query in where), run_file.as_uri(), report_file.as_uri()]:
            page.emulate_media(color_scheme="light")
            page.goto(url)
            page.wait_for_selector(".planb-picture, .picture svg")
            page.evaluate(UNFOLD)
            met, broken = axe_finds(page, resultTypes=["violations"])
            assert met > 15 and broken == [], url
            page.emulate_media(color_scheme="dark")
            page.reload()
            page.wait_for_selector(".planb-picture, .picture svg")
            page.evaluate(UNFOLD)
            met, broken = axe_finds(page, runOnly=["color-contrast"])  # all that the dark can change
            assert met and broken == [], url


def test_a_lever_that_turns_the_world_becomes_run_b_and_the_map_fills_in(visit):
    seen = visit("?scenario=hawaii-2009&step=60&set=members.trust=0.3")
    page = seen.page
    page.get_by_role("button", name="Search", exact=True).press("Enter")
    expect(page.get_by_text(re.compile("other levers? turns? nothing"))).to_be_visible(timeout=60_000)
    change = page.locator(".planb-turns button").first
    words = change.inner_text()
    change.press("Enter")
    page.wait_for_url("**change=**")
    expect(page.locator(".planb-verdict")).to_have_count(2)
    a, b = (page.locator(".planb-verdict").nth(run).get_attribute("data-outcome") for run in (0, 1))
    assert a.startswith("ratified") is not b.startswith("ratified")
    expect(page.get_by_role("button", name=words)).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name=words)).to_be_focused()

    page.get_by_role("button", name="Draw a map").press("Enter")
    picture = page.locator(".planb-map .planb-svg")
    expect(picture).to_contain_text("cells to come")
    expect(picture).to_contain_text(re.compile("(?<!to )1,024 of 1,024 worlds a cell"), timeout=60_000)
    picture.press("ArrowRight")
    expect(page.locator(".planb-map .planb-tip")).to_contain_text(re.compile(r"of 1,024 worlds, .* \(.* to .*\)"))
    page.get_by_text("The numbers as a table").click()
    expect(page.locator(".planb-folded td", has_text=re.compile(r"% [AB]$"))).to_have_count(2)
    page.get_by_role("combobox", name="Share of").select_option("refused")
    page.wait_for_url("**,refused&**")
    expect(picture).to_contain_text("refused by the members")
    expect(page.locator(".planb-folded td").first).to_be_visible()  # what was unfolded stays so
    page.get_by_role("combobox", name="Across").select_option("governor.tactic")
    page.wait_for_url("**levers=governor.tactic,**")
    expect(picture).to_contain_text("backward induction")
    page.reload()
    expect(picture).to_contain_text("refused by the members")
    expect(page.get_by_role("combobox", name="Across")).to_have_value("governor.tactic")

    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        met, broken = axe_finds(page, ".planb-levers", resultTypes=["violations"])
        assert met and broken == []
    page.get_by_role("button", name="Close the map").click()
    expect(picture).to_have_count(0)
    assert seen.complaints == [] and seen.outside == []


# what is folded away is there to be read too
UNFOLD = "document.querySelectorAll('main details').forEach((part) => { part.open = true; })"


def test_wrong_input_is_refused_beside_its_field_and_changes_nothing(visit):
    seen = visit()
    before = seen.page.url
    for group, key, text, says in (
        ("", "@seed", "many", "whole number"),
        ("Levers: campaign", "campaign.meetings_per_week", "lots", "number"),
        ("Levers: calendar", "calendar.talks.rounds", "-3", "at least 1|from 1"),
        ("Levers: rules", "rules.ratification.all_of.0.at_least", "99", "15"),
    ):
        if group:
            seen.unfold(group)
        field = seen.row(key).locator("input[type=text]")
        field.fill(text)
        field.press("Enter")
        expect(seen.row(key).locator(".planb-error")).to_contain_text(re.compile(says))
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_have_value(text)
    assert seen.page.url == before and seen.complaints == []


def test_an_address_that_cannot_be_shown_says_why(visit):
    seen = visit("?scenario=connecticut-2012")
    expect(seen.page.locator(".v-alert")).to_contain_text("did you mean 'connecticut-2011'")
    seen.page.get_by_role("button", name="Show the usual case").click()
    expect(seen.page.locator(".planb-transport")).to_be_visible()


def test_two_runs_are_compared_on_the_same_luck(visit):
    seen = visit("?step=60")
    seen.unfold("Levers: rules")
    row = seen.row("rules.ratification.all_of.0.at_least")
    row.get_by_role("button", name="Compare").click()
    other = row.locator(".planb-side-B input[type=text]")
    other.fill("15")
    other.press("Enter")
    seen.page.wait_for_url("**at_least=15**")
    expect(seen.page.locator(".planb-verdict")).to_have_count(2)
    expect(seen.page.locator(".planb-verdict").nth(1)).to_contain_text("rule.unions_needed = 15")
    expect(seen.page.locator(".planb-view-unions svg")).to_have_count(2)
    expect(seen.page.locator(".planb-table").first).to_contain_text("outcome")
    verdicts = [seen.page.locator(".planb-verdict").nth(run).get_attribute("data-outcome") for run in (0, 1)]
    for place in (".planb-often", ".planb-view-funnel .planb-about"):
        expect(seen.page.locator(place)).to_contain_text("of the paired difference", timeout=60_000)
    assert verdicts == [told()["outcome"], told(rules__ratification__all_of__0__at_least=15)["outcome"]]
    assert seen.complaints == []


def test_who_turned_is_framed_in_both_stages_and_named(visit):
    seen = visit("?world=4&step=60&change=members.trust=0.5")
    turned = compare.turned(*(record(load_scenario(CASE).with_settings(pins), 2011, 4).last
                              for pins in ({}, {"members.trust": 0.5})))  # fmt: skip
    stages, named = seen.page.locator(".planb-stage svg"), seen.page.locator(".planb-turned")
    for side in (0, 1):
        expect(stages.nth(side)).to_have_attribute("aria-label", re.compile(f"Otherwise.*{len(turned.unions)} unions"))
        expect(named.nth(side)).to_contain_text(f"{len(turned.unions)} unions")
        assert stages.nth(side).locator("rect[fill=none][stroke-width='1.6']").count() == sum(map(len, turned))
    expect(seen.page.get_by_text("Framed in the stage")).to_contain_text("District 1199")
    seen.page.locator(".planb-stage [data-tip^='District 1199:']").first.hover()
    expect(seen.page.locator(".planb-stage .planb-tip").first).to_contain_text("Otherwise in the run compared: no")


# --- sitting in, opening, Mesa ----------------------------------------------------------------------------------------


def test_a_visitor_takes_the_governors_chair_and_reaches_a_deal(visit):
    seen = visit("?chair=governor")
    chair = seen.page.locator(".planb-chair")
    expect(chair).to_contain_text("Round 1 of 26")
    expect(chair).to_contain_text("your turn to make an offer")
    field = chair.locator("#o-0")
    chair.get_by_label("This is my offer").check()
    field.fill("77")
    expect(chair.locator(".planb-error")).to_contain_text("must be from 0 to 3")
    expect(chair.get_by_role("button", name="Make this offer")).to_be_disabled()
    field.fill("3")
    chair.get_by_role("button", name="Make this offer").click()
    expect(chair).to_contain_text("Round 2 of 26")
    expect(chair).to_contain_text("The coalition puts this on the table")
    act(seen, say="Refuse")
    expect(chair).to_contain_text("Round 3 of 26")
    for issue, amount in enumerate(("0", "0", "0", "0", "5", "1.5")):  # all the coalition could wish
        chair.locator(f"#o-{issue}").fill(amount)
    act(seen, say="This is my offer")
    expect(chair).to_contain_text("Agreed in round 3")
    expect(seen.page.locator(".planb-verdict")).to_contain_text("outcome")
    expect(seen.page.locator("ol.story")).to_contain_text("; accepted")
    assert [line.rpartition("; ")[2] for line in seen.story() if line.endswith(("refused", "accepted"))] == [
        "refused",
        "refused",
        "accepted",
    ]
    for round_before in (3, 2, 1):  # undone one by one, down to nothing
        chair.get_by_role("button", name="Take back the last move").click()
        expect(chair).to_contain_text(f"Round {round_before} of 26")
    expect(chair.get_by_role("button", name="Take back the last move")).to_be_disabled()
    assert seen.complaints == []


def test_clicking_twice_sends_one_move_and_signs_nothing(visit):
    seen = visit("?chair=governor&set=governor.walks_out=0&set=coalition.walks_out=0")  # every round is held
    chair = seen.page.locator(".planb-chair")
    for turn, wait in enumerate((0, 120, 900)):  # milliseconds between the clicks
        chair.get_by_label("This is my offer").check()
        click_twice(seen.page, chair.locator("button[type=submit]"), wait)
        expect(chair).to_contain_text(f"Round {2 * turn + 2} of 26")
        seen.page.wait_for_timeout(300)
        answers = [line.rpartition("; ")[2] for line in seen.story()]
        assert answers.count("refused") == 2 * turn + 1 and "accepted" not in answers
        chair.get_by_label("Refuse", exact=True).check()
        click_twice(seen.page, chair.locator("button[type=submit]"), wait)
        expect(chair).to_contain_text(f"Round {2 * turn + 3} of 26")
        expect(chair).to_contain_text("your turn to make an offer")
        expect(chair.locator(".planb-error")).to_have_count(0)
    click_twice(seen.page, chair.get_by_role("button", name="Take back the last move"), 450)  # takes back one move
    expect(chair).to_contain_text("Round 6 of 26")


def test_a_visitor_in_the_coalitions_chair_answers_and_the_record_says_so(visit, tmp_path):
    seen = visit("?chair=coalition&world=3")
    chair = seen.page.locator(".planb-chair")
    expect(chair).to_contain_text("The governor puts this on the table")
    act(seen, say="Refuse")
    expect(chair).to_contain_text("Round 2 of 26")
    act(seen, say="This is my offer")
    expect(chair).to_contain_text("Round 3 of 26")
    act(seen, say="Accept")
    expect(chair).to_contain_text("Agreed in round 3")
    with seen.page.expect_download() as saving:
        seen.page.get_by_role("button", name="The record as JSON").click()
    saving.value.save_as(tmp_path / "run.json")
    kept = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert kept["chair"] == "coalition" and [kept["moves"][0], kept["moves"][2]] == ["no", "yes"]
    assert kept["outcome"] == seen.outcome()
    address = seen.page.locator("[data-shared='address']").inner_text()
    again = visit("?" + address.partition("?")[2])
    expect(again.page.locator(".planb-chair")).to_contain_text("Agreed in round 3")


def test_a_row_of_a_study_opens_as_that_run_and_comes_back_when_the_server_was_started_anew(browser, tmp_path):
    words = ["sweep", CASE, "--vary", "rule.unions_needed=8,15", "--worlds", "5", "--seed", "9", "--workers", "1"]
    assert CliRunner().invoke(planb, [*words, "--no-chart", "--out", str(tmp_path / "study")]).exit_code == 0
    replay = ("--replay", str(tmp_path / "study"), "1:4")
    first = Server(*replay)
    seen = Visit(browser, first.url)
    seen.press(END)
    expect(seen.page.locator(".planb-verdict")).to_contain_text("outcome")
    expected = told(world=4, seed=9, rules__ratification__all_of__0__at_least=15)
    assert (seen.outcome(), seen.story()) == (expected["outcome"], [e["event"] for e in expected["events"]])
    seen.press(BACK)
    expect(seen.page.locator(".planb-date")).not_to_contain_text("30 September")
    date = seen.page.locator(".planb-date").inner_text()
    seen.page.clock.install()
    assert f"http://127.0.0.1:{first.port}/" in first.stop()
    expect(seen.page.get_by_text("Server disconnected")).to_be_visible()
    second = Server(*replay, port=first.port)
    seen.page.clock.fast_forward("01:00")  # it tries again less and less often
    try:
        expect(seen.page.locator(".planb-restarted")).to_be_visible(timeout=60_000)
        expect(seen.page.locator(".planb-date")).to_have_text(date)
        seen.close()
    finally:
        second.stop()


def test_started_as_mesas_users_do_it_asks_nobody_outside_either(browser, tmp_path):
    app = Path(__file__).parents[3] / "experiments" / "page" / "app.py"
    words = ("--no-open", "--host", "127.0.0.1")
    server = Server(*words, start=("-m", "solara", "run", str(app)), SOLARA_HOME=str(tmp_path))
    try:
        seen = Visit(browser, server.url)
        seen.press(END)
        expect(seen.page.locator(".planb-verdict")).to_contain_text("outcome")
        assert (seen.outcome(), seen.outside, seen.complaints) == (told()["outcome"], [], [])
        seen.close()
    finally:
        server.stop()


def test_a_fault_is_told_without_the_code_it_happened_in(browser):
    broken = (
        "import sys; from experiments.page.views import money; from experiments.commands.command_line import main; "
    )
    broken += "money._row = lambda *given: 1 / 0; sys.argv[0] = 'planb'; sys.argv.insert(1, 'serve'); main()"
    server = Server(start=("-c", broken))
    seen = Visit(browser, server.url)
    expect(seen.page.locator(".v-alert")).to_contain_text("The page failed here")
    expect(seen.page.locator("#app")).not_to_contain_text("ZeroDivisionError")
    seen.close()
    assert "ZeroDivisionError" in server.stop()


def test_published_it_shows_its_run_and_nothing_can_be_changed(browser):
    server = Server("single-union", "--world", "3", "--published")
    try:
        seen = Visit(browser, server.url)
        seen.press(END)
        expect(seen.page.locator(".planb-verdict")).to_contain_text("outcome")
        expect(seen.page.locator(".planb-controls")).to_have_count(0)
        expect(seen.page.get_by_text("Mesa's own view")).to_have_count(0)
        seen.close()
        for query in ("?world=4", "?set=members.trust=2", "mesa"):
            seen = Visit(browser, server.url + query)
            expect(seen.page.locator(".v-alert")).to_contain_text("published")
            seen.close()
    finally:
        server.stop()


def test_mesas_own_page_shows_the_run_of_the_address_steps_and_resets(browser, server):
    page, complaints = browser.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_viewport_size({"width": 1366, "height": 768})
    for query in ("?world=4&set=rule.unions_needed=9", "?scenario=single-union", "?scenario=hawaii-2009"):
        page.goto(server.url + query)
        page.get_by_role("button", name="Mesa's own view").click()
        page.get_by_role("button", name="Step", exact=True).click(timeout=30_000)
        expect(page.locator("ol.story li").first).to_be_visible(timeout=15_000)
        expect(page.locator("#app")).not_to_contain_text("Traceback")
        for title in COLLECTED.values():  # a chart of a reporter, that has come to the step that was made
            chart = page.get_by_role("img", name=title)
            expect(chart).to_be_attached(timeout=15_000)
            assert chart.evaluate("(image) => image.naturalWidth") > 100
        if "world=4" in query:
            stage = page.locator(".vue-grid-item svg").first
            expect(stage).to_contain_text("at least 9 of 15 unions")
            around = page.locator(".planb-wide .planb-svg").first
            assert around.evaluate("(e) => e.scrollWidth <= e.clientWidth && e.scrollHeight <= e.clientHeight")
            assert page.locator("ol.story li span").first.inner_text() == told(world=4)["events"][0]["event"]
            page.get_by_role("button", name="Reset").click()
            expect(page.locator("ol.story li")).to_have_count(0)
            expect(stage).to_contain_text("at least 9 of 15 unions")
    assert complaints == []
    page.close()


def test_the_file_of_a_run_plays_from_disk_by_keyboard_and_asks_nobody(browser, run_file):
    out = run_file
    page, asked, complaints = browser.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda told: complaints.append(told.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.context.set_offline(True)
    try:
        page.goto(out.as_uri())
        expect(page.locator("#stage svg")).to_be_visible()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")  # to the player
        page.keyboard.press("Tab")
        expect(page.locator("#play")).to_be_focused()
        page.locator("#pace").select_option("fast")
        page.locator("#play").press("Enter")
        expect(page.locator("#date")).to_have_text("30 Sep 2011", timeout=60_000)
        expect(page.locator("#play")).to_have_text("Play")
        lines = page.locator("#story li").all_inner_texts()
        expected = told(world=4)["events"]
        assert [line[10:] for line in lines] == [f"{event['actor']} {event['event']}" for event in expected]
        page.locator("#stage").focus()
        page.keyboard.press("ArrowRight")
        expect(page.locator("#tip")).to_contain_text("The governor. Wants")
        page.reload()
        expect(page.locator("#date")).to_have_text("30 Sep 2011")  # the address holds the moment
        page.set_viewport_size({"width": 390, "height": 844})
        expect(page.locator("#stage.narrow svg")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        for card in page.locator("#cards .picture").all():  # whole, and no words below 9 px
            assert card.evaluate("(card) => card.scrollWidth <= card.clientWidth")
            assert card.locator("svg").evaluate(SMALLEST_WORDS) >= 9
        assert set(asked) == {out.as_uri()} and complaints == []
    finally:
        page.context.set_offline(False)
        page.close()


def test_the_report_of_a_sweep_opens_from_disk_asks_nobody_and_is_read_by_keyboard(browser, report_file):
    page, asked, complaints = browser.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda told: complaints.append(told.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.context.set_offline(True)
    smallest = """() => Math.min(...[...document.querySelectorAll("main *")].filter((e) => e.innerText?.trim())
      .map((e) => parseFloat(getComputedStyle(e).fontSize)))"""
    letter = "(svg) => 6.5 * svg.getScreenCTM().a"  # px of the smallest words in a chart, 6.5 pt of style.mplstyle
    whole = "(svg) => svg.parentElement.scrollWidth <= svg.parentElement.clientWidth"
    try:
        page.goto(report_file.as_uri())
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")  # to the report
        page.keyboard.press("Tab")
        expect(page.locator("summary", has_text="Each point").first).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("group", name="Verdicts on the deal rate")).to_be_hidden()
        page.keyboard.press("Enter")
        expect(page.get_by_role("group", name="Verdicts on the deal rate")).to_contain_text("raises")
        page.keyboard.press("Tab")
        expect(page.get_by_role("group", name="paired, a chart")).to_be_focused()  # so that arrows scroll it
        charts = page.locator(".picture > svg").all()
        for width, height, least in ((1366, 768, 11), (390, 844, 9)):
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            assert page.evaluate(smallest) >= 11 and min(chart.evaluate(letter) for chart in charts) >= least
            assert all(chart.evaluate(whole) for chart in charts)
        for chart, larger in zip(charts, page.get_by_label("Enlarge").all(), strict=True):  # for who cannot read 9 px
            larger.check()
            assert chart.evaluate(letter) >= 14 and not chart.evaluate(whole)  # it scrolls, and the page does not
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert set(asked) == {report_file.as_uri()} and complaints == []
    finally:
        page.context.set_offline(False)
        page.close()


# --- under strain -----------------------------------------------------------------------------------------------------


# clicks and waits inside the page, so that only the page is timed, up to the frame in which the new date is drawn
STEP_AND_DRAW = """async (steps) => {
  const took = [], scrubber = document.querySelector(".planb-scrubber");
  for (let i = 0; i < steps; i++) {
    const wanted = String(+scrubber.value + 1), start = performance.now();
    document.querySelector("[aria-label='One step on']").click();
    while (scrubber.value !== wanted && performance.now() - start < 5000)
      await new Promise((done) => setTimeout(done, 4));
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    took.push((performance.now() - start) / 1000);
  }
  return took;
}"""


@pytest.mark.alone
def test_a_step_is_drawn_within_half_a_second_while_an_ensemble_runs(visit):
    """The least of up to three walks counts: whatever else keeps the machine busy only adds time."""
    late: list[float] = []
    while len(late) < 3 and not (late and late[-1] < 0.5):
        seen = visit()
        seen.page.get_by_role("button", name="Play 20,000 worlds").click()
        took = seen.page.evaluate(STEP_AND_DRAW, 30)
        assert seen.page.get_by_label("Date").input_value() == "30"
        late.append(float(np.quantile(took, 0.95)))
        print(f"a step and its drawing: {late[-1]:.3f} s at the 95th percentile of {len(took)}")
        seen.close()
    assert min(late) < 0.5


def test_visitors_at_once_see_their_own_runs_and_leave_nothing(browser, server):
    assert server.comes_to_rest()  # the visitors of earlier tests have gone
    visits = [Visit(browser, f"{server.url}?world={world}", wait=False) for world in range(4)]
    for seen in visits:
        seen.wait()
        seen.press(END)
    assert server.kernels() == 4
    for world, seen in enumerate(visits):
        expect(seen.page.locator(".planb-verdict")).to_contain_text("outcome", timeout=30_000)
        expected = told(world=world)
        assert seen.outcome() == expected["outcome"]
        assert seen.story() == [event["event"] for event in expected["events"]]
        assert seen.complaints == []
    visits[0].press("Play")
    for seen in visits:
        seen.page.close()  # without a word, the first in the middle of a run
    assert server.comes_to_rest()
    again = Visit(browser, server.url)
    expect(again.page.locator(".planb-view-offers svg")).to_be_visible()
    again.close()


def test_it_listens_on_loopback_only(server):
    addresses = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), server.port, socket.AF_INET)}
    for address in addresses - {"127.0.0.1", "127.0.1.1"}:
        with pytest.raises(OSError), socket.create_connection((address, server.port), timeout=2):
            pass
