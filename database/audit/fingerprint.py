"""Which errors are the same: a name that stays when lines move, and differs when the way to the error does."""

from __future__ import annotations

import hashlib
import sysconfig
from collections.abc import Iterator
from types import TracebackType

_INSTALLED = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")} | {"<frozen"})
_OWN = ("database.audit",)
_CAUSES = 10


def error_class(error: BaseException) -> str:
    """`package.module.Class`; built-in ones without a module."""
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def fingerprint(error: BaseException) -> str:
    """32 hexadecimal digits.

    Made of the classes of the error and its causes, and of the functions (`module:function`, without lines, addresses and the
    message) that each of them went through. Functions of installed packages count only when there are no others, so that an
    update of the framework, or another server in front, changes nothing. A recursion counts once.
    """
    digest = hashlib.sha256()
    for cause in _chain(error):
        digest.update(error_class(cause).encode(errors="replace"))
        for place in _places(cause.__traceback__):
            digest.update(b"\n" + place.encode(errors="replace"))
        digest.update(b"\n\n")
    return digest.hexdigest()[:32]


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen and len(seen) < _CAUSES:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _places(trace: TracebackType | None) -> list[str]:
    ours: dict[str, None] = {}
    others: dict[str, None] = {}
    while trace is not None:
        code, module = trace.tb_frame.f_code, str(trace.tb_frame.f_globals.get("__name__", "?"))
        if not module.startswith(_OWN):
            (others if code.co_filename.startswith(_INSTALLED) else ours)[f"{module}:{code.co_qualname}"] = None
        trace = trace.tb_next
    return list(ours or others)
