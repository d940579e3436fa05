"""``make paper``: every study, its figures and tables, and the report whose numbers come from them.

    python -m experiments.paper [STUDY ...] [--worlds N] [--workers N]

Runs go to build/studies/NAME and are kept there: a study whose scenario, code and design have not changed is not run
again. What is small goes to results/paper/NAME (manifest, summary, findings, figures, tables, a sample of rows), and
docs/connecticut-2011.md is filled from it. With all studies, what they compare is compared again under the other two
draws of numbers (`three_draws.py`), and docs/validation.md says which findings hold.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from experiments.paper.documents import write
from experiments.paper.reference import keep
from experiments.paper.write_up import paper_of, write_up
from experiments.runs.study import Study, load_study

ROOT = Path(__file__).parents[2]
RUNS, KEPT = ROOT / "build" / "studies", ROOT / "results" / "paper"
STUDIES = (  # of the report, in its order
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
ASIDE = {"town_aid": ROOT / "results" / "town-aid"}  # kept, but not in the report


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what has to be run, write everything up, fill the report."""
    known = [*STUDIES, *ASIDE]
    parser = argparse.ArgumentParser(description="Reproduce every figure, table and number of the report.")
    parser.add_argument("studies", nargs="*", metavar="STUDY", help=f"of {', '.join(known)}; all unless named")
    parser.add_argument("--worlds", type=int, help="worlds a point, for a quick trial; keeps nothing in results/")
    parser.add_argument("--workers", type=int, help="processes; as many as cores when it is worth it")
    given = parser.parse_args(arguments)
    begun = time.perf_counter()
    for name in given.studies or known:
        print(make(name, worlds=given.worlds, workers=given.workers), flush=True)
    if given.worlds is None:
        if not given.studies:
            from experiments.paper import three_draws  # it reads this module

            three_draws.keep(workers=given.workers)
            print(f"what holds under three draws: {write('validation')}", flush=True)
        print(f"report: {write('connecticut-2011')}")
    print(f"done in {time.perf_counter() - begun:.0f} s")


def make(name: str, *, worlds: int | None = None, workers: int | None = None) -> str:
    """Run a study if need be, write it up, and keep what is small, unless it is a trial; what was done in a line."""
    start = time.perf_counter()
    study, paper = load_study(name).with_rule(worlds=worlds), paper_of(name)
    if paper is None:
        sys.exit(f"{name}: defines no PAPER = Paper(...)")
    folder = (RUNS if worlds is None else RUNS.with_name("trial")) / name
    how = "run" if run_unless_done(study, folder, workers=workers) else "as it was"
    page = write_up(folder, study, paper)
    if worlds is None:
        keep(page, kept_at(name))
    return f"{name:20s} {how:10s} {len(page.figures)} figures, {time.perf_counter() - start:5.1f} s"


def kept_at(name: str) -> Path:
    """Where a study's reference outputs lie."""
    return ASIDE.get(name, KEPT / name)


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


if __name__ == "__main__":
    main()
