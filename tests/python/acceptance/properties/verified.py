"""The third opinion: `edu2lms verify`, which derives every row and column a second time, must agree with every migration."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from migrate import Migration
from university import University

from loader.console import Progress
from loader.project import Project
from loader.verify.run import verify


def differences(migration: Migration, university: University, folder: Path) -> list[str]:
    """What verify has to say against what has been published.

    Args:
        migration: the databases.
        university: what was migrated; its lines of the seeds are verify's, too.
        folder: a new one, for the seeds.
    """
    project = Project.find()
    shutil.copytree(project.root / "seeds", folder / "seeds")
    _write(folder, "course_mapping", "legacy_plan_subject_id,course_code,note", university.course_mapping)
    _write(folder, "offering_overrides", "live_offering_id,legacy_course_id,note", university.offering_overrides)
    result = verify(migration.settings, replace(project, root=folder), progress=Progress(quiet=True))
    found = [f"verify: {difference}" for difference in result.first]
    return found + [f"verify: {entity.entity}: {why}" for entity in result.entities for why in entity.why if not found]


def _write(folder: Path, seed: str, header: str, lines: Iterable[tuple[object, object]]) -> None:
    with (folder / "seeds" / f"{seed}.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header.split(","), *([str(left), str(right), ""] for left, right in lines)])
