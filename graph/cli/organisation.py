"""The command `preship organisation`: institutions, enterprises and customs offices, which have no workflow."""

import asyncio
from typing import Annotated

import typer
import uuid_utils.compat

from domain.organisation import Organisation
from domain.party import OrganisationKind
from domain.record import badly_written
from graph.cli.terminal import database, err
from storage.organisation import add_organisation

organisation_app = typer.Typer()


@organisation_app.command("add")
def organisation_add(
    kind: Annotated[str, typer.Argument(help="INSTITUTION, ENTERPRISE or CUSTOMS.")],
    name_zh: Annotated[str, typer.Argument(help="Its name in Chinese.")],
    name_en: Annotated[str, typer.Argument(help="Its name in English.")],
    uscc: Annotated[str | None, typer.Option(help="统一社会信用代码, Chinese organisations only.")] = None,
    phone: Annotated[str | None, typer.Option(help="Phone of the contact, with area code.")] = None,
    mobile: Annotated[str | None, typer.Option(help="Mobile phone, for text messages.")] = None,
    email: Annotated[str | None, typer.Option(help="E-mail address, for notices.")] = None,
) -> None:
    """Add an organisation, so that accounts can be added to it; an institution then files itself."""
    if kind not in OrganisationKind.__members__:
        raise typer.BadParameter("INSTITUTION, ENTERPRISE or CUSTOMS", param_hint="KIND")
    made = Organisation(
        id=uuid_utils.compat.uuid7(),
        kind=OrganisationKind[kind],
        name_zh=name_zh,
        name_en=name_en,
        uscc=uscc,
        contact_phone=phone,
        contact_mobile=mobile,
        contact_email=email,
    )
    bad = [f"{'.'.join(map(str, each.field or ()))}: {each.words.zh} {each.words.en}" for each in badly_written(made)]
    if bad:
        raise typer.BadParameter("; ".join(bad))

    async def run() -> bool:
        async with database() as opened:
            return await add_organisation(opened, made)

    if not asyncio.run(run()):
        err.print("名称或统一社会信用代码已被使用。 The name or the credit code is taken.")
        raise typer.Exit(1)
