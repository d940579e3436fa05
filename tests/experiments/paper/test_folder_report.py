"""The report of a results folder: it says what the folder's tables say, names what is not covered, and stands alone."""

from __future__ import annotations

import gzip
import re
import shutil
import xml.etree.ElementTree as ElementTree

import pandas as pd
import pytest
from click.testing import CliRunner

from experiments.charts.paired import paired_rows
from experiments.commands.command_line import planb
from experiments.paper.folder_report import report_on
from experiments.runs.designs import LatinHypercube, OneAtATime
from experiments.runs.manifest import read_manifest
from experiments.runs.runner import run
from experiments.runs.study import Study
from sim.errors import WrongInput

RULE, TRUST = "rule.unions_needed", "members.trust"
STUDY = Study(
    name="rule",
    question="Do <stricter> rules & less trust cost deals?",
    scenario="connecticut-2011",
    worlds=80,
    design=OneAtATime(vary={RULE: [8, 15], TRUST: [0.2]}),
    matters={"deal": 0.2, "deal_savings": 15.0},
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return run(STUDY, tmp_path_factory.mktemp("report") / "rule", workers=1).folder


@pytest.fixture(scope="module")
def html(folder):
    return report_on(folder).html


@pytest.fixture(scope="module")
def sampled(tmp_path_factory):
    """A folder of few charts."""
    design = LatinHypercube(n=6, parameters=["members.trust"])
    study = Study(name="sample", scenario="single-union", worlds=20, design=design)
    return run(study, tmp_path_factory.mktemp("report") / "sample", workers=1).folder


def body(html):
    """The page as XML, which it is once the void elements of its head are cut off."""
    return ElementTree.fromstring(html[html.index("<body>") : html.index("</html>")])


def rows_of(page, label):
    """The cells of the table in the region of this name, the head first."""
    (region,) = [one for one in page.iter("div") if one.get("aria-label") == label]
    return [["".join(cell.itertext()) for cell in row] for row in region.iter("tr")]


def number(cell):
    return float(cell.replace("−", "-").replace(",", ""))


def test_every_point_has_the_verdict_that_pairs_of_worlds_allow(folder, html):
    runs = pd.read_parquet(folder / "runs.parquet")
    for measure, what, scale, unit in (
        ("deal", "deal rate", 100, "points"),
        ("deal_savings", "mean deal savings", 1, "M$/yr"),
    ):
        expected = paired_rows(runs, [RULE, TRUST], success=measure, matters=STUDY.matters[measure])
        head, *rows = rows_of(body(html), f"Verdicts on the {what}")
        assert head[:4] == ["change", "verdict", f"difference, {unit}", "95 % interval"]
        assert [row[:2] for row in rows] == expected[["change", "verdict"]].to_numpy().tolist()
        for row, wanted in zip(rows, expected.itertuples(), strict=True):
            told = [number(row[2]), *map(number, row[3].split(" to "))]
            assert told == pytest.approx([scale * wanted.difference, scale * wanted.low, scale * wanted.high], rel=2e-3)
        counts = ", ".join(f"{verdict} {(expected['verdict'] == verdict).sum()}" for verdict in ("raises", "lowers"))
        assert counts in html
    assert "lowers" in rows_of(body(html), "Verdicts on the deal rate")[3]  # where trust is low there are fewer deals


def test_the_tables_are_those_of_the_folder_with_their_units(folder, html):
    summary, columns = pd.read_csv(folder / "summary.csv"), pd.read_csv(folder / "columns.csv").set_index("name")
    head, *rows = rows_of(body(html), "Rates, a row a point")
    names = [name for name in summary if not name.startswith("mean_")]
    assert head == [f"{name}, {columns.unit[name]}" for name in names] and "low, share of worlds" in head
    for row, (_, wanted) in zip(rows, summary[names].iterrows(), strict=True):
        assert [number(cell) for cell in row] == pytest.approx(wanted.tolist(), rel=1e-3)
    head, *rows = rows_of(body(html), "Means")
    assert head == ["measure", "unit", *(f"point {point}" for point in summary["point"]), "meaning"]
    found = {row[0]: row[1:] for row in rows}
    assert found["savings"][0] == columns.unit["mean_savings"]
    assert [number(cell) for cell in found["savings"][1:-1]] == pytest.approx(
        summary["mean_savings"].tolist(), rel=1e-3
    )


def test_it_says_how_it_was_drawn_and_where_every_setting_is_from(folder, html):
    kept, page = read_manifest(folder), body(html)
    drawn = dict(rows_of(page, "How it was drawn"))
    assert drawn["table sha256"] == kept["table_sha256"] and drawn["commit"].startswith(
        str(kept["commit"] or "not run")
    )
    assert drawn["worlds"] == "n = 80 distinct worlds, 320 rows; 0 failed"
    assert drawn["draw of what nobody knows"] == "posterior (case.uncertainties)"
    assert all(f"{name} {number}" in drawn["versions"] for name, number in kept["packages"].items())
    settings = {row[0]: row[1:] for row in rows_of(page, "Parameters")}
    assert settings["members.trust"][1] == "varied" and settings["members.trust"][3]
    assert settings["members.loss_aversion"][1] == "drawn in every world"


def test_charts_stand_in_it_with_words_and_names_of_their_own(html):
    page = body(html)
    pictures = [one for one in page.iter() if one.tag.endswith("}svg")]
    assert len(pictures) >= 8
    assert all(one.get("role") == "img" and len(one.get("aria-label")) > 60 for one in pictures)
    assert any("Its rate lies between" in one.get("aria-label") for one in pictures)
    names = [one.get("id") for one in page.iter() if one.get("id")]
    assert len(names) == len(set(names))
    used = re.findall(r'(?:href="|url\(|href=\')#([^"\')]+)', html)
    assert used and set(used) <= set(names)


def test_it_asks_nobody_is_small_and_does_nothing_that_a_text_says(html):
    assert len(gzip.compress(html.encode())) < 500_000
    assert re.findall(r"(?:src|href)=[\"'](?!#|data:image/png)", html) == [] and "<script" not in html
    assert "default-src 'none'" in html and "script-src" not in html
    assert "<stricter>" not in html and "Do &lt;stricter&gt; rules &amp; less trust cost deals?" in html


def test_what_the_hashes_do_not_cover_is_said_to_be_so(sampled, html, tmp_path):
    aside = "which the hashes of the folder do not cover"
    assert aside not in html
    later = shutil.copytree(sampled, tmp_path / "later")
    (later / "tables").mkdir()
    rows = [
        {"rule": "as it is", "body": name, "weight_share": 0.5, "banzhaf": 0.5, "can_block_alone": True}
        for name in ("a", "b")
    ]
    pd.DataFrame(rows).to_csv(later / "tables" / "power.csv", index=False)
    (later / "findings.json").write_text('{"sentences": {"finding": "Fewer `unions` <b>."}}', encoding="utf-8")
    told = report_on(later)
    assert f"From power.csv, {aside}" in told.html and "power" in told.charts
    assert "Fewer <code>unions</code> &lt;b&gt;." in told.html and f"findings.json, {aside}" in told.html


def test_points_that_were_sampled_are_not_held_against_the_first(sampled):
    report = report_on(sampled)
    assert "deal_rate" in report.charts and "paired" not in report.charts and "Verdicts" not in report.html


@pytest.mark.parametrize("name", ["runs.parquet", "summary.csv", "columns.csv", "manifest.json"])
def test_a_folder_that_is_not_what_it_was_is_refused_in_one_line(folder, tmp_path, name):
    copy = shutil.copytree(folder, tmp_path / "copy")
    text = (copy / name).read_bytes()
    (copy / name).write_bytes(text.replace(b"rule", b"sule", 1) if b"rule" in text else text[:-9] + b"?" + text[-8:])
    with pytest.raises(WrongInput) as refusal:
        report_on(copy)
    assert "\n" not in str(refusal.value) and name in str(refusal.value)
    assert CliRunner().invoke(planb, ["report", str(copy), "--html"]).exit_code != 0
    assert not (copy / "report.html").exists()


def test_the_command_writes_beside_the_folders_files_or_where_it_is_told(sampled, tmp_path):
    copy, out = shutil.copytree(sampled, tmp_path / "copy"), tmp_path / "told.html"
    for words, file in ((["--html"], copy / "report.html"), (["--html", str(out)], out)):
        done = CliRunner().invoke(planb, ["report", str(copy), *words])
        assert done.exit_code == 0 and str(file) in done.output and "deal_rate" in done.output
        assert file.read_text(encoding="utf-8").startswith("<!doctype html>")
    checked = CliRunner().invoke(planb, ["verify", str(copy), "--rows", "0"])
    assert checked.exit_code == 0  # a report in it does not harm a folder
