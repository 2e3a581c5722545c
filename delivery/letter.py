"""What is sent, and what a channel says when it could not be."""

from dataclasses import dataclass
from typing import Protocol

from domain.delivery import Delivery
from domain.language import Language, Words
from domain.notice import Notice


@dataclass(frozen=True)
class Letter:
    """A notice to one address, in both languages: an address does not say which one its reader knows.

    `id` stays the same however often the letter is sent, so that a repeat can be recognised.
    """

    id: str
    address: str
    title: Words
    body: Words

    @classmethod
    def of(cls, delivery: Delivery, notice: Notice) -> "Letter":
        assert delivery.address is not None, "what has no address never waits"
        return cls(
            id=delivery.id.hex,
            address=delivery.address,
            title=Words(zh=_on_one_line(notice.title(Language.ZH)), en=_on_one_line(notice.title(Language.EN))),
            body=Words(zh=notice.body(Language.ZH), en=notice.body(Language.EN)),
        )


def _on_one_line(text: str) -> str:
    """Some of a title was typed by people; a line end would begin another header."""
    return " ".join(text.split())


class NotSent(Exception):
    """The other side did not take the letter; it may do so later, unless it was refused `for_good`."""

    def __init__(self, reason: str, *, for_good: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.for_good = for_good


class Sender(Protocol):
    """One channel to the world outside."""

    async def send(self, letter: Letter) -> None:
        """Returns when the other side has taken the letter. Raises NotSent."""
