"""What a request may rely on beside its form, the key of a repetition and a version, must make sense by itself."""

import json

import pytest

from tests.office import Office
from tests.papers import PDF, PREFLIGHT, UPLOAD


@pytest.mark.parametrize("key", ["", " ", "\n\t"])
async def test_an_empty_key_is_no_key(office: Office, key: str) -> None:
    draft = await office.draft()
    async with office.unchanged():
        assert (await office.enterprise.saves(idempotencyKey=key)).refusals == [("INVALID_FORMAT", "idempotencyKey")]
        submitted = await office.enterprise.submits(draft, idempotencyKey=key)
        assert submitted.refusals == [("INVALID_FORMAT", "idempotencyKey")]
    (await office.enterprise.submits(draft, idempotencyKey=None)).done()


async def test_a_version_expected_of_what_is_being_made_is_refused(office: Office) -> None:
    async with office.unchanged():
        for version in (0, 1, -1):
            payload = await office.enterprise.saves(remarks="易碎", expectedVersion=version)
            assert payload.refusals == [("STALE_VERSION", "expectedVersion")]
            assert "新建的记录还没有版本" in payload.user_errors[0]["message"]
    draft = (await office.enterprise.saves(remarks="易碎", expectedVersion=None)).done()
    (await office.enterprise.saves(draft, remarks="怕潮", expectedVersion=draft["version"])).done()


async def test_an_empty_key_is_refused_with_a_file_too(office: Office) -> None:
    draft = await office.draft()
    operations = {
        "query": UPLOAD,
        "variables": {"input": {"subjectId": draft["id"], "idempotencyKey": "", "file": None}},
    }
    async with office.unchanged():
        answer = await office.client.post(
            "/graphql",
            data={"operations": json.dumps(operations), "map": json.dumps({"0": ["variables.input.file"]})},
            files={"0": ("a.pdf", PDF, "application/pdf")},
            headers=office.enterprise.headers | PREFLIGHT,
        )
        (refused,) = answer.json()["data"]["attachmentUpload"]["userErrors"]
        assert (refused["code"], refused["field"]) == ("INVALID_FORMAT", ["idempotencyKey"])
