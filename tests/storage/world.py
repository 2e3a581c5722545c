"""A small world put straight into the tables: organisations, accounts, institutions, codes; and rules."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import uuid_utils.compat
from sqlalchemy import insert, select

from domain.account.record import Account, AccountStatus
from domain.attachment import AttachForm, AttachmentKind
from domain.code import CodeItem
from domain.commission.record import Commission, CommissionDraft, CompleteForm, GoodsLineDraft, ReturnForm
from domain.institution import RegistryEntry
from domain.party import THE_PRODUCT, OrganisationKind, Role, Viewer
from domain.record import Form
from domain.rule import RuleForm
from storage.account import ACCOUNT
from storage.bell import ProcessBell
from storage.code import DESK as CODES_DESK
from storage.commission import DESK
from storage.database import Database
from storage.history import History, write, written
from storage.institution import DESK as INSTITUTIONS_DESK
from storage.organisation import ORGANISATION
from storage.perform import Door, Outcome, Request
from storage.rule import DESK as RULES_DESK
from storage.sealed import written as sealed
from storage.seed.plant import histories
from storage.tables import METADATA
from tests.keys import RING

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
LOADER, FORKLIFT, OLD_TRUCK = "8429510000", "8427209000", "8704224000"


def new_id() -> UUID:
    return uuid_utils.compat.uuid7()


@dataclass
class World:
    """A migrated database with people in it, and doors to it; each further door has a database object of its own."""

    url: str
    databases: list[Database]
    enterprise: Viewer
    rival: Viewer
    institution: Viewer
    other_institution: Viewer

    @property
    def database(self) -> Database:
        return self.databases[0]

    def door(self) -> Door:
        """A door of another process, as far as the database can tell."""
        self.databases.append(Database(self.url, RING))
        return Door(self.databases[-1], ProcessBell(), lambda: NOW)

    def draft(self, **given: Any) -> CommissionDraft:
        """A form that may be submitted, with one goods line."""
        filled: dict[str, Any] = {
            "contact_phone": "021-55551234",
            "contact_email": "lin@enterprise.example",
            "contact_address": "上海市浦东新区示例路1号",
            "consignee_name": "示例收货人",
            "product_use": "SELF_USE",
            "goods_location": "Hamburg",
            "domestic_destination": "310115",
            "destination_port": "CNSHA",
            "destination_customs": "2201",
            "entry_customs": "2248",
            "institution_id": self.institution.institution_id,
            "goods_lines": (self.line(),),
        }
        form: CommissionDraft = CommissionDraft.of(**(filled | given))
        return form

    def line(self, **given: Any) -> GoodsLineDraft:
        filled: dict[str, Any] = {
            "product_name": "前铲装载机",
            "model": "L-90",
            "hs_code": LOADER,
            "manufactured_on": date(2015, 5, 1),
            "quantity": Decimal(2),
            "unit": "001",
            "amount": Decimal("12500.50"),
        }
        draft: GoodsLineDraft = GoodsLineDraft.of(**(filled | given))
        return draft

    async def does(
        self, door: Door, action: str, commission: Commission | None, form: Form, actor: Viewer, **request: Any
    ) -> Outcome[Commission]:
        subject_id = commission.id if commission else None
        return await door.perform(DESK, action, Request(form=form, subject_id=subject_id, **request), actor)

    async def saved(self, door: Door, **given: Any) -> Commission:
        return done(await self.does(door, "save_draft", None, self.draft(**given), self.enterprise))

    async def submitted(self, door: Door, **given: Any) -> Commission:
        draft = await self.saved(door, **given)
        return done(await self.does(door, "submit", draft, Form(), self.enterprise))

    async def accepted(self, door: Door, **given: Any) -> Commission:
        """With a file, so that it may be completed."""
        submitted = await self.submitted(door, **given)
        accepted = done(await self.does(door, "accept", submitted, Form(), self.institution))
        return done(await self.does(door, "attach", accepted, a_file(), self.institution))

    async def dump(self) -> dict[str, list[Any]]:
        """Every row of every table."""
        async with self.database.reading() as connection:
            return {
                table.name: sorted(map(repr, (await connection.execute(select(table))).all()))
                for table in METADATA.sorted_tables
            }


def a_file() -> AttachForm:
    return AttachForm(
        file_id=uuid4(),
        kind=AttachmentKind.PHOTO,
        name="photo.png",
        size_bytes=10,
        media_type="image/png",
        sha256="a" * 64,
    )


def completion(number: str = "C-1") -> CompleteForm:
    form: CompleteForm = CompleteForm.of(certificate_number=number, valid_until=date(2027, 5, 1))
    return form


def returning() -> ReturnForm:
    form: ReturnForm = ReturnForm.of(reason="缺少铭牌照片")
    return form


def done(outcome: Outcome[Commission]) -> Commission:
    """The record of an action that must not be refused."""
    assert outcome.refusals == ()
    assert outcome.record is not None
    return outcome.record


def codes(outcome: Outcome[Any]) -> list[str]:
    return [each.code.name for each in outcome.refusals]


@asynccontextmanager
async def world_at(url: str) -> AsyncIterator[World]:
    database = Database(url, RING)
    rows = _People()
    enterprise = rows.user(OrganisationKind.ENTERPRISE, "进口商甲")
    rival = rows.user(OrganisationKind.ENTERPRISE, "进口商乙")
    institution = rows.user(OrganisationKind.INSTITUTION, "检验机构甲")
    other = rows.user(OrganisationKind.INSTITUTION, "检验机构乙")
    world = World(url, [database], enterprise, rival, institution, other)
    async with database.writing() as connection:
        await connection.execute(insert(ORGANISATION), rows.organisations)
        await connection.execute(insert(ACCOUNT), rows.users)
        await write(connection, written(INSTITUTIONS_DESK, rows.institutions))
        await write(connection, written(CODES_DESK, histories([_code(*each) for each in _CODES], (), NOW)))
    rules = [_rule(LOADER, False), _rule(FORKLIFT, False), _rule(OLD_TRUCK, True)]
    announced = await world.door().perform_all(RULES_DESK, "announce", rules, THE_PRODUCT)
    assert not any(each.refusals for each in announced)
    try:
        yield world
    finally:
        await asyncio.gather(*(each.close() for each in world.databases))


_CODES = (
    ("PRODUCT_USE", "SELF_USE"),
    ("DESTINATION", "310115"),
    ("PORT", "CNSHA"),
    ("CUSTOMS_DISTRICT", "2201"),
    ("CUSTOMS_DISTRICT", "2248"),
    ("UNIT", "001"),
    ("UNIT", "006"),
)


class _People:
    def __init__(self) -> None:
        self.organisations: list[dict[str, Any]] = []
        self.users: list[dict[str, Any]] = []
        self.institutions: list[History] = []

    def user(self, kind: OrganisationKind, name: str) -> Viewer:
        organisation_id, user_id = new_id(), new_id()
        self.organisations.append(
            {"id": organisation_id, "version": 0, "kind": kind, "name_zh": name, "name_en": name, "uscc": None}
        )
        user = {
            "id": user_id, "version": 0, "username": f"user{len(self.users)}", "display_name": name,
            "role": Role.OPERATOR, "status": AccountStatus.ACTIVE, "organisation_id": organisation_id,
            "language": "zh", "created_at": NOW, "name_key": f"user{len(self.users)}", "password_hash": "",
            "code_tries": 0,
        }  # fmt: skip
        self.users.append(sealed(Account, user_id, user))
        institution_id = new_id() if kind is OrganisationKind.INSTITUTION else None
        if institution_id is not None:
            history = History(INSTITUTIONS_DESK, "", lambda: institution_id)
            entry = RegistryEntry.of(
                filing_number=f"JJD2026{len(self.institutions):03}", name_zh=name, name_en=name,
                registered_place="Hamburg", country="DE", organisation_id=organisation_id,
            )  # fmt: skip
            history.then("enter", entry, None, THE_PRODUCT, NOW)
            self.institutions.append(history)
        return Viewer(
            kind=kind,
            user_id=user_id,
            organisation_id=organisation_id,
            institution_id=institution_id,
            role=Role.OPERATOR,
        )


def _code(table_name: str, code: str) -> CodeItem:
    return CodeItem(id=new_id(), table_name=table_name, code=code, label_zh=code, label_en=code)


def _rule(hs_code: str, prohibited: bool) -> Request:
    return Request(
        form=RuleForm.of(
            hs_code=hs_code, name_zh=hs_code, inspection_required=not prohibited, import_prohibited=prohibited,
            measure="示例", legal_basis="示例公告", valid_from=date(2020, 1, 1),
        )
    )  # fmt: skip
