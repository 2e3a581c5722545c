"""The demo world: fictional institutions, enterprises, people and goods around the 48 rules of the demo.

Every name, number and address is invented; e-mail addresses end in the reserved `.example`, and rules whose listing
is not from the official text say 示例，非官方清单 in their legal basis.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from uuid import NAMESPACE_DNS, UUID, uuid5

from storage.seed import read_date, read_rows


@dataclass(frozen=True, slots=True)
class DemoRule:
    """旧机电业务规则: what applies to used goods of one HS code; exactly one of the three flags is set."""

    hs_code: str
    name_zh: str
    name_en: str
    inspection_required: bool
    inspection_exempt: bool
    import_prohibited: bool
    measure: str
    legal_basis: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class DemoApplicant:
    """An inspection institution as it describes itself; not in the registry, or not yet."""

    key: str
    name_zh: str
    name_en: str
    country: str
    registered_place: str
    registered_address: str
    legal_form: str
    contact_name: str
    contact_phone: str
    contact_mobile: str
    contact_email: str


@dataclass(frozen=True, slots=True)
class DemoInstitution(DemoApplicant):
    """装运前检验机构; `shown_status` is NORMAL, or the type of the disposition under which the demo shows it."""

    filing_number: str
    filed_at: datetime
    shown_status: str
    note: str


@dataclass(frozen=True, slots=True)
class DemoEnterprise:
    """委托企业, with the codes that its commissions usually carry."""

    key: str
    name_zh: str
    name_en: str
    credit_code: str
    contact_name: str
    contact_phone: str
    contact_mobile: str
    contact_email: str
    contact_address: str
    destination: str
    destination_port: str
    destination_customs: str
    entry_customs: str
    product_use: str


@dataclass(frozen=True, slots=True)
class DemoCustomsOffice:
    """海关; `district` is a code of CUSTOMS_DISTRICT."""

    key: str
    name_zh: str
    name_en: str
    district: str
    address: str
    phone: str
    mobile: str
    email: str


@dataclass(frozen=True, slots=True)
class DemoUser:
    """A demo account; `organisation` is the key of an institution (I…, A…), an enterprise (E…) or a customs office
    (C…). `status` is that of an account."""

    username: str
    display_name: str
    organisation: str
    role: str
    language: str
    status: str


@dataclass(frozen=True, slots=True)
class DemoGoods:
    """A kind of used machine, with the range of its price for one unit in US dollars."""

    product_name: str
    model: str
    hs_code: str
    unit: str
    unit_price_usd_min: Decimal
    unit_price_usd_max: Decimal
    brand: str


@dataclass(frozen=True, slots=True)
class DemoText:
    """A sentence that somebody typed, in the language (`zh-CN` or `en`) in which it was typed."""

    language: str
    text: str


@dataclass(frozen=True, slots=True)
class DemoPlace:
    """货物所在地: a place abroad as an enterprise writes it, and its country's ISO code."""

    place: str
    country: str


@dataclass(frozen=True)
class DemoFile:
    """The one file that all demo attachments show: already in the vault."""

    file_id: UUID
    name: str
    size_bytes: int
    media_type: str
    sha256: str


def demo_id(key: str) -> UUID:
    """The same key has the same id in every demo."""
    return uuid5(NAMESPACE_DNS, f"{key}.demo.preship.example")


@cache
def demo_rules() -> tuple[DemoRule, ...]:
    """All 48, ordered prohibited, required, exempt."""
    return tuple(
        DemoRule(
            hs_code=row["hs_code"],
            name_zh=row["name_zh"],
            name_en=row["name_en"],
            inspection_required=_flag(row["inspection_required"]),
            inspection_exempt=_flag(row["inspection_exempt"]),
            import_prohibited=_flag(row["import_prohibited"]),
            measure=row["measure"],
            legal_basis=row["legal_basis"],
            valid_from=date.fromisoformat(row["valid_from"]),
            valid_to=read_date(row["valid_to"]),
        )
        for row in _rows("rules")
    )


@cache
def demo_institutions() -> tuple[DemoInstitution, ...]:
    """Most of them NORMAL, one under each type of disposition; instants carry +08:00."""
    return tuple(
        DemoInstitution(
            key=row["key"],
            name_zh=row["name_zh"],
            name_en=row["name_en"],
            country=row["country"],
            registered_place=row["registered_place"],
            registered_address=row["registered_address"],
            legal_form=row["legal_form"],
            filing_number=row["filing_number"],
            filed_at=datetime.fromisoformat(row["filed_at"]),
            contact_name=row["contact_name"],
            contact_phone=row["contact_phone"],
            contact_mobile=row["contact_mobile"],
            contact_email=row["contact_email"],
            shown_status=row["shown_status"],
            note=row["note"],
        )
        for row in _rows("institutions")
    )


@cache
def demo_applicants() -> tuple[DemoApplicant, ...]:
    """Institutions that have filed and are not accepted."""
    return tuple(DemoApplicant(**row) for row in _rows("applicants"))


@cache
def demo_enterprises() -> tuple[DemoEnterprise, ...]:
    """Their codes are all in the code tables that an installation starts from."""
    return tuple(DemoEnterprise(**row) for row in _rows("enterprises"))


@cache
def demo_customs() -> tuple[DemoCustomsOffice, ...]:
    """One office."""
    return tuple(DemoCustomsOffice(**row) for row in _rows("customs"))


@cache
def demo_users() -> tuple[DemoUser, ...]:
    """At least one ADMIN for every organisation; passwords are not data and stand elsewhere."""
    return tuple(DemoUser(**row) for row in _rows("users"))


@cache
def demo_goods() -> tuple[DemoGoods, ...]:
    """At least one for every demo rule that lets goods in, none for a prohibited one."""
    return tuple(
        DemoGoods(
            product_name=row["product_name"],
            model=row["model"],
            hs_code=row["hs_code"],
            unit=row["unit"],
            unit_price_usd_min=Decimal(row["unit_price_usd_min"]),
            unit_price_usd_max=Decimal(row["unit_price_usd_max"]),
            brand=row["brand"],
        )
        for row in _rows("goods")
    )


@cache
def demo_consignees() -> tuple[str, ...]:
    """Names for 收货人名称."""
    return tuple(row["name"] for row in _rows("consignees"))


@cache
def demo_remarks() -> tuple[DemoText, ...]:
    """What enterprises write under 备注."""
    return tuple(DemoText(**row) for row in _rows("remarks"))


@cache
def demo_return_reasons() -> tuple[DemoText, ...]:
    """What institutions write under 退回原因."""
    return tuple(DemoText(**row) for row in _rows("return_reasons"))


@cache
def demo_places() -> tuple[DemoPlace, ...]:
    """None of them on the Chinese mainland."""
    return tuple(DemoPlace(**row) for row in _rows("places"))


def _rows(name: str) -> list[dict[str, str]]:
    return list(read_rows("storage.demo", f"{name}.csv"))


def _flag(text: str) -> bool:
    if text not in {"true", "false"}:
        raise ValueError(f"A flag is true or false, not {text!r}")
    return text == "true"
