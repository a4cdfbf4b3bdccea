"""A single mishap of the probe's own connection is not taken for an outage."""

from __future__ import annotations

from dataclasses import replace

import pytest
from database_world import World

from database import probe, server
from database.config import DatabaseConfig
from database.outage import Health, Reason


@pytest.fixture
def lms(world: World) -> server.Server:
    return server.primary(DatabaseConfig.load(world.settings()))


def test_a_reset_at_the_first_attempt(world: World, lms: server.Server) -> None:
    """Once: the second look finds it well."""
    failed = iter([True])
    lookups: list[bool] = []
    real = world.lms._server

    def first_fails() -> object:
        lookups.append(True)
        if next(failed, False):
            raise OSError
        return real()

    world.lms._server = first_fails  # type: ignore[assignment]
    assert probe.probe(lms).verdict.health is Health.GOOD
    assert len(lookups) > 1


def test_reset_each_time(world: World, lms: server.Server) -> None:
    world.lms.reset_new()
    assert probe.probe(lms).verdict.reason is Reason.RESET


def test_ended_by_an_administrator_in_the_middle(world: World, lms: server.Server, monkeypatch: pytest.MonkeyPatch) -> None:
    real, looks = probe._look, []

    def ended(which: server.Server, connection: object) -> object:
        looks.append(connection)
        if len(looks) == 1:
            world.query(
                "lms", "select pg_terminate_backend(pid, 1000) from pg_stat_activity where application_name like '%probe'"
            )
        return real(which, connection)  # type: ignore[arg-type]

    monkeypatch.setattr(probe, "_look", ended)
    assert probe.probe(lms).verdict.health is Health.GOOD
    assert len(looks) == 2


def test_a_password_that_is_wrong_is_refused_and_not_out(lms: server.Server) -> None:
    wrong = replace(lms, conninfo=lms.conninfo.replace("password='of", "password='not of"))
    verdict = probe.probe(wrong).verdict
    assert (verdict.health, verdict.reason) == (Health.DENIED, None)
    assert "password" in verdict.detail


def test_read_only_is_out_and_is_proven_by_a_query(world: World, lms: server.Server) -> None:
    world.make_read_only(True)
    try:
        assert probe.probe(lms).verdict.reason is Reason.READ_ONLY
    finally:
        world.make_read_only(False)
    assert probe.probe(lms).verdict.health is Health.GOOD
