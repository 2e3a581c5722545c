"""What a web page does: ask to be signed in by a phone, show code and number, wait, and come in."""

import argparse
import sys
import time

from client import Client

OPEN = "mutation { pairingOpen { opened { code number secret qrCode expiresAt } userErrors { message } } }"
PROGRESS = "query Progress($secret: String!) { pairing(secret: $secret) { status } }"
USE = """mutation Use($secret: String!) { pairingUse(input: {secret: $secret}) {
  session { token expiresAt } viewer { account { username } organisation { nameZh } } userErrors { message }
} }"""

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--server", default="http://127.0.0.1:8000")
parser.add_argument("--svg", help="write the QR image into this file, for a camera")
parser.add_argument("--every", type=float, default=1.0, help="seconds between two looks (a page would subscribe)")
given = parser.parse_args()

client = Client(given.server, "Preship example browser")
opened = client.act("pairingOpen", OPEN)["opened"]
if given.svg:
    with open(given.svg, "w", encoding="utf-8") as image:
        image.write(opened["qrCode"])
print("配对码 code:   ", opened["code"])
print("核对数字 number:", opened["number"])
print("等待手机确认 waiting for the phone …", flush=True)

status = None
while status in (None, "SCANNED"):
    time.sleep(given.every)
    found = client.ask(PROGRESS, secret=opened["secret"])["pairing"]
    if found is None or found["status"] == status:
        continue
    status = found["status"]
    print(status, flush=True)
if status != "APPROVED":
    sys.exit(1)
used = client.act("pairingUse", USE, secret=opened["secret"])
print("已登录 signed in:", used["viewer"]["account"]["username"], used["viewer"]["organisation"]["nameZh"])
