"""The table of a quality issue's actions: the whole workflow, to be held against the manual (1.5) line by line."""

from domain.attachment import attaching
from domain.due import last_day_is_not_past
from domain.language import Words
from domain.party import CUSTOMS_OFFICER, CUSTOMS_REVIEWER, THE_INSTITUTION_CONCERNED
from domain.quality_issue.conditions import (
    certificate_is_the_institutions,
    commission_is_the_institutions,
    institution_exists,
)
from domain.quality_issue.effects import as_asked_again, as_closed, as_raised, as_replied, blank_quality_issue
from domain.quality_issue.parties import ASKED_AGAIN, CLOSED, RAISED, REPLIED
from domain.quality_issue.record import (
    AskAgainForm,
    CloseForm,
    QualityIssue,
    QualityIssueStatus,
    RaiseForm,
    ReplyForm,
)
from domain.workflow import Action, Workflow, form_is_filled

S = QualityIssueStatus

WORKFLOW = Workflow(
    subject="quality_issue",
    words=Words(zh="质量反馈", en="Quality issue"),
    manual="1.5",
    record=QualityIssue,
    statuses=QualityIssueStatus,
    blank=blank_quality_issue,
    awaits={S.AWAITING_REPLY: THE_INSTITUTION_CONCERNED, S.REPLIED: CUSTOMS_OFFICER},
    due_in=(S.AWAITING_REPLY,),
    actions=(
        Action(
            name="raise",
            words=Words(zh="提出质量问题", en="Tell an institution what was found wrong with its work."),
            manual="1.5",
            creates=S.AWAITING_REPLY,
            by=(CUSTOMS_OFFICER,),
            form=RaiseForm,
            accepts=(
                form_is_filled,
                institution_exists,
                commission_is_the_institutions,
                certificate_is_the_institutions,
                last_day_is_not_past,
            ),
            then=as_raised,
            tells=(RAISED,),
        ),
        Action(
            name="reply",
            words=Words(
                zh="回复", en="Reply to customs, with the files uploaded since the last reply; may be repeated."
            ),
            manual="1.5",
            start=(S.AWAITING_REPLY, S.REPLIED),
            to=S.REPLIED,
            by=(THE_INSTITUTION_CONCERNED,),
            form=ReplyForm,
            accepts=(form_is_filled,),
            then=as_replied,
            tells=(REPLIED,),
        ),
        Action(
            name="ask_again",
            words=Words(zh="追问", en="Ask the institution for another reply."),
            manual="1.5",
            start=(S.REPLIED,),
            to=S.AWAITING_REPLY,
            by=(CUSTOMS_OFFICER, CUSTOMS_REVIEWER),
            form=AskAgainForm,
            accepts=(form_is_filled, last_day_is_not_past),
            then=as_asked_again,
            tells=(ASKED_AGAIN,),
        ),
        Action(
            name="close",
            words=Words(zh="办结", en="Close the issue, once it was replied to."),
            manual="1.5",
            start=(S.REPLIED,),
            to=S.CLOSED,
            by=(CUSTOMS_OFFICER, CUSTOMS_REVIEWER),
            form=CloseForm,
            then=as_closed,
            tells=(CLOSED,),
        ),
        *attaching(
            "quality_issue",
            manual="1.5",
            words=Words(
                zh="质量反馈材料", en="of the institution, what goes with its next reply; of customs, its findings"
            ),
            start=(S.AWAITING_REPLY, S.REPLIED),
            by=(
                THE_INSTITUTION_CONCERNED.while_(S.AWAITING_REPLY, S.REPLIED),
                CUSTOMS_OFFICER.while_(S.AWAITING_REPLY),
            ),
        ),
    ),
)
