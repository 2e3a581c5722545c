"""Annual reports in tests: who starts, fills in and sees them, all through the public API."""

from typing import Any

from tests.office import Office
from tests.papers import USER_ERRORS, Payload, institution_id
from tests.person import Person

REPORT = """
fragment report on AnnualReport {
  id version number year status contactName contactPhone createdAt submittedAt dueOn overdue returnReason institutionId
  certificatesIssued certificatesWithdrawn nonConformingBatches nonConformityHandling staffChanges equipmentChanges
  qualitySystemChanges training complaints qualityIssuesHandled nextYearPlan
  institution { nameZh status }
  byCountry { id lineNumber country countryLabel batches valueUsd }
  attachments { id name url }
}
"""
FILLED: dict[str, Any] = {
    "contactName": "佐藤健一",
    "contactPhone": "+81 45 123 4567",
    "certificatesIssued": 120,
    "certificatesWithdrawn": 1,
    "nonConformingBatches": 4,
    "nonConformityHandling": "均已退回委托企业并报告海关。",
    "nextYearPlan": "增设两名检验员。",
    "byCountry": [
        {"country": "JP", "batches": 100, "valueUsd": "1000000.50"},
        {"country": "DE", "batches": 20, "valueUsd": "0"},
    ],
}
NOTICES = "{ notices(first: 5) { totalCount nodes { title body type subject { __typename id } } } }"


async def starts(person: Person, *keys: str, year: int = 2025, **more: Any) -> Payload:
    """The reports that were started, and how many: all of the registry where no institution is named."""
    whom = {"institutionIds": [institution_id(key) for key in keys]} if keys else {"allInstitutions": True}
    query = f"""mutation Starts($input: AnnualReportStartInput!) {{
      payload: annualReportStart(input: $input) {{ started annualReports {{ ...report }} {USER_ERRORS} }}
    }}"""
    payload = (await person.asks(query + REPORT, input={"year": year, **whom, **more}))["payload"]
    assert payload["started"] == 0 or not payload["userErrors"]
    assert len(payload["annualReports"]) == min(payload["started"], 100)
    return Payload(payload["annualReports"], payload["userErrors"])


async def acts(person: Person, action: str, report: Any, **fields: Any) -> Payload:
    name = f"annualReport{action}"
    query = f"""mutation Acts($input: A{name[1:]}Input!) {{
      payload: {name}(input: $input) {{ annualReport {{ ...report }} {USER_ERRORS} }}
    }}"""
    payload = (await person.asks(query + REPORT, input={"id": report["id"], **fields}))["payload"]
    return Payload(payload["annualReport"], payload["userErrors"])


async def sees(person: Person, report: Any) -> Any:
    query = "query Sees($id: ID!) { annualReport(by: {id: $id}) { ...report } }"
    return (await person.asks(query + REPORT, id=report["id"]))["annualReport"]


async def found(person: Person, **filter: Any) -> list[tuple[int, str]]:
    """Year and institution of what a filter finds."""
    query = """query Found($filter: AnnualReportFilter) {
      annualReports(filter: $filter) { totalCount nodes { year institution { nameZh } } }
    }"""
    page = (await person.asks(query, filter=filter))["annualReports"]
    assert page["totalCount"] == len(page["nodes"])
    return [(each["year"], each["institution"]["nameZh"]) for each in page["nodes"]]


def officer(office: Office) -> Person:
    return office.user("customs.operator")


async def draft(office: Office, key: str = "I01", year: int = 2025) -> Any:
    (report,) = (await starts(officer(office), key, year=year)).done()
    return report


async def submitted(office: Office) -> Any:
    report = await draft(office)
    (await acts(office.institution, "SaveDraft", report, **FILLED)).done()
    return (await acts(office.institution, "Submit", report)).done()


TOEI, GREATER_CHINA = "东瀛海港机械检验株式会社", "大中华检验认证（香港）有限公司"
