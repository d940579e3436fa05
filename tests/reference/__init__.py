"""The model's rules over again: one crisis in one world, in plain Python, to hold the model in many worlds to.

Each file states one body's or one institution's rule as `docs/bargaining.md` and `docs/odd.md` do, with numbers and
lists instead of arrays over worlds: read it as the specification. It reads the same scenario and is handed the same
luck (`one_world.py`), so it must come to the same dated acts, world by world; `test_world_by_world.py` compares them,
and `observe.py` is the only file that knows how the model keeps what happened.

To change a rule on purpose, change it in both places:
1. State it here in the file of the body or the day, in numbers of one world; a new day goes into `crisis.agenda`.
2. Where it shows, `world.tell(kind, **facts)` it, and note the same kind and facts of the happening in `observe.py`.
3. If nothing shipped reaches it, add a setting that does to `settings.py`, with what shows that it was reached.
4. Write a test of the fact it makes true, and a mutant of it in `tests/mutants.py`; mend snippets that it rewrites.
5. Run `python -m pytest tests/reference tests/test_mutants.py` and `python -m tests.mutants A_WORD_OF_THE_RULE`.

What it covers: alternating offers between sides that concede by the clock, at one table or at one a union; everything
after the table; a case with or without a legislature, towns, a coalition or a window. Other tactics and protocols have
tests of their own. `plain/` is another thing: the crisis as a user of Mesa would write it, with luck of its own.
"""
