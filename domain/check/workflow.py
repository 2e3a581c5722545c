"""The table of a check's actions: the whole workflow, to be held against the manual (1.6) line by line."""

from domain.attachment import attaching
from domain.check.conditions import day_has_passed, institution_is_registered, visit_was_made
from domain.check.effects import (
    as_failed,
    as_ordered,
    as_overdue,
    as_passed,
    as_submitted,
    as_visited_and_failed,
    as_visited_and_passed,
    blank_check,
)
from domain.check.parties import (
    DOCUMENTS_ORDERED,
    FAILED,
    OVERDUE,
    PASSED,
    SUBMITTED,
    VISIT_ORDERED,
    VISIT_OVERDUE,
)
from domain.check.record import (
    Check,
    CheckStatus,
    CheckType,
    FailForm,
    FailVisitForm,
    OrderForm,
    PassForm,
    PassVisitForm,
    SubmissionForm,
)
from domain.due import last_day_is_not_past
from domain.language import Words
from domain.party import CUSTOMS_OFFICER, CUSTOMS_REVIEWER, THE_CLOCK, THE_INSTITUTION_CONCERNED
from domain.workflow import Action, Workflow, form_is_filled

S = CheckStatus

WORKFLOW = Workflow(
    subject="check",
    words=Words(zh="监督检查", en="Supervision check"),
    manual="1.6",
    record=Check,
    statuses=CheckStatus,
    blank=blank_check,
    awaits={
        S.AWAITING_SUBMISSION: THE_INSTITUTION_CONCERNED,
        S.AWAITING_VISIT: CUSTOMS_OFFICER,
        S.UNDER_REVIEW: CUSTOMS_REVIEWER,
        S.SUPPLEMENT_REQUIRED: THE_INSTITUTION_CONCERNED,
    },
    due_in=(S.AWAITING_SUBMISSION, S.AWAITING_VISIT, S.SUPPLEMENT_REQUIRED),
    actions=(
        Action(
            name="order_document",
            words=Words(zh="下达文件检查", en="Order a check of documents, which the institution submits."),
            manual="1.6",
            creates=S.AWAITING_SUBMISSION,
            by=(CUSTOMS_OFFICER,),
            form=OrderForm,
            accepts=(form_is_filled, institution_is_registered, last_day_is_not_past),
            then=as_ordered(CheckType.DOCUMENT),
            tells=(DOCUMENTS_ORDERED,),
        ),
        Action(
            name="order_on_site",
            words=Words(zh="下达实地检查", en="Order a check on site, to which the institution submits nothing."),
            manual="1.6",
            creates=S.AWAITING_VISIT,
            by=(CUSTOMS_OFFICER,),
            form=OrderForm,
            accepts=(form_is_filled, institution_is_registered, last_day_is_not_past),
            then=as_ordered(CheckType.ON_SITE),
            tells=(VISIT_ORDERED,),
        ),
        Action(
            name="submit",
            words=Words(zh="提交", en="Submit an explanation, with the files uploaded since the last submission."),
            manual="1.6",
            start=(S.AWAITING_SUBMISSION, S.SUPPLEMENT_REQUIRED),
            to=S.UNDER_REVIEW,
            by=(THE_INSTITUTION_CONCERNED,),
            form=SubmissionForm,
            accepts=(form_is_filled,),
            then=as_submitted,
            tells=(SUBMITTED,),
        ),
        Action(
            name="pass",
            words=Words(zh="审核通过", en="Pass what was submitted."),
            manual="1.6",
            start=(S.UNDER_REVIEW,),
            to=S.COMPLETED,
            by=(CUSTOMS_REVIEWER,),
            form=PassForm,
            then=as_passed,
            tells=(PASSED,),
        ),
        Action(
            name="fail",
            words=Words(zh="审核不通过", en="Ask the institution for a supplement to what was submitted."),
            manual="1.6",
            start=(S.UNDER_REVIEW,),
            to=S.SUPPLEMENT_REQUIRED,
            by=(CUSTOMS_REVIEWER,),
            form=FailForm,
            accepts=(form_is_filled, last_day_is_not_past),
            then=as_failed,
            tells=(FAILED,),
        ),
        Action(
            name="pass_visit",
            words=Words(zh="实地检查通过", en="Record a visit that the institution passed."),
            manual="1.6",
            start=(S.AWAITING_VISIT,),
            to=S.COMPLETED,
            by=(CUSTOMS_OFFICER, CUSTOMS_REVIEWER),
            form=PassVisitForm,
            accepts=(form_is_filled, visit_was_made),
            then=as_visited_and_passed,
            tells=(PASSED,),
        ),
        Action(
            name="fail_visit",
            words=Words(
                zh="实地检查不通过", en="Record a visit that the institution failed, and ask for a supplement."
            ),
            manual="1.6",
            start=(S.AWAITING_VISIT,),
            to=S.SUPPLEMENT_REQUIRED,
            by=(CUSTOMS_OFFICER, CUSTOMS_REVIEWER),
            form=FailVisitForm,
            accepts=(form_is_filled, visit_was_made, last_day_is_not_past),
            then=as_visited_and_failed,
            tells=(FAILED,),
        ),
        Action(
            name="mark_overdue",
            words=Words(zh="标记逾期", en="Note that the last day has passed without submission or visit."),
            manual="1.6",
            start=(S.AWAITING_SUBMISSION, S.AWAITING_VISIT, S.SUPPLEMENT_REQUIRED),
            by=(THE_CLOCK,),
            provided=(day_has_passed,),
            then=as_overdue,
            tells=(OVERDUE, VISIT_OVERDUE),
        ),
        *attaching(
            "check",
            manual="1.6",
            words=Words(
                zh="监督检查材料", en="of the institution, what goes with its next submission; of customs, what it asks"
            ),
            start=(S.AWAITING_SUBMISSION, S.AWAITING_VISIT, S.SUPPLEMENT_REQUIRED),
            by=(
                THE_INSTITUTION_CONCERNED.while_(S.AWAITING_SUBMISSION, S.SUPPLEMENT_REQUIRED),
                CUSTOMS_OFFICER.while_(S.AWAITING_SUBMISSION, S.AWAITING_VISIT),
            ),
        ),
    ),
)
