"""What a user agent tells: device type, browser, operating system."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import ua_parser

_BOT = re.compile(r"bot\b|crawl|spider|slurp|headless|python-|curl/|wget/|httpx|monitor", re.IGNORECASE)
_TABLET = re.compile(r"ipad|tablet|kindle|silk/|playbook|android(?!.*mobile)", re.IGNORECASE)
_MOBILE = re.compile(r"mobi|iphone|ipod|android|windows phone|opera mini", re.IGNORECASE)
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Agent:
    """All None: there was no user agent."""

    device_type: str | None = None
    """`desktop`, `mobile`, `tablet`, `bot` or `other`."""
    browser: str | None = None
    """`Firefox 128`."""
    operating_system: str | None = None


@lru_cache(maxsize=2048)
def understand(text: str | None) -> Agent:
    """What it tells; nothing that it says can raise an error."""
    if not text:
        return Agent()
    text = text[:_LONGEST]
    found = ua_parser.parse(text)
    browser = _named(found.user_agent.family, found.user_agent.major) if found.user_agent else None
    system = _named(found.os.family, found.os.major) if found.os else None
    spider = found.device is not None and found.device.family == "Spider"
    return Agent("bot" if spider else _device(text, system), browser, system)


def _device(text: str, system: str | None) -> str:
    if _BOT.search(text):
        return "bot"
    if _TABLET.search(text):
        return "tablet"
    if _MOBILE.search(text):
        return "mobile"
    return "desktop" if system is not None else "other"


def _named(family: str, major: str | None) -> str:
    return f"{family} {major}" if major else family
