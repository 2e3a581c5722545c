"""Files of commissions: taken in, told by their content, read again in ranges, and refused without a trace."""

import asyncio
import hashlib
import json
from typing import Any

import httpx
import pytest

from tests.office import Office
from tests.papers import PDF, PREFLIGHT, UPLOAD
from tests.person import Person
from tests.uploads.forms import EXE, JPEG, PNG

TEXT = "装箱单\n序号 品名 数量\n".encode()


@pytest.mark.manual(91)
async def test_an_enterprise_attaches_files_to_its_draft(office: Office) -> None:
    draft = await office.draft()
    first = (await office.enterprise.uploads(draft, PDF, "合同.pdf", "CONTRACT")).done()
    assert {name: first[name] for name in ("name", "sizeBytes", "mediaType", "kind", "sha256")} == {
        "name": "合同.pdf",
        "sizeBytes": len(PDF),
        "mediaType": "application/pdf",
        "kind": "CONTRACT",
        "sha256": hashlib.sha256(PDF).hexdigest(),
    }
    assert first["uploadedAt"] == "2026-06-01T02:00:00Z"
    office.clock.moves(minutes=1)
    second = (await office.enterprise.uploads(draft, TEXT, "装箱单.txt", "PACKING_LIST")).done()
    seen = await office.enterprise.sees(draft)
    assert [each["id"] for each in seen["attachments"]] == [first["id"], second["id"]]
    assert seen["version"] == 3


@pytest.mark.manual(67)
async def test_an_institution_attaches_its_report_while_it_inspects(office: Office) -> None:
    commission = await office.in_progress()
    report = (await office.institution.uploads(commission, PDF, "检验报告.pdf", "INSPECTION_REPORT")).done()
    (seen,) = (await office.enterprise.sees(commission))["attachments"]
    assert seen["id"] == report["id"]
    assert (await office.enterprise.downloads(seen["url"])).content == PDF


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (PDF, "a.pdf", "application/pdf"),
        (PNG, "铭牌.png", "image/png"),
        (JPEG, "a.jpg", "image/jpeg"),
        (TEXT, "a.txt", "text/plain"),
        (PNG, "called.pdf", "image/png"),
    ],
    ids=["PDF", "PNG", "JPEG", "text", "a PNG called PDF"],
)
async def test_a_type_is_told_by_the_content_and_never_by_the_name(
    office: Office, content: bytes, name: str, media_type: str
) -> None:
    attachment = (await office.enterprise.uploads(await office.draft(), content, name)).done()
    assert attachment["mediaType"] == media_type
    answer = await office.enterprise.downloads(attachment["url"])
    assert answer.headers["content-type"].split(";")[0] == media_type


async def test_a_file_of_a_false_type_is_refused(office: Office) -> None:
    draft = await office.draft()
    async with office.unchanged():
        for content, name in [(EXE, "报告.pdf"), (bytes(99), "a.txt"), ("编码".encode("utf-16"), "a.txt")]:
            payload = await office.enterprise.uploads(draft, content, name)
            assert (payload.subject, payload.refusals) == (None, [("FILE_TYPE_NOT_ALLOWED", "file")]), name


async def test_an_empty_file_is_refused(office: Office) -> None:
    draft = await office.draft()
    async with office.unchanged():
        assert (await office.enterprise.uploads(draft, b"")).refusals == [("FILE_EMPTY", "file")]


async def test_a_file_beyond_the_limit_is_refused(open_office: Any) -> None:
    async with open_office(file_bytes_max=1_000) as office:
        draft = await office.draft()
        async with office.unchanged():
            answer = await office.enterprise.sends_file(draft, PDF + b"\n" * 1_000)
            assert answer.status_code == 413
            (error,) = answer.json()["errors"]
            assert error["extensions"] == {"code": "UPLOAD_REFUSED", "reason": "FILE_TOO_LARGE"}
        (await office.enterprise.uploads(draft, PDF + b"\n" * (1_000 - len(PDF)))).done()


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.pdf",
        "..\\..\\windows\\a.pdf",
        "/etc/passwd",
        "C:\\a.pdf",
        ".",
        "..",
        "a/../../b.pdf",
        "%2e%2e%2fa",
    ],
)
async def test_a_path_in_a_name_leads_nowhere(office: Office, name: str) -> None:
    draft = await office.draft()
    before = {path for path in office.vault.parent.rglob("*") if office.vault not in path.parents}
    answer = (await office.enterprise.sends_file(draft, PDF, name)).json()
    assert {path for path in office.vault.parent.rglob("*") if office.vault not in path.parents} == before
    if "errors" in answer:
        assert [each["extensions"]["reason"] for each in answer["errors"]] == ["FILE_NAME_MALFORMED"]
        return
    attachment = answer["data"]["attachmentUpload"]["attachment"]
    assert not set(attachment["name"]) & set('/\\:"')
    assert attachment["name"] not in ("", ".", "..")
    download = await office.enterprise.downloads(attachment["url"])
    assert download.content == PDF
    assert "/" not in download.headers["content-disposition"].replace("UTF-8''", "")


async def test_an_upload_that_breaks_off_leaves_nothing_behind(office: Office) -> None:
    draft = await office.draft()
    host, port = (await office.address()).split(":")
    operations = {"query": UPLOAD, "variables": {"input": {"subjectId": draft["id"], "kind": "OTHER", "file": None}}}
    request = httpx.Request(
        "POST",
        f"http://{host}:{port}/graphql",
        data={"operations": json.dumps(operations), "map": json.dumps({"0": ["variables.input.file"]})},
        files={"0": ("a.pdf", PDF + b"\n" * 8_000_000, "application/pdf")},
        headers=office.enterprise.headers | PREFLIGHT,
    )
    body = request.read()
    head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    async with office.unchanged():
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(f"POST /graphql HTTP/1.1\r\n{head}\r\n".encode() + body[: len(body) // 2])
        await writer.drain()
        async with asyncio.timeout(10):
            await _until(office, there_are_files=True)
            writer.close()
            await writer.wait_closed()
            await _until(office, there_are_files=False)
    assert (await office.enterprise.sees(draft))["attachments"] == []


async def _until(office: Office, *, there_are_files: bool) -> None:
    # A vault of files rings no bell.
    while any(path.is_file() for path in office.vault.rglob("*")) is not there_are_files:  # noqa: ASYNC110
        await asyncio.sleep(0.005)


async def test_files_come_in_only_while_the_record_takes_them(office: Office) -> None:
    pending, in_progress, completed = await office.pending(), await office.in_progress(), await office.completed()
    async with office.unchanged():
        assert (await office.enterprise.uploads(pending)).codes == ["WRONG_STATUS"]
        assert (await office.institution.uploads(pending)).codes == ["WRONG_STATUS"]
        assert (await office.enterprise.uploads(in_progress)).codes == ["WRONG_STATUS"]
        assert (await office.institution.uploads(completed)).codes == ["WRONG_STATUS"]
        assert (await office.enterprise_viewer.uploads(in_progress)).codes == ["NOT_YOUR_ROLE"]
        assert (await office.customs.uploads(in_progress)).codes == ["NOT_YOUR_ROLE"]
        for nothing in ("commission_", "rule_" + "0" * 32, "?", ""):
            assert (await office.enterprise.uploads(nothing)).codes == ["NOT_FOUND"]


async def test_an_upload_needs_somebody_who_signed_in_and_a_header_that_browsers_ask_for(office: Office) -> None:
    draft = await office.draft()
    async with office.unchanged():
        answer = (await office.anybody.sends_file(draft)).json()
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        answer = (await office.enterprise.sends_file(draft, preflight=False)).json()
        assert answer["errors"][0]["extensions"]["code"] == "CSRF_PREFLIGHT_REQUIRED"


async def test_a_record_holds_fifty_files_and_not_one_more(office: Office) -> None:
    draft = await office.draft()
    for _ in range(50):
        (await office.enterprise.uploads(draft)).done()
    async with office.unchanged():
        assert (await office.enterprise.uploads(draft)).codes == ["TOO_MANY_ATTACHMENTS"]
        (refusal,) = (await office.enterprise.may(draft))["attachmentUpload"]
        assert refusal["code"] == "TOO_MANY_ATTACHMENTS"


async def test_only_the_side_that_uploaded_a_file_removes_it(office: Office) -> None:
    draft = await office.draft()
    own = (await office.enterprise.uploads(draft)).done()
    (await office.enterprise.submits(draft)).done()
    (await office.institution.accepts(draft)).done()
    report = (await office.institution.uploads(draft)).done()
    async with office.unchanged():
        assert (await office.institution.removes(own)).refusals == [("UNKNOWN_REFERENCE", "id")]
        assert (await office.enterprise.removes(report)).codes == ["WRONG_STATUS"]
        assert (await office.enterprise.removes(f"attachment_{7:032x}")).refusals == [("NOT_FOUND", "id")]
    (await office.institution.removes(report)).done()
    assert [each["id"] for each in (await office.enterprise.sees(draft))["attachments"]] == [own["id"]]
    assert (await office.institution.downloads(report["url"])).status_code == 404


# ── Downloads ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_file_is_read_whole_in_ranges_and_by_its_head(office: Office) -> None:
    url = (await office.enterprise.uploads(await office.draft(), PDF, "检验 报告.pdf")).done()["url"]
    whole = await office.enterprise.downloads(url)
    assert (whole.status_code, whole.content) == (200, PDF)
    assert whole.headers["content-length"] == str(len(PDF))
    assert whole.headers["x-content-type-options"] == "nosniff"
    assert "attachment" in whole.headers["content-disposition"]
    for asked, start, end in [
        ("0-3", 0, 4),
        ("5-", 5, len(PDF)),
        ("-4", len(PDF) - 4, len(PDF)),
        ("9-9999", 9, len(PDF)),
    ]:
        part = await office.enterprise.downloads(url, range=f"bytes={asked}")
        assert (part.status_code, part.content) == (206, PDF[start:end])
        assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{len(PDF)}"
    beyond = await office.enterprise.downloads(url, range=f"bytes={len(PDF)}-")
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(PDF)}")
    head = await office.enterprise.downloads(url, "HEAD")
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(PDF)))
    again = await office.enterprise.downloads(url, if_none_match=whole.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    assert (await office.enterprise.downloads(url, "POST")).status_code == 405


async def test_a_file_is_for_those_who_see_its_record(office: Office) -> None:
    draft = await office.draft()
    url = (await office.enterprise.uploads(draft)).done()["url"]

    async def answers(person: Person) -> int:
        found = await person.downloads(url)
        assert (found.content == PDF) is (found.status_code == 200)
        return found.status_code

    assert await answers(office.enterprise_viewer) == 200
    for stranger in (office.institution, office.other_enterprise, office.customs):
        assert await answers(stranger) == 404
    assert await answers(office.anybody) == 401
    assert await answers(Person(office, "nonsense")) == 401
    (await office.enterprise.submits(draft)).done()
    assert await answers(office.institution) == await answers(office.customs) == 200
    assert await answers(office.other_institution) == 404
    for missing in (f"/files/attachment_{7:032x}", "/files/x", "/files/" + draft["id"]):
        assert (await office.enterprise.downloads(missing)).status_code == 404


async def test_strangers_are_turned_away_before_their_files_are_taken(office: Office) -> None:
    draft = await office.draft()
    async with office.unchanged():
        answer = await office.anybody.sends_file(draft, PDF * 10_000)
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")


async def test_one_file_part_makes_one_attachment(office: Office) -> None:
    draft = await office.draft()
    upload = "attachmentUpload(input: {subjectId: $id, file: $file}) { attachment { id } userErrors { code } }"
    operations = {
        "query": f"mutation Twice($id: ID!, $file: Upload!) {{ a: {upload} b: {upload} }}",
        "variables": {"id": draft["id"], "file": None},
    }
    answer = await office.client.post(
        "/graphql",
        data={"operations": json.dumps(operations), "map": json.dumps({"0": ["variables.file"]})},
        files={"0": ("a.pdf", PDF, "application/pdf")},
        headers=office.enterprise.headers | {"apollo-require-preflight": "1"},
    )
    assert [error["extensions"]["code"] for error in answer.json()["errors"]] == ["BAD_USER_INPUT"]
    query = "query Of($id: ID!) { commission(by: {id: $id}) { attachments { name url } } }"
    (attachment,) = (await office.enterprise.asks(query, id=draft["id"]))["commission"]["attachments"]
    assert (await office.enterprise.downloads(attachment["url"])).content == PDF


UPLOAD_SEVERAL = """mutation Several($input: AttachmentsUploadInput!) { attachmentsUpload(input: $input) {
  attachments { name sizeBytes kind url } userErrors { code field } } }"""


async def sends_several(office: Office, subject: Any, *contents: bytes) -> Any:
    operations = {
        "query": UPLOAD_SEVERAL,
        "variables": {"input": {"subjectId": subject["id"], "kind": "PHOTO", "files": [None] * len(contents)}},
    }
    answer = await office.client.post(
        "/graphql",
        data={
            "operations": json.dumps(operations),
            "map": json.dumps({str(n): [f"variables.input.files.{n}"] for n in range(len(contents))}),
        },
        files={str(n): (f"{n}.pdf", content, "application/pdf") for n, content in enumerate(contents)},
        headers=office.enterprise.headers | {"apollo-require-preflight": "1"},
    )
    return answer.json()["data"]["attachmentsUpload"]


@pytest.mark.manual(91)
async def test_several_files_are_taken_together(office: Office) -> None:
    draft = await office.draft()
    found = await sends_several(office, draft, PDF, PDF + b"1", PDF + b"22")
    assert found["userErrors"] == []
    assert [(each["name"], each["sizeBytes"] - len(PDF), each["kind"]) for each in found["attachments"]] == [
        ("0.pdf", 0, "PHOTO"), ("1.pdf", 1, "PHOTO"), ("2.pdf", 2, "PHOTO"),
    ]  # fmt: skip
    for each, end in zip(found["attachments"], (b"", b"1", b"22"), strict=True):
        assert (await office.enterprise.downloads(each["url"])).content == PDF + end


async def test_of_several_files_all_are_taken_or_none(office: Office) -> None:
    draft = await office.draft()
    async with office.unchanged():
        refused = await sends_several(office, draft, PDF, b"", PDF)
        assert refused == {"attachments": [], "userErrors": [{"code": "FILE_EMPTY", "field": ["files", "1"]}]}
        for nowhere in ("commission_" + "0" * 32, "rule_" + "0" * 32, "nothing"):
            strange = await sends_several(office, {"id": nowhere}, PDF)
            assert strange == {"attachments": [], "userErrors": [{"code": "NOT_FOUND", "field": ["subjectId"]}]}


async def test_a_lost_file_is_reported_under_a_reference(office: Office) -> None:
    draft = await office.draft()
    attachment = (await office.enterprise.uploads(draft)).done()
    for kept in (office.vault / "kept").rglob("*"):
        if kept.is_file():
            kept.unlink()
    answer = await office.enterprise.downloads(attachment["url"])
    assert answer.status_code == 500
    assert answer.json()["errors"][0]["extensions"].keys() == {"code", "reference"}


async def test_a_failure_of_one_mutation_does_not_hide_what_the_others_did(office: Office) -> None:
    draft = await office.draft()
    query = """mutation Both($id: ID!, $file: Upload!) {
      saved: commissionSaveDraft(input: {id: $id, remarks: "易碎"}) { commission { remarks } }
      failed: attachmentUpload(input: {subjectId: $id, file: $file}) { attachment { id } }
      again: attachmentUpload(input: {subjectId: $id, file: $file}) { attachment { id } }
    }"""
    answer = await office.client.post(
        "/graphql",
        data={
            "operations": json.dumps({"query": query, "variables": {"id": draft["id"], "file": None}}),
            "map": json.dumps({"0": ["variables.file"]}),
        },
        files={"0": ("a.txt", b"text", "text/plain")},
        headers=office.enterprise.headers | {"x-requested-with": "test"},
    )
    data = answer.json()["data"]
    assert data["saved"]["commission"]["remarks"] == "易碎"
    assert data["failed"]["attachment"] is not None
    assert data["again"] is None
