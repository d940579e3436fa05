"""The commands that run studies, on the real case: what they write, what they say, and how they exit."""

from __future__ import annotations

import json
import shutil
import sys

import numpy as np
import pandas as pd
import pytest
from command import call

from experiments.commands.command_line import main
from experiments.runs.files import CannotGoOn
from experiments.runs.replay import find_run
from sim import load_scenario
from sim.errors import WrongInput
from sim.worlds.blocks import simulate_block

CASE = "connecticut-2011"
STUDY = """
name = "small"
scenario = "connecticut-2011"
worlds = 30
[design]
kind = "grid"
[design.vary]
"rule.unions_needed" = [8, 15]
"governor.request_aid" = [true, false]
"""


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "sweep"
    vary = ("--vary", "rule.unions_needed=8:15:7", "--vary", "rule.share_needed=0.5,4/5")
    more = ("--worlds", 40, "--seed", 3, "--set", "members.trust=1.0", "--json")
    code, said = call("sweep", CASE, *vary, *more, "--out", out)
    assert code == 0, said
    return out, json.loads(said)


def test_a_sweep_writes_a_results_folder(swept):
    out, said = swept
    assert {path.name for path in out.iterdir()} >= {"manifest.json", "runs.parquet", "summary.csv", "failures.jsonl"}
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["table_sha256"] == said["table_sha256"]
    assert (manifest["rows"], manifest["seed"], said["state"]) == (160, 3, "complete")
    assert manifest["scenario"]["settings"] == {"members.trust": 1.0}
    table = pd.read_parquet(out / "runs.parquet")
    assert table[["rule.unions_needed", "rule.share_needed"]].drop_duplicates().to_numpy().tolist() == [
        [8, 0.5],
        [8, 0.8],
        [15, 0.5],
        [15, 0.8],
    ]


def test_rows_of_several_points_in_the_same_worlds_are_no_sample_of_so_many_worlds(swept, tmp_path):
    several = json.loads(call("status", swept[0], "--json")[1])
    assert several["deal_rate"] > 0 and several["deal_rate_low"] is several["deal_rate_high"] is None
    out = tmp_path / "one"
    assert call("sweep", "single-union", "--vary", "money.gap=6", "--worlds", 50, "--no-chart", "--out", out)[0] == 0
    one = json.loads(call("status", out, "--json")[1])
    assert one["deal_rate_low"] < one["deal_rate"] < one["deal_rate_high"]


def test_a_sweep_that_is_resumed_draws_its_chart_too(swept, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(swept[0], copy)
    shutil.rmtree(copy / "figures")
    (copy / "runs.parquet").unlink()
    assert call("resume", copy)[0] == 0 and (copy / "figures" / "deal_map.png").is_file()


def test_every_column_of_a_folder_is_explained_in_it(swept):
    told = pd.read_csv(swept[0] / "columns.csv", keep_default_na=False)
    of_runs, of_summary = told[told["kind"] != "summary"], told[told["kind"].isin(["parameter", "summary"])]
    assert of_runs["name"].tolist() == list(pd.read_parquet(swept[0] / "runs.parquet").columns)
    assert ["point", *of_summary["name"]] == list(pd.read_csv(swept[0] / "summary.csv").columns)
    assert (told[["unit", "meaning"]] != "").all(axis=None)
    about = told.set_index("name")
    assert about.loc["rule.share_needed", ["unit", "kind"]].tolist() == ["share", "parameter"]
    assert about.loc["deal_savings", ["unit", "kind"]].tolist() == ["M$/yr", "measure"]
    assert "no tentative deal" in about.loc["deal_savings", "blank"]
    blank = pd.read_parquet(swept[0] / "runs.parquet").isna().any()
    assert set(blank[blank].index) <= set(told.loc[told["blank"] != "", "name"])


def test_a_stricter_rule_never_gains_a_paired_first_vote(swept):
    table = pd.read_parquet(swept[0] / "runs.parquet")
    for _, world in table.groupby("world"):
        ratified = world.set_index(["rule.unions_needed", "rule.share_needed"])["ratified_1"]
        assert ratified[8, 0.5] >= ratified[15, 0.5] >= ratified[15, 0.8]


def test_a_run_found_again_is_the_same_run(swept):
    found = find_run(swept[0], "2:17")
    again = simulate_block(found.scenario, seed=found.seed, worlds=np.array([found.world]), point=found.point).columns
    row = pd.read_parquet(swept[0] / "runs.parquet").query("point == 2 and world == 17").iloc[0]
    assert again["deal"][0] == row["deal"]
    assert np.isclose(again["savings"][0], row["savings"], rtol=1e-6)
    for wrong in ("9:0", "x", "1:-1"):
        with pytest.raises(WrongInput):
            find_run(swept[0], wrong)


def test_a_study_file_runs_plans_reports_and_resumes(tmp_path):
    path, out = tmp_path / "small.toml", tmp_path / "out"
    path.write_text(STUDY)
    code, said = call("plan", path, "--json")
    assert (code, json.loads(said)["runs"], json.loads(said)["blocks_differ_by"]) == (0, 120, ["governor.request_aid"])
    code, said = call("run", path, "--out", out, "--workers", 1, "--record", 3)
    assert code == 0
    assert "complete, 120 worlds" in said
    assert "happenings in the first 3 worlds of every point" in said
    assert pd.read_parquet(out / "events.parquet")[["point", "world"]].drop_duplicates().shape[0] == 4 * 3
    code, said = call("status", out, "--json")
    assert (code, json.loads(said)["worlds_done"]) == (0, 120)
    code, said = call("resume", out, "--json")
    assert (code, json.loads(said)["ran_now"]) == (0, 0)
    assert call("run", path, "--out", out)[0] == 2  # taken


def test_a_folder_is_verified_and_compared_from_the_shell(swept, tmp_path):
    out, _ = swept
    code, said = call("verify", out, "--json")
    found = json.loads(said)
    assert (code, found["sound"], [check["check"] for check in found["checks"]]) == (
        0,
        True,
        ["files", "table", "summary", "replay"],
    )
    code, said = call("compare", out, out, "--json")
    assert (code, json.loads(said)["rows_in_both"], json.loads(said)["same"]) == (0, 160, True)
    copy = tmp_path / "copy"
    shutil.copytree(out, copy)
    (copy / "summary.csv").write_text("point,n\n")
    assert call("verify", copy, "--rows", 1)[0] == 1
    code, said = call("status", copy, "--verify", "--json")
    assert (code, json.loads(said)["sound"]) == (1, False)
    assert call("export", copy, "--as", "csv")[0] == 2
    assert call("resume", copy)[0] == 0
    assert call("verify", copy, "--rows", 1)[0] == 0


def test_limits_are_taken_from_the_shell(tmp_path):
    words = ("sweep", "single-union", "--vary", "members.trust=0.5,1", "--worlds", 30, "--no-chart", "--json")
    code, said = call(*words, "--out", tmp_path / "limited", "--time-limit", 60, "--memory-limit", 4)
    assert code == 0
    assert call(*words, "--out", tmp_path / "free")[0] == 0
    tables = [json.loads((tmp_path / name / "manifest.json").read_text()) for name in ("limited", "free")]
    assert tables[0]["engine"] == "1 process"
    assert tables[0]["table_sha256"] == tables[1]["table_sha256"] == json.loads(said)["table_sha256"]


def test_shards_run_and_merge_from_the_shell(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(STUDY)
    hashes = []
    for k in (1, 2):
        words = ("--worlds", 8, "--shard", f"{k}/2", "--workers", 1)
        assert call("run", path, *words, "--out", tmp_path / str(k))[0] == 0
    code, said = call("merge", tmp_path / "1", tmp_path / "2", "--out", tmp_path / "m", "--json")
    hashes.append(json.loads(said)["table_sha256"])
    code, said = call("run", path, "--worlds", 8, "--out", tmp_path / "w", "--block", 5, "--workers", 1, "--json")
    hashes.append(json.loads(said)["table_sha256"])
    assert code == 0
    assert len(set(hashes)) == 1


@pytest.mark.parametrize(
    "words, says",
    [
        (["sweep", CASE, "--vary", "rule.unions_neded=8:15:1"], "did you mean 'rule.unions_needed'"),
        (["sweep", CASE, "--vary", "rule.unions_needed=8:20:1"], "asks for 20 of 15 unions"),
        (["sweep", CASE, "--vary", "rule.unions_needed=8:15"], "START:STOP:STEP"),
        (["sweep", CASE, "--vary", "gap=1,2", "--worlds", "5", "--precision", "0.1"], "give one"),
        (["sweep", "no-such-case", "--vary", "a=1"], "no-such-case"),
        (["run", "no-such-study"], "no such study"),
        (["resume", "no-such-folder"], "no such results folder"),
        (["status", "no-such-folder"], "no such results folder"),
        (["export", "no-such-folder", "--as", "csv"], "no such results folder"),
        (["run", "town-aid", "--shard", "3/2"], "I/N"),
        (["run", "town-aid", "--worlds", "5", "--precision", "0.1"], "give one"),
    ],
)
def test_wrong_input_is_one_line_and_exit_code_2(words, says):
    code, said = call(*words)
    assert code == 2
    assert says in said
    assert "\n" not in said.strip()


def test_an_ensemble_tells_how_the_talks_ended_and_every_world_is_counted_once():
    proud = ("--worlds", "200", "--set", "governor.reputation=2", "--json")
    found = json.loads(call("ensemble", "connecticut-2011", *proud)[1])
    assert sum(share["share"] for share in found["table"].values()) == pytest.approx(1)
    signed, *reasons = found["table"].values()
    assert signed["share"] == pytest.approx(found["measures"]["tentative_deal"]["mean"])
    assert all(one["low"] <= one["share"] <= one["high"] for one in reasons) and max(r["share"] for r in reasons) > 0.1
    nobody_bargained = json.loads(call("ensemble", "single-union", "--worlds", "20", "--json")[1])
    assert nobody_bargained["table"] == {}


def test_what_an_ensemble_says_of_a_vote_or_a_session_is_of_the_worlds_that_hold_it():
    settings = {"case.uncertainties": "range", "members.trust": 1.0}
    words = [f"--set={key}={value}" for key, value in settings.items()]
    said = json.loads(call("ensemble", CASE, "--worlds", "120", "--json", *words)[1])
    rows = simulate_block(load_scenario(CASE).with_settings(settings), seed=2011, worlds=np.arange(120)).columns
    for vote in (1, 2):
        held = np.isfinite(rows[f"yes_share_{vote}"])
        assert 0 < held.mean() < 1
        assert said["votes"][vote - 1]["yes_share"]["mean"] == pytest.approx(rows[f"yes_share_{vote}"][held].mean())
        assert said["votes"][vote - 1]["ratified"]["share"] == pytest.approx(rows[f"ratified_{vote}"].mean())
    met = np.isfinite(rows["aid_spared"])
    assert not met.all() and said["session"]["aid_spared"]["share"] == pytest.approx(rows["aid_spared"][met].mean())


def test_an_ensemble_tells_what_falls_on_unions_and_towns_and_it_adds_up():
    said = json.loads(call("ensemble", "connecticut-2011", "--worlds", "300", "--json")[1])
    assert sum(said["posts_lost"].values()) == pytest.approx(said["measures"]["posts_lost"]["mean"])
    halls = load_scenario("connecticut-2011").town_halls
    lost = sum(said["towns"][town.name]["loss_per_head"] * town.population / 1e6 for town in halls.towns)
    assert lost == pytest.approx(said["measures"]["aid"]["mean"])
    posts = sum(town["layoffs"] for town in said["towns"].values())
    assert posts == pytest.approx(said["measures"]["local_layoffs_posts"]["mean"])


@pytest.mark.parametrize("command", ["status", "verify", "replay"])
def test_what_keeps_a_command_from_going_on_is_told_in_one_line(command, monkeypatch, capsys):
    def unreadable(path, *_, **__):
        raise CannotGoOn(f"{path}: cannot be read: out of memory")

    names = {"status": "status.status", "verify": "checking.verify", "replay": "replay.Runs"}
    monkeypatch.setattr(f"experiments.runs.{names[command]}", unreadable)
    monkeypatch.setattr(sys, "argv", ["planb", command, "there", *["0"] * (command == "replay")])
    with pytest.raises(SystemExit) as ended:
        main()
    assert (ended.value.code, capsys.readouterr().err) == (1, "planb: there: cannot be read: out of memory\n")
