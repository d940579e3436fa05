"""Reference outputs: the small part of a study's results that is committed, and whether it is still true.

A folder in results/paper holds manifest.json, summary.csv, findings.json, finding.md, figures/ and tables/ as a study
left them, and sample.csv: a few worlds of every setting, or where these are many of some. `stale` runs these worlds
again; they are stale when a number of the scenario, the study or an outcome has changed, not when a comment or a source
has.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from experiments.runs.manifest import as_json, differences
from experiments.runs.tasks import Task, Work, run_task

if TYPE_CHECKING:
    import pandas as pd

    from experiments.paper.write_up import Page
    from experiments.runs.study import Prepared
    from sim.scenario.scenario import Scenario

POINTS, WORLDS = 32, 16  # of the sample: so many points spread over the design, and one of every choice of words
FACTS = (
    *("study", "seed", "planb", "packages", "python", "commit", "scenario_sha256", "code_sha256", "points_sha256"),
    *("table_sha256", "rows"),
)
CLOSE = 2e-3  # relative: measures are stored as float32, and processors differ in the last bits


def keep(page: Page, folder: Path) -> None:
    """Write a study's reference outputs in place of what was there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("summary.csv", "findings.json", "finding.md"):
        shutil.copyfile(page.folder / name, folder / name)
    for part in ("figures", "tables"):
        if (page.folder / part).is_dir():
            shutil.copytree(page.folder / part, folder / part, ignore=shutil.ignore_patterns("*.svg"))
    manifest = json.loads((page.folder / "manifest.json").read_text(encoding="utf-8"))
    facts = {name: manifest.get(name) for name in FACTS} | {"numbers_sha256": numbers_sha256(page.scenario)}
    text = json.dumps(facts, indent=2, ensure_ascii=False, default=str)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")
    sample(page.study.prepare()).to_csv(folder / "sample.csv", index=False, float_format="%.6g", lineterminator="\n")


def numbers_sha256(scenario: Scenario) -> str:
    """Hash of all that a scenario says but for where it says to have it from."""
    return hashlib.sha256(json.dumps(_without_sources(scenario.as_dict()), sort_keys=True).encode()).hexdigest()


def _without_sources(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _without_sources(value) for key, value in node.items() if key not in ("source", "title", "about")}
    return [_without_sources(item) for item in node] if isinstance(node, list) else node


def sample(prepared: Prepared) -> pd.DataFrame:
    """The first worlds of points that stand for the design, run now."""
    import pandas as pd

    study, points, chosen = prepared.study, prepared.points, sampled_points(prepared)
    work = Work(prepared.scenario, study.seed, measures=study.measures, shaping=prepared.shaping)
    task = Task(0, chosen, 0, WORLDS, points.rows(chosen))
    return pd.read_parquet(io.BytesIO(run_task(work, task).data))


def sampled_points(prepared: Prepared) -> NDArray[np.int64]:
    """Numbers of points spread over the design, and of the first with every choice of words, switches and dates.

    A rule may be at work in one choice alone, such as one protocol of the talks.
    """
    points = prepared.points
    words = zip(*(points.columns[name] for name in prepared.shaping), strict=True)
    first = {chosen: point for point, chosen in reversed(list(enumerate(words)))}
    spread = np.linspace(0, points.count - 1, POINTS).astype(np.int64)
    return np.unique([*spread, *first.values()])


def stale(folder: Path, prepared: Prepared) -> str:
    """Why the reference outputs in this folder are no longer what the study would give; nothing if they are."""
    import pandas as pd

    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for difference in differences(manifest["study"], as_json(prepared.study.document()), "study"):
        return f"the study changed: {difference}"
    if manifest.get("numbers_sha256") != numbers_sha256(prepared.scenario):
        return "a number of the scenario, or one of its tables, changed"
    kept, now = pd.read_csv(folder / "sample.csv"), sample(prepared)
    if list(kept.columns) != list(now.columns) or len(kept) != len(now):
        return "the measures changed"
    for name in kept:
        before, after = (frame[name].to_numpy(float) for frame in (kept, now))
        same = np.isclose(before, after, rtol=CLOSE, atol=1e-6, equal_nan=True)
        if not same.all():
            row = int(np.argmin(same))
            where = f"point {kept['point'][row]}, world {kept['world'][row]}"
            return f"the model changed: {name} in {where} was {before[row]:g} and is {after[row]:g}"
    return ""
