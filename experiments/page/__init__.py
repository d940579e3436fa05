"""The page in the browser: watch a bargain, compare two, rewind, take a seat, play with others.

`app.py` is the page; every view is a pure function from a snapshot of a run to an SVG picture, one file each in
``views/``, `views/stage.py` the one with everybody on it. A crisis is stepped once and every date leaves a snapshot,
folded from what happened (`observe.py`) and from what everybody would do if asked (`poll.py`); to rewind is to look at
an earlier one. Whoever takes a seat decides in a body's place: offers and answers at the table (`chair.py`), what other
bodies decide where their kind does (`decisions.py`). Moves made by hand are a list (`hand.py`), which a room lets
several people add to (`room.py`), and what came of them is scored (`score.py`). `standalone.py` puts all of a run into
one file (`one_file.py` is what such files share), `site.py` many of them into a folder, and `guard.py` stands at the
server's door.
"""
