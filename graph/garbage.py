"""How long a search for garbage holds everybody up: what stays is set aside from it, the rest is gone through in steps.

Python looks through all that there is while nothing else runs. What the process was made of, and what it remembers of
the operations that it is asked for, is by far the most of that: 400 ms of plans for 300 KB of documents.
"""

import gc
from typing import Final

THRESHOLDS: Final = (3_000, 3, 30)
"""How many objects more than before are made before the youngest are looked through; how often that is done before
those that were left are looked through too, and how often that before all are. With fewer objects, what one request
makes is taken for something that stays; with more, or more seldom, what a thousand connections leave behind is given
back in one long pause."""

REMEMBERED_MIN: Final = 32
GROWTH: Final = 1.25
"""What is remembered is set aside when there is so much more of it than ever before, so a few dozen times at most: all
that lives in that moment is set aside along with it, connections too, and what of it ends in a circle stays."""


def set_all_aside() -> None:
    """Whatever there is now stays as long as the process, which serves nothing else."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)


class Aside:
    """What is remembered of operations in one place, set aside as it grows."""

    def __init__(self) -> None:
        self._most = REMEMBERED_MIN / GROWTH

    def remembers(self, count: int) -> None:
        """Says how many documents, or shapes of operations with plans, there are."""
        if count < self._most * GROWTH:
            return
        self._most = count
        gc.collect()
        gc.freeze()
