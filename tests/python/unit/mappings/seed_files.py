"""The project's seed files, copied, so that a test may damage them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from loader.mappings import CheckedSeeds, check_files
from loader.project import Project

ROOT = Project.find().root


@dataclass(frozen=True)
class Seeds:
    """A copy of the project's seeds."""

    root: Path

    def path(self, name: str) -> Path:
        """The file of one seed."""
        return self.root / "seeds" / f"{name}.csv"

    def replace(self, name: str, old: str, new: str) -> None:
        """Change the first place where something stands; it must stand there."""
        text = self.path(name).read_text(encoding="utf-8")
        assert old in text, old
        self.path(name).write_text(text.replace(old, new, 1), encoding="utf-8", newline="")

    def check(self) -> CheckedSeeds:
        """`mappings check`."""
        return check_files(self.root)
