"""The table of wrong rules fits the source and the tests as they stand; whether they are noticed is seen by hand."""

from __future__ import annotations

import ast

import pytest
from mutants import MUTANTS, ROOT, Mutant, places


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.wrong)
def test_a_mutant_s_snippet_stands_once_in_the_source_and_its_fact_is_a_test(mutant: Mutant):
    assert len(places(mutant.snippet)) == 1
    assert mutant.becomes != mutant.snippet
    file, name = mutant.fact.split("::")
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
