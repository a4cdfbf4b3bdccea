"""The models of the project by layer, with what each is made of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_LAYERS = (
    "source_edu",
    "source_edu_live",
    "source_lms",
    "source_ledger",
    "seeds",
    "staging",
    "mapping",
    "matching",
    "classified",
    "marts",
    "publish",
    "reconciliation",
    "analytics",
    "exposures",
)


@dataclass(frozen=True, slots=True)
class Node:
    """One box of the map; `key` and `parents` are fit for an HTML id."""

    key: str
    name: str
    description: str
    parents: tuple[str, ...]
    columns: int


@dataclass(frozen=True, slots=True)
class Layer:
    """A folder of models, or what stands before and behind them."""

    name: str
    nodes: tuple[Node, ...]


def layers(manifest: Mapping[str, Any]) -> tuple[Layer, ...]:
    """All layers in the order in which data pass them; empty ones are left out."""
    found: dict[str, list[Node]] = {}
    for entry in manifest["sources"].values():
        found.setdefault(f"source_{entry['source_name']}", []).append(_node(entry, f"{entry['source_name']}.{entry['name']}"))
    for entry in manifest["nodes"].values():
        if entry["resource_type"] == "seed":
            found.setdefault("seeds", []).append(_node(entry, f"{entry['name']}.csv"))
        elif entry["resource_type"] == "model":
            found.setdefault(entry["path"].split("/")[0], []).append(_node(entry, entry["name"]))
    for entry in manifest["exposures"].values():
        found.setdefault("exposures", []).append(_node(entry, entry["name"]))
    names = sorted(found, key=lambda name: (_LAYERS.index(name) if name in _LAYERS else len(_LAYERS), name))
    return tuple(Layer(name, tuple(sorted(found[name], key=lambda node: node.name))) for name in names)


def _node(entry: Mapping[str, Any], name: str) -> Node:
    parents = entry.get("depends_on", {}).get("nodes", ())
    return Node(
        key=_key(entry["unique_id"]),
        name=name,
        description=" ".join(str(entry.get("description", "")).split()),
        parents=tuple(_key(parent) for parent in parents),
        columns=len(entry.get("columns", {})),
    )


def _key(unique_id: str) -> str:
    return re.sub(r"\W+", "-", unique_id)
