"""Where the two databases are and who reads or writes them: from environment variables or a `.env` file."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from psycopg.conninfo import make_conninfo
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from loader.errors import InvalidSettingError, MissingSettingError

APPLICATION_NAME = "edu2lms"
KEEPALIVES = {"keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3", "tcp_user_timeout": "60000"}
"""A path that has gone silent is noticed after a minute and not after two hours (seconds, number, milliseconds)."""


class Settings(BaseSettings):
    """The settings; frozen, and without passwords when printed.

    A host may be a socket folder. A password that is not set means trust or `.pgpass`.
    """

    model_config = SettingsConfigDict(
        env_file=".env", frozen=True, extra="ignore", env_ignore_empty=True, populate_by_name=True, hide_input_in_errors=True
    )

    lms_host: str | None = None
    lms_port: int = 5432
    lms_dbname: str = "lms"
    lms_user: str = "edu2lms"
    lms_password: SecretStr | None = None
    lms_admin_user: str | None = None
    lms_admin_password: SecretStr | None = None
    lms_app_user: str | None = None
    lms_app_password: SecretStr | None = None
    edu_host: str | None = None
    edu_port: int = 5432
    edu_dbname: str = "edu"
    edu_user: str = "edu_reader"
    edu_password: SecretStr | None = None
    edu_admin_user: str | None = None
    edu_admin_password: SecretStr | None = None
    fallback_user: str = "lms_fallback"
    fallback_password: SecretStr | None = None

    connect_timeout: int = Field(default=10, ge=1, alias="EDU2LMS_CONNECT_TIMEOUT")
    """Seconds until a server that does not answer counts as down."""
    copy_through: Literal["loader", "foreign-tables"] = Field(default="loader", alias="EDU2LMS_COPY_THROUGH")
    """The way that whole tables take into lms: through this program, or from server to server (`transfer`)."""
    lock_timeout: float = Field(default=2.0, gt=0, alias="EDU2LMS_LOCK_TIMEOUT")
    """Seconds for which `prepare` may keep the application's writers waiting."""
    lock_attempts: int = Field(default=10, ge=1, alias="EDU2LMS_LOCK_ATTEMPTS")
    """How often `prepare` tries to get a lock on a live table."""
    index_timeout: float = Field(default=600.0, gt=0, alias="EDU2LMS_INDEX_TIMEOUT")
    """Seconds for building one index. Writers go on meanwhile."""

    @classmethod
    def load(cls, env_file: Path | None = None) -> Settings:
        """Read the settings from the environment and `.env`.

        Args:
            env_file: read this file instead of `.env` in the current folder.

        Raises:
            InvalidSettingError: a value has the wrong type; the value itself is not shown.
        """
        try:
            return cls(_env_file=env_file) if env_file is not None else cls()  # type: ignore[call-arg]
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            raise InvalidSettingError(name=str(first["loc"][0]).upper(), reason=first["msg"]) from None

    # ── connection strings; they hold passwords and are not for output ─────────────────────────────────────────────────────

    @property
    def lms(self) -> str:
        """The migration's own role in lms."""
        return self._conninfo("lms", self.lms_user, self.lms_password)

    @property
    def lms_admin(self) -> str:
        """The owner of the application's schema; for `prepare` only."""
        user = _required(self.lms_admin_user, "LMS_ADMIN_USER", "`prepare` acts in lms as the owner of the application's schema")
        return self._conninfo("lms", user, self.lms_admin_password)

    @property
    def lms_app(self) -> str:
        """The application's role in lms."""
        user = _required(self.lms_app_user, "LMS_APP_USER", "it names the role of the application")
        return self._conninfo("lms", user, self.lms_app_password)

    @property
    def edu(self) -> str:
        """The read-only role in edu."""
        return self._conninfo("edu", self.edu_user, self.edu_password)

    @property
    def edu_admin(self) -> str:
        """The role that makes the read-only role in edu, and the fallback; for `prepare` and `fallback publish` only."""
        purpose = "`prepare` makes the read-only role of edu with it, `fallback publish` schema lms_compat"
        user = _required(self.edu_admin_user, "EDU_ADMIN_USER", purpose)
        return self._conninfo("edu", user, self.edu_admin_password)

    @property
    def fallback(self) -> str:
        """The role in edu that the application falls back on: it reads schema lms_compat and nothing else."""
        return self._conninfo("edu", self.fallback_user, self.fallback_password)

    def _conninfo(self, database: str, user: str, password: SecretStr | None) -> str:
        return make_conninfo(
            host=getattr(self, f"{database}_host"),
            port=getattr(self, f"{database}_port"),
            dbname=getattr(self, f"{database}_dbname"),
            user=user,
            password=password.get_secret_value() if password else None,
            application_name=APPLICATION_NAME,
            connect_timeout=self.connect_timeout,
            **KEEPALIVES,
        )

    # ── for output and for other programs ──────────────────────────────────────────────────────────────────────────────────

    def where(self, database: str) -> str:
        """Address of `lms` or `edu` without user and password, for messages."""
        host = getattr(self, f"{database}_host") or "local socket"
        return f"host={host}, port={getattr(self, f'{database}_port')}, db={getattr(self, f'{database}_dbname')}"

    def secrets(self) -> tuple[str, ...]:
        """All passwords, for masking."""
        values = [getattr(self, name) for name in type(self).model_fields]
        return tuple(value.get_secret_value() for value in values if isinstance(value, SecretStr) and value.get_secret_value())

    def environment(self, base: Mapping[str, str] | None = None) -> dict[str, str]:
        """Environment for dbt: the base (default: ours) with these settings, so that `.env` counts there, too."""
        result = dict(os.environ if base is None else base)
        for name in type(self).model_fields:
            value: Any = getattr(self, name)
            if name.startswith(("lms_", "edu_")) and value is not None:
                result[name.upper()] = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        return result

    def mask(self, text: str) -> str:
        """The text with every password replaced by `***`."""
        spellings = {spelling for secret in self.secrets() for spelling in _spellings(secret)}
        for spelling in sorted(spellings, key=len, reverse=True):
            text = text.replace(spelling, "***")
        return text


def _spellings(secret: str) -> set[str]:
    """A password as it stands, inside an SQL literal (with and without E), a connection string, and JSON."""
    quoted = secret.replace("'", "''")
    escaped = secret.replace("\\", "\\\\")
    return {secret, quoted, escaped.replace("'", "''"), escaped.replace("'", "\\'"), json.dumps(secret)[1:-1]}


def _required(value: str | None, name: str, purpose: str) -> str:
    if value is None:
        raise MissingSettingError(name=name, purpose=purpose)
    return value
