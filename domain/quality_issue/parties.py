"""Who is told of what happens to a quality issue, and in which words."""

from uuid import UUID

from domain.language import Words
from domain.notice import Addressee, NoticeType, Telling, addressee
from domain.quality_issue.record import QualityIssueCase


@addressee(zh="所涉机构", en="the institution concerned")
def the_institution_concerned(case: QualityIssueCase) -> UUID | None:
    # While the issue is being raised, the one concerned is still the one named.
    institution = case.facts.institution or case.facts.named
    return None if institution is None else institution.organisation_id


@addressee(zh="提出问题的海关", en="the customs office that raised it")
def the_office_that_raised_it(case: QualityIssueCase) -> UUID | None:
    return case.record.raised_by_id


def _blanks(case: QualityIssueCase) -> dict[str, object]:
    institution, record = case.facts.institution or case.facts.named, case.record
    due_on = record.due_on
    remark = record.closing_remark
    return {
        "number": record.number,
        "content": record.content,
        "severity_zh": record.severity.words.zh,
        "severity_en": record.severity.name,
        "institution_zh": institution and institution.name_zh,
        "institution_en": institution and institution.name_en,
        "due_zh": f"请于{due_on}前（含当日）回复。" if due_on else "请及时回复。",
        "due_en": f"Reply by {due_on}." if due_on else "Reply in good time.",
        "question": getattr(case.form, "question", None),
        "remark_zh": f"，办结意见：{remark}" if remark else "",
        "remark_en": f" Conclusion: {remark}" if remark else "",
    }


def _telling(to: Addressee, *, zh: str, en: str, body_zh: str, body_en: str) -> Telling:
    return Telling(NoticeType.QUALITY, to, Words(zh=zh, en=en), Words(zh=body_zh, en=body_en), _blanks)


RAISED = _telling(
    the_institution_concerned,
    zh="质量问题反馈通知（问题编号：{number}），请及时回复",
    en="Customs has raised a quality issue ({number}); please reply",
    body_zh="海关提出质量问题（问题编号：{number}，严重程度：{severity_zh}）：{content}{due_zh}",
    body_en="Quality issue {number} ({severity_en}): {content} {due_en}",
)
REPLIED = _telling(
    the_office_that_raised_it,
    zh="质量问题（问题编号：{number}）已有回复",
    en="Quality issue {number} was replied to",
    body_zh="{institution_zh}已回复问题编号为{number}的质量问题，请查看。",
    body_en="{institution_en} has replied to quality issue {number}.",
)
ASKED_AGAIN = _telling(
    the_institution_concerned,
    zh="质量问题（问题编号：{number}）需再次回复",
    en="Quality issue {number} needs another reply",
    body_zh="海关就问题编号为{number}的质量问题追问：{question}{due_zh}",
    body_en="Customs asks again about quality issue {number}: {question} {due_en}",
)
CLOSED = _telling(
    the_institution_concerned,
    zh="质量问题（问题编号：{number}）已办结",
    en="Quality issue {number} is closed",
    body_zh="问题编号为{number}的质量问题已由海关办结{remark_zh}。",
    body_en="Customs has closed quality issue {number}.{remark_en}",
)
