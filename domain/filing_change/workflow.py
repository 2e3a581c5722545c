"""The table of a filing change's actions: the whole workflow, to be held against the manual (1.3) line by line."""

from domain.attachment import attaching
from domain.code import codes_are_known
from domain.filing_change.conditions import (
    filing_is_in_force,
    filing_is_still_in_force,
    filing_stays_whole,
    no_other_change_is_open,
    rows_are_own,
    something_changes,
)
from domain.filing_change.effects import as_decided, as_requested, blank_change, changing_the_filing
from domain.filing_change.erasure import as_erased, institution_is_not_in_the_registry
from domain.filing_change.parties import APPROVED, REFUSED, REQUESTED, THE_FILED_INSTITUTION, WITHDRAWN
from domain.filing_change.record import ApproveForm, FilingChange, FilingChangeDraft, FilingChangeStatus, RefuseForm
from domain.language import Words
from domain.party import CUSTOMS_REVIEWER, THE_OFFICE
from domain.person import EraseForm, reason_names_nobody
from domain.workflow import Action, LeadsTo, Workflow, form_is_filled

S = FilingChangeStatus

WORKFLOW = Workflow(
    subject="filing_change",
    words=Words(zh="备案变更", en="Filing change"),
    manual="1.3",
    record=FilingChange,
    statuses=FilingChangeStatus,
    blank=blank_change,
    awaits={S.PENDING: CUSTOMS_REVIEWER},
    actions=(
        Action(
            name="request",
            words=Words(zh="变更修改", en="Ask customs to change what is on file: fields, and whole lists."),
            manual="1.3",
            creates=S.PENDING,
            by=(THE_FILED_INSTITUTION,),
            form=FilingChangeDraft,
            accepts=(
                filing_is_in_force,
                no_other_change_is_open,
                codes_are_known,
                rows_are_own,
                filing_stays_whole,
                something_changes,
            ),
            then=as_requested,
            tells=(REQUESTED,),
        ),
        Action(
            name="withdraw",
            words=Words(zh="撤回", en="Take it back before customs decides."),
            manual="1.3",
            start=(S.PENDING,),
            to=S.WITHDRAWN,
            by=(THE_FILED_INSTITUTION,),
            tells=(WITHDRAWN,),
        ),
        Action(
            name="approve",
            words=Words(zh="通过", en="Approve it: the values take the place of the old, in the registry too."),
            manual="1.3",
            start=(S.PENDING,),
            to=S.APPROVED,
            by=(CUSTOMS_REVIEWER,),
            provided=(filing_is_still_in_force,),
            form=ApproveForm,
            then=as_decided,
            tells=(APPROVED,),
            leads_to=(
                LeadsTo(
                    subject="filing",
                    action="apply_change",
                    wishes=changing_the_filing,
                    words=Words(zh="备案信息随之更新", en="the filing takes it over"),
                ),
            ),
        ),
        Action(
            name="refuse",
            words=Words(zh="不予通过", en="Refuse it with an opinion; the filing stays as it is."),
            manual="1.3",
            start=(S.PENDING,),
            to=S.REFUSED,
            by=(CUSTOMS_REVIEWER,),
            form=RefuseForm,
            accepts=(form_is_filled,),
            then=as_decided,
            tells=(REFUSED,),
        ),
        Action(
            name="erase",
            words=Words(zh="删除个人信息", en="Erase the data of a person who asked for it."),
            manual="1.3",
            start=(S.APPROVED, S.REFUSED, S.WITHDRAWN),
            by=(THE_OFFICE,),
            provided=(institution_is_not_in_the_registry,),
            form=EraseForm,
            accepts=(form_is_filled, reason_names_nobody),
            then=as_erased,
        ),
        *attaching(
            "filing_change",
            manual="1.3",
            words=Words(zh="相关材料", en="proof of what has changed"),
            start=(S.PENDING,),
            by=(THE_FILED_INSTITUTION,),
        ),
    ),
)
