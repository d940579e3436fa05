"""A results folder as one file: what was asked, what may be claimed, charts, tables, settings, sources; asks nobody.

All of it is read from files that the folder's hashes cover, unless it says otherwise.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from experiments.charts.chart import Chart, Drawn, Options
from experiments.charts.form import as_svg
from experiments.charts.kinds import CHARTS, drawable, drawn_kind
from experiments.charts.paired import LOOKS
from experiments.charts.results import Results
from experiments.charts.tables import P_VALUES, cell_text
from experiments.charts.words import count_words, label_of, rate_label, unit_of, value_words
from experiments.page.one_file import fill, settings_table, table
from experiments.runs.checking import require_finished
from sim.errors import WrongInput

if TYPE_CHECKING:
    import pandas as pd

TEMPLATE = Path(__file__).parent / "templates" / "folder_report.html"
MOST_MEASURES = 10  # compared
FEW = 4  # varied parameters that a line has room for
MOST = 100  # rows of a table; the folder and `planb chart` have them all
BESIDE = {"grid", "one_at_a_time", "list", "table"}  # designs whose first point is one to compare the others with
ENLARGE = "<label class='enlarge'><input type='checkbox'/> Enlarge</label>"  # on a phone
VALUES = ("rate", "share", "mean", "difference", "without_deal")  # of a chart, told to who cannot see it


class Report(NamedTuple):
    """The file's text, the charts in it, and why others that the folder has numbers for are not."""

    html: str
    charts: list[str]
    failed: dict[str, str]


class Figure(NamedTuple):
    """A chart, what it shows, and its finished figure."""

    chart: Chart
    measure: str
    drawn: Drawn


def report_on(folder: Path) -> Report:
    """The report of a finished folder. Raises `WrongInput` where it is not what it was."""
    manifest = require_finished(folder)
    results = Results(folder)
    figures, failed = _figures(results)
    claims = [figure for figure in figures if figure.chart.kind == "paired"]
    sections = {
        "Verdicts": "".join(_verdict(results, figure, number) for number, figure in enumerate(claims)) + _said(folder),
        "Charts": _charts([figure for figure in figures if figure not in claims], manifest),
        "Results, a row a point": _summary(results),
        "Settings and sources": _settings(results),
        "How it was drawn": _origin(results),
    }
    shown = {title: html for title, html in sections.items() if html}
    study, points = manifest["study"], manifest["order"]["points"]
    varied = results.parameters
    over = ", ".join(map(label_of, varied)) if len(varied) <= FEW else f"{len(varied)} parameters"
    parts = {
        "title": escape(
            study.get("question") or f"{study['name']} of {study['scenario']}" + f" over {over}" * bool(over)
        ),
        "credit": escape(
            f"Study {study['name']} of {study['scenario']}, seed {manifest['seed']}: {_worlds(results)} at "
            f"{points:,} point{'s' * (points > 1)}; planb {version('planb')}."
        ),
        "contents": "".join(f"<li><a href='#{_name(title)}'>{title}</a></li>" for title in shown),
        "sections": "".join(f"<section id='{_name(t)}'><h2>{t}</h2>{html}</section>" for t, html in shown.items()),
    }
    drawn = [f.chart.kind + f" of {f.measure}" * (f.measure != f.chart.usual) for f in figures]
    return Report(fill(TEMPLATE, parts), drawn, failed)


def _figures(results: Results) -> tuple[list[Figure], dict[str, str]]:
    """Every kind that `planb chart` would draw; differences of each measure that the study names, where it compares."""
    study, kinds = results.manifest["study"], drawable(results, Options())[0]
    asked = [(kind, Options()) for kind in kinds if kind != "paired"]
    if "paired" in kinds and _compares(study["design"]):
        usual = CHARTS["paired"].usual
        named = dict.fromkeys([usual, *study.get("matters", {}), *study.get("measures", [])])
        measures = [name for name in named if name in results.measures][:MOST_MEASURES]
        asked += [("paired", Options(measure=name)) for name in measures]
    figures, failed = [], {}
    for kind, options in asked:
        try:
            figures.append(Figure(CHARTS[kind], CHARTS[kind].measure(options), drawn_kind(results, kind, options)))
        except WrongInput as error:
            failed[kind] = str(error)
        except Exception as error:  # as in `planb chart`: one that fails keeps no other from being drawn
            failed[kind] = f"{type(error).__name__}: {' '.join(str(error).split())}"
    return figures, failed


def _compares(design: Any) -> bool:
    """Is the first point of the design one that the others are held against?"""
    return {one["kind"] for one in (design if isinstance(design, list) else [design])} <= BESIDE


# --- what may be claimed ----------------------------------------------------------------------------------------------


def _verdict(results: Results, figure: Figure, number: int) -> str:
    """How many points move a measure; unfolded, the chart and the claim for every point."""
    rows = figure.drawn.data
    share = bool(rows["is_share"].iloc[0])
    what = rate_label(figure.measure) if share else f"mean {label_of(figure.measure)}"
    base = results.table("summary", []).iloc[0]
    at = ", ".join(f"{label_of(name)} {value_words(base[name])}" for name in results.parameters[:FEW])
    at += ", …" * (len(results.parameters) > FEW)
    counts = ", ".join(f"{verdict} {(rows['verdict'] == verdict).sum():,}" for verdict in LOOKS)
    scale, unit = (100, "points") if share else (1, unit_of(figure.measure))
    opened = " open=''" * (number == 0)
    ends = (scale * rows[["low", "high"]]).map(_cell)
    claims = rows[["change", "verdict"]].assign(**{f"difference, {unit}": scale * rows["difference"]})
    claims["95 % interval"] = ends["low"] + " to " + ends["high"]
    claims[["p", "n, pairs of worlds", "before", "after"]] = rows[["p_value", "n", "before", "after"]]
    return (
        f"<h3>{escape(what)}</h3><p>Against the first point ({escape(at)}): {counts}.</p>"
        f"<details{opened}><summary>Each point</summary><div class='charts'>"
        f"{_figure(figure, f'v{number}')}{_frame(claims, f'Verdicts on the {what}')}</div></details>"
    )


def _said(folder: Path) -> str:
    """The sentences that a study wrote of itself, where it did."""
    path = folder / "findings.json"
    if not path.is_file():
        return ""
    try:
        sentences = json.loads(path.read_text(encoding="utf-8"))["sentences"]
    except (ValueError, KeyError, TypeError) as error:
        raise WrongInput(f"{path}: is damaged: {error}") from None
    said = "".join(f"<p>{_prose(sentence)}</p>" for sentence in sentences.values())
    aside = "As planb run wrote them into findings.json, which the hashes of the folder do not cover."
    return f"<h3>In the words of the study</h3>{said}<p class='soft'>{aside}</p>"


# --- charts and tables ------------------------------------------------------------------------------------------------


def _charts(figures: Sequence[Figure], manifest: Mapping[str, Any]) -> str:
    drawn = []
    for number, figure in enumerate(figures):
        source = "runs.parquet" if figure.chart.table == "runs" else f"{figure.chart.table}.csv"
        aside = "" if source in manifest["files"] else f" From {source}, which the hashes of the folder do not cover."
        numbers = _frame(figure.drawn.data, f"Numbers of {label_of(figure.chart.kind)}")
        folded = f"<details><summary>The numbers in this chart</summary>{numbers}</details>"
        drawn.append(f"<div>{_figure(figure, f'c{number}', aside)}{folded}</div>")
    return f"<div class='charts'>{''.join(drawn)}</div>" if drawn else ""


def _figure(figure: Figure, name: str, aside: str = "") -> str:
    caption, label = figure.drawn.caption, escape(f"{label_of(figure.chart.kind)}, a chart", quote=True)
    picture = as_svg(figure.drawn.figure, name, _alternative(figure.drawn))
    return (
        f"<figure><div class='picture' tabindex='0' role='group' aria-label='{label}'>{picture}</div>"
        f"{ENLARGE}<figcaption>{_prose(caption + aside)}</figcaption></figure>"
    )


def _alternative(drawn: Drawn) -> str:
    """A chart for who cannot see it: what it shows and between what its values lie."""
    words = f"{drawn.caption.partition('. ')[0].rstrip('.')}."
    for name in VALUES:
        if name in drawn.data and len(drawn.data):
            low, high = drawn.data[name].min(), drawn.data[name].max()
            words += f" Its {label_of(name)} lies between {value_words(float(low))} and {value_words(float(high))}."
            break
    return f"{words} The numbers follow as a table."


def _summary(results: Results) -> str:
    """summary.csv in two tables, rates and means, with units and meanings as columns.csv has them."""
    summary, told = results.table("summary", []), results.table("columns", []).fillna("").set_index("name")
    rates = summary[[name for name in summary if not name.startswith("mean_")]]
    titles = {name: f"{name}, {told.unit[name]}" for name in rates}
    html = _frame(rates.rename(columns=titles), "Rates, a row a point")
    meanings = table(("column", "meaning"), [(name, told.meaning[name]) for name in rates])
    html += f"<details><summary>What these columns mean</summary>{_wide(meanings, 'Meanings')}</details>"
    means = summary.set_index("point").head(MOST)[[name for name in summary if name.startswith("mean_")]].T
    if len(means):
        head = ("measure", "unit", *(f"point {point}" for point in means), "meaning")
        rows = [
            (name.removeprefix("mean_"), told.unit[name], *map(_cell, row), told.meaning[name])
            for name, row in zip(means.index, means.to_numpy(), strict=True)
        ]
        html += f"<details><summary>Means of all measures</summary>{_wide(table(head, rows), 'Means')}</details>"
    return html


def _frame(frame: pd.DataFrame, label: str) -> str:
    """A data frame as a table that can be scrolled, its first rows where there are many."""
    shown = [
        [_cell(value, P_VALUES.get(name, "")) for name, value in row.items()]
        for _, row in frame[:MOST].astype(object).iterrows()
    ]
    rest = f"<p class='soft'>The first {MOST} of {len(frame):,} rows.</p>" if len(frame) > MOST else ""
    return _wide(table([str(name) for name in frame], shown), label) + rest


def _cell(value: Any, specification: str = "") -> str:
    """A number with four digits; a count whole."""
    if isinstance(value, float) and value == value and not specification:
        specification = ",.0f" if abs(value) >= 1000 else ".4g"
    return cell_text(value, specification).replace("-", "−") if not isinstance(value, str) else value


def _wide(html: str, label: str) -> str:
    return f"<div class='wide' tabindex='0' role='group' aria-label='{escape(label, quote=True)}'>{html}</div>"


# --- where it comes from ----------------------------------------------------------------------------------------------


def _settings(results: Results) -> str:
    """The study as it was run, and every parameter of its case with its source."""
    study = json.dumps(results.manifest["study"], indent=2, ensure_ascii=False)
    html = _wide(f"<pre>{escape(study)}</pre>", "The study")
    html = f"<details><summary>The study as it was run</summary>{html}</details>"
    try:
        case = results.scenario
    except WrongInput:  # a folder never has a user's own files run
        return html + "<p class='soft'>Run with files of the user's own, so the case is not read again.</p>"
    assert case is not None
    drawn = [entry.key for entry in case.uncertain]
    varied = [case.entry(name).key for name in results.parameters]
    values = dict.fromkeys(drawn, "drawn in every world") | dict.fromkeys(varied, "varied")
    parameters = _wide(settings_table(case, values), "Parameters")
    return f"{html}<details><summary>Every parameter with its source</summary>{parameters}</details>"


def _origin(results: Results) -> str:
    """What is needed to get the same numbers again."""
    kept = results.manifest
    case = kept["scenario"]["sections"]["case"]
    commit = f"{kept['commit']}{' with uncommitted changes' if kept['uncommitted_changes'] else ''}"
    packages = ", ".join(f"{name} {number}" for name, number in kept["packages"].items() if number)
    rows = {
        "case": f"{case['title']} ({kept['study']['scenario']})",
        "draw of what nobody knows": f"{case['uncertainties']} (case.uncertainties)",
        "luck": f"seed {kept['seed']}; all points meet the same worlds",
        "worlds": f"{_worlds(results)}, {kept['rows']:,} rows; {kept['failed_rows']:,} failed",
        "stopped": kept["stopped"],
        "table sha256": kept["table_sha256"],
        "rounded to four digits, sha256": kept["rounded_sha256"],
        "case sha256": kept["scenario_sha256"],
        "code sha256": kept["code_sha256"],
        "commit": commit if kept["commit"] else "not run from a clone",
        "versions": f"Python {kept['python']}, {packages}",
        "finished": kept["finished"],
    }
    checked = "When this file was written, files, table and summary were what the manifest says (planb verify)."
    return f"<p>{checked}</p>" + _wide(table(("what", "as it was"), rows.items()), "How it was drawn")


def _worlds(results: Results) -> str:
    return count_words([results.runs([])["world"].nunique()], "distinct worlds")


def _prose(text: str) -> str:
    """Words as HTML, names of parameters as code."""
    return re.sub("`([^`]*)`", r"<code>\1</code>", escape(text))


def _name(title: str) -> str:
    return re.sub(r"\W+", "-", title.lower())
