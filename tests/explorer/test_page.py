"""What is served to the browser, byte by byte: no address of another host, a strict policy, files that never change."""

import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Final

import httpx
import pytest
from graphql import DocumentNode, OperationDefinitionNode, build_schema, parse, validate
from starlette.applications import Starlette
from starlette.routing import Route

from graph.explorer import ROLES, example, explorer_page, explorer_routes, signing_operations

ROOT: Final = Path(__file__).parents[2]
RECIPE: Final = ROOT / "graph" / "explorer" / "build"
# Names of XML vocabularies, which nobody fetches.
XML_NAMES: Final = {
    "http://www.w3.org/2000/svg",
    "http://www.w3.org/1999/xlink",
    "http://www.w3.org/1999/xhtml",
    "http://www.w3.org/1998/Math/MathML",
    "http://www.w3.org/XML/1998/namespace",
}
ADDRESS: Final = re.compile(r"""(?:https?|wss?|ftp):\\?/\\?/[\w\[][^\s"'`)\\]*|["'`(=]//[\w-]+\.[^\s"'`)]+""")


@pytest.fixture
def browser() -> httpx.AsyncClient:
    application = Starlette(routes=[Route("/graphql", explorer_page), *explorer_routes()])
    return httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://preship")


async def paths_loaded(browser: httpx.AsyncClient) -> list[str]:
    page = await browser.get("/graphql")
    return re.findall(r'(?:src|href)="([^"]+)"', page.text)


async def test_no_byte_served_names_another_host(browser: httpx.AsyncClient) -> None:
    paths = await paths_loaded(browser)
    assert len(paths) == 3
    assert all(path.startswith("/explorer/static/") for path in paths)
    for path in ["/graphql", *paths]:
        answer = await browser.get(path)
        assert answer.status_code == 200
        found = set(ADDRESS.findall(answer.text)) - XML_NAMES
        # The one literal that builds an address out of a visible text has its host from there.
        assert not found, f"{path} names {found}"


async def test_the_licences_of_what_is_vendored_are_served_beside_it(browser: httpx.AsyncClient) -> None:
    text = (ROOT / "graph" / "explorer" / "static" / "LICENSES.txt").read_bytes()
    answer = await browser.get(f"/explorer/static/{sha256(text).hexdigest()[:16]}/LICENSES.txt")
    assert answer.headers["content-type"].startswith("text/plain")
    assert not ADDRESS.findall(answer.text)
    for package in ("graphiql", "graphql", "graphql-ws", "react", "react-dom", "codemirror"):
        assert re.search(rf"^{package} \d", answer.text, re.MULTILINE), package


async def test_the_page_may_load_and_reach_its_own_host_only(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/graphql")
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy.pop("style-src").startswith("'self' 'nonce-")
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "connect-src": "'self'",
        "img-src": "'self' data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"


async def test_no_two_pages_share_a_nonce(browser: httpx.AsyncClient) -> None:
    first, second = [(await browser.get("/graphql")).headers["content-security-policy"] for _ in range(2)]
    assert first != second


async def test_a_file_may_be_kept_for_ever_because_its_address_is_its_content(browser: httpx.AsyncClient) -> None:
    for path in await paths_loaded(browser):
        for coding in ("identity", "gzip"):
            answer = await browser.get(path, headers={"accept-encoding": coding})
            assert answer.headers.get("content-encoding", "identity") == coding
            assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert sha256(answer.content).hexdigest().startswith(path.split("/")[3])


async def test_a_file_of_another_build_or_outside_the_list_is_not_found(browser: httpx.AsyncClient) -> None:
    digest = (await paths_loaded(browser))[0].split("/")[3]
    for path in ("0000000000000000/explorer.js", f"{digest}/__init__.py", f"{digest}/..%2f__init__.py"):
        assert (await browser.get(f"/explorer/static/{path}")).status_code == 404


async def test_the_page_carries_the_examples_and_none_can_break_out_of_it(browser: httpx.AsyncClient) -> None:
    html = (await browser.get("/graphql")).text
    embedded = re.search(r'<script type="application/json" id="opening">(.*?)</script>', html, re.DOTALL)
    assert embedded is not None
    assert "<" not in embedded[1]
    assert [tab["query"] for tab in json.loads(embedded[1])["examples"]] == [example(role).query for role in ROLES]


@pytest.mark.parametrize("role", ROLES)
def test_each_role_has_examples_with_comments_in_chinese_and_english(role: str) -> None:
    blocks = re.findall(r"(?:^#.*\n)+", example(role).query, re.MULTILINE)
    assert len(blocks) == 1 + len(parse(example(role).query).definitions)
    for block in blocks:
        assert re.search("[\u4e00-\u9fff]{2}", block), block
        assert re.search("[a-z]{3}", block), block


@pytest.mark.parametrize("role", ROLES)
def test_the_variables_beside_the_examples_are_variables_of_theirs(role: str) -> None:
    declared = {
        variable.variable.name.value
        for operation in parse(example(role).query).definitions
        if isinstance(operation, OperationDefinitionNode)
        for variable in operation.variable_definitions or ()
    }
    assert set(json.loads(example(role).variables)) == declared


@pytest.mark.parametrize("name", [*ROLES, "session"])
def test_the_examples_are_valid_against_the_schema(name: str) -> None:
    schema = build_schema((ROOT / "schema.graphql").read_text("utf-8"))
    document: DocumentNode = parse(signing_operations() if name == "session" else example(name).query)
    assert [error.message for error in validate(schema, document)] == []


def test_the_files_served_were_built_from_the_recipe_beside_them() -> None:
    digest = sha256()
    pages = [f"page/{path.name}" for path in (RECIPE / "page").iterdir()]
    for name in sorted(["build.mjs", "package-lock.json", "package.json", *pages]):
        digest.update(f"{name}\n".encode() + (RECIPE / name).read_bytes())
    built = (RECIPE.parent / "static" / "explorer.js").read_text("utf-8")
    assert f"Built from {digest.hexdigest()}" in built[:200], "Run: npm --prefix graph/explorer/build run build"
