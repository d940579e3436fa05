"""Wrong inputs by the thousand: whatever a file or an option says, it is refused in one line or it runs.

Every mutant is a shipped scenario, table, posterior or study with a few things spoilt, from a seed. It is put to
``planb check``; what passes is then shown, played, run and explained, and now and then charted. Everything goes
through the command line's own entry point, in this process. Four things may not happen: a traceback, a hang, an input
that ``check`` calls right and another command then fails on, and a measure that is infinite or, unsaid, blank.

The long form: ``python -m tests.chaos.inputs --files 10000 --options 1000``; after mending, with ``--again`` the faulty
files of the last run once more.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import io
import json
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from pyarrow import parquet

from experiments.commands.command_line import main
from experiments.runs.study import load_study
from sim.scenario.folder import SHIPPED

ROOT = Path(__file__).parents[2]
FILES, OPTIONS = 10_000, 1_000
SECONDS = 30  # of this process; one command on a small mutant takes a fraction of a second, after so long it hangs
MOST_RUNS = 100_000  # of a study; a larger one is right, but too long to run here
CHARTED = 100  # of so many mutants that pass, one is also run as a study and charted

# what a value is replaced by, as TOML would write it
NASTY = (
    *("", "0", "-1", "1", "5", "0.5", "1.5", "-0.0", "100.5", "1e308", "-1e308", "1e-308", "nan", "inf", "-inf"),
    *("9223372036854775807", "9223372036854775808", "-9223372036854775809", "1" + 400 * "0", "1" + 5000 * "0"),
    *("true", "false", '""', '" "', '"x"', '"5"', '"4/5"', '"1/0"', '"1e999999"', '"nan"', "[]", "{}", "[[]]", "[5]"),
    *("9999-12-31", "0001-01-01", "2011-02-30", "2011-06-24T10:00:00Z", "10:00:00", '"9999-12-31"', '"2011-06-24"'),
    *(
        "[1, 2]",
        "[2, 1]",
        '["a", "a"]',
        "{ fact = 1 }",
        '{ lever = 5, source = "x" }',
        '{ at_least = 1, of = "unions" }',
    ),
    *('{ fact = 1e308, source = "x" }', '{ uncertainty = [-1e308, 1e308], source = "x" }', '"\\u001b[31mred"'),
    *('"\\u0000"', '"=1+1"', '"ä ☃ 𝔘"', '"../../etc"', '"."', '"/dev/null"', f'"{"x" * 300}"', f'"{"x" * 70_000}"'),
    *('"a\\nb"', "'" + "''multi\nline''" + "'", 60 * "[" + 60 * "]", 3000 * "[" + 3000 * "]"),
    60 * "{ all_of = [" + '{ at_least = 1, of = "unions" }' + 60 * "] }",
    400 * "{ any_of = [" + '{ at_least = 1, of = "unions" }' + 400 * "] }",
)
CELLS = (
    *("", " ", "0", "-1", "1", "0.5", "1.5", "100.5", "1e308", "-1e308", "1e-308", "nan", "inf", "1e400", "5e9"),
    *("9223372036854775808", "0x10", "1_000", "1,000", "True", "yes", "Hartford", "=1+1", "\x1b[31m", "\x00"),
    *('"', '""', '"a\nb"', "x" * 200_000, "ä☃𝔘", "٣", "1/2", "  7  ", ";", "\t"),
)
OPTION_VALUES = (
    *("", " ", "0", "-1", "1", "2", "7", "0.5", "1e3", "1e999999", "1E-999999", "nan", "inf", "-inf", "true", "x"),
    *("2147483647", "2147483648", "4294967296", "9223372036854775807", "9223372036854775808", "-9223372036854775809"),
    *("18446744073709551616", "1" + 400 * "0", "1" + 5000 * "0", "0x10", "1_0", "٣", "½", "1/0", "4/5", "x" * 300),
    *("x" * 70_000, "../..", ".", "/", "/dev/null", "/dev/null/x", "/proc/planb/x", "a\nb", "\x1b[31m", "=1+1", "ä☃"),
    *("money.gap=", "=5", "money.gap=5", "money.gap=1e308", "money.gap=nan", "money.gap=-1", "gap=1", "case.title=x"),
    *("calendar.first_vote=9999-12-31", "calendar.talks.rounds=1e9", "calendar.talks.rounds=400", "money.gap=1:2:1"),
    *("members.trust=1:2:1E-999999", "members.trust=1:2:0.3", "members.trust=2:1", "members.trust=1:2", "money=1"),
    *("members.trust=1:2:0.5", "members.trust=0,5", "members.trust=True,False", "members.trust=1:2:-1", "x=1,2"),
    *("rules.ratification.share=1e-400", "rules.ratification.share=2", "case.uncertainties=posterior", "1:2:1E-999999"),
    *("governor.tactic=fixed", "governor.tactic=nobody", "governor.stand=1e9", "money.gap=0:1e9:1", "deal,posts_lost"),
    *("aid,,x", "0:0", "0:-1", "1/1", "1/0", "2/1", "0/0", "-1/2", "1/99999999999", "tcp://127.0.0.1:1", "single"),
)


class Hang(BaseException):
    """A command took longer than it may."""


@dataclass
class Counts:
    """What became of the mutants; the examples are what to mend."""

    tried: Counter[str] = field(default_factory=Counter)  # kind of mutant -> how many
    refused: int = 0
    ran: int = 0
    commands: int = 0
    charted: int = 0
    tracebacks: list[str] = field(default_factory=list)
    hangs: list[str] = field(default_factory=list)
    accepted_then_failed: list[str] = field(default_factory=list)
    untidy: list[str] = field(default_factory=list)  # refusals that are not one printable line
    blank: list[str] = field(default_factory=list)  # measures that are infinite, or blank where none may be
    mended: list[str] = field(default_factory=list)  # faults that were found before and are none any more
    seconds: float = 0.0

    @property
    def faults(self) -> list[str]:
        """Everything that may not happen."""
        return [*self.tracebacks, *self.hangs, *self.accepted_then_failed, *self.untidy, *self.blank]


@dataclass(frozen=True)
class Said:
    """How one command ended."""

    code: int
    out: str
    err: str
    raised: str = ""

    @property
    def one_line(self) -> bool:
        """Did it say what is wrong in one printable line (or click's three, which end in one)?"""
        said = self.err.rstrip("\n")
        told = " ".join(said.partition("\nError: ")[1:]).strip() if said.startswith("Usage: ") else said
        told = told.replace("\n\t", " ")  # click lists choices below each other
        return told.startswith(("planb: ", "Error: ")) and told.isprintable() and len(told) <= 1000


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raises `Hang` in what takes longer, in time of the processor or, ten times as long, by the clock."""

    def late(*_: object) -> None:
        raise Hang

    timers = ((signal.SIGPROF, signal.ITIMER_PROF, seconds), (signal.SIGALRM, signal.ITIMER_REAL, 10 * seconds))
    before = [signal.signal(number, late) for number, _, _ in timers]
    for _, timer, limit in timers:
        signal.setitimer(timer, limit)
    try:
        yield
    finally:
        for (number, timer, _), handler in zip(timers, before, strict=True):
            signal.setitimer(timer, 0)
            signal.signal(number, handler)


def planb(*words: str) -> Said:
    """The command line, in this process."""
    out, err = io.StringIO(), io.StringIO()
    before, sys.argv = sys.argv, ["planb", *words]
    code, raised = 0, ""
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), within(SECONDS):
            main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except Hang:
        raised = "hang"
    except BaseException as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        raised = f"{type(error).__name__}: {str(error)[:200]} at {Path(last.filename).name}:{last.lineno}"
    finally:
        sys.argv = before
    return Said(code, out.getvalue(), err.getvalue(), raised)


# --- mutants ------------------------------------------------------------------------------------------------------


def spoil_toml(text: str, dice: random.Random) -> bytes:
    """One to three things wrong with a TOML file."""
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        text = dice.choice(TOML_WAYS)(text, dice)
    return as_bytes(text, dice)


def spoil_csv(text: str, dice: random.Random) -> bytes:
    """One to three things wrong with a table."""
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        text = dice.choice(CSV_WAYS)(text, dice)
    return as_bytes(text, dice)


def as_bytes(text: str, dice: random.Random) -> bytes:
    """Mostly UTF-8 as it should be; now and then with a byte-order mark, in another encoding, cut off or noisy."""
    data = text.encode("utf-8", errors="surrogatepass")
    way = dice.randrange(40)
    if way == 0:
        return b"\xef\xbb\xbf" + data
    if way == 1:
        return text.encode("utf-16", errors="replace")
    if way == 2:
        return data[: dice.randrange(len(data) + 1)]
    if way == 3 and data:
        place = dice.randrange(len(data))
        return data[:place] + bytes([dice.randrange(256)]) + data[place + 1 :]
    if way == 4:
        return data.replace(b"\n", b"\r\n")
    return data


VALUE = re.compile(r'(?<== )("(?:[^"\\\n]|\\.)*"|\[[^\]\n]*\]|\{[^}\n]*\}|[^\s,}\]]+)')
KEY = re.compile(r"[A-Za-z_][\w]*(?= =)")


def _replace(text: str, found: re.Match[str], new: str) -> str:
    return text[: found.start()] + new + text[found.end() :]


def other_value(text: str, dice: random.Random) -> str:
    found = list(VALUE.finditer(text))
    return _replace(text, dice.choice(found), dice.choice(NASTY)) if found else text


def value_of_another(text: str, dice: random.Random) -> str:
    found = list(VALUE.finditer(text))
    return _replace(text, dice.choice(found), dice.choice(found)[0]) if found else text


def other_number(text: str, dice: random.Random) -> str:
    found = list(re.finditer(r"(?<![\w.\"-])-?\d+(\.\d+)?(?![\w.-])", text))
    if not found:
        return text
    chosen = dice.choice(found)
    factor = dice.choice((-1, 0, 0.5, 2, 10, 100, 1e4, 1e9, 1e300))
    return _replace(text, chosen, repr(float(chosen[0]) * factor))


def misspelt_key(text: str, dice: random.Random) -> str:
    found = list(KEY.finditer(text))
    words = (
        "x",
        "grid",
        "list",
        "sobol",
        "table",
        "name",
        "__class__",
        "self",
        "0",
        "from",
        '""',
        '"a.b"',
        "ä",
        "kind",
    )
    return _replace(text, dice.choice(found), dice.choice(words)) if found else text


def new_key(text: str, dice: random.Random) -> str:
    lines = text.split("\n")
    key = dice.choice(("grid", "list", "sobol", "kind", "x", "names", "case", "at_least", '"' + "k" * 5000 + '"'))
    lines.insert(dice.randrange(len(lines) + 1), f"{key} = {dice.choice(NASTY)}")
    return "\n".join(lines)


def without_a_line(text: str, dice: random.Random) -> str:
    lines = text.split("\n")
    del lines[dice.randrange(len(lines))]
    return "\n".join(lines)


def line_twice(text: str, dice: random.Random) -> str:
    lines = text.split("\n")
    place = dice.randrange(len(lines))
    lines.insert(dice.randrange(len(lines) + 1), lines[place])
    return "\n".join(lines)


def other_letter(text: str, dice: random.Random) -> str:
    place = dice.randrange(len(text) + 1)
    letter = dice.choice(("\x00", "\x1b", "\x7f", "\u202e", "\n", '"', "[", "]", "{", "=", "#", "\\", "☃", "\r", "9"))
    return text[:place] + letter + text[place + dice.randrange(2) :]


def other_date(text: str, dice: random.Random) -> str:
    found = list(re.finditer(r"\d{4}-\d{2}-\d{2}", text))
    days = ("9999-12-31", "9999-12-01", "0001-01-01", "2011-06-24", "1900-01-01", "2300-01-01", "2011-13-01")
    return _replace(text, dice.choice(found), dice.choice(days)) if found else text


def without_a_table(text: str, dice: random.Random) -> str:
    parts = re.split(r"(?m)^(?=\[)", text)
    del parts[dice.randrange(len(parts))]
    return "".join(parts)


TOML_WAYS: tuple[Callable[[str, random.Random], str], ...] = (
    *(other_value, other_value, other_value, value_of_another, other_number, other_number, misspelt_key, new_key),
    *(without_a_line, line_twice, other_letter, other_date, without_a_table),
)


def _cells(text: str) -> list[list[str]]:
    return [line.split(",") for line in text.split("\n")]


def _joined(rows: list[list[str]]) -> str:
    return "\n".join(",".join(row) for row in rows)


def other_cell(text: str, dice: random.Random) -> str:
    rows = _cells(text)
    row = dice.choice(rows)
    row[dice.randrange(len(row))] = dice.choice(CELLS)
    return _joined(rows)


def other_column(text: str, dice: random.Random) -> str:
    rows, value = _cells(text), dice.choice(CELLS)
    place = dice.randrange(len(rows[0]))
    for row in rows[1:]:
        if len(row) > place:
            row[place] = value
    return _joined(rows)


def without_a_column(text: str, dice: random.Random) -> str:
    rows = _cells(text)
    place = dice.randrange(len(rows[0]))
    return _joined([row[:place] + row[place + 1 :] for row in rows])


def other_separator(text: str, dice: random.Random) -> str:
    return text.replace(",", dice.choice((";", "\t", "|", ",,")))


def rows_at_random(text: str, dice: random.Random) -> str:
    head, *rows = text.rstrip("\n").split("\n")
    return "\n".join([head, *dice.choices(rows or [""], k=dice.choice((0, 1, 2, 60)))]) + "\n"


def scaled_column(text: str, dice: random.Random) -> str:
    rows = _cells(text)
    place, factor = dice.randrange(len(rows[0])), dice.choice((-1, 0, 0.5, 3, 1e3, 1e9, 1e300))
    for row in rows[1:]:
        with contextlib.suppress(ValueError, IndexError):
            row[place] = repr(float(row[place]) * factor)
    return _joined(rows)


CSV_WAYS: tuple[Callable[[str, random.Random], str], ...] = (
    *(other_cell, other_cell, other_cell, other_column, without_a_column, other_separator, rows_at_random),
    *(scaled_column, scaled_column, without_a_line, line_twice, other_letter),
)

TWO = '{ "members.trust" = [1, 2], "money.gap" = [9, 20] }'
STUDIES = {
    "grid": 'design = { kind = "grid", vary = { "money.gap" = [10, 20], "members.trust" = "1:2:0.5" } }',
    "one_at_a_time": 'design = { kind = "one_at_a_time", vary = { "members.trust" = [1, 2] } }',
    "list": 'design = { kind = "list", at = [{ "money.gap" = 10 }, { "money.gap" = 20 }] }',
    "table": 'design = { kind = "table", file = "points.csv" }',
    "latin_hypercube": 'design = { kind = "latin_hypercube", n = 8, parameters = "uncertainties", seed = 5 }',
    "sobol": 'design = { kind = "sobol", n = 8, ranges = { "members.trust" = [1, 2] }, seed = 5 }',
    "saltelli": f'design = {{ kind = "saltelli", n = 4, ranges = {TWO} }}',
    "morris": f'design = {{ kind = "morris", trajectories = 4, ranges = {TWO} }}',
}
STUDY = """name = "mutant"
question = "Does it?"
scenario = "single-union"
worlds = 20
seed = 7
{design}
[set]
"members.trust_spread" = 0.5
"""
POINTS = "money.gap,members.trust\n10,1\n20,2\n15,1.5\n"


@dataclass(frozen=True)
class Base:
    """Files that are right, one of which is spoilt."""

    kind: str
    files: dict[str, str]
    target: str  # what ``check`` is given; "" is the folder itself
    spoilt: tuple[str, ...]


def bases() -> list[Base]:
    """Scenarios of every make, their tables and posteriors, and a study of every design."""
    found = []
    for name in ("single-union", "connecticut-2009", "new-york-csea-2011", "los-angeles-2011", "connecticut-2011"):
        folder = SHIPPED / name
        files = {
            path.name: path.read_text(encoding="utf-8") for path in folder.iterdir() if path.suffix in (".toml", ".csv")
        }
        found.append(Base("scenario", files, "", ("scenario.toml",)))
        found.append(Base("table", files, "", tuple(f for f in files if f.endswith(".csv") and "posterior" not in f)))
    case = {path.name: path.read_text(encoding="utf-8") for path in (SHIPPED / "single-union").glob("*.*")}
    case["scenario.toml"] = case["scenario.toml"].replace("[case]", '[case]\nuncertainties = "posterior"')
    case["posterior.csv"] = "members.trust,members.sensitivity\n" + "".join(
        f"{1 + k / 9:.3f},{5 + k / 9:.3f}\n" for k in range(9)
    )
    found += 2 * [Base("posterior", case, "", ("posterior.csv",))]
    for design in STUDIES.values():
        files = {"study.toml": STUDY.format(design=design), "points.csv": POINTS}
        spoilt = ("study.toml", "points.csv") if "points.csv" in design else ("study.toml",)
        found.append(Base("study", files, "study.toml", spoilt))
    return found


def spoil(base: Base, dice: random.Random) -> tuple[str, bytes]:
    """One file of these, spoilt."""
    name = dice.choice(base.spoilt)
    way = spoil_toml if name.endswith(".toml") else spoil_csv
    return name, way(base.files[name], dice)


# --- trials -------------------------------------------------------------------------------------------------------


def judge(said: Said, what: str, counts: Counts) -> bool:
    """Note what may not happen; is it fine so far?"""
    counts.commands += 1
    if said.raised == "hang":
        counts.hangs.append(f"{what}: over {SECONDS} s")
    elif said.raised:
        counts.tracebacks.append(f"{what}: {said.raised}")
    elif said.code == 2 and not said.one_line:
        counts.untidy.append(f"{what}: {said.err[:300]!r}")
    else:
        return True
    return False


def try_file(base: Base, folder: Path, dice: random.Random, number: int, counts: Counts) -> None:
    """Spoil one file of the base's folder, see what becomes of it, and put it right again."""
    name, data = spoil(base, dice)
    counts.tried[base.kind] += 1
    (folder / name).write_bytes(data)
    target = str(folder / base.target) if base.target else str(folder)
    what = f"{base.kind} {number} {name}"
    faults = len(counts.faults)
    try:
        checked = planb("check", target)
        if judge(checked, f"{what}: check", counts):
            if checked.code == 2:
                counts.refused += 1
            elif checked.code:
                counts.accepted_then_failed.append(f"{what}: check exits {checked.code}: {checked.err[:300]}")
            else:
                counts.ran += 1
                everything_runs(base, target, folder, what, counts)
    finally:
        if len(counts.faults) > faults and os.environ.get("KEEP"):
            kept = Path(os.environ["KEEP"]) / f"{number}-{name}"
            kept.mkdir(parents=True, exist_ok=True)
            for other in (name,):
                (kept / other).write_bytes(data)
        (folder / name).write_text(base.files[name], encoding="utf-8")


def everything_runs(base: Base, target: str, folder: Path, what: str, counts: Counts) -> None:
    """What ``check`` calls right runs under every command."""
    out = str(folder / "out")
    if base.kind == "study":
        if rows_of(target) > MOST_RUNS:
            return
        if counts.ran % CHARTED == CHARTED // 2:  # its pilot takes seconds
            fine("plan", target, what=what, counts=counts)
        said = fine("run", target, "--out", out, "--workers", "1", "--no-progress", what=what, counts=counts)
        if said is not None:
            counts.blank += [f"{what}: {name}" for name in blank_columns(Path(out))]
    else:
        for words in (("show",), ("show", "--json"), ("play", "--seed", "3"), ("play", "--seed", "4", "--json")):
            fine(words[0], target, *words[1:], what=what, counts=counts)
        shares_sum_to_one(fine("ensemble", target, "--worlds", "200", "--json", what=what, counts=counts), what, counts)
        if len(base.files) < 10 or counts.ran % 10 == 0:  # a case with chambers and towns takes seconds
            fine("explain", target, "--world", "1", what=what, counts=counts)
    if counts.ran % CHARTED == CHARTED // 2:
        counts.charted += 1
        if base.kind != "study":
            grid = ("--vary", "members.trust=1,2", "--worlds", "30", "--workers", "1", "--out", out)
            fine("sweep", target, *grid, what=what, counts=counts)
        for words in (("chart", out), ("status", out), ("export", out, "--as", "csv")):
            fine(*words, what=what, counts=counts)
    shutil.rmtree(out, ignore_errors=True)


def rows_of(study: str) -> int:
    """Runs that a study asks for, at most."""
    prepared = load_study(study).prepare()
    return prepared.points.count * int(prepared.study.policy.most_worlds)


def fine(*words: str, what: str, counts: Counts) -> Said | None:
    """The command, which must run: the words it said, or None where it did not."""
    said = planb(*words)
    how = f"{what}: {words[0]}"
    if not judge(said, how, counts):
        return None
    if said.code or "Warning" in said.err:
        counts.accepted_then_failed.append(f"{how} exits {said.code}: {said.err[-300:]}")
        return None
    return said


def shares_sum_to_one(said: Said | None, what: str, counts: Counts) -> None:
    """Every world has an outcome, and no measure of many worlds is infinite or no number."""
    if said is None:
        return
    odd: list[str] = []
    told = json.loads(said.out, parse_constant=odd.append)
    total = sum(row["share"] for row in told["outcomes"].values())
    if not abs(total - 1) < 1e-9:
        counts.accepted_then_failed.append(f"{what}: shares of outcomes sum to {total}")
    if odd:
        counts.blank.append(f"{what}: ensemble has a measure that is {odd[0]}")


def blank_columns(folder: Path) -> list[str]:
    """Measures of a results folder that are infinite, or blank though ``columns.csv`` says of no case when."""
    with (folder / "columns.csv").open(encoding="utf-8", newline="") as file:
        measures = [row for row in csv.DictReader(file) if row["kind"] == "measure"]
    table, odd = parquet.read_table(folder / "runs.parquet"), []
    for row in measures:
        column = table[row["name"]].to_numpy()
        if column.dtype.kind == "f" and (np.isinf(column).any() or (not row["blank"] and np.isnan(column).any())):
            odd.append(row["name"])
    return odd


def try_files(
    number: int, *, seed: int = 15, seconds: float | None = None, tell: Callable[[Counts], None] = lambda counts: None
) -> Counts:
    """So many spoilt files, or as many as fit into the seconds; ``tell`` hears the counts after every hundred."""
    counts, start = Counts(), time.perf_counter()
    with folders() as made:
        for trial in range(number):
            if seconds is not None and time.perf_counter() - start > seconds:
                break
            try_one(made, trial, seed, counts)
            if trial % 100 == 99:
                counts.seconds = time.perf_counter() - start
                tell(counts)
    counts.seconds = time.perf_counter() - start
    return counts


def try_again(counts: Counts, seed: int) -> None:
    """The files that were at fault once more; what is fine now was mended."""
    anew, found = Counts(), counts.faults
    with folders() as made:
        for trial in sorted({int(fault.split(maxsplit=2)[1]) for fault in found}):
            try_one(made, trial, seed, anew)
    for name in ("tracebacks", "hangs", "accepted_then_failed", "untidy", "blank"):
        setattr(counts, name, getattr(anew, name))
    counts.ran = counts.tried.total() - counts.refused - anew.tried.total() + anew.ran  # some had passed `check` before
    counts.refused += anew.refused
    still = {fault.split(":")[0] for fault in anew.faults}
    counts.mended += [fault for fault in found if fault.split(":")[0] not in still]


@contextlib.contextmanager
def folders() -> Iterator[list[tuple[Base, Path]]]:
    """The files of every base, in folders of their own, below the one where commands run."""
    with tempfile.TemporaryDirectory() as temporary, here(Path(temporary)):
        made = []
        for place, base in enumerate(bases()):
            folder = Path(temporary) / f"{base.kind}-{place}"
            folder.mkdir()
            for name, text in base.files.items():
                (folder / name).write_text(text, encoding="utf-8")
            made.append((base, folder))
        yield made


def try_one(made: list[tuple[Base, Path]], trial: int, seed: int, counts: Counts) -> None:
    """The spoilt file of this number."""
    base, folder = made[trial % len(made)]
    try_file(base, folder, random.Random(f"{seed}.{trial}"), trial, counts)


@contextlib.contextmanager
def here(folder: Path) -> Iterator[None]:
    """Commands that write where they stand, write here."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


# a command that is right and small, and its options, each of which is given every value in turn
CALLS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("show", "single-union"), ("--set",)),
    (("check", "single-union"), ()),
    (("play", "single-union"), ("--seed", "--world", "--set")),
    (("ensemble", "single-union", "--worlds", "20"), ("--worlds", "--seed", "--set")),
    (("explain", "single-union", "--world", "1"), ("--seed", "--world", "--set")),
    (("sweep", "single-union", "--vary", "money.gap=10,20", "--worlds", "5", "--workers", "1", "--no-chart"),
     ("--vary", "--worlds", "--seed", "--set", "--precision", "--block", "--workers", "--out", "--dask")),
    (("run", "study.toml", "--worlds", "5", "--workers", "1"),
     ("--worlds", "--precision", "--shard", "--block", "--workers", "--record", "--out")),
    (("plan", "study.toml"), ("--workers",)),
    (("sensitivity", "single-union", "--method", "morris", "--worlds", "200"),
     ("--worlds", "--measure", "--vary", "--seed", "--set", "--method", "--over", "--out")),
    (("chart", "folder", "outcomes"),
     ("--x", "--y", "--by", "--measure", "--vote", "--base", "--run", "--preset", "--kind")),
    (("export", "folder", "--as", "csv"), ("--as", "--out")),
    (("status", "folder"), ()),
    (("replay", "folder", "0:0"), ()),
)  # fmt: skip
WORDS = (
    "show",
    "check",
    "play",
    "ensemble",
    "explain",
    "sweep",
    "plan",
    "run",
    "sensitivity",
    "chart",
    "status",
    "replay",
    "resume",
    "export",
    "merge",
)


def too_long(command: str, option: str, value: str) -> bool:
    """A study of billions of worlds is right; it takes days, and can be resumed."""
    return (
        command in ("run", "sweep")
        and option == "--worlds"
        and value.isascii()
        and value.isdigit()
        and 9 < len(value) < 14
    )


def option_trials(dice: random.Random) -> Iterator[tuple[str, ...]]:
    """Command lines with one value that may be wrong, in an order of the seed."""
    trials = []
    for words, options in CALLS:
        for option in options:
            trials += [(*words, option, value) for value in OPTION_VALUES if not too_long(words[0], option, value)]
    trials += [(name, value) for name in WORDS for value in OPTION_VALUES]
    dice.shuffle(trials)
    return iter(trials)


def try_options(number: int, *, seed: int = 15, seconds: float | None = None) -> Counts:
    """So many option values, or as many as fit into the seconds."""
    counts, start = Counts(), time.perf_counter()
    with tempfile.TemporaryDirectory() as temporary, here(Path(temporary)):
        Path("study.toml").write_text(STUDY.format(design=STUDIES["grid"]), encoding="utf-8")
        made = planb("run", "study.toml", "--out", "folder", "--workers", "1")
        assert made.code == 0, made
        for words in option_trials(random.Random(seed)):
            if counts.tried["option"] >= number or (seconds is not None and time.perf_counter() - start > seconds):
                break
            counts.tried["option"] += 1
            said = planb(*words)
            what = " ".join(word if len(word) < 60 else f"{word[:20]}...({len(word)})" for word in words)
            if judge(said, repr(what), counts):
                counts.refused += said.code == 2
                counts.ran += said.code == 0
                if said.code not in (0, 2):
                    counts.accepted_then_failed.append(f"{what!r} exits {said.code}: {said.err[-300:]}")
    counts.seconds = time.perf_counter() - start
    return counts


def long_form() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=FILES)
    parser.add_argument("--options", type=int, default=OPTIONS)
    parser.add_argument("--seed", type=int, default=15)
    parser.add_argument("--again", action="store_true", help="the faulty files of --out once more")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "chaos" / "inputs.json")
    given = parser.parse_args()
    given.out.parent.mkdir(parents=True, exist_ok=True)
    found: dict[str, dict[str, Any]] = {}

    def keep(what: str, counts: Counts) -> None:
        found[what] = vars(counts) | {"tried": dict(counts.tried)}
        given.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")

    if given.again:
        found = json.loads(given.out.read_text(encoding="utf-8"))
        files = Counts(**found["files"] | {"tried": Counter(found["files"]["tried"])})
        try_again(files, given.seed)
        keep("files", files)
        print(f"{len(files.mended)} mended, {len(files.faults)} faults: {given.out}")
        sys.exit(1 if files.faults else 0)
    options = try_options(given.options, seed=given.seed)
    keep("option values", options)
    files = try_files(given.files, seed=given.seed, tell=lambda counts: keep("files", counts))
    keep("files", files)
    faults = [*options.faults, *files.faults]
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{files.tried.total()} files, {options.tried.total()} option values, {len(faults)} faults: {given.out}")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    long_form()
