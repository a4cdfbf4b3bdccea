"""What PostgreSQL does not take is replaced before it is sent: one event must never stand in the way of the others."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from ipaddress import ip_address, ip_interface
from typing import Any

LONGEST = {
    "user_id": 200, "session_id": 200, "correlation_id": 128, "action_type": 50, "entity_type": 200, "entity_id": 200,
    "request_path": 500, "request_method": 20, "route": 300, "user_agent": 500, "error_class": 200, "error_fingerprint": 64,
    "ip_address": 50, "page_path": 500, "page_title": 300, "referrer": 500, "device_type": 20, "browser": 100,
    "operating_system": 100,
}  # fmt: skip
"""Characters: what an index can hold, with four bytes for each."""
_WHOLE = ("response_status", "session_duration_seconds")
_AS_IT_IS = {**LONGEST, **dict.fromkeys(("ip_address", *_WHOLE), -1)}
"""Characters up to which a plain text needs no look at its column; -1: no text does without."""
_LONGEST_TEXT = 4000
_LONGEST_DOCUMENT = 32_768
_LONGEST_ADDRESS = 100
_DEEPEST = 10
_NESTED = (Mapping, list, tuple)
_REPLACEMENT = "\ufffd"


def text(value: str, longest: int = _LONGEST_TEXT) -> str:
    """Without NUL and lone surrogates, and not longer than that."""
    if len(value) > longest:
        value = value[: longest - 1] + "…"
    if "\0" in value:
        value = value.replace("\0", _REPLACEMENT)
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            value = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


def document(value: Any, depth: int = 0) -> Any:
    """A JSON value that jsonb takes: whatever it is."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return text(value)
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**63 else str(value) if abs(value).bit_length() < 10_000 else "…"
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if depth >= _DEEPEST:
        return "…"
    if isinstance(value, Mapping):
        return {text(str(key), 200): document(each, depth + 1) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [document(each, depth + 1) for each in value]
    return text(value.isoformat() if isinstance(value, datetime) else str(value))


def row(values: Mapping[str, Any]) -> dict[str, Any]:
    """A row as json_to_recordset takes it; what is None is left out."""
    made: dict[str, Any] = {}
    for name, value in values.items():
        if value is None:
            continue
        if type(value) is str and len(value) <= _AS_IT_IS.get(name, _LONGEST_TEXT) and value.isascii() and "\0" not in value:
            made[name] = value  # nearly all of them
        elif name == "ip_address":
            made[name] = _address((value if type(value) is str else str(document(value)))[:_LONGEST_ADDRESS])
        elif name in LONGEST:
            made[name] = text(value if isinstance(value, str) else str(value), LONGEST[name])
        elif name in _WHOLE:
            made[name] = value if isinstance(value, int) and abs(value) < 2**31 else None
        elif isinstance(value, _NESTED):
            made[name] = _bounded(document(value))
        else:
            made[name] = document(value)
    return made


@lru_cache(maxsize=4096)
def _address(value: str) -> str | None:
    value = value.partition("%")[0]  # the zone of `fe80::1%eth0`, which inet does not take
    try:
        return str(ip_interface(value)) if "/" in value else str(ip_address(value))
    except ValueError:
        return None


def _bounded(value: Any) -> Any:
    if not value:
        return value
    length = len(json.dumps(value))
    return value if length <= _LONGEST_DOCUMENT else {"left_out": length}
