"""What dbt wrote about its last run, believed only when that run was one on this database."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_WHAT = {"model": "model", "test": "test", "seed": "seed", "unit_test": "test", "operation": "hook"}
_ANALYTICS = "analytics"
"""Tag of the models that are no part of the migration."""
_BAD = {"error", "fail", "runtime error"}


@dataclass(frozen=True, slots=True)
class Node:
    """One node of a run: seconds, and what came of it."""

    name: str
    what: str
    layer: str
    status: str
    seconds: float
    message: str
    failures: int
    is_parity: bool

    @property
    def has_failed(self) -> bool:
        """Did it break off, or find what it must not find?"""
        return self.status in _BAD


@dataclass(frozen=True, slots=True)
class LastRun:
    """The last run of the migration on this database; without nodes when it is not known."""

    nodes: tuple[Node, ...] = ()
    finished_at: str = ""
    seconds: float = 0.0
    variables: Mapping[str, Any] = field(default_factory=dict)

    def of(self, what: str) -> tuple[Node, ...]:
        """The nodes of one kind, the slowest first."""
        return tuple(sorted((node for node in self.nodes if node.what == what), key=lambda node: (-node.seconds, node.name)))


def last_run(root: Path, known: Collection[str]) -> LastRun:
    """Read dbt's run_results.json and manifest.json.

    Every command of dbt replaces the files, and the database knows of each. Believed is only one that was asked for the whole
    migration, however far it got: what `dbt build --select tag:analytics` tested says nothing about the rows that moved.

    Args:
        root: folder of dbt_project.yml.
        known: invocations that this database knows of. The files may come from a run on another one.
    """
    target = root / os.environ.get("DBT_TARGET_PATH", "target")
    try:
        results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))
        manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
        if results["metadata"]["invocation_id"] not in known or not _is_whole(results["results"], manifest["nodes"]):
            return LastRun()
        nodes = tuple(_node(found, manifest["nodes"].get(found["unique_id"], {})) for found in results["results"])
        return LastRun(
            nodes=nodes,
            finished_at=str(results["metadata"]["generated_at"]),
            seconds=round(float(results["elapsed_time"]), 1),
            variables=dict(results.get("args", {}).get("vars") or {}),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return LastRun()


def _is_whole(results: Collection[Mapping[str, Any]], nodes: Mapping[str, Mapping[str, Any]]) -> bool:
    """Is there a result for every model of the migration? Those that were skipped have one, too."""
    models = {name for name, node in nodes.items() if name.startswith("model.") and _ANALYTICS not in node.get("tags", ())}
    return bool(models) and models <= {found["unique_id"] for found in results}


def _node(found: Mapping[str, Any], node: Mapping[str, Any]) -> Node:
    path, kind = str(node.get("path", "")), found["unique_id"].split(".")[0]
    return Node(
        name=str(node.get("name") or found["unique_id"].split(".", 2)[-1]),
        what=_WHAT.get(kind, "other"),
        layer="seeds" if kind == "seed" else path.split("/")[0],
        status=str(found["status"]),
        seconds=round(float(found.get("execution_time") or 0.0), 3),
        message=str(found.get("message") or ""),
        failures=int(found.get("failures") or 0),
        is_parity="parity" in node.get("tags", ()),
    )
