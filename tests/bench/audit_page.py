"""What both applications of the measurement `audit` show."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

USER = "bench"
"""Who signs in."""


def page(user: object, students: Iterable[Iterable[object]]) -> str:
    """Students as HTML, and who is signed in: every application looks that up, with an audit or without."""
    lines = "".join("<tr>" + "".join(f"<td>{escape(str(value))}</td>" for value in row) + "</tr>" for row in students)
    return f"<!doctype html><title>Students</title><p>Signed in: {escape(str(user))}</p><table>{lines}</table>"
