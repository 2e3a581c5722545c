"""As much of a GraphQL client as the two programs beside need: Python's own library and nothing else."""

import json
import sys
import urllib.error
import urllib.request
from typing import Any


class Client:
    """One server; `token` is sent once there is one."""

    def __init__(self, server: str, agent: str) -> None:
        self.address, self.agent, self.token = server.rstrip("/") + "/graphql", agent, ""

    def ask(self, query: str, **variables: Any) -> Any:
        """The data of the answer; leaves with the message of an error."""
        headers = {"content-type": "application/json", "user-agent": self.agent}
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(self.address, body, headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                content = json.load(answer)
        except urllib.error.HTTPError as refused:
            content = json.load(refused)
        if content.get("errors"):
            sys.exit(content["errors"][0]["message"])
        return content["data"]

    def act(self, mutation: str, query: str, **variables: Any) -> Any:
        """The payload of a mutation; leaves with what stood in the way."""
        payload = self.ask(query, **variables)[mutation]
        if payload["userErrors"]:
            sys.exit("\n".join(each["message"] for each in payload["userErrors"]))
        return payload
