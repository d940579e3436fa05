"""What the studies compare, under three draws: a finding is one only where it comes out the same under all of them.

Every comparison of the report is made again, with as many worlds, where numbers are drawn from their ranges, and from
the fitted numbers with new moods, beside the full fit that the report uses. ``results/validation/findings.json`` keeps
the differences; `table_of` says which findings hold.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.calibration.draws import DRAWS
from experiments.paper.__main__ import RUNS, STUDIES, run_unless_done
from experiments.paper.comparisons import MEASURES, Comparison
from experiments.paper.documents import rows
from experiments.paper.reference import CLOSE, numbers_sha256, sample
from experiments.paper.sentences import Unit, signed
from experiments.paper.write_up import Page, Paper, compared, paper_of
from experiments.runs.manifest import as_json
from experiments.runs.study import Study, load_study
from experiments.statistics.paired_tests import PairedDifference

SAMPLED = "counting"  # the study a few worlds of which say whether the model changed
DEPENDS = "depends on the draw"
KEPT = Path(__file__).parents[2] / "results" / "validation" / "findings.json"


def studies() -> Iterator[tuple[Study, Paper]]:
    """The studies that compare something."""
    for name in STUDIES:
        paper = paper_of(name)
        if paper is not None and compared(paper):
            yield load_study(name), paper


def under(study: Study, draw: str) -> Study:
    """A study whose worlds are drawn in another way."""
    return study.model_copy(update={"set": {**study.set, "case.uncertainties": draw}})


def findings(*, workers: int | None = None) -> dict[str, Any]:
    """Every comparison under every draw, and what they were made of."""
    found = []
    for study, paper in studies():
        pages = {draw: _page(under(study, draw), paper, draw, workers) for draw in DRAWS}
        for name, one in compared(paper):
            told = {
                "study": study.name,
                "name": name,
                "words": one.label or one.subject.strip(" ,"),
                "measure": one.measure,
            }
            found.append(told | {draw: _as_row(one, one.found(page)) for draw, page in pages.items()})
    return {"made_of": made_of(), "sample": sampled(), "findings": found}


def _page(study: Study, paper: Paper, draw: str, workers: int | None) -> Page:
    folder = RUNS.with_name("draws") / draw / study.name
    run_unless_done(study, folder, workers=workers)
    return Page(folder, study, paper)


def _as_row(one: Comparison, found: PairedDifference) -> dict[str, Any]:
    numbers = {"difference": found.difference, "low": found.low, "high": found.high}
    verdict = found.verdict(one.unit.matters) if found.n else "unclear"
    return {"verdict": verdict, "n": found.n, **{name: float(f"{x:.5g}") for name, x in numbers.items()}}


def made_of() -> dict[str, str]:
    """Hashes of the scenario's numbers and of every study."""
    named = {study.name: json.dumps(as_json(study.document()), sort_keys=True) for study, _ in studies()}
    case = load_study(SAMPLED).prepare().scenario
    hashes = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in named.items()}
    return {"numbers": numbers_sha256(case), **hashes}


def sampled() -> dict[str, list[float]]:
    """Mean shares of yes and savings of a few worlds under each draw."""
    prepared = {draw: under(load_study(SAMPLED), draw).prepare() for draw in DRAWS}
    frames = {draw: sample(one)[["yes_share_1", "deal_savings"]] for draw, one in prepared.items()}
    return {draw: [float(mean) for mean in frame.mean()] for draw, frame in frames.items()}


def stale(kept: Mapping[str, Any]) -> str:
    """Why what is kept is no longer what the studies would give; nothing if it is."""
    now = made_of()
    changed = [name for name in now.keys() | kept["made_of"].keys() if now.get(name) != kept["made_of"].get(name)]
    if changed:
        return f"{min(changed)} changed"
    moved = [draw for draw, means in sampled().items() if not np.allclose(means, kept["sample"][draw], rtol=CLOSE)]
    return f"the model changed: {moved[0]}" if moved else ""


def verdict_of_all(row: Mapping[str, Any]) -> str:
    """What holds under all draws; where it is not the same everywhere, it depends on the draw."""
    verdicts = {row[draw]["verdict"] for draw in DRAWS}
    return verdicts.pop() if len(verdicts) == 1 else DEPENDS


def table_of(found: Sequence[Mapping[str, Any]]) -> str:
    """Rows in Markdown: each comparison with its change under each draw, and what holds."""
    return rows(
        (
            f"`{row['study']}`",
            f"{row['words']}: {MEASURES[row['measure']].axis}",
            *(_change(row[draw], MEASURES[row["measure"]].unit) for draw in DRAWS),
            f"**{held}**" if (held := verdict_of_all(row)) in ("raises", "lowers") else held,
        )
        for row in found
    )


def _change(found: Mapping[str, Any], unit: Unit) -> str:
    ends = (signed(found[name], unit._replace(name="")) for name in ("difference", "low", "high"))
    return "{} ({} to {})".format(*ends) if found["n"] else "no worlds"


def counted(found: Sequence[Mapping[str, Any]]) -> str:
    """How many findings hold, in words."""
    held = [verdict_of_all(row) for row in found]
    clear = held.count("raises") + held.count("lowers")
    rest = (f"{words}: {held.count(words)}" for words in ("no effect that matters", "unclear", DEPENDS))
    return f"Of {len(held)} comparisons under all three draws, raises or lowers: {clear}; {'; '.join(rest)}."


def depending(found: Sequence[Mapping[str, Any]]) -> set[str]:
    """The sentences of which something depends on the draw, as STUDY.NAME."""
    return {f"{row['study']}.{row['name']}" for row in found if verdict_of_all(row) == DEPENDS}


def keep(*, workers: int | None = None) -> None:
    """Make all of it and write it."""
    KEPT.write_text(json.dumps(findings(workers=workers), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
