"""An action of one workflow that leads to one of another: both are done, or neither is."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from domain.institution import InstitutionStatus, Standing
from domain.language import Words
from domain.party import THE_PRODUCT
from domain.record import Form
from domain.workflow import LeadsTo, Wish
from storage.commission import DESK as COMMISSIONS_DESK
from storage.desk import Desk
from storage.institution import DESK as INSTITUTIONS_DESK
from storage.institution import INSTITUTIONS
from storage.perform import Request, Transaction
from storage.verify import verify
from tests.storage.world import World, codes, done, new_id


def cancelling_leads_to(action: str, wish: Wish) -> Desk[Any]:
    """The commissions' desk, where giving a commission up does something to an institution."""
    consequence = LeadsTo(
        subject="institution",
        action=action,
        wishes=lambda case, after: [wish],
        words=Words(zh="后续", en="what follows"),
    )
    workflow = COMMISSIONS_DESK.workflow
    actions = tuple(
        replace(each, leads_to=(consequence,)) if each.name == "cancel" else each for each in workflow.actions
    )
    return replace(COMMISSIONS_DESK, workflow=replace(workflow, actions=actions), neighbours=(INSTITUTIONS_DESK,))


async def status_of(world: World, institution_id: UUID | None) -> InstitutionStatus:
    async with world.database.reading() as connection:
        seen = INSTITUTIONS.seen_by(THE_PRODUCT).where(INSTITUTIONS.id == institution_id)
        found = await seen.one(connection)
    assert found is not None
    return found.status


async def test_what_an_action_leads_to_is_done_with_it(world: World) -> None:
    draft = await world.saved(world.door())
    desk = cancelling_leads_to("strike_off", Wish(form=Standing(), subject_id=world.institution.institution_id))
    done(await world.door().perform(desk, "cancel", Request(form=Form(), subject_id=draft.id), world.enterprise))
    assert await status_of(world, world.institution.institution_id) is InstitutionStatus.REVOKED
    assert [flaw async for flaw in verify(world.database)] == []


@pytest.mark.parametrize(
    ("action", "subject_id", "code"),
    [("restore", "the institution", "WRONG_STATUS"), ("restore", "nobody", "NOT_FOUND")],
)
async def test_what_is_refused_further_on_is_not_done_at_all(
    world: World, action: str, subject_id: str, code: str
) -> None:
    draft = await world.saved(world.door())
    known = world.institution.institution_id if subject_id == "the institution" else new_id()
    desk = cancelling_leads_to(action, Wish(form=Standing(), subject_id=known))
    before = await world.dump()
    request = Request(form=Form(), subject_id=draft.id, idempotency_key="k")
    refused = await world.door().perform(desk, "cancel", request, world.enterprise)
    assert codes(refused) == [code]
    assert refused.record == draft
    assert await world.dump() == before


async def test_what_is_refused_further_on_leaves_the_rest_of_the_transaction_alone(world: World) -> None:
    first, second = await world.saved(world.door()), await world.saved(world.door())
    desk = cancelling_leads_to("restore", Wish(form=Standing(), subject_id=world.institution.institution_id))

    async def work(transaction: Transaction) -> list[str]:
        request = Request(form=Form(), subject_id=first.id)
        refused = await transaction.perform(desk, "cancel", request, world.enterprise)
        done(
            await transaction.perform(
                COMMISSIONS_DESK, "submit", replace(request, subject_id=second.id), world.enterprise
            )
        )
        return codes(refused)

    assert await world.door().together(work) == ["WRONG_STATUS"]
    async with world.database.reading() as connection:
        seen = COMMISSIONS_DESK.shelf.seen_by(world.enterprise)
        statuses = {each.id: str(each.status) for each in await seen.all(connection)}
    assert statuses == {first.id: "DRAFT", second.id: "PENDING"}
    assert [flaw async for flaw in verify(world.database)] == []
