"""What a crisis is measured by: every result column once, with unit, meaning and the happening it is read from."""

from sim.measures.collector import Block, Measures
from sim.measures.measure import Columns, Measure
from sim.measures.table import MEASURES, described_measures, measures_of

__all__ = ["MEASURES", "Block", "Columns", "Measure", "Measures", "described_measures", "measures_of"]
