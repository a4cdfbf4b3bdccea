"""From the bytes of a seed file to its text: encoding, byte order mark, line ends, control characters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from shlex import quote

from loader.mappings.results import MOST, Problem, Severity, beyond

_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_UTF8 = "save it as UTF-8 (in a spreadsheet: CSV UTF-8)"


Found = tuple[int | None, str | None, Problem]
"""Line, from 1, or None where it is the whole file; value; and what is wrong with it."""


def decode(data: bytes, file: str) -> tuple[str | None, list[Found]]:
    """Read the text of a file.

    Args:
        data: the whole file.
        file: path from the project's folder, for the commands that repair it there.

    Returns:
        The text without byte order mark, or None where there is none to read; and the problems with line and value.
    """
    problems: list[Found] = []
    if data and not data.strip(b"\x00"):
        fix = f"restore it: `git checkout -- {quote(file)}`."
        return None, [(1, None, Problem("encoding", "the file holds nothing but zero bytes: its content is lost", fix))]
    if data.startswith(_UTF16) or (b"\x00" in data and data.count(b"\x00") * 4 > len(data)):
        return None, [(1, None, _utf16(data, file))]
    if data.startswith(_BOM):
        message = "the file begins with a byte order mark, which becomes part of the first column's name"
        fix = f"save it as UTF-8 without BOM, or run `sed -i '1s/^\\xEF\\xBB\\xBF//' {quote(file)}`."
        problems.append((1, None, Problem("byte_order_mark", message, fix)))
        data = data.removeprefix(_BOM)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return None, [*problems, _not_utf8(data, error.start, file)]
    problems += _line_ends(text, file)
    problems += _controls(text)
    return text, problems


def _utf16(data: bytes, file: str) -> Problem:
    # without a mark at the beginning: Latin letters and commas have their zero behind (little endian) or before them
    guess = "utf-16" if data.startswith(_UTF16) else "utf-16le" if data[1:2] == b"\x00" else "utf-16be"
    return Problem("encoding", "the file is UTF-16, not UTF-8", f"{_UTF8}, or run `{_iconv(guess, file)}`.")


def _iconv(encoding: str, file: str) -> str:
    """The command that reads a file in another encoding and writes it as UTF-8; a file that it cannot read stays as it is."""
    return f"iconv -f {encoding} -t utf-8 {quote(file)} > {quote(file + '.utf8')} && mv {quote(file + '.utf8')} {quote(file)}"


def _not_utf8(data: bytes, position: int, file: str) -> Found:
    """A byte that UTF-8 does not know: which encoding is it likely to be?"""
    start, end = data.rfind(b"\n", 0, position) + 1, data.find(b"\n", position)
    line = data[start : end if end >= 0 else len(data)]
    # Cyrillic words are runs of high bytes; the special letters of Azerbaijani and Turkish stand between plain ones
    guess = "cp1251" if re.search(rb"[\xc0-\xff]{3}", data) else "cp1254"
    shown = line.decode(guess, errors="replace").strip()
    message = f"the file is not UTF-8 (byte {data[position]:#04x}); as {guess} the line reads as shown"
    fix = f"{_UTF8}, or run `{_iconv(guess, file)}` and look whether the names are right."
    return data.count(b"\n", 0, position) + 1, shown, Problem("encoding", message, fix)


def _line_ends(text: str, file: str) -> Iterator[Found]:
    windows, unix = text.count("\r\n"), len(re.findall(r"(?<!\r)\n", text))
    command = f"sed -i 's/\\r$//' {quote(file)}"
    if lone := re.search(r"\r(?!\n)", text):
        message = "a line ends with a carriage return alone"
        fix = f"let every line end with a line feed (LF): `sed -i 's/\\r$//; s/\\r/\\n/g' {quote(file)}`."
        yield _line_of(text[: lone.start()]), None, Problem("line_ends", message, fix)
    elif windows and unix:
        rare = re.search(r"(?<!\r)\n" if unix < windows else r"\r\n", text)
        line = _line_of(text[: rare.start()]) if rare else 1
        message = f"{windows} lines end as in Windows (CRLF) and {unix} as elsewhere (LF)"
        yield line, None, Problem("line_ends", message, f"let every line end alike: `{command}`.")
    elif windows:
        message = "the lines end as in Windows (CRLF): every line counts as changed for git"
        yield 1, None, Problem("line_ends", message, f"run `{command}` before committing it.", Severity.WARNING)


def _controls(text: str) -> Iterator[Found]:
    line, read = 1, 0
    for found in islice(_CONTROL.finditer(text), MOST):
        line, read = line + _line_of(text[read : found.start()]) - 1, found.start()
        message = f"the control character U+{ord(found[0]):04X} stands here, which nobody can see"
        yield line, found[0], Problem("control_character", message, "delete it.")
    if (number := len(text) - len(_CONTROL.sub("", text))) > MOST:
        yield None, None, beyond("control_character", number - MOST)


def _line_of(before: str) -> int:
    """The line that begins or goes on behind some text."""
    return before.count("\n") + len(re.findall(r"\r(?!\n)", before)) + 1
