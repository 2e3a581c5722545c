"""A real headless Chromium, driven over its DevTools protocol with the websocket client that the tests have anyway.

The surprise: it waits inside the page, on mutations of the document, so nothing here sleeps.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from websockets.sync.client import ClientConnection, connect

WAIT_SECONDS_MAX: Final = 20
FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
    "--window-size=1440,900",
)
_KEY_CODES: Final = {"Enter": 13, "a": 65}
_CONTROL: Final = 2
_UNTIL: Final = """
new Promise((resolve, reject) => {
  const holds = () => { try { return %(condition)s } catch { return false } };
  if (holds()) return resolve(true);
  const end = (settle, value) => { watcher.disconnect(); clearTimeout(limit); settle(value) };
  const watcher = new MutationObserver(() => holds() && end(resolve, true));
  const limit = setTimeout(() => end(reject, new Error('never true')), %(milliseconds)d);
  watcher.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
})
"""


class Page:
    """One open page. `complaints` are its errors, warnings and refused loads; `addresses` all that it asked for."""

    def __init__(self, connection: ClientConnection, session: str) -> None:
        self._connection = connection
        self._session = session
        self._calls = 0
        self._loaded = False
        self.complaints: list[str] = []
        self.addresses: list[str] = []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Perform a command of the protocol and note what happened on the page until its answer came."""
        self._calls += 1
        message = {"id": self._calls, "sessionId": self._session, "method": method, "params": parameters}
        self._connection.send(json.dumps(message))
        while True:
            answer = self._next()
            if answer.get("id") == self._calls:
                assert "error" not in answer, f"{method}: {answer['error']}"
                result: dict[str, Any] = answer["result"]
                return result

    def open(self, url: str) -> None:
        self._loaded = False
        self.call("Page.navigate", url=url)
        while not self._loaded:
            self._next()

    def evaluate(self, expression: str) -> Any:
        result = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in result, f"{expression}: {result['exceptionDetails']}"
        return result["result"].get("value")

    def wait_until(self, condition: str) -> None:
        """Wait for a condition in JavaScript; on failure say what the page shows instead."""
        try:
            self.evaluate(_UNTIL % {"condition": condition, "milliseconds": WAIT_SECONDS_MAX * 1000})
        except AssertionError:
            shown = self.evaluate("document.body.innerText")
            raise AssertionError(f"{condition} never held; complaints {self.complaints}; the page:\n{shown}") from None

    def wait_for_text(self, selector: str, text: str) -> None:
        """Wait until an element shows a text, line breaks and indents taken as single spaces."""
        shown = f"document.querySelector({json.dumps(selector)}).innerText.replace(/\\s+/g, ' ')"
        self.wait_until(f"{shown}.includes({json.dumps(text)})")

    def click(self, selector: str) -> None:
        """Press the mouse in the middle of an element, as a hand would: what lies above it gets the click."""
        self.wait_until(f"document.querySelector({json.dumps(selector)})")
        box = self.evaluate(f"document.querySelector({json.dumps(selector)}).getBoundingClientRect().toJSON()")
        spot = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2, "button": "left", "clickCount": 1}
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, **spot)

    def type(self, text: str) -> None:
        self.call("Input.insertText", text=text)

    def press_control(self, key: str) -> None:
        for kind in ("rawKeyDown", "keyUp"):
            self.call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code="Enter" if key == "Enter" else f"Key{key.upper()}",
                windowsVirtualKeyCode=_KEY_CODES[key],
                modifiers=_CONTROL,
            )

    def _next(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self._connection.recv(timeout=WAIT_SECONDS_MAX + 5))
        self._note(message.get("method", ""), message.get("params", {}))
        return message

    def _note(self, event: str, told: dict[str, Any]) -> None:
        match event:
            case "Page.loadEventFired":
                self._loaded = True
            case "Network.requestWillBeSent":
                self.addresses.append(told["request"]["url"])
            case "Network.webSocketCreated":
                self.addresses.append(told["url"])
            case "Runtime.exceptionThrown":
                self.complaints.append(json.dumps(told["exceptionDetails"]))
            case "Log.entryAdded" if told["entry"]["level"] in {"error", "warning"}:
                self.complaints.append(told["entry"]["text"])
            case "Runtime.consoleAPICalled" if told["type"] in {"error", "warning", "assert"}:
                self.complaints.append(json.dumps(told["args"]))


@contextmanager
def opened_page(profile: Path) -> Iterator[Page]:
    """Start Chromium with an empty profile and yield its first page.

    Raises:
        RuntimeError: Chromium is not installed, or ended before it listened.
    """
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        raise RuntimeError("The explorer is tested in Chromium: install it (Debian: apt-get install chromium).")
    command = [program, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as browser:
        try:
            with connect(_address(browser), max_size=None) as connection:
                yield Page(connection, _attached(connection))
        finally:
            browser.terminate()
            # Its pipe must be read to the end, or a talkative browser waits for us while we wait for it.
            with suppress(subprocess.TimeoutExpired):
                browser.communicate(timeout=10)
            browser.kill()


def _address(browser: subprocess.Popen[str]) -> str:
    assert browser.stderr is not None
    said = []
    for line in browser.stderr:
        if found := re.search(r"DevTools listening on (ws:\S+)", line):
            return found[1]
        said.append(line)
    raise RuntimeError(f"Chromium ended before it listened: {''.join(said)}")


def _attached(connection: ClientConnection) -> str:
    def call(number: int, method: str, **parameters: Any) -> dict[str, Any]:
        connection.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while (answer := json.loads(connection.recv(timeout=WAIT_SECONDS_MAX))).get("id") != number:
            pass
        result: dict[str, Any] = answer["result"]
        return result

    target = call(-1, "Target.createTarget", url="about:blank")["targetId"]
    session: str = call(-2, "Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    return session
