"""Three small studies to be disturbed; ``python tests/chaos/studies.py NAME OUT`` runs one as a user's script would.

A fixed number of worlds, a precision rule that plans stage after stage, and a case that ships.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / "support")]

from toy_crisis import ToyScenario, simulate_block  # noqa: E402

from experiments.runs import dask_engine, loop  # noqa: E402
from experiments.runs.designs import Grid  # noqa: E402
from experiments.runs.files import CannotGoOn  # noqa: E402
from experiments.runs.loop import Options  # noqa: E402
from experiments.runs.policies import Precision  # noqa: E402
from experiments.runs.runner import Outcome, resume, run  # noqa: E402
from experiments.runs.study import Study  # noqa: E402

TOY = ToyScenario()
SLOWLY = {"pause": 0.02}  # seconds a block takes, so that there is something to hit
STUDIES = {
    "fixed": Study(name="fixed", scenario=TOY, set=SLOWLY, worlds=400, design=Grid(vary={"rate": "0.1:0.9:0.2"})),
    "precision": Study(
        name="precision",
        scenario=TOY,
        set=SLOWLY,
        precision=Precision(half_width=0.05),
        design=Grid(vary={"rate": "0:1:0.2"}),
    ),
    "case": Study(
        name="case", scenario="boston-globe-2009", worlds=300, design=Grid(vary={"members.trust": "0.5:1.5:0.5"})
    ),
}


def options(name: str, **more: object) -> Options:
    """Two processes and parts of a hundred rows."""
    if name == "case":
        return Options(**{"workers": 2, "part_rows": 100, **more})  # type: ignore[arg-type]
    toy = {"model": simulate_block, "load": lambda _: TOY, "part_rows": 100}
    return Options(**{"workers": 2, **toy, **more})  # type: ignore[arg-type]


def go(name: str, out: Path, **more: object) -> Outcome:
    """Start the study, or go on with it."""
    chosen = options(name, **more)
    return resume(out, options=chosen) if (out / "manifest.json").exists() else run(STUDIES[name], out, options=chosen)


if __name__ == "__main__":
    dask_engine.CONNECT_SECONDS, loop.RECONNECT_SECONDS = 3, 1
    try:
        outcome = go(sys.argv[1], Path(sys.argv[2]), dask=sys.argv[3] if len(sys.argv) > 3 else None)
    except CannotGoOn as error:
        sys.exit(f"planb: {error}")
    sys.exit(0 if outcome.state == "complete" else 1)
