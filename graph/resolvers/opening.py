"""A session for whoever has proved to be somebody, by whatever means, and how its tokens are told."""

from asyncio import gather
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry

from domain.party import Viewer
from domain.session import Session, SessionForm, SignInMethod, sign_in_failed
from graph.actions import Payload
from graph.context import Context
from graph.errors import ErrorCode, PublicError
from graph.reception.cookies import REFRESH, TOKEN, kept
from graph.reception.strength import weighed
from graph.resolvers.second_factor import First
from graph.user_error import user_errors
from storage.account import is_still_active
from storage.perform import Outcome, Request, Transaction, Undone
from storage.question import Asks, Together
from storage.session import DESK, session_is_open
from storage.session_token import SESSION_TOKEN, RefreshToken, first_tokens, hash_of_token, new_token
from storage.writing import Writing


@dataclass(frozen=True)
class OpenedSession:
    """A session just opened or renewed, with tokens that nobody will ever see again."""

    token: str
    expires_at: datetime
    refresh_token: str | None = None
    refresh_expires_at: datetime | None = None


@dataclass(frozen=True)
class Opening:
    """How a session is wanted, beside who asks for it."""

    method: SignInMethod = SignInMethod.PASSWORD
    is_refreshable: bool = False
    by_cookie: bool = False


def refreshable() -> Any:
    """The field of every other input by which somebody signs in."""
    return strawberry.field(
        default=False, description="是否可续期. Whether a refresh token is wanted too, as in `sessionOpen`."
    )


def cookie() -> Any:
    """The field of every other input by which somebody signs in."""
    return strawberry.field(
        default=False, description="是否使用 Cookie. Whether the tokens go into cookies, as in `sessionOpen`."
    )


@dataclass(frozen=True)
class Beside:
    """What goes with a session: what is written beside it, and the name of a user of whom the organisation is told that
    this is a new place."""

    write: Callable[[Writing], None] = lambda _: None
    stranger: str | None = None


Last = Callable[[Asks, datetime], Awaitable[Beside]]


async def _nothing_beside(asks: Asks, now: datetime) -> Beside:
    return Beside()


async def opened(
    context: Context,
    viewer: Viewer,
    opening: Opening,
    *,
    is_proved: bool,
    first: First | None = None,
    last: Last = _nothing_beside,
    compared_with: str | None = None,
    vouched_by: UUID | None = None,
) -> Payload:
    """A session for whoever has proved to be this user, by whatever means; without proof the refusal.

    `first` is done in the same transaction, and where it is refused nothing is; `last` says what is written beside the
    session. `compared_with` is the hash of the password that was the proof, `vouched_by` the session that was, which
    must still be open.
    """
    user_id = viewer.user_id
    assert user_id is not None
    check_cookies(context, wanted=opening.by_cookie)
    settings = context.house.settings
    lifetimes = settings.lifetimes(is_refreshable=opening.is_refreshable)
    token, refresh = new_token(), RefreshToken.new() if opening.is_refreshable else None
    token_hash = hash_of_token(token)

    def form(stranger: str | None) -> SessionForm:
        return SessionForm(
            is_proved=is_proved,
            token_hash=token_hash,
            lasts=settings.session_lasts(is_refreshable=opening.is_refreshable),
            method=opening.method,
            device=context.client.device,
            address=context.client.known_address,
            stranger=stranger,
        )

    async def work(transaction: Transaction) -> Outcome[Session]:
        refused = await first(transaction) if first is not None else ()
        if refused:
            raise Undone(Outcome[Session](None, refused))
        # Proving takes a while, in which the account may have been deactivated or the password changed.
        together = Together(transaction.connection)
        asked = [is_still_active(together, user_id, compared_with)]
        if vouched_by is not None:
            asked.append(session_is_open(together, vouched_by))
        # `last` comes first, so that what it asks side by side is asked with these.
        found: Sequence[Any] = await gather(last(together, transaction.now), *asked)
        beside: Beside = found[0]
        if not all(found[1:]):
            raise Undone(Outcome[Session](None, (sign_in_failed(),)))

        def write(session: Session, writing: Writing) -> None:
            writing.insert(SESSION_TOKEN, first_tokens(session, token_hash, refresh, lifetimes))
            beside.write(writing)

        wish = Request(form=form(beside.stranger), beside=write)
        outcome = await transaction.perform(DESK, "open", wish, viewer)
        if outcome.record is None or outcome.refusals:
            raise Undone(outcome)
        return outcome

    outcome = await context.house.door.together(work)
    if outcome.record is None or outcome.refusals:
        return Payload(None, user_errors(outcome.refusals, context.language))
    session = outcome.record
    signed_in = replace(viewer, session_id=session.id, session_expires_at=session.expires_at)
    context.becomes(await weighed(context.house, signed_in))
    ends_at = min(session.opened_at + lifetimes.token, session.expires_at)
    if refresh is None:
        return told(context, OpenedSession(token, ends_at), opening)
    return told(context, OpenedSession(token, ends_at, str(refresh), session.expires_at), opening)


def told(context: Context, session: OpenedSession, opening: Opening) -> Payload:
    """The tokens go into the answer, or into cookies and nowhere else."""
    told = {"viewer": context.viewer}
    if not opening.by_cookie:
        return Payload(None, [], told | {"session": session})
    now, settings = context.house.door.clock(), context.house.settings
    context.cookies.append(kept(TOKEN, session.token, session.expires_at - now, settings))
    if session.refresh_token is not None and session.refresh_expires_at is not None:
        context.cookies.append(kept(REFRESH, session.refresh_token, session.refresh_expires_at - now, settings))
    return Payload(None, [], told)


def check_cookies(context: Context, *, wanted: bool) -> None:
    if wanted and not context.client.takes_cookies:
        raise PublicError(
            ErrorCode.BAD_USER_INPUT,
            zh="通过 websocket 不能设置 Cookie，请用 HTTP 登录。",
            en="Cookies cannot be set over a websocket; sign in over HTTP.",
        )
