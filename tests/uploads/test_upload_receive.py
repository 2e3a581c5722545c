"""The GraphQL multipart request specification, clause by clause, and what happens to a request that ends badly."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.uploads.forms import (
    BOUNDARY,
    CONTENT_TYPE,
    EXE,
    PDF,
    content_of,
    end,
    field,
    file,
    in_pieces,
    kept_keys,
    one_file_form,
    part,
    short_id,
    staged_keys,
)
from uploads.receive import ReceivedFile, UploadLimits, receive
from uploads.refusal import UploadRefusalCode as Code
from uploads.refusal import UploadRefused
from uploads.vault import Vault, key_of

LIMITS = UploadLimits()
ONE = {"query": "q", "variables": {"f": None}}
ONE_MAP = {"0": ["variables.f"]}


async def _refusal(
    vault: Vault, body: bytes, limits: UploadLimits = LIMITS, content_type: str = CONTENT_TYPE
) -> UploadRefused:
    with pytest.raises(UploadRefused) as refused:
        async with receive(in_pieces(body, 100), content_type, vault=vault, limits=limits):
            pytest.fail("the request was accepted")
    assert await staged_keys(vault) == []
    assert refused.value.zh
    assert refused.value.en
    assert 400 <= refused.value.status < 500
    return refused.value


async def test_a_file_stands_at_its_place_in_the_operations(vault: Vault) -> None:
    async with receive(
        in_pieces(one_file_form(PDF, "报关单.pdf")), CONTENT_TYPE, vault=vault, limits=LIMITS
    ) as operations:
        received = operations["variables"]["f"]
        assert received == ReceivedFile(
            name="报关单.pdf",
            size_bytes=len(PDF),
            sha256=hashlib.sha256(PDF).hexdigest(),
            media_type="application/pdf",
            staged_key=received.staged_key,
        )
        assert await content_of(vault, received.staged_key) == PDF
    assert await staged_keys(vault) == []


async def test_a_kept_file_outlives_the_request(vault: Vault) -> None:
    key = key_of(uuid4())
    async with receive(in_pieces(one_file_form(PDF)), CONTENT_TYPE, vault=vault, limits=LIMITS) as operations:
        await vault.keep(operations["variables"]["f"].staged_key, key)
    assert await content_of(vault, key) == PDF
    assert await staged_keys(vault) == []


async def test_several_files_and_one_file_at_several_places(vault: Vault) -> None:
    operations = {"query": "q", "variables": {"a": None, "list": [None, {"b": None}], "other": 1}}
    body = (
        field("operations", operations)
        + field("map", {"x": ["variables.a", "variables.list.1.b"], "y": ["variables.list.0"]})
        + file("y", b"second", "y.txt")
        + file("x", PDF, "x.pdf")
        + end()
    )
    async with receive(in_pieces(body), CONTENT_TYPE, vault=vault, limits=LIMITS) as received:
        variables: Any = received["variables"]
        assert variables["a"] is variables["list"][1]["b"]
        assert (variables["a"].name, variables["list"][0].name, variables["other"]) == ("x.pdf", "y.txt", 1)
        assert variables["list"][0].media_type == "text/plain"


@pytest.mark.parametrize("piece_bytes", [1, 2, 3, 50, 10_000_000])
async def test_the_pieces_in_which_a_body_arrives_change_nothing(folder_vault: Vault, piece_bytes: int) -> None:
    content = PDF + b"\r\n--" + BOUNDARY[:-1].encode() + b"\r\n\r" + b"--" + BOUNDARY.encode() + b"--\r\n" + PDF
    stream = in_pieces(one_file_form(content), piece_bytes)
    async with receive(stream, CONTENT_TYPE, vault=folder_vault, limits=LIMITS) as operations:
        assert await content_of(folder_vault, operations["variables"]["f"].staged_key) == content


async def test_an_empty_file_is_passed_on_with_size_zero(vault: Vault) -> None:
    async with receive(in_pieces(one_file_form(b"")), CONTENT_TYPE, vault=vault, limits=LIMITS) as operations:
        received = operations["variables"]["f"]
        assert (received.size_bytes, received.media_type) == (0, None)
        assert await vault.size(received.staged_key) == 0


async def test_a_program_named_as_a_document_is_told_by_its_content(vault: Vault) -> None:
    async with receive(in_pieces(one_file_form(EXE, "a.pdf")), CONTENT_TYPE, vault=vault, limits=LIMITS) as operations:
        assert operations["variables"]["f"].media_type is None


async def test_no_name_becomes_a_path(folder_vault: Vault) -> None:
    for name in ("../../etc/passwd", "C:\\\\x", "a\\..\\b", "x" * 3000, "..%2F..%2Fx"):
        async with receive(
            in_pieces(one_file_form(PDF, name), 64), CONTENT_TYPE, vault=folder_vault, limits=LIMITS
        ) as operations:
            received = operations["variables"]["f"]
            assert received.staged_key.startswith("incoming/")
            assert len(received.staged_key) == len("incoming/") + 32
            assert "/" not in received.name
            assert len(received.name) <= 200


async def test_a_request_without_files_is_a_request(folder_vault: Vault) -> None:
    body = field("operations", {"query": "q"}) + field("map", {}) + end()
    async with receive(in_pieces(body), CONTENT_TYPE, vault=folder_vault, limits=LIMITS) as operations:
        assert operations == {"query": "q"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (field("map", ONE_MAP) + field("operations", ONE) + file("0", PDF) + end(), Code.PART_MISPLACED),
        (field("operations", ONE) + file("0", PDF) + field("map", ONE_MAP) + end(), Code.PART_MISPLACED),
        (file("0", PDF) + field("operations", ONE) + field("map", ONE_MAP) + end(), Code.PART_MISPLACED),
        (field("operations", ONE) + end(), Code.PART_MISPLACED),
        (end(), Code.PART_MISPLACED),
        (file("operations", b"{}") + end(), Code.PART_MISPLACED),
        (field("operations", ONE) + field("map", ONE_MAP) + end(), Code.PART_MISSING),
        (field("operations", ONE) + field("map", ONE_MAP) + file("1", PDF) + end(), Code.PART_UNKNOWN),
        (field("operations", ONE) + field("map", ONE_MAP) + field("0", "no file") + end(), Code.PART_UNKNOWN),
        (field("operations", ONE) + field("map", ONE_MAP) + field("csrf", "x") + end(), Code.PART_UNKNOWN),
        (field("operations", ONE) + field("map", ONE_MAP) + file("0", PDF) * 2 + end(), Code.PART_REPEATED),
        (field("operations", ONE) + field("map", ONE_MAP) + field("map", ONE_MAP) + end(), Code.PART_REPEATED),
        (field("operations", ONE) + field("map", ONE_MAP) + file("0", PDF), Code.BODY_TRUNCATED),
        (one_file_form(PDF)[:-4], Code.BODY_TRUNCATED),
        (field("operations", ONE)[:30], Code.BODY_TRUNCATED),
        (b"", Code.BODY_TRUNCATED),
        (b"no multipart at all", Code.BODY_MALFORMED),
        (b"\r\n" * 50_000, Code.BODY_MALFORMED),
        (one_file_form(PDF) + b"x" * 100_000, Code.BODY_MALFORMED),
        (part("X-Other: 1", b"{}") + end(), Code.BODY_MALFORMED),
        (
            part('Content-Disposition: form-data; name="operations"\r\n' * 2 + "X: 1", b"{}") + end(),
            Code.BODY_MALFORMED,
        ),
        (
            part('Content-Disposition: form-data; name="operations"\r\nContent-Transfer-Encoding: base64', b"e30=")
            + end(),
            Code.BODY_MALFORMED,
        ),
        (part("X-Long: " + "x" * 10_000, b"{}") + end(), Code.HEADERS_TOO_LARGE),
        (part("\r\n".join(f"X-{n}: {'x' * 1500}" for n in range(7)), b"{}") + end(), Code.HEADERS_TOO_LARGE),
        (part("\r\n".join(f"X-{n}: 1" for n in range(50)), b"{}") + end(), Code.HEADERS_TOO_LARGE),
        (
            part('Content-Disposition: form-data; name="0"; filename="报.pdf"'.encode("gb18030"), PDF) + end(),
            Code.FILE_NAME_MALFORMED,
        ),
    ],
    ids=short_id,
)
async def test_a_body_that_breaks_the_specification_is_refused(folder_vault: Vault, body: bytes, code: Code) -> None:
    assert (await _refusal(folder_vault, body)).code is code


@pytest.mark.parametrize(
    ("operations", "code"),
    [
        ([ONE], Code.OPERATIONS_BATCHED),
        (5, Code.OPERATIONS_MALFORMED),
        (None, Code.OPERATIONS_MALFORMED),
        (b"", Code.OPERATIONS_MALFORMED),
        (b"{", Code.OPERATIONS_MALFORMED),
        (b'{"query": "a", "query": "b"}', Code.OPERATIONS_MALFORMED),
        (b'{"query": NaN}', Code.OPERATIONS_MALFORMED),
        (b'{"query": "\\ud800"}', Code.OPERATIONS_MALFORMED),
        (b'{"query": "\xff"}', Code.OPERATIONS_MALFORMED),
        (b'{"variables": ' + b"[" * 40 + b"]" * 40 + b"}", Code.OPERATIONS_MALFORMED),
        (b"[" * 400_000, Code.OPERATIONS_MALFORMED),
        (b'{"variables": [' + b"[]," * 30_000 + b"[]]}", Code.OPERATIONS_MALFORMED),
        (b'{"query": "' + b"x" * 1_000_000 + b'"}', Code.OPERATIONS_TOO_LARGE),
    ],
    ids=short_id,
)
async def test_operations_must_be_one_plain_request(folder_vault: Vault, operations: Any, code: Code) -> None:
    refusal = await _refusal(folder_vault, field("operations", operations) + field("map", {}) + end())
    assert refusal.code is code
    assert refusal.status == (413 if code is Code.OPERATIONS_TOO_LARGE else 400)


@pytest.mark.parametrize(
    ("mapped", "code"),
    [
        ({"0": ["variables.g"]}, Code.PATH_UNKNOWN),
        ({"0": ["variables.s"]}, Code.PATH_UNKNOWN),
        ({"0": ["variables"]}, Code.PATH_UNKNOWN),
        ({"0": ["query"]}, Code.PATH_UNKNOWN),
        ({"0": [""]}, Code.PATH_UNKNOWN),
        ({"0": ["variables."]}, Code.PATH_UNKNOWN),
        ({"0": ["variables.f.x"]}, Code.PATH_UNKNOWN),
        ({"0": ["variables.s.0"]}, Code.PATH_UNKNOWN),
        ({"0": ["variables.l.1"]}, Code.PATH_UNKNOWN),
        ({"0": ["variables.l.-1"]}, Code.PATH_UNKNOWN),
        ({"0": ["variables.l.00"]}, Code.PATH_UNKNOWN),
        ({"0": ["variables.l.٠"]}, Code.PATH_UNKNOWN),
        ({"0": ["variables" + ".f" * 20_000]}, Code.PATH_UNKNOWN),
        ({"0": ["variables.f"], "1": ["variables.f"]}, Code.MAP_MALFORMED),
        ({"0": ["variables.f", "variables.f"]}, Code.MAP_MALFORMED),
        ({"0": [5]}, Code.MAP_MALFORMED),
        ({"0": [None]}, Code.MAP_MALFORMED),
        ({"0": [["variables.f"]]}, Code.MAP_MALFORMED),
        ({"0": "variables.f"}, Code.MAP_MALFORMED),
        ({"0": []}, Code.MAP_MALFORMED),
        ({"map": ["variables.f"]}, Code.MAP_MALFORMED),
        ([["variables.f"]], Code.MAP_MALFORMED),
        (None, Code.MAP_MALFORMED),
        (b'{"0": ["variables.f"], "0": ["variables.l.0"]}', Code.MAP_MALFORMED),
        (b"{", Code.MAP_MALFORMED),
        ({str(n): ["v"] for n in range(2_000)}, Code.TOO_MANY_FILES),
        ({str(n): ["variables.f"] for n in range(10_000)}, Code.MAP_TOO_LARGE),
        ({"0": [f"variables.many.{n}" for n in range(101)]}, Code.MAP_MALFORMED),
    ],
    ids=short_id,
)
async def test_a_map_must_lead_to_distinct_nulls(folder_vault: Vault, mapped: Any, code: Code) -> None:
    operations = {"query": "q", "variables": {"f": None, "s": "text", "l": [None], "many": [None] * 200}}
    body = field("operations", operations) + field("map", mapped) + file("0", PDF) + end()
    refusal = await _refusal(folder_vault, body)
    assert refusal.code is code
    assert refusal.status == (413 if code in (Code.MAP_TOO_LARGE, Code.TOO_MANY_FILES) else 400)


@pytest.mark.parametrize(
    ("content_type", "code"),
    [
        ("application/json", Code.NOT_MULTIPART),
        ("", Code.NOT_MULTIPART),
        ("multipart/mixed; boundary=x", Code.NOT_MULTIPART),
        ("multipart/form-data", Code.BOUNDARY_MISSING),
        ("multipart/form-data; boundary=", Code.BOUNDARY_MISSING),
        ("multipart/form-data; boundary=" + "x" * 71, Code.BOUNDARY_MISSING),
        ('multipart/form-data; boundary="a\r\nb"', Code.BOUNDARY_MISSING),
        ("multipart/form-data; boundary=界", Code.BOUNDARY_MISSING),
    ],
)
async def test_the_content_type_must_name_a_boundary(folder_vault: Vault, content_type: str, code: Code) -> None:
    assert (await _refusal(folder_vault, one_file_form(PDF), content_type=content_type)).code is code


class _Endless:
    """An upload that never ends; it counts how much of it was taken."""

    def __init__(self, piece: bytes = bytes(64 * 1024)) -> None:
        self.taken_bytes = 0
        self.piece = piece

    async def stream(self) -> AsyncIterator[bytes]:
        yield one_file_form(b"").partition(b"--" + BOUNDARY.encode() + b"--")[0].removesuffix(b"\r\n")
        while True:
            self.taken_bytes += len(self.piece)
            yield self.piece


async def test_a_file_over_the_limit_is_cut_off_while_it_streams(vault: Vault) -> None:
    endless = _Endless()
    limits = UploadLimits(file_bytes_max=7_000_000)
    with pytest.raises(UploadRefused) as refused:
        async with receive(endless.stream(), CONTENT_TYPE, vault=vault, limits=limits):
            pytest.fail("the request was accepted")
    assert (refused.value.code, refused.value.status) == (Code.FILE_TOO_LARGE, 413)
    assert endless.taken_bytes < 7_200_000
    assert await staged_keys(vault) == []


async def test_files_over_the_limit_together_are_refused(folder_vault: Vault) -> None:
    operations = {"query": "q", "variables": {"a": None, "b": None}}
    body = field("operations", operations) + field("map", {"0": ["variables.a"], "1": ["variables.b"]})
    body += file("0", bytes(600)) + file("1", bytes(600)) + end()
    refusal = await _refusal(folder_vault, body, UploadLimits(files_bytes_max=1000))
    assert (refusal.code, refusal.status) == (Code.BODY_TOO_LARGE, 413)


async def test_a_body_that_stops_coming_is_refused(folder_vault: Vault) -> None:
    async def stalls() -> AsyncIterator[bytes]:
        yield one_file_form(PDF)[:-40]
        await asyncio.Event().wait()

    limits = UploadLimits(chunk_wait_seconds_max=0.05)
    with pytest.raises(UploadRefused) as refused:
        async with receive(stalls(), CONTENT_TYPE, vault=folder_vault, limits=limits):
            pytest.fail("the request was accepted")
    assert (refused.value.code, refused.value.status) == (Code.BODY_TOO_SLOW, 408)
    assert await staged_keys(folder_vault) == []


async def test_a_body_that_drips_for_ever_is_refused(folder_vault: Vault) -> None:
    async def drips() -> AsyncIterator[bytes]:
        yield one_file_form(PDF)[:-40]
        while True:
            await asyncio.sleep(0)
            yield b"x"

    limits = UploadLimits(body_seconds_max=0.05)
    with pytest.raises(UploadRefused) as refused:
        async with receive(drips(), CONTENT_TYPE, vault=folder_vault, limits=limits):
            pytest.fail("the request was accepted")
    assert refused.value.code is Code.BODY_TOO_SLOW
    assert await staged_keys(folder_vault) == []


async def test_a_failure_inside_the_request_drops_its_files(vault: Vault) -> None:
    with pytest.raises(RuntimeError, match="refused by a rule"):
        async with receive(in_pieces(one_file_form(PDF)), CONTENT_TYPE, vault=vault, limits=LIMITS):
            raise RuntimeError("refused by a rule")
    assert await staged_keys(vault) == []
    assert await kept_keys(vault) == []


async def test_a_cancelled_upload_leaves_nothing(vault: Vault) -> None:
    begun = asyncio.Event()

    async def stalls() -> AsyncIterator[bytes]:
        yield one_file_form(bytes(6_000_000))[:-100]
        begun.set()
        await asyncio.Event().wait()

    async def upload() -> None:
        async with receive(stalls(), CONTENT_TYPE, vault=vault, limits=LIMITS):
            pytest.fail("the request was accepted")

    task = asyncio.create_task(upload())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await staged_keys(vault) == []


@pytest.mark.parametrize("moment", ["while streaming", "while using"])
async def test_an_upload_in_a_cancelled_scope_leaves_nothing(vault: Vault, moment: str) -> None:
    """A cancelled scope cancels again at every wait, so the clearing away must not depend on being waited for."""
    others = asyncio.all_tasks()

    async def stream() -> AsyncIterator[bytes]:
        yield field("operations", {"query": "q", "variables": {"a": None, "b": None}})
        yield field("map", {"0": ["variables.a"], "1": ["variables.b"]})
        yield file("0", PDF) + file("1", bytes(6_000_000)) + end()
        if moment == "while streaming":
            scope.cancel()
            await asyncio.Event().wait()

    with anyio.CancelScope() as scope:
        async with receive(stream(), CONTENT_TYPE, vault=vault, limits=LIMITS):
            scope.cancel()
            await asyncio.Event().wait()
    assert scope.cancelled_caught
    while pending := asyncio.all_tasks() - others:
        await asyncio.wait(pending)
    assert await staged_keys(vault) == []


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_body_is_received_or_refused_but_never_fails(folder_vault: Vault, data: st.DataObject) -> None:
    body = bytearray(one_file_form(PDF, "报关单.pdf"))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 3))] = data.draw(
            st.binary(max_size=4) | st.sampled_from([b"\r\n", b"--"])
        )

    async def attempt() -> None:
        try:
            async with receive(
                in_pieces(bytes(body), 64), CONTENT_TYPE, vault=folder_vault, limits=LIMITS
            ) as operations:
                json.dumps(operations, default=str)
        except UploadRefused:
            pass
        assert await staged_keys(folder_vault) == []

    asyncio.run(attempt())
