"""What must hold before an action on a commission is taken, and when what was filled in is acceptable."""

from domain import marks
from domain.certificate import CertificateStatus
from domain.code import unknown_codes
from domain.commission.record import Commission, CommissionCase, CommissionDraft, CommissionFacts, CompleteForm
from domain.institution import InstitutionStatus, may_not_be_commissioned
from domain.record import left_empty
from domain.refusal import Refusal, RefusalCode, Refusals, refusal
from domain.rows import not_own
from domain.workflow import Case, condition


@condition(zh="必填项均已填写（含各产品行）", en="every required field is filled, of the goods lines too")
def everything_is_filled(case: CommissionCase) -> Refusals:
    yield from left_empty(case.record)
    for index, line in enumerate(case.facts.lines):
        for found in left_empty(line):
            yield found.below("goods_lines", index)


@condition(zh="至少有一行产品信息", en="there is at least one goods line")
def there_are_goods(case: CommissionCase) -> Refusals:
    if not case.facts.lines:
        yield refusal(
            RefusalCode.NO_GOODS_LINES,
            zh="请至少填写一行产品信息。",
            en="Add at least one goods line.",
            field="goods_lines",
        )


@condition(zh="代码均现行有效（含各产品行）", en="every code may still be chosen, of the goods lines too")
def codes_may_be_chosen(case: CommissionCase) -> Refusals:
    known = case.facts.known_codes
    yield from unknown_codes(case.record, known)
    for index, line in enumerate(case.facts.lines):
        for found in unknown_codes(line, known):
            yield found.below("goods_lines", index)


@condition(zh="没有禁止进口的产品", en="no goods line is prohibited from import")
def nothing_is_prohibited(case: CommissionCase) -> Refusals:
    for index, line in enumerate(case.facts.lines):
        rule = case.facts.rules.get(line.hs_code or "")
        if rule is not None and rule.import_prohibited:
            number, name = line.line_number, line.product_name or rule.name_zh
            yield refusal(
                RefusalCode.IMPORT_PROHIBITED,
                zh=f"第{number}行“{name}”（HS编码{rule.hs_code}）禁止进口，依据：{rule.legal_basis}。",
                en=f"Line {number}, {name} (HS code {rule.hs_code}), may not be imported. "
                f"Legal basis: {rule.legal_basis}.",
                field=("goods_lines", index, "hs_code"),
            )


@condition(zh="各产品行的HS编码现行有效", en="the HS code of every goods line is in force today")
def codes_are_in_force(case: CommissionCase) -> Refusals:
    for index, line in enumerate(case.facts.lines):
        if line.hs_code and line.hs_code not in case.facts.rules:
            yield _unknown_hs_code(line.hs_code, index)


@condition(zh="所选机构已备案且不在处置期", en="the institution chosen is in the registry and under no disposition")
def institution_may_be_commissioned(case: CommissionCase) -> Refusals:
    if case.record.institution_id is not None:
        found = may_not_be_commissioned(case.facts.institution, "institution_id")
        if found is not None:
            yield found


@condition(zh="本机构不在处置期", en="the institution is under no disposition")
def institution_is_in_good_standing(case: CommissionCase) -> Refusals:
    found = may_not_be_commissioned(case.facts.commissioned, None)
    if found is not None:
        yield found


@condition(zh="至少有一个随附单据", en="there is at least one attachment")
def there_is_an_attachment(case: CommissionCase) -> Refusals:
    if not case.facts.attachments:
        yield refusal(
            RefusalCode.NO_ATTACHMENT,
            zh="请先上传随附单据。",
            en="Upload at least one attachment first.",
            field="attachments",
        )


@condition(zh="原机构已被撤销备案", en="its institution was revoked")
def institution_was_revoked(case: CommissionCase) -> Refusals:
    institution = case.facts.commissioned
    if institution is not None and institution.status is not InstitutionStatus.REVOKED:
        yield refusal(
            RefusalCode.INSTITUTION_NOT_REVOKED,
            zh="只有原机构被撤销备案后，才可改委托其他机构。",
            en="Only when its institution was revoked may a commission be moved to another.",
        )


@condition(zh="HS编码在规则之内", en="every HS code has a rule in force today")
def hs_codes_are_known(case: "Case[Commission, CommissionFacts, CommissionDraft]") -> Refusals:
    for index, line in enumerate(case.form.goods_lines):
        if line.hs_code and marks.an_hs_code.check(line.hs_code) is None and line.hs_code not in case.facts.rules:
            yield _unknown_hs_code(line.hs_code, index)


@condition(zh="制造日期不晚于今天", en="no date of manufacture lies after today")
def made_in_the_past(case: "Case[Commission, CommissionFacts, CommissionDraft]") -> Refusals:
    today = marks.today_in_china(case.now)
    for index, line in enumerate(case.form.goods_lines):
        if line.manufactured_on is not None and line.manufactured_on > today:
            yield refusal(
                RefusalCode.DATE_IN_FUTURE,
                zh=f"制造日期不得晚于今天（{today}）。",
                en=f"The date of manufacture must not lie after today ({today}).",
                field=("goods_lines", index, "manufactured_on"),
            )


@condition(zh="修改的产品行属于本委托且不重复", en="every line to change is of this commission and named once")
def lines_are_own(case: "Case[Commission, CommissionFacts, CommissionDraft]") -> Refusals:
    yield from not_own(case.facts.lines, case.form.goods_lines, "goods_lines")


@condition(zh="所选机构存在", en="the institution named exists")
def institution_exists(case: CommissionCase) -> Refusals:
    if case.form.institution_id is not None and case.facts.named is None:
        yield refusal(
            RefusalCode.UNKNOWN_REFERENCE,
            zh="没有这一检验机构。",
            en="There is no such institution.",
            field="institution_id",
        )


@condition(zh="新机构已备案且不在处置期", en="the institution named is in the registry and under no disposition")
def successor_may_be_commissioned(case: CommissionCase) -> Refusals:
    if case.facts.named is not None:
        found = may_not_be_commissioned(case.facts.named, "institution_id")
        if found is not None:
            yield found


@condition(zh="证书有效期晚于今天", en="the certificate's last day lies after today")
def validity_lies_ahead(case: "Case[Commission, CommissionFacts, CompleteForm]") -> Refusals:
    today = marks.today_in_china(case.now)
    if case.form.valid_until is not None and case.form.valid_until <= today:
        yield refusal(
            RefusalCode.DATE_NOT_IN_FUTURE,
            zh=f"证书有效期须晚于今天（{today}）。",
            en=f"The certificate must be valid beyond today ({today}).",
            field="valid_until",
        )


@condition(zh="证书编号未被本机构使用过", en="the institution has not used the certificate number before")
def certificate_number_is_new(case: "Case[Commission, CommissionFacts, CompleteForm]") -> Refusals:
    if case.facts.certificate_is_taken:
        yield refusal(
            RefusalCode.DUPLICATE,
            zh=f"证书编号{case.form.certificate_number}已被使用。",
            en=f"Certificate number {case.form.certificate_number} is already taken.",
            field="certificate_number",
        )


@condition(zh="证书有效且已过有效期", en="the certificate stands as valid and is past its last day")
def certificate_has_ended(case: CommissionCase) -> Refusals:
    today = marks.today_in_china(case.now)
    for certificate in case.facts.certificates:
        if certificate.status is CertificateStatus.VALID and today > certificate.valid_until:
            return
    yield refusal(
        RefusalCode.NOTHING_CHANGED,
        zh="没有到期的有效证书。",
        en="There is no valid certificate that is past its last day.",
    )


def _unknown_hs_code(hs_code: str, index: int) -> Refusal:
    return refusal(
        RefusalCode.UNKNOWN_HS_CODE,
        zh=f"没有HS编码{hs_code}的现行规则，请核对编码。",
        en=f"No rule in force names HS code {hs_code}; check the code.",
        field=("goods_lines", index, "hs_code"),
    )
