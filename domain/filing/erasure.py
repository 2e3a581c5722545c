"""A person's data is erased from a filing, once the law does not ask for it any more."""

from collections.abc import Iterator

from domain.filing.lists import LISTS
from domain.filing.record import Filing, FilingCase, FilingFacts
from domain.institution import Institution, InstitutionStatus
from domain.person import EraseForm, erased
from domain.personal import salt
from domain.record import Part, changed
from domain.refusal import RefusalCode, Refusals, refusal
from domain.workflow import Case, Effect, Wish, condition


@condition(zh="本机构不在备案名录内", en="the institution is not in the registry")
def institution_is_not_in_the_registry(case: FilingCase) -> Refusals:
    yield from kept_by_law(case.facts.institution)


def kept_by_law(institution: Institution | None) -> Refusals:
    """While an institution is in the registry, what it was filed with must be kept."""
    if institution is not None and institution.status is not InstitutionStatus.REVOKED:
        yield refusal(
            RefusalCode.NOT_CHANGEABLE,
            zh=f"该机构在备案名录内（备案编号：{institution.filing_number}），其备案信息须依法保存，撤销备案后方可删除。",
            en=f"The institution is in the registry ({institution.filing_number}) and its filing must be kept; "
            "a person's data can be erased once it was revoked.",
        )


def as_erased(case: "Case[Filing, FilingFacts, EraseForm]") -> Effect:
    """With a new salt: no digest made before can confirm a guess of what was erased, whoever holds the keys."""
    texts = case.form.texts
    rows: dict[type[Part], tuple[Part, ...]] = {
        LISTS[name]: tuple(changed(row, **erased(row, texts)) for row in some)
        for name, some in case.facts.rows.items()
        if any(erased(row, texts) for row in some)
    }
    mark = {"erasure_reason": case.form.reason, "salt": salt(case.new_id)}
    return Effect(changes=erased(case.record, texts) | mark, replaces=rows)


def erasing_in_the_registry(case: "Case[Filing, FilingFacts, EraseForm]", filing: Filing) -> Iterator[Wish]:
    institution = case.facts.institution
    if institution is not None and erased(institution, case.form.texts):
        yield Wish(form=case.form, subject_id=institution.id)
