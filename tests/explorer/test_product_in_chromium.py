"""The explorer in front of the product itself, in a real browser: it asks, signs in, and sees what others do."""

from time import time

import pyotp

from graph.cli.demo import PASSWORD
from tests.explorer.asking import Visitor, visiting
from tests.explorer.chromium import Page
from tests.explorer.test_in_chromium import ANSWER, open_explorer, run, sign_in

FOLLOWED = 'subscription Followed { commissionChanged(id: "%s", after: "v0") { action commission { status } } }'

DOCUMENTATION = '[aria-label="Show Documentation Explorer"]'
DOCUMENTATION_PANE = ".graphiql-doc-explorer"


def test_a_query_typed_into_the_editor_is_answered_by_the_product(page: Page, product: str) -> None:
    open_explorer(page, product)
    run(page, 'query Typed { rule(hsCode: "8429510000") { nameZh inspectionRequired } }')
    page.wait_for_text(ANSWER, '"rule": { "nameZh": "前铲装载机", "inspectionRequired": true }')
    assert page.complaints == []


def test_a_demo_account_signs_in_and_sees_a_change_as_it_happens(page: Page, product: str) -> None:
    open_explorer(page, product)
    sign_in(page, "enterprise", PASSWORD)
    page.wait_for_text(".who", "上海浦江联合重工机械有限公司 · 周海涛")
    with visiting(product, "enterprise") as enterprise:
        commission_id = enterprise.runs("EnterpriseSavesDraft")["commission"]["id"]
        [institution] = enterprise.runs("EnterpriseChoosesInstitution")["nodes"]
        # From the beginning, so that the page shows when it listens.
        run(page, FOLLOWED % commission_id)
        page.wait_for_text(ANSWER, '"action": "commissionSaveDraft", "commission": { "status": "DRAFT" }')
        enterprise.runs("EnterpriseNamesInstitution", id=commission_id, institutionId=institution["id"])
        enterprise.runs("EnterpriseSubmits")
    page.wait_for_text(ANSWER, '"action": "commissionSubmit", "commission": { "status": "PENDING" }')
    page.click(".graphiql-execute-button")
    page.wait_until("document.querySelector('.graphiql-execute-button').ariaLabel.startsWith('Execute')")
    assert page.complaints == []


def test_where_a_captcha_is_asked_for_the_page_does_its_work(page: Page, guarded_product: str) -> None:
    open_explorer(page, guarded_product)
    sign_in(page, "enterprise", PASSWORD)
    page.wait_for_text(".who", "上海浦江联合重工机械有限公司 · 周海涛")
    assert page.evaluate("Object.keys(localStorage).includes('preship:device:enterprise')")
    page.click(".account button")
    page.wait_until("document.querySelector('input[name=username]')")
    sign_in(page, "enterprise", "wrong")
    page.wait_until("document.querySelector('.refusals').innerText.trim()")
    assert page.complaints == []


def set_up_an_app(somebody: Visitor) -> pyotp.TOTP:
    """An authenticator app; the next code that it shows was not used yet."""
    begun = somebody.asks("mutation { totpBegin { totp { id } setup { secret } } }")
    app = pyotp.TOTP(begun["setup"]["secret"])
    confirm = "mutation($id: ID!, $code: String!) { totpConfirm(input: {id: $id, oneTimeCode: $code}) { totp { id } } }"
    assert somebody.asks(confirm, id=begun["totp"]["id"], code=app.at(int(time())))["totp"]
    return app


def test_where_a_code_is_asked_for_the_page_asks_for_it(page: Page, product: str) -> None:
    with visiting(product, "customs") as customs:
        app = set_up_an_app(customs)
    open_explorer(page, product)
    sign_in(page, "customs", PASSWORD)
    page.wait_until("document.activeElement.name === 'code'")
    page.click(".account button[type=button]")
    sign_in(page, "customs", PASSWORD)
    page.wait_until("document.activeElement.name === 'code'")
    page.type("000000")
    page.click(".account button")
    page.wait_for_text(".refusals", "The code is wrong")
    page.click("input[name=code]")
    page.press_control("a")
    page.type(app.at(int(time()) + 30))
    page.click(".account button")
    page.wait_for_text(".who", "海关")
    assert page.complaints == []


def test_a_wrong_password_is_refused_by_the_product_in_words(page: Page, product: str) -> None:
    open_explorer(page, product)
    sign_in(page, "enterprise", "wrong")
    page.wait_until("document.querySelector('.refusals').innerText.trim()")
    assert page.evaluate("sessionStorage.length") == 0


def test_the_schema_is_read_once_the_visitor_has_signed_in(page: Page, product: str) -> None:
    open_explorer(page, product)
    page.click(DOCUMENTATION)
    page.wait_for_text(DOCUMENTATION_PANE, "Error fetching schema")
    sign_in(page, "enterprise", PASSWORD)
    page.wait_for_text(DOCUMENTATION_PANE, "SessionOpenPayload")
    assert page.complaints == []
