from __future__ import annotations

import json
from pathlib import Path

import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from loader.config import Settings
from loader.errors import InvalidSettingError, MissingSettingError

SECRET = "pa ss'w\\ord"


def test_passwords_are_not_printed() -> None:
    settings = Settings(lms_password=SECRET, edu_password=SECRET, lms_admin_password=SECRET)
    for text in (repr(settings), str(settings), settings.where("lms"), settings.where("edu"), str(settings.model_dump())):
        assert SECRET not in text


def test_the_connection_string_survives_quotes_and_spaces() -> None:
    parts = conninfo_to_dict(Settings(lms_host="/tmp/a b", lms_password=SECRET).lms)
    assert parts["password"] == SECRET
    assert parts["host"] == "/tmp/a b"
    assert parts["application_name"] == "edu2lms"


def test_defaults_name_the_documented_databases_and_roles() -> None:
    settings = Settings()
    assert (settings.lms_dbname, settings.lms_user, settings.edu_dbname, settings.edu_user) == (
        "lms",
        "edu2lms",
        "edu",
        "edu_reader",
    )
    assert "password" not in conninfo_to_dict(settings.lms)
    assert "host" not in conninfo_to_dict(settings.lms)


def test_the_env_file_is_honoured_and_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("LMS_HOST='from the file'\nEDU_HOST='edu file'\nSOMETHING_ELSE=1\n")
    monkeypatch.setenv("LMS_HOST", "from the environment")
    settings = Settings.load()
    assert (settings.lms_host, settings.edu_host) == ("from the environment", "edu file")


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(Exception, match="frozen"):
        Settings().lms_host = "other"  # type: ignore[misc]


def test_a_missing_admin_is_named() -> None:
    with pytest.raises(MissingSettingError, match="LMS_ADMIN_USER is not set") as caught:
        _ = Settings().lms_admin
    assert caught.value.exit_code == 2
    assert "edu2lms demo" in caught.value.fix


def test_an_invalid_value_is_named_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LMS_PORT", "my-secret")
    with pytest.raises(InvalidSettingError, match="LMS_PORT") as caught:
        Settings.load()
    assert "my-secret" not in caught.value.message


def test_dbt_gets_the_same_settings() -> None:
    environment = Settings(lms_host="h", lms_password="p").environment({"PATH": "/bin", "LMS_HOST": "old"})
    assert environment["LMS_HOST"] == "h"
    assert environment["LMS_PASSWORD"] == "p"
    assert environment["LMS_PORT"] == "5432"
    assert environment["PATH"] == "/bin"
    assert "LMS_ADMIN_PASSWORD" not in environment


def test_masking_hides_a_password_that_had_to_be_quoted() -> None:
    secret = 'it\'s "a\\b" é'
    settings = Settings(edu_password=secret)  # type: ignore[arg-type]
    for text in (sql.Literal(secret).as_string(), make_conninfo(password=secret)):
        assert "***" in settings.mask(text)
        assert "it" not in settings.mask(text)
    assert settings.mask(json.dumps({"password": secret})) == '{"password": "***"}'


def test_masking_hides_every_password() -> None:
    settings = Settings(lms_password="abc", edu_password="abcdef")
    assert settings.mask("x abcdef y abc z") == "x *** y *** z"
