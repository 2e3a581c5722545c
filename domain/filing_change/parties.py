"""Who acts on a filing change, and who is told in which words."""

from uuid import UUID

from domain.filing_change.record import FilingChange, FilingChangeCase
from domain.language import Words
from domain.notice import Addressee, NoticeType, Telling, addressee, every_customs_office
from domain.party import WORKING, OrganisationKind, Party, Viewer


def _is_filed(viewer: Viewer, record: FilingChange | None) -> bool:
    return record is None or record.organisation_id == viewer.organisation_id


THE_FILED_INSTITUTION = Party(
    "the_filed_institution",
    Words(zh="备案机构", en="the institution on file"),
    OrganisationKind.INSTITUTION,
    WORKING,
    _is_filed,
)


@addressee(zh="备案机构", en="the institution on file")
def the_filed_institution(case: FilingChangeCase) -> UUID | None:
    return case.record.organisation_id


def _blanks(case: FilingChangeCase) -> dict[str, object]:
    filing = case.facts.filing
    opinion = getattr(case.form, "opinion", None)
    return {
        "name_zh": filing and filing.name_zh,
        "name_en": filing and filing.name_en,
        "number": filing and filing.certificate_number,
        "opinion_zh": opinion or "无",
        "opinion_en": opinion or "none",
    }


def _telling(to: Addressee, *, zh: str, en: str, body_zh: str, body_en: str) -> Telling:
    return Telling(NoticeType.FILING, to, Words(zh=zh, en=en), Words(zh=body_zh, en=body_en), _blanks)


REQUESTED = _telling(
    every_customs_office,
    zh="收到备案变更申请（备案证书编号：{number}），请审核",
    en="A change of filing {number} was requested; please review it",
    body_zh="{name_zh}（{name_en}）申请变更备案{number}，请审核。",
    body_en="{name_en} asks customs to change filing {number}.",
)
WITHDRAWN = _telling(
    every_customs_office,
    zh="备案变更申请（备案证书编号：{number}）已撤回",
    en="The change of filing {number} was taken back",
    body_zh="{name_zh}（{name_en}）撤回了备案{number}的变更申请，无需审核。",
    body_en="{name_en} has taken the change of filing {number} back; nothing is to be reviewed.",
)
APPROVED = _telling(
    the_filed_institution,
    zh="您的备案变更（备案证书编号：{number}）已通过",
    en="The change of your filing {number} was approved",
    body_zh="海关已通过备案{number}的变更，备案信息和备案名录已更新。审核意见：{opinion_zh}。",
    body_en="Customs has approved the change of filing {number}; filing and registry show it now. "
    "Opinion: {opinion_en}.",
)
REFUSED = _telling(
    the_filed_institution,
    zh="您的备案变更（备案证书编号：{number}）未通过",
    en="The change of your filing {number} was refused",
    body_zh="海关未通过备案{number}的变更，备案信息保持不变。审核意见：{opinion_zh}。",
    body_en="Customs has refused the change of filing {number}; the filing is as it was. Opinion: {opinion_en}.",
)
