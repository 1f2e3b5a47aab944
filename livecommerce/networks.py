"""Addresses and networks of the internet: which are meant by ``10.0.0.2, 172.30.80.0/24``."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network


@dataclass(frozen=True)
class Networks(Container[str]):
    """Whether an address, as text, is in one of them. What is no address is in none."""

    listed: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def read(cls, text: str | Iterable[str]) -> "Networks":
        """From a list with commas between them.

        Raises:
            ValueError: one is neither an address nor a network.
        """
        parts = text.split(",") if isinstance(text, str) else text
        return cls(tuple(ip_network(part.strip()) for part in parts if part.strip()))

    def __contains__(self, address: object) -> bool:
        try:
            parsed = ip_address(str(address))
        except ValueError:
            return False
        if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
            parsed = parsed.ipv4_mapped  # as a socket for both kinds names it
        return any(parsed in network for network in self.listed)

    def __bool__(self) -> bool:
        return bool(self.listed)
