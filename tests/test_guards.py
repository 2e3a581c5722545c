"""What browsers are told with every answer, whoever gives it."""

import httpx
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from graph.transport.guards import GUARDS
from tests.office import Office


async def test_all_answers_are_guarded_and_what_one_has_said_itself_stands(office: Office) -> None:
    async def fails(request: Request) -> Response:
        raise LookupError

    async def frames(request: Request) -> Response:
        return Response(headers={"content-security-policy": "frame-ancestors 'self'"})

    office.app.router.routes += [Route("/fails", fails), Route("/frames", frames)]
    everywhere = {name.decode(): value.decode() for name, value in GUARDS}
    transport = httpx.ASGITransport(office.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://preship.test") as client:
        for path, status in (
            ("/graphql", 415),
            ("/healthz", 200),
            ("/nothing", 404),
            ("/fails", 500),
            ("/frames", 200),
        ):
            answer = await client.post(path) if path == "/graphql" else await client.get(path)
            assert answer.status_code == status
            own = {"content-security-policy": "frame-ancestors 'self'"} if path == "/frames" else {}
            said = {name: answer.headers.get_list(name) for name in everywhere}
            assert said == {name: [value] for name, value in (everywhere | own).items()}, path
