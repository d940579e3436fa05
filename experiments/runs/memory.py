"""Memory between blocks of worlds: kept for the next one, where the C library can be told to."""

from __future__ import annotations

import ctypes
import sys

TRIM, MMAP = -1, -3  # numbers of glibc's options, see mallopt(3)
ALL_OF_A_BLOCK = 1 << 30  # bytes
LARGEST_FROM_THE_HEAP = 1 << 25  # bytes; more is not allowed


def keep_freed_memory() -> bool:
    """Have this process keep what a block frees, instead of handing it back and asking for it anew page by page.

    A tenth off the whole with glibc; with another C library nothing happens and the answer is no. The process stays as
    large as it has once been, so this is for commands and workers of ours, not for whoever imports the model.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    return bool(mallopt(MMAP, LARGEST_FROM_THE_HEAP)) and bool(mallopt(TRIM, ALL_OF_A_BLOCK))


def limit_memory(most: int | None) -> bool:
    """Have this process refuse to hold more than so many bytes (`MemoryError`); whether the system can do that."""
    try:
        import resource
    except ImportError:
        return False
    if most is None or not sys.platform.startswith("linux"):
        return False
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    return True
