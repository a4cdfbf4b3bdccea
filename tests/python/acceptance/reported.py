"""A migration with its reports, for the tests of the pages."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from databases import Databases

from loader.report.labels import labels


@dataclass(frozen=True)
class Reported:
    """A migration with its report; `refused` is the report of the run that refused to publish, `run` what the last one said."""

    databases: Databases
    site: Path
    refused: Path
    document: dict[str, Any]
    run: dict[str, Any]

    @property
    def pages(self) -> list[Path]:
        """The pages of our own making."""
        return sorted(self.site.glob("*.html"))

    def text(self, name: str) -> str:
        """The text of one file of the report."""
        return (self.site / name).read_text(encoding="utf-8-sig")

    def label(self, key: str, language: str) -> str:
        """One of the words of the report."""
        return labels()[key][language]

    def table(self, name: str) -> list[dict[str, str]]:
        """One of its CSV files."""
        return list(csv.DictReader(io.StringIO(self.text(f"data/{name}.csv"))))
