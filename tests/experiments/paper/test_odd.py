"""The model description's tables are generated; they must say what the code says."""

from __future__ import annotations

import re

import pytest

from experiments.paper.odd_tables import DOCUMENT, MARKER, TABLES, attributes, filled
from sim.scenario.scenario import load_scenario

TEXT = DOCUMENT.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_as_fresh_as_the_code(name: str) -> None:
    found = {match[2]: match[3] for match in MARKER.finditer(TEXT)}
    assert found[name] == TABLES[name](), "run python -m experiments.paper.odd_tables"


def test_writing_the_tables_twice_changes_nothing() -> None:
    assert filled(filled(TEXT)) == filled(TEXT)


def test_the_protocol_is_complete() -> None:
    headings = re.findall(r"^## (\d)\. (.+)$", TEXT, flags=re.MULTILINE)
    assert headings == [
        ("1", "Purpose and patterns"),
        ("2", "Entities, state variables and scales"),
        ("3", "Process overview and scheduling"),
        ("4", "Design concepts"),
        ("5", "Initialization"),
        ("6", "Input data"),
        ("7", "Submodels"),
    ]
    for concept in (
        "Basic principles",
        "Emergence",
        "Adaptation",
        "Objectives",
        "Learning",
        "Prediction",
        "Sensing",
        "Interaction",
        "Stochasticity",
        "Collectives",
        "Observation",
    ):
        assert f"**{concept}.**" in TEXT


def test_every_parameter_of_the_shipped_case_is_described() -> None:
    for row in load_scenario("connecticut-2011").parameters():
        assert f"`{row['name']}`" in TEXT


def test_every_file_the_description_names_is_there() -> None:
    root = DOCUMENT.parent.parent
    for path in re.findall(r"`((?:sim|agents|experiments)/[\w/.-]+)`", TEXT):
        assert (root / path).exists(), path


def test_attributes_are_read_from_their_comments() -> None:
    from agents.governor import Governor

    assert "reservation" in dict(attributes(Governor))
