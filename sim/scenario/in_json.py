"""A resolved scenario in JSON's types, for manifests and hashes; thresholds of rules as rows of parameters."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from sim.ratification.rule import Rule
from sim.scenario.entries import Entry
from sim.scenario.parameters import Parameter
from sim.scenario.schema import spellings


def plain(node: Any) -> Any:
    """JSON's types only."""
    if isinstance(node, Parameter):
        kept = {"role": node.role, "value": node.value, "unit": node.unit, "source": node.source}
        return kept | ({"low": node.low, "high": node.high} if node.low is not None else {})
    if isinstance(node, Rule):
        return {"words": node.words(), **{path: str(value) for path, value in node.thresholds().items()}}
    if isinstance(node, BaseModel):
        return {name: plain(getattr(node, field)) for field, name in spellings(type(node))}
    if isinstance(node, Mapping):
        return {str(key): plain(value) for key, value in node.items()}
    if isinstance(node, (tuple, list)):
        return [plain(item) for item in node]
    if isinstance(node, (datetime.date, Fraction)):
        return str(node)
    return node


def file_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def threshold_row(entry: Entry, bodies: int) -> dict[str, Any]:
    whole = entry.key.endswith(".at_least")
    rule = entry.key.split(".")[1]
    what = "Bodies that must approve" if whole else "Share that must be reached"
    return {
        "role": "lever",
        "value": int(entry.value) if whole else float(entry.value),
        "low": 1 if whole else 0.01,
        "high": bodies if whole else 1.0,
        "unit": "bodies" if whole else "share",
        "source": f"the case's {rule} rule",
        "meaning": f"{what} under the {rule} rule",
        "choices": (),
        "whole": whole,
    }
