"""Fits to the record: each a script that can be rerun, and a table that a scenario loads."""
