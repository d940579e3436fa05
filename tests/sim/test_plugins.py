"""Bodies and tactics from a user's own files: the guide's own examples, run."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from played import played

from experiments.commands.command_line import main, planb
from experiments.runs.runner import run
from experiments.runs.study import Study
from sim import BudgetCrisis, load_scenario, simulate_block
from sim.errors import ModelFault, WrongInput
from sim.plugins import theirs
from sim.record import Threatened

GUIDE = (Path(__file__).parents[2] / "docs" / "plugins.md").read_text(encoding="utf-8")
CASE = "connecticut-2011"
WORLDS = np.arange(200)


@pytest.fixture
def files(tmp_path, monkeypatch) -> Path:
    """The guide's files, written down; relative paths start there."""
    for block in re.findall(r"```python\n(.*?)```", GUIDE, re.S):
        name = re.match(r"# (\w+\.py)\n", block)
        (tmp_path / name[1]).write_text(block, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def tell(*words: str) -> str:
    found = CliRunner().invoke(planb, list(words))
    assert found.exit_code == 0, found.output
    return found.output


def test_every_command_of_the_guide_runs(files):
    for line in re.findall(r"^    planb (.*)$", GUIDE, re.M):
        words = line.replace("--worlds 2000", "--worlds 50").split()
        tell(*words, *(("--worlds", "20", "--out", "swept") if words[0] == "sweep" else ()))


def test_a_governor_who_never_threatens_threatens_nobody(files):
    _, record = played(load_scenario(CASE).with_plugins({"governor": "mild.py:Mild"}), worlds=WORLDS)
    assert not any(said.where.any() for said in record if isinstance(said, Threatened))
    columns = simulate_block(load_scenario(CASE), seed=2011, worlds=WORLDS).columns
    assert columns["threat_cost"].mean() > 0


def test_a_leader_of_ones_own_decides_whether_he_votes_to_change_the_rule():
    from agents.leader import Leader

    class Stubborn(Leader):
        def favours(self, lean):
            return np.zeros(lean.shape, bool)

    usual, stubborn = (
        simulate_block(load_scenario(CASE), seed=2011, worlds=WORLDS, kinds=kinds).columns["rule_changed"]
        for kinds in (None, {"leader": Stubborn})
    )
    assert usual.any() and not stubborn.any()


def test_a_class_in_the_place_of_another_kind_is_refused_in_one_line(files):
    refused = r"unit: Mild has no say_yes.*begins from it"
    found = CliRunner().invoke(planb, ["play", CASE, "--agent", "unit=mild.py:Mild"])
    assert isinstance(found.exception, WrongInput) and re.match(refused, str(found.exception))
    Mild = load_scenario(CASE).with_plugins({"governor": "mild.py:Mild"}).plugins["governor"].kind
    with pytest.raises(WrongInput, match=refused):
        BudgetCrisis(agents={"unit": Mild})
    with pytest.raises(WrongInput, match=r"goverment: is none of our roles.*did you mean 'governor'"):
        BudgetCrisis(agents={"goverment": Mild})


def test_the_same_class_may_be_handed_to_the_mesa_model(files):
    from agents.governor import Governor

    class Mild(Governor):
        def threatens(self, threat, where, gain):
            return np.zeros_like(where)

    model = BudgetCrisis(agents={"governor": Mild}, worlds=3, collect=False)
    while model.running:
        model.step()
    assert not model.results().columns["threat_cost"].any()
    assert next(type(agent).__name__ for agent in model.agents) == "Mild"
    model.release()


def test_a_court_strikes_power_only_where_it_was_granted_and_oftener_the_stricter_it_is(files):
    case = load_scenario(CASE).with_plugins({"court": "court.py:Court"})
    power = [
        simulate_block(case, seed=2011, worlds=WORLDS, point={"court.strictness": strict}).columns["authority_share"]
        for strict in (0.0, 0.5, 1.0)
    ]
    without = simulate_block(load_scenario(CASE), seed=2011, worlds=WORLDS).columns["authority_share"]
    assert np.array_equal(power[0], without)
    assert (power[2] <= power[1]).all() and (power[1] <= power[0]).all()
    assert power[2].max() <= load_scenario(CASE).values(1, WORLDS[:1]).money.standing_authority + 1e-12


def test_it_stands_in_story_record_and_parameters(files):
    court = ("--agent", "court=court.py:Court", "--set", "court.strictness=1")
    told = json.loads(tell("play", CASE, "--world", "3", "--json", *court))
    assert any(event["actor"] == "court" and event["phase"] == "court" for event in told["events"])
    tell("ensemble", CASE, "--worlds", "40", "--record", "20", "--json", *court)
    import pandas as pd

    assert (pd.read_parquet("events.parquet")["happening"] == "Ruling").any()
    shown = json.loads(tell("show", CASE, "--json", *court))
    (row,) = (row for row in shown["parameters"] if row["name"] == "court.strictness")
    assert (row["role"], row["low"], row["high"], row["unit"]) == ("uncertainty", 0.2, 0.8, "probability")


def test_a_body_of_a_user_s_own_is_swept_like_the_case_itself(files):
    tell("sweep", CASE, "--vary", "members.trust=1:2:1", "--worlds", "30", "--workers", "2", "--out", "swept",
         "--agent", "governor=mild.py:Mild")  # fmt: skip
    import pandas as pd

    rows = pd.read_parquet("swept/runs.parquet")
    case = load_scenario(CASE).with_plugins({"governor": "mild.py:Mild"}).with_settings({"members.trust": 1})
    alone = simulate_block(case, seed=2011, worlds=np.arange(30)).columns
    swept = rows[rows["point"] == 0].sort_values("world")
    assert not swept["threat_cost"].any() and np.array_equal(swept["savings"], alone["savings"].astype(np.float32))


@pytest.mark.parametrize(
    ("now", "wrong", "said"),
    [
        ("return [Ruling(", "return 5 or [Ruling(", "Court.act: must say what happened, a list of Happening, got 5"),
        (
            "share, aid_scope=scope",
            "share + 2 * strikes, aid_scope=scope",
            "the power granted: must be finite from 0 to 1",
        ),
        (
            "share, aid_scope=scope",
            "share / ~strikes, aid_scope=scope",
            "the power granted: must be finite from 0 to 1",
        ),
        (
            "        return [",
            "        state.gap = state.gap + np.where(strikes, np.nan, 0)\n        return [",
            "got nan in ",
        ),
        (
            "        return [",
            "        state.approved = 1.0 * strikes\n        return [",
            "Court.act: must be true or false",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_what_a_body_of_one_s_own_says_and_moves_is_held_to_what_it_may_be(files, now, wrong, said):
    court = (files / "court.py").read_text(encoding="utf-8")
    assert now in court
    (files / "court.py").write_text(court.replace(now, wrong, 1), encoding="utf-8")
    case = load_scenario(CASE).with_plugins({"court": "court.py:Court"})
    with pytest.raises(ModelFault, match=re.escape(said)):
        simulate_block(case, seed=2011, worlds=WORLDS, point={"court.strictness": 1.0})


def test_a_tactic_s_numbers_are_drawn_and_set_like_any_other(files):
    case = load_scenario(CASE).with_settings({"coalition.tactic": "logrolling.py:Logrolling"})
    drawn = case.numbers(2011, WORLDS)["coalition.kept"]
    assert 0.3 <= drawn.min() < drawn.max() <= 0.9
    assert (case.with_settings({"coalition.kept": "0.5"}).numbers(2011, WORLDS)["coalition.kept"] == 0.5).all()
    assert case.fingerprint() != load_scenario(CASE).fingerprint()


@pytest.mark.parametrize(
    ("role", "text", "said"),
    [
        ("court", "court.py:Cort", "did you mean 'Court'"),
        ("govenor", "mild.py:Mild", "did you mean 'governor'"),
        ("governor", "nowhere.py:Mild", "no file"),
        ("governor", "court.py:Ruling", "is no agents.body.Body"),
        ("governor", "mild", "must be FILE.py:CLASS"),
        ("mayor.tactic", "logrolling.py:Logrolling", "only governor and coalition have a tactic"),
    ],
)
def test_wrong_words_are_answered_with_the_nearest_right_one(files, role, text, said):
    with pytest.raises(WrongInput, match=re.escape(said)):
        load_scenario(CASE).with_plugins({role: text})


@pytest.mark.parametrize(
    ("role", "file", "now", "wrong", "meant"),
    [
        ("governor", "mild.py:Mild", "def threatens(", "def threatns(", "threatens"),
        ("coalition.tactic", "logrolling.py:Logrolling", "def aspiration(", "def aspirtion(", "aspiration"),
    ],
)
def test_a_misspelt_decision_which_nobody_would_ask_is_refused(files, role, file, now, wrong, meant):
    path = files / file.partition(":")[0]
    path.write_text(path.read_text(encoding="utf-8").replace(now, wrong), encoding="utf-8")
    with pytest.raises(WrongInput, match=f"nobody asks that; did you mean '{meant}'"):
        load_scenario(CASE).with_plugins({role: file})


def test_a_decision_may_be_the_same_in_all_worlds(files):
    mild = files / "mild.py"
    text = mild.read_text(encoding="utf-8")
    in_each = simulate_block(load_scenario(CASE).with_plugins({"governor": "mild.py:Mild"}), seed=2011, worlds=WORLDS)
    assert "np.zeros_like(where)" in text
    mild.write_text(text.replace("np.zeros_like(where)", "False"), encoding="utf-8")
    in_all = simulate_block(load_scenario(CASE).with_plugins({"governor": "mild.py:Mild"}), seed=2011, worlds=WORLDS)
    assert all(np.array_equal(in_all.columns[name], column, equal_nan=True) for name, column in in_each.columns.items())


def test_a_scenario_s_file_has_no_code_run(files, tmp_path):
    folder = tmp_path / "case"
    import shutil

    shutil.copytree(load_scenario(CASE).folder, folder)
    file = folder / "scenario.toml"
    text = file.read_text(encoding="utf-8")
    named = text.replace('tactic = { lever = "time_dependent"', 'tactic = { lever = "logrolling.py:Logrolling"', 1)
    file.write_text(named, encoding="utf-8")
    with pytest.raises(WrongInput, match="tactic"):
        load_scenario(folder)


MILD, COURT = "        return np.zeros_like(where)", "        granted = state.granted\n"
TACTIC = "        more = ("


@pytest.mark.parametrize(
    ("words", "now", "wrong", "said"),
    [
        (("--agent", "governor=mild.py:Mild"), MILD, "        return where + self.temper", "Mild.threatens: Attrib"),
        (("--agent", "court=court.py:Court"), COURT, "        granted = 1 / 0\n", "Court.act: ZeroDivisionError: "),
        (("--agent", "court=court.py:Court"), COURT, "        open('no/such')\n", "Court.act: FileNotFoundError: "),
        (
            ("--set", "coalition.tactic=logrolling.py:Logrolling"),
            TACTIC,
            "        more = [][moment.round] and (",
            "Logrolling.aspiration: IndexError: list index out of range ",
        ),
    ],
)
def test_what_a_file_of_ones_own_raises_is_told_in_one_line_that_says_where(
    files, monkeypatch, capsys, words, now, wrong, said
):
    file = files / words[1].partition("=")[2].partition(":")[0]
    text = file.read_text(encoding="utf-8")
    line = text[: text.index(now)].count("\n") + 1
    file.write_text(text.replace(now, wrong, 1), encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["planb", "ensemble", CASE, "--worlds", "40", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr().err
    assert ended.value.code == 1 and told.count("\n") == 1 and "Traceback" not in told
    assert told.startswith(f"planb: {said}") and f"({file.name}, line {line})" in told and "PLANB_TRACEBACK=1" in told
    monkeypatch.setenv("PLANB_TRACEBACK", "1")
    with pytest.raises((AttributeError, ZeroDivisionError, FileNotFoundError, IndexError)):
        main()


def test_a_study_s_failures_say_where_in_a_file_of_ones_own(files):
    text = (files / "court.py").read_text(encoding="utf-8").replace(COURT, f"{COURT}        helps()\n")
    (files / "court.py").write_text(text + "\n\ndef helps():\n    return {}['it']\n", encoding="utf-8")
    run(Study(name="s", scenario=CASE, worlds=4, set={"court": "court.py:Court"}), files / "r", workers=1)
    (failure,) = map(json.loads, (files / "r" / "failures.jsonl").read_text(encoding="utf-8").splitlines())
    assert re.fullmatch(r"Court.act: KeyError: 'it' \(court.py, line \d+, in helps\)", failure["error"])


def test_a_file_that_cannot_be_run_is_told_with_its_line(files):
    (files / "mild.py").write_text("import numpy as np\n\nnp.zeros(-1)\n", encoding="utf-8")
    with pytest.raises(WrongInput, match=r"mild.py: cannot be run: ValueError: .* \(mild.py, line 3\)"):
        load_scenario(CASE).with_plugins({"governor": "mild.py:Mild"})


def test_what_is_wrong_elsewhere_is_not_put_down_to_a_file_of_ones_own():
    with pytest.raises(ZeroDivisionError) as raised:
        _ = 1 / 0
    assert theirs(raised.value) == ""
