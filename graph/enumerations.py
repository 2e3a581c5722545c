"""Enumerations as code tables, so that a client labels a status from the same place as a customs office."""

from uuid import NAMESPACE_URL, uuid5

from domain.annual_report.record import AnnualReportStatus
from domain.attachment import AttachmentKind
from domain.certificate import CertificateStatus
from domain.check.record import CheckStatus, CheckType
from domain.code import CodeItem, CodeStatus
from domain.commission.record import CommissionStatus
from domain.delivery import DeliveryState
from domain.disposition.record import DispositionGround, DispositionStatus, DispositionType
from domain.filing.record import FilingStatus
from domain.filing_change.record import FilingChangeStatus
from domain.institution import InstitutionStatus
from domain.language import Language
from domain.notice import Channel, NoticeAudience, NoticeStatus, NoticeType
from domain.party import OrganisationKind, Role
from domain.quality_issue.record import QualityIssueStatus, QualitySeverity
from domain.regulation import RegulationStatus
from domain.rule import RuleStatus
from domain.sign_in_attempt import SignInMethod, SignInOutcome
from domain.term import Term

ENUMERATIONS: dict[str, type[Term]] = {
    "ANNUAL_REPORT_STATUS": AnnualReportStatus,
    "ATTACHMENT_KIND": AttachmentKind,
    "CERTIFICATE_STATUS": CertificateStatus,
    "CHECK_STATUS": CheckStatus,
    "CHECK_TYPE": CheckType,
    "CODE_STATUS": CodeStatus,
    "COMMISSION_STATUS": CommissionStatus,
    "DISPOSITION_GROUND": DispositionGround,
    "DISPOSITION_STATUS": DispositionStatus,
    "DISPOSITION_TYPE": DispositionType,
    "FILING_CHANGE_STATUS": FilingChangeStatus,
    "FILING_STATUS": FilingStatus,
    "CHANNEL": Channel,
    "DELIVERY_STATE": DeliveryState,
    "INSTITUTION_STATUS": InstitutionStatus,
    "NOTICE_AUDIENCE": NoticeAudience,
    "NOTICE_STATUS": NoticeStatus,
    "NOTICE_TYPE": NoticeType,
    "ORGANISATION_KIND": OrganisationKind,
    "QUALITY_ISSUE_STATUS": QualityIssueStatus,
    "QUALITY_SEVERITY": QualitySeverity,
    "REGULATION_STATUS": RegulationStatus,
    "ROLE": Role,
    "RULE_STATUS": RuleStatus,
    "SIGN_IN_METHOD": SignInMethod,
    "SIGN_IN_OUTCOME": SignInOutcome,
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
