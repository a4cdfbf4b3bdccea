"""Device, browser and system, as the browsers of today say them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from database.audit.agents import Agent, understand

KNOWN = {
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0": ("desktop", "Firefox 128", "Linux"),
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36": (
        "desktop", "Chrome 130", "Windows 10",
    ),
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 "
    "Safari/604.1": ("mobile", "Mobile Safari 17", "iOS 17"),
    "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 Mobile/15E148 "
    "Safari/604.1": (
        "tablet", "Mobile Safari 16", "iOS 16",
    ),
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36": (
        "mobile", "Chrome Mobile 130", "Android 14",
    ),
    "Mozilla/5.0 (Linux; Android 13; SM-X900) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36": (
        "tablet", "Chrome 130", "Android 13",
    ),
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)": ("bot", "Googlebot 2", None),
}  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), KNOWN.items())
def test_known_ones(text: str, wanted: tuple[str, str, str | None]) -> None:
    assert understand(text) == Agent(*wanted)


def test_none() -> None:
    assert understand(None) == understand("") == Agent()


@given(st.text(max_size=800))
def test_whatever_it_says(text: str) -> None:
    assert understand(text).device_type in {None, "desktop", "mobile", "tablet", "bot", "other"}
