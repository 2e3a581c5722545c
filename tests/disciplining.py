"""What customs and institutions do with dispositions, at a client of the public API."""

from typing import Any

from tests.papers import USER_ERRORS, Payload, id_of, institution_id
from tests.person import Person

DISPOSITION = """
fragment disposition on Disposition {
  id version number type status institutionId ground content legalGround startsOn endsOn dueOn overdue imposedAt
  liftedAt liftReason
  institution { status dispositionEndsOn }
  attachments { id name }
  submissions { explanation submittedAt attachments { name } }
  reviews { passed opinion reviewedAt }
}
"""


async def acts(person: Person, mutation: str, **input: Any) -> Payload:
    """One action on a disposition."""
    query = f"""mutation Acts($input: {mutation[0].upper() + mutation[1:]}Input!) {{
      payload: {mutation}(input: $input) {{ disposition {{ ...disposition }} {USER_ERRORS} }}
    }}"""
    data = await person.asks(query + DISPOSITION, input=input)
    return Payload(data["payload"]["disposition"], data["payload"]["userErrors"])


def _filled(key: str, **fields: Any) -> dict[str, Any]:
    return {
        "institutionId": institution_id(key),
        "ground": "MISCONDUCT",
        "content": "未实施检验即出具证书。",
        "legalGround": "质检总局公告2014年第145号",
    } | fields


async def imposes(person: Person, key: str, **fields: Any) -> Payload:
    """Non-recognition, to the end of the year where nothing else is said."""
    return await acts(person, "dispositionImposeNonRecognition", **_filled(key, **{"endsOn": "2026-12-31"} | fields))


async def orders_rectification(person: Person, key: str, **fields: Any) -> Payload:
    return await acts(person, "dispositionOrderRectification", **_filled(key, **{"dueOn": "2026-06-30"} | fields))


async def revokes(person: Person, key: str, **fields: Any) -> Payload:
    return await acts(person, "dispositionRevoke", **_filled(key, **fields))


async def submits(
    person: Person, disposition: Any, explanation: str | None = "已全部重新校准。", **more: Any
) -> Payload:
    return await acts(person, "dispositionSubmit", id=id_of(disposition), explanation=explanation, **more)


async def approves(person: Person, disposition: Any, **more: Any) -> Payload:
    return await acts(person, "dispositionApprove", id=id_of(disposition), **more)


async def refuses(person: Person, disposition: Any, opinion: str | None = "缺少校准证书。", **more: Any) -> Payload:
    return await acts(person, "dispositionRefuse", id=id_of(disposition), opinion=opinion, **more)


async def lifts(person: Person, disposition: Any, reason: str | None = "复核后予以撤销。", **more: Any) -> Payload:
    return await acts(person, "dispositionLift", id=id_of(disposition), reason=reason, **more)


async def sees(person: Person, disposition: Any) -> Any:
    """The disposition as this person sees it, or None."""
    query = "query Sees($id: ID!) { disposition(by: {id: $id}) { ...disposition } }" + DISPOSITION
    return (await person.asks(query, id=id_of(disposition)))["disposition"]


async def lists(person: Person, **wanted: Any) -> list[Any]:
    """The dispositions that this person finds, the latest first."""
    query = "query Lists($filter: DispositionFilter) { dispositions(filter: $filter) { nodes { ...disposition } } }"
    nodes: list[Any] = (await person.asks(query + DISPOSITION, filter=wanted))["dispositions"]["nodes"]
    return nodes


async def shown(person: Person, key: str) -> tuple[str, str | None] | None:
    """What the registry shows this person of an institution: status and end."""
    query = "query Shown($id: ID!) { node(id: $id) { ... on Institution { status dispositionEndsOn } } }"
    found = (await person.asks(query, id=institution_id(key)))["node"]
    return found and (found["status"], found["dispositionEndsOn"])
