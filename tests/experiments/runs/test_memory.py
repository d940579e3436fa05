"""What a block frees stays with the process: the next block finds it there."""

from __future__ import annotations

import ctypes
import json
import subprocess
import sys

import pytest

A_BLOCK_AND_ANOTHER = """
import json, resource, sys
import numpy as np
from experiments.runs.memory import keep_freed_memory

if sys.argv[1] == "keep":
    assert keep_freed_memory()
faults = []
for _ in range(3):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    held = [np.ones(400_000) for _ in range(40)]  # 128 MB, in pieces as a block has them
    held = held[::-1]
    del held
    faults.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
print(json.dumps(faults))
"""

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or not hasattr(ctypes.CDLL(None), "mallopt"), reason="a C library without it"
)


def faults(what):
    done = subprocess.run(
        [sys.executable, "-c", A_BLOCK_AND_ANOTHER, what], capture_output=True, text=True, check=True, timeout=60
    )
    return json.loads(done.stdout)


def test_memory_that_is_kept_is_asked_for_once():
    first, *later = faults("keep")
    assert first > 10_000, "128 MB come in 31,250 pages"
    assert max(later) < first / 50


def test_memory_that_is_not_kept_is_asked_for_again():
    first, *later = faults("hand back")
    assert min(later) > first / 2
