"""Who may import whom: the rooms of docs/architecture.md, held by the imports themselves."""

from __future__ import annotations

import ast
import functools
from pathlib import Path

import pytest

grimp = pytest.importorskip("grimp")

ROOT = Path(__file__).parents[2]


@functools.cache
def graph():
    return grimp.build_graph("sim", "agents", "experiments", exclude_type_checking_imports=True, cache_dir=None)


def imports(importer: str, imported: str) -> set[tuple[str, str]]:
    """Direct imports from anything in one package to anything in another."""
    found = graph().find_modules_that_directly_import
    wanted = {imported, *graph().find_descendants(imported)}
    own = {importer, *graph().find_descendants(importer)}
    return {(by, module) for module in wanted for by in found(module) if by in own}


def test_no_module_of_sim_or_agents_imports_itself_by_way_of_others():
    """A module that can reach itself along imports is part of a circle."""
    ours = [module for module in graph().modules if module.startswith(("sim", "agents"))]
    assert not [
        (module, target)
        for module in ours
        for target in graph().find_modules_directly_imported_by(module)
        if graph().find_shortest_chain(importer=target, imported=module)
    ]


@pytest.mark.parametrize("room", ["sim", "agents"])
def test_the_model_knows_nothing_of_experiments(room):
    assert not imports(room, "experiments")


@pytest.mark.parametrize("room", ["sim.worlds.axis", "sim.worlds.randomness", "sim.public", "sim.ratification"])
def test_arithmetic_knows_neither_bodies_nor_acts(room):
    for other in ("agents", "sim.acts", "sim.crisis", "sim.state"):
        assert not imports(room, other), (room, other)


def test_acts_are_composed_by_the_crisis_alone():
    assert {by for by, _ in imports("sim", "sim.acts") if not by.startswith("sim.acts")} <= {
        "sim.crisis",
        "sim.mesa_model",
    }
    assert not imports("agents", "sim.acts") and not imports("agents", "sim.state")


def test_page_and_charts_share_colours_and_outlines_alone():
    shared = {"experiments.charts.palette", "experiments.charts.town_map"}
    assert {module for _, module in imports("experiments.page", "experiments.charts")} <= shared
    assert not imports("experiments.charts", "experiments.page")


def files(*rooms: str) -> list[Path]:
    return [file for room in rooms for file in (ROOT / room).rglob("*.py")]


@pytest.mark.parametrize("file", files("sim", "agents"), ids=lambda file: file.relative_to(ROOT).as_posix())
def test_only_the_mesa_model_imports_mesa(file):
    if file.name == "mesa_model.py":
        return
    names = [
        name
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    ]
    assert not any(name.split(".")[0] == "mesa" for name in names)


def test_of_the_classes_of_the_model_one_is_ours():
    from sim import BudgetCrisis

    assert [kind.__name__ for kind in BudgetCrisis.__mro__ if kind.__module__.startswith(("sim", "agents"))] == [
        "BudgetCrisis"
    ]
