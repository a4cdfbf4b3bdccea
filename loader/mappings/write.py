"""Adds lines to a seed file: those that are there stay byte for byte, new ones go where they belong."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from loader.errors import SeedChangedError
from loader.mappings.check import check_contents, one_line
from loader.mappings.files import read_bytes
from loader.mappings.results import Proposal
from loader.mappings.rules import SeedRule

_LAST = "*"


def add_lines(root: Path, rules: Sequence[SeedRule], proposals: Iterable[Proposal]) -> dict[str, int]:
    """Add proposed lines to their files.

    Args:
        root: the project's folder.
        rules: of all seeds.
        proposals: at most one for each key.

    Returns:
        How many lines each file has got; files that stay as they are do not stand there.

    Raises:
        SeedChangedError: a file has errors, or would have with the new lines. Then none is written.
    """
    added, before = list(proposals), read_contents(root, rules)
    _require_sound(rules, before, "correct the line first.")
    after = with_lines(rules, before, added)
    _require_sound(rules, after, "add the line by hand, as it should be.")
    changed = {rule.file: rule.name for rule in rules if after[rule.name] != before[rule.name]}
    for file, name in changed.items():
        _replace(root / file, after[name])
    return {file: sum(proposal.file == file for proposal in added) for file in changed}


def read_contents(root: Path, rules: Iterable[SeedRule]) -> dict[str, bytes]:
    """The files as they are: content by name of the seed."""
    return {rule.name: (root / rule.file).read_bytes() for rule in rules}


def with_lines(rules: Iterable[SeedRule], contents: Mapping[str, bytes], proposals: Iterable[Proposal]) -> dict[str, bytes]:
    """Content by name of the seed, with new lines."""
    by_file: dict[str, list[Proposal]] = {}
    for proposal in proposals:
        by_file.setdefault(proposal.file, []).append(proposal)
    return {rule.name: _with(rule, contents[rule.name], by_file.get(rule.file, ())) for rule in rules}


def _require_sound(rules: Sequence[SeedRule], contents: Mapping[str, bytes], fix: str) -> None:
    if errors := check_contents(rules, contents).errors:
        raise SeedChangedError(file=errors[0].file, reason=one_line(errors[0]), fix=fix)


def _with(rule: SeedRule, data: bytes, proposals: Sequence[Proposal]) -> bytes:
    """The content with new lines, each before the first line that belongs behind it."""
    if not proposals:
        return data
    text = data.decode("utf-8")
    end = "\r\n" if "\r\n" in text else "\n"
    file, raw = read_bytes(rule, data), re.findall(r"[^\n]*\n|[^\n]+$", text)
    raw[-1] = raw[-1].rstrip("\r\n") + end
    starts = [(line.number - 1, _order(rule, line.values)) for line in file.lines]
    inserted: dict[int, list[tuple[tuple[object, ...], str]]] = {}
    for proposal in proposals:
        order = _order(rule, proposal.values)
        place = next((number for number, other in starts if other > order), len(raw))
        inserted.setdefault(place, []).append((order, proposal.line + end))
    result: list[str] = []
    for number in range(len(raw) + 1):
        result += [line for _, line in sorted(inserted.get(number, ()))]
        result += raw[number : number + 1]
    return "".join(result).encode()


def _order(rule: SeedRule, values: Mapping[str, str]) -> tuple[object, ...]:
    """Ids by their size, text by the alphabet, the default line last."""
    return tuple(_place(values.get(column, "")) for column in rule.order_by)


def _place(value: str) -> tuple[int, int, str]:
    if value == _LAST:
        return (2, 0, value)
    return (0, len(value), value) if re.fullmatch(r"[0-9]+", value) else (1, 0, value)


def _replace(path: Path, data: bytes) -> None:
    """Write beside the file and put it in its place: whoever reads meanwhile reads the one or the other."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(path.stat().st_mode & 0o777)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
