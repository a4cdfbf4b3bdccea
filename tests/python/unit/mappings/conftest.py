"""A project's seed files that a test may damage."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from seed_files import ROOT, Seeds


@pytest.fixture
def seeds(tmp_path: Path) -> Seeds:
    """The project's own seeds, copied."""
    shutil.copytree(ROOT / "seeds", tmp_path / "project" / "seeds")
    shutil.copy(ROOT / "dbt_project.yml", tmp_path / "project")
    return Seeds(tmp_path / "project")
