"""Whether a host is this machine by its very name: without HTTPS nothing else is asked or sent to."""

from __future__ import annotations

import ipaddress


def is_here(host: str) -> bool:
    """Say whether a host is this machine by its very name: no name is looked up."""
    name, number = host.rstrip("."), number_of(host)
    return number.is_loopback or number.is_unspecified if number else name.split(".")[-1] == "localhost"


def number_of(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the number that a host is, None for a name; one of IPv4 that is written as IPv6's is IPv4's."""
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        return None
    return (number.ipv4_mapped if isinstance(number, ipaddress.IPv6Address) else None) or number
