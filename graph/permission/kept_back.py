"""Fields that resolvers give to some alone who see the record, by type and field: what the page says beside the veils.

Tests ask each of them as every kind of viewer.
"""

from collections.abc import Mapping

from domain.language import Words

_PERSONS = Words(zh="本人和管理员", en="the person and administrators")
_KNOWN = Words(zh="已登录用户", en="users who are signed in")
_SUPERVISING = Words(zh="海关和该机构本身", en="customs and the institution itself")

KEPT_BACK: Mapping[str, Mapping[str, Words]] = {
    "account": {"email": _PERSONS, "mobile": _PERSONS, "language": _PERSONS},
    "institution": {
        "contact_name": _KNOWN,
        "contact_phone": _KNOWN,
        "contact_email": _KNOWN,
        "filing": _SUPERVISING,
        "dispositions": _SUPERVISING,
    },
    "delivery": {"reason": Words(zh="海关", en="customs")},
}
