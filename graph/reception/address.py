"""From which address somebody asks. What a proxy says of it counts only where the proxy is one of ours.

Everybody may write `X-Forwarded-For` to a server; each proxy adds the address that it has seen to the end. So it is
read from its end, as far as those named are trusted, and the first that is not is the client.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from starlette.requests import HTTPConnection

from graph.settings import Network

FORWARDED_MAX: Final = 20
"""How many proxies may stand in between."""

UNKNOWN: Final = "unknown"
"""Where there is no address, as on a socket of the system: such clients are counted together."""

READ_MAX: Final = 4_096
"""So many addresses are read, and shortened, once; most requests come from few."""

Address = IPv4Address | IPv6Address


def address_of(connection: HTTPConnection, trusted: Sequence[Network]) -> str:
    """The client's address as it is counted: an IPv4 address, or the 64 bits of an IPv6 one that name a network."""
    client = connection.scope.get("client")
    if "x-forwarded-for" not in connection.headers:
        return _nearest(client[0]) if client else UNKNOWN
    peer = _read(client[0]) if client else None
    return UNKNOWN if peer is None else _counted(_believed(peer, connection, trusted))


def _believed(peer: Address, connection: HTTPConnection, trusted: Sequence[Network]) -> Address:
    client = peer
    for named in _forwarded(connection) if _is_trusted(peer, trusted) else ():
        address = _read(named)
        if address is None:
            # What stands there was not written by a proxy of ours: the last one who can be believed stays.
            break
        client = address
        if not _is_trusted(address, trusted):
            break
    return client


@lru_cache(READ_MAX)
def shortened(address: str) -> str:
    """What may be kept of an address for long: a network of 24 bits, or of 48 in IPv6."""
    if address == UNKNOWN:
        return address
    network = ip_network(address)
    return str(network.supernet(new_prefix=24 if network.version == 4 else 48))


def _forwarded(connection: HTTPConnection) -> Iterable[str]:
    named = ",".join(connection.headers.getlist("x-forwarded-for")).rsplit(",", FORWARDED_MAX)
    return reversed(named[-FORWARDED_MAX:])


def _is_trusted(address: Address, trusted: Sequence[Network]) -> bool:
    return any(address.version == network.version and address in network for network in trusted)


@lru_cache(READ_MAX)
def _nearest(host: str) -> str:
    peer = _read(host)
    return UNKNOWN if peer is None else _counted(peer)


@lru_cache(READ_MAX)
def _counted(client: Address) -> str:
    return str(client) if isinstance(client, IPv4Address) else str(IPv6Network((client, 64), strict=False))


@lru_cache(READ_MAX)
def _read(written: str) -> Address | None:
    """An address, with a port or without; None for what is none."""
    text = written.strip().partition("%")[0]
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
