"""Who is told of what happens to an annual report, and in which words."""

from uuid import UUID

from domain.annual_report.record import AnnualReportCase
from domain.language import Words
from domain.notice import THREE_CHANNELS, Addressee, Channel, NoticeType, Telling, addressee


@addressee(zh="填报的检验机构", en="the institution that reports")
def the_institution(case: AnnualReportCase) -> UUID | None:
    institution = case.facts.institution
    return None if institution is None else institution.organisation_id


@addressee(zh="发起的海关", en="the customs office that started it")
def the_office_that_started_it(case: AnnualReportCase) -> UUID | None:
    return case.record.started_by_id


def _blanks(case: AnnualReportCase) -> dict[str, object]:
    institution = case.facts.institution
    return {
        "number": case.record.number,
        "year": case.record.year,
        "due": case.record.due_on,
        "reason": case.record.return_reason,
        "institution_zh": institution and institution.name_zh,
        "institution_en": institution and institution.name_en,
    }


def _telling(
    to: Addressee,
    *,
    zh: str,
    en: str,
    body_zh: str,
    body_en: str,
    channels: tuple[Channel, ...] = THREE_CHANNELS,
) -> Telling:
    return Telling(NoticeType.ANNUAL_REPORT, to, Words(zh=zh, en=en), Words(zh=body_zh, en=body_en), _blanks, channels)


STARTED = _telling(
    the_institution,
    zh="年度报告填写通知，（报告编号：{number}），请尽快完成提交确认",
    en="Annual report {number} is to be filled in; please submit it soon",
    body_zh="请填写{year}年度工作报告（报告编号：{number}），并于{due}前（含当日）提交。",
    body_en="Fill in the annual report of {year}, number {number}, and submit it by {due}.",
)
SUBMITTED = _telling(
    the_office_that_started_it,
    zh="年度报告（报告编号：{number}）已提交",
    en="Annual report {number} was submitted",
    body_zh="{institution_zh}已提交{year}年度工作报告（报告编号：{number}），可查看。",
    body_en="{institution_en} has submitted its annual report of {year}, number {number}; it can be read now.",
    channels=(Channel.NOTICE,),
)
RETURNED = _telling(
    the_institution,
    zh="您的年度报告（报告编号：{number}）被退回，请修改后重新提交",
    en="Your annual report {number} was returned; mend it and submit it again",
    body_zh="海关退回了{year}年度工作报告（报告编号：{number}），退回原因：{reason}。请修改后于{due}前（含当日）再次提交。",
    body_en="Customs has returned your annual report of {year}, number {number}. Reason: {reason}. "
    "Mend it and submit it again by {due}.",
)
OVERDUE = _telling(
    the_institution,
    zh="您的年度报告（报告编号：{number}）已逾期，请立即提交",
    en="Your annual report {number} is overdue; submit it at once",
    body_zh="{year}年度工作报告（报告编号：{number}）的提交期限{due}已过，请立即填写并提交。",
    body_en="The annual report of {year}, number {number}, was due by {due}. Fill it in and submit it at once.",
)
