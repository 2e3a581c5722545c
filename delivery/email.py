"""E-mail over SMTP: one message a letter. A refused recipient is final; whatever else goes wrong may pass."""

from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, parseaddr
from urllib.parse import unquote, urlsplit

import aiosmtplib

from delivery.letter import Letter, NotSent
from domain.formats import is_email

SECONDS_MAX = 30
PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True)
class Mail:
    """A mail server, and from whom letters come."""

    host: str
    port: int
    username: str | None
    password: str | None
    is_encrypted: bool
    """From the first byte; otherwise as soon as the server offers it."""
    sender: str

    @classmethod
    def of(cls, url: str, sender: str) -> "Mail":
        """`smtp://USER:PASSWORD@HOST:PORT` or `smtps://…`, and an address. Raises ValueError."""
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname:
            raise ValueError("a mail server is named as smtp://USER:PASSWORD@HOST:PORT or smtps://…")
        if not is_email(parseaddr(sender)[1]):
            raise ValueError("with a mail server, PRESHIP_MAIL_FROM must be the address that letters come from")
        return cls(
            host=parts.hostname,
            port=parts.port or PORTS[parts.scheme],
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            is_encrypted=parts.scheme == "smtps",
            sender=sender,
        )

    async def send(self, letter: Letter) -> None:
        try:
            await aiosmtplib.send(
                self.message(letter),
                hostname=self.host,
                port=self.port,
                username=self.username,
                password=self.password,
                use_tls=self.is_encrypted,
                timeout=SECONDS_MAX,
            )
        except aiosmtplib.SMTPRecipientsRefused as refused:
            answers = refused.recipients
            raise NotSent(
                "; ".join(f"{each.code} {each.message}" for each in answers),
                for_good=all(each.code >= 500 for each in answers),
            ) from refused
        except aiosmtplib.SMTPDataError as refused:
            raise NotSent(f"{refused.code} {refused.message}", for_good=refused.code >= 500) from refused
        except aiosmtplib.SMTPResponseException as refused:
            # It is us whom the server does not like: that may be mended.
            raise NotSent(f"{refused.code} {refused.message}") from refused
        except (aiosmtplib.SMTPException, OSError) as away:
            raise NotSent(f"{type(away).__name__}: {away}") from away

    def message(self, letter: Letter) -> EmailMessage:
        """The letter as an e-mail; a repeat has the same Message-ID."""
        message = EmailMessage()
        message["From"] = self.sender
        message["To"] = letter.address
        message["Subject"] = letter.title.zh
        message["Date"] = formatdate()
        message["Message-ID"] = f"<{letter.id}@{parseaddr(self.sender)[1].rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(f"{letter.body.zh}\n\n----\n\n{letter.title.en}\n\n{letter.body.en}\n")
        return message
