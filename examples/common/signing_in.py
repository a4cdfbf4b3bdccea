"""Signing in, as far as an example can: every user has the same password. In earnest, this is your own sign-in."""

from __future__ import annotations

import hmac
import os

SETTING = "EXAMPLES_PASSWORD"
"""The environment variable with that password; without it nobody can sign in."""


def accepts(password: str) -> bool:
    """Whether it is that password."""
    expected = os.environ.get(SETTING, "")
    return bool(expected) and hmac.compare_digest(password.encode(errors="replace"), expected.encode())
