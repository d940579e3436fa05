"""The same crisis compiled for an accelerator by JAX (extra ``[jax]``); the rules are those of `sim` and `agents`."""
