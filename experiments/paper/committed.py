"""Every result that is committed: whether it is still what the program would give, and how it is made anew.

``make documents`` makes the stale ones and then every document; tests read the same list. In the order in which one
builds on another.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from functools import cache, partial
from typing import Any, NamedTuple

from experiments.calibration import page, page_figures, simulated
from experiments.calibration.on_record import samples, votes_on_record
from experiments.calibration.posterior_files import fitted_to
from experiments.calibration.validation import check
from experiments.calibration.votes import VOTES
from experiments.commands.command_line import planb
from experiments.page.run import record
from experiments.page.views.stage import draw_stage
from experiments.paper import three_draws
from experiments.paper.__main__ import ASIDE, STUDIES, kept_at, make
from experiments.paper.documents import DOCS
from experiments.paper.reference import numbers_sha256
from experiments.paper.reference import stale as stale_study
from experiments.runs.files import file_sha256
from experiments.runs.study import load_study
from sim.scenario.scenario import load_scenario

CASE = "connecticut-2011"
VALIDATION = page.KEPT
STAGE = DOCS / "stage.svg"
STAGED = (2011, 2, datetime.date(2011, 7, 13))  # the seed, world and day that it shows
CLOSE = 0.01  # of a pattern's number: a change of the last digits moves no share by more than a few worlds


class Committed(NamedTuple):
    """A committed result."""

    name: str
    stale: Callable[[], str]  # why it is; nothing if it is not
    make: Callable[[], Any]
    takes: str = "seconds"
    each_time: bool = False  # also made when it is not stale


def stale_posterior() -> str:
    """Has the case changed since the posterior of 2011 was fitted to it?"""
    case = load_scenario(CASE)
    return "" if page.manifest_of(case)["fitted_to"] == fitted_to(case) else "the case changed since the fit"


def stale_truths() -> str:
    """Likewise for the simulated truths."""
    found = _read("simulated_truths.json")
    return "" if found["fitted_to"] == fitted_to(load_scenario(CASE)) else "the case changed since"


def stale_indices() -> str:
    """Has a number of the case changed since the Sobol indices?"""
    kept = _read("sensitivity.json")
    case = load_scenario(CASE).with_settings(kept["settings"])  # such as the ranges that the indices are over
    return "" if kept["numbers_sha256"] == numbers_sha256(case) else "a number of the case changed"


def stale_validation() -> str:
    """Has a number of a case changed since, or do the patterns of 2011 come out otherwise in the same worlds?"""
    kept = _read("validation.json")
    for table in kept["scenarios"]:
        if table["numbers_sha256"] != numbers_sha256(load_scenario(table["scenario"])):
            return f"a number of {table['scenario']} changed"
    now = check(load_scenario(CASE), worlds=kept["worlds"], seed=kept["seed"])
    before = {row["name"]: row for row in kept["scenarios"][0]["patterns"]}
    if [row["name"] for row in now] != list(before):
        return "the patterns changed"
    moved = [row["name"] for row in now if not _close(row, before[row["name"]])]
    return f"the model changed: {moved[0]}" if moved else ""


def stale_votes() -> str:
    """Has the table of votes changed, or is a vote of it forecast otherwise?"""
    kept = _read("votes.json")
    if kept["votes_sha256"] != file_sha256(VOTES):
        return "the table of votes changed"
    for before, now in samples(kept):
        name = "terms" if "terms" in before else "model"
        if any(abs(now[name][key] - share) > CLOSE for key, share in before[name].items()):
            return f"{before['id']} is forecast otherwise"
    return ""


def stale_findings() -> str:
    """Has a study, a number of the case or the model changed since the studies were compared under three draws?"""
    why = three_draws.stale(_read(three_draws.KEPT.name))
    moved = (f"{study.name} is stale" for study, _ in three_draws.studies() if _stale_study(study.name))
    return why or next(moved, "")


def stale_figures() -> str:
    """Do the figures of docs/validation.md show other numbers than are kept?"""
    return page_figures.stale(_figures(), VALIDATION / page_figures.FOLDER)


def stale_stage() -> str:
    """Does the stage look otherwise on the day that is shown, or is the day another?"""
    return "" if STAGE.is_file() and STAGE.read_text(encoding="utf-8") == _stage() else "the stage changed"


def _stage() -> str:
    seed, world, date = STAGED
    run = record(load_scenario(CASE), seed, world)
    return draw_stage(next(seen for seen in reversed(run.snapshots) if seen.date == date)) + "\n"


def _draw_stage() -> None:
    STAGE.write_text(_stage(), encoding="utf-8")


def _figures() -> list[page_figures.Shown]:
    return page_figures.figures(page.manifest_of(load_scenario(CASE)), _read(page.VOTES))


def _close(now: dict[str, Any], before: dict[str, Any]) -> bool:
    scores = now["score"], before["score"]
    if now["passes"] != before["passes"] or (None in scores) != (scores == (None, None)):
        return False
    if None not in scores and abs(scores[0] - scores[1]) > 2 * CLOSE:
        return False
    if isinstance(now["found"], str):
        return True
    return abs(now["found"] - before["found"]) <= CLOSE * abs(before["found"])


def _read(name: str) -> dict[str, Any]:
    return page.read(VALIDATION / name)


def _planb(*words: str) -> None:
    planb.main(list(words), standalone_mode=False)


def _keep_votes() -> None:
    page.keep(votes_on_record(), VALIDATION / page.VOTES)


def _draw_figures() -> None:
    page_figures.write(_figures(), VALIDATION / page_figures.FOLDER)


@cache
def _stale_study(name: str) -> str:
    """Of this process's first look: studies are made after what compares them."""
    return stale_study(kept_at(name), load_study(name).prepare())


COMMITTED = (
    Committed(
        "the posterior of 2011", stale_posterior, partial(_planb, "calibrate", CASE, "--leave-out"), takes="minutes"
    ),
    Committed("results/validation/simulated_truths", stale_truths, simulated.main, takes="half an hour"),
    Committed("results/validation/votes.json", stale_votes, _keep_votes, takes="half a minute"),
    Committed(
        "results/validation/sensitivity",
        stale_indices,
        partial(_planb, "sensitivity", CASE, "--worlds", "300000", "--out", str(VALIDATION)),
        takes="minutes",
    ),
    Committed(
        "results/validation/validation.json",
        stale_validation,
        partial(_planb, "validate", "--out", str(VALIDATION)),
        takes="minutes",
    ),
    Committed("results/validation/findings.json", stale_findings, three_draws.keep, takes="minutes"),
    Committed("results/validation/page", stale_figures, _draw_figures, each_time=True),
    Committed("docs/stage.svg", stale_stage, _draw_stage),
    *(
        Committed(
            str(kept_at(name).relative_to(VALIDATION.parents[1])),
            partial(_stale_study, name),
            partial(make, name),
            each_time=True,
        )
        for name in (*STUDIES, *ASIDE)
    ),
)
