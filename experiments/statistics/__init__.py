"""Intervals, paired tests, sample sizes, effect modifiers."""
