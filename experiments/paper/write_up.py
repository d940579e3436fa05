"""The one writer of studies: what a study compares and draws is data, and sentences, tables and figures are made of it.

A study script defines ``STUDY`` (what to run) and ``PAPER`` (what to say of it); both ``planb run NAME`` and
``python -m experiments.studies.NAME`` run the one and then write the other, which leaves in the results folder

    finding.md       question, findings, what would change them, figures
    findings.json    the same sentences and numbers by name, from which the report is filled
    figures/         each as pdf, svg, png, csv (its numbers) and txt (its caption)
    tables/          each as tex and csv
"""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.charts.form import new_figure, save_figure, style
from experiments.charts.words import label_of
from experiments.paper.comparisons import ClearOnes, Comparison, Modifier, ModifierOfLargest, Several, Stated
from experiments.paper.figures import Differences, Figure
from experiments.runs.study import Study, find_study

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.scenario import Scenario

Sentence = str | Stated | Comparison | Several | ClearOnes | Modifier | ModifierOfLargest | Callable[["Page"], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What a study says and shows. A function is for what only this study needs; it gets the page."""

    says: Mapping[str, Sentence]  # by name, in order
    draws: Sequence[Figure | Callable[[Page], None]] = ()
    axes: Mapping[str, str] = field(default_factory=dict)  # how an axis names a parameter or a column
    columns: Mapping[str, Callable[[pd.DataFrame], Any]] = field(default_factory=dict)  # added to the runs, by name
    within: Callable[[Page], Any] | None = None  # the worlds it is about; all unless given
    about: str = ""  # these worlds in a caption, after a comma
    differences: str = "differences"  # the file that shows its comparisons

    def compared(self) -> list[Comparison]:
        """The comparisons among its sentences that have a label, of the unit of the first."""
        drawn = [one for _, one in compared(self) if one.label]
        return [one for one in drawn if one.unit.name == drawn[0].unit.name]


def compared(paper: Paper) -> list[tuple[str, Comparison]]:
    """The comparisons that a study makes sentences of, by the name of the sentence.

    Of many changes at once the sentence is the finding itself, so these are left out.
    """
    said = [
        (name, one)
        for name, each in paper.says.items()
        for one in (each.comparisons if isinstance(each, Several) else [each])
    ]
    return [(name, one) for name, one in said if isinstance(one, Comparison)]


class Page:
    """What a study has to say, and its figures, gathered while they are made."""

    def __init__(self, folder: Path, study: Study, paper: Paper) -> None:
        self.folder, self.study, self.paper = folder, study, paper
        self.scenario: Scenario = study.prepare().scenario
        self.sentences: dict[str, str] = {}
        self.numbers: dict[str, str] = {}
        self.figures: dict[str, str] = {}  # name -> caption

    @cached_property
    def all_runs(self) -> pd.DataFrame:
        """A row a world of every point, in the order of points, then worlds."""
        import pandas as pd

        runs = pd.read_parquet(self.folder / "runs.parquet")
        return runs.assign(**{name: column(runs) for name, column in self.paper.columns.items()})

    @cached_property
    def runs(self) -> pd.DataFrame:
        """Likewise, of the worlds that the study speaks of."""
        within = self.paper.within
        return self.all_runs if within is None else self.all_runs[self.all_runs["world"].isin(within(self))]

    def at(self, point: Mapping[str, Any]) -> pd.DataFrame:
        """The worlds of the points that have these values, or one of several where a tuple is given, in order."""
        return at(self.runs, point)

    def axis(self, column: str) -> str:
        """How an axis names a parameter or a column."""
        return self.paper.axes.get(column) or label_of(column)

    def counts(self, **numbers: str) -> None:
        """Keep numbers in words by name, for the report."""
        self.numbers |= numbers

    def chart(
        self,
        name: str,
        draw: Callable[..., Any],
        rows: pd.DataFrame,
        caption: str | Callable[[pd.DataFrame], str],
        *,
        data: pd.DataFrame | None = None,
        height_mm: float = 62,
        wide: bool = False,
        **options: Any,
    ) -> None:
        """Save ``draw(ax, rows, **options)``; ``data``: the numbers in the figure, the rows themselves unless given."""
        data = rows if data is None else data
        words = caption if isinstance(caption, str) else caption(data)
        preset = "double" if wide else "single"
        self.draw(
            name, lambda ax: draw(ax, rows, **options), data=data, caption=words, preset=preset, height_mm=height_mm
        )

    def draw(
        self,
        name: str,
        draw: Callable[[Any], Any],
        *,
        data: pd.DataFrame,
        caption: str,
        preset: str = "single",
        height_mm: float = 62,
        **grid: Any,
    ) -> None:
        """Save a figure: ``draw`` gets its axes, one or, on a ``grid`` of `new_figure`, an array of them."""
        with style(preset):
            figure, axes = new_figure(preset, height_mm=height_mm, **grid)
            draw(axes)
            save_figure(figure, self.folder, name, data=data, caption=caption, preset=preset)
        self.figures[name] = caption

    def panels(
        self, name: str, draws: Sequence[Callable[[Any], Any]], data: pd.DataFrame, caption: str, **grid: Any
    ) -> None:
        """Save a wide figure of panels side by side, each drawn by one of ``draws``."""

        def draw(axes: Any) -> None:
            for ax, one in zip(np.ravel(axes), draws, strict=True):
                one(ax)

        self.draw(name, draw, data=data, caption=caption, **{"preset": "double", "columns": len(draws), **grid})

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


def at(runs: pd.DataFrame, point: Mapping[str, Any]) -> pd.DataFrame:
    """The rows of the points that have these values, or one of several where a tuple is given."""
    chosen = np.ones(len(runs), bool)
    for key, value in point.items():
        values = value if isinstance(value, tuple) else (value,)
        chosen &= np.logical_or.reduce([_equal(runs[key], one) for one in values])
    return runs[chosen]


def _equal(column: pd.Series, value: Any) -> np.ndarray:
    return np.asarray(np.isclose(column, value) if isinstance(value, float) else column == value)


def paper_of(name: str) -> Paper | None:
    """The ``PAPER`` of a study script; none for a study in TOML or a script without one."""
    path = find_study(name)
    return runpy.run_path(str(path)).get("PAPER") if path.suffix == ".py" else None


def write_up(folder: Path, study: Study, paper: Paper) -> Page:
    """Write the page of a finished results folder."""
    page = Page(folder, study, paper)
    for name, said in paper.says.items():
        sentence = said if isinstance(said, str) else said(page) if callable(said) else said.sentence(page)
        page.sentences[name] = sentence if sentence.endswith((".", "?")) else f"{sentence}."
    for figure in paper.draws:
        figure(page) if callable(figure) else figure.draw(page)
    if drawn := paper.compared():
        Differences(paper.differences, drawn).draw(page)
    page.save()
    return page


def main(study: Study, paper: Paper) -> None:
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
    outcome = run(asked, folder, workers=given.workers, report=reporter(None))
    if outcome.state != "complete":
        raise SystemExit(f"planb: {folder}: {outcome.state}: {outcome.why}")
    page = write_up(folder, asked, paper)
    print("\n\n".join([study.question, *page.sentences.values(), f"written to {folder}"]))
