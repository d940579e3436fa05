"""What happens, an act a file: each asks bodies, applies an institution's rule, moves the state and says what happened.

An act is a function of (state, bodies, numbers, luck) that returns happenings; the calendar says when.
"""
