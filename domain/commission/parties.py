"""Who acts on a commission, and who is told in which words."""

from collections.abc import Callable
from uuid import UUID

from domain.commission.record import Commission, CommissionCase
from domain.institution import Institution
from domain.language import Words
from domain.notice import Addressee, NoticeType, Telling, addressee
from domain.party import WORKING, OrganisationKind, Party, Viewer


def _commissions(viewer: Viewer, record: Commission | None) -> bool:
    return record is None or record.enterprise_id == viewer.organisation_id


def _is_commissioned(viewer: Viewer, record: Commission | None) -> bool:
    return record is not None and viewer.institution_id is not None and record.submitted_to_id == viewer.institution_id


THE_ENTERPRISE = Party(
    "the_enterprise",
    Words(zh="委托企业", en="the enterprise that commissions"),
    OrganisationKind.ENTERPRISE,
    WORKING,
    _commissions,
)
THE_INSTITUTION = Party(
    "the_institution",
    Words(zh="受委托的检验机构", en="the institution commissioned"),
    OrganisationKind.INSTITUTION,
    WORKING,
    _is_commissioned,
)


def _organisation(institution: Institution | None) -> UUID | None:
    return None if institution is None else institution.organisation_id


@addressee(zh="所选机构", en="the institution chosen")
def the_institution_chosen(case: CommissionCase) -> UUID | None:
    return _organisation(case.facts.institution)


@addressee(zh="受委托的检验机构（如有）", en="the institution commissioned, if any")
def the_institution_commissioned(case: CommissionCase) -> UUID | None:
    return _organisation(case.facts.commissioned)


@addressee(zh="委托企业", en="the enterprise")
def the_enterprise(case: CommissionCase) -> UUID | None:
    return case.record.enterprise_id


@addressee(zh="新机构", en="the institution that takes over")
def the_successor(case: CommissionCase) -> UUID | None:
    return _organisation(case.facts.named)


def _blanks(case: CommissionCase) -> dict[str, object]:
    institution = case.facts.commissioned
    return {
        "number": case.record.number,
        "enterprise": case.record.enterprise_name,
        "institution_zh": institution and institution.name_zh,
        "institution_en": institution and institution.name_en,
        "reason": getattr(case.form, "reason", None),
        "certificate": getattr(case.form, "certificate_number", None),
        "until": getattr(case.form, "valid_until", None),
    }


def _blanks_with_certificate(case: CommissionCase) -> dict[str, object]:
    (issued,) = case.facts.certificates
    return _blanks(case) | {"certificate": issued.number, "until": issued.valid_until}


def _telling(
    to: Addressee,
    *,
    zh: str,
    en: str,
    body_zh: str,
    body_en: str,
    blanks: Callable[[CommissionCase], dict[str, object]] = _blanks,
) -> Telling:
    return Telling(NoticeType.COMMISSION, to, Words(zh=zh, en=en), Words(zh=body_zh, en=body_en), blanks)


A_NEW_COMMISSION = _telling(
    the_institution_chosen,
    zh="您有新的业务委托（委托号：{number}），请及时受理",
    en="A new commission ({number}) waits for you",
    body_zh="{enterprise}委托贵机构进行装运前检验，委托号：{number}。请接受委托或退回。",
    body_en="{enterprise} commissions an inspection before shipment, number {number}. Accept or return it.",
)
WITHDRAWN = _telling(
    the_institution_commissioned,
    zh="业务委托（委托号：{number}）已被企业撤回",
    en="Commission {number} was withdrawn by the enterprise",
    body_zh="{enterprise}已撤回委托号为{number}的业务委托，无需受理。",
    body_en="{enterprise} has withdrawn commission {number}; nothing needs doing.",
)
ACCEPTED = _telling(
    the_enterprise,
    zh="您的业务委托（委托号：{number}）已被接受",
    en="Your commission ({number}) was accepted",
    body_zh="{institution_zh}已接受您的业务委托（委托号：{number}），状态：受理中。",
    body_en="{institution_en} has accepted your commission {number}; the inspection is in progress.",
)
RETURNED = _telling(
    the_enterprise,
    zh="您的业务委托（委托号：{number}）需补充材料",
    en="Your commission ({number}) was returned",
    body_zh="{institution_zh}退回了您的业务委托（委托号：{number}），退回原因：{reason}。请修改补充后再次提交。",
    body_en="{institution_en} has returned your commission {number}. Reason: {reason}. Mend it and submit it again.",
)
COMPLETED = _telling(
    the_enterprise,
    zh="您的业务委托（委托号：{number}）已受理完成",
    en="Your commission ({number}) is completed",
    body_zh="{institution_zh}已完成检验，证书编号：{certificate}，证书有效期至{until}。",
    body_en="{institution_en} has completed the inspection. Certificate {certificate}, valid until {until}.",
)
CERTIFICATE_EXPIRED = _telling(
    the_enterprise,
    zh="您的业务委托（委托号：{number}）的检验证书已过有效期",
    en="The certificate of your commission ({number}) has expired",
    body_zh="{institution_zh}签发的证书（证书编号：{certificate}）有效期至{until}，已过期。货物尚未进口的，请重新委托检验。",
    body_en="Certificate {certificate} of {institution_en} was valid until {until}. Goods not imported yet need a new "
    "inspection.",
    blanks=_blanks_with_certificate,
)
CANCELLED = _telling(
    the_institution_commissioned,
    zh="业务委托（委托号：{number}）已被企业取消",
    en="Commission {number} was cancelled by the enterprise",
    body_zh="{enterprise}已取消委托号为{number}的业务委托。",
    body_en="{enterprise} has cancelled commission {number}.",
)
MOVED = _telling(
    the_successor,
    zh="您有新的业务委托（委托号：{number}），请及时受理",
    en="A new commission ({number}) waits for you",
    body_zh="{enterprise}将委托号为{number}的业务委托改由贵机构检验。请接受委托或退回。",
    body_en="{enterprise} moves commission {number} to you. Accept or return it.",
)
