"""Secrets are taken out before an event leaves the request: by the name of the field, and by the look of the value."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, unquote_plus

Find = Callable[[str], Mapping[str, Any] | None]
MASK = "***"
_LONGEST = 4000
_DEEPEST = 8
# anywhere in the name, whatever stands around it
_PARTS = (
    "password", "passwd", "passphrase", "passcode", "secret", "token", "authorization", "apikey", "accesskey", "privatekey",
    "credential", "cookie", "sessionid", "sessionkey", "csrf", "xsrf", "signature", "bearer", "cardnumber",
)  # fmt: skip
# a word of the name: as a part they would hit `opinion` and `outside`
_WORDS = frozenset({"pwd", "pass", "pin", "otp", "jwt", "sid", "cvv", "cvc", "ssn", "auth"})
_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+(?![a-z])")
_LOOKS_SECRET = re.compile(
    r"(?<![\w-])eyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?"  # a JWT
    r"|(?<=[Bb]earer )\S+|(?<=[Bb]asic )[A-Za-z0-9+/=]{8,}"
    r"|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"  # user:password@host
)
_MARKS = ("eyJ", "earer ", "asic ", "://")
"""One of them is in whatever looks like a secret; looking for them is quicker."""
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://[^/]*)?(.*)", re.DOTALL)
_PAIR = re.compile(r"(?<![\w.%\[\]-])([\w.%\[\]-]+)(=)([^&;\s\"'<>]*)")


class Masker:
    """Knows which names mean a secret; thread-safe."""

    def __init__(self, more: Iterable[str] = ()) -> None:
        """Take more names, in any spelling: `student_pin` and `studentPin` are the same."""
        self._parts = (*_PARTS, *(name for name in map(_plain, more) if name))
        self.is_secret = lru_cache(maxsize=4096)(self._is_secret)

    def _is_secret(self, name: str) -> bool:
        plain = _plain(unquote_plus(name))
        if any(part in plain for part in self._parts):
            return True
        return any(word.lower() in _WORDS for word in _WORD.findall(unquote_plus(name)))

    def text(self, value: str) -> str:
        """A text: what looks like a secret, and `name=value` where the name means one."""
        if "=" in value:
            value = _PAIR.sub(lambda found: found[1] + found[2] + (MASK if self.is_secret(found[1]) else found[3]), value)
        return _unlike_secrets(value)

    def query(self, value: str) -> str:
        """A query string, at most 4,000 characters of it; its form stays."""
        return "&".join(map(self._pair, value[:_LONGEST].split("&")))

    def _pair(self, pair: str) -> str:
        name, sign, value = pair.partition("=")
        return name + sign + (MASK if sign and self.is_secret(name) else self._value(value))

    def _value(self, value: str) -> str:
        if value.isalnum():  # nearly every value: nothing in it can look like a secret
            return value
        plain = unquote_plus(value)
        return value if self.text(plain) == plain else MASK

    def path(self, path: str, parameters: Mapping[str, Any] | None = None) -> str:
        """A path: a parameter of the route that means a secret, what follows a part named so, and what looks so."""
        for value in self._secrets(parameters):
            path = _without(path, value)
        parts, previous = path[:_LONGEST].split("/"), ""
        for number, part in enumerate(parts):
            if part and _follows(previous) and self.is_secret(previous):
                parts[number] = MASK
            previous = part
        return _unlike_secrets("/".join(parts))

    def url(self, url: str, find: Find | None = None) -> str:
        """An address as browsers write it, such as a referrer.

        Args:
            url: with or without scheme and host.
            find: the parameters of the route that a path leads to, of whatever host: a page behind a proxy may have other names.
        """
        address, sign, query = url.partition("#")[0].partition("?")
        origin, path = (part or "" for part in _ADDRESS.fullmatch(address).groups())  # type: ignore[union-attr]
        parameters = find(unquote(path)) if find is not None and path.strip("/") else None
        if self._secrets(parameters):
            path = unquote(path)
        return _unlike_secrets(origin) + self.path(path, parameters) + (sign + self.query(query) if sign else "")

    def _secrets(self, parameters: Mapping[str, Any] | None) -> list[str]:
        return [str(value) for name, value in (parameters or {}).items() if self.is_secret(str(name)) and str(value)]

    def value(self, value: Any, depth: int = 0) -> Any:
        """A JSON value, masked at every depth; what lies deeper than eight levels is left out."""
        if isinstance(value, str):
            return self.text(value)
        if depth >= _DEEPEST and isinstance(value, Mapping | list | tuple):
            return "…"
        if isinstance(value, Mapping):
            return {str(name): self._field(str(name), each, depth) for name, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(each, depth + 1) for each in value]
        return value

    def _field(self, name: str, value: Any, depth: int) -> Any:
        return MASK if value is not None and self.is_secret(name) else self.value(value, depth + 1)


def _unlike_secrets(value: str) -> str:
    return _LOOKS_SECRET.sub(MASK, value) if any(mark in value for mark in _MARKS) else value


def _without(path: str, value: str) -> str:
    """A value need not be a whole part of the path, and may go over several; in another spelling it takes everything along."""
    exact = re.escape(value)
    for pattern in (rf"(?<!\w){exact}(?!\w)", exact):
        masked, times = re.subn(pattern, MASK, path, flags=re.IGNORECASE)
        if times:
            return masked
    return "/" + MASK


def _follows(previous: str) -> bool:
    """`/reset-password/` is the name of a page, `/token/` that of what follows."""
    return previous.isidentifier()


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()
