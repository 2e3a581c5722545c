"""An account of the demo's world that takes the steps of the explorer's examples, over HTTP as any other client."""

import json
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import httpx

from graph.cli.demo import PASSWORD
from graph.explorer import example

SIGN_IN = "mutation ($input: SessionOpenInput!) { sessionOpen(input: $input) { session { token } } }"


class Visitor:
    """Whoever opened the explorer; `role` is the tab whose examples are run."""

    def __init__(self, client: httpx.Client, url: str, role: str) -> None:
        self._client, self._url = client, url
        self.query, variables = example(role)
        self.variables: dict[str, Any] = json.loads(variables)

    def runs(self, operation: str, **variables: Any) -> Any:
        """The one root field of an example's answer; nothing may have been refused. Variables are filled for good."""
        self.variables |= variables
        request = {"query": self.query, "operationName": operation, "variables": self.variables}
        return answered(self._client.post(self._url, json=request))

    def asks(self, query: str, **variables: Any) -> Any:
        """The one root field of an answer."""
        return answered(self._client.post(self._url, json={"query": query, "variables": variables}))

    def uploads(self, file: bytes) -> Any:
        """Sends a file to the commission in hand, as the last command among the comments tells to."""
        told = "\n".join(line.removeprefix("#").strip() for line in self.query.splitlines() if line.startswith("#"))
        command = told[told.rindex("curl ") :].partition("\n\n")[0].replace("\\\n", "")
        words = shlex.split(command.replace('"ID"', json.dumps(self.variables["id"])))
        given: dict[str, list[str]] = {"-F": [], "-H": []}
        for flag, value in pairwise(words):
            if flag in given:
                given[flag].append(value)
        parts = dict(part.split("=", 1) for part in given["-F"])
        headers = dict(header.split(": ", 1) for header in given["-H"] if "TOKEN" not in header)
        [part] = [name for name, value in parts.items() if value.startswith("@")]
        files = {part: (parts.pop(part)[1:], file)}
        return answered(self._client.post(self._url, data=parts, files=files, headers=headers))


@contextmanager
def visiting(url: str, role: str) -> Iterator[Visitor]:
    """A visitor at the API's address, signed in with the demo account of that role."""
    with httpx.Client() as client:
        sign_in = {"query": SIGN_IN, "variables": {"input": {"username": role, "password": PASSWORD}}}
        token = answered(client.post(url, json=sign_in))["session"]["token"]
        client.headers["authorization"] = f"Bearer {token}"
        yield Visitor(client, url, role)


def answered(response: httpx.Response) -> Any:
    content = response.json()
    assert "errors" not in content, content
    [answer] = content["data"].values()
    assert not answer.get("userErrors"), answer
    return answer
