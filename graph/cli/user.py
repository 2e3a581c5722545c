"""The command `preship user`: an organisation's first account, and a password that nobody else can reset."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer

from domain.account.record import AddForm, IssuedCode, ResetForm
from domain.party import THE_PRODUCT, Role
from domain.password import WeighedPassword, password_faults
from domain.refusal import Refusal, RefusalCode, refusal
from graph.cli.terminal import bell, database, err
from graph.settings import Settings
from identity.code import hash_of_code, new_code
from identity.password import hashed, is_common, normalised
from storage.account import account_named
from storage.account_desk import DESK as ACCOUNT_DESK
from storage.organisation import organisation_named
from storage.perform import Door, Request

user_app = typer.Typer()


@user_app.command("add")
def user_add(
    username: str,
    organisation: Annotated[str, typer.Option(help="Name of the organisation, Chinese or English, whole.")],
    role: Annotated[str, typer.Option(help="ADMIN, OPERATOR, VIEWER or REVIEWER.")] = "OPERATOR",
    display_name: Annotated[str | None, typer.Option(help="The person's name; the user name when absent.")] = None,
    password: Annotated[str | None, typer.Option(help="Asked for when absent.")] = None,
) -> None:
    """Add an account to an organisation."""
    secret = password or typer.prompt("密码 password", hide_input=True, confirmation_prompt=True)
    if role not in Role.__members__:
        raise typer.BadParameter("ADMIN, OPERATOR, VIEWER or REVIEWER", param_hint="--role")

    async def run() -> Sequence[Refusal]:
        async with database() as opened, bell() as rung:
            async with opened.reading() as connection:
                owner = await organisation_named(connection, organisation)
            if owner is None:
                return [NO_SUCH_ORGANISATION]
            faults = password_faults(
                normalised(secret),
                username=username,
                names=(owner.name_zh, owner.name_en),
                length_min=Settings().password_length_min,
                is_common=is_common(secret),
                field="password",
            )
            form = AddForm.of(
                username=username,
                display_name=display_name or username,
                role=Role[role],
                organisation_id=owner.id,
                password=WeighedPassword(await hashed(secret), tuple(faults)),
            )
            outcome = await Door(opened, rung).perform(ACCOUNT_DESK, "add", Request(form=form), THE_PRODUCT)
            return outcome.refusals

    _end_with(asyncio.run(run()))


@user_app.command("reset")
def user_reset(
    username: str,
    keep_cards_and_passkeys: Annotated[
        bool, typer.Option("--keep-cards-and-passkeys", help="The person has only forgotten the password.")
    ] = False,
) -> None:
    """Make a user's password worthless, revoke cards and passkeys, and print a one-time code for another password."""
    code, settings = new_code(), Settings()
    issued = IssuedCode(hash_of_code(code), settings.one_time_code_lasts)
    form = ResetForm.of(code=issued, keep_cards_and_passkeys=keep_cards_and_passkeys)

    async def run() -> Sequence[Refusal]:
        async with database() as opened, bell() as rung:
            async with opened.reading() as connection:
                known = await account_named(connection, username)
            if known is None:
                return [NO_SUCH_USER]
            wish = Request(form=form, subject_id=known[0].id)
            return (await Door(opened, rung).perform(ACCOUNT_DESK, "reset_password", wish, THE_PRODUCT)).refusals

    _end_with(asyncio.run(run()))
    print(code)


NO_SUCH_ORGANISATION = refusal(RefusalCode.NOT_FOUND, zh="没有该单位。", en="There is no such organisation.")
NO_SUCH_USER = refusal(RefusalCode.NOT_FOUND, zh="没有该用户。", en="There is no such user.")


def _end_with(refusals: Sequence[Refusal]) -> None:
    """Says why nothing was done, if so, and ends with status 1."""
    for each in refusals:
        err.print(f"{each.words.zh} {each.words.en}")
    if refusals:
        raise typer.Exit(1)
