"""The registry 已备案检验机构: the institutions that customs has on file, and what each may do at present.

Nobody writes here: a row comes from a filing accepted, changes with a change approved, and shows what dispositions say.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from domain import marks
from domain.language import Language, Words
from domain.party import THE_OFFICE
from domain.person import EraseForm, erased
from domain.record import Form, Record, hidden, says
from domain.refusal import Refusal, RefusalCode, refusal
from domain.term import Term
from domain.workflow import Action, Case, Effect, Workflow


class InstitutionStatus(Term):
    """What the registry shows of an institution; it follows from its dispositions."""

    NORMAL = "正常", "May be commissioned and may issue certificates."
    NON_RECOGNITION = "不予认可", "Its results are not recognised until the disposition ends."
    RECTIFICATION = "限期整改", "Must put something right before it is commissioned again."
    REVOKED = "撤销备案", "No longer in the registry."


@dataclass(frozen=True, kw_only=True)
class Institution(Record):
    """An overseas inspection institution as the registry shows it 装运前检验机构."""

    filing_number: Annotated[
        str, says("备案编号", "Number of the filing: JJD, the year, and at least three digits."), marks.text(20)
    ]
    name_zh: Annotated[str, says("检验机构名称", "Its name in Chinese."), marks.text(200)]
    name_en: Annotated[str, says("英文名称", "Its name in English."), marks.text(200)]
    registered_place: Annotated[str, says("注册地", "Where it is registered."), marks.text(200)]
    country: Annotated[
        str, says("国家地区", "Country or region, ISO 3166 code."), marks.text(2), marks.code_of("COUNTRY")
    ]
    status: Annotated[InstitutionStatus, says("状态", "What it may do at present.")]
    disposition_ends_on: Annotated[
        date | None, says("处置到期时间", "Last day of the disposition that the status comes from, if it has an end.")
    ] = None
    filed_at: Annotated[datetime, says("备案时间", "When the filing was accepted.")]
    contact_name: Annotated[str | None, marks.text(100)] = None
    contact_phone: Annotated[str | None, marks.a_phone] = None
    contact_email: Annotated[str | None, marks.an_email] = None
    organisation_id: Annotated[UUID, hidden]

    def name(self, language: Language) -> str:
        return self.name_zh if language is Language.ZH else self.name_en


@dataclass(frozen=True, kw_only=True)
class InstitutionFilter(Form):
    """Which institutions are wanted; conditions given together must all hold."""

    name: Annotated[
        str | None, says("检验机构名称", "Fragment of the name, in either language, whatever its case.")
    ] = None
    filing_number: Annotated[str | None, says("备案编号", "The filing number, or its beginning.")] = None
    country: Annotated[str | None, says("国家地区", "ISO 3166 code.")] = None
    status: Annotated[InstitutionStatus | None, says("状态", "What the registry shows.")] = None
    may_be_commissioned: Annotated[
        bool | None, says("可否委托", "True for those that may be commissioned today, false for the others.")
    ] = None


class InstitutionOrderField(Term):
    """What the registry is sorted by."""

    FILED_AT = "备案时间", "When the filing was accepted."
    FILING_NUMBER = "备案编号", "The filing number."


@dataclass(frozen=True, kw_only=True)
class RegistryEntry(Form):
    """What a filing says of the institution."""

    filing_number: str
    name_zh: str
    name_en: str
    registered_place: str
    country: str
    contact_name: str | None = None
    contact_phone: str | None = None
    contact_email: str | None = None
    organisation_id: UUID


@dataclass(frozen=True, kw_only=True)
class RegistryUpdate(Form):
    """What an approved change says of the institution; its filing number stays."""

    name_zh: str
    name_en: str
    registered_place: str
    country: str
    contact_name: str | None = None
    contact_phone: str | None = None
    contact_email: str | None = None


@dataclass(frozen=True, kw_only=True)
class Standing(Form):
    """What follows, beside the status, from all dispositions of the institution that are in force."""

    disposition_ends_on: date | None = None


InstitutionCase = Case[Institution, None, Any]


def as_entered(case: "Case[Institution, None, RegistryEntry]") -> Effect:
    return Effect(changes=case.form.sent() | {"filed_at": case.now, "disposition_ends_on": None})


def as_updated(case: "Case[Institution, None, RegistryUpdate]") -> Effect:
    return Effect(changes=case.form.sent())


def as_standing(case: "Case[Institution, None, Standing]") -> Effect:
    return Effect(changes={"disposition_ends_on": case.form.disposition_ends_on})


def as_erased(case: "Case[Institution, None, EraseForm]") -> Effect:
    return Effect(changes=erased(case.record, case.form.texts))


def blank_institution(case: "Case[Institution, None, RegistryEntry]", status: Term | None) -> Institution:
    assert isinstance(status, InstitutionStatus)
    return Institution(
        id=case.new_id(),
        filing_number="",
        name_zh="",
        name_en="",
        registered_place="",
        country="",
        status=status,
        filed_at=case.now,
        organisation_id=case.form.organisation_id,
    )


S = InstitutionStatus

WORKFLOW = Workflow(
    subject="institution",
    words=Words(zh="备案名录", en="Registry"),
    manual="1.2, 1.7",
    record=Institution,
    statuses=InstitutionStatus,
    blank=blank_institution,
    actions=(
        Action(
            name="enter",
            words=Words(zh="列入名录", en="Enter it in the registry, its filing accepted; a revoked one comes back."),
            manual="1.3",
            creates=S.NORMAL,
            start=(S.REVOKED,),
            to=S.NORMAL,
            by=(THE_OFFICE,),
            form=RegistryEntry,
            then=as_entered,
        ),
        Action(
            name="update",
            words=Words(zh="更新名录", en="Show what an approved change says."),
            manual="1.3",
            start=(S.NORMAL, S.NON_RECOGNITION, S.RECTIFICATION),
            by=(THE_OFFICE,),
            form=RegistryUpdate,
            then=as_updated,
        ),
        Action(
            name="restore",
            words=Words(zh="恢复正常", en="Show it as normal again, no disposition being in force any more."),
            manual="1.7",
            start=(S.NON_RECOGNITION, S.RECTIFICATION),
            to=S.NORMAL,
            by=(THE_OFFICE,),
            form=Standing,
            then=as_standing,
        ),
        Action(
            name="suspend_recognition",
            words=Words(zh="不予认可", en="Show that its results are not recognised, and until when."),
            manual="1.7",
            start=(S.NORMAL, S.NON_RECOGNITION, S.RECTIFICATION),
            to=S.NON_RECOGNITION,
            by=(THE_OFFICE,),
            form=Standing,
            then=as_standing,
        ),
        Action(
            name="await_rectification",
            words=Words(zh="限期整改", en="Show that it must put something right."),
            manual="1.7",
            start=(S.NORMAL, S.NON_RECOGNITION, S.RECTIFICATION),
            to=S.RECTIFICATION,
            by=(THE_OFFICE,),
            form=Standing,
            then=as_standing,
        ),
        Action(
            name="strike_off",
            words=Words(zh="撤销备案", en="Take it out of the registry."),
            manual="1.7",
            start=(S.NORMAL, S.NON_RECOGNITION, S.RECTIFICATION),
            to=S.REVOKED,
            by=(THE_OFFICE,),
            form=Standing,
            then=as_standing,
        ),
        Action(
            name="erase",
            words=Words(zh="删除个人信息", en="Erase the data of a person, which its filing has lost."),
            manual="1.3",
            start=(S.REVOKED,),
            by=(THE_OFFICE,),
            form=EraseForm,
            then=as_erased,
        ),
    ),
)


def may_not_be_commissioned(institution: Institution | None, field: str | None) -> Refusal | None:
    """Why this institution may not take or keep a commission, or None."""
    if institution is None or institution.status is InstitutionStatus.REVOKED:
        return refusal(
            RefusalCode.INSTITUTION_NOT_REGISTERED,
            zh="所选装运前检验机构不在备案名录内，请另选已备案的机构。",
            en="The inspection institution is not in the registry; choose one that is.",
            field=field,
        )
    if institution.status is not InstitutionStatus.NORMAL:
        until = institution.disposition_ends_on
        end = Words(zh=f"，处置到期时间：{until}", en=f" until {until}") if until else Words(zh="", en="")
        return refusal(
            RefusalCode.INSTITUTION_UNDER_DISPOSITION,
            zh=f"机构“{institution.name_zh}”处于“{institution.status.words.zh}”处置期内{end.zh}，不能接受委托。",
            en=f"{institution.name_en} is under a disposition ({institution.status.name}){end.en} "
            "and may not be commissioned.",
            field=field,
        )
    return None
