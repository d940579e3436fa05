"""Runs as a folder of pages that need no server."""

from __future__ import annotations

import re
from html import unescape

import pytest
from click.testing import CliRunner

from experiments.commands.command_line import planb
from experiments.runs.narration import play
from sim.scenario.scenario import load_scenario

CASES = ("single-union", "hawaii-2009")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("site") / "runs"
    words = ["site", str(out), *(word for case in CASES for word in ("--case", case)), "--worlds", "2", "--seed", "3"]
    done = CliRunner().invoke(planb, words)
    assert done.exit_code == 0, done.output
    return out


def test_the_list_leads_to_every_run_and_says_how_each_ended(site):
    index = unescape((site / "index.html").read_text(encoding="utf-8"))
    links = dict(re.findall(r'<a href="([^"]+)">World \d+</a>: ([^<]+)</li>', index))
    assert set(links) == {path.name for path in site.iterdir()} - {"index.html"}
    for case in CASES:
        assert load_scenario(case).title in index
        for world in range(2):
            ended = play(load_scenario(case), seed=3, world=world)["outcome"]
            assert links[f"{case}-{world}.html"] == ended.replace("_", " ")


@pytest.mark.parametrize(
    ("words", "told"),
    [([], "is not empty; name a new folder"), (["--case", "hawai-2009"], "did you mean 'hawaii-2009'")],
)
def test_what_cannot_be_written_is_refused_in_one_line(site, tmp_path, words, told):
    out = tmp_path / "new" if words else site
    done = CliRunner().invoke(planb, ["site", str(out), *words])
    assert done.exit_code != 0 and told in str(done.exception) + done.output


@pytest.mark.browser
def test_it_plays_from_disk_and_asks_nobody(site, chromium):
    page = chromium.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((site / "index.html").as_uri())
    page.get_by_role("link", name="World 1").first.click()
    page.wait_for_selector("#stage svg")
    assert asked and all(url.startswith("file://") for url in asked)
