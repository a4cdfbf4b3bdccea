"""The same error keeps its fingerprint when lines move and messages differ; another way to it has another one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from database.audit.fingerprint import error_class, fingerprint

SOURCE = """
def outer(value):
    return inner(value)

def inner(value):
    raise ValueError(f"wrong: {value}")

def other(value):
    return inner(value)

def deep(value):
    return deep(value - 1) if value else inner(value)

def caused(value):
    try:
        inner(value)
    except ValueError as error:
        raise KeyError(value) from error
"""


def error_of(call: Callable[[], Any]) -> BaseException:
    with pytest.raises(BaseException) as caught:  # noqa: PT011
        call()
    return caught.value


def module(source: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "application.views"}
    exec(compile(source, "/srv/application/views.py", "exec"), names)
    return names


def test_lines_and_messages_do_not_matter() -> None:
    before, after = module(SOURCE), module("# a comment\n\n" + SOURCE.replace("    raise", "    value = value\n    raise"))
    names = {fingerprint(error_of(lambda made=made, n=n: made["outer"](n))) for made in (before, after) for n in (1, 2)}  # type: ignore[misc]
    assert len(names) == 1
    assert len(names.pop()) == 32


def test_another_way_is_another_error() -> None:
    made = module(SOURCE)
    names = {fingerprint(error_of(lambda name=name: made[name](3))) for name in ("outer", "other", "deep", "caused")}  # type: ignore[misc]
    assert len(names) == 4


def test_a_recursion_counts_once() -> None:
    made = module(SOURCE)
    assert fingerprint(error_of(lambda: made["deep"](1))) == fingerprint(error_of(lambda: made["deep"](200)))


def test_installed_packages_count_only_alone() -> None:
    made = module("import json\ndef load(text):\n    return json.loads(text)\n")
    alone = fingerprint(error_of(lambda: json.loads("{")))
    assert fingerprint(error_of(lambda: made["load"]("{"))) != alone


def test_an_error_that_causes_itself() -> None:
    one, two = ValueError(), KeyError()
    one.__cause__, two.__cause__ = two, one
    assert len(fingerprint(one)) == 32


def test_classes() -> None:
    assert error_class(ValueError()) == "ValueError"
    assert error_class(json.JSONDecodeError("", "", 0)) == "json.decoder.JSONDecodeError"
