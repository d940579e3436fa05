"""Running a study into a results folder: start, and go on after anything."""

from __future__ import annotations

import re
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from experiments.runs.carried import study_in
from experiments.runs.columns import keep_columns
from experiments.runs.designs import check_points
from experiments.runs.events import NAME as EVENTS
from experiments.runs.files import write_atomically
from experiments.runs.loop import Loop, Options
from experiments.runs.manifest import as_json, changed_files, differences
from experiments.runs.policies import Contour, Policy, contour_line
from experiments.runs.progress import Reporter
from experiments.runs.recorded import check_record, keep_record
from experiments.runs.results_table import assemble
from experiments.runs.store import Folder, Totals
from experiments.runs.study import Prepared, Study, check_measures, study_of
from experiments.runs.task_order import Order
from experiments.runs.tasks import Work, code_sha256
from experiments.statistics.sample_sizes import of_folder
from sim.errors import WrongInput, whole_number
from sim.in_short import InShort

# by `resume`, where they are damaged
MADE_AGAIN = ("columns.csv", "runs.parquet", "summary.csv", "failures.jsonl", "contour.csv", EVENTS)

STUCK = 3  # times begun at the same part: something there may take its process along, so it gets one of its own


@dataclass(frozen=True, repr=False)
class Outcome(InShort):
    """How a run ended."""

    folder: Path
    state: str  # "complete", "shard complete", "incomplete" (worlds were lost), "failed" (all were), "stopped"
    rows: int
    failed_rows: int  # without a result
    lost_rows: int  # among these: a process died, or ran out of time or memory
    table_sha256: str | None
    ran_now: int  # tasks run by this call
    why: str  # why it stopped, in words

    def in_short(self) -> dict[str, str]:
        """Where it lies and how it ended."""
        failed = f"{self.failed_rows:,}" if self.failed_rows else ""
        facts = {"folder": str(self.folder), "state": self.state, "worlds": f"{self.rows:,}", "failed": failed}
        return facts | {"why": self.why, "table": (self.table_sha256 or "")[:12]}


def run(
    study: Study,
    out: Path | str,
    *,
    workers: int | None = None,
    report: Reporter | None = None,
    options: Options | None = None,
) -> Outcome:
    """Run a study into a new folder.

    Raises: WrongInput if the study is wrong or the folder taken; CannotGoOn if the disk is full.
    """
    if not isinstance(study, Study):
        raise WrongInput(f"study must be a Study, which load_study reads from a file, got {study!r}")
    if workers is not None:
        whole_number("workers", workers, least=1)
    chosen = options or Options(workers=workers)
    prepared = study.prepare(chosen.load)
    with start(prepared, Path(out), chosen) as folder:
        return go_on(folder, prepared, chosen, report or Reporter())


def resume(out: Path | str, *, options: Options | None = None, report: Reporter | None = None) -> Outcome:
    """Go on with a folder: run what is missing, lost or damaged, nothing else.

    Raises: WrongInput if the scenario or the code changed since, naming the difference.
    """
    chosen = options or Options()
    path = Path(out)
    with Folder.open(path, write=True) as folder:
        folder.sweep_leftovers()
        wrong = changed_files(path, folder.manifest)
        for name in wrong:
            if name not in MADE_AGAIN:
                raise WrongInput(f"{path / name}: {wrong[name]} since the study began; put it back")
        if folder.complete and not wrong and not (chosen.retry and folder.totals().failed):
            return _outcome(folder, 0)
        prepared = _same_study(folder, chosen)
        if folder.complete:
            folder.reopen()
        again = [k for k, part in folder.parts.items() if any(f.lost or chosen.retry for f in part.failures)]
        folder.drop(again)
        return go_on(folder, prepared, chosen, report or Reporter(), apart=_begun_again(folder) >= STUCK)


def start(prepared: Prepared, out: Path, options: Options) -> Folder:
    """A new folder for a study, with nothing run yet."""
    study, points = prepared.study, prepared.points
    if options.shard and isinstance(study.policy, Contour):
        raise WrongInput("--shard: a contour decides from all points where to look next, so it cannot be cut in shards")
    check_record(prepared, shard=options.shard is not None)
    check_measures(prepared, Work(prepared.scenario, study.seed, model=options.model).simulate())
    order = Order.of(points.count, study.policy.most_worlds, options.part_rows, apart=bool(prepared.shaping))
    manifest = {
        "study": study.document(),
        "seed": study.seed,
        "scenario_sha256": prepared.scenario.fingerprint(),
        "scenario": as_json(prepared.scenario.as_dict()),
        "parameters": list(points.names),
        "code_sha256": code_sha256(),
        "order": asdict(order),
        "shard": f"{options.shard[0]}/{options.shard[1]}" if options.shard else None,
    }
    return Folder.create(out, manifest, points, prepared.scenario)


def go_on(folder: Folder, prepared: Prepared, options: Options, report: Reporter, *, apart: bool = False) -> Outcome:
    """Run whatever the folder's study still lacks, ``apart`` in processes of its own, then write its table."""
    begun = time.perf_counter()
    policy = prepared.study.policy
    keep_columns(folder, prepared)
    loop = Loop(folder, prepared, options, report, apart=apart)
    try:
        stopped = loop.run_stages(policy)
    finally:
        loop.close()
        report.close()
    facts = {"engine": loop.engine_words, "peak_bytes": loop.peak_bytes}
    seconds = folder.manifest.get("seconds", 0) + time.perf_counter() - begun
    if stopped:
        folder.save_failures()
        facts |= {"state": "repairing" if folder.manifest["state"] == "repairing" else "stopped", "stopped": stopped}
        folder.save_manifest(files=folder.files(["failures.jsonl"]), seconds=round(seconds, 2), **facts)
        return _outcome(folder, loop.ran)
    return finish(folder, policy, prepared, ran=loop.ran, seconds=seconds, **facts)


def _begun_again(folder: Folder) -> int:
    """Note that the study runs; how many times in a row, this one included, it was begun at this very part."""
    before, parts = folder.manifest.get("begun", {"parts": 0, "times": 1}), len(folder.parts)
    killed_here = folder.manifest["state"] in ("running", "repairing") and before["parts"] == parts
    times = before["times"] + 1 if killed_here else 1
    state = "repairing" if folder.manifest["state"] == "repairing" else "running"
    folder.save_manifest(state=state, begun={"parts": parts, "times": times})
    return times


def finish(
    folder: Folder, policy: Policy, prepared: Prepared | None = None, *, ran: int, seconds: float, **facts: Any
) -> Outcome:
    """Every task is done: write the table and say so; a shard has no table of its own.

    ``prepared`` is the study with its case, which a record needs; shards that are merged have none.
    """
    begun = time.perf_counter()
    points, so_far, totals = folder.points(), folder.progress(), folder.totals()
    reasons = policy.reasons(so_far)
    state, why = _end(totals, policy, reasons)
    facts |= {"tasks": totals.tasks, "failed_rows": totals.failed, "lost_rows": totals.lost, "stopped": why}
    facts["core_seconds"] = totals.seconds
    folder.save_failures()
    if folder.shard:
        facts |= {"state": "shard complete" if state == "complete" else state, "rows": totals.rows}
        folder.save_manifest(files=folder.files(["failures.jsonl"]), seconds=round(seconds, 2), **facts)
        return _outcome(folder, ran)
    same_rows = folder.manifest["state"] == "repairing" and folder.manifest["failed_rows"] == totals.failed
    table = assemble(folder, reasons, expected=folder.manifest["table_sha256"] if same_rows else None)
    facts["replications"] = of_folder(folder.path)
    written = ["runs.parquet", "summary.csv", "failures.jsonl"]
    if prepared is not None and (told := keep_record(folder, prepared)):
        facts["happenings"] = told
        written.append(EVENTS)
    if isinstance(policy, Contour):
        x, y = points.names
        rows = "".join(f"{a:.9g},{b:.9g}\n" for a, b in contour_line(points, so_far, policy.level))
        written.append("contour.csv")
        write_atomically(folder.path / written[-1], f"{x},{y}\n{rows}".encode())
    folder.finish(state, written, **table, **facts, seconds=round(seconds + time.perf_counter() - begun, 2))
    return _outcome(folder, ran)


def _end(totals: Totals, policy: Policy, reasons: Any) -> tuple[str, str]:
    """The state of a study of which every task is done, and why."""
    if totals.rows == 0 and totals.failed:
        return "failed", f"none of its {totals.failed:,} worlds came through"
    if totals.lost:
        return "incomplete", f"{totals.lost:,} worlds were lost; 'resume' tries them again"
    return "complete", _why(policy, reasons)


def parse_shard(text: str) -> tuple[int, int]:
    """``2/8`` is the second of eight."""
    found = re.fullmatch(r"(\d+)/(\d+)", text.strip())
    if not found or not 1 <= int(found[1]) <= int(found[2]):
        raise WrongInput(f"--shard {text!r}: write I/N with I from 1 to N")
    return int(found[1]), int(found[2])


def _same_study(folder: Folder, options: Options) -> Prepared:
    """The folder's study, if scenario and code are still what they were."""
    manifest = folder.manifest
    prepared = study_in(folder.path, manifest, options.agents).prepare(options.load)
    now = as_json(prepared.scenario.as_dict())
    if prepared.scenario.fingerprint() != manifest["scenario_sha256"]:
        changes = list(differences(manifest["scenario"], now))
        shown = "; ".join(changes[:3]) + (f"; and {len(changes) - 3} more" if len(changes) > 3 else "")
        raise WrongInput(
            f"{folder.path}: the scenario changed since the study began ({shown}); put it back or start anew"
        )
    if manifest["code_sha256"] != code_sha256() and not options.accept_changed_code:
        raise WrongInput(
            f"{folder.path}: the model's code changed since the study began (planb {manifest['planb']}, commit "
            f"{manifest['commit']}); check out that commit, start anew, or mix two models with --accept-changed-code"
        )
    points = folder.points()
    return Prepared(
        study=study_of(manifest),
        scenario=prepared.scenario,
        points=points,
        shaping=check_points(points, prepared.scenario),
    )


def _why(policy: Policy, reasons: Any) -> str:
    """Why the study has as many worlds as it has, in a sentence."""
    if reasons is None:
        return "every point has its worlds" if not isinstance(policy, Contour) else "the line is found"
    words, counts = np.unique(reasons, return_counts=True)
    said = {
        "precise": f"reached a half-width of {policy.half_width:g}",  # type: ignore[attr-defined]
        "cap": f"stopped at the cap of {policy.most_worlds:,} worlds",
        "failures": "lack worlds that raised",
    }
    return ", ".join(
        f"{count:,} of {len(reasons):,} points {said[word]}" for word, count in zip(words, counts, strict=True)
    )


def _outcome(folder: Folder, ran: int) -> Outcome:
    totals, manifest = folder.totals(), folder.manifest
    return Outcome(
        folder=folder.path,
        state=manifest["state"],
        rows=totals.rows,
        failed_rows=totals.failed,
        lost_rows=totals.lost,
        table_sha256=manifest.get("table_sha256"),
        ran_now=ran,
        why=manifest.get("stopped", ""),
    )
