"""How rows become bytes: a writer takes rows and gives what can be sent already, so no file is ever whole anywhere."""

from collections.abc import Sequence
from typing import Protocol

from graph.export.columns import Cell


class Writer(Protocol):
    """Writes one file from its beginning to its end."""

    media_type: str

    def begin(self, headings: Sequence[str]) -> bytes:
        """What stands before the first row: for an empty list all but the end."""

    def rows(self, rows: Sequence[Sequence[Cell]]) -> bytes:
        """Some rows; perhaps nothing yet."""

    def end(self) -> bytes:
        """What is still missing. A file without it is cut off, and readers say so where the format lets them."""
