"""Questions put to the process: studies, where they run, what they leave behind, and charts.

``from experiments import Study, sweep, charts``. Names are loaded when they are first used, so that the command line
starts quickly.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from experiments.runs.runner import resume, run
    from experiments.runs.study import Study, load_study, sweep

__all__ = ["Study", "load_study", "resume", "run", "sweep"]

_HOME = {
    "Study": "experiments.runs.study",
    "load_study": "experiments.runs.study",
    "resume": "experiments.runs.runner",
    "run": "experiments.runs.runner",
    "sweep": "experiments.runs.study",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'experiments' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    """The names above too, so that ``help`` and completion find them."""
    return sorted({*globals(), *__all__})
