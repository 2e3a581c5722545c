"""Files that go with a reply or submission are their uploader's own until they are sent; customs' are seen at once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from domain.attachment import SENT_WITH_A_PART
from domain.workflows import WORKFLOWS
from tests.disciplining import orders_rectification
from tests.disciplining import submits as submits_rectification
from tests.office import Office
from tests.person import Person
from tests.supervision import Supervision, acts

SUBJECTS = ("qualityIssue", "check", "disposition")
SENT_WITH = {"qualityIssue": "replies", "check": "submissions", "disposition": "submissions"}


@dataclass(frozen=True)
class Asked:
    """A record to which an institution sends something, of any of the three kinds."""

    office: Office
    subject: str
    record: Any

    async def names(self, person: Person) -> list[str]:
        """The files of the record that this person sees, in its own field, in its list and by their own ids."""
        name = self.subject
        query = f"""query Files($id: ID!) {{
          one: {name}(by: {{id: $id}}) {{ attachments {{ id name }} {SENT_WITH[name]} {{ attachments {{ name }} }} }}
          all: {name}s {{ nodes {{ id attachments {{ name }} }} }}
          node(id: $id) {{ ... on {name[0].upper() + name[1:]} {{ attachments {{ name }} }} }}
        }}"""
        found = await person.asks(query, id=self.record["id"])
        names = [each["name"] for each in found["one"]["attachments"]]
        (listed,) = [each for each in found["all"]["nodes"] if each["id"] == self.record["id"]]
        assert [each["name"] for each in listed["attachments"]] == names
        assert [each["name"] for each in found["node"]["attachments"]] == names
        return names

    async def sends(self) -> None:
        institution = self.office.institution
        if self.subject == "disposition":
            (await submits_rectification(institution, self.record)).done()
        elif self.subject == "check":
            (await acts(institution, "checkSubmit", id=self.record["id"], explanation="已提交。")).done()
        else:
            (await acts(institution, "qualityIssueReply", id=self.record["id"], text="已更正。")).done()


@pytest.fixture
def asked(office: Office) -> Callable[[str], Any]:
    async def made(subject: str) -> Asked:
        supervision = Supervision(office)
        if subject == "disposition":
            return Asked(office, subject, (await orders_rectification(office.customs, "I01")).done())
        return Asked(office, subject, await (supervision.orders() if subject == "check" else supervision.raises()))

    return made


async def answers(person: Person, file: Any) -> tuple[bool, int]:
    """Whether `node` finds a file for this person, and what its address answers."""
    found = await person.asks("query Finds($id: ID!) { node(id: $id) { id } }", id=file["id"])
    return found["node"] is not None, (await person.downloads(file["url"])).status_code


@pytest.mark.parametrize("subject", SUBJECTS)
async def test_what_an_institution_has_not_sent_yet_it_alone_sees(asked: Any, subject: str) -> None:
    it = await asked(subject)
    office = it.office
    file = (await office.institution.uploads(it.record, name="说明.pdf")).done()
    for person in (office.institution, office.institution_viewer):
        assert await it.names(person) == ["说明.pdf"]
        assert await answers(person, file) == (True, 200)
    for person in (office.customs, office.user("customs.operator"), office.user("customs.admin")):
        assert await it.names(person) == []
        assert await answers(person, file) == (False, 404)
        assert (await person.removes(file)).refusals == [("NOT_FOUND", "id")]

    await it.sends()
    for person in (office.institution, office.customs, office.user("customs.operator")):
        assert await it.names(person) == ["说明.pdf"]
        assert await answers(person, file) == (True, 200)
    for person in (office.other_institution, office.enterprise):
        assert await answers(person, file) == (False, 404)


@pytest.mark.parametrize("subject", ["qualityIssue", "check"])
async def test_what_customs_adds_both_sides_see_at_once(asked: Any, subject: str) -> None:
    it = await asked(subject)
    office = it.office
    file = (await office.user("customs.operator").uploads(it.record, name="清单.pdf")).done()
    for person in (office.customs, office.institution):
        assert await it.names(person) == ["清单.pdf"]
        assert await answers(person, file) == (True, 200)


async def test_files_of_a_second_reply_wait_for_it_too(asked: Any) -> None:
    it = await asked("qualityIssue")
    office = it.office
    (await office.institution.uploads(it.record, name="一.pdf")).done()
    await it.sends()
    office.clock.moves(minutes=1)
    (await office.institution.uploads(it.record, name="二.pdf")).done()
    assert await it.names(office.customs) == ["一.pdf"]
    assert await it.names(office.institution) == ["一.pdf", "二.pdf"]
    await it.sends()
    assert await it.names(office.customs) == ["一.pdf", "二.pdf"]


async def test_files_of_a_commission_are_seen_as_before_by_whoever_sees_it(office: Office) -> None:
    commission = await office.returned()
    (await office.enterprise.uploads(commission, name="合同.pdf")).done()
    seen = await office.institution.sees(commission)
    assert [each["name"] for each in seen["attachments"]] == ["合同.pdf"]


def test_the_subjects_whose_files_are_sent_are_those_whose_actions_send_them() -> None:
    sending = {
        workflow.subject
        for workflow in WORKFLOWS
        for action in workflow.actions
        if "sent_with" in getattr(action.then, "__code__").co_names  # noqa: B009 (a function, which mypy cannot know)
    }
    assert sending == SENT_WITH_A_PART


# ── Room ───────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_one_side_does_not_use_up_the_room_of_the_other(asked: Any) -> None:
    it = await asked("qualityIssue")
    office = it.office
    for _ in range(50):
        (await office.user("customs.operator").uploads(it.record)).done()
    async with office.unchanged():
        assert (await office.user("customs.operator").uploads(it.record)).codes == ["TOO_MANY_ATTACHMENTS"]
    (await office.institution.uploads(it.record)).done()
