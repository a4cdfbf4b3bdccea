"""Only what a trusted proxy has seen is believed."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from database.audit import addresses
from database.audit.config import AuditConfig
from database.errors import ConfigurationError

NOBODY = AuditConfig.load({})
PROXIES = AuditConfig.load({"trusted_proxies": ["10.0.0.0/8", "2001:db8::1", "unix"]})


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("192.0.2.1", None, "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.7, 10.9.9.9", "198.51.100.7"),
        ("10.0.0.1", "nonsense, 10.9.9.9", "10.9.9.9"),
        ("10.0.0.1", "198.51.100.7:4711", "198.51.100.7"),
        ("10.0.0.1", '"[2001:db8::7]:80"', "2001:db8::7"),
        ("2001:db8::1", "2001:db8::7", "2001:db8::7"),
        ("::ffff:10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("", "198.51.100.7", "198.51.100.7"),
        (None, "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "10.0.0.2, 10.0.0.3", "10.0.0.2"),
        ("10.0.0.1", "", "10.0.0.1"),
    ],
)
def test_behind_proxies(peer: str | None, forwarded: str | None, found: str) -> None:
    assert addresses.client(peer, forwarded, PROXIES) == found


def test_without_proxies_nobody_is_believed() -> None:
    assert addresses.client("10.0.0.1", "198.51.100.7", NOBODY) == "10.0.0.1"
    assert addresses.client("", "198.51.100.7", NOBODY) is None


def test_shortened() -> None:
    config = AuditConfig.load({"shorten_ip": True})
    assert addresses.client("192.0.2.77", None, config) == "192.0.2.0/24"
    assert addresses.client("2001:db8:1:2::3", None, config) == "2001:db8:1::/48"


@given(st.none() | st.text(max_size=50) | st.ip_addresses().map(str), st.none() | st.text(max_size=200))
def test_whatever_comes_is_an_address_or_nothing(peer: str | None, forwarded: str | None) -> None:
    found = addresses.client(peer, forwarded, PROXIES)
    assert found is None or str(ip_address(found)) == found


def test_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDIT_TRUSTED_PROXIES", "10.0.0.0/8, unix")
    monkeypatch.setenv("AUDIT_FLUSH_INTERVAL", "0.5")
    config = AuditConfig.load({"queue_size": 7})
    assert (config.trusted_proxies, config.trusts_unix, config.flush_interval, config.queue_size) == (
        ("10.0.0.0/8", "unix"),
        True,
        0.5,
        7,
    )
    with pytest.raises(ConfigurationError, match="AUDIT_QUEUE_SIZE"):
        AuditConfig.load({"queue_size": 0})
    with pytest.raises(ConfigurationError, match="nonsense"):
        AuditConfig.load({"nonsense": 0})
    with pytest.raises(ConfigurationError, match="AUDIT_TRUSTED_PROXIES"):
        AuditConfig.load({"trusted_proxies": "10.0.0.0/99"})
