"""The page in the browser: watch a bargain, compare two, rewind, and sit in a chair.

`app.py` is the page; every view is a pure function from a snapshot of a run to an SVG picture, one file each in
``views/``. The model is stepped once, every date leaves a snapshot (`look.py`), and to rewind is to look at an
earlier one.
"""
