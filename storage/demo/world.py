"""The demo world in a database: organisations, accounts, registry, rules and codes; whoever asks twice gets one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_DNS, UUID, uuid5

from sqlalchemy import insert, select

from domain.institution import Institution, RegistryEntry, Standing
from domain.language import Language
from domain.organisation import Account, Organisation
from domain.party import THE_PRODUCT, OrganisationKind, Role, Viewer
from domain.rule import RuleForm
from storage.consequences import row_of
from storage.database import Database
from storage.demo import (
    DemoEnterprise,
    DemoInstitution,
    demo_customs,
    demo_enterprises,
    demo_institutions,
    demo_rules,
    demo_users,
)
from storage.history import History, write, written
from storage.institution import DESK as INSTITUTION_DESK
from storage.organisation import ACCOUNT, ORGANISATION
from storage.perform import Door, Request, Transaction
from storage.rule import DESK as RULE_DESK
from storage.rule import versions_of
from storage.seed.plant import plant

DISPOSITION_LASTS = timedelta(days=180)

BROUGHT_ABOUT_BY = {
    "NON_RECOGNITION": "suspend_recognition",
    "RECTIFICATION": "await_rectification",
    "REVOCATION": "strike_off",
}


@dataclass(frozen=True)
class DemoAccount:
    """An account as a person signs in with it."""

    username: str
    password: str
    party: str
    role: str
    organisation: str


@dataclass(frozen=True)
class World:
    """Who acts in the demo's commissions."""

    enterprises: tuple[tuple[DemoEnterprise, Viewer], ...]
    institutions: tuple[tuple[Institution, Viewer], ...]


def demo_id(key: str) -> UUID:
    """The same key has the same id in every demo."""
    return uuid5(NAMESPACE_DNS, f"{key}.demo.preship.example")


async def is_there(database: Database) -> bool:
    async with database.reading() as connection:
        return (
            await connection.execute(
                select(ORGANISATION.c.id).where(ORGANISATION.c.id == demo_id(demo_customs()[0].key))
            )
        ).first() is not None


async def settle(database: Database, door: Door, password_hash: str) -> World:
    """Makes the world where there is none yet; returns who acts in it."""
    now = datetime.now(UTC)
    if not await is_there(database):
        await plant(database)

        async def work(transaction: Transaction) -> None:
            connection = transaction.connection
            await connection.execute(insert(ORGANISATION), [row_of(each) for each in _organisations()])
            await write(connection, written(INSTITUTION_DESK, _registry(now)))
            await connection.execute(insert(ACCOUNT), [row_of(each) for each in _users(password_hash, now)])
            forms = _rules()
            there = await versions_of(connection, [form.hs_code for form in forms if form.hs_code])
            new = [Request(form=form) for form in forms if form.hs_code not in there]
            outcomes = await transaction.perform_all(RULE_DESK, "announce", new, THE_PRODUCT) if new else []
            assert not any(outcome.refusals for outcome in outcomes), "the demo's own rules are in order"

        await door.together(work)
    return World(
        enterprises=tuple((each, acting(each.key, OrganisationKind.ENTERPRISE)) for each in demo_enterprises()),
        institutions=tuple(
            (each, acting(demo.key, OrganisationKind.INSTITUTION, each.id))
            for demo, each in zip(demo_institutions(), _institutions(now), strict=True)
        ),
    )


def accounts(password: str) -> Sequence[DemoAccount]:
    """Every demo account, in the order of the file."""
    names = {each.key: each.name_zh for each in demo_enterprises()}
    names |= {each.key: each.name_zh for each in demo_institutions()}
    names |= {each.key: each.name_zh for each in demo_customs()}
    kinds = {"E": "ENTERPRISE", "I": "INSTITUTION", "C": "CUSTOMS"}
    return [
        DemoAccount(each.username, password, kinds[each.organisation[0]], each.role, names[each.organisation])
        for each in demo_users()
    ]


def _organisations() -> list[Organisation]:
    enterprises = [
        Organisation(
            id=demo_id(each.key),
            kind=OrganisationKind.ENTERPRISE,
            name_zh=each.name_zh,
            name_en=each.name_en,
            uscc=each.credit_code,
            contact_name=each.contact_name,
            contact_phone=each.contact_phone,
            contact_mobile=each.contact_mobile,
            contact_email=each.contact_email,
            contact_address=each.contact_address,
        )
        for each in demo_enterprises()
    ]
    institutions = [
        Organisation(
            id=demo_id(each.key),
            kind=OrganisationKind.INSTITUTION,
            name_zh=each.name_zh,
            name_en=each.name_en,
            contact_name=each.contact_name,
            contact_phone=each.contact_phone,
            contact_email=each.contact_email,
            contact_address=each.registered_address,
        )
        for each in demo_institutions()
    ]
    customs = [
        Organisation(
            id=demo_id(each.key),
            kind=OrganisationKind.CUSTOMS,
            name_zh=each.name_zh,
            name_en=each.name_en,
            contact_phone=each.phone,
            contact_email=each.email,
            contact_address=each.address,
        )
        for each in demo_customs()
    ]
    return [*enterprises, *institutions, *customs]


def _institutions(now: datetime) -> list[Institution]:
    found = []
    for history in _registry(now):
        assert isinstance(history.record, Institution)
        found.append(history.record)
    return found


def _registry(now: datetime) -> list[History]:
    """The institutions as they were entered in the registry, and what became of some of them."""
    return [_entered(each, now) for each in demo_institutions()]


def _entered(each: DemoInstitution, now: datetime) -> History:
    history = History(INSTITUTION_DESK, "", lambda: demo_id(f"{each.key}.institution"))
    entry = RegistryEntry.of(
        filing_number=each.filing_number,
        name_zh=each.name_zh,
        name_en=each.name_en,
        registered_place=each.registered_place,
        country=each.country,
        contact_name=each.contact_name,
        contact_phone=each.contact_phone,
        contact_email=each.contact_email,
        organisation_id=demo_id(each.key),
    )
    history.then("enter", entry, None, THE_PRODUCT, each.filed_at.astimezone(UTC))
    if each.shown_status in BROUGHT_ABOUT_BY:
        ends_on = (now + DISPOSITION_LASTS).date() if each.shown_status == "NON_RECOGNITION" else None
        standing = Standing.of(disposition_ends_on=ends_on)
        history.then(BROUGHT_ABOUT_BY[each.shown_status], standing, None, THE_PRODUCT, now)
    return history


def _users(password_hash: str, now: datetime) -> list[Account]:
    return [
        Account(
            id=demo_id(f"user.{each.username}"),
            username=each.username,
            display_name=each.display_name,
            role=Role[each.role],
            organisation_id=demo_id(each.organisation),
            language=Language.EN if each.language == "en" else Language.ZH,
            created_at=now,
            password_hash=password_hash,
        )
        for each in demo_users()
    ]


def _rules() -> list[RuleForm]:
    return [
        RuleForm.of(
            hs_code=each.hs_code,
            name_zh=each.name_zh,
            name_en=each.name_en,
            inspection_required=each.inspection_required,
            inspection_exempt=each.inspection_exempt,
            import_prohibited=each.import_prohibited,
            measure=each.measure,
            legal_basis=each.legal_basis,
            valid_from=each.valid_from,
        )
        for each in demo_rules()
    ]


def acting(key: str, kind: OrganisationKind, institution_id: UUID | None = None) -> Viewer:
    """The first of the organisation's users who may work."""
    user = next(each for each in demo_users() if each.organisation == key and each.role in ("OPERATOR", "ADMIN"))
    return Viewer(
        kind=kind,
        user_id=demo_id(f"user.{user.username}"),
        organisation_id=demo_id(key),
        institution_id=institution_id,
        role=Role[user.role],
    )
