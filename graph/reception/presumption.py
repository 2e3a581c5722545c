"""Who is presumed to ask: whoever held the token when it was last shown. The plan's own statement proves it.

To look up who asks before each question is a round trip more than the question needs. So a process remembers holders,
prepares the answer for them, and asks of the database, in the same statement as the question and of the same moment,
whether all that is known of the holder is still the same. The surprise: nothing leaves that is not proved; what is
remembered saves time and grants nothing. (decision 0032)
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from typing import Any, Final

from domain.party import Viewer
from graph.transport.host import PresumedWrongly
from storage.database import Database
from storage.session_token import USE_NOTED_EVERY, Known, holder_of

HOLDERS_MAX: Final = 5_000
"""So many tokens a process remembers, by their hashes; the one longest unused goes first."""


class Holders:
    """The holders of tokens, as one process last knew them."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Known] = OrderedDict()

    def find(self, token_hash: str) -> Known | None:
        """Who held the token with this hash."""
        known = self._known.get(token_hash)
        if known is not None:
            self._known.move_to_end(token_hash)
        return known

    def keep(self, token_hash: str, known: Known | None) -> None:
        """Remembers who holds it, or that nobody does."""
        self._known.pop(token_hash, None)
        if known is not None:
            self._known[token_hash] = known
            if len(self._known) > HOLDERS_MAX:
                self._known.popitem(last=False)


class Presumption:
    """That one token is still held by whom it was."""

    def __init__(
        self,
        holders: Holders,
        token: str,
        token_hash: str,
        known: Known,
        now: datetime,
        note: Callable[[Viewer], None],
    ) -> None:
        """`note` is called with a viewer whose use of the session is to be noted."""
        self._holders, self._token, self.known, self._now, self._note = holders, token, known, now, note
        self.shown = (token_hash, now, now - USE_NOTED_EVERY)
        self.is_proved = False

    @property
    def sort(self) -> tuple[Hashable, ...]:
        """What decides, beside who the viewer is, how it is asked whether that is so."""
        return self.known.method, self.known.has_totp, self.known.viewer.language

    def weigh(self, rows: Sequence[Sequence[Any]]) -> None:
        """Proves it by what the database says at the moment of the answer: a row if it is so, whose second value is not
        null where the use is to be noted. Raises PresumedWrongly."""
        self._weigh(is_so=bool(rows), is_to_be_noted=bool(rows) and rows[0][1] is not None)

    async def proved(self, database: Database) -> None:
        """Returns when it is proved, if need be by asking for the holder alone. Raises PresumedWrongly."""
        if not self.is_proved:
            found = await holder_of(database, self._token, self._now)
            is_so = found is not None and found.viewer == self.known.viewer and _opened(found) == _opened(self.known)
            self._weigh(is_so=is_so, is_to_be_noted=found is not None and found.is_to_be_noted)

    def _weigh(self, *, is_so: bool, is_to_be_noted: bool) -> None:
        if not is_so:
            self._holders.keep(self.shown[0], None)
            raise PresumedWrongly
        if is_to_be_noted and not self.is_proved:
            self._note(self.known.viewer)
        self.is_proved = True


def _opened(known: Known) -> tuple[Hashable, ...]:
    return known.method, known.has_totp
