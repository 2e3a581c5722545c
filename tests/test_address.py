"""Whose address counts: the peer's, or what a trusted proxy says, and never what a client made up."""

import pytest
from starlette.requests import HTTPConnection

from graph.cli import main as cli
from graph.reception.address import UNKNOWN, address_of, shortened
from graph.settings import Settings

PROXIES = Settings(proxies_trusted=("10.0.0.0/8", "192.0.2.1", "2001:db8:ffff::/48")).networks_trusted


def told(peer: str | None, *forwarded: str) -> str:
    headers = [(b"x-forwarded-for", each.encode()) for each in forwarded]
    scope = {"type": "http", "headers": headers, "client": None if peer is None else (peer, 1)}
    return address_of(HTTPConnection(scope), PROXIES)


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.9", (), "203.0.113.9"),
        ("203.0.113.9", ("198.51.100.1",), "203.0.113.9"),
        ("10.1.2.3", (), "10.1.2.3"),
        ("10.1.2.3", ("198.51.100.1",), "198.51.100.1"),
        ("10.1.2.3", ("1.1.1.1, 198.51.100.1",), "198.51.100.1"),
        ("10.1.2.3", ("1.1.1.1", "198.51.100.1"), "198.51.100.1"),
        ("10.1.2.3", ("1.1.1.1, 198.51.100.1, 192.0.2.1",), "198.51.100.1"),
        ("10.1.2.3", ("10.9.9.9, 192.0.2.1",), "10.9.9.9"),
        ("10.1.2.3", ("198.51.100.1, nonsense",), "10.1.2.3"),
        ("10.1.2.3", ("198.51.100.1:4711",), "198.51.100.1"),
        ("10.1.2.3", ("[2001:db8:1:2:3::4]:4711",), "2001:db8:1:2::/64"),
        ("10.1.2.3", (",".join(["1.1.1.1"] * 5000),), "1.1.1.1"),
        ("2001:db8:ffff::1", ("198.51.100.1",), "198.51.100.1"),
        ("2001:db8:1:2:3::4", (), "2001:db8:1:2::/64"),
        ("fe80::1%eth0", (), "fe80::/64"),
        ("::ffff:203.0.113.9", (), "203.0.113.9"),
        ("::ffff:10.1.2.3", ("198.51.100.1",), "198.51.100.1"),
        ("testclient", ("198.51.100.1",), UNKNOWN),
        (None, ("198.51.100.1",), UNKNOWN),
    ],
)
def test_the_address_is_the_last_that_can_be_believed(
    peer: str | None, forwarded: tuple[str, ...], address: str
) -> None:
    assert told(peer, *forwarded) == address


def test_what_is_kept_of_an_address_names_a_network() -> None:
    assert shortened("203.0.113.9") == "203.0.113.0/24"
    assert shortened("2001:db8:1:2::/64") == "2001:db8:1::/48"
    assert shortened(UNKNOWN) == UNKNOWN


def test_a_proxy_is_an_address_or_a_network() -> None:
    with pytest.raises(ValueError, match="proxies_trusted"):
        Settings(proxies_trusted=("everybody",))


def test_the_server_believes_no_proxy_of_its_own_accord(monkeypatch: pytest.MonkeyPatch) -> None:
    wished: dict[str, object] = {}
    monkeypatch.setattr("uvicorn.run", lambda *_, **options: wished.update(options))
    cli.serve()
    assert wished["proxy_headers"] is False
