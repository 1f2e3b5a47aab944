"""Which addresses we may post to: public ones, and nothing behind our own walls.

After the IANA special-purpose registries (RFC 6890 and its updates): everything there is
refused, and of IPv6 everything outside global unicast (2000::/3, RFC 4291). Forms that carry
an IPv4 address (mapped, NAT64, 6to4, Teredo) are refused whole: no honest name has them.
"""

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, urlsplit

from livecommerce.webhooks.errors import AddressRefused

_V4: Final = {
    "0.0.0.0/8": "unspecified",
    "10.0.0.0/8": "private",
    "100.64.0.0/10": "shared by a carrier",
    "127.0.0.0/8": "loopback",
    "169.254.0.0/16": "link-local",
    "172.16.0.0/12": "private",
    "192.0.0.0/24": "reserved",
    "192.0.2.0/24": "for documentation",
    "192.88.99.0/24": "a relay",
    "192.168.0.0/16": "private",
    "198.18.0.0/15": "for benchmarks",
    "198.51.100.0/24": "for documentation",
    "203.0.113.0/24": "for documentation",
    "224.0.0.0/4": "multicast",
    "240.0.0.0/4": "reserved",
    "168.63.129.16/32": "a cloud's own",  # Azure's platform endpoint has a public address
}
_V6: Final = {
    "2001::/23": "reserved",  # Teredo, ORCHID, benchmarks
    "2001:db8::/32": "for documentation",
    "2002::/16": "a relay",
    "3fff::/20": "for documentation",
}
_REFUSED_V4: Final = [(ip_network(net), why) for net, why in _V4.items()]
_REFUSED_V6: Final = [(ip_network(net), why) for net, why in _V6.items()]
_INSIDE: Final = (".localhost", ".local", ".internal")  # RFC 6761, RFC 6762, ICANN 2024
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_UNICAST: Final = ip_network("2000::/3")


def why_refused(text: str) -> str | None:
    """Why nobody may have us connect to that address; nothing if they may."""
    try:
        address = ip_address(text)
    except ValueError:
        return "not an address"
    if isinstance(address, IPv6Address) and (address not in _UNICAST or address.scope_id):
        return "not global unicast"
    refused = _REFUSED_V4 if isinstance(address, IPv4Address) else _REFUSED_V6
    for network, why in refused:
        if address in network:
            return why
    return None if address.is_global else "not global"


def is_trusted(host: str, trusted: Iterable[str]) -> bool:
    """Whether the operator has allowed this very host, private and without TLS."""
    return host.lower().rstrip(".") in {name.lower() for name in trusted}


def checked(url: str, trusted: Iterable[str]) -> SplitResult:
    """The parts of an address that may be an endpoint, as far as can be told without a look-up.

    Raises:
        AddressRefused: it is no https address, carries credentials, or names an address or
            a host of a private network.
    """
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise AddressRefused("It is not a web address.") from None
    if not host or not url.isprintable() or any(c in url for c in ' \\"<>`'):
        raise AddressRefused("It is not a web address.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise AddressRefused("It may not carry a user name, a password or a fragment.")
    if is_trusted(host, trusted) and parts.scheme in {"http", "https"}:
        return parts
    if parts.scheme != "https":
        raise AddressRefused("It has to be https.")
    name = host.lower().rstrip(".")
    if _is_literal(name) and why_refused(name) is not None:
        raise AddressRefused("It is not a public address.")
    if f".{name}".endswith(_INSIDE):
        raise AddressRefused("It is a name of a private network.")
    return parts


def _is_literal(host: str) -> bool:
    """Whether it is an address and no name, in full or as ``inet_aton`` also reads it
    (``127.1``, ``0x7f.1``, ``2130706433``): its last label is a number (WHATWG URL, 3.5)."""
    return ":" in host or _NUMBER.fullmatch(host.rpartition(".")[2]) is not None
