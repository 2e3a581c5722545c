"""Captchas in public."""

from datetime import datetime

import strawberry

from graph.actions import FromPayload, payload_type
from graph.publish import Attribute, field, publish
from graph.resolvers import captcha as resolve
from graph.resolvers.captcha import Captcha, ProofOfWork

publish(
    ProofOfWork,
    Attribute("algorithm", str, "算法. How digests are made: `sha-256`."),
    Attribute("prefix", str, "前缀. What the nonce is written behind."),
    Attribute("difficulty", int, "难度. How many bits of the digest must be nought, from the first on."),
    node=False,
)
publish(
    Captcha,
    Attribute("id", strawberry.ID, "标识. To be sent as `captchaId`."),
    Attribute(
        "image",
        str | None,
        "图片. A `data:` URL with the picture of the text; null where too many have failed at this user name lately, "
        "so that only work is enough.",
    ),
    Attribute("proof_of_work", ProofOfWork, "工作量证明. What may be done instead of reading the picture."),
    Attribute("expires_at", datetime, "到期时间. Until when it may be answered."),
    node=False,
)

CAPTCHA_OPEN_PAYLOAD = payload_type(
    "CaptchaOpenPayload",
    "What opening a captcha answers.",
    FromPayload("captcha", Captcha | None, "验证码. The captcha; null when refused."),
)

resolve.captcha_open.__annotations__["return"] = CAPTCHA_OPEN_PAYLOAD | None

MUTATIONS = (field(resolve.captcha_open),)
