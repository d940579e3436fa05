"""The same crisis compiled for an accelerator by JAX (extra ``[jax]``); the rules are those of `sim` and `agents`."""

from __future__ import annotations

from types import ModuleType

from sim.errors import WrongInput


def compiler() -> ModuleType:
    """`sim.accelerator.compiled`, loaded when it is first needed. Raises `WrongInput` where JAX is not installed."""
    try:
        from sim.accelerator import compiled
    except ImportError:
        raise WrongInput("a device needs the extra: pip install 'planb[jax]'") from None
    return compiled
