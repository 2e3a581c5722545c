"""The table of a filing's actions: the whole workflow, to be held against the manual (1.3) line by line."""

from domain.attachment import attaching
from domain.code import codes_are_known
from domain.filing.conditions import (
    codes_may_be_chosen,
    everything_is_filled,
    independence_is_declared,
    no_other_filing_is_open,
    registry_has_room,
    rows_are_own,
    rows_make_sense,
    there_are_rows,
    there_is_an_attachment,
    years_are_recent,
)
from domain.filing.effects import (
    as_accepted,
    as_decided,
    as_saved,
    as_submitted,
    as_withdrawn,
    blank_filing,
    ending_the_revocation,
    entering_the_registry,
    updating_the_registry,
)
from domain.filing.erasure import as_erased, erasing_in_the_registry, institution_is_not_in_the_registry
from domain.filing.parties import ACCEPTED, REJECTED, SUBMITTED, SUPPLEMENT_REQUIRED, THE_APPLICANT, WITHDRAWN
from domain.filing.record import Filing, FilingDraft, FilingStatus, RejectForm, SupplementForm
from domain.language import Words
from domain.party import CUSTOMS_REVIEWER, THE_OFFICE
from domain.person import EraseForm, reason_names_nobody
from domain.workflow import Action, LeadsTo, Workflow, form_is_filled

S = FilingStatus

WORKFLOW = Workflow(
    subject="filing",
    words=Words(zh="备案", en="Filing"),
    manual="1.3",
    record=Filing,
    statuses=FilingStatus,
    blank=blank_filing,
    awaits={
        S.DRAFT: THE_APPLICANT,
        S.SUPPLEMENT_REQUIRED: THE_APPLICANT,
        S.SUBMITTED: CUSTOMS_REVIEWER,
    },
    actions=(
        Action(
            name="save_draft",
            words=Words(zh="暂存", en="Save a draft, new or old, with any of its fields and all rows of any list."),
            manual="1.3",
            creates=S.DRAFT,
            start=(S.DRAFT, S.SUPPLEMENT_REQUIRED),
            by=(THE_APPLICANT,),
            form=FilingDraft,
            accepts=(codes_are_known, rows_are_own, rows_make_sense),
            then=as_saved,
        ),
        Action(
            name="submit",
            words=Words(zh="申请", en="Send it to customs."),
            manual="1.3, 1.7",
            start=(S.DRAFT, S.SUPPLEMENT_REQUIRED),
            to=S.SUBMITTED,
            by=(THE_APPLICANT,),
            provided=(
                everything_is_filled,
                there_are_rows,
                there_is_an_attachment,
                independence_is_declared,
                codes_may_be_chosen,
                years_are_recent,
                no_other_filing_is_open,
                registry_has_room,
            ),
            then=as_submitted,
            tells=(SUBMITTED,),
        ),
        Action(
            name="withdraw",
            words=Words(zh="撤回", en="Take it back before customs decides."),
            manual="1.3",
            start=(S.SUBMITTED,),
            to=S.DRAFT,
            by=(THE_APPLICANT,),
            then=as_withdrawn,
            tells=(WITHDRAWN,),
        ),
        Action(
            name="accept",
            words=Words(zh="受理", en="Accept it: the institution gets its filing number and enters the registry."),
            manual="1.3",
            start=(S.SUBMITTED,),
            to=S.ACCEPTED,
            by=(CUSTOMS_REVIEWER,),
            provided=(registry_has_room,),
            then=as_accepted,
            tells=(ACCEPTED,),
            leads_to=(
                LeadsTo(
                    subject="institution",
                    action="enter",
                    wishes=entering_the_registry,
                    words=Words(zh="该机构列入名录", en="the institution enters the registry"),
                ),
                LeadsTo(
                    subject="disposition",
                    action="supersede",
                    wishes=ending_the_revocation,
                    words=Words(zh="原撤销备案处置随之结束", en="the revocation before it ends"),
                ),
            ),
        ),
        Action(
            name="request_supplement",
            words=Words(zh="补充材料", en="Send it back to the institution with a reason."),
            manual="1.3",
            start=(S.SUBMITTED,),
            to=S.SUPPLEMENT_REQUIRED,
            by=(CUSTOMS_REVIEWER,),
            form=SupplementForm,
            accepts=(form_is_filled,),
            then=as_decided,
            tells=(SUPPLEMENT_REQUIRED,),
        ),
        Action(
            name="reject",
            words=Words(zh="不予受理", en="Reject it with a reason; the institution may file anew."),
            manual="1.3",
            start=(S.SUBMITTED,),
            to=S.REJECTED,
            by=(CUSTOMS_REVIEWER,),
            form=RejectForm,
            accepts=(form_is_filled,),
            then=as_decided,
            tells=(REJECTED,),
        ),
        Action(
            name="cancel",
            words=Words(zh="取消", en="Give it up for good."),
            manual="1.3",
            start=(S.DRAFT, S.SUPPLEMENT_REQUIRED),
            to=S.CANCELLED,
            by=(THE_APPLICANT,),
        ),
        Action(
            name="apply_change",
            words=Words(zh="更新备案信息", en="Take over what an approved change says."),
            manual="1.3",
            start=(S.ACCEPTED,),
            by=(THE_OFFICE,),
            form=FilingDraft,
            then=as_saved,
            leads_to=(
                LeadsTo(
                    subject="institution",
                    action="update",
                    wishes=updating_the_registry,
                    words=Words(zh="名录随之更新", en="the registry shows it"),
                ),
            ),
        ),
        Action(
            name="erase",
            words=Words(zh="删除个人信息", en="Erase the data of a person who asked for it."),
            manual="1.3",
            start=(S.DRAFT, S.ACCEPTED, S.REJECTED, S.CANCELLED),
            by=(THE_OFFICE,),
            provided=(institution_is_not_in_the_registry,),
            form=EraseForm,
            accepts=(form_is_filled, reason_names_nobody),
            then=as_erased,
            leads_to=(
                LeadsTo(
                    subject="institution",
                    action="erase",
                    wishes=erasing_in_the_registry,
                    words=Words(zh="名录中的个人信息随之删除", en="the registry loses it too"),
                ),
            ),
        ),
        *attaching(
            "filing",
            manual="1.3",
            words=Words(zh="相关材料", en="licences, accreditations and other proof of what the institution is"),
            start=(S.DRAFT, S.SUPPLEMENT_REQUIRED),
            by=(THE_APPLICANT,),
        ),
    ),
)
