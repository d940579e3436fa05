"""The model's rules over again: one crisis in one world, in plain Python, to hold the model in many worlds to.

Each file states one body's or one institution's rule as `docs/bargaining.md` and `docs/odd.md` do, with numbers and
lists instead of arrays over worlds: read it as the specification. It reads the same scenario and is handed the same
luck (`one_world.py`), so it must come to the same dated acts, world by world; `test_world_by_world.py` compares them,
and `observe.py` is the only file that knows how the model keeps what happened. Whoever changes a rule on purpose
changes it here too, in one short function.

What it covers: alternating offers between sides that concede by the clock, at one table or at one a union; everything
after the table; a case with or without a legislature, towns, a coalition or a window. Other tactics and protocols have
tests of their own. `plain/` is another thing: the crisis as a user of Mesa would write it, with luck of its own.
"""
