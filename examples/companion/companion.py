"""What the phone does: signed in itself, it scans a code, shows who asks, and lets the browser in or not."""

import argparse
import getpass
import os
import sys
from pathlib import Path

from client import Client

sys.path.append(str(Path(__file__).resolve().parents[1]))
from sign_in import nonce_for

OPEN_CAPTCHA = """mutation Captcha($username: String!) { captchaOpen(input: {username: $username}) {
  captcha { id proofOfWork { prefix difficulty } } userErrors { message }
} }"""
SIGN_IN = """mutation In($input: SessionOpenInput!) { sessionOpen(input: $input) {
  session { token } viewer { account { displayName } organisation { nameZh } } userErrors { message }
} }"""
SCAN = """mutation Scan($code: String!) { pairingScan(input: {code: $code}) {
  pairing { id device address isNearby expiresAt } userErrors { message }
} }"""
APPROVE = """mutation Approve($id: ID!, $number: String!) { pairingApprove(input: {id: $id, number: $number}) {
  pairing { status } userErrors { message }
} }"""
REFUSE = """mutation Refuse($id: ID!) { pairingRefuse(input: {id: $id}) { userErrors { message } } }"""
PREFIX = "preship:pair?code="

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--server", default="http://127.0.0.1:8000")
parser.add_argument("--user", default="enterprise")
given = parser.parse_args()

client = Client(given.server, "Preship example companion")
password = os.environ.get("PRESHIP_PASSWORD") or getpass.getpass("密码 password: ")
captcha = client.act("captchaOpen", OPEN_CAPTCHA, username=given.user)["captcha"]
wish = {
    "username": given.user,
    "password": password,
    "captchaId": captcha["id"],
    "captchaProof": nonce_for(**captcha["proofOfWork"]),
    "oneTimeCode": os.environ.get("PRESHIP_CODE"),  # where the account has an authenticator app
    "refreshable": True,
}
entered = client.act("sessionOpen", SIGN_IN, input=wish)
client.token = entered["session"]["token"]
who = entered["viewer"]

code = input("扫描结果或配对码 what the code says: ").strip().removeprefix(PREFIX)
asking = client.act("pairingScan", SCAN, code=code)["pairing"]
print("设备 device: ", asking["device"])
print("地址 address:", asking["address"], "" if asking["isNearby"] else "(与本机不在同一网络 not from your network!)")
print("将登录为 as:  ", who["account"]["displayName"], who["organisation"]["nameZh"])
number = input("输入浏览器显示的数字以确认，直接回车拒绝 number shown there, or nothing to refuse: ").strip()
if number:
    client.act("pairingApprove", APPROVE, id=asking["id"], number=number)
    print("已确认 approved")
else:
    client.act("pairingRefuse", REFUSE, id=asking["id"])
    print("已拒绝 refused")
