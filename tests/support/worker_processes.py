"""The worker processes that a study has started, seen from outside."""

from __future__ import annotations

import contextlib

import psutil


def worker_processes(of: int | None = None) -> list[psutil.Process]:
    """Those below a process, ours unless another is given; one that ends while it is looked at is none."""
    found = []
    for child in psutil.Process(of).children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "experiments.runs.worker" in " ".join(child.cmdline()):
                found.append(child)
    return found
