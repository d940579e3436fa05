"""A wrong input gets one line that names file, key, value and the nearest valid one; exit code 2, no traceback."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from experiments.commands.command_line import main
from sim.scenario.folder import SHIPPED

CASE = SHIPPED / "connecticut-2011"


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A copy of the shipped case that a test may spoil."""
    folder = tmp_path / "spoilt"
    shutil.copytree(CASE, folder, ignore=shutil.ignore_patterns("evidence", "*.geojson"))
    return folder


@pytest.fixture
def planb(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """The command line: exit code and what it says on stderr."""

    def run(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["planb", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code or 0, capsys.readouterr().err

    return run


def spoil(path: Path, before: str, after: str) -> None:
    """Replace one passage, which must be there."""
    text = path.read_text(encoding="utf-8")
    assert before in text, f"the shipped {path.name} no longer says {before!r}"
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


GAP = 'gap = { fact = 1000, source = "2,000 M$ over two years, governor\'s budget of 2011-02-16" }'

# what is spoilt: file, passage, what it becomes; what the line must say
WRONG = {
    "unknown key": ("scenario.toml", "loss_aversion =", "loss_aversoin =", ["members.loss_aversoin", "loss_aversion'"]),
    "unknown section": ("scenario.toml", "[governor]", "[governer]", ["unknown key 'governer'", "'governor'"]),
    "wrong type": ("scenario.toml", "fact = 1000", 'fact = "a billion"', ["money.gap", "'a billion'"]),
    "negative money": ("scenario.toml", "fact = 1000", "fact = -1000", ["money.gap", "-1000", "M$/yr"]),
    "number without a source": ("scenario.toml", GAP, "gap = 1000", ["money.gap", "source"]),
    "empty source": ("scenario.toml", GAP, 'gap = { fact = 1000, source = "" }', ["money.gap", "no source"]),
    "two roles": (
        "scenario.toml",
        "gap = { fact = 1000,",
        "gap = { fact = 1000, lever = 1,",
        ["money.gap", "exactly one"],
    ),
    "key of a parameter": (
        "scenario.toml",
        "gap = { fact = 1000,",
        "gap = { fact = 1000, rnage = [1, 2],",
        ["'rnage'"],
    ),
    "wrong unit": (
        "scenario.toml",
        "gap = { fact = 1000,",
        'gap = { fact = 1000, unit = "k$",',
        ["money.gap", "M$/yr"],
    ),
    "range upside down": ("scenario.toml", "[6000, 9000]", "[9000, 6000]", ["money.cuttable", "low <= high"]),
    "start outside its range": (
        "scenario.toml",
        "start = 7500",
        "start = 75",
        ["money.cuttable", "75", "[6000, 9000]"],
    ),
    "missing key": ("scenario.toml", "[belief]\nprior", "[belief]\n# prior", ["belief.prior is missing"]),
    "missing section": ("scenario.toml", "[belief]", "[names.belief]", ["belief"]),
    "date out of order": ("scenario.toml", "session = 2011-07-01", "session = 2011-06-01", ["session = 2011-06-01"]),
    "no such date": (
        "scenario.toml",
        "session = 2011-07-01",
        'session = "the first"',
        ["calendar.session", "'the first'"],
    ),
    "campaign too long": (
        "scenario.toml",
        "lever = 4, range = [0, 4]",
        "lever = 9, range = [0, 9]",
        ["campaign.weeks"],
    ),
    "threshold above one": ("scenario.toml", '"4/5"', '"6/5"', ["rules.ratification.all_of.1.share", "6/5"]),
    "more unions than there are": (
        "scenario.toml",
        "at_least = 14",
        "at_least = 16",
        ["all_of.0.at_least", "16 of 15"],
    ),
    "misspelt condition": ("scenario.toml", "at_least = 10", "at_laest = 10", ["rules.amendment", "at_least"]),
    "list that is no column": (
        "scenario.toml",
        'list = "june_list_share"',
        'list = "jun_list_share"',
        ["threats.june_list.list", "units.csv", "'june_list_share'"],
    ),
    "short name of nothing": ("scenario.toml", '"money.gap"', '"money.gpa"', ["names.gap", "'money.gap'"]),
    "unknown choice": (
        "scenario.toml",
        'lever = "time_dependent"',
        'lever = "boulwear"',
        ["governor.tactic", "boulware"],
    ),
    "two issues of one name": ("scenario.toml", 'name = "health"', 'name = "pension"', ["issues", "'pension'"]),
    "unknown ballot": (
        "scenario.toml",
        'ballot = "wages"',
        'ballot = "wage"',
        ["issues.wage_freeze.ballot", "'wages'"],
    ),
    "threat outside the calendar": (
        "scenario.toml",
        "date = 2011-05-06",
        "date = 2012-05-06",
        ["threats.may_menu.date"],
    ),
    "consequence before its cause": (
        "scenario.toml",
        "date = 2011-06-28",
        "date = 2011-06-01",
        ["threats.june_list.date"],
    ),
    "no day for the legislature": (
        "scenario.toml",
        "session = 2011",
        "# session = 2011",
        ["calendar.session is missing"],
    ),
    "nothing usual of that name": (
        "scenario.toml",
        'uncertainties = "posterior"',
        'usual = ["member"]',
        ["case.usual", "'member'", "'members'"],
    ),
    "unknown need": (
        "scenario.toml",
        'needs = "chambers"',
        'needs = "chamber"',
        ["instruments.taxes.needs", "'chambers'"],
    ),
    "unknown covariate": (
        "roll_call_coefficients.csv",
        "\nparty",
        "\nparties",
        ["roll_call_coefficients.csv", "'party'"],
    ),
    "uncertain calendar": (
        "scenario.toml",
        "lever = 26, range = [4, 60]",
        "uncertainty = [4, 60], start = 26",
        ["calendar.talks.rounds"],
    ),
    "not TOML": ("scenario.toml", "[money]", "[money", ["scenario.toml", "not TOML"]),
    "missing table": ("scenario.toml", 'table = "units.csv"', 'table = "unit.csv"', ["unit.csv", "'units.csv'"]),
    "misspelt column": (
        "units.csv",
        "members,",
        "membres,",
        ["units.csv", "unknown column 'membres'", "mean 'members'"],
    ),
    "unknown column": ("units.csv", ",note", ",remark_of_mine", ["units.csv", "'remark_of_mine'"]),
    "union without members": ("units.csv", ",4500,4300,", ",0,0,", ["units.csv line 2", "members", "'0'"]),
    "member count in words": ("units.csv", ",4500,4300,", ",many,4300,", ["units.csv line 2", "'many'"]),
    "members outside their range": ("units.csv", ",4500,4300,", ",9500,4300,", ["units.csv line 2", "9500"]),
    "share above one": ("units.csv", "0.081,0.107", "0.081,10.7", ["june_list_share", "10.7"]),
    "doubled unit": ("units.csv", "P-2 social and human services", "NP-3 clerical", ["line 3", "appears twice"]),
    "short row": ("units.csv", "AFSCME Council 4,NP-3 clerical,4500", "AFSCME Council 4,4500", ["line 2", "cells"]),
    "seniority not summing to one": ("seniority.csv", "0.06", "0.16", ["seniority.csv", "sums to 1.1"]),
    "weights not summing to one": ("district_towns.csv", "0.4804", "0.2804", ["district_towns.csv", "sums to 0.8"]),
    "district in no town": ("district_towns.csv", "Bloomfield", "Blomfield", ["'Blomfield'", "'Bloomfield'"]),
    "a governor of no party": ("scenario.toml", '"D"', '"I"', ["legislature.governors_party", "D, R", "'I'"]),
    "per cent for a share of pay": (
        "scenario.toml",
        "uncertainty = [0.025, 0.06], start = 0.04",
        "uncertainty = [2.5, 6], start = 4",
        ["issues.wage_freeze.burden", "from -1 to 1", "share of a year's pay"],
    ),
    "per cent for a share of a loss": (
        "scenario.toml",
        "protects = { fact = 0.25",
        "protects = { fact = 25",
        ["issues.job_security.protects", "from 0 to 1", "25"],
    ),
    "a word for a list": ("scenario.toml", "[case]", '[case]\nusual = "members"', ["case.usual: must be a list"]),
    "a number for a word": ("scenario.toml", 'unit = "years"', "unit = 3", ["must be text in quotation marks, got 3"]),
    "a word for a number": ("scenario.toml", "range = [0, 3]", 'range = ["none", 3]', ["must be a number, got 'none'"]),
    "a key after a closed table": (
        "scenario.toml",
        "talks.from = 2011-03-02",
        "talks = { from = 2011-03-02 }",
        ["not TOML", "write them inside"],
    ),
    "unknown party": ("legislators.csv", "John Fonfara,D", "John Fonfara,X", ["legislators.csv line 2", "'X'"]),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_scenario_never_starts(what: str, case: Path, planb: Callable[..., tuple[int, str]]) -> None:
    file, before, after, says = WRONG[what]
    spoil(case / file, before, after)
    code, line = planb("check", case / "scenario.toml")
    assert code == 2
    assert line.count("\n") == 1 and "Traceback" not in line
    for words in says:
        assert words in line
    assert ".toml" in line or ".csv" in line


def test_what_a_case_does_not_have_is_said_to_be_missing(planb: Callable[..., tuple[int, str]]) -> None:
    """Not that the nearest word of another body was meant."""
    for key, section in {"coalition.tactic": "coalition", "towns.spread": "towns", "news.revenue": "news"}.items():
        code, line = planb("play", "vermont-2009", "--set", f"{key}=1")
        assert code == 2 and line == f"planb: vermont-2009: '{key}': this case has no {section}\n"


def test_a_folder_of_results_in_the_place_of_a_case_or_a_study_is_known(
    tmp_path: Path, planb: Callable[..., tuple[int, str]]
) -> None:
    out = tmp_path / "out"
    words = ("sweep", "single-union", "--vary", "members.trust=1,2", "--worlds", "5", "--no-chart", "--out", out)
    assert planb(*words)[0] == 0
    code, line = planb("play", out)
    assert code == 2 and line.endswith(f"out: holds no scenario.toml; {out / 'scenario' / 'single-union'} does\n")
    code, line = planb("run", out)
    assert code == 2 and f"is a folder of results and no study; 'planb status {out}'" in line


def test_a_last_offer_says_what_it_offers(tmp_path: Path, planb: Callable[..., tuple[int, str]]) -> None:
    folder = tmp_path / "offer"
    shutil.copytree(SHIPPED / "single-union", folder)
    spoil(folder / "scenario.toml", "last_offer = { lever = 2", "last_offer = { lever = 3")
    code, line = planb("check", folder)
    assert code == 2 and "issues.wage_freeze.last_offer" in line
    spoil(folder / "scenario.toml", "last_offer", "# last_offer")
    code, line = planb("check", folder)
    assert code == 2 and "issues.wage_freeze.last_offer is missing" in line


@pytest.mark.parametrize("file", ["scenario.toml", "units.csv", "seniority.csv", "towns.csv"])
def test_an_empty_file_is_named(file: str, case: Path, planb: Callable[..., tuple[int, str]]) -> None:
    (case / file).write_text("")
    code, line = planb("check", case / "scenario.toml")
    assert code == 2
    assert file in line and "empty" in line and line.count("\n") == 1


@pytest.mark.parametrize("file", ["units.csv", "seniority.csv", "towns.csv", "district_towns.csv"])
def test_a_missing_table_is_named(file: str, case: Path, planb: Callable[..., tuple[int, str]]) -> None:
    (case / file).unlink()
    code, line = planb("check", case / "scenario.toml")
    assert code == 2
    assert file in line and "missing" in line and line.count("\n") == 1


SETTINGS = {
    "no.such.key=1": ["no.such.key"],
    "members.loss_aversoin=2": ["'members.loss_aversion'"],
    "members.loss_aversion=0.5": ["members.loss_aversion", "0.5", "at least 1"],
    "members.loss_aversion=much": ["'much'", "ratio"],
    "members=2": ["section"],
    "governor.tactic=boulwar": ["'boulware'"],
    "calendar.talks.deadline=tomorrow": ["'tomorrow'", "2011-"],
    "calendar.talks.deadline=2012-01-01": ["recommendation"],
    "calendar.talks.blackout=perhaps": ["true or false"],
    "rule.unions_needed=2.5": ["whole"],
    "rule.unions_needed=16": ["16 of 15"],
    "rule.share_needed=1.5": ["1.5"],
    "rule.share_needed": ["KEY=VALUE"],
}


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_wrong_setting_is_refused(setting: str, planb: Callable[..., tuple[int, str]]) -> None:
    code, line = planb("show", "connecticut-2011", "--set", setting)
    assert code == 2
    assert line.count("\n") == 1 and "Traceback" not in line
    for words in SETTINGS[setting]:
        assert words in line


@pytest.mark.parametrize("share", ["0", "1e-400", "1e-9"])
def test_a_share_that_nothing_could_fall_short_of_is_refused_before_anything_runs(share, planb, tmp_path) -> None:
    words = ("sweep", "connecticut-2011", "--vary", f"rule.share_needed={share},0.6", "--out", str(tmp_path / "sweep"))
    code, line = planb(*words)
    assert code == 2 and "from 1e-06 to 1" in line and not (tmp_path / "sweep").exists()


def test_an_unknown_scenario_gets_the_nearest(planb: Callable[..., tuple[int, str]]) -> None:
    code, line = planb("show", "conecticut-2011")
    assert code == 2 and "'connecticut-2011'" in line


def test_the_shell_sees_the_same_line(case: Path) -> None:
    spoil(case / "scenario.toml", "fact = 1000", "fact = -1000")
    done = subprocess.run(
        [sys.executable, "-m", "experiments", "check", str(case)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stdout == "" and done.stderr.startswith("planb: scenario.toml: money.gap: must be at least 0")


# --- whole kinds of wrong input: what is done to the folder, and what the line must say ------------------------------


def whole(name: str, text: str | bytes) -> Callable[[Path], None]:
    """Write one file anew."""

    def change(folder: Path) -> None:
        (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)

    return change


def first(name: str, before: str, after: str) -> Callable[[Path], None]:
    return lambda folder: spoil(folder / name, before, after)


def parted_by(mark: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        table = folder / "units.csv"
        table.write_text(table.read_text(encoding="utf-8").replace(",", mark), encoding="utf-8")

    return change


def with_posterior(folder: Path) -> None:
    (folder / "posterior.csv").write_text("members.trust,members.loss_aversion\n1,1e308\n", encoding="utf-8")


TOML = "scenario.toml"
KINDS: dict[str, tuple[Callable[[Path], None], list[str]]] = {
    "usual: no word": (first(TOML, "[case]", "[case]\nusual = [[5]]"), ["case.usual", "[5]"]),
    "nested deep": (whole(TOML, "x = " + 3000 * "[" + 3000 * "]"), [TOML, "nested more than 40 deep"]),
    "nested too deep": (whole(TOML, "x = " + 50 * "[" + 50 * "]"), [TOML, "nested more than 40 deep"]),
    "a number of thousands of digits": (first(TOML, "fact = 1000", "fact = 1" + 5000 * "0"), [TOML, "is not TOML"]),
    "2^63": (first(TOML, "fact = 1000", f"fact = {2**63}"), ["money.gap.fact", "no larger than 1e+12"]),
    "1e308": (
        first(TOML, "uncertainty = [0.025, 0.06]", "uncertainty = [-1e308, 0.08]"),
        ["wage_freeze.burden", "1e+308"],
    ),
    "beyond all that is plausible": (
        first(TOML, "fact = 1000", "fact = 1e9"),
        ["money.gap", "plausible", "1e+07 M$/yr"],
    ),
    "the year 9999": (
        first(TOML, "first_vote = 2011-06-24", "first_vote = 9999-12-31"),
        ["first_vote", "1800 to 2200"],
    ),
    "an escape sequence": (first(TOML, 'title = "', 'title = "\\u001b[2J'), ["case.title", "control character"]),
    "a very long key": (first(TOML, "[case]", "[" + 5000 * "k" + "]\n[case]"), [TOML, "as a key has 5,000 characters"]),
    "a very long name of a table": (first(TOML, '"units.csv"', f'"{3000 * "x"}.csv"'), ["planb: xxxx"]),
    "half a member": (first("units.csv", ",4500,", ",4500.5,"), ["units.csv line 2", "members", "whole number"]),
    "semicolons": (parted_by(";"), ["units.csv", "semicolons"]),
    "tabs": (parted_by("\t"), ["units.csv", "parted by tabs", "commas"]),
    "a comma too many at the end of a header": (
        first("units.csv", "source,note", "source,note,"),
        ["units.csv", "column", "of its header has no name"],
    ),
    "a formula for a name": (first("units.csv", "AFSCME Council 4,NP-3", "AFSCME Council 4,=NP-3"), ["formula"]),
    "not text": (whole("units.csv", b"\xff\xfe\x00"), ["units.csv", "UTF-8"]),
    "a posterior beyond its limits": (
        with_posterior,
        ["posterior.csv line 2", "members.loss_aversion", "'1e308'"],
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_refused_in_one_line(kind: str, case: Path, planb: Callable[..., tuple[int, str]]) -> None:
    change, said = KINDS[kind]
    change(case)
    code, line = planb("check", case)
    assert code == 2, line
    assert line.startswith("planb: ") and line.count("\n") == 1 and line.rstrip("\n").isprintable() and len(line) < 800
    for words in said:
        assert words in line


@pytest.mark.parametrize(
    "what", ["member count in words", "members outside their range", "doubled unit", "short row", "unknown party"]
)
def test_a_line_is_counted_as_an_editor_counts_it(what: str, case: Path, planb: Callable[..., tuple[int, str]]) -> None:
    """Lines that are left blank count too."""
    name, before, after, says = WRONG[what]
    spoil(case / name, before, after)
    header, *rows = (case / name).read_text(encoding="utf-8").split("\n")
    (case / name).write_text("\n".join(["", header, "", "", *rows]), encoding="utf-8")
    line = next(int(word.rpartition(" ")[2]) for word in says if "line" in word)
    code, said = planb("check", case)
    assert code == 2 and f"{name} line {line + 3}: " in said


def test_a_table_that_is_broken_off_in_a_cell_is_named_with_its_line(
    case: Path, planb: Callable[..., tuple[int, str]]
) -> None:
    rows = (case / "seniority.csv").read_text(encoding="utf-8").rstrip("\n").split("\n")
    (case / "seniority.csv").write_text("\n".join([*rows[:-1], "", f'"{rows[-1]}']), encoding="utf-8")
    code, said = planb("check", case)
    assert code == 2 and f"seniority.csv line {len(rows) + 1}: is not a CSV table" in said


def test_a_table_saved_by_excel_is_read(case: Path, planb: Callable[..., tuple[int, str]]) -> None:
    text = (case / "units.csv").read_text(encoding="utf-8")
    (case / "units.csv").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert planb("check", case)[0] == 0


STUDY_LINES = {
    "scenario = 5": ["scenario", "name or path", "5"],
    'scenario = "single-union"\ngrid = 1': ["unknown key 'grid'"],
    'scenario = "single-union"\ndesign = { kind = "sobol", n = 8, seed = -1, parameters = "levers" }': ["seed", "-1"],
    'scenario = "single-union"\nseed = 9223372036854775808': ["seed"],
    'scenario = "single-union"\ndesign = { kind = "grid", vary = { x = "1:2:1E-999999" } }': ["x", "1E-999999"],
}


@pytest.mark.parametrize("lines", STUDY_LINES)
def test_a_wrong_study_is_refused_in_one_line(
    lines: str, tmp_path: Path, planb: Callable[..., tuple[int, str]]
) -> None:
    (tmp_path / "study.toml").write_text(f'name = "x"\n{lines}\n')
    code, line = planb("check", tmp_path / "study.toml")
    assert code == 2 and line.count("\n") == 1
    for words in STUDY_LINES[lines]:
        assert words in line


OPTIONS = {
    ("play", "single-union", "--seed", str(2**63)): "--seed",
    ("play", "single-union", "--world", "1" + 400 * "0"): "--world",
    ("ensemble", "single-union", "--worlds", "2147483648"): "--worlds",
    ("sweep", "single-union", "--vary", "gap=1,2", "--workers", "99999"): "--workers",
    ("sweep", "single-union", "--vary", "members.trust=1:2:1E-999999"): "--vary",
    ("demo", "--out", "/dev/null/x"): "/dev/null",
    ("show", "x" * 5000): "no scenario",
    ("show", "zzz"): "no scenario 'zzz'; 'planb scenarios' lists those that ship",
    ("show", "single-union\x1b[2J"): "\\x1b",
}


@pytest.mark.parametrize("words", OPTIONS, ids=lambda words: " ".join(words)[:60])
def test_a_wrong_option_is_refused(words: tuple[str, ...], planb: Callable[..., tuple[int, str]]) -> None:
    code, said = planb(*words)
    assert code == 2 and OPTIONS[words] in said
    assert "Traceback" not in said and said.replace("\n", "").isprintable() and len(said) < 1200


def test_fifty_one_unions_are_shown_and_explained(tmp_path: Path, planb: Callable[..., tuple[int, str]]) -> None:
    shutil.copytree(SHIPPED / "single-union", tmp_path / "many")
    table = tmp_path / "many" / "units.csv"
    header, row = table.read_text(encoding="utf-8").splitlines()[:2]
    union, unit, rest = row.split(",", 2)
    rows = [f"{union} {number},{unit} {number},{rest}" for number in range(51)]
    table.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    for words in (("check",), ("show",), ("explain", "--world", "1")):
        code, said = planb(words[0], tmp_path / "many", *words[1:])
        assert code == 0, said


def test_a_terminal_without_the_letter_gets_another(case: Path) -> None:
    spoil(case / "scenario.toml", 'title = "', 'title = "Zürich ☃ ')
    done = subprocess.run(
        [sys.executable, "-m", "experiments", "show", str(case)],
        capture_output=True,
        check=False,
        env=os.environ | {"PYTHONIOENCODING": "latin-1"},
    )
    assert done.returncode == 0 and b"Z\xfcrich ? Connecticut" in done.stdout


def test_control_characters_do_not_reach_a_terminal() -> None:
    from experiments.commands.command_line import Readable

    stream = Readable(io.BytesIO(), encoding="utf-8")
    stream.write("a\x1b[31mb\x07\u202ec\n\td")
    stream.flush()
    assert stream.buffer.getvalue() == b"a[31mbc\n\td"
