"""Certificates 装运前检验证书: what an institution issues when it has inspected the goods of a commission."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from domain import marks
from domain.record import Form, Part, hidden, says
from domain.term import Term


class CertificateStatus(Term):
    """Whether a certificate may be relied on."""

    VALID = "有效", "Issued, and not past its last day."
    EXPIRED = "已过期", "Past its last day."
    WITHDRAWN = "已撤回", "Taken back by the institution that issued it."
    NOT_RECOGNISED = "不予认可", "Not recognised by customs."


@dataclass(frozen=True, kw_only=True)
class Certificate(Part):
    """The result of an inspection before shipment 装运前检验证书."""

    number: Annotated[str, says("证书编号", "The institution's own number, unique within it."), marks.text(64)]
    issued_on: Annotated[date, says("签发日期", "Day of completion (China standard time).")]
    valid_until: Annotated[date, says("证书有效期", "Last day on which it is valid.")]
    signatory: Annotated[str | None, says("签发人", "Who signed it."), marks.text(100)] = None
    conclusion: Annotated[str | None, says("检验结论", "The result in words."), marks.text(2000)] = None
    status: CertificateStatus
    commission_id: Annotated[UUID, hidden]
    institution_id: Annotated[UUID, hidden]

    def status_on(self, day: date) -> CertificateStatus:
        """Whether it may be relied on that day; nobody has to come by for a certificate to expire."""
        return status_on(self.status, self.valid_until, day)


def status_on(status: CertificateStatus, valid_until: date, day: date) -> CertificateStatus:
    return CertificateStatus.EXPIRED if status is CertificateStatus.VALID and day > valid_until else status


@dataclass(frozen=True, kw_only=True)
class CertificateFacts(Part):
    """What may be verified of a certificate whose number is known 证书核验: nothing of the commission behind it."""

    number: Annotated[str, says("证书编号", "The institution's own number, unique within it."), marks.text(64)]
    issued_on: Annotated[date, says("签发日期", "Day of completion (China standard time).")]
    valid_until: Annotated[date, says("证书有效期", "Last day on which it is valid.")]
    status: CertificateStatus
    institution_id: Annotated[UUID, says("机构标识", "The institution that issued it."), marks.id_of("institution")]

    def status_on(self, day: date) -> CertificateStatus:
        """As of the certificate itself."""
        return status_on(self.status, self.valid_until, day)


@dataclass(frozen=True, kw_only=True)
class CertificateFilter(Form):
    """Which certificates are wanted; conditions given together must all hold."""

    number: Annotated[str | None, says("证书编号", "The number, or its beginning.")] = None
    institution_id: Annotated[
        UUID | None, says("装运前检验机构", "The institution that issued it."), marks.id_of("institution")
    ] = None
    valid_on: Annotated[date | None, says("有效日期", "A day on which it is valid, by its own dates.")] = None
    issued_from: Annotated[date | None, says("签发开始日期", "First day of issue.")] = None
    issued_to: Annotated[date | None, says("签发结束日期", "Last day of issue.")] = None


class CertificateOrderField(Term):
    """What certificates are sorted by."""

    ISSUED_ON = "签发日期", "The day of issue."
    VALID_UNTIL = "证书有效期", "The last day on which it is valid."
