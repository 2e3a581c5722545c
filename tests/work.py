"""How much Python does something takes, counted in lines that run: the same on every machine, however busy it is.

The surprise: what runs in C is not counted, only what calls it.
"""

import gc
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


class TooMuchWork(AssertionError):
    """More lines have run than may; nothing runs any further."""


def lines_of(work: Callable[[], object], most: int = 1_000_000) -> int:
    """How many lines run, in this thread, until `work` returns. Raises TooMuchWork beyond `most`."""
    count = 0

    def note(frame: FrameType, moment: str, _: Any) -> Any:
        nonlocal count
        # A loop on one line counts once a turn.
        if moment == "line":
            count += 1
            if count > most:
                raise TooMuchWork(f"more than {most} lines")
        return note

    before = sys.gettrace()
    # Whoever is called when something is collected would count too.
    gc.disable()
    sys.settrace(note)
    try:
        work()
    finally:
        sys.settrace(before)
        gc.enable()
    return count
