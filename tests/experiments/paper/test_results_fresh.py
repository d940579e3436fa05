"""The committed results are what the studies would give now. Where this fails: ``make paper``, look, commit."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from experiments.paper.__main__ import KEPT
from experiments.paper.committed import COMMITTED
from experiments.paper.documents import DOCS, DOCUMENTS, filled, template
from experiments.paper.documents import stale as stale_document
from experiments.paper.reference import numbers_sha256, stale
from experiments.runs.study import load_study
from sim import load_scenario
from sim.errors import WrongInput

MOST_BYTES = 12_000_000  # of all reference outputs: they are in every clone


@pytest.mark.parametrize("result", COMMITTED, ids=[result.name for result in COMMITTED])
def test_a_committed_result_is_what_the_program_gives(result):
    why = result.stale()
    assert not why, f"{result.name} is stale: {why}. Run 'make documents' and commit what it writes"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_generated_document_is_what_its_template_and_the_results_say(name):
    assert not stale_document(name), f"docs/{name}.md is stale. Run 'make documents' and commit what it writes"


def test_a_place_that_nothing_fills_is_named_with_the_nearest():
    places = dict.fromkeys(re.findall(r"\{\{([\w.-]+)\}\}", template("theory")), "x")
    assert "{{" not in filled("theory", places)
    with pytest.raises(WrongInput, match=r"theory\.md: nothing fills 'agree'.*agreed"):
        filled("theory", {"table": "x", "agreed": "x"})


def test_every_figure_of_the_report_is_there_also_as_pdf_with_its_numbers():
    figures = re.findall(r"!\[[^]]*\]\(([^)]+)\)", (DOCS / "connecticut-2011.md").read_text(encoding="utf-8"))
    assert len(figures) > 25
    for figure in figures:
        for suffix in (".png", ".pdf", ".csv", ".txt"):
            assert (DOCS / figure).with_suffix(suffix).stat().st_size > 0


def test_reference_results_are_small():
    assert sum(path.stat().st_size for path in KEPT.rglob("*") if path.is_file()) < MOST_BYTES


# --- the alarm itself ----------------------------------------------------------------------------------------------


@pytest.fixture
def copied(tmp_path):
    shutil.copytree(KEPT / "counting", tmp_path / "counting")
    return tmp_path / "counting"


def test_a_changed_outcome_is_noticed(copied):
    head, first, *rest = (copied / "sample.csv").read_text().splitlines()
    place = head.split(",").index("yes_share_1")
    cells = first.split(",")
    cells[place] = "0.123"
    (copied / "sample.csv").write_text("\n".join([head, ",".join(cells), *rest]))
    why = stale(copied, load_study("counting").prepare())
    assert why.startswith("the model changed: yes_share_1 in point 0, world 0 was 0.123")


def test_a_changed_study_and_a_changed_number_are_noticed(copied):
    study = load_study("counting")
    assert "worlds" in stale(copied, study.model_copy(update={"worlds": 7}).prepare())
    manifest = json.loads((copied / "manifest.json").read_text())
    (copied / "manifest.json").write_text(json.dumps(manifest | {"numbers_sha256": "another"}))
    assert "scenario" in stale(copied, study.prepare())


def test_a_source_may_be_worded_better_without_making_results_stale():
    case = load_scenario("connecticut-2011")
    changed = case.with_settings({"members.trust": 1.5})
    assert numbers_sha256(case) != numbers_sha256(changed)
    trust = case.sections.members.trust.model_copy(update={"source": "read more closely"})
    members = case.sections.members.model_copy(update={"trust": trust})
    reworded = case.sections.model_copy(update={"members": members})
    from dataclasses import replace

    assert numbers_sha256(replace(case, sections=reworded)) == numbers_sha256(case)
