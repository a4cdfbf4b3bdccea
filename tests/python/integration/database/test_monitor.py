"""The thread that decides must outlive everything."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from database_world import World, until

from database import monitor


def test_it_outlives_its_own_failures(world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    manager = world.manager()
    assert manager.is_ready()
    real, failures = monitor.probe, []

    def failing(server: Any) -> Any:
        if len(failures) < 3:
            failures.append(server)
            raise ZeroDivisionError
        return real(server)

    monkeypatch.setattr(monitor, "probe", failing)
    world.lms.refuse()
    until(lambda: manager.get_database_info()["source"] == "edu")
    assert len(failures) == 3
    assert [record.event for record in caplog.records if record.levelno == logging.ERROR] == ["database_monitor_failed"] * 3  # type: ignore[attr-defined]


def test_it_looks_without_any_request(world: World) -> None:
    manager = world.manager()
    assert manager.is_ready()
    world.lms.refuse()
    until(lambda: manager.get_database_info()["source"] == "edu")
    world.lms.repair()
    until(lambda: manager.get_database_info()["source"] == "lms")


def test_retries_keep_their_distance(world: World) -> None:
    """While lms is out it is left alone between two looks, however many callers there are."""
    world.lms.refuse()
    manager = world.manager(retry_seconds=1.0)
    until(lambda: manager.get_database_info()["source"] == "edu")
    before = manager.metrics.registry.get_sample_value("database_probe_seconds_count", {"source": "lms", "health": "out"})
    for _ in range(100):
        with manager.get_connection() as conn:
            assert conn.source == "edu"
    after = manager.metrics.registry.get_sample_value("database_probe_seconds_count", {"source": "lms", "health": "out"})
    assert before is not None
    assert after is not None
    assert after - before <= 1
    assert 0 < manager.get_database_info()["primary"]["next_probe_seconds"] <= 1.1
