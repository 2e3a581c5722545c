"""Every setting, read from the environment with the prefix PRESHIP_. The defaults serve a single machine."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any, Final, Literal, Self, TypeVar, get_type_hints

from pydantic import AfterValidator, Field, PositiveInt, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.api_key.record import RATE_WRITTEN_MAX, ApiKeyTerms
from domain.password import PASSWORD_LENGTH_LEAST, PASSWORD_LENGTH_USUAL
from domain.second_factor import RoleAskedMoreOf
from domain.throttle import RATE_PATTERN
from graph.limits import Limits
from storage.database import Connections
from storage.keys import KeyRing, ring_for
from storage.session_token import Lifetimes
from uploads.limits import UploadLimits

L = TypeVar("L", Limits, UploadLimits)
Network = IPv4Network | IPv6Network


def _networks(written: tuple[str, ...]) -> tuple[str, ...]:
    for each in written:
        ip_network(each)
    return written


def _roles(written: tuple[str, ...]) -> tuple[str, ...]:
    for each in written:
        RoleAskedMoreOf.of(each)
    return written


OWN: Final[dict[type, frozenset[str]]] = {
    Limits: frozenset({"cost_max", "body_seconds_max", "query_seconds_max", "mutation_seconds_max"}),
    UploadLimits: frozenset({"file_bytes_max", "files_max"}),
}
"""Limits that are settings of their own."""


def _changed(limits: L, written: str) -> L:
    """The limits with those that are named, `depth_max=15,aliases_max=50`. Raises ValueError."""
    changes: dict[str, Any] = {}
    own = OWN[type(limits)]
    kinds = get_type_hints(type(limits))
    for each in filter(None, (part.strip() for part in written.split(","))):
        name, _, value = each.partition("=")
        if name in own:
            raise ValueError(f"{name} is a setting of its own: PRESHIP_{name.upper()}")
        if name not in kinds:
            raise ValueError(f"there is no limit {name}; there are {', '.join(sorted(kinds.keys() - own))}")
        changes[name] = kinds[name](value)
        if not 0 < changes[name] < 10**12:
            raise ValueError(f"{name} is a number above 0, not {value}")
    return replace(limits, **changes)


def _limits(written: str) -> str:
    _changed(Limits(), written)
    return written


def _upload_limits(written: str) -> str:
    _changed(UploadLimits(), written)
    return written


Rate = Annotated[str, Field(pattern=RATE_PATTERN)]
"""`20/10m`: at most 20 at once, and 20 in 10 minutes; s, m, h and d."""


class Settings(BaseSettings):
    """One field a setting; its name in the environment is the field's in capitals, after PRESHIP_."""

    model_config = SettingsConfigDict(env_prefix="PRESHIP_", frozen=True)

    database_url: Annotated[str, Field(pattern=r"^(sqlite\+aiosqlite|postgresql\+asyncpg)://", repr=False)] = (
        "sqlite+aiosqlite:///./preship.db"
    )
    """`sqlite+aiosqlite:///FILE` or `postgresql+asyncpg://USER@HOST/NAME`."""
    database_readers: Annotated[int, Field(ge=2, le=100)] = 4
    """How many connections a process keeps for reading, and as many for whole statements; exports take half at most."""
    database_writers: Annotated[int, Field(ge=1, le=100)] = 4
    """How many it keeps for writing to PostgreSQL; on SQLite one writes."""
    database_wait_seconds: Annotated[float, Field(gt=0, le=3600)] = 30
    """How long is waited for one of them, and on SQLite for whoever else writes the file."""
    statement_seconds_max: Annotated[float, Field(gt=0, le=3600)] = 30
    """How long a statement may run on PostgreSQL."""
    postgresql_prepared_max: Annotated[int, Field(ge=1, le=10_000)] = 300
    """How many statements a connection to PostgreSQL keeps prepared."""
    postgresql_pooled: Literal["off", "on"] = "off"
    """Whether the URL of the database leads to a pooler that lends a server to each transaction."""
    personal_keys: Annotated[str, Field(repr=False)] = ""
    """Keys of personal data, `id:base64key` with commas between, or `file:FILE`; empty on SQLite: a file beside it."""
    uploads_url: str = "file:./uploads-data"
    """`file:FOLDER` or `s3://BUCKET/PREFIX`."""
    bell_url: Annotated[str, Field(repr=False)] = ""
    """Empty: in-process on SQLite, LISTEN/NOTIFY on PostgreSQL."""
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    session_hours: Annotated[float, Field(gt=0, le=24 * 366)] = 12
    """How long a sign-in lasts, however much it is used."""
    idle_minutes: Annotated[float, Field(gt=0, le=60 * 24 * 366)] = 30
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
    one_time_code_hours: Annotated[float, Field(gt=0, le=24 * 366)] = 72
    """How long the one-time code of an invited user, or of one whose password was reset, is good."""
    password_length_min: Annotated[int, Field(ge=PASSWORD_LENGTH_LEAST, le=64)] = PASSWORD_LENGTH_USUAL
    """The fewest characters of a new password; 15 are recommended where nothing else proves who signs in."""
    password_days: Annotated[int, Field(ge=0, le=3660)] = 0
    """How long a password may stand before it must be changed; 0: for ever, as NIST SP 800-63B advises."""
    cost_max: Annotated[int, Field(ge=1, le=1_000_000)] = 1000
    """How many points one operation may cost; a point is at most a millisecond of work."""
    cost_rate: Rate = "30000/1m"
    """How many points a viewer may spend: so many at once, and as many again in that time."""
    origins_allowed: tuple[str, ...] = ()
    """Sites beside our own whose pages may ask here and open sockets, as `https://example.cn`."""
    introspection: Literal["signed-in", "everybody", "nobody"] = "signed-in"
    """Who may read the schema; anonymous viewers who may not are not told either why a document does not fit it."""
    anonymous_documents: Literal["any", "trusted"] = "any"
    """Which documents run for anonymous viewers."""
    documents_file: str = ""
    """A file of the trusted documents; empty: they rest in the database."""
    cache_seconds: Annotated[int, Field(ge=0, le=60 * 60 * 24)] = 30
    """How long caches may keep what anonymous viewers are answered by GET; 0: not at all."""
    public_answers_bytes_max: Annotated[int, Field(ge=0, le=2**30)] = 16 * 1024 * 1024
    """How much a process keeps of what strangers were answered, until the register tells of something new."""
    hsts_seconds: Annotated[int, Field(ge=0, le=2 * 366 * 24 * 60 * 60)] = 0
    """How long browsers shall come by HTTPS alone; 0: nothing is said of it."""
    plans: Literal["on", "off"] = "on"
    """Whether operations are answered by compiled plans where they can be; answers are the same without."""
    body_seconds_max: Annotated[float, Field(gt=0, le=3600)] = 30
    """How long the body of a request may take to arrive, uploads aside."""
    query_seconds_max: Annotated[float, Field(gt=0, le=3600)] = 20
    """How long a query may run."""
    mutation_seconds_max: Annotated[float, Field(gt=0, le=3600)] = 120
    """How long a mutation may run, imports among them."""
    limits: Annotated[str, AfterValidator(_limits)] = ""
    """Other limits of a request, `depth_max=15,aliases_max=50`, by their names in `graph/limits.py`."""
    upload_limits: Annotated[str, AfterValidator(_upload_limits)] = ""
    """The same of an upload, by their names in `uploads/limits.py`."""
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
    smtp_url: Annotated[str, Field(repr=False)] = ""
    """`smtp://USER:PASSWORD@HOST:PORT` or `smtps://…`; empty: notices are not sent by e-mail."""
    mail_from: str = ""
    """The address that e-mail comes from."""
    sms_url: Annotated[str, Field(repr=False)] = ""
    """Where an SMS gateway takes `{"to", "text", "id"}`; empty: notices are not sent by SMS."""
    card_issuers: str = ""
    """A file of the certificates (PEM) of those who issue cards; empty: nobody signs in by card."""
    card_revocations: str = ""
    """A file or folder of their revocation lists; empty: what they have revoked is not asked."""
    card_stale_revocations_allowed: bool = False
    """Whether a list past its end still does; without it nobody signs in by card whose list is stale."""
    card_audience: Annotated[str, Field(pattern=r"^[!-~]*$", max_length=200)] = ""
    """The name that cards sign this installation by; empty: its host and port."""
    card_challenge_seconds: Annotated[int, Field(ge=10, le=3600)] = 120
    """How long a challenge may be signed and sent back; passkeys' too."""
    passkey_site: Annotated[str, Field(pattern=r"^[a-z0-9.-]*$", max_length=253)] = ""
    """The domain that passkeys are for (the relying party id); empty: nobody signs in by passkey."""
    passkey_origins: tuple[str, ...] = ()
    """The origins of the pages that ask for them; empty: `https://` and the site."""
    secret_key: Annotated[str, Field(repr=False)] = ""
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
    failures_per_account_unguarded: Rate = "50/1h"
    """The same without captchas; what is beyond has to wait. In the worst of hours 100 come through."""
    failures_per_device: Rate = "10/30m"
    """From one device that the account knows; beyond that it is a stranger."""
    wrong_codes_per_account: Rate = "20/1d"
    """Wrong codes of authenticator apps; what is beyond has to wait. Devices that it knows count apart."""
    second_factor_seconds: Annotated[float, Field(ge=30, le=3600)] = 300
    """How long a sign-in waits for its code after the password."""
    totp_required_roles: Annotated[tuple[str, ...], AfterValidator(_roles)] = ()
    """Whose password is not enough, as `ADMIN` or `CUSTOMS:REVIEWER`; cards and passkeys are."""
    device_days: Annotated[float, Field(ge=1, le=366)] = 180
    """How long a device is known after its last sign-in."""
    sign_ins_waiting_max: Annotated[int, Field(ge=1, le=10_000)] = 100
    """How many may wait for the comparison of a password in one process; half as many more from known devices."""
    proxies_trusted: Annotated[tuple[str, ...], AfterValidator(_networks)] = ()
    """Proxies before this server, as addresses or networks: what they say in `X-Forwarded-For` is believed."""
    sweep_minutes: Annotated[float, Field(ge=1, le=60 * 24 * 7)] = 60
    """How often is swept what nobody needs any more."""

    @model_validator(mode="after")
    def _bell_needs_the_server_itself(self) -> Self:
        is_postgresql = self.database_url.startswith("postgresql")
        if self.postgresql_pooled == "on" and not is_postgresql:
            raise ValueError("PRESHIP_POSTGRESQL_POOLED is for databases on PostgreSQL")
        if self.postgresql_pooled == "on" and not self.bell_url:
            raise ValueError(
                "PRESHIP_BELL_URL is needed with PRESHIP_POSTGRESQL_POOLED: LISTEN does not pass through a pooler, so "
                "name the server itself, or `process:` where one process serves alone"
            )
        return self

    @property
    def request_limits(self) -> Limits:
        own = Limits(
            body_seconds_max=self.body_seconds_max,
            cost_max=self.cost_max,
            query_seconds_max=self.query_seconds_max,
            mutation_seconds_max=self.mutation_seconds_max,
        )
        return _changed(own, self.limits)

    @property
    def limits_of_uploads(self) -> UploadLimits:
        own = UploadLimits(file_bytes_max=self.file_bytes_max, files_max=self.files_max)
        return _changed(own, self.upload_limits)

    @property
    def connections(self) -> Connections:
        return Connections(
            readers=self.database_readers,
            writers=self.database_writers,
            wait_seconds=self.database_wait_seconds,
            statement_seconds=self.statement_seconds_max,
            prepared_max=self.postgresql_prepared_max,
            is_pooled=self.postgresql_pooled == "on",
        )

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

    def ring(self) -> KeyRing:
        """The keys of personal data. Raises KeysWrong."""
        return ring_for(self.personal_keys, self.database_url, datetime.now(UTC).date())

    @cached_property
    def networks_trusted(self) -> tuple[Network, ...]:
        return tuple(ip_network(each) for each in self.proxies_trusted)

    @cached_property
    def roles_asked_more_of(self) -> tuple[RoleAskedMoreOf, ...]:
        return tuple(map(RoleAskedMoreOf.of, self.totp_required_roles))

    @property
    def captcha_lasts(self) -> timedelta:
        return timedelta(seconds=self.captcha_seconds)

    @property
    def second_factor_lasts(self) -> timedelta:
        return timedelta(seconds=self.second_factor_seconds)

    @property
    def device_lasts(self) -> timedelta:
        return timedelta(days=self.device_days)

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
    def one_time_code_lasts(self) -> timedelta:
        return timedelta(hours=self.one_time_code_hours)

    @property
    def password_lasts(self) -> timedelta | None:
        """None where none expires."""
        return timedelta(days=self.password_days) if self.password_days else None

    @property
    def audience(self) -> str:
        return self.card_audience or f"{self.host}:{self.port}"

    @property
    def challenge_lasts(self) -> timedelta:
        return timedelta(seconds=self.card_challenge_seconds)

    @property
    def idempotency_lasts(self) -> timedelta:
        return timedelta(hours=self.idempotency_hours)

    @property
    def orphan_lasts(self) -> timedelta:
        return timedelta(hours=self.orphan_hours)
