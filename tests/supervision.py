"""What customs and institutions say to each other in tests about quality issues and checks, through the public API."""

from dataclasses import dataclass
from typing import Any

from storage.desks import DESKS
from storage.timekeeper import keep_time
from tests.office import Office
from tests.papers import USER_ERRORS, Payload, id_of, institution_id
from tests.person import Person

FILE = "id name kind url"
ISSUE = f"""
id version number status institutionId institution {{ name status }} content severity commissionId
commission {{ number }} certificateNumber certificate {{ number }} dueOn createdAt repliedAt closedAt closingRemark
raisedBy replies {{ id text repliedAt repliedBy attachments {{ {FILE} }} }} questions {{ question askedAt askedBy }}
attachments {{ {FILE} }}
"""
CHECK = f"""
id version number type status institutionId institution {{ name }} content dueOn overdue createdAt submittedAt
completedAt orderedBy submissions {{ id explanation submittedAt attachments {{ {FILE} }} }}
reviews {{ passed opinion reviewedAt reviewedBy }} visit {{ visitedOn inspectors place findings }}
attachments {{ {FILE} }}
"""
FIELDS = {"qualityIssue": ISSUE, "check": CHECK}
VISIT = {
    "visitedOn": "2026-06-01",
    "inspectors": "钱志远、唐若彤",
    "place": "日本横滨",
    "findings": "设备标定记录齐全，原始记录缺两份。",
}


async def acts(person: Person, mutation: str, **input: Any) -> Payload:
    """One action on a quality issue or a check."""
    subject = "check" if mutation.startswith("check") else "qualityIssue"
    type_name = mutation[0].upper() + mutation[1:] + "Input"
    query = f"""mutation Acts($input: {type_name}!) {{
      payload: {mutation}(input: $input) {{ subject: {subject} {{ {FIELDS[subject]} }} {USER_ERRORS} }}
    }}"""
    payload = (await person.asks(query, input=input))["payload"]
    return Payload(payload["subject"], payload["userErrors"])


async def sees(person: Person, subject: str, **by: Any) -> Any:
    """The one quality issue or check as this person sees it, or None."""
    name = subject[0].upper() + subject[1:]
    query = f"query Sees($by: {name}By!) {{ {subject}(by: $by) {{ {FIELDS[subject]} }} }}"
    return (await person.asks(query, by=by))[subject]


async def lists(person: Person, subject: str, **filter: Any) -> list[str]:
    """The contents, which are the names here, of what a filter finds; `totalCount` agrees."""
    name = subject[0].upper() + subject[1:]
    query = f"query Lists($f: {name}Filter) {{ {subject}s(filter: $f) {{ totalCount nodes {{ content }} }} }}"
    found = (await person.asks(query, f=filter))[f"{subject}s"]
    assert found["totalCount"] == len(found["nodes"])
    return [each["content"] for each in found["nodes"]]


async def notices(person: Person) -> list[tuple[str, str, str]]:
    """Type, title and body of every notice, latest first."""
    found = await person.asks("{ notices { nodes { type title body } } }")
    return [(each["type"], each["title"], each["body"]) for each in found["notices"]["nodes"]]


async def may(person: Person, subject: str, record: Any) -> set[str]:
    """The actions that this person may take on it now."""
    name = subject[0].upper() + subject[1:]
    query = f"query May($by: {name}By!) {{ record: {subject}(by: $by) {{ availableActions {{ action allowed }} }} }}"
    found = (await person.asks(query, by={"id": id_of(record)}))["record"]["availableActions"]
    return {each["action"] for each in found if each["allowed"]}


@dataclass(frozen=True)
class Supervision:
    """An office with customs' people by their roles, and the usual steps."""

    office: Office

    @property
    def officer(self) -> Person:
        return self.office.user("customs.operator")

    @property
    def reviewer(self) -> Person:
        return self.office.customs

    @property
    def institution(self) -> Person:
        return self.office.institution

    async def raises(self, **changes: Any) -> Any:
        form = {"institutionId": institution_id("I01"), "content": "证书照片与实物不符。", "severity": "CRITICAL"}
        return (await acts(self.officer, "qualityIssueRaise", **form | changes)).done()

    async def replies(self, issue: Any, text: str = "已核实并更正。") -> Any:
        return (await acts(self.institution, "qualityIssueReply", id=id_of(issue), text=text)).done()

    async def orders(self, kind: str = "Document", **changes: Any) -> Any:
        form = {"institutionId": institution_id("I01"), "content": "质量管理体系文件", "dueOn": "2026-06-30"}
        return (await acts(self.officer, f"checkOrder{kind}", **form | changes)).done()

    async def submits(self, check: Any, explanation: str = "已按要求提交。") -> Any:
        return (await acts(self.institution, "checkSubmit", id=id_of(check), explanation=explanation)).done()

    async def fails_visit(self, check: Any, **changes: Any) -> Any:
        form = {"id": id_of(check), "opinion": "请补充原始记录。"} | VISIT | changes
        return (await acts(self.officer, "checkFailVisit", **form)).done()

    async def time_is_kept(self) -> None:
        """All that has fallen due by the test's clock is done."""
        await keep_time(self.office.app.state.house.door, DESKS.values())
