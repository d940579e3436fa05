"""``make paper``: every study, its figures and tables, and the report whose numbers come from them.

    python -m experiments.paper [STUDY ...] [--worlds N] [--workers N]

Runs go to build/studies/NAME and are kept there: a study whose scenario, code and design have not changed is not run
again. What is small goes to results/paper/NAME (manifest, summary, findings, figures, tables, a sample of rows), and
docs/connecticut-2011.template.md is filled from it to docs/connecticut-2011.md.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from experiments.paper.reference import keep
from experiments.paper.report import fill_report
from experiments.paper.write_up import write_up, writer_of
from experiments.runs.study import Study, load_study

ROOT = Path(__file__).parents[2]
RUNS, KEPT = ROOT / "build" / "studies", ROOT / "results" / "paper"
STUDIES = (
    "base_case",
    "june_vote",
    "ratification_rule",
    "counting",
    "union_power",
    "threat_credibility",
    "threat_timing",
    "aim_of_the_list",
    "meetings",
    "leaders_optimism",
    "talks",
    "authority",
    "mayors",
    "sensitivity",
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what has to be run, write everything up, fill the report."""
    parser = argparse.ArgumentParser(description="Reproduce every figure, table and number of the report.")
    parser.add_argument("studies", nargs="*", metavar="STUDY", help=f"of {', '.join(STUDIES)}; all unless named")
    parser.add_argument("--worlds", type=int, help="worlds a point, for a quick trial; keeps nothing in results/")
    parser.add_argument("--workers", type=int, help="processes; as many as cores when it is worth it")
    given = parser.parse_args(arguments)
    begun = time.perf_counter()
    for name in given.studies or STUDIES:
        start = time.perf_counter()
        study = load_study(name).with_rule(worlds=given.worlds)
        folder = (RUNS if given.worlds is None else RUNS.with_name("trial")) / name
        ran = run_unless_done(study, folder, workers=given.workers)
        page = write_up(folder, study, _writer(name))
        if given.worlds is None:
            keep(page, KEPT / name)
        how = "run" if ran else "as it was"
        print(f"{name:20s} {how:10s} {len(page.figures)} figures, {time.perf_counter() - start:5.1f} s", flush=True)
    if given.worlds is None:
        print(f"report: {fill_report(KEPT).relative_to(ROOT)}")
    print(f"done in {time.perf_counter() - begun:.0f} s")


def run_unless_done(study: Study, folder: Path, *, workers: int | None = None) -> bool:
    """Run a study into a folder that is thrown away first, unless it holds this very study; whether it ran."""
    from experiments.runs.manifest import as_json, read_manifest
    from experiments.runs.progress import reporter
    from experiments.runs.runner import run
    from experiments.runs.tasks import code_sha256
    from sim.errors import WrongInput

    try:
        known = read_manifest(folder)
    except WrongInput:
        known = {}
    wanted = {
        "study": as_json(study.document()),
        "scenario_sha256": study.prepare().scenario.fingerprint(),
        "code_sha256": code_sha256(),
        "state": "complete",
    }
    if all(known.get(key) == value for key, value in wanted.items()):
        return False
    shutil.rmtree(folder, ignore_errors=True)
    outcome = run(study, folder, workers=workers, report=reporter(None))
    if outcome.failed_rows or outcome.state != "complete":
        sys.exit(f"{folder}: {outcome.state}, {outcome.failed_rows} worlds failed; see failures.jsonl there")
    return True


def _writer(name: str):  # type: ignore[no-untyped-def]
    write = writer_of(name)
    assert write is not None, name
    return write


if __name__ == "__main__":
    main()
