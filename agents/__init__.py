"""Who decides: each kind of body in a file of its own, with what it wants, believes and decides.

`ALL_AGENTS` is loaded when first asked for; contract tests run over it (`tests/agents/test_bodies.py`).
"""

from __future__ import annotations

from typing import Any

__all__ = ["ALL_AGENTS"]


def __getattr__(name: str) -> Any:
    if name != "ALL_AGENTS":
        raise AttributeError(f"module 'agents' has no attribute {name!r}")
    from agents.chamber import Chamber
    from agents.coalition import Coalition
    from agents.governor import Governor
    from agents.leader import Leader
    from agents.legislator import Legislator
    from agents.mayor import Mayor
    from agents.union import Union, Unit

    return (Governor, Coalition, Leader, Union, Unit, Chamber, Legislator, Mayor)
