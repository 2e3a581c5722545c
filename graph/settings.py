"""Every setting, read from the environment with the prefix PRESHIP_. The defaults serve a single machine."""

from datetime import timedelta
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, PositiveInt
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.throttle import RATE_PATTERN

Network = IPv4Network | IPv6Network


def _networks(written: tuple[str, ...]) -> tuple[str, ...]:
    for each in written:
        ip_network(each)
    return written


Rate = Annotated[str, Field(pattern=RATE_PATTERN)]
"""`20/10m`: at most 20 at once, and 20 in 10 minutes; s, m, h and d."""


class Settings(BaseSettings):
    """One field a setting; its name in the environment is the field's in capitals, after PRESHIP_."""

    model_config = SettingsConfigDict(env_prefix="PRESHIP_", frozen=True)

    database_url: Annotated[str, Field(pattern=r"^(sqlite\+aiosqlite|postgresql\+asyncpg)://")] = (
        "sqlite+aiosqlite:///./preship.db"
    )
    """`sqlite+aiosqlite:///FILE` or `postgresql+asyncpg://USER@HOST/NAME`."""
    uploads_url: str = "file:./uploads-data"
    """`file:FOLDER` or `s3://BUCKET/PREFIX`."""
    bell_url: str = ""
    """Empty: in-process on SQLite, LISTEN/NOTIFY on PostgreSQL."""
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    session_hours: Annotated[float, Field(gt=0, le=24 * 366)] = 12
    """How long a sign-in lasts."""
    origins_allowed: tuple[str, ...] = ()
    """Sites beside our own that may open sockets, as `https://example.cn`."""
    suggestions: bool = False
    """Whether errors say "Did you mean …"; they help to guess the schema."""
    file_bytes_max: PositiveInt = 500_000_000
    files_max: Annotated[int, Field(gt=0, le=100)] = 10
    export_rows_max: Annotated[int, Field(gt=0, le=1_048_575)] = 1_000_000
    """The longest list that may be exported; a sheet of XLSX holds no more than the most that may be set."""
    orphan_hours: Annotated[float, Field(ge=1, le=24 * 366)] = 24
    """How long a file that no record names is kept before it is swept."""
    clock_seconds: Annotated[float, Field(ge=0, le=60 * 60 * 24)] = 60
    """How often is looked for what falls due: dispositions and certificates that end, dates that pass. 0: not here."""
    idempotency_hours: Annotated[float, Field(ge=1, le=24 * 366)] = 24 * 7
    """How long a repeated `idempotencyKey` is known."""
    smtp_url: str = ""
    """`smtp://USER:PASSWORD@HOST:PORT` or `smtps://…`; empty: notices are not sent by e-mail."""
    mail_from: str = ""
    """The address that e-mail comes from."""
    sms_url: str = ""
    """Where an SMS gateway takes `{"to", "text", "id"}`; empty: notices are not sent by SMS."""
    secret_key: str = ""
    """Keys what is kept of captchas, so it is the same for all processes. Empty: each makes up its own at its start."""
    captcha: Literal["on", "off"] = "on"
    """Whether signing in with a password asks for a captcha."""
    captcha_seconds: Annotated[float, Field(ge=10, le=3600)] = 120
    """How long a captcha may be answered."""
    captcha_difficulty: Annotated[int, Field(ge=1, le=32)] = 18
    """How much work a captcha asks for, in bits: each doubles it. 18 is half a second."""
    captcha_difficulty_max: Annotated[int, Field(ge=1, le=32)] = 23
    """How much it asks for at most, where strangers have often failed at an account."""
    captchas_per_address: Rate = "60/10m"
    failures_per_address: Rate = "20/10m"
    """Sign-ins that failed, from devices that the account does not know."""
    failures_per_address_daily: Rate = "200/1d"
    failures_per_account: Rate = "5/30m"
    """From devices that the account does not know; what is beyond is asked for more work."""
    failures_per_account_unguarded: Rate = "100/1h"
    """The same without captchas; what is beyond has to wait."""
    failures_per_device: Rate = "10/30m"
    """From one device that the account knows; beyond that it is a stranger."""
    device_days: Annotated[float, Field(ge=1, le=366)] = 180
    """How long a device is known after its last sign-in."""
    sign_ins_waiting_max: Annotated[int, Field(ge=1, le=10_000)] = 100
    """How many may wait for the comparison of a password in one process; half as many more from known devices."""
    proxies_trusted: Annotated[tuple[str, ...], AfterValidator(_networks)] = ()
    """Proxies before this server, as addresses or networks: what they say in `X-Forwarded-For` is believed."""
    sweep_minutes: Annotated[float, Field(ge=1, le=60 * 24 * 7)] = 60

    @cached_property
    def networks_trusted(self) -> tuple[Network, ...]:
        return tuple(ip_network(each) for each in self.proxies_trusted)

    @property
    def captcha_lasts(self) -> timedelta:
        return timedelta(seconds=self.captcha_seconds)

    @property
    def device_lasts(self) -> timedelta:
        return timedelta(days=self.device_days)

    @property
    def session_lasts(self) -> timedelta:
        return timedelta(hours=self.session_hours)

    @property
    def idempotency_lasts(self) -> timedelta:
        return timedelta(hours=self.idempotency_hours)

    @property
    def orphan_lasts(self) -> timedelta:
        return timedelta(hours=self.orphan_hours)
