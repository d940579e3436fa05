"""A study: one question, the scenario it is put to, the points and worlds that answer it.

The same words in Python and in TOML; a study is validated whole before anything runs.

    name = "ratification-threshold"
    question = "Does a stricter rule cost deals?"
    scenario = "connecticut-2011"
    worlds = 2000
    [design]
    kind = "grid"
    [design.vary]
    "rule.unions_needed" = "8:15:1"
    "rule.share_needed" = [0.5, 0.6, 0.7, 0.8, 0.9]
"""

from __future__ import annotations

import json
import runpy
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from experiments.runs.designs import Design, Grid, ListOfPoints, Plain, Points, check_points
from experiments.runs.policies import Contour, FixedWorlds, Policy, Precision
from sim.errors import WrongInput, nearest
from sim.in_short import InShort
from sim.scenario.reading import exists, is_folder, read_toml
from sim.scenario.schema import in_one_line

STUDIES = Path(__file__).parents[1] / "studies"
SUFFIXES = (".toml", ".py")
OnFailure = Literal["keep", "end", "now"]


class Study(InShort, Plain):
    """What to run. ``scenario`` is a name that ships, a path, or in Python a scenario already loaded."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    name: str = Field(min_length=1, pattern=r"^[\w.+-]+$")
    question: str = ""
    scenario: Any
    set: dict[str, Any] = Field(default_factory=dict, description="Settings of the scenario held in every point")
    design: Design = Field(default_factory=lambda: ListOfPoints(at=[{}]))
    worlds: int | None = Field(
        default=None, ge=1, le=10**12, description="Worlds a point; 1000 unless precision is asked"
    )
    precision: Precision | None = None
    contour: Contour | None = None
    seed: int = Field(default=2011, ge=0, lt=2**63)
    measures: tuple[str, ...] = Field(default=(), description="Measures kept in runs.parquet; all when empty")
    record: int | None = Field(default=None, ge=1, description="Worlds of every point told in events.parquet")
    charts: tuple[str, ...] = Field(default=(), description="Kinds of chart to draw when it is done")
    matters: dict[str, Annotated[float, Field(gt=0)]] = Field(
        default_factory=dict,
        description="Measure -> smallest effect of interest, in the measure's unit; a share's in 0..1",
    )
    on_failure: OnFailure = Field(
        default="end", description="keep: failures are listed, fine; end: the rest runs, then exit 1; now: stop at once"
    )

    @field_validator("scenario")
    @classmethod
    def _a_name_or_a_case(cls, scenario: Any) -> Any:
        if not isinstance(scenario, str) and not hasattr(scenario, "with_settings"):
            raise ValueError(f"must be the name or path of a scenario, got {scenario!r}")
        return scenario

    @model_validator(mode="after")
    def _one_stopping_rule(self) -> Study:
        given = [name for name in ("worlds", "precision", "contour") if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"says both {' and '.join(given)}; a study has one rule for how many worlds a point gets")
        if self.measures and "deal" not in self.measures:
            raise ValueError("measures must include 'deal', which rates and intervals are computed from")
        return self

    def in_short(self) -> dict[str, str]:
        """The question, the case, the points and the worlds."""
        varied = ", ".join(self.design.names) if self.design.names else "nothing"
        case = self.scenario if isinstance(self.scenario, str) else str(getattr(self.scenario, "name", self.scenario))
        rule = f"{self.policy.most_worlds:,}" + " at most" * bool(self.precision or self.contour)
        kinds = " × ".join(design.kind for design in self.design.factors)
        facts = {"study": self.name, "question": self.question, "case": case, "design": f"{kinds} over {varied}"}
        return facts | {"worlds a point": rule, "seed": str(self.seed)}

    @property
    def policy(self) -> Policy:
        return self.precision or self.contour or FixedWorlds(worlds=self.worlds or 1000)

    def with_rule(self, *, worlds: int | None = None, half_width: float | None = None) -> Study:
        """The same study with another rule for how many worlds a point gets; as it is if neither is given."""
        if worlds is None and half_width is None:
            return self
        rule = {"worlds": worlds, "contour": None, "precision": None}
        if half_width is not None:
            cap = {"cap": self.precision.cap} if self.precision else {}
            rule["precision"] = _checked(Precision, {"half_width": half_width, **cap}, where="--precision")
        return self.model_copy(update=rule)

    def document(self) -> dict[str, Any]:
        """The study as plain data, as it stands in a manifest."""
        document = self.model_dump(mode="json", exclude={"scenario"}, exclude_defaults=True)
        document["design"] = self.design.document() if "design" in document else {"kind": "list"}  # the base case
        if not isinstance(self.scenario, str):
            document["scenario"] = _where(self.scenario)
            document["set"] = {key: str(value) for key, value in self.scenario.settings.items()} | document.get(
                "set", {}
            )
        else:
            document["scenario"] = self.scenario
        return document

    def prepare(self, load: Callable[[str], Any] | None = None) -> Prepared:
        """Load the scenario, make the points and check both.

        Raises: WrongInput naming the key, the value and the nearest valid key.
        """
        scenario = self.scenario
        if isinstance(scenario, str):
            from sim.scenario.scenario import load_scenario

            scenario = (load or load_scenario)(scenario)
        if self.set:
            scenario = scenario.with_settings(self.set)
        if self.charts:
            from experiments.charts.kinds import CHARTS

            for kind in self.charts:
                if kind not in CHARTS:
                    raise WrongInput(f"study {self.name}: charts: unknown kind {kind!r}{nearest(kind, CHARTS)}")
        points = self.design.points(scenario)
        shaping = check_points(points, scenario)
        pinned = {key if key in scenario.plugins else scenario.entry(key).key for key in self.set}
        twice = [name for name in points.names if scenario.entry(name).key in pinned]
        if twice:
            raise WrongInput(f"study {self.name}: {twice[0]!r} is both set and varied")
        return Prepared(study=self, scenario=scenario, points=points, shaping=shaping)


class Prepared(BaseModel):
    """A study with its scenario loaded and its points made; nothing in it is wrong."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    study: Study
    scenario: Any
    points: Points
    shaping: tuple[str, ...]  # varied parameters that all rows of a block must share


def check_measures(prepared: Prepared, simulate: Callable[..., Any]) -> None:
    """Run a single world to see which measures there are, and refuse what a study says of any other.

    Raises: WrongInput naming the measure and the nearest there is.
    """
    study = prepared.study
    if not study.measures and not study.matters:
        return
    known = simulate(prepared.scenario, seed=study.seed, worlds=np.zeros(1, np.int64), point={}).columns
    for place, names in (("measures", study.measures), ("matters", study.matters)):
        for name in names:
            if name not in known:
                raise WrongInput(f"study {study.name}: {place}: unknown measure {name!r}{nearest(name, known)}")
    lost = [name for name in study.matters if study.measures and name not in study.measures]
    if lost:
        raise WrongInput(f"study {study.name}: matters: {lost[0]!r} is not among the measures that are kept")


def load_study(name: str) -> Study:
    """A study from a TOML file, from a script (its ``STUDY``), or by the name of one that ships.

    Raises: WrongInput naming file, key, value and the nearest valid one.
    """
    path = find_study(name)
    if path.suffix == ".py":
        study = runpy.run_path(str(path)).get("STUDY")
        if not isinstance(study, Study):
            raise WrongInput(f"{path}: defines no STUDY = Study(...)")
        return study
    document = read_toml(path, begins='a study begins with name = "..."')
    return study_from(_relative_to(path.parent, document), where=str(path))


def shipped_studies() -> list[str]:
    """Names of the studies that ship."""
    return sorted(path.stem for path in STUDIES.iterdir() if path.suffix in SUFFIXES and path.stem != "__init__")


def find_study(name: str) -> Path:
    """The file of a study, by path or by the name of one that ships."""
    path = Path(name)
    if exists(path):
        return path
    if exists(path / "manifest.json"):
        raise WrongInput(f"{name}: is a folder of results and no study; 'planb status {name}' says how far it has come")
    for suffix in SUFFIXES if not path.suffix else ():
        for spelled in (name, name.replace("-", "_")):  # town-aid is told by town_aid.py
            if exists(STUDIES / f"{spelled}{suffix}"):
                return STUDIES / f"{spelled}{suffix}"
    close = nearest(name, shipped_studies()) or f"; those that ship are {', '.join(shipped_studies())}"
    raise WrongInput(f"no such study: {name!r}{close}")


def study_from(document: Mapping[str, Any], where: str = "study") -> Study:
    """A study from plain data.

    Raises: WrongInput on one line.
    """
    return _checked(Study, document, where)


def study_of(manifest: Mapping[str, Any]) -> Study:
    """The study of a results folder. Its points lie in the folder, so the design need not be made again."""
    document = {key: value for key, value in manifest["study"].items() if key != "design"}
    return study_from(document, where="manifest.json")


def _checked(model: Any, document: Mapping[str, Any], where: str) -> Any:
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise WrongInput(f"{where}: {in_one_line(error, document, model)}") from None


def sweep(
    scenario: Any,
    vary: Mapping[str, Any],
    *,
    worlds: int = 1000,
    seed: int = 2011,
    out: Path | str | None = None,
    workers: int | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Any:
    """Run a grid and return its summary as a data frame, a row a point; ``out`` keeps the whole results folder."""
    import tempfile

    import pandas as pd

    from experiments.runs.runner import run

    study = Study(
        name="sweep",
        scenario=scenario,
        design=Grid(vary=dict(vary)),
        worlds=worlds,
        seed=seed,
        set=dict(settings or {}),
    )
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(out) if out is not None else Path(temporary) / "sweep"
        outcome = run(study, folder, workers=workers)
        if outcome.failed_rows:
            first = json.loads((folder / "failures.jsonl").read_text(encoding="utf-8").splitlines()[0])
            warnings.warn(f"{outcome.failed_rows:,} worlds failed: {first['error']}", stacklevel=2)
        return pd.read_csv(folder / "summary.csv")


def _where(scenario: Any) -> str:
    """What `load_scenario` finds it by: its name if it ships, else its file."""
    from sim.scenario.folder import SHIPPED

    shipped = getattr(scenario, "folder", SHIPPED / "x").parent == SHIPPED
    return str(scenario.name) if shipped else str(scenario.folder / scenario.file)


def _relative_to(folder: Path, document: dict[str, Any]) -> dict[str, Any]:
    """Paths in a study file are relative to the file."""
    scenario = document.get("scenario")
    if isinstance(scenario, str) and (exists(folder / scenario) or is_folder(folder / scenario)):
        document["scenario"] = str(folder / scenario)
    designs = document.get("design")
    for design in designs if isinstance(designs, list) else [designs]:
        if isinstance(design, dict) and isinstance(design.get("file"), str):
            design["file"] = str(folder / design["file"])
    return document
