"""The browser that opens the report of the full size."""

from __future__ import annotations

from browser import browser

__all__ = ["browser"]
