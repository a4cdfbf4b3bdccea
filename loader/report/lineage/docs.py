"""dbt's own documentation as one page that asks nothing of the network."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loader.config import Settings
from loader.errors import LineageError
from loader.project import Project

# Where dbt's page would send what its reader does, if it were allowed to: it is not, and need not know where.
_TELEMETRY = re.compile(r"(?:https?:)?//[\w.]*cloudfront\.net/[\w./]*|[\w.]*sinter-collect\.com|https://fuzzed\.getdbt\.com/")
_ICON = re.compile(r'<link rel="shortcut icon"[^>]*>|<link rel="canonical"[^>]*>')
# An address that Angular fills in only after the browser has tried to load it as it stands.
_UNFILLED = re.compile(r"xlink:href=(?=[\\\"']*\{\{)")
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'"
)
_HEAD = f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><link rel="icon" href="data:,">'
_BACK = '<a href="../lineage.html" style="position:fixed;right:12px;top:8px;z-index:99;font:14px sans-serif">← edu → lms</a>'


@dataclass(frozen=True, slots=True)
class Docs:
    """What dbt knows of the project (manifest), of its tables (catalog), and the page that shows both."""

    manifest: Mapping[str, Any]
    catalog: Mapping[str, Any]
    page: bytes


def generate(settings: Settings, project: Project, variables: Mapping[str, Any]) -> Docs:
    """Run `dbt docs generate --static` in a folder of its own, so that the results of the last run stay.

    Args:
        settings: become dbt's environment.
        project: the dbt project.
        variables: dbt's vars, as the last run had them.

    Raises:
        LineageError: dbt failed.
    """
    with tempfile.TemporaryDirectory(prefix="edu2lms-docs-") as name:
        folder = Path(name)
        target = folder / "target"
        target.mkdir()
        _remember(project.root, target)
        shutil.copyfile(project.root / "profiles.example.yml", folder / "profiles.yml")
        command = [
            *(sys.executable, "-m", "loader.dbt_program", "--no-use-colors", "--no-send-anonymous-usage-stats"),
            *("--log-path", str(folder), "docs", "generate", "--static", "--project-dir", str(project.root)),
            # of the tests their names and descriptions are enough: compiling them would take half of the time
            *("--exclude", "resource_type:test", "resource_type:unit_test"),
            *("--profiles-dir", name, "--target-path", str(target), "--vars", json.dumps({"publish": True, **variables})),
        ]
        environment = settings.environment()
        environment.setdefault("LMS_HOST", "")
        with subprocess.Popen(
            command,
            stdin=subprocess.PIPE,  # closes when we end, however we end, and that ends dbt
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
            cwd=project.root,
        ) as process:
            said = process.stdout.read() if process.stdout else ""
        page = target / "static_index.html"
        if process.returncode or not page.is_file():
            lines = said.strip().splitlines()[-5:] or [f"it ended with exit code {process.returncode}"]
            raise LineageError(reason=settings.mask("\n".join(lines)))
        manifest, catalog = (
            json.loads((target / f"{part}.json").read_text(encoding="utf-8")) for part in ("manifest", "catalog")
        )
        text = page.read_text(encoding="utf-8").replace(str(project.root), "").replace(name, "")
    return Docs(manifest, catalog, alone(text).encode())


def _remember(root: Path, target: Path) -> None:
    """What dbt has parsed already need not be parsed again."""
    parsed = root / os.environ.get("DBT_TARGET_PATH", "target") / "partial_parse.msgpack"
    if parsed.is_file():
        shutil.copyfile(parsed, target / parsed.name)


def alone(text: str) -> str:
    """The page of dbt without what reaches outside; a policy that forbids all of it stands above the rest."""
    text = _UNFILLED.sub("ng-attr-xlink:href=", _ICON.sub("", _TELEMETRY.sub("", text)))
    text = text.replace('<meta charset="utf-8">', '<meta charset="utf-8">' + _HEAD, 1)
    head, body, rest = text.partition("<body")
    opened, bracket, inside = rest.partition(">")
    return head + body + opened + bracket + _BACK + inside
