"""One world told as a dated story: happenings in words and with their numbers."""

from sim.story.legislature import question_in_words
from sim.story.story import Story
from sim.story.teller import first

__all__ = ["Story", "first", "question_in_words"]
