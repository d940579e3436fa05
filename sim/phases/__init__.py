"""The phases of a crisis, one a file, each building on the one before; `sim/crisis.py` says when."""
