"""Who acts on a filing, and who is told in which words."""

from uuid import UUID

from domain.filing.record import Filing, FilingCase
from domain.language import Words
from domain.notice import Addressee, NoticeType, Telling, addressee, every_customs_office
from domain.party import WORKING, OrganisationKind, Party, Viewer


def _applies(viewer: Viewer, record: Filing | None) -> bool:
    return record is None or record.organisation_id == viewer.organisation_id


THE_APPLICANT = Party(
    "the_applicant",
    Words(zh="备案申请机构", en="the institution that files"),
    OrganisationKind.INSTITUTION,
    WORKING,
    _applies,
)


@addressee(zh="备案申请机构", en="the institution that files")
def the_applicant(case: FilingCase) -> UUID | None:
    return case.record.organisation_id


def _blanks(case: FilingCase) -> dict[str, object]:
    return {
        "name_zh": case.record.name_zh,
        "name_en": case.record.name_en,
        "number": case.record.application_number,
        "certificate_number": case.record.certificate_number,
        "reason": getattr(case.form, "reason", None),
    }


def _telling(to: Addressee, *, zh: str, en: str, body_zh: str, body_en: str) -> Telling:
    return Telling(NoticeType.FILING, to, Words(zh=zh, en=en), Words(zh=body_zh, en=body_en), _blanks)


SUBMITTED = _telling(
    every_customs_office,
    zh="收到备案申请（备案申请号：{number}），请审核",
    en="Filing {number} has come in; please review it",
    body_zh="{name_zh}（{name_en}）提出备案申请，备案申请号：{number}，请审核。",
    body_en="{name_en} asks to be entered in the registry by filing {number}.",
)
WITHDRAWN = _telling(
    every_customs_office,
    zh="备案申请（备案申请号：{number}）已撤回",
    en="Filing {number} was taken back",
    body_zh="{name_zh}（{name_en}）撤回了备案申请，备案申请号：{number}，无需审核。",
    body_en="{name_en} has taken filing {number} back; nothing is to be reviewed.",
)
ACCEPTED = _telling(
    the_applicant,
    zh="您的备案申请（备案申请号：{number}）已受理",
    en="Your filing ({number}) was accepted",
    body_zh="海关已受理贵机构的备案申请（备案申请号：{number}），备案证书编号：{certificate_number}。贵机构已列入备案名录，可以接受委托。",
    body_en="Customs has accepted your filing {number}. Its number is {certificate_number}; the institution is in the "
    "registry and may be commissioned.",
)
SUPPLEMENT_REQUIRED = _telling(
    the_applicant,
    zh="补充材料通知，（备案申请号：{number}），请补充后再次申请",
    en="Your filing ({number}) needs supplements",
    body_zh="海关要求补充备案申请（备案申请号：{number}）的材料，原因：{reason}。请修改补充后再次申请。",
    body_en="Customs asks for supplements to filing {number}. Reason: {reason}. Mend it and submit it again.",
)
REJECTED = _telling(
    the_applicant,
    zh="您的备案申请（备案申请号：{number}）不予受理",
    en="Your filing ({number}) was rejected",
    body_zh="海关对备案申请（备案申请号：{number}）不予受理，原因：{reason}。贵机构可以重新提出备案申请。",
    body_en="Customs has rejected filing {number}. Reason: {reason}. A new filing may be made.",
)
