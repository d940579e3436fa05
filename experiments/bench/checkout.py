"""What only a checkout has: the crisis as a user of Mesa would write it, beside the tests and not in the package."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

from sim.errors import WrongInput

TESTS = Path(__file__).parents[2] / "tests"


def one_world_models() -> ModuleType:
    """`reference.plain.model`, which lies in ``tests``. Raises `WrongInput` where there are no tests."""
    if not (TESTS / "reference" / "plain").is_dir():
        raise WrongInput("bench: compares with the model in tests/reference/plain, which only a checkout of planb has")
    if str(TESTS) not in sys.path:
        # the root first: in a process started with this path, tests/experiments is not to pass for experiments
        sys.path += [str(TESTS.parent), str(TESTS)]
    return importlib.import_module("reference.plain.model")
