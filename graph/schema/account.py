"""Accounts in public: the record, what only administrators read of it, and how they keep their users."""

from datetime import datetime

from domain.account.record import Account, AccountFilter, AccountLanguage, AccountOrderField
from domain.language import Language
from domain.record import says
from graph.actions import FromPayload, Way, mutations, payload_of, payload_type
from graph.guidance import guidance
from graph.listing import Worded, list_of
from graph.publish import field, publish, term
from graph.resolvers import account as resolve
from storage.account import ACCOUNT, ACCOUNTS, accounts
from storage.account_desk import DESK

term(AccountLanguage)

publish(
    Account,
    field(resolve.organisation),
    field(resolve.email),
    field(resolve.mobile),
    field(resolve.language),
    *guidance(DESK),
)


def _email(account: Account, language: Language) -> str | None:
    return account.email


def _mobile(account: Account, language: Language) -> str | None:
    return account.mobile


QUERIES = (
    list_of(
        ACCOUNTS,
        "accounts",
        "账号列表. For administrators: the users of their organisation; for those of customs also the administrators "
        "of every other. Empty for everybody else. 手册 第四篇 (manual).",
        accounts,
        AccountFilter,
        {
            AccountOrderField.CREATED_AT: ACCOUNT.c.created_at,
            AccountOrderField.USERNAME: ACCOUNT.c.username,
            AccountOrderField.DISPLAY_NAME: ACCOUNT.c.display_name,
        },
        # Whoever is given rows of this list may read them.
        worded=(
            Worded("email", says("电子邮箱", "E-mail address of the person."), _email),
            Worded("mobile", says("手机", "Mobile phone of the person."), _mobile),
        ),
    ),
)

CODE_PAYLOAD = payload_type(
    "AccountCodePayload",
    "What an action that gives out a one-time code answers.",
    FromPayload(
        "account",
        Account | None,
        "账号. The account as it is now, done or not; null where the viewer may not see it.",
        is_record=True,
    ),
    FromPayload(
        "one_time_code",
        str | None,
        "一次性代码. To be handed to the person, who sets a password with it (`accountActivate`); told this once. "
        "Null when refused, and when a repeated `idempotencyKey` is answered.",
    ),
    FromPayload("one_time_code_expires_at", datetime | None, "代码到期时间. When the code is no longer good."),
)

resolve.account_activate.__annotations__["return"] = payload_of(DESK.workflow) | None
resolve.account_change_password.__annotations__["return"] = payload_of(DESK.workflow) | None

MUTATIONS = (
    *mutations(
        DESK,
        {
            "invite": Way(resolve.invite, CODE_PAYLOAD),
            "reset_password": Way(resolve.reset_password, CODE_PAYLOAD),
            "change_role": Way(resolve.change_role),
        },
    ),
    field(resolve.account_activate),
    field(resolve.account_change_password),
)
