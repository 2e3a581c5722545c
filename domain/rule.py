"""Rules 旧机电业务规则: what applies to goods of an HS code on a day. A rule is never rewritten; a new one follows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Annotated, Any

from domain import marks
from domain.language import Words
from domain.party import CUSTOMS_OFFICER, THE_OFFICE
from domain.record import Form, Record, required, says
from domain.refusal import RefusalCode, Refusals, refusal
from domain.term import Term
from domain.workflow import Action, Case, Effect, LeadsTo, Wish, Workflow, condition, form_is_filled

Text = str | None


class RuleStatus(Term):
    """Whether a rule has an end."""

    OPEN = "现行", "In force from its first day until a new version follows it."
    ENDED = "已截止", "Has a last day; a later version may have followed it."


@dataclass(frozen=True, kw_only=True)
class RuleForm(Form):
    """A rule as customs announces it."""

    hs_code: Annotated[Text, says("HS编码", "Ten digits of the tariff."), marks.an_hs_code, required] = None
    name_zh: Annotated[Text, says("品名", "Name of the goods in Chinese."), marks.text(300), required] = None
    name_en: Annotated[Text, says("英文品名", "Name of the goods in English."), marks.text(300)] = None
    inspection_required: Annotated[
        bool, says("是否需要装运前检验", "Whether the goods must be inspected before shipment.")
    ] = False
    inspection_exempt: Annotated[
        bool, says("是否免于装运前检验", "Whether the goods are exempt from inspection before shipment.")
    ] = False
    import_prohibited: Annotated[bool, says("是否禁止进口", "Whether the goods may not be imported at all.")] = False
    measure: Annotated[Text, says("监管措施", "What customs asks for."), marks.text(300), required] = None
    legal_basis: Annotated[
        Text, says("法律依据", "The announcement that the rule comes from."), marks.text(500), required
    ] = None
    valid_from: Annotated[
        date | None, says("生效日期", "First day on which it applies (China standard time)."), required
    ] = None


@dataclass(frozen=True, kw_only=True)
class Rule(Record):
    """What applies to used goods of one HS code 旧机电业务规则."""

    hs_code: Annotated[str, says("HS编码", "Ten digits of the tariff."), marks.an_hs_code]
    name_zh: Annotated[str, says("品名", "Name of the goods in Chinese."), marks.text(300)]
    name_en: Annotated[
        str | None, says("英文品名", "Name of the goods in English, where it is known."), marks.text(300)
    ] = None
    inspection_required: Annotated[
        bool, says("是否需要装运前检验", "Whether the goods must be inspected before shipment.")
    ]
    inspection_exempt: Annotated[
        bool, says("是否免于装运前检验", "Whether the goods are exempt from inspection before shipment.")
    ]
    import_prohibited: Annotated[bool, says("是否禁止进口", "Whether the goods may not be imported at all.")]
    measure: Annotated[str, says("监管措施", "What customs asks for."), marks.text(300)]
    legal_basis: Annotated[str, says("法律依据", "The announcement that the rule comes from."), marks.text(500)]
    valid_from: Annotated[date, says("生效日期", "First day on which it applies (China standard time).")]
    valid_to: Annotated[date | None, says("失效日期", "Last day on which it applies; null while it has no end.")] = None
    status: Annotated[RuleStatus, says("状态", "Whether it has an end.")]


@dataclass(frozen=True, kw_only=True)
class RuleFilter(Form):
    """Which rules are wanted; conditions given together must all hold."""

    hs_code: Annotated[Text, says("HS编码", "The HS code, or its beginning.")] = None
    name: Annotated[Text, says("品名", "Fragment of the name, in either language, whatever its case.")] = None
    on: Annotated[date | None, says("日期", "The day as of which rules are wanted; absent for today in China.")] = None


class RuleOrderField(Term):
    """What rules are sorted by."""

    HS_CODE = "HS编码", "The HS code."


@dataclass(frozen=True, kw_only=True)
class RuleFacts:
    """`versions` holds all rules that there ever were of the HS codes at hand."""

    versions: Mapping[str, Sequence[Rule]] = field(default_factory=dict)


RuleCase = Case[Rule, RuleFacts, RuleForm]


def says_the_same(rule: Rule, form: RuleForm) -> bool:
    """Whether the form would only repeat what the rule says already."""
    return all(getattr(rule, name) == getattr(form, name) for name in SAID)


@condition(zh="三项标志最多一项为“是”", en="at most one of the three flags is set")
def flags_agree(case: RuleCase) -> Refusals:
    form = case.form
    if form.inspection_required + form.inspection_exempt + form.import_prohibited > 1:
        yield refusal(
            RefusalCode.INVALID_FORMAT,
            zh="“需要装运前检验”“免于装运前检验”“禁止进口”最多选一项。",
            en="Set at most one of inspection required, inspection exempt and import prohibited.",
            field="inspection_required",
        )


@condition(zh="同一HS编码没有未截止的规则", en="no rule of the HS code is open")
def former_has_ended(case: RuleCase) -> Refusals:
    versions = case.facts.versions.get(case.form.hs_code or "", ())
    former = next((rule for rule in versions if rule.status is RuleStatus.OPEN), None)
    if former is not None:
        yield refusal(
            RefusalCode.DUPLICATE,
            zh=f"HS编码{former.hs_code}自{former.valid_from}起已有现行规则，请先截止。",
            en=f"HS code {former.hs_code} has had an open rule since {former.valid_from}; end it first.",
            field="hs_code",
        )


@condition(zh="生效日期晚于同一HS编码已截止规则的失效日期", en="it begins after every ended rule of the HS code")
def no_two_rules_for_one_day(case: RuleCase) -> Refusals:
    first = case.form.valid_from
    for rule in case.facts.versions.get(case.form.hs_code or "", ()):
        if first is not None and rule.valid_to is not None and rule.valid_from <= rule.valid_to >= first:
            yield refusal(
                RefusalCode.DUPLICATE,
                zh=f"HS编码{rule.hs_code}在{rule.valid_from}至{rule.valid_to}已有规则，生效日期须在其后。",
                en=f"HS code {rule.hs_code} has a rule from {rule.valid_from} to {rule.valid_to}; start after it.",
                field="valid_from",
            )


@condition(zh="失效日期不早于生效日期前一日", en="the last day is not before the eve of the first")
def ends_after_it_began(case: "Case[Rule, RuleFacts, RuleEndForm]") -> Refusals:
    # The eve itself is allowed: so ends a rule that another takes the place of from its very first day.
    eve = case.record.valid_from - timedelta(days=1)
    if case.form.valid_to is not None and case.form.valid_to < eve:
        yield refusal(
            RefusalCode.OUT_OF_RANGE,
            zh=f"失效日期不得早于{eve}（生效日期前一日，即从未适用）。",
            en=f"The last day must not lie before {eve}, the eve of the first (the rule then never applied).",
            field="valid_to",
        )


@dataclass(frozen=True, kw_only=True)
class RuleEndForm(Form):
    """When a rule stops applying."""

    valid_to: Annotated[date | None, says("失效日期", "Last day on which it applies."), required] = None


@dataclass(frozen=True, kw_only=True)
class RuleReplaceForm(Form):
    """What the next version says otherwise; fields that are absent say what they said."""

    name_zh: Annotated[Text, says("品名", "Name of the goods in Chinese."), marks.text(300)] = None
    name_en: Annotated[Text, says("英文品名", "Name of the goods in English."), marks.text(300)] = None
    inspection_required: Annotated[
        bool | None, says("是否需要装运前检验", "Whether the goods must be inspected before shipment.")
    ] = None
    inspection_exempt: Annotated[
        bool | None, says("是否免于装运前检验", "Whether the goods are exempt from inspection before shipment.")
    ] = None
    import_prohibited: Annotated[bool | None, says("是否禁止进口", "Whether the goods may not be imported at all.")] = (
        None
    )
    measure: Annotated[Text, says("监管措施", "What customs asks for."), marks.text(300)] = None
    legal_basis: Annotated[
        Text, says("法律依据", "The announcement that the next version comes from."), marks.text(500)
    ] = None
    valid_from: Annotated[
        date | None, says("生效日期", "First day of the next version (China standard time); may lie ahead."), required
    ] = None


FLAGS = ("inspection_required", "inspection_exempt", "import_prohibited")

SAID = ("hs_code", "name_zh", "name_en", *FLAGS, "measure", "legal_basis")
"""What a rule says, apart from when it applies."""


def next_version(rule: Rule, form: RuleReplaceForm) -> RuleForm:
    """The rule as the form has it, announced anew. One flag set clears the two others, unless the form says so."""
    said = {name: getattr(rule, name) for name in SAID}
    sent = form.sent()
    if any(sent.get(flag) for flag in FLAGS):
        said |= dict.fromkeys(FLAGS, False)
    said |= {name: False if name in FLAGS and value is None else value for name, value in sent.items()}
    made: RuleForm = RuleForm.of(**said)
    return made


ReplaceCase = Case[Rule, RuleFacts, RuleReplaceForm]


@condition(zh="新版本的生效日期不早于现行版本", en="the next version does not begin before this one")
def begins_no_earlier(case: ReplaceCase) -> Refusals:
    first = case.form.valid_from
    if first is not None and first < case.record.valid_from:
        yield refusal(
            RefusalCode.DATES_OUT_OF_ORDER,
            zh=f"生效日期不得早于现行版本的生效日期（{case.record.valid_from}）。",
            en=f"The next version must not begin before this one, {case.record.valid_from}.",
            field="valid_from",
        )


@condition(zh="新版本与现行版本有所不同", en="the next version says something else")
def says_something_else(case: ReplaceCase) -> Refusals:
    if says_the_same(case.record, next_version(case.record, case.form)):
        yield refusal(
            RefusalCode.NOTHING_CHANGED,
            zh="新版本与现行版本内容相同，无需更新。",
            en="The next version says the same as this one; change at least one field.",
        )


def as_replaced(case: ReplaceCase) -> Effect:
    assert case.form.valid_from is not None
    return Effect(changes={"valid_to": case.form.valid_from - timedelta(days=1)})


def its_next_version(case: ReplaceCase, after: Rule) -> Iterator[Wish]:
    yield Wish(form=next_version(case.record, case.form))


@dataclass(frozen=True, kw_only=True)
class RuleDifference:
    """One field in which a version of a rule differs from the version before it."""

    field: Annotated[str, says("字段", "Name of the field, as in Rule.")]
    before: Annotated[str | None, says("原内容", "What the version before said; null where it said nothing.")]
    after: Annotated[str | None, says("新内容", "What this version says.")]


def differences(before: Rule, after: Rule) -> list[RuleDifference]:
    """What two versions of a rule say otherwise, in the order of the fields."""
    return [
        RuleDifference(field=name, before=_said(old), after=_said(new))
        for name in SAID
        if (old := getattr(before, name)) != (new := getattr(after, name))
    ]


def _said(value: str | bool | None) -> str | None:
    return value if value is None or isinstance(value, str) else str(value).lower()


def as_announced(case: RuleCase) -> Effect:
    form = case.form
    return Effect(changes={name: getattr(form, name) for name in form.given} | {"valid_from": form.valid_from})


def as_ended(case: Case[Rule, RuleFacts, RuleEndForm]) -> Effect:
    return Effect(changes={"valid_to": case.form.valid_to})


def blank_rule(case: Case[Any, Any, Any], status: Term | None) -> Rule:
    assert isinstance(status, RuleStatus)
    return Rule(
        id=case.new_id(),
        hs_code="",
        name_zh="",
        inspection_required=False,
        inspection_exempt=False,
        import_prohibited=False,
        measure="",
        legal_basis="",
        valid_from=date.min,
        status=status,
    )


WORKFLOW = Workflow(
    subject="rule",
    words=Words(zh="旧机电业务规则", en="Rule"),
    manual="1.2",
    record=Rule,
    statuses=RuleStatus,
    blank=blank_rule,
    actions=(
        Action(
            name="announce",
            words=Words(zh="发布", en="Announce a rule, or the version that follows an ended one."),
            manual="1.2",
            creates=RuleStatus.OPEN,
            by=(CUSTOMS_OFFICER, THE_OFFICE),
            form=RuleForm,
            accepts=(form_is_filled, flags_agree, former_has_ended, no_two_rules_for_one_day),
            then=as_announced,
        ),
        Action(
            name="end",
            words=Words(zh="截止", en="Give a rule its last day."),
            manual="1.2",
            start=(RuleStatus.OPEN,),
            to=RuleStatus.ENDED,
            by=(CUSTOMS_OFFICER, THE_OFFICE),
            form=RuleEndForm,
            accepts=(form_is_filled, ends_after_it_began),
            then=as_ended,
        ),
        Action(
            name="replace",
            words=Words(zh="更新", en="Announce the next version, and end this one on the day before."),
            manual="1.2",
            start=(RuleStatus.OPEN,),
            to=RuleStatus.ENDED,
            by=(CUSTOMS_OFFICER,),
            form=RuleReplaceForm,
            accepts=(form_is_filled, begins_no_earlier, says_something_else),
            then=as_replaced,
            leads_to=(
                LeadsTo(
                    subject="rule",
                    action="announce",
                    wishes=its_next_version,
                    words=Words(zh="发布新版本", en="announces the next version"),
                ),
            ),
        ),
    ),
)
