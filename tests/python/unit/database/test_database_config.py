from __future__ import annotations

import socket
from pathlib import Path

import pytest
from pydantic import SecretStr

from database import server
from database.config import DatabaseConfig
from database.errors import ConfigurationError
from database.outage import Reason

GIVEN = {"lms_host": "l", "lms_app_user": "app", "edu_host": "e"}


def test_defaults() -> None:
    config = DatabaseConfig.load(GIVEN)
    assert (config.pool_min, config.pool_max, config.retry_seconds) == (1, 20, 60.0)
    assert (config.lms_dbname, config.edu_dbname, config.fallback_user, config.fallback_schema) == (
        "lms",
        "edu",
        "lms_fallback",
        "lms_compat",
    )


def test_an_argument_wins_over_the_environment_and_that_over_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LMS_HOST=file\nLMS_APP_USER=file\nEDU_HOST=file\nEDU2LMS_DB_POOL_MAX=3\n")
    monkeypatch.setenv("LMS_HOST", "environment")
    monkeypatch.setenv("EDU2LMS_DB_RETRY_SECONDS", "5")
    monkeypatch.setenv("EDU2LMS_DB_LMS_PARAMS", '{"sslmode": "verify-full"}')
    config = DatabaseConfig.load({"edu_host": "argument"})
    assert (config.lms_host, config.lms_app_user, config.edu_host) == ("environment", "file", "argument")
    assert (config.pool_max, config.retry_seconds) == (3, 5)
    assert "sslmode=verify-full" in server.primary(config).conninfo


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, "LMS_HOST"),
        ({**GIVEN, "nonsense": 1}, "nonsense"),
        ({**GIVEN, "pool_max": 0}, "EDU2LMS_DB_POOL_MAX"),
        ({**GIVEN, "pool_min": 30}, "EDU2LMS_DB_POOL_MIN"),
        ({**GIVEN, "connect_timeout": 1}, "EDU2LMS_DB_CONNECT_TIMEOUT"),
        ({**GIVEN, "fallback_schema": "x; drop"}, "EDU2LMS_DB_FALLBACK_SCHEMA"),
    ],
)
def test_what_is_wrong_is_named(given: dict[str, object], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        DatabaseConfig.load(given)


def test_passwords_are_not_shown() -> None:
    config = DatabaseConfig.load({**GIVEN, "lms_app_password": "hidden", "fallback_password": SecretStr("hidden")})
    assert "hidden" in server.primary(config).conninfo
    assert "hidden" not in f"{config!r} {config} {server.primary(config)!r} {server.fallback(config)!r}"


def test_a_server_is_looked_at_where_libpq_would_go() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    given = {**GIVEN, "lms_host": "no.such.name.invalid", "lms_port": port, "lms_params": {"hostaddr": "127.0.0.1"}}
    assert server.primary(DatabaseConfig.load(given)).knock().reason is Reason.REFUSED, "the name is for the certificate only"
