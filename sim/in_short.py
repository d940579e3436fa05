"""How a large thing shows itself in a prompt or a notebook: in a line, or as a small table."""

from __future__ import annotations

from html import escape


class InShort:
    """A short ``repr`` and, in a notebook, a table, both of what `in_short` says."""

    __slots__ = ()

    def in_short(self) -> dict[str, str]:
        """What is worth knowing, in words by name."""
        raise NotImplementedError

    def __repr__(self) -> str:
        said = ", ".join(f"{name} {words}" for name, words in self.in_short().items() if words)
        return f"<{type(self).__name__}: {said}>"

    def __str__(self) -> str:
        return repr(self)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{escape(name)}</th><td style='text-align:left'>{escape(words)}</td></tr>"
            for name, words in self.in_short().items()
            if words
        )
        return f"<table><caption>{type(self).__name__}</caption>{rows}</table>"
