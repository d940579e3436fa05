"""Every block of Python in every document ends and is right: as a file, from standard input and in a notebook."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^( *)```python\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
ELSEWHERE = ("dask_jobqueue",)  # needs a cluster; it is only compiled
SECONDS = 300


def blocks(page: Path) -> list[str]:
    return [textwrap.dedent(found[2]) for found in BLOCK.finditer(page.read_text(encoding="utf-8"))]


def here(code: str) -> str:
    """The block with one process: several are tried in the tests of the runner."""
    return re.sub(r"workers=\d+", "workers=1", code)


ALL = [
    pytest.param(here(code), id=f"{page.stem}-{number}")
    for page in PAGES
    for number, code in enumerate(blocks(page))
    if not any(name in code for name in ELSEWHERE)
]
NOTEBOOKS = [page for page in PAGES if any(code for code in blocks(page) if not any(n in code for n in ELSEWHERE))]


def run(words: list[str], folder: Path, code: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error::SyntaxWarning", *words],
        input=code,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )


def test_there_are_blocks_to_run():
    assert len(ALL) > 5 and len(NOTEBOOKS) > 3


def test_what_runs_elsewhere_is_python():
    for page in PAGES:
        for number, code in enumerate(blocks(page)):
            compile(code, f"{page.name} block {number}", "exec")


@pytest.mark.slow
@pytest.mark.parametrize("code", ALL)
def test_a_block_runs_as_a_file(code, tmp_path):
    (tmp_path / "block.py").write_text(code, encoding="utf-8")
    done = run(["block.py"], tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("code", ALL)
def test_a_block_runs_from_standard_input(code, tmp_path):
    done = run(["-"], tmp_path, code)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("page", NOTEBOOKS, ids=lambda page: page.stem)
def test_the_blocks_of_a_page_run_in_a_notebook(page, tmp_path, monkeypatch):
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    cells = [
        nbformat.v4.new_code_cell(here(code)) for code in blocks(page) if not any(name in code for name in ELSEWHERE)
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    client = nbclient.NotebookClient(
        notebook, timeout=SECONDS, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute()  # raises where a cell does
    assert all(cell.execution_count for cell in notebook.cells)
