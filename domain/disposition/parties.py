"""Who is told of what happens to a disposition, and in which words.

Enterprises hear what the registry shows and what they may do; number and content are the institution's own affair.
"""

from uuid import UUID

from domain.disposition.record import DispositionCase
from domain.language import Words
from domain.notice import THREE_CHANNELS, Addressee, Channel, NoticeType, Telling, addressee


@addressee(zh="被处置的检验机构", en="the institution disciplined")
def the_institution(case: DispositionCase) -> UUID | None:
    return case.facts.institution.organisation_id if case.facts.institution else None


@addressee(zh="作出处置的海关", en="the customs office that imposed it")
def the_office_that_imposed_it(case: DispositionCase) -> UUID | None:
    return case.record.imposed_by_id


@addressee(
    zh="在该机构有待受理或受理中委托的企业", en="every enterprise whose commission waits or is in progress there"
)
def the_enterprises(case: DispositionCase) -> tuple[UUID, ...]:
    return case.facts.enterprises


def _blanks(case: DispositionCase) -> dict[str, object]:
    record, institution = case.record, case.facts.institution
    return {
        "number": record.number,
        "institution_zh": institution and institution.name_zh,
        "institution_en": institution and institution.name_en,
        "content": record.content,
        "legal_ground": record.legal_ground,
        "starts_on": record.starts_on,
        "ends_on": record.ends_on,
        "due_on": record.due_on,
        "opinion": getattr(case.form, "opinion", None),
        "reason": getattr(case.form, "reason", None),
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
    return Telling(NoticeType.DISPOSITION, to, Words(zh=zh, en=en), Words(zh=body_zh, en=body_en), _blanks, channels)


_WHY_ZH = "\n处置内容：{content}\n法律依据：{legal_ground}"
_WHY_EN = "\nContent: {content}\nLegal ground: {legal_ground}"

NON_RECOGNITION = _telling(
    the_institution,
    zh="不予认可装运前检验结果通知（处置编号：{number}）",
    en="Your inspection results are not recognised (disposition {number})",
    body_zh="自{starts_on}至{ends_on}，贵机构的装运前检验结果不予认可，期间不能接受委托、不予重新备案。" + _WHY_ZH,
    body_en="From {starts_on} to {ends_on} your results are not recognised; you may neither be commissioned nor file "
    "anew." + _WHY_EN,
)
RECTIFICATION = _telling(
    the_institution,
    zh="限期整改通知（处置编号：{number}），请按期提交整改材料",
    en="You must put something right (disposition {number})",
    body_zh="请于{due_on}前（含当日）提交整改材料；经海关审核通过前不能接受委托、不予重新备案。" + _WHY_ZH,
    body_en="Submit what you put right by {due_on}; until customs approves you may neither be commissioned nor file "
    "anew." + _WHY_EN,
)
REVOCATION = _telling(
    the_institution,
    zh="撤销备案通知（处置编号：{number}）",
    en="Your filing is revoked (disposition {number})",
    body_zh="自{starts_on}起撤销贵机构的备案，不再列入备案名录，不能接受委托；如无其他处置，可以重新备案。" + _WHY_ZH,
    body_en="Your filing is revoked from {starts_on}: you are in the registry no more and may not be commissioned. "
    "Unless another disposition is in force, you may file anew." + _WHY_EN,
)
SUBMITTED = _telling(
    the_office_that_imposed_it,
    zh="整改材料已提交（处置编号：{number}），请审核",
    en="Something was put right (disposition {number}); please review it",
    body_zh="{institution_zh}已就处置编号为{number}的限期整改提交整改材料，请审核。",
    body_en="{institution_en} has submitted what it put right under disposition {number}.",
    channels=(Channel.NOTICE,),
)
REFUSED = _telling(
    the_institution,
    zh="整改审核未通过（处置编号：{number}），请补充材料",
    en="Your rectification was not approved (disposition {number})",
    body_zh="审核意见：{opinion}\n请补充后于{due_on}前（含当日）再次提交。",
    body_en="Opinion: {opinion}\nSupplement it and submit again by {due_on}.",
)
APPROVED = _telling(
    the_institution,
    zh="整改审核通过，处置已撤销（处置编号：{number}）",
    en="Your rectification was approved (disposition {number})",
    body_zh="海关已审核通过贵机构的整改，该处置自即日起撤销。如无其他处置，可正常接受委托。",
    body_en="Customs has approved what you put right; the disposition is lifted from today. Unless another is in "
    "force, you may be commissioned again.",
)
LIFTED = _telling(
    the_institution,
    zh="处置已撤销（处置编号：{number}）",
    en="Disposition {number} was lifted",
    body_zh="海关已撤销该处置，撤销原因：{reason}\n如无其他处置，可正常接受委托。",
    body_en="Customs has lifted the disposition. Reason: {reason}\nUnless another is in force, you may be commissioned "
    "again.",
)
EXPIRED = _telling(
    the_institution,
    zh="处置已到期（处置编号：{number}）",
    en="Disposition {number} has ended",
    body_zh="不予认可装运前检验结果的处置已于{ends_on}到期。如无其他处置，可正常接受委托。",
    body_en="The non-recognition of your results ended on {ends_on}. Unless another disposition is in force, you may "
    "be commissioned again.",
)
OVERDUE = _telling(
    the_institution,
    zh="整改已逾期（处置编号：{number}），请尽快提交整改材料",
    en="Your rectification is overdue (disposition {number})",
    body_zh="整改期限{due_on}已过。处置不会自动解除，请尽快提交整改材料。",
    body_en="The deadline, {due_on}, has passed. The disposition does not end by itself; submit as soon as you can.",
)
WORK_UNDER_NON_RECOGNITION = _telling(
    the_enterprises,
    zh="您委托的检验机构被处以不予认可装运前检验结果",
    en="Results of the institution that you commissioned are not recognised",
    body_zh="{institution_zh}至{ends_on}处于“不予认可装运前检验结果”处置期，期间不能接受或完成委托。待受理的委托可撤回后改选"
    "其他机构；受理中的委托请等待处置结束。",
    body_en="{institution_en} can neither accept nor complete commissions until {ends_on}. A commission that is still "
    "pending may be withdrawn and given to another institution; one in progress waits for the end.",
)
WORK_UNDER_RECTIFICATION = _telling(
    the_enterprises,
    zh="您委托的检验机构被责令限期整改",
    en="The institution that you commissioned must put something right",
    body_zh="{institution_zh}处于“限期整改”处置期，整改经海关审核通过前不能接受或完成委托。待受理的委托可撤回后改选其他机构；"
    "受理中的委托请等待整改完成。",
    body_en="{institution_en} can neither accept nor complete commissions until customs approves what it put right. A "
    "commission that is still pending may be withdrawn and given to another institution; one in progress waits.",
)
WORK_OF_A_REVOKED = _telling(
    the_enterprises,
    zh="您委托的检验机构已被撤销备案，请改委托其他机构",
    en="The institution that you commissioned was revoked; move your commission",
    body_zh="{institution_zh}已被撤销备案，不能再接受或完成委托。请对待受理和受理中的委托办理“改委托”，另选已备案的机构。",
    body_en="{institution_en} is in the registry no more and can neither accept nor complete commissions. Move those "
    "that are pending or in progress to another institution in the registry.",
)
