"""The worst requests that are refused, each as large as it may be before a limit stops it at the first look."""

import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from benchmarks.attackers import ALIAS_BOMB, BOMB, CIRCLE, DEEP, DEEP_LIST, LONG_LIST, MANY_FILES
from graph.limits import Limits
from graph.transport.http import PREFLIGHT_HEADERS

Request = tuple[bytes, Mapping[str, str]]
"""A body, and headers beside those of JSON."""

LIMITS: Final = Limits()

DRAFTS: Final = "query($f: CommissionFilter) { commissions(filter: $f) { totalCount } }"
BY_IDS: Final = "query($i: [ID!]!) { nodes(ids: $i) { id } }"
SAVE: Final = "mutation($i: CommissionSaveDraftInput!) { commissionSaveDraft(input: $i) { __typename } }"
LINE: Final = '{productName:"x" model:"y" hsCode:"8429510000" manufacturedOn:"2014-05-20" quantity:2 amount:3}'


def requests() -> Iterator[tuple[str, Callable[[int], Request]]]:
    """What each is called, and its request made anew for each number, so that none is remembered."""
    for what, document in documents():
        yield what, _asking(document)
    for what, document, variables in variables_too_large():
        yield what, _asking(document, variables)
    for what, request in _bodies():
        yield what, _alike(request)


def _asking(query: str, variables: object = None) -> Callable[[int], Request]:
    written = json.dumps({"variables": variables}, separators=(",", ":"))[1:]
    return lambda number: (f'{{"query":{json.dumps(f"#{number}" + chr(10) + query)},{written}'.encode(), {})


def _alike(request: Request) -> Callable[[int], Request]:
    return lambda number: request


def documents() -> Iterator[tuple[str, str]]:
    """Documents alone."""
    yield "alias bomb", ALIAS_BOMB
    yield "fragments in a circle", CIRCLE
    yield "fragments that double 28 times", "{...f0}" + _each("fragment f{} on Query{{...f{} ...f{}}}", 28) + LAST
    yield "35 fragments beside each other", "{" + _each("...f{} ", 35) + "x}" + _each("fragment f{} on Query{{x}}", 35)
    yield "150 fragments in a chain", "{...f0}" + _each("fragment f{} on Query{{...f{} x}}", 150)
    yield "deep selection", DEEP
    yield "60 inline fragments in each other", "{" + "...{" * 58 + "x" + "}" * 59
    yield "300 inline fragments beside each other", "{" + "...{x} " * 300 + "}"
    yield "110 unknown types", "{" + _each("...on T{}{{id}} ", 110) + "}"
    yield "as many tokens as may be, all fields", "{" + "x " * (LIMITS.document_tokens_max - 10) + "}"
    yield "400 fields that there are not", "{" + _each("f{} ", 390) + "}"
    yield "400 fields that a record has not", "{commissions{nodes{" + _each("f{} ", 390) + "}}}"
    yield "one field 33 times with another each", "{" + _each("viewer{{f{}}} ", 33) + "}"
    yield "a field in conflict with itself 28 times", "{" + "a:version a:viewer{id} " * 14 + "}"
    yield "20 operations of 20 fields", " ".join(f"query Q{n}{{{_each('f{} ', 20)}}}" for n in range(20))
    yield "280 variables", "query(" + _each("$v{}:X{} ", 280) + "){version}"
    yield "380 arguments", "{version(" + _each("a{}:1 ", 380) + ")}"
    yield "60 fields in an argument", "mutation{commissionSaveDraft(input:{" + _each("k{}:1 ", 60) + "}){x}}"
    yield "35 lines in an argument", "mutation{commissionSaveDraft(input:{goodsLines:[" + LINE * 35 + "]}){x}}"
    yield "as many tokens, a list", "{nodes(ids:[" + "1.5 " * (LIMITS.document_tokens_max - 20) + "]){id}}"
    yield "number of 19 000 digits", "{commissions(first:" + "9" * 19_000 + "){totalCount}}"
    yield "1 000 directives", "{version" + " @a" * 900 + "}"
    yield "document of 20 KB", '{version(x:"' + "x" * 19_900 + '")}'


LAST: Final = "fragment f28 on Query{version}"


def _each(text: str, count: int) -> str:
    """The text for each number, its second blank being the next one."""
    return "".join(text.format(n, n + 1, n + 1) for n in range(count))


def variables_too_large() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Variables that do not fit, with a document that does."""
    most = LIMITS.input_values_max - 10
    yield "a last status of 50 000 that there is not", DRAFTS, {"f": {"status": ["DRAFT"] * most + ["X"]}}
    yield "50 000 statuses that there are not", DRAFTS, {"f": {"status": [f"S{n}" for n in range(most)]}}
    yield "50 000 keys that there are not", DRAFTS, {"f": {f"k{n}": 1 for n in range(most)}}
    yield "50 000 numbers for a text", DRAFTS, {"f": {"consigneeName": [1] * most}}
    yield "4 000 ids and one that is none", BY_IDS, {"i": [*["commission_x"] * 3_900, {}]}
    yield "50 000 ids", BY_IDS, {"i": ["x"] * most}
    yield "50 000 lines", SAVE, {"i": {"goodsLines": [1] * 50_000}}
    yield "NUL at the end of 900 KB", DRAFTS, {"f": {"consigneeName": "x" * 900_000 + "\0"}}
    yield "300 000 signs that are no ASCII", DRAFTS, {"f": {"consigneeName": ["中" * 100_000]}}
    yield "10 000 lists in a list", BY_IDS, {"i": [["x"] for _ in range(10_000)]}


def _bodies() -> Iterator[tuple[str, Request]]:
    yield "body of 1 MB", (json.dumps({"query": "x" * 990_000}).encode(), {})
    yield "body of 1 MB of brackets", (b"[" * 1_000_000, {})
    yield "300 000 empty lists", (b'{"query":"{version}","variables":{"x":[' + b"[]," * 300_000 + b"[]]}}", {})
    yield "list of 200 000 in variables", (LONG_LIST.encode(), {})
    yield "deep lists in variables", (DEEP_LIST.encode(), {})
    yield "gzip bomb", (zlib.compress(BOMB, 9, 31), {"content-encoding": "gzip"})
    yield "deflate bomb", (zlib.compress(BOMB, 9), {"content-encoding": "deflate"})
    yield "list of 10 000 operations", (b"[" + b'{"query":"{version}"},' * 9_999 + b"{}]", {})
    operations = json.dumps({"query": "{version}", "variables": {"files": [None] * 10_000}})
    parts = "".join(
        f'--b\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{content}\r\n'
        for name, content in (("operations", operations), ("map", MANY_FILES))
    )
    headers = {"content-type": "multipart/form-data; boundary=b", PREFLIGHT_HEADERS[0]: "1"}
    yield "map of 10 000 files", (f"{parts}--b--\r\n".encode(), headers)
