"""Enumerations as code tables, so that a client labels a status from the same place as a customs office."""

from uuid import NAMESPACE_URL, uuid5

from domain.attachment import AttachmentKind
from domain.certificate import CertificateStatus
from domain.code import CodeItem, CodeStatus
from domain.commission.record import CommissionStatus
from domain.institution import InstitutionStatus
from domain.language import Language
from domain.notice import NoticeAudience, NoticeStatus, NoticeType
from domain.party import OrganisationKind, Role
from domain.regulation import RegulationStatus
from domain.rule import RuleStatus
from domain.term import Term

ENUMERATIONS: dict[str, type[Term]] = {
    "ATTACHMENT_KIND": AttachmentKind,
    "CERTIFICATE_STATUS": CertificateStatus,
    "CODE_STATUS": CodeStatus,
    "COMMISSION_STATUS": CommissionStatus,
    "INSTITUTION_STATUS": InstitutionStatus,
    "NOTICE_AUDIENCE": NoticeAudience,
    "NOTICE_STATUS": NoticeStatus,
    "NOTICE_TYPE": NoticeType,
    "ORGANISATION_KIND": OrganisationKind,
    "REGULATION_STATUS": RegulationStatus,
    "ROLE": Role,
    "RULE_STATUS": RuleStatus,
}


def enumeration_items(name: str) -> tuple[CodeItem, ...]:
    """The members of an enumeration as entries of a code table; empty where there is no enumeration of this name."""
    return tuple(
        CodeItem(
            id=uuid5(NAMESPACE_URL, f"{name}/{term.code}"),
            table_name=name,
            code=term.code,
            label_zh=term.label(Language.ZH),
            label_en=term.label(Language.EN),
            position=position,
        )
        for position, term in enumerate(ENUMERATIONS.get(name, ()))
    )
