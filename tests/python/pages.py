"""Commands that the pages of the project tell their readers."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator


def commands(text: str) -> Iterator[list[str]]:
    """The commands `edu2lms …` of a page: lines of its sh blocks, and the rows `| command | … |` of its tables."""
    for block, row in re.findall(r"^```sh\n(.*?)^```|^\| command \| ([^\n]*) \|$", text, re.MULTILINE | re.DOTALL):
        for line in block.splitlines() if block else re.findall(r"`([^`]+)`", row):
            for part in line.split("&&"):
                words = shlex.split(part, comments=True)
                if words[:1] == ["edu2lms"]:
                    yield words[1:]
