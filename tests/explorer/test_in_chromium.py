"""The explorer in a real browser: it opens, signs in, asks, watches, and never turns to another host."""

import json
from urllib.parse import urlsplit

from tests.explorer.chromium import Page
from tests.explorer.conftest import Explored

EDITOR = ".graphiql-query-editor .CodeMirror"
ANSWER = ".graphiql-response"


def open_explorer(page: Page, url: str) -> None:
    page.open(url)
    page.wait_until(f"document.querySelector('{EDITOR}')")


def run(page: Page, operation: str) -> None:
    page.click(".graphiql-tab-add")
    page.wait_for_text(EDITOR, "A new operation")
    page.click(EDITOR)
    page.press_control("a")
    page.type(operation)
    page.wait_for_text(EDITOR, operation.split("{")[0].strip())
    page.press_control("Enter")


def sign_in(page: Page, username: str, password: str) -> None:
    page.click("input[name=username]")
    page.press_control("a")
    page.type(username)
    page.click("input[name=password]")
    page.press_control("a")
    page.type(password)
    page.click(".account button")


def hosts(page: Page) -> set[str]:
    return {urlsplit(address).netloc for address in page.addresses if not address.startswith(("data:", "about:"))}


def test_the_page_opens_with_a_tab_for_each_role_and_without_complaints(page: Page, explored: Explored) -> None:
    open_explorer(page, explored.url)
    page.wait_for_text("header", "Preship 进口旧机电装运前检验")
    page.wait_until("document.querySelectorAll('.graphiql-tab').length === 4")
    page.wait_for_text(EDITOR, "AnonymousInstitutions")
    page.wait_for_text(EDITOR, "无需登录")
    page.wait_for_text(".graphiql-editor-tool", '"hsCodePrefix": "8429"')
    assert page.complaints == []
    assert hosts(page) == {urlsplit(explored.url).netloc}


def test_a_query_typed_into_the_editor_is_answered(page: Page, explored: Explored) -> None:
    open_explorer(page, explored.url)
    run(page, explored.query)
    page.wait_for_text(ANSWER, explored.answer)
    assert page.complaints == []
    assert hosts(page) == {urlsplit(explored.url).netloc}


def test_a_subscription_shows_its_values_and_its_socket_carries_the_account(page: Page, explored: Explored) -> None:
    open_explorer(page, explored.url)
    sign_in(page, explored.username, explored.password)
    page.wait_for_text(".who", explored.who)
    run(page, explored.subscription)
    page.wait_for_text(ANSWER, explored.value)
    assert page.addresses[-1] == explored.url.replace("http", "ws", 1)
    page.click(".graphiql-execute-button")
    page.wait_until("document.querySelector('.graphiql-execute-button').ariaLabel.startsWith('Execute')")
    assert page.complaints == []
    assert hosts(page) == {urlsplit(explored.url).netloc}


def test_an_account_signs_in_stays_over_a_reload_and_signs_out(page: Page, explored: Explored) -> None:
    open_explorer(page, explored.url)
    sign_in(page, explored.username, explored.password)
    page.wait_for_text(".who", explored.who)
    open_explorer(page, explored.url)
    page.wait_for_text(".who", explored.who)
    run(page, explored.query_of_account)
    page.wait_for_text(ANSWER, explored.answer_of_account)
    page.click(".account button")
    page.wait_until("document.querySelector('input[name=username]')")
    assert page.evaluate("sessionStorage.length") == 0
    assert explored.password not in page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    assert page.complaints == []


def test_an_account_whose_token_no_longer_holds_is_signed_out(page: Page, explored: Explored) -> None:
    open_explorer(page, explored.url)
    kept = {"token": "withdrawn", "expiresAt": "2999-01-01T00:00:00Z", "who": explored.who}
    page.evaluate(f"sessionStorage.setItem('preship:session', {json.dumps(json.dumps(kept))})")
    open_explorer(page, explored.url)
    page.wait_until("document.querySelector('input[name=username]')")
    assert page.evaluate("sessionStorage.length") == 0
    run(page, explored.query)
    page.wait_for_text(ANSWER, explored.answer)


def test_a_password_may_be_pasted_and_looked_at(page: Page, explored: Explored) -> None:
    """And remembered by the browser (OWASP ASVS 2.1.11, 2.1.12)."""
    field = "document.querySelector('input[name=password]')"
    open_explorer(page, explored.url)
    page.wait_until(field)
    page.evaluate(f"{field}.focus()")
    data = "new DataTransfer()"
    event = f"new ClipboardEvent('paste', {{clipboardData: {data}, bubbles: true, cancelable: true}})"
    assert page.evaluate(f"{field}.dispatchEvent({event})"), "the page kept it from being pasted"
    page.type(explored.password)
    assert (page.evaluate(f"{field}.type"), page.evaluate(f"{field}.autocomplete")) == ("password", "current-password")
    page.click(".shown input")
    page.wait_until(f"{field}.type === 'text'")
    assert page.evaluate(f"{field}.value") == explored.password
    page.click(".shown input")
    page.wait_until(f"{field}.type === 'password'")
    assert page.complaints == []


def test_a_wrong_password_is_refused_in_words(page: Page, explored: Explored) -> None:
    open_explorer(page, explored.url)
    sign_in(page, explored.username, "wrong")
    page.wait_until("document.querySelector('.refusals').innerText.trim()")
    assert page.evaluate("document.querySelector('.who')") is None
    assert page.evaluate("sessionStorage.length") == 0


def test_the_dialogs_and_panels_of_the_explorer_keep_to_the_policy(page: Page, explored: Explored) -> None:
    open_explorer(page, explored.url)
    for label in ("Show Documentation Explorer", "Show History"):
        page.click(f"button[aria-label='{label}']")
        page.wait_until(f"document.querySelector(\"button[aria-label='{label.replace('Show', 'Hide')}']\")")
    for label in ("Open settings dialog", "Open short keys dialog"):
        page.click(f"button[aria-label='{label}']")
        page.wait_until("document.querySelector('[role=dialog]')")
        page.click(".graphiql-dialog-header button")
        page.wait_until("!document.querySelector('[role=dialog]')")
    page.click(".graphiql-execute-button")
    page.wait_for_text("[role=menu]", "AnonymousRule")
    page.click("header h1")
    page.wait_until("!document.querySelector('[role=menu]')")
    assert page.complaints == []
    assert hosts(page) == {urlsplit(explored.url).netloc}


def test_the_browser_itself_refuses_to_reach_another_host_from_the_page(page: Page, explored: Explored) -> None:
    open_explorer(page, explored.url)
    assert page.evaluate("fetch('http://127.0.0.1:9/').then(() => 'reached', () => 'refused')") == "refused"
    assert any("Content Security Policy" in complaint for complaint in page.complaints)
