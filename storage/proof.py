"""That it is the actor who asks, where that is presumed (decision 0032): proved along with what is read first."""

from collections.abc import Hashable
from typing import Any, Protocol

from storage.database import Database
from storage.question import Question, Rows, Values


class Proof(Protocol):
    """What one request has still to prove. What it raises undoes the action."""

    @property
    def key(self) -> Hashable:
        """The same for all who prove the same."""

    def asked(self) -> tuple[Question, Values]:
        """The question by which it is proved."""

    def read(self, rows: Rows) -> Any:
        """What the answer says: the same for all who prove the same, so it is read once."""

    def heard(self, said: Any) -> None:
        """Takes what was read for a proof, or raises where it is another who asks."""

    async def proved(self, database: Database) -> None:
        """Returns when it is proved by itself, before anything else is read. Raises where it is another who asks."""
