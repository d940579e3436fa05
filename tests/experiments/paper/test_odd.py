"""The model description's tables are generated; they must say what the code says."""

from __future__ import annotations

import re

from experiments.paper.documents import DOCS
from experiments.paper.odd_tables import attributes
from sim.scenario.scenario import load_scenario

TEXT = (DOCS / "odd.md").read_text(encoding="utf-8")


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
    root = DOCS.parent
    for path in re.findall(r"`((?:sim|agents|experiments)/[\w/.-]+)`", TEXT):
        assert (root / path).exists(), path


def test_attributes_are_read_from_their_comments() -> None:
    from agents.governor import Governor

    assert "reservation" in dict(attributes(Governor))
