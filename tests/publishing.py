"""What customs publishes, as people do it through the API: regulations, notices, codes."""

from typing import Any

from tests.office import Office
from tests.papers import USER_ERRORS, Payload
from tests.person import Person

REGULATION = "id version title titleZh titleEn body documentNumber issuedBy publishedOn status attachments { id url }"
NOTICE = "id version type title titleZh body audience isPinned status publishedAt amendedAt readAt attachments { url }"
CODE = "id version tableName code labelZh labelEn parent validFrom validTo position status"
RULE = "id version hsCode nameZh importProhibited inspectionRequired legalBasis validFrom validTo status"
FIELDS = {"regulation": REGULATION, "notice": NOTICE, "code": CODE, "rule": RULE}


def officer(office: Office) -> Person:
    """Somebody of customs who does its daily work."""
    return office.user("customs.operator")


async def acts(person: Person, mutation: str, **input: Any) -> Payload:
    """One action on what is published; the mutation opens with its subject."""
    subject = next(each for each in FIELDS if mutation.startswith(each))
    type_name = mutation[0].upper() + mutation[1:] + "Input"
    query = f"""mutation Acts($input: {type_name}!) {{
      payload: {mutation}(input: $input) {{ subject: {subject} {{ {FIELDS[subject]} }} {USER_ERRORS} }}
    }}"""
    payload = (await person.asks(query, input=input))["payload"]
    return Payload(payload["subject"], payload["userErrors"])


def a_regulation(**changes: Any) -> dict[str, Any]:
    """A regulation as customs types it."""
    return {
        "titleZh": "进口旧机电产品检验监督管理办法",
        "titleEn": "Measures for the Inspection of Imported Used Machinery",
        "documentNumber": "质检总局令第171号",
        "publishedOn": "2015-11-23",
        "bodyZh": "规定旧机电产品的装运前检验、口岸查验和目的地检验。",
    } | changes


def a_notice(**changes: Any) -> dict[str, Any]:
    """A notice to everybody as customs types it."""
    return {
        "titleZh": "系统停机维护公告",
        "titleEn": "Maintenance",
        "bodyZh": "周六22时起停机两小时。",
        "audience": "EVERYBODY",
    } | changes


async def published(person: Person, **changes: Any) -> Any:
    return (await acts(person, "noticePublish", **a_notice(**changes))).done()
