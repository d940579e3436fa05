"""A study's own page: what it found, in sentences made from its numbers, and its figures.

A study script defines ``STUDY`` and ``write(page)``; both ``planb run NAME`` and ``python -m experiments.studies.NAME``
run the one and then call the other, which leaves in the results folder

    finding.md       question, findings, what would change them, figures
    findings.json    the same sentences and numbers by name, from which the report is filled
    figures/         each as pdf, svg, png, csv (its numbers) and txt (its caption)
"""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from experiments.charts.form import new_figure, save_figure, style
from experiments.runs.study import Study, find_study
from experiments.statistics.effect_modifiers import change_words, strongest, uncertain_numbers

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.scenario import Scenario

Write = Callable[["Page"], None]


class Page:
    """What a study has to say, and its figures, gathered while `write` runs."""

    def __init__(self, folder: Path, study: Study, scenario: Scenario) -> None:
        self.folder, self.study, self.scenario = folder, study, scenario
        self.sentences: dict[str, str] = {}
        self.numbers: dict[str, str] = {}
        self.figures: dict[str, str] = {}  # name -> caption

    @cached_property
    def runs(self) -> pd.DataFrame:
        """A row a world of every point, in the order of points, then worlds."""
        import pandas as pd

        return pd.read_parquet(self.folder / "runs.parquet")

    def at(self, point: Mapping[str, Any], worlds: Any = None) -> pd.DataFrame:
        """The worlds of the points that have these values, in order; of these ``worlds`` where they are given."""
        chosen = np.ones(len(self.runs), bool) if worlds is None else self.runs["world"].isin(worlds).to_numpy()
        for key, value in point.items():
            column = self.runs[key]
            close = np.isclose(column, value) if isinstance(value, float) else column == value
            chosen = chosen & np.asarray(close)
        return self.runs[chosen]

    def says(self, **sentences: str) -> None:
        """Keep sentences by name, each closed with a full stop."""
        for name, sentence in sentences.items():
            self.sentences[name] = sentence if sentence.endswith((".", "?")) else f"{sentence}."

    def counts(self, **numbers: str) -> None:
        """Keep numbers in words by name, for the report."""
        self.numbers |= numbers

    def would_change(self, effect: NDArray[np.float64], words: str, *, worlds: Any, unit: str = "points") -> str:
        """Which uncertainty an effect, (worlds,), depends on; ``words`` names the effect."""
        addresses = np.asarray(worlds, dtype=np.int64)
        numbers = uncertain_numbers(self.scenario, self.study.seed, addresses)
        return change_words(strongest(np.asarray(effect, float), numbers), self.scenario, words, unit=unit)

    def draw(
        self,
        name: str,
        draw: Callable[[Any], Any],
        *,
        data: pd.DataFrame,
        caption: str,
        preset: str = "single",
        height_mm: float = 62,
        rows: int = 1,
        columns: int = 1,
        **grid: Any,
    ) -> None:
        """Save a figure: ``draw`` gets its axes, one or an array of them."""
        with style(preset):
            figure, axes = new_figure(preset, height_mm=height_mm, rows=rows, columns=columns, **grid)
            draw(axes)
            save_figure(figure, self.folder, name, data=data, caption=caption, preset=preset)
        self.figures[name] = caption

    def save(self) -> None:
        """Write finding.md and findings.json."""
        found = {"sentences": self.sentences, "numbers": self.numbers, "figures": self.figures}
        text = json.dumps(
            {"study": self.study.name, "question": self.study.question, **found}, indent=2, ensure_ascii=False
        )
        (self.folder / "findings.json").write_text(text + "\n", encoding="utf-8")
        (self.folder / "finding.md").write_text(self._markdown(), encoding="utf-8")

    def _markdown(self) -> str:
        parts = [f"# {self.study.question}", *self.sentences.values()]
        parts += [f"![{name}](figures/{name}.png)\n\n*{caption}*" for name, caption in self.figures.items()]
        return "\n\n".join(parts) + "\n"


def writer_of(name: str) -> Write | None:
    """The ``write`` of a study script; none for a study in TOML or a script without one."""
    path = find_study(name)
    return runpy.run_path(str(path)).get("write") if path.suffix == ".py" else None


def write_up(folder: Path, study: Study, write: Write) -> Page:
    """Write the page of a finished results folder."""
    page = Page(folder, study, study.prepare().scenario)
    write(page)
    page.save()
    return page


def main(study: Study, write: Write) -> None:
    """What a study script does when it is run: run the study into results/NAME, write its page, print it."""
    import argparse

    from experiments.commands._running import free_folder
    from experiments.runs.progress import reporter
    from experiments.runs.runner import run

    parser = argparse.ArgumentParser(description=study.question)
    parser.add_argument("--out", type=Path, help="results folder; results/NAME unless taken")
    parser.add_argument("--worlds", type=int, help="worlds a point, instead of what the study says")
    parser.add_argument("--workers", type=int, help="processes")
    given = parser.parse_args()
    asked = study.with_rule(worlds=given.worlds)
    folder = given.out or free_folder(study.name)
    run(asked, folder, workers=given.workers, report=reporter(None))
    page = write_up(folder, asked, write)
    print("\n\n".join([study.question, *page.sentences.values(), f"written to {folder}"]))
