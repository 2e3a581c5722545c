"""The demo world in a database: organisations, accounts, registry, rules and codes; whoever asks twice gets one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import insert, select

from domain.disposition.record import (
    DispositionFacts,
    DispositionGround,
    NonRecognitionForm,
    RectificationForm,
    RevocationForm,
)
from domain.institution import Institution, RegistryEntry
from domain.marks import today_in_china
from domain.organisation import Organisation
from domain.party import THE_PRODUCT, OrganisationKind, Role, Viewer
from domain.rule import RuleForm
from storage.account_desk import DESK as ACCOUNT_DESK
from storage.consequences import row_of
from storage.database import Database
from storage.demo import (
    DemoEnterprise,
    DemoFile,
    DemoInstitution,
    demo_applicants,
    demo_customs,
    demo_enterprises,
    demo_institutions,
    demo_rules,
    demo_users,
)
from storage.demo import demo_id as demo_id
from storage.demo.filings import file_them
from storage.demo.users import users
from storage.disposition import DESK as DISPOSITION_DESK
from storage.history import History, write, written
from storage.institution import DESK as INSTITUTION_DESK
from storage.numbers import next_numbers
from storage.organisation import ORGANISATION
from storage.perform import Door, Request, Transaction
from storage.rule import DESK as RULE_DESK
from storage.rule import versions_of
from storage.seed.plant import plant

NO_FILE = DemoFile(demo_id("file"), "资质材料-演示.pdf", 1, "application/pdf", "0" * 64)
"""Lies in no vault: for those who look at records alone."""

DISPOSITION_LASTS = timedelta(days=180)
RECTIFICATION_LASTS = timedelta(days=60)


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
    """Who acts in the demo's stories."""

    enterprises: tuple[tuple[DemoEnterprise, Viewer], ...]
    institutions: tuple[tuple[Institution, Viewer], ...]
    officer: Viewer
    """Of customs."""


async def is_there(database: Database) -> bool:
    async with database.reading() as connection:
        return (
            await connection.execute(
                select(ORGANISATION.c.id).where(ORGANISATION.c.id == demo_id(demo_customs()[0].key))
            )
        ).first() is not None


async def settle(database: Database, door: Door, password_hash: str, file: DemoFile = NO_FILE) -> World:
    """Makes the world where there is none yet; returns who acts in it. `file` is what its attachments show."""
    now = door.clock().astimezone(UTC)
    if not await is_there(database):
        await plant(database)

        async def work(transaction: Transaction) -> None:
            connection = transaction.connection
            await connection.execute(insert(ORGANISATION), [row_of(each) for each in _organisations()])
            fallen = [each for each in demo_institutions() if each.shown_status != "NORMAL"]
            registry, dispositions = _registry(now, await next_numbers(connection, "disposition", len(fallen), now))
            await write(connection, written(INSTITUTION_DESK, registry))
            await file_them(connection, _by_key(now), file, now)
            await write(connection, written(ACCOUNT_DESK, users(password_hash, now, _organisations())))
            await write(connection, written(DISPOSITION_DESK, dispositions))
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
        officer=acting(demo_customs()[0].key, OrganisationKind.CUSTOMS),
    )


def accounts(password: str) -> Sequence[DemoAccount]:
    """Every demo account that can sign in, in the order of the file."""
    names = {each.key: each.name_zh for each in demo_enterprises()}
    names |= {each.key: each.name_zh for each in demo_institutions()}
    names |= {each.key: each.name_zh for each in demo_applicants()}
    names |= {each.key: each.name_zh for each in demo_customs()}
    kinds = {"E": "ENTERPRISE", "I": "INSTITUTION", "A": "INSTITUTION", "C": "CUSTOMS"}
    return [
        DemoAccount(each.username, password, kinds[each.organisation[0]], each.role, names[each.organisation])
        for each in demo_users()
        if each.status == "ACTIVE"
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
            contact_mobile=each.contact_mobile,
            contact_email=each.contact_email,
            contact_address=each.registered_address,
        )
        for each in (*demo_institutions(), *demo_applicants())
    ]
    customs = [
        Organisation(
            id=demo_id(each.key),
            kind=OrganisationKind.CUSTOMS,
            name_zh=each.name_zh,
            name_en=each.name_en,
            contact_phone=each.phone,
            contact_mobile=each.mobile,
            contact_email=each.email,
            contact_address=each.address,
        )
        for each in demo_customs()
    ]
    return [*enterprises, *institutions, *customs]


def _institutions(now: datetime) -> list[Institution]:
    found = []
    for history in _registry(now, [""] * len(demo_institutions()))[0]:
        assert isinstance(history.record, Institution)
        found.append(history.record)
    return found


def _by_key(now: datetime) -> dict[str, Institution]:
    return {demo.key: each for demo, each in zip(demo_institutions(), _institutions(now), strict=True)}


def _registry(now: datetime, numbers: Sequence[str]) -> tuple[list[History], list[History]]:
    """The institutions as they were entered in the registry, and the dispositions that have changed some of them."""
    institutions, dispositions, left = [], [], iter(numbers)
    for each in demo_institutions():
        institution = _entered(each)
        institutions.append(institution)
        if each.shown_status != "NORMAL":
            dispositions.append(_disposed(each, institution, next(left), now))
    return institutions, dispositions


def _disposed(each: DemoInstitution, institution: History, number: str, now: datetime) -> History:
    """The disposition under which an institution is shown; it brings the status about, as it would at the door."""
    history = History(DISPOSITION_DESK, number, lambda: demo_id(f"{each.key}.disposition"))
    today = today_in_china(now)
    action, form = {
        "NON_RECOGNITION": (
            "impose_non_recognition",
            NonRecognitionForm.of(ground=DispositionGround.RESULT_UNTRUE, ends_on=today + DISPOSITION_LASTS),
        ),
        "RECTIFICATION": (
            "order_rectification",
            RectificationForm.of(ground=DispositionGround.OTHER, due_on=today + RECTIFICATION_LASTS),
        ),
        "REVOCATION": ("revoke", RevocationForm.of(ground=DispositionGround.MISCONDUCT)),
    }[each.shown_status]
    assert isinstance(institution.record, Institution)
    filled = replace(
        form,
        institution_id=institution.record.id,
        content=each.note,
        legal_ground="示例，非官方文书：质检总局公告2014年第145号",
    )
    facts = DispositionFacts(institution=institution.record)
    reviewer = acting(demo_customs()[0].key, OrganisationKind.CUSTOMS, role="REVIEWER")
    for leads_to, wish in history.then(action, filled, facts, reviewer, now):
        institution.then(leads_to.action, wish.form, None, THE_PRODUCT, now)
    return history


def _entered(each: DemoInstitution) -> History:
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
    return history


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


def acting(key: str, kind: OrganisationKind, institution_id: UUID | None = None, *, role: str | None = None) -> Viewer:
    """The first of the organisation's users who may work, or who has this role."""
    roles = ("OPERATOR", "ADMIN") if role is None else (role,)
    user = next(each for each in demo_users() if each.organisation == key and each.role in roles)
    return Viewer(
        kind=kind,
        user_id=demo_id(f"user.{user.username}"),
        organisation_id=demo_id(key),
        institution_id=institution_id,
        role=Role[user.role],
    )
