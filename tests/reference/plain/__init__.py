"""The same crisis as a user of Mesa would write it: one world a model, Python objects with Python numbers.

What `planb bench` is measured against, and what the counting of ballots is tested against
(`tests/sim/ratification/test_counting.py`). It has all phases of a case with talks by alternating offers,
time-dependent tactics, a legislature and towns; it reads the same scenario and draws what nobody knows from Python's
and NumPy's generators, as one does. A model of its own on purpose: nothing of the block model
runs in it but the reading of the scenario.
"""
