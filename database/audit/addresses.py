"""The address of the user: what the connection says, and behind trusted proxies what the last of them has seen."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from database.audit.config import AuditConfig

_HOPS = 20
Address = IPv4Address | IPv6Address


def client(peer: str | None, forwarded: str | None, config: AuditConfig) -> str | None:
    """The address to record.

    X-Forwarded-For is read from the right, because each proxy appends what it has seen and everything further left may have
    been written by anybody. The first address that is not a trusted proxy's is the user's.

    Args:
        peer: who holds the other end of the connection; empty or None: a Unix socket.
        forwarded: X-Forwarded-For, several joined by commas.
        config: `trusted_proxies` and `shorten_ip`.

    Returns:
        what PostgreSQL's inet takes (`192.0.2.0/24` when shortened); None: nobody knows.
    """
    if not forwarded:
        return _direct(peer or "", config.shorten_ip)
    found = parse(peer or "")
    if _trusted(found, config):
        for part in reversed(forwarded[-2000:].split(",")[-_HOPS:]):
            hop = parse(part)
            if hop is None:
                break
            found = hop
            if not _trusted(hop, config):
                break
    return None if found is None else shown(found, config.shorten_ip)


@lru_cache(maxsize=4096)
def parse(text: str) -> Address | None:
    """An address as proxies write it: with a port, in brackets, with a zone, IPv4 within IPv6."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


@lru_cache(maxsize=4096)
def _direct(peer: str, shorten: bool) -> str | None:
    """Kept by its text: an `Address` is slower to look up than to show."""
    found = parse(peer)
    return None if found is None else shown(found, shorten)


def shown(address: Address, shorten: bool) -> str:
    """As it is recorded."""
    if not shorten:
        return str(address)
    return str(ip_network((address, 24 if address.version == 4 else 48), strict=False))


def _trusted(address: Address | None, config: AuditConfig) -> bool:
    if address is None:
        return config.trusts_unix
    return any(address in network for network in config.networks)
