"""One hash, whatever runs it? ``python -m tests.chaos.hashes --python PATH --python PATH ...``.

The same small studies under this Python and others (each with the packages that planb needs), with other blocks and
workers, time zones, hash seeds, threads, and without the processor's wider instructions. What must hold: the table's
hash is the same; without AVX-512 the rounded one; without AVX2, where NumPy's functions give other last digits in most
rows, some of which straddle an edge of any rounding, that of the outcomes and of all other switches.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CASES = {"connecticut-2011": 400, "los-angeles-2011": 400, "single-union": 2000}  # worlds of each
PLAIN = "as it comes"
# by name: what is put into the environment, and how the studies are run
WAYS: dict[str, tuple[dict[str, str], dict[str, int]]] = {
    PLAIN: ({}, {"workers": 1}),
    "2 workers, small blocks": ({}, {"workers": 2, "block": 37}),
    "another zone and locale": ({"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONUTF8": "0"}, {"workers": 1}),
    "hash seed 0": ({"PYTHONHASHSEED": "0"}, {"workers": 1}),
    "hash seed 4294967295": ({"PYTHONHASHSEED": "4294967295"}, {"workers": 1}),
    "1 thread": ({"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}, {"workers": 1}),
    "8 threads": ({"OMP_NUM_THREADS": "8", "OPENBLAS_NUM_THREADS": "8"}, {"workers": 1}),
    "without AVX-512": ({"NPY_DISABLE_CPU_FEATURES": "AVX512 X86_V4"}, {"workers": 1}),
    "without AVX2 too": ({"NPY_DISABLE_CPU_FEATURES": ""}, {"workers": 1}),
}
SAMENESS = ("same", "same when rounded", "outcomes the same", "other")
ALLOWED = {"without AVX-512": SAMENESS[:2], "without AVX2 too": SAMENESS[:3]}  # else only the first


def dispatched(python: str) -> list[str]:
    """The instruction sets among which this Python's NumPy chooses here; releases name them differently."""
    code = (
        "from numpy._core import _multiarray_umath as umath; "
        "print(*(name for name in umath.__cpu_dispatch__ if umath.__cpu_features__[name]))"
    )
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.split()


def hashes(python: str, way: str) -> dict[str, Any]:
    """What the studies' tables hash to there; versions, and which instructions NumPy may have taken."""
    environment, options = WAYS[way]
    environment = os.environ | environment | {"PYTHONPATH": str(ROOT)}
    if "NPY_DISABLE_CPU_FEATURES" in environment:
        kinds = tuple(environment["NPY_DISABLE_CPU_FEATURES"].split()) or ("",)
        off = [feature for feature in dispatched(python) if feature.startswith(kinds)]
        environment["NPY_DISABLE_CPU_FEATURES"] = " ".join(off)
    done = subprocess.run(
        [python, "-m", "tests.chaos.hashes", "--here", json.dumps(options)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=1200,
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def run_here(options: dict[str, int]) -> dict[str, Any]:
    """The studies in this process."""
    import numpy as np
    from numpy._core import _multiarray_umath as umath

    from experiments.runs.loop import Options
    from experiments.runs.runner import run
    from experiments.runs.study import Study

    found = {}
    with tempfile.TemporaryDirectory(prefix="planb-chaos-") as folder:
        for name, worlds in CASES.items():
            study = Study(name="hashes", scenario=name, worlds=worlds)
            outcome = run(study, Path(folder) / name, options=Options(**options))  # type: ignore[arg-type]
            manifest = json.loads((Path(folder) / name / "manifest.json").read_text())
            outcomes = outcomes_of(Path(folder) / name / "runs.parquet")
            found[name] = [outcome.table_sha256, manifest["rounded_sha256"], outcomes]
    used = [feature for feature in umath.__cpu_dispatch__ if umath.__cpu_features__[feature]]
    version = ".".join(map(str, sys.version_info[:3]))
    return {"python": version, "numpy": np.__version__, "instructions": used, "hashes": found}


def outcomes_of(table: Path) -> str:
    """A hash of the columns that are words, switches or whole numbers."""
    import pandas as pd

    from experiments.runs.table_hash import TableDigest

    digest, rows = TableDigest(), pd.read_parquet(table)
    rows = rows.select_dtypes(exclude="floating")
    digest.update({name: rows[name].to_numpy(object if rows[name].dtype.kind == "O" else None) for name in rows})
    return digest.hexdigest()


def sameness(found: dict[str, Any], reference: dict[str, Any]) -> str:
    """The first of `SAMENESS` that holds for all studies."""
    for place, word in enumerate(SAMENESS[:-1]):
        if all(found["hashes"][name][place] == reference["hashes"][name][place] for name in CASES):
            return word
    return SAMENESS[-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", action="append", default=[], help="another interpreter; may be given again")
    parser.add_argument("--here", type=json.loads, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "chaos" / "hashes.json")
    given = parser.parse_args()
    if given.here is not None:
        print(json.dumps(run_here(given.here)))
        return
    given.out.parent.mkdir(parents=True, exist_ok=True)
    done: list[dict[str, Any]] = []
    for python in (sys.executable, *given.python):
        for way in WAYS:
            found = hashes(python, way)
            done.append(found | {"way": way, "sameness": sameness(found, (done or [found])[0])})
            given.out.write_text(json.dumps(done, indent=1) + "\n")
    bad = [found for found in done if is_bad(found)]
    print(f"{len(done)} ways to run the same studies, {len(bad)} with another hash: {given.out}")
    sys.exit(1 if bad else 0)


def is_bad(found: dict[str, Any]) -> bool:
    """Less the same than it must be?"""
    return found["sameness"] not in ALLOWED.get(found["way"], SAMENESS[:1])


if __name__ == "__main__":
    main()
