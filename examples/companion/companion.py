"""What the phone does: signed in itself, it scans a code, shows who asks, and lets the browser in or not."""

import argparse
import getpass
import os

from client import Client

SIGN_IN = """mutation In($username: String!, $password: String!, $code: String) {
  sessionOpen(input: {username: $username, password: $password, oneTimeCode: $code, refreshable: true}) {
    session { token } viewer { account { displayName } organisation { nameZh } } userErrors { message }
  }
}"""
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
# Where the account has an authenticator app.
one_time_code = os.environ.get("PRESHIP_CODE")
entered = client.act("sessionOpen", SIGN_IN, username=given.user, password=password, code=one_time_code)
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
