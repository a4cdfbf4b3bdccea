"""What the fixtures of filled databases hand out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from loader.config import Settings


@dataclass(frozen=True)
class DemoServers:
    """Two running, filled databases that nothing has migrated yet."""

    edu_admin: str
    lms_admin: str
    env: dict[str, str]
    dir: Path

    @property
    def settings(self) -> Settings:
        """The settings of `env`, nothing else."""
        return Settings(**{name.lower(): value for name, value in self.env.items()})  # type: ignore[arg-type]
