"""Signs in where a captcha is asked for, without a picture: does the work instead. Needs Python alone.

    python examples/sign_in.py http://127.0.0.1:8000/graphql enterprise

asks for the password, for a code where the account has an authenticator app, and prints the token. Run again with the
device token that it shows as DEVICE in the environment, it is known, and strangers who try the same user
name cannot make it work harder.
"""

import getpass
import hashlib
import json
import os
import sys
import urllib.request
from itertools import count
from typing import Any

OPEN_CAPTCHA = """mutation ($input: CaptchaOpenInput!) {
  captchaOpen(input: $input) { captcha { id proofOfWork { prefix difficulty } } userErrors { message } }
}"""
SIGN_IN = """mutation ($input: SessionOpenInput!) {
  sessionOpen(input: $input) {
    session { token } deviceToken secondFactorToken userErrors { code message retryAfterSeconds }
  }
}"""
FINISH = """mutation ($input: SessionConfirmInput!) {
  sessionConfirm(input: $input) { session { token } deviceToken userErrors { code message retryAfterSeconds } }
}"""


def nonce_for(prefix: str, difficulty: int) -> str:
    """The first number for which SHA-256 of prefix and number begins with so many bits that are nought."""
    begun = hashlib.sha256(prefix.encode())
    for number in count():
        digest = begun.copy()
        digest.update(str(number).encode())
        if int.from_bytes(digest.digest(), "big") >> (256 - difficulty) == 0:
            return str(number)
    raise AssertionError("there is always one more number")


def asked(address: str, query: str, **input: Any) -> dict[str, Any]:
    """What one mutation answers. Ends the program with the reasons where it was refused, unless it waits for a code."""
    body = json.dumps({"query": query, "variables": {"input": input}}).encode()
    request = urllib.request.Request(address, body, {"content-type": "application/json", "accept-language": "en"})
    with urllib.request.urlopen(request) as answer:
        content = json.load(answer)
    if "errors" in content:
        sys.exit("\n".join(each["message"] for each in content["errors"]))
    payload: dict[str, Any] = next(iter(content["data"].values()))
    if payload["userErrors"] and not payload.get("secondFactorToken"):
        sys.exit("\n".join(each["message"] for each in payload["userErrors"]))
    return payload


def main() -> None:
    """Opens a captcha for the user name, does its work, and signs in."""
    address, username = sys.argv[1:]
    who = {"username": username, "deviceToken": os.environ.get("DEVICE")}
    captcha = asked(address, OPEN_CAPTCHA, **who)["captcha"]
    proof = nonce_for(captcha["proofOfWork"]["prefix"], captcha["proofOfWork"]["difficulty"])
    password = os.environ.get("PASSWORD") or getpass.getpass("密码 password: ")
    opened = asked(address, SIGN_IN, **who, password=password, captchaId=captcha["id"], captchaProof=proof)
    if waiting := opened["secondFactorToken"]:
        code = os.environ.get("CODE") or getpass.getpass("动态口令 code: ")
        known = {"deviceToken": who["deviceToken"]}
        opened = asked(address, FINISH, **known, secondFactorToken=waiting, oneTimeCode=code)
    print(opened["session"]["token"])
    print("DEVICE =", opened["deviceToken"], file=sys.stderr)


if __name__ == "__main__":
    main()
