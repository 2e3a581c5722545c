"""SMS through a gateway that takes JSON over HTTP: `{"to", "text", "id"}`; any 2xx answer means that it took it."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from delivery.letter import Letter, NotSent

SECONDS_MAX = 30
ANSWER_SHOWN_MAX = 200
MAY_PASS = frozenset({401, 403, 404, 408, 409, 425, 429})
"""Refusals that say nothing of the letter: who we are, where the gateway is, and that it is busy."""


@dataclass(frozen=True)
class Sms:
    """A gateway at an address."""

    url: str

    @classmethod
    def of(cls, url: str) -> "Sms":
        """Raises ValueError for what is no address of the web."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("an SMS gateway is named as https://HOST/PATH")
        return cls(url)

    async def send(self, letter: Letter) -> None:
        content = {"to": letter.address, "text": f"{letter.title.zh} {letter.title.en}", "id": letter.id}
        try:
            async with httpx.AsyncClient(timeout=SECONDS_MAX) as client:
                answer = await client.post(self.url, json=content)
        except httpx.HTTPError as away:
            raise NotSent(f"{type(away).__name__}: {away}") from away
        if not answer.is_success:
            status = answer.status_code
            for_good = 400 <= status < 500 and status not in MAY_PASS
            raise NotSent(f"{status} {answer.text[:ANSWER_SHOWN_MAX]}", for_good=for_good)
