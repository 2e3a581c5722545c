"""Every setting, read from the environment with the prefix PRESHIP_. The defaults serve a single machine."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field, PositiveInt
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.api_key.record import RATE_WRITTEN_MAX, ApiKeyTerms
from storage.session_token import Lifetimes


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
    """How long a sign-in lasts, however much it is used."""
    idle_minutes: Annotated[float, Field(gt=0, le=60 * 24 * 366)] = 120
    """How long a sign-in may go unused."""
    refreshable_days: Annotated[float, Field(gt=0, le=366)] = 14
    """How long a sign-in lasts whose token is renewed by a refresh token, as on a phone."""
    refreshable_idle_hours: Annotated[float, Field(gt=0, le=24 * 366)] = 72
    """How long such a sign-in may go unused."""
    token_minutes: Annotated[float, Field(gt=0, le=60 * 24)] = 15
    """How long its token is good; then it is renewed."""
    refresh_grace_seconds: Annotated[float, Field(ge=0, le=300)] = 30
    """How long a refresh token that was replaced is still taken: answers get lost, and windows renew at once."""
    pairing_seconds: Annotated[float, Field(ge=10, le=600)] = 120
    """How long a browser waits to be signed in by a phone."""
    api_key_days_max: Annotated[int, Field(ge=1, le=3660)] = 366
    """How long an API key may last."""
    api_key_rate: Annotated[int, Field(ge=1, le=RATE_WRITTEN_MAX)] = 60
    """How often a minute a key may be used for which nothing else was said."""
    api_key_rate_max: Annotated[int, Field(ge=1, le=RATE_WRITTEN_MAX)] = 600
    """How often at most any key may be."""
    api_key_overlap_hours: Annotated[float, Field(ge=0, le=24 * 366)] = 24
    """How long the secret before is still taken after a key was rotated."""
    api_token_minutes: Annotated[float, Field(gt=0, le=60 * 24)] = 15
    """How long a token is good that a key was exchanged for."""
    cookies_secure: bool = True
    """Whether browsers send our cookies over HTTPS alone; off only for trials without it."""
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
    sweep_minutes: Annotated[float, Field(ge=1, le=60 * 24 * 7)] = 60

    def session_lasts(self, *, is_refreshable: bool) -> timedelta:
        return timedelta(days=self.refreshable_days) if is_refreshable else timedelta(hours=self.session_hours)

    def lifetimes(self, *, is_refreshable: bool) -> Lifetimes:
        if not is_refreshable:
            return Lifetimes(timedelta(hours=self.session_hours), timedelta(minutes=self.idle_minutes))
        return Lifetimes(
            timedelta(minutes=self.token_minutes),
            timedelta(hours=self.refreshable_idle_hours),
            timedelta(seconds=self.refresh_grace_seconds),
        )

    @property
    def api_key_terms(self) -> ApiKeyTerms:
        return ApiKeyTerms(
            lasts_max=timedelta(days=self.api_key_days_max),
            rate_usual=self.api_key_rate,
            rate_max=self.api_key_rate_max,
            overlap=timedelta(hours=self.api_key_overlap_hours),
        )

    @property
    def api_token_lasts(self) -> timedelta:
        return timedelta(minutes=self.api_token_minutes)

    @property
    def pairing_lasts(self) -> timedelta:
        return timedelta(seconds=self.pairing_seconds)

    @property
    def idempotency_lasts(self) -> timedelta:
        return timedelta(hours=self.idempotency_hours)

    @property
    def orphan_lasts(self) -> timedelta:
        return timedelta(hours=self.orphan_hours)
