"""The documentation names every setting, kind of action and metric; nothing else would notice when one is added."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client import generate_latest

from database.audit.config import AuditConfig
from database.audit.counts import Counts

TEXT = (Path(__file__).parents[4] / "docs" / "audit.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", AuditConfig.model_fields)
def test_settings(name: str) -> None:
    assert f"`AUDIT_{name.upper()}`" in TEXT


@pytest.mark.parametrize(("name", "shown"), [("queue_size", "10000"), ("flush_interval", "0.2"), ("write_patience", "1")])
def test_defaults(name: str, shown: str) -> None:
    assert f"{AuditConfig.model_fields[name].default:g}" == shown
    assert any(f"`AUDIT_{name.upper()}`" in line and shown in line for line in TEXT.splitlines())


def test_metrics() -> None:
    lines = generate_latest(Counts(lambda: 0, lambda: 0).registry).decode().splitlines()
    names = {line.split(" ")[0].split("{")[0] for line in lines if not line.startswith("#")}
    assert len(names) == 7
    assert [name for name in names if f"`{name}" not in TEXT] == []
