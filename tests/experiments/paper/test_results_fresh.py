"""The committed results are what the studies would give now. Where this fails: ``make paper``, look, commit."""

from __future__ import annotations

import json
import re
import shutil

import numpy as np
import pytest

from experiments.paper import committed
from experiments.paper.__main__ import ASIDE, KEPT, STUDIES
from experiments.paper.committed import COMMITTED
from experiments.paper.documents import DOCS, DOCUMENTS, filled, template
from experiments.paper.documents import stale as stale_document
from experiments.paper.reference import POINTS, numbers_sha256, sampled_points, stale
from experiments.runs.study import load_study
from sim import load_scenario
from sim.bargaining.protocols.take_it_or_leave_it import TakeItOrLeaveIt
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


@pytest.mark.parametrize("name", [*STUDIES, *ASIDE])
def test_a_rule_that_is_at_work_under_one_choice_of_words_alone_is_tried(name):
    """The sample has every protocol, tactic, date and switch of a study, and every point of a small one."""
    prepared = load_study(name).prepare()
    points, tried = prepared.points, sampled_points(prepared)
    every, sampled = (
        set(zip(*(points.columns[name][rows] for name in prepared.shaping), strict=True))
        for rows in (np.arange(points.count), tried)
    )
    assert sampled == every
    assert len(tried) == points.count or len(tried) >= POINTS


def test_a_change_of_one_protocol_of_the_talks_is_noticed(monkeypatch):
    """Whoever answers an offer to take or leave wants to gain by it, if little."""
    accepted = TakeItOrLeaveIt.accepted

    def unless_nothing_is_gained(self, talks, proposal, values, by_hand):
        answering = talks.table.other(talks.table.side(proposal.proposer))
        gains = values[answering.name] > answering.floor + 0.01
        return accepted(self, talks, proposal, values, by_hand) & gains

    monkeypatch.setattr(TakeItOrLeaveIt, "accepted", unless_nothing_is_gained)
    why = stale(KEPT / "talks", load_study("talks").prepare())
    protocols = load_study("talks").prepare().points.columns["calendar.talks.protocol"]
    assert protocols[int(re.search(r"in point (\d+)", why)[1])] == "take_it_or_leave_it"


def test_what_compares_studies_is_stale_with_any_of_them(monkeypatch):
    monkeypatch.setattr(committed, "_stale_study", {"talks": "the model changed"}.get)
    assert committed.stale_findings() == "talks is stale"


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
