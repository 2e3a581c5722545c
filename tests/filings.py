"""Filings as people fill them in and send them, so that tests of filings read as sentences."""

from typing import Any

from tests.office import Office
from tests.papers import USER_ERRORS, Payload, id_of, institution_id
from tests.person import Person

FILING = """
fragment filing on Filing {
  id version applicationNumber certificateNumber previousFilingNumber status reviewOpinion
  createdAt submittedAt decidedAt nameZh nameEn country countryLabel registeredAddress officeAddress
  legalForm legalFormLabel registrationNumber
  legalRepresentative investor ownership contactName contactPhone contactFax contactEmail identityCardNumber
  independenceDeclared accreditationNumber accreditationBody accreditationValidUntil
  signatories { id lineNumber name title }
  departments { id lineNumber name scale headcount head phone }
  equipment { id lineNumber name model maker quantity calibrationValidUntil }
  qualityCertificates { id lineNumber standard number issuer issuedOn validUntil }
  pastInspections { id lineNumber year batches valueUsd countries goods nonConformingBatches }
  attachments { id name kind }
}
"""
CHANGE = """
fragment change on FilingChange {
  id version status requiresRefiling opinion requestedAt decidedAt filingId filing { id }
  changes { lineNumber field label before after isMaterial }
}
"""
ID_CARD = "11010519491231002X"


def a_filing(**changes: Any) -> dict[str, Any]:
    """A draft with everything that a submission asks for, but for the file."""
    return {
        "nameZh": "西班牙伊比利亚设备检验有限公司",
        "nameEn": "Inspecciones Ibericas de Maquinaria S.L.",
        "country": "ES",
        "registeredAddress": "西班牙马德里",
        "officeAddress": "Calle de los Talleres 14, Madrid",
        "legalForm": "LIMITED_COMPANY",
        "registrationNumber": "B-28014",
        "legalRepresentative": "Lucia Ferrer",
        "investor": "Ferrer Hermanos",
        "ownership": "Ferrer Hermanos 100%",
        "contactName": "Lucia Ferrer",
        "contactPhone": "+34 912 345 678",
        "contactFax": "+34 912 345 679",
        "contactEmail": "l.ferrer@ibericas.example",
        "identityCardNumber": ID_CARD,
        "independenceDeclared": True,
        "accreditationNumber": "17020-ES-1",
        "accreditationBody": "ENAC",
        "accreditationValidUntil": "2028-12-31",
        "signatories": [{"name": "Lucia Ferrer", "title": "Director"}],
        "departments": [
            {"name": "检验部", "scale": "两个组", "headcount": 12, "head": "Pablo Soler", "phone": "+34 912 345 680"}
        ],
        "equipment": [{"name": "超声波探伤仪", "model": "UT-60", "quantity": "3.0000"}],
        "qualityCertificates": [
            {
                "standard": "ISO 9001",
                "number": "Q-77",
                "issuer": "AENOR",
                "issuedOn": "2024-01-01",
                "validUntil": "2027-01-01",
            }
        ],
        "pastInspections": [
            {
                "year": 2025,
                "batches": 40,
                "valueUsd": "1250000.50",
                "countries": "ES, PT",
                "goods": "机床",
                "nonConformingBatches": 2,
            }
        ],
    } | changes


async def acts(person: Person, mutation: str, **input: Any) -> Payload:
    """One action on a filing or on a change of one."""
    subject, fragment, shown = "filing", FILING, "filing"
    if mutation.startswith("filingChange"):
        subject, fragment, shown = "filingChange", CHANGE, "change"
    type_name = mutation[0].upper() + mutation[1:] + "Input"
    data = await person.asks(
        f"""mutation Acts($input: {type_name}!) {{
          payload: {mutation}(input: $input) {{ {subject} {{ ...{shown} }} {USER_ERRORS} }}
        }}{fragment}""",
        input=input,
    )
    return Payload(data["payload"][subject], data["payload"]["userErrors"])


async def sees(person: Person, filing: Any) -> Any:
    """The filing as this person sees it, or None."""
    query = "query Sees($id: ID!) { filing(by: {id: $id}) { ...filing } }"
    return (await person.asks(query + FILING, id=id_of(filing)))["filing"]


async def drafted(person: Person, **changes: Any) -> Any:
    """A draft with its file, ready to be submitted."""
    draft = (await acts(person, "filingSaveDraft", **a_filing(**changes))).done()
    (await person.uploads(draft, kind="QUALIFICATION")).done()
    return draft


async def submitted(person: Person, **changes: Any) -> Any:
    draft = await drafted(person, **changes)
    return (await acts(person, "filingSubmit", id=draft["id"])).done()


async def accepted(office: Office, person: Person, **changes: Any) -> Any:
    filing = await submitted(person, **changes)
    return (await acts(office.customs, "filingAccept", id=filing["id"])).done()


async def requested(person: Person, filing: Any, **changes: Any) -> Any:
    """A change of a filing that waits for review."""
    return (await acts(person, "filingChangeRequest", filingId=id_of(filing), **changes)).done()


async def filing_of(office: Office, key: str) -> Any:
    """The filing by which an institution of the demo world is in the registry, as customs sees it."""
    query = "query Of($id: ID!) { node(id: $id) { ... on Institution { filing { ...filing } } } }"
    return (await office.customs.asks(query + FILING, id=institution_id(key)))["node"]["filing"]
