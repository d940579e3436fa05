"""The axis of worlds, their addressable luck, and blocks of them."""
