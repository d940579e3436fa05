"""What a prompt or a notebook shows of large things fits on it, and ``help`` lists what can be called."""

from __future__ import annotations

import pydoc
from html.parser import HTMLParser

import pytest

import experiments
import sim
from experiments.runs.designs import Grid, LatinHypercube
from experiments.runs.study import Study

CASE = sim.load_scenario("connecticut-2011")
LONG = {f"issues.{issue}.last_offer": 1 for issue in ("wage_freeze", "pension", "health")}


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    design = LatinHypercube(parameters=["members.trust"], n=2) * Grid(vary={"rule.unions_needed": [8]})
    study = Study(name="s", question="Why <so>?", scenario=CASE, worlds=3, design=design)
    outcome = experiments.run(study, tmp_path_factory.mktemp("r") / "r", workers=1)
    return [CASE, CASE.with_settings(LONG), sim.simulate(CASE, worlds=20), study, outcome]


def test_a_repr_is_a_line_and_says_what_it_is(shown):
    for thing in shown:
        assert len(repr(thing)) < 400 and "\n" not in repr(thing) and str(thing) == repr(thing)
        assert repr(thing).startswith(f"<{type(thing).__name__}: ")
    assert "15 unions" in repr(shown[0]) and "issues.pension.last_offer = 1" in repr(shown[1])
    assert "worlds 20" in repr(shown[2]) and "latin_hypercube × grid over members.trust, rule.unions_needed" in repr(
        shown[3]
    )
    assert "complete" in repr(shown[4])


def test_a_notebook_shows_a_table_in_which_words_are_no_markup(shown):
    for thing in shown:
        rows = []
        parser = HTMLParser()
        parser.handle_starttag = lambda tag, attrs, rows=rows: rows.append(tag)  # type: ignore[method-assign]
        parser.feed(thing._repr_html_())
        assert rows.count("tr") >= 3 and set(rows) == {"table", "caption", "tr", "th", "td"}


@pytest.mark.parametrize("package, names", [(sim, ("simulate", "load_scenario")), (experiments, ("run", "sweep"))])
def test_help_lists_what_can_be_called(package, names):
    text = pydoc.plain(pydoc.render_doc(package))
    for name in names:
        assert f"    {name}(" in text
    assert set(package.__all__) <= set(dir(package))
