"""Who has signed in by a password alone though the role asks for more: nothing is open to them but setting more up.

The surprise: the root fields themselves ask, each before it does anything. So what is added later is closed until it is
named here, and an operation that signs in and goes on is no way round.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import strawberry
from graphql import GraphQLObjectType, default_field_resolver

from domain.party import Viewer
from domain.second_factor import asks_more_of, is_enough
from graph.context import House
from graph.errors import ErrorCode, PublicError
from graph.settings import Settings
from storage.session_token import Known
from storage.totp import how_strong

OPEN: Final = {
    "Query": {"viewer", "totp", "sessions", "version", "codeTable", "codeTables", "pairing"},
    "Mutation": {
        "captchaOpen", "cardChallengeOpen", "passkeyChallengeOpen", "pairingOpen", "pairingUse",
        "sessionOpen", "sessionConfirm", "sessionOpenByCard", "sessionOpenByPasskey", "sessionRefresh", "sessionClose",
        "totpBegin", "totpConfirm", "passkeyRegistrationOpen", "passkeyRegister",
        "accountActivate", "accountChangePassword", "accountUpdateProfile",
    },
    "Subscription": {"pairingChanged"},
    "Viewer": {
        "kind", "role", "roles", "lacksSecondFactor", "account", "organisation", "cards", "passkeys", "totp",
        "delegatedBy",
    },
}  # fmt: skip
"""Signing in and out, the own means and the own data. Not `cardBind`: administrators bind for others as well."""


async def weighed(house: House, viewer: Viewer) -> Viewer:
    """The viewer of a session, who lacks a second factor where the installation asks for one and there is none."""
    if viewer.session_id is None or not asks_more_of(house.settings.roles_asked_more_of, viewer):
        return viewer
    async with house.database.reading() as connection:
        method, has_totp = await how_strong(connection, viewer.session_id)
    return replace(viewer, lacks_second_factor=not is_enough(method, has_totp=has_totp))


def weighed_by(settings: Settings, known: Known) -> Viewer:
    """The same of a session of which all is known."""
    is_weak = asks_more_of(settings.roles_asked_more_of, known.viewer) and not is_enough(
        known.method, has_totp=known.has_totp
    )
    return replace(known.viewer, lacks_second_factor=True) if is_weak else known.viewer


def refuse_the_weak(viewer: Viewer) -> None:
    """Raises SECOND_FACTOR_NEEDED."""
    if viewer.lacks_second_factor:
        raise PublicError(ErrorCode.SECOND_FACTOR_NEEDED)


def guard(schema: strawberry.Schema) -> None:
    """Has every field ask that stands at a root of the schema, or belongs to the viewer, and is not open."""
    types = schema._schema.type_map
    for type_name, open_ in OPEN.items():
        fields = _fields(types[type_name])
        missing = open_ - fields.keys()
        assert not missing, f"{type_name} has no {missing}"
        for name in fields.keys() - open_:
            fields[name].resolve = _asking(fields[name].resolve or default_field_resolver)
            if fields[name].subscribe is not None:
                fields[name].subscribe = _asking(fields[name].subscribe)


def _fields(type_: object) -> dict[str, Any]:
    assert isinstance(type_, GraphQLObjectType)
    fields: dict[str, Any] = type_.fields
    return fields


def _asking(resolve: Callable[..., Any]) -> Callable[..., Any]:
    def asked(source: Any, info: Any, **arguments: Any) -> Any:
        refuse_the_weak(info.context.viewer)
        return resolve(source, info, **arguments)

    return asked
