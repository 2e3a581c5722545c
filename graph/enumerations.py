"""Enumerations as code tables, so that a client labels a status from the same place as a customs office."""

from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from domain.account.record import AccountLanguage, AccountStatus
from domain.annual_report.record import AnnualReportStatus
from domain.api_key.record import ApiKeyStatus
from domain.api_key.scope import ApiKeyScope
from domain.attachment import AttachmentKind
from domain.card import CardStatus, SignatureAlgorithm
from domain.certificate import CertificateStatus
from domain.check.record import CheckStatus, CheckType
from domain.code import CodeItem, CodeStatus
from domain.commission.record import CommissionStatus
from domain.delegation import DelegationStatus
from domain.delivery import DeliveryState
from domain.disposition.record import DispositionGround, DispositionStatus, DispositionType
from domain.filing.record import FilingStatus
from domain.filing_change.record import FilingChangeStatus
from domain.institution import InstitutionStatus
from domain.language import Language, Words
from domain.notice import Channel, NoticeAudience, NoticeStatus, NoticeType
from domain.pairing import PairingStatus
from domain.party import OrganisationKind, Role
from domain.passkey import PasskeyStatus
from domain.quality_issue.record import QualityIssueStatus, QualitySeverity
from domain.refusal import RefusalCode
from domain.registry_change import RegistryChangeKind
from domain.regulation import RegulationStatus
from domain.rule import RuleStatus
from domain.session import SessionStatus, SignInMethod
from domain.sign_in_attempt import SignInOutcome
from domain.term import Term
from domain.totp import TotpStatus


@dataclass(frozen=True)
class Enumeration:
    """A closed set of the schema, and what it is a list of."""

    kind: type[Term]
    words: Words


ENUMERATIONS: dict[str, Enumeration] = {
    "ACCOUNT_LANGUAGE": Enumeration(AccountLanguage, Words(zh="账号语言", en="Languages of an account")),
    "ACCOUNT_STATUS": Enumeration(AccountStatus, Words(zh="账号状态", en="Statuses of an account")),
    "ANNUAL_REPORT_STATUS": Enumeration(AnnualReportStatus, Words(zh="年度报告状态", en="Statuses of annual reports")),
    "API_KEY_SCOPE": Enumeration(ApiKeyScope, Words(zh="密钥范围", en="Scopes of API keys")),
    "API_KEY_STATUS": Enumeration(ApiKeyStatus, Words(zh="密钥状态", en="Statuses of API keys")),
    "ATTACHMENT_KIND": Enumeration(AttachmentKind, Words(zh="附件种类", en="Kinds of attachments")),
    "CARD_ALGORITHM": Enumeration(SignatureAlgorithm, Words(zh="签名算法", en="Algorithms by which cards sign")),
    "CARD_STATUS": Enumeration(CardStatus, Words(zh="卡介质状态", en="Statuses of a card")),
    "CERTIFICATE_STATUS": Enumeration(CertificateStatus, Words(zh="证书状态", en="Statuses of a certificate")),
    "CHECK_STATUS": Enumeration(CheckStatus, Words(zh="监督检查状态", en="Statuses of a supervision check")),
    "CHECK_TYPE": Enumeration(CheckType, Words(zh="监督检查类型", en="Types of supervision checks")),
    "CODE_STATUS": Enumeration(CodeStatus, Words(zh="参数状态", en="Statuses of a code")),
    "COMMISSION_STATUS": Enumeration(CommissionStatus, Words(zh="业务委托状态", en="Statuses of a commission")),
    "DELEGATION_STATUS": Enumeration(DelegationStatus, Words(zh="委托办理状态", en="Statuses of a delegation")),
    "DISPOSITION_GROUND": Enumeration(DispositionGround, Words(zh="处置事由", en="Grounds of a disposition")),
    "DISPOSITION_STATUS": Enumeration(DispositionStatus, Words(zh="处置状态", en="Statuses of a disposition")),
    "DISPOSITION_TYPE": Enumeration(DispositionType, Words(zh="处置类型", en="Types of dispositions")),
    "FILING_CHANGE_STATUS": Enumeration(FilingChangeStatus, Words(zh="备案变更状态", en="Statuses of a filing change")),
    "FILING_STATUS": Enumeration(FilingStatus, Words(zh="备案状态", en="Statuses of a filing")),
    "CHANNEL": Enumeration(Channel, Words(zh="通知渠道", en="Channels of a notice")),
    "DELIVERY_STATE": Enumeration(DeliveryState, Words(zh="发送状态", en="States of a delivery")),
    "INSTITUTION_STATUS": Enumeration(InstitutionStatus, Words(zh="机构状态", en="Statuses of an institution")),
    "NOTICE_AUDIENCE": Enumeration(NoticeAudience, Words(zh="发布对象", en="Audiences of a notice")),
    "NOTICE_STATUS": Enumeration(NoticeStatus, Words(zh="公告状态", en="Statuses of a notice")),
    "NOTICE_TYPE": Enumeration(NoticeType, Words(zh="消息类型", en="Types of notices")),
    "ORGANISATION_KIND": Enumeration(OrganisationKind, Words(zh="单位类别", en="Kinds of organisations")),
    "PAIRING_STATUS": Enumeration(PairingStatus, Words(zh="移动端登录状态", en="Statuses of a pairing")),
    "PASSKEY_STATUS": Enumeration(PasskeyStatus, Words(zh="通行密钥状态", en="Statuses of a passkey")),
    "QUALITY_ISSUE_STATUS": Enumeration(QualityIssueStatus, Words(zh="质量反馈状态", en="Statuses of a quality issue")),
    "QUALITY_SEVERITY": Enumeration(QualitySeverity, Words(zh="严重程度", en="Severities of a quality issue")),
    "REFUSAL_CODE": Enumeration(RefusalCode, Words(zh="拒绝原因", en="Reasons of refusals")),
    "REGISTRY_CHANGE_KIND": Enumeration(RegistryChangeKind, Words(zh="名录变更种类", en="Changes of the registry")),
    "REGULATION_STATUS": Enumeration(RegulationStatus, Words(zh="法规状态", en="Statuses of a regulation")),
    "ROLE": Enumeration(Role, Words(zh="用户角色", en="Roles of users")),
    "RULE_STATUS": Enumeration(RuleStatus, Words(zh="规则状态", en="Statuses of a rule")),
    "SESSION_STATUS": Enumeration(SessionStatus, Words(zh="登录状态", en="Statuses of a session")),
    "SIGN_IN_METHOD": Enumeration(SignInMethod, Words(zh="登录方式", en="Ways of signing in")),
    "SIGN_IN_OUTCOME": Enumeration(SignInOutcome, Words(zh="登录结果", en="Outcomes of signing in")),
    "TOTP_STATUS": Enumeration(TotpStatus, Words(zh="动态口令状态", en="Statuses of an authenticator app")),
}


def enumeration_items(name: str) -> tuple[CodeItem, ...]:
    """The members of an enumeration as entries of a code table; empty where there is no enumeration of this name."""
    found = ENUMERATIONS.get(name)
    return tuple(
        CodeItem(
            id=uuid5(NAMESPACE_URL, f"{name}/{term.code}"),
            table_name=name,
            code=term.code,
            label_zh=term.label(Language.ZH),
            label_en=term.label(Language.EN),
            position=position,
        )
        for position, term in enumerate(found.kind if found is not None else ())
    )
