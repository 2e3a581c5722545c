"""What must hold before an action on a quality issue is taken."""

from domain.quality_issue.record import QualityIssue, QualityIssueFacts, RaiseForm
from domain.refusal import RefusalCode, Refusals, refusal
from domain.workflow import Case, condition

Raising = Case[QualityIssue, QualityIssueFacts, RaiseForm]


@condition(zh="所涉机构存在", en="the institution named exists")
def institution_exists(case: Raising) -> Refusals:
    if case.form.institution_id is not None and case.facts.named is None:
        yield refusal(
            RefusalCode.UNKNOWN_REFERENCE,
            zh="没有这一检验机构。",
            en="There is no such institution.",
            field="institution_id",
        )


@condition(zh="相关业务委托由该机构办理", en="the commission named was submitted to the institution")
def commission_is_the_institutions(case: Raising) -> Refusals:
    form, found = case.form, case.facts.commission
    if form.commission_id is not None and (found is None or found.submitted_to_id != form.institution_id):
        yield refusal(
            RefusalCode.UNKNOWN_REFERENCE,
            zh="该机构没有这一业务委托，请核对。",
            en="The institution has no such commission.",
            field="commission_id",
        )


@condition(
    zh="相关证书由该机构签发，且属于所填业务委托",
    en="the certificate named is the institution's own, and of the commission named",
)
def certificate_is_the_institutions(case: Raising) -> Refusals:
    form, found = case.form, case.facts.certificate
    if not (form.certificate_number or "").strip():
        return
    if found is None:
        yield refusal(
            RefusalCode.UNKNOWN_REFERENCE,
            zh="该机构没有签发过这一编号的证书，请核对。",
            en="The institution has issued no certificate of this number.",
            field="certificate_number",
        )
    elif form.commission_id is not None and found.commission_id != form.commission_id:
        yield refusal(
            RefusalCode.UNKNOWN_REFERENCE,
            zh="这一证书不属于所填的业务委托，请核对。",
            en="The certificate is not that of the commission named.",
            field="certificate_number",
        )
