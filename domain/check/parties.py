"""Who is told of what happens to a check, and in which words."""

from uuid import UUID

from domain.check.record import CheckCase, CheckStatus
from domain.language import Words
from domain.marks import today_in_china
from domain.notice import THREE_CHANNELS, Addressee, Channel, NoticeType, Telling, addressee


@addressee(zh="所查机构", en="the institution checked")
def the_institution_checked(case: CheckCase) -> UUID | None:
    # While the check is being ordered, the one checked is still the one named.
    institution = case.facts.institution or case.facts.named
    return None if institution is None else institution.organisation_id


@addressee(zh="下达检查的海关", en="the customs office that ordered it")
def the_office_that_ordered_it(case: CheckCase) -> UUID | None:
    return case.record.ordered_by_id


@addressee(zh="应提交的机构", en="the institution checked, where it has to submit")
def the_institution_that_is_late(case: CheckCase) -> UUID | None:
    institution = case.facts.institution
    return None if institution is None or _awaits_a_visit(case) else institution.organisation_id


@addressee(zh="应实地检查的海关", en="the customs office that ordered it, where it has to visit")
def the_office_that_is_late(case: CheckCase) -> UUID | None:
    return case.record.ordered_by_id if _awaits_a_visit(case) else None


def _awaits_a_visit(case: CheckCase) -> bool:
    return case.record.status is CheckStatus.AWAITING_VISIT


def _blanks(case: CheckCase) -> dict[str, object]:
    institution, record = case.facts.institution or case.facts.named, case.record
    in_time = record.due_on >= today_in_china(case.now)
    return {
        "number": record.number,
        "type_zh": record.type.words.zh,
        "content": record.content,
        "due": record.due_on,
        "by_zh": f"于{record.due_on}前（含当日）" if in_time else "尽快",
        "by_en": f"by {record.due_on}" if in_time else "as soon as possible",
        "institution_zh": institution and institution.name_zh,
        "institution_en": institution and institution.name_en,
        "opinion": getattr(case.form, "opinion", None),
    }


def _telling(
    to: Addressee,
    *,
    zh: str,
    en: str,
    body_zh: str,
    body_en: str,
    channels: tuple[Channel, ...] = (Channel.NOTICE,),
) -> Telling:
    heading, text = Words(zh=zh, en=en), Words(zh=body_zh, en=body_en)
    return Telling(NoticeType.CHECK, to, heading, text, _blanks, channels)


DOCUMENTS_ORDERED = _telling(
    the_institution_checked,
    zh="文件检查通知，（检查编号：{number}），请尽快提交",
    en="Customs checks your documents (check {number}); please submit",
    body_zh="海关对贵机构开展文件检查（检查编号：{number}）：{content}。请于{due}前（含当日）提交文件和反馈说明。",
    body_en="Check of documents {number}: {content} Submit the documents and an explanation by {due}.",
    channels=THREE_CHANNELS,
)
VISIT_ORDERED = _telling(
    the_institution_checked,
    zh="实地检查通知，（检查编号：{number}）",
    en="Customs will check you on site (check {number})",
    body_zh="海关将于{due}前（含当日）对贵机构开展实地检查（检查编号：{number}）：{content}。无需提交文件，请配合检查。",
    body_en="Check on site {number}, by {due}: {content} Nothing needs to be submitted; please be ready.",
    channels=THREE_CHANNELS,
)
SUBMITTED = _telling(
    the_office_that_ordered_it,
    zh="监督检查（检查编号：{number}）已提交，请审核",
    en="Check {number} was submitted; please review it",
    body_zh="{institution_zh}已就检查编号为{number}的{type_zh}提交材料，请审核。",
    body_en="{institution_en} has submitted to check {number}.",
)
PASSED = _telling(
    the_institution_checked,
    zh="监督检查（检查编号：{number}）已通过",
    en="Check {number} is passed",
    body_zh="检查编号为{number}的{type_zh}已审核通过，检查完成。",
    body_en="Check {number} is passed and completed.",
)
FAILED = _telling(
    the_institution_checked,
    zh="监督检查（检查编号：{number}）未通过，请补充材料",
    en="Check {number} is not passed; a supplement is required",
    body_zh="检查编号为{number}的{type_zh}未通过，审核意见：{opinion}。请{by_zh}提交补充材料。",
    body_en="Check {number} is not passed: {opinion} Submit a supplement {by_en}.",
    channels=THREE_CHANNELS,
)
OVERDUE = _telling(
    the_institution_that_is_late,
    zh="监督检查（检查编号：{number}）已逾期，请尽快提交",
    en="Check {number} is overdue; submit as soon as possible",
    body_zh="检查编号为{number}的{type_zh}应于{due}前（含当日）提交，现已逾期，请尽快提交。",
    body_en="What check {number} asks for was due on {due}. Submit it as soon as possible.",
)
VISIT_OVERDUE = _telling(
    the_office_that_is_late,
    zh="实地检查（检查编号：{number}）已过期限，请尽快检查",
    en="The visit of check {number} is overdue; make it or record it",
    body_zh="对{institution_zh}的实地检查（检查编号：{number}）应于{due}前（含当日）进行，尚无检查记录，请尽快检查并记录。",
    body_en="Check {number} of {institution_en} was to be made on site by {due}; no visit is recorded. "
    "Make it, or record it.",
)
